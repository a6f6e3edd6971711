"""Reads of hold rules."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec

from orderwerk.core import keyset, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import NotFound
from orderwerk.core.keyset import Conditions, Page, Select
from orderwerk.core.structs import read_json
from orderwerk.orders.hold_rules import HoldRule
from orderwerk.orders.visibility import limit_to_shops


class HoldRulesRow(msgspec.Struct, frozen=True):
    """A shop's hold rules in the order in which they are asked; `id` is the shop's."""

    id: UUID
    shop: str
    shop_name: str
    currency: str
    rules: list[HoldRule]
    version: int
    updated_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldRulesFilters:
    """What the list of hold rules is narrowed to."""

    shop: str | None = None


_COLUMNS = "s.id, s.code, s.name, s.currency, coalesce(r.rules, '[]')::text, coalesce(r.version, 0), r.updated_at"
_SOURCE = "shops_shop s left join orders_hold_rules r on r.shop_id = s.id"
_SORT = keyset.sortings(code=(("s.code", "text"),))["code"]


def _row(row: sql.Row) -> HoldRulesRow:
    rules = read_json(row[4], list[HoldRule])
    return HoldRulesRow(row[0], row[1], row[2], row[3], rules, row[5], row[6])


def hold_rules_page(
    actor: Actor, filters: HoldRulesFilters, *, cursor: str | None = None, limit: int = 50
) -> Page[HoldRulesRow]:
    """Return one page of shops with their hold rules; one statement."""
    where = Conditions()
    limit_to_shops(where, actor, "s.id")
    where.narrow(filters, {"shop": "s.code = %s"})
    rows, more = keyset.fetch_page(Select(_COLUMNS, _SOURCE, where), _SORT, cursor, limit)
    return Page([_row(row) for row in rows], more)


def hold_rules_detail(actor: Actor, shop_id: UUID) -> HoldRulesRow:
    """Return one shop's hold rules; one statement. Refuses with NotFound."""
    where = Conditions()
    limit_to_shops(where, actor, "s.id")
    where.add("s.id = %s", shop_id)
    rows = sql.read(f"select {_COLUMNS} from {_SOURCE} where {where.where()}", where.params)
    if not rows:
        raise NotFound(f"There are no hold rules {shop_id}.", code="unknown_shop")
    return _row(rows[0])


def hold_rules_of_shop(actor: Actor, code: str) -> HoldRulesRow:
    """Return the hold rules of a shop; one statement. Refuses with NotFound."""
    found = hold_rules_page(actor, HoldRulesFilters(shop=code), limit=1).items
    if not found:
        raise NotFound(f"There is no shop {code[:60]}.", code="unknown_shop")
    return found[0]
