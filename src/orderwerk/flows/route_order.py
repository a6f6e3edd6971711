"""Routes one order by its shop's rules: which rule fits, which locations are asked, what is claimed, and why."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from orderwerk.allocations.batch import Together, fewer_shipments
from orderwerk.allocations.commands.claim import NewAllocation
from orderwerk.allocations.events import ORDER_TO_GATHER
from orderwerk.allocations.groups import amounts_of, deciding
from orderwerk.allocations.room import Room, slots_of
from orderwerk.allocations.routing import Available, Demand, Routed, route
from orderwerk.allocations.rule_filters import OrderFacts
from orderwerk.allocations.rules import Chosen, Limits, choose, extra_cost, known_costs
from orderwerk.core import ids
from orderwerk.core.money import format_amount, parse_amount
from orderwerk.core.uow import STILL, Subject, UnitOfWork
from orderwerk.flows.intake_reads import ShopPolicy
from orderwerk.orders.events import ORDER_NOT_ROUTED

# So many distances each claim keeps: those of hundreds of stores explain nothing.
_NEAREST = 10


@dataclass(frozen=True, slots=True)
class ToRoute:
    """An order as routing sees it; `values` are minor units per piece of a line.

    `decided` by a person: it is split whatever the limits; `waits`: a person has let it wait for stock, or has decided.

    `rejected` are locations that have said they cannot send it. `collect_at`: the customer fetches it there, so no rule
    and no other location is asked.
    """

    facts: OrderFacts
    values: Mapping[UUID, int]
    already: frozenset[UUID] = frozenset()
    sent: tuple[UUID, ...] = ()
    decided: bool = False
    waits: bool = False
    rejected: frozenset[UUID] = frozenset()
    collect_at: UUID | None = None


NOTHING_KNOWN = ToRoute(
    OrderFacts("", "", frozenset(), frozenset(), frozenset(), 0, 0, datetime(2000, 1, 1).date()), {}  # noqa: DTZ001 - no instant: a day that no rule asks about
)  # fmt: skip


@dataclass(slots=True)
class Decision:
    """What became of one order: the claims, and the rule's view of it; `may_move` while no limit of a rule binds it.

    `wanted` pieces were looked for; `waits`: a person has been asked already what becomes of it where nothing lies.
    """

    routed: Routed
    chosen: Chosen
    lacks: dict[UUID, int] = field(default_factory=dict)
    may_move: bool = False
    already: frozenset[UUID] = frozenset()
    sent: tuple[UUID, ...] = ()
    wanted: int = 0
    waits: bool = False

    @property
    def code(self) -> str:
        """How it came out: `free` what can be claimed, `nowhere` to ask, `limited` by the rule, or `nothing` lies anywhere."""
        if self.routed.claims:
            return "free"
        if not self.chosen.locations:
            return "nowhere"
        return "limited" if self.routed.is_limited else "nothing"

    @property
    def new_places(self) -> set[UUID]:
        """Where it gets a parcel that was not there."""
        return {claim.location_id for claim in self.routed.claims} - self.already

    @property
    def is_to_gather(self) -> bool:
        """Whether the rule wants the order in one parcel and its pieces lie at several locations."""
        places = {claim.location_id for claim in self.routed.claims}
        return self.chosen.gathers and bool(places) and len(places | self.already) > 1

    @property
    def is_unanswered(self) -> bool:
        """Whether nothing of it can be claimed, for whatever reason, and the rule wants a person then."""
        if not self.wanted or self.routed.claims or self.chosen.otherwise == "backorder":
            return False
        return self.code == "limited" or not self.waits


def decide(
    order: ToRoute,
    demands: Sequence[Demand],
    policy: ShopPolicy,
    available: Available,
    room: Room,
) -> Decision:
    """Route one order's demands; take the pieces out of `available` and its new parcels out of `room`; pure."""
    if order.collect_at is not None:
        decision = _to_collect(order, demands, policy, available)
    else:
        decision = _by_rules(order, demands, policy, available, room)
    room.take(slots_of(policy.places), decision.new_places)
    return decision


def _by_rules(
    order: ToRoute,
    demands: Sequence[Demand],
    policy: ShopPolicy,
    available: Available,
    room: Room,
) -> Decision:
    amounts = {a: parse_amount(a, policy.currency) for a in amounts_of(policy.groups)}
    found = deciding(policy.groups, order.facts, amounts)
    rule = found.rule
    lacks = _lacks(demands, policy, available) if rule is not None and "stock" in rule.sort else {}
    asked = [place for place in room.seen(policy.places) if place.id not in order.rejected]
    chosen = replace(
        choose(rule, order.facts, asked, lacks, amounts), group=found.group, passed=found.passed
    )
    chosen.skipped.update(dict.fromkeys(order.rejected & set(policy.locations), "rejected"))
    limited = chosen.is_limiting and not order.decided
    costs = known_costs(policy.places)
    limits = Limits(
        chosen.most_shipments, chosen.least_value, order.values, order.sent, chosen.most_cost, costs
    )
    routed = route(
        demands,
        chosen.locations,
        available,
        may_split=policy.may_split,
        already=order.already,
        limits=limits if limited else None,
    )
    # Who names an order of asking gets it: such an order does not make way for others.
    may_move = policy.may_split and not limited and not chosen.sort
    wanted = sum(demand.quantity for demand in demands)
    return Decision(
        routed, chosen, may_move=may_move, already=order.already, sent=order.sent, wanted=wanted, waits=order.waits
    )  # fmt: skip


def _to_collect(
    order: ToRoute, demands: Sequence[Demand], policy: ShopPolicy, available: Available
) -> Decision:
    """Claim at the one place where the customer comes; where that is closed or has said no, a person is asked."""
    places = [
        place.id
        for place in policy.places
        if place.id == order.collect_at and place.id not in order.rejected
    ]
    found = route(demands, places, available)
    claims = [replace(claim, why="collected") for claim in found.claims]
    chosen = Chosen("", places, {}, "backorder" if places else "collect", None, None)
    wanted = sum(demand.quantity for demand in demands)
    routed = Routed(claims, found.lacks, is_limited=not places)
    return Decision(routed, chosen, already=order.already, wanted=wanted)


def decide_together(
    decisions: Mapping[UUID, Decision],
    demands: Mapping[UUID, Sequence[Demand]],
    policies: Mapping[UUID, ShopPolicy],
    available: Available,
    room: Room,
) -> None:
    """Arrange decided orders over fewer shipments, where rules do not bind them; none gets less than it has. Pure."""
    free = [
        key for key, decision in decisions.items() if decision.may_move and decision.routed.claims
    ]
    together = [
        Together(
            demands[key],
            decisions[key].chosen.locations,
            decisions[key].already,
            decisions[key].routed,
            frozenset(place.id for place in policies[key].places if place.is_closed),
            slots_of(policies[key].places),
        )
        for key in free
    ]
    if fewer_shipments(together, available, room):
        for key, order in zip(free, together, strict=True):
            decisions[key].routed = order.routed


def _lacks(demands: Sequence[Demand], policy: ShopPolicy, available: Available) -> dict[UUID, int]:
    wanted: dict[UUID, int] = defaultdict(int)
    for demand in demands:
        wanted[demand.product_id] += demand.quantity
    return {
        place: sum(max(0, n - available.get((key, place), 0)) for key, n in wanted.items())
        for place in policy.locations
    }


def allocations_of(
    decision: Decision, policy: ShopPolicy, order_id: UUID, *, is_rest: bool = False
) -> list[NewAllocation]:
    """Turn what was decided for an order, or the rest of one, into allocations that say why."""
    codes = {place.id: place.code for place in policy.places}
    why = explained(decision, policy, is_rest=is_rest)
    return [
        NewAllocation(
            ids.new_id(), policy.id, order_id, c.line_id, c.product_id, c.location_id, c.quantity,
            {"code": c.why, "location": codes[c.location_id], **why},
        )
        for c in decision.routed.claims
    ]  # fmt: skip


def explained(decision: Decision, policy: ShopPolicy, *, is_rest: bool = False) -> dict[str, Any]:
    """Return what `explain.py` puts into words: what each location lacks, which rule decided, which were asked last or left out."""
    codes = {place.id: place.code for place in policy.places}
    why: dict[str, Any] = {"lacks": {codes[key]: n for key, n in decision.routed.lacks.items()}}
    if is_rest:
        why["is_rest"] = True
    if decision.chosen.rule:
        why |= {"rule": decision.chosen.rule, "group": decision.chosen.group}
    if decision.chosen.passed:
        why["passed"] = list(decision.chosen.passed)
    if decision.chosen.sort:
        why["sort"] = list(decision.chosen.sort)
    why |= _distances(decision, codes)
    if decision.chosen.late:
        why["late"] = {codes[key]: reason for key, reason in decision.chosen.late.items()}
    why |= _cost_of_splitting(decision, policy)
    if decision.chosen.skipped:
        why["skipped"] = {codes[key]: reason for key, reason in decision.chosen.skipped.items()}
    return why


def _distances(decision: Decision, codes: Mapping[UUID, str]) -> dict[str, object]:
    """Return how far it is from the nearest locations and those that send, and from which nobody knows, where the rule asks for it."""
    chosen, sending = decision.chosen, {claim.location_id for claim in decision.routed.claims}
    if "near" not in chosen.sort:
        return {}
    if not chosen.is_placed:
        return {"no_km": []}
    unknown = [codes[key] for key in chosen.locations if key not in chosen.metres]
    ranked = sorted(chosen.metres, key=lambda key: (chosen.metres[key], codes[key]))
    told = ranked[:_NEAREST] + [key for key in ranked[_NEAREST:] if key in sending]
    km = {codes[key]: round(chosen.metres[key] / 1000) for key in told}
    return {"km": km} | ({"no_km": unknown[:_NEAREST]} if unknown else {})


def _cost_of_splitting(decision: Decision, policy: ShopPolicy) -> dict[str, object]:
    """Return what the order's parcels cost more than one, and what the rule allows, where a rule asks for it."""
    most = decision.chosen.most_cost
    if most is None:
        return {}
    # What may still follow of the rest is counted when it is routed.
    places = {claim.location_id for claim in decision.routed.claims} | decision.already
    extra = extra_cost([*places, *decision.sent], known_costs(policy.places), has_rest=False)
    amounts = {"extra": format_amount(extra, policy.currency), "most": format_amount(most, policy.currency)}  # fmt: skip
    return {"cost": amounts | {"currency": policy.currency}}


def record_unanswered(
    unit: UnitOfWork, decision: Decision, order_id: UUID, shop_id: UUID, *, is_rest: bool = False
) -> None:
    """Note an order of which its rule sends nothing, or whose place to collect is closed; a person is asked later (a route).

    What is left of an order waits: a hold would stop what was claimed of it.
    """
    if decision.is_unanswered and not is_rest:
        chosen = decision.chosen
        data = {"rule": chosen.rule, "group": chosen.group, "otherwise": chosen.otherwise, "code": decision.code}  # fmt: skip
        unit.record(ORDER_NOT_ROUTED, Subject("order", order_id, None, order_id, shop_id), STILL, data)  # fmt: skip


def record_to_gather(unit: UnitOfWork, decision: Decision, order_id: UUID, shop_id: UUID) -> None:
    """Note an order that its rule wants gathered and that got pieces at several locations; that follows later (a route)."""
    if decision.is_to_gather:
        subject = Subject("order", order_id, None, order_id, shop_id)
        unit.record(ORDER_TO_GATHER, subject, STILL, {"rule": decision.chosen.rule})
