"""Reads of waves: which pick lists were made together, and how far they have come."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec

from orderwerk.core import keyset, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import NotFound
from orderwerk.core.keyset import Conditions, Page, Select
from orderwerk.orders.visibility import limit_to_locations, uuid_list


class WaveRow(msgspec.Struct, frozen=True):
    """A named group of pick lists; the counts are of its lists and pieces."""

    id: UUID
    number: str
    name: str
    location: str
    location_name: str
    created_at: datetime
    created_by: str
    list_count: int
    open_list_count: int
    order_count: int
    units: int
    units_done: int
    units_short: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WaveFilters:
    """What a list of waves is narrowed to; `finished`: False while one of its lists is still to be done."""

    location: str | None = None
    finished: bool | None = None
    shop: str | None = None


_COLUMNS = (
    "v.id, v.number, v.name, l.code, l.name, v.created_at, v.created_by, n.lists, n.open, c.orders, "
    "coalesce(c.units, 0), coalesce(c.done, 0), coalesce(c.short, 0)"
)
_SOURCE = (
    "picklists_wave v join stock_location l on l.id = v.location_id cross join lateral ("
    "select count(*) as lists, count(*) filter (where w.status in ('open', 'picking')) as open "
    "from picklists_pick_list w where w.wave_id = v.id) n cross join lateral ("
    "select count(distinct k.order_id) as orders, sum(k.quantity - k.cancelled) as units, sum(k.picked + k.short) as done, "
    "sum(k.short) as short from picklists_pick_list w join picklists_line k on k.pick_list_id = w.id where w.wave_id = v.id) c"
)
_CONDITIONS = {
    "location": "l.code = %s",
    "shop": "v.id in (select w.wave_id from picklists_pick_list w join picklists_line k on k.pick_list_id = w.id "
    "join shops_shop s on s.id = k.shop_id where s.code = %s)",
}
_SORTS = keyset.sortings(id=(("v.id", "uuid"),))


def _visible(actor: Actor) -> Conditions:
    where = Conditions()
    limit_to_locations(where, actor, "v.location_id")
    if actor.shop_ids is not None:
        # A wave of other shops' goods too shows counts of theirs: only who sees all of it sees it.
        where.add(
            "not exists (select 1 from picklists_pick_list w join picklists_line k on k.pick_list_id = w.id "
            "where w.wave_id = v.id and k.shop_id <> all(%s::uuid[]))",
            uuid_list(actor.shop_ids),
        )
    return where


def wave_page(
    actor: Actor, filters: WaveFilters, *, cursor: str | None = None, limit: int = 50
) -> Page[WaveRow]:
    """Return one page of waves, newest first; one statement."""
    where = _visible(actor)
    where.narrow(filters, _CONDITIONS)
    if filters.finished is not None:
        where.add("n.open = 0" if filters.finished else "n.open > 0")
    rows, more = keyset.fetch_page(Select(_COLUMNS, _SOURCE, where), _SORTS["-id"], cursor, limit)
    return Page([WaveRow(*row) for row in rows], more)


def wave_detail(actor: Actor, wave_id: UUID) -> WaveRow:
    """Return one wave; one statement. Refuses with NotFound."""
    where = _visible(actor)
    where.add("v.id = %s", wave_id)
    rows = sql.read(f"select {_COLUMNS} from {_SOURCE} where {where.where()}", where.params)
    if not rows:
        raise NotFound(f"There is no wave {wave_id}.", code="unknown_wave")
    return WaveRow(*rows[0])
