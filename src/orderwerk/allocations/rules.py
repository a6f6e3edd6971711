"""Routing rules: which orders they are for, which locations they allow in which order, and how far an order may be split.

Pure functions: a rule meets the facts of an order. Which rule decides: `groups.py`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from orderwerk.allocations.distance import Point, metres
from orderwerk.allocations.rule_filters import Filters, OrderFacts, minor
from orderwerk.core import fields

MOST_RULES = 100
Places = Annotated[list[fields.Code], msgspec.Meta(max_length=200)]
Sorting = Literal["priority", "near", "stock", "capacity", "cost"]
Otherwise = Literal["backorder", "hold", "ask"]
# Why a location is asked behind all others: it can take no more parcels, or it is closed today.
Late = Literal["full", "closed"]
# A location, and the day on which what is allocated now leaves it.
Slot = tuple[UUID, date | None]


class Rule(Filters, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One routing rule; which orders it is for say its filters.

    `locations` are the only ones asked (none named: all of the shop's), `avoid` those never asked.
    `most_shipments` counts every parcel of the order, the rest that would wait included; `least_value` is what each
    part, the rest included, has to be worth. `most_cost_percent` is how much more than one parcel the order's parcels may
    cost, in percent of its value: what all of them cost together, the rest that would wait as one from the shop's cheapest
    location, less the cheapest of them, which has to go in any case. `split`: `gather` claims over the fewest locations, whatever these three
    say, and lets the pieces travel to one of them, so that the order leaves as one parcel. `least_value` and
    `most_cost_percent` are in the shop's currency and do not bind an order in another. `otherwise` is what becomes of an
    order of which nothing can be claimed: it waits (`backorder`), is put on hold (`hold`), or a person is asked (`ask`), which
    is a hold too. What is left of an order that was claimed in part waits in any case.
    """

    name: fields.Name
    locations: Places = []
    avoid: Places = []
    sort: Annotated[list[Sorting], msgspec.Meta(max_length=5)] = []
    split: Literal["fewest", "never", "gather"] = "fewest"
    most_shipments: Annotated[int, msgspec.Meta(ge=1, le=50)] | None = None
    least_value: fields.Amount | None = None
    most_cost_percent: Annotated[int, msgspec.Meta(ge=0, le=100)] | None = None
    otherwise: Otherwise = "backorder"


@dataclass(frozen=True, slots=True)
class LocationFacts:
    """What rules may ask about a location; `left` are parcels that it can still take on the day on which an order of now
    leaves it (None: no limit), `is_closed`: that is not today; `day` is that day, where there is a limit. `cost` of a
    parcel, in the shop's currency (None: told in another one). `point`: where it lies, if that is known and asked.
    """

    id: UUID
    code: str
    priority: int = 1
    country: str = ""
    postal_code: str = ""
    cost: int | None = 0
    left: int | None = None
    is_closed: bool = False
    day: date | None = None
    point: Point | None = None

    @property
    def slot(self) -> Slot:
        """Where its parcels of now are counted."""
        return self.id, self.day


@dataclass(frozen=True, slots=True)
class Limits:
    """How far an order may be split; values in minor units per piece of a line, `costs` of a parcel from each location, as far as
    they are known: one that is told in another currency counts nothing.

    `sent`: from where each parcel of the order came that has left.
    """

    most_shipments: int | None = None
    least_value: int | None = None
    values: Mapping[UUID, int] = field(default_factory=dict)
    sent: Sequence[UUID] = ()
    most_cost: int | None = None
    costs: Mapping[UUID, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a rule makes of an order: the locations in the order in which they are asked, and why others are not.

    `group` is the rule's; `passed` are the groups before it that are for such orders and had no rule for this one. `sort`
    is what the rule orders the locations by, `late` are those that come behind all others whatever it says. `metres`: how far
    it is from each, as far as that is known and the rule asks for it; `is_placed`: where the order goes is known.
    """

    rule: str
    locations: list[UUID]
    skipped: dict[UUID, str]
    otherwise: Otherwise | Literal["collect"]
    most_shipments: int | None
    least_value: int | None
    gathers: bool = False
    most_cost: int | None = None
    group: str = ""
    passed: tuple[str, ...] = ()
    sort: tuple[Sorting, ...] = ()
    late: dict[UUID, Late] = field(default_factory=dict)
    metres: dict[UUID, int] = field(default_factory=dict)
    is_placed: bool = False

    @property
    def is_limiting(self) -> bool:
        """Whether the rule keeps an order from being split as its goods lie."""
        bounds = (self.most_shipments, self.least_value, self.most_cost)
        return any(bound is not None for bound in bounds)


def left_out(rule: Rule | None, code: str) -> str | None:
    """Return why a location is never asked for orders that a rule decides about; None where it may be."""
    if rule is None:
        return None
    if rule.locations and code not in rule.locations:
        return "not_in_rule"
    return "avoided" if code in rule.avoid else None


def choose(
    rule: Rule | None,
    facts: OrderFacts,
    places: Sequence[LocationFacts],
    lacks: Mapping[UUID, int],
    to_minor: Mapping[str, int],
) -> Chosen:
    """Return which locations are asked in which order; `places` come by priority, `lacks` is what each has too few of.

    A location that can take no more parcels comes last, before it those that are closed today; none is out of reach: no
    order waits because of a number.
    """
    skipped: dict[UUID, str] = {}
    asked: list[LocationFacts] = []
    for place in places:
        if why := left_out(rule, place.code):
            skipped[place.id] = why
        else:
            asked.append(place)
    sorts = rule.sort if rule else []
    far = _metres(asked, facts) if "near" in sorts else {}
    ordered = sorted(asked, key=lambda place: _rank(place, sorts, facts, lacks, far))
    gathers = rule is not None and rule.split == "gather"
    bound = None if gathers else rule
    valued = None if facts.value is None else bound
    most = None if bound is None else 1 if bound.split == "never" else bound.most_shipments
    return Chosen(
        rule.name if rule else "",
        [place.id for place in ordered],
        skipped,
        rule.otherwise if rule else "backorder",
        most,
        minor(valued.least_value, to_minor) if valued else None,
        gathers,
        _most_cost(bound, facts),
        sort=tuple(sorts),
        late={place.id: why for place in ordered if (why := _late(place)) is not None},
        metres=far,
        is_placed=facts.point is not None,
    )


def _metres(places: Iterable[LocationFacts], facts: OrderFacts) -> dict[UUID, int]:
    """Return how far it is from each place, where both ends are known."""
    goal = facts.point
    if goal is None:
        return {}
    return {place.id: metres(place.point, goal) for place in places if place.point is not None}


def _late(place: LocationFacts) -> Late | None:
    if place.left is not None and place.left <= 0:
        return "full"
    return "closed" if place.is_closed else None


def _most_cost(rule: Rule | None, facts: OrderFacts) -> int | None:
    if rule is None or rule.most_cost_percent is None or facts.value is None:
        return None
    return facts.value * rule.most_cost_percent // 100


def known_costs(places: Iterable[LocationFacts]) -> dict[UUID, int]:
    """Return what a parcel costs from each location that tells it in the shop's currency."""
    return {place.id: place.cost for place in places if place.cost is not None}


def extra_cost(places: Iterable[UUID], costs: Mapping[UUID, int], *, has_rest: bool) -> int:
    """Return what parcels from several places cost more than one: all together, the rest too, less the cheapest of them."""
    parcels = [costs.get(place, 0) for place in places]
    if has_rest:
        parcels.append(min(costs.values(), default=0))
    return sum(parcels) - min(parcels, default=0)


# Behind every cost that can be compared, before every number of parcels.
_UNKNOWN, _UNLIMITED = 2**63, 1_000_000_000
# Farther than any place on a globe, by more than a postal code has signs.
_UNMEASURED = 1_000_000_000


def _rank(
    place: LocationFacts,
    sorts: Sequence[str],
    facts: OrderFacts,
    lacks: Mapping[UUID, int],
    far: Mapping[UUID, int],
) -> tuple[int, ...]:
    ranks = {
        "priority": place.priority,
        # Places of which nobody knows how far they are come behind those that are measured, and among themselves by postal code.
        "near": far.get(place.id, _UNMEASURED - _nearness(place, facts)),
        "stock": lacks.get(place.id, 0),
        "capacity": -(place.left if place.left is not None else _UNLIMITED),
        "cost": _UNKNOWN if place.cost is None else place.cost,
    }
    behind = {None: 0, "closed": 1, "full": 2}[_late(place)]
    return (behind, *(ranks[name] for name in sorts))


def _nearness(place: LocationFacts, facts: OrderFacts) -> int:
    """Return how near a place is: in the same country, then by as many signs as the postal codes begin alike."""
    if not place.country or place.country != facts.country:
        return 0
    mine, theirs = place.postal_code.replace(" ", ""), facts.postal_code.replace(" ", "")
    alike = 0
    for a, b in zip(mine.upper(), theirs.upper(), strict=False):
        if a != b:
            break
        alike += 1
    return 1 + alike
