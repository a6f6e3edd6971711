"""Reads of holds over many orders: whose they are, what rule put them on."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec

from orderwerk.core import keyset, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import NotFound
from orderwerk.core.keyset import Conditions, Page, Select
from orderwerk.orders.visibility import limit_to_orders

# In the place of a login name, which never looks like this.
NOBODY = "-"


class HoldEntry(msgspec.Struct, frozen=True):
    """A hold with its order; `owner` is the login name of who deals with it, `rule` the hold rule that put it on."""

    id: UUID
    order_id: UUID
    order: str
    shop: str
    reason: str
    put_on_by: str
    rule: str
    owner: str | None
    until: datetime | None
    created_at: datetime
    released_at: datetime | None
    released_by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldFilters:
    """What the list of holds is narrowed to; `owner` is a login name, or - for holds that are nobody's."""

    status: str | None = None
    order_id: UUID | None = None
    owner: str | None = None
    shop: str | None = None


_COLUMNS = (
    "h.id, h.order_id, o.number, s.code, h.reason, h.owner_name, h.rule, u.username, h.until, h.created_at, h.released_at, "
    "h.released_by"
)
_SOURCE = (
    "orders_hold h join orders_order o on o.id = h.order_id join shops_shop s on s.id = h.shop_id "
    "left join accounts_user u on u.id = h.assigned_to_id"
)
_CONDITIONS = {
    "order_id": "h.order_id = %s",
    "owner": f"coalesce(u.username, '{NOBODY}') = %s",
    "shop": "s.code = %s",
}
# Literally, so that the indexes on open holds serve.
_BY_STATUS = {"open": "h.released_at is null", "released": "h.released_at is not null"}
HOLD_STATUSES = list(_BY_STATUS)
_SORT = keyset.sortings(id=(("h.id", "uuid"),))["-id"]


def hold_page(
    actor: Actor, filters: HoldFilters, *, cursor: str | None = None, limit: int = 50
) -> Page[HoldEntry]:
    """Return one page of holds, newest first; one statement."""
    where = Conditions()
    limit_to_orders(where, actor, order="h.order_id", shop="h.shop_id")
    if filters.status is not None:
        where.add(_BY_STATUS[filters.status])
    where.narrow(filters, _CONDITIONS)
    rows, more = keyset.fetch_page(Select(_COLUMNS, _SOURCE, where), _SORT, cursor, limit)
    return Page([HoldEntry(*row) for row in rows], more)


def hold_detail(actor: Actor, hold_id: UUID) -> HoldEntry:
    """Return one hold; one statement. Refuses with NotFound."""
    where = Conditions()
    limit_to_orders(where, actor, order="h.order_id", shop="h.shop_id")
    where.add("h.id = %s", hold_id)
    rows = sql.read(f"select {_COLUMNS} from {_SOURCE} where {where.where()}", where.params)
    if not rows:
        raise NotFound(f"There is no hold {hold_id}.", code="unknown_hold")
    return HoldEntry(*rows[0])
