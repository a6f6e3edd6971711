"""Reads of shops and their policies."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec

from orderwerk.core import keyset, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import NotFound
from orderwerk.core.keyset import Conditions, Page, Select


class ShopRow(msgspec.Struct, frozen=True):
    """One shop with its policies and the codes of the locations that it draws from, by priority."""

    id: UUID
    code: str
    name: str
    currency: str
    locale: str
    timezone: str
    sender_email: str
    sender_name: str
    invoice_when: str
    refund_mode: str
    refund_schedule: str
    four_eyes_above: str
    return_window_days: int
    use_allocation: bool
    use_pick_lists: bool
    cancel_while_picking: str
    return_portal: bool
    withdrawal_portal: bool
    on_account_methods: list[str]
    number_prefix: str
    erase_after_days: int | None
    fiscal_years: int
    late_payment: str
    backorder_release: str
    substitute_price: str
    substitute_hours: int
    substitute_when_short: bool
    collect_days: int
    version: int
    # The SHA-256 of its logo, by which pages and letters show it; empty where there is none.
    logo: str
    locations: list[str]
    unpaid_hours: dict[str, int]
    legal: dict[str, Any]


_COLUMNS = ", ".join(
    {
        "locations": "array(select l.code from shops_shop_location x join stock_location l on l.id = x.location_id "
        "where x.shop_id = s.id order by l.priority, l.code)",
        "logo": "coalesce((select case when g.width > 0 then encode(g.sha256, 'hex') else '' end from shops_logo g "
        "where g.shop_id = s.id order by g.set_at desc, g.id desc limit 1), '')",
    }.get(name, f"s.{name}")
    for name in ShopRow.__struct_fields__
)
_SORT = keyset.sortings(code=(("s.code", "text"),))["code"]


def _visible(actor: Actor) -> Conditions:
    where = Conditions()
    if actor.shop_ids is not None:
        where.add("s.id = any(%s::uuid[])", sorted(actor.shop_ids))
    return where


def _row(row: sql.Row) -> ShopRow:
    return ShopRow(*(*row[:-2], sql.from_json(row[-2]), sql.from_json(row[-1])))


def shop_page(
    actor: Actor, *, code: str | None = None, cursor: str | None = None, limit: int = 50
) -> Page[ShopRow]:
    """Return one page of shops by code; one statement."""
    where = _visible(actor)
    if code is not None:
        where.add("s.code = %s", code)
    rows, more = keyset.fetch_page(Select(_COLUMNS, "shops_shop s", where), _SORT, cursor, limit)
    return Page([_row(row) for row in rows], more)


def all_shops(actor: Actor) -> list[ShopRow]:
    """Return all shops that the actor may see, for choices; two hundred at most, one statement."""
    return shop_page(actor, limit=keyset.MOST_ROWS).items


def shops_by_id(actor: Actor, shop_ids: Sequence[UUID]) -> list[ShopRow]:
    """Return those of the shops that the actor may see; one statement."""
    where = _visible(actor)
    where.add("s.id = any(%s::uuid[])", list(shop_ids))
    rows = sql.read(
        f"select {_COLUMNS} from shops_shop s where {where.where()} order by s.code", where.params
    )
    return [_row(row) for row in rows]


def shop_detail(actor: Actor, shop_id: UUID) -> ShopRow:
    """Return one shop; one statement. Refuses with NotFound."""
    found = shops_by_id(actor, [shop_id])
    if not found:
        raise NotFound(f"There is no shop {shop_id}.", code="unknown_shop")
    return found[0]
