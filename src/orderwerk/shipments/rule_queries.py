"""Reads of shipping rules."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec

from orderwerk.core import keyset, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import NotFound
from orderwerk.core.keyset import Conditions, Page, Select
from orderwerk.core.money import format_amount
from orderwerk.core.structs import made_of
from orderwerk.orders.visibility import limit_to_shops
from orderwerk.shipments.commands.set_shipping_rules import ShippingRuleItem


class ShippingRulesRow(msgspec.Struct, frozen=True):
    """A shop's shipping rules in the order in which they are asked; `id` is the shop's."""

    id: UUID
    shop: str
    shop_name: str
    currency: str
    rules: list[ShippingRuleItem]
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ShippingRulesFilters:
    """What the list of shipping rules is narrowed to."""

    shop: str | None = None


_COLUMNS = (
    "s.id, s.code, s.name, s.currency, (select coalesce(jsonb_agg(to_jsonb(r) order by r.position), '[]') "
    "from shipments_rule r where r.shop_id = s.id), coalesce((select v.version from shipments_rules v where v.shop_id = s.id), 0)"
)
_PLAIN = (
    "name",
    "countries",
    "methods",
    "min_weight_grams",
    "max_weight_grams",
    "carrier",
    "service",
)
_SORT = keyset.sortings(code=(("s.code", "text"),))["code"]


def _row(row: sql.Row) -> ShippingRulesRow:
    rules = [made_of(_rule(r, row[3]), ShippingRuleItem) for r in sql.from_json(row[4])]
    return ShippingRulesRow(row[0], row[1], row[2], row[3], rules, row[5])


def _rule(stored: dict[str, Any], currency: str) -> dict[str, Any]:
    values = {name: stored[name] for name in _PLAIN}
    for end in ("min", "max"):
        minor = stored[f"{end}_value_minor"]
        values[f"{end}_value"] = None if minor is None else format_amount(minor, currency)
    return values


def shipping_rules_page(
    actor: Actor,
    filters: ShippingRulesFilters,
    *,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[ShippingRulesRow]:
    """Return one page of shops with their shipping rules; one statement."""
    where = Conditions()
    limit_to_shops(where, actor, "s.id")
    where.narrow(filters, {"shop": "s.code = %s"})
    rows, more = keyset.fetch_page(Select(_COLUMNS, "shops_shop s", where), _SORT, cursor, limit)
    return Page([_row(row) for row in rows], more)


def shipping_rules_detail(actor: Actor, shop_id: UUID) -> ShippingRulesRow:
    """Return one shop's shipping rules; one statement. Refuses with NotFound."""
    where = Conditions()
    limit_to_shops(where, actor, "s.id")
    where.add("s.id = %s", shop_id)
    rows = sql.read(f"select {_COLUMNS} from shops_shop s where {where.where()}", where.params)
    if not rows:
        raise NotFound(f"There are no shipping rules {shop_id}.", code="unknown_shop")
    return _row(rows[0])


def shipping_rules_of_shop(actor: Actor, code: str) -> ShippingRulesRow:
    """Return the shipping rules of a shop; one statement. Refuses with NotFound."""
    found = shipping_rules_page(actor, ShippingRulesFilters(shop=code), limit=1).items
    if not found:
        raise NotFound(f"There is no shop {code[:60]}.", code="unknown_shop")
    return found[0]
