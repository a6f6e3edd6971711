"""Which locations may ever serve an order that waits: those that routing would ask for it, whatever lies there today.

Only what holds for good counts: where the shop draws from, where the customer collects, who has said that he cannot send the order,
and which locations its rule leaves out. That a location is closed or full today changes by itself, and how far a rule lets an order
be split depends on what lies where by then.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from uuid import UUID

from orderwerk.allocations.groups import Group, amounts_of, deciding, rules_of
from orderwerk.allocations.order_facts import read_facts
from orderwerk.allocations.pegging import Supply, Waiting
from orderwerk.allocations.rule_filters import OrderFacts
from orderwerk.allocations.rules import Rule, left_out
from orderwerk.core import sql
from orderwerk.core.money import parse_amount
from orderwerk.core.structs import read_json

_SHOPS = """
select s.id, s.currency, s.timezone, coalesce(r.groups, '[]')::text, (
  select coalesce(jsonb_object_agg(l.id, l.code), '{}')::text from shops_shop_location x join stock_location l on l.id = x.location_id
  where x.shop_id = s.id and l.is_active and l.id = any(%s))
from shops_shop s left join allocations_routing r on r.shop_id = s.id where s.id = any(%s)
"""
_REJECTED = """
select r.order_id, r.location_id from allocations_rejection r where r.order_id = any(%s)
"""

# So many orders are read at once, in turn, as long as something is left for them.
READ_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class _Shop:
    """A shop's rules, and the codes of the locations in question that it draws from and that are open for business."""

    timezone: str
    groups: list[Group]
    amounts: Mapping[str, int]
    places: Mapping[UUID, str]

    @property
    def is_choosy(self) -> bool:
        """Whether a rule leaves one of the locations out for some orders."""
        rules = rules_of(self.groups)
        return any(left_out(rule, code) for rule in rules for code in self.places.values())

    def rule_for(self, facts: OrderFacts) -> Rule | None:
        """Return the rule that decides about an order."""
        return deciding(self.groups, facts, self.amounts).rule


@dataclass(slots=True)
class _Known:
    """Of whom it is asked, in turn, and what has been read of the first of them; the rule of an order is looked for once."""

    shops: Mapping[UUID, _Shop]
    # Of each order its place in turn, and the zone in which its days are told, where rules ask about it.
    turn: Mapping[UUID, int]
    orders: Sequence[tuple[UUID, str | None]]
    read: set[UUID] = field(default_factory=set)
    rejected: set[tuple[UUID, UUID]] = field(default_factory=set)
    facts: dict[UUID, OrderFacts] = field(default_factory=dict)
    rules: dict[UUID, Rule | None] = field(default_factory=dict)

    def is_rejected(self, demand: Waiting, place: UUID) -> bool:
        self._read_from(demand.order_id)
        return (demand.order_id, place) in self.rejected

    def rule(self, demand: Waiting) -> Rule | None:
        order = demand.order_id
        self._read_from(order)
        facts = self.facts.get(order)
        if facts is None:
            return None
        if order not in self.rules:
            self.rules[order] = self.shops[demand.shop_id].rule_for(facts)
        return self.rules[order]

    def _read_from(self, order: UUID) -> None:
        """Read an order that was not read yet, and those next in turn: as long as something is left, they are asked about next."""
        if order in self.read:
            return
        start = self.turn[order]
        part = dict(self.orders[start : start + READ_AT_ONCE])
        self.read.update(part)
        self.rejected.update((row[0], row[1]) for row in sql.read(_REJECTED, (list(part),)))
        zones = {key: zone for key, zone in part.items() if zone is not None}
        facts = read_facts(list(zones), zones, placed=False) if zones else {}
        self.facts.update({key: found[0] for key, found in facts.items()})


def read_serving(
    waiting: Sequence[Waiting], supplies: Sequence[Supply]
) -> Callable[[Waiting, UUID], bool]:
    """Return whether a location to which something comes may ever serve who waits; `waiting` in turn, and asked about in turn.

    One statement, and when it is asked one more for each 500 orders that are asked about, two where rules ask about them. Of those
    who stand behind what comes no more are read than fill up the last 500.
    """
    coming = {supply.product_id for supply in supplies}
    asking = [demand for demand in waiting if demand.product_id in coming]
    if not asking:
        return lambda _demand, _place: False
    places = list({supply.location_id for supply in supplies})
    shops = {
        row[0]: _shop(*row[1:])
        for row in sql.read(_SHOPS, (places, list({demand.shop_id for demand in asking})))
    }
    zone_of = {key: shop.timezone for key, shop in shops.items() if shop.is_choosy}
    # Who collects his order is served where he collects it, whatever rules say.
    orders = {
        demand.order_id: zone_of.get(demand.shop_id) if demand.location_id is None else None
        for demand in asking
    }
    turn = {key: index for index, key in enumerate(orders)}
    return partial(_may_serve, _Known(shops, turn, list(orders.items())))


def _shop(currency: str, timezone: str, groups: str, places: str) -> _Shop:
    decoded = read_json(groups, list[Group])
    amounts = {amount: parse_amount(amount, currency) for amount in amounts_of(decoded)}
    return _Shop(timezone, decoded, amounts, read_json(places, dict[UUID, str]))


def _may_serve(known: _Known, demand: Waiting, place: UUID) -> bool:
    code = known.shops[demand.shop_id].places.get(place)
    return (
        code is not None
        and demand.location_id in (None, place)
        and not known.is_rejected(demand, place)
        and left_out(known.rule(demand), code) is None
    )
