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
    """What has been read; the rule of an order is looked for when it is asked for, and once."""

    shops: Mapping[UUID, _Shop]
    rejected: frozenset[tuple[UUID, UUID]]
    facts: Mapping[UUID, OrderFacts]
    rules: dict[UUID, Rule | None] = field(default_factory=dict)

    def rule(self, demand: Waiting) -> Rule | None:
        order, facts = demand.order_id, self.facts.get(demand.order_id)
        if facts is None:
            return None
        if order not in self.rules:
            self.rules[order] = self.shops[demand.shop_id].rule_for(facts)
        return self.rules[order]


def read_serving(
    waiting: Sequence[Waiting], supplies: Sequence[Supply]
) -> Callable[[Waiting, UUID], bool]:
    """Return whether a location to which something comes may ever serve who waits; two statements, three where rules ask about orders."""
    coming = {supply.product_id for supply in supplies}
    asking = [demand for demand in waiting if demand.product_id in coming]
    if not asking:
        return lambda _demand, _place: False
    places = list({supply.location_id for supply in supplies})
    shops = {
        row[0]: _shop(*row[1:])
        for row in sql.read(_SHOPS, (places, list({demand.shop_id for demand in asking})))
    }
    orders = list({demand.order_id for demand in asking})
    rejected = frozenset((row[0], row[1]) for row in sql.read(_REJECTED, (orders,)))
    choosy = {key for key, shop in shops.items() if shop.is_choosy}
    zones = {
        demand.order_id: shops[demand.shop_id].timezone
        for demand in asking
        # Who collects his order is served where he collects it, whatever rules say.
        if demand.shop_id in choosy and demand.location_id is None
    }
    facts = read_facts(list(zones), zones, placed=False) if zones else {}
    known = _Known(shops, rejected, {key: found[0] for key, found in facts.items()})
    return partial(_may_serve, known)


def _shop(currency: str, timezone: str, groups: str, places: str) -> _Shop:
    decoded = read_json(groups, list[Group])
    amounts = {amount: parse_amount(amount, currency) for amount in amounts_of(decoded)}
    return _Shop(timezone, decoded, amounts, read_json(places, dict[UUID, str]))


def _may_serve(known: _Known, demand: Waiting, place: UUID) -> bool:
    code = known.shops[demand.shop_id].places.get(place)
    return (
        code is not None
        and demand.location_id in (None, place)
        and (demand.order_id, place) not in known.rejected
        and left_out(known.rule(demand), code) is None
    )
