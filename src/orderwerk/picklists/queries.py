"""Reads of pick lists: which walks there are, and what each takes from which bin."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import msgspec

from orderwerk.core import clock, keyset, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import NotFound
from orderwerk.core.keyset import Conditions, Page, Select, prefix_range
from orderwerk.orders.visibility import limit_to_locations, limit_to_shops, uuid_list


class PickListRow(msgspec.Struct, frozen=True):
    """One walk through a location; the counts are of its lines and pieces."""

    id: UUID
    number: str
    location: str
    location_name: str
    kind: str
    method: str
    wave: str | None
    status: str
    is_urgent: bool
    paused_at: datetime | None
    snoozed_until: datetime | None
    snooze_note: str
    snoozed_by: str
    assigned_to: UUID | None
    assigned_name: str
    created_at: datetime
    finished_at: datetime | None
    version: int
    line_count: int
    open_line_count: int
    order_count: int
    units: int
    units_picked: int
    units_short: int
    # In which its location tells the time: that of a shop that draws from it.
    timezone: str

    @property
    def is_snoozed(self) -> bool:
        """Whether it is set aside at this moment."""
        return self.snoozed_until is not None and self.snoozed_until > clock.now()


class PickLineRow(msgspec.Struct, frozen=True):
    """Take so many of a product from a bin, for one allocation."""

    id: UUID
    pick_list_id: UUID
    order_id: UUID
    order_number: str
    shipment_id: UUID
    shipment_number: str
    allocation_id: UUID
    product_id: UUID
    sku: str
    name: str
    gtin: str | None
    image_url: str | None
    bin: str
    lot: str
    position: int
    tote: int
    quantity: int
    picked: int
    short: int
    short_reason: str
    cancelled: int
    is_open: bool
    expires_on: date | None = None
    by_serial: bool = False

    @property
    def left(self) -> int:
        """Pieces still to be collected."""
        return self.quantity - self.picked - self.short - self.cancelled


class PickListDetail(msgspec.Struct, frozen=True):
    """A pick list with its lines in walking order."""

    pick_list: PickListRow
    lines: list[PickLineRow]


_COLUMNS = (
    "w.id, w.number, l.code, l.name, w.kind, w.method, v.number, w.status, w.is_urgent, w.paused_at, w.snoozed_until, w.snooze_note, w.snoozed_by, w.assigned_to, w.assigned_name, w.created_at, w.finished_at, "
    "w.version, "
    # As a value of its own it is worked out for the rows that are shown, after those were found among all.
    "(select array[count(*), count(*) filter (where k.is_open), count(distinct k.order_id), coalesce(sum(k.quantity), 0), "
    "coalesce(sum(k.picked), 0), coalesce(sum(k.short), 0)] from picklists_line k where k.pick_list_id = w.id), "
    "coalesce((select s.timezone from shops_shop_location x join shops_shop s on s.id = x.shop_id where x.location_id = w.location_id "
    "order by s.code limit 1), 'UTC')"
)
_SOURCE = "picklists_pick_list w join stock_location l on l.id = w.location_id left join picklists_wave v on v.id = w.wave_id"
_SORTS = keyset.sortings(
    id=(("w.id", "uuid"),), urgent=(("w.is_urgent::int", "int"), ("w.id", "uuid"))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PickListFilters:
    """What a list of pick lists is narrowed to; `q` begins a pick list's number or is an order's number.

    `finished`: False for what is still to be done, also what is set aside (`snoozed`): nobody is told when its moment has come. `assigned_to` is a person's id, `wave` a wave's number.
    """

    status: str | None = None
    finished: bool | None = None
    location: str | None = None
    order_id: UUID | None = None
    shipment_id: UUID | None = None
    assigned_to: UUID | None = None
    shop: str | None = None
    sku: str | None = None
    method: str | None = None
    wave: str | None = None
    urgent: bool | None = None
    paused: bool | None = None
    snoozed: bool | None = None
    q: str | None = None


_CONDITIONS = {
    "status": "w.status = %s",
    "method": "w.method = %s",
    "wave": "v.number = %s",
    "location": "w.location_id = (select id from stock_location where code = %s)",
    "order_id": "w.id in (select pick_list_id from picklists_line where order_id = %s)",
    "shipment_id": "w.id in (select pick_list_id from picklists_line where shipment_id = %s)",
    "assigned_to": "w.assigned_to = %s",
    "shop": "w.id in (select k.pick_list_id from picklists_line k join shops_shop s on s.id = k.shop_id where s.code = %s)",
    "sku": "w.id in (select k.pick_list_id from picklists_line k join catalog_product p on p.id = k.product_id where p.sku = %s)",
}


def _row(row: sql.Row) -> PickListRow:
    *before, counts, timezone = row
    return PickListRow(*(*before, *counts, timezone))


_UNFINISHED = "w.status in ('open', 'picking')"
_SNOOZED = "coalesce(w.snoozed_until > %s, false)"


def _visible(actor: Actor) -> Conditions:
    where = Conditions()
    limit_to_locations(where, actor, "w.location_id")
    if actor.shop_ids is not None:
        where.add(
            "exists (select 1 from picklists_line own where own.pick_list_id = w.id and own.shop_id = any(%s::uuid[]))",
            uuid_list(actor.shop_ids),
        )
    return where


def visible_lists(actor: Actor, pick_list_ids: Sequence[UUID]) -> set[UUID]:
    """Return those of the pick lists that the actor may see; one statement."""
    where = _visible(actor)
    where.add("w.id = any(%s::uuid[])", list(pick_list_ids))
    rows = sql.read(f"select w.id from picklists_pick_list w where {where.where()}", where.params)
    return {row[0] for row in rows}


def pick_list_page(
    actor: Actor,
    filters: PickListFilters,
    *,
    sort: str = "-id",
    cursor: str | None = None,
    limit: int = 50,
) -> Page[PickListRow]:
    """Return one page of pick lists, newest first, or urgent ones before (`-urgent`); one statement."""
    where = _visible(actor)
    where.narrow(filters, _CONDITIONS)
    if filters.finished is not None:
        where.add(f"not {_UNFINISHED}" if filters.finished else _UNFINISHED)
    if filters.urgent is not None:
        where.add(f"{'' if filters.urgent else 'not '}w.is_urgent")
    if filters.paused is not None:
        where.add(f"w.paused_at is {'not ' if filters.paused else ''}null")
    if filters.snoozed is not None:
        where.add(f"{'' if filters.snoozed else 'not '}{_SNOOZED}", clock.now())
    if filters.q and filters.q.strip():
        condition, params = prefix_range("w.number", filters.q.strip()[:200])
        where.add(
            f"({condition} or w.id in (select k.pick_list_id from picklists_line k "
            "join orders_order o on o.id = k.order_id where o.number = %s))",
            *params,
            filters.q.strip()[:200],
        )
    rows, more = keyset.fetch_page(Select(_COLUMNS, _SOURCE, where), _SORTS[sort], cursor, limit)
    return Page([_row(row) for row in rows], more)


# Each beginning is looked up in the index of numbers, so that one that nothing begins with costs nothing.
_CALLED = (
    "w.id in (select x.id from picklists_pick_list x where {} order by x.number desc limit {})"
)


def pick_lists_called(actor: Actor, text: str, *, most: int = 5) -> list[PickListRow]:
    """Return the pick lists whose number begins with what was typed, the latest first; one statement, none for other texts."""
    typed = text.strip()
    if not any(c.isdigit() for c in typed) or " " in typed or len(typed) > 60:
        return []
    found = Conditions()
    for beginning in dict.fromkeys((typed, typed.upper())):
        condition, params = prefix_range("x.number", beginning)
        found.add(_CALLED.format(condition, most), *params)
    where = _visible(actor)
    where.add(f"({' or '.join(found.parts)})", *found.params)
    rows = sql.read(
        f"select {_COLUMNS} from {_SOURCE} where {where.where()} order by w.number desc limit {most}",
        where.params,
    )
    return [_row(row) for row in rows]


def pick_list_tab_counts(actor: Actor, location: str | None = None) -> dict[str, int]:
    """Return how many pick lists are `open` and `picking`, and how many of both are `snoozed` instead, exactly; one statement."""
    where = _visible(actor)
    where.add(_UNFINISHED)
    if location is not None:
        where.add(_CONDITIONS["location"], location)
    rows = sql.read(
        f"select case when {_SNOOZED} then 'snoozed' else w.status end, count(*) from picklists_pick_list w "
        f"where {where.where()} group by 1",
        (clock.now(), *where.params),
    )
    return {"open": 0, "picking": 0, "snoozed": 0} | dict(rows)


class ProgressRow(msgspec.Struct, frozen=True):
    """How far a person has come with what was given to them: unfinished lists that are not set aside, and those of the last twelve hours.

    `name` is empty for lists that nobody has.
    """

    name: str
    list_count: int
    open_list_count: int
    units: int
    units_done: int


def pick_progress(actor: Actor, since: datetime) -> list[ProgressRow]:
    """Return the progress per person over lists that are unfinished or were finished since; one statement."""
    where = _visible(actor)
    where.add(
        f"(({_UNFINISHED} and not {_SNOOZED}) or (w.finished_at >= %s and w.status = 'picked'))",
        clock.now(),
        since,
    )
    rows = sql.read(
        "select w.assigned_name, count(*), count(*) filter (where w.status <> 'picked'), coalesce(sum(c.units), 0)::int, "
        "coalesce(sum(c.done), 0)::int from picklists_pick_list w cross join lateral ("
        "select sum(k.quantity - k.cancelled) as units, sum(k.picked + k.short) as done from picklists_line k "
        f"where k.pick_list_id = w.id) c where {where.where()} group by 1 order by w.assigned_name = '', 1 limit 100",
        where.params,
    )
    return [ProgressRow(*row) for row in rows]


_LINES = """
select k.id, k.pick_list_id, k.order_id, o.number, k.shipment_id, h.number, k.allocation_id, k.product_id, p.sku, p.name,
  p.gtin, p.image_url, b.code, k.lot, k.position, k.tote, k.quantity, k.picked, k.short, k.short_reason, k.cancelled, k.is_open,
  (select t.expires_on from stock_lot t where k.lot <> '' and t.product_id = k.product_id and t.code = k.lot), p.tracking = 'serial'
from picklists_line k join orders_order o on o.id = k.order_id join shipments_shipment h on h.id = k.shipment_id
join catalog_product p on p.id = k.product_id join stock_bin b on b.id = k.bin_id
where
"""


def pick_lines(actor: Actor, pick_list_ids: list[UUID]) -> dict[UUID, list[PickLineRow]]:
    """Return the lines of pick lists in walking order, without those of shops that the actor may not see."""
    where = Conditions()
    where.add("k.pick_list_id = any(%s::uuid[])", pick_list_ids)
    if actor.shop_ids is not None:
        where.add("k.shop_id = any(%s::uuid[])", uuid_list(actor.shop_ids))
    found: dict[UUID, list[PickLineRow]] = {key: [] for key in pick_list_ids}
    for row in sql.read(
        f"{_LINES} {where.where()} order by k.pick_list_id, k.position", where.params
    ):
        found[row[1]].append(PickLineRow(*row))
    return found


def lying_in_bins(actor: Actor, pick_list_id: UUID) -> dict[UUID, int]:
    """Return per open line of the actor's shops on a pick list how many pieces lie in its bin by the books, whoever they are for.

    One statement.
    """
    where = Conditions()
    limit_to_shops(where, actor, "k.shop_id")
    where.add("k.pick_list_id = %s and k.is_open", pick_list_id)
    rows = sql.read(
        "select k.id, coalesce(b.quantity, 0) from picklists_line k left join stock_bin_stock b "
        f"on b.product_id = k.product_id and b.bin_id = k.bin_id and b.lot = k.lot where {where.where()}",
        where.params,
    )
    return {row[0]: row[1] for row in rows}


def stopped_lines(pick_list_id: UUID) -> frozenset[UUID]:
    """Return the lines of a pick list of whose goods an open cancel request wants some back; one statement."""
    rows = sql.read(
        "select k.id from picklists_line k join allocations_allocation a on a.id = k.allocation_id "
        "join orders_line l on l.id = a.order_line_id where k.pick_list_id = %s and l.cancel_requested > 0",
        (pick_list_id,),
    )
    return frozenset(row[0] for row in rows)


def picked_serials(actor: Actor, pick_list_id: UUID) -> dict[str, list[str]]:
    """Return per article the serial numbers that were scanned as its pieces were picked, of the actor's shops; one statement."""
    found: dict[str, list[str]] = {}
    where = Conditions()
    limit_to_shops(where, actor, "k.shop_id")
    where.add("k.pick_list_id = %s", pick_list_id)
    for sku, serial in sql.read(
        "select p.sku, s.serial from picklists_line k join shipments_serial s on s.order_id = k.order_id and s.pick_line_id = k.id "
        f"join catalog_product p on p.id = k.product_id where {where.where()} order by p.sku, s.serial",
        where.params,
    ):
        found.setdefault(sku, []).append(serial)
    return found


def held_lines(pick_list_id: UUID) -> frozenset[UUID]:
    """Return the open lines of a pick list that are not to be picked while their order is on hold; one statement."""
    rows = sql.read(
        "select k.id from picklists_line k join orders_order o on o.id = k.order_id "
        "where k.pick_list_id = %s and k.is_open and o.holds_open > 0",
        (pick_list_id,),
    )
    return frozenset(row[0] for row in rows)


def _detail(actor: Actor, condition: str, value: UUID | str) -> PickListDetail:
    where = _visible(actor)
    where.add(condition, value)
    rows = sql.read(f"select {_COLUMNS} from {_SOURCE} where {where.where()}", where.params)
    if not rows:
        raise NotFound(f"There is no pick list {str(value)[:60]}.", code="unknown_pick_list")
    pick_list = _row(rows[0])
    return PickListDetail(pick_list, pick_lines(actor, [pick_list.id])[pick_list.id])


def pick_list_detail(actor: Actor, pick_list_id: UUID) -> PickListDetail:
    """Return one pick list with its lines; two statements. Refuses with NotFound."""
    return _detail(actor, "w.id = %s", pick_list_id)


def pick_list_detail_by_number(actor: Actor, number: str) -> PickListDetail:
    """Return the pick list of a number; see pick_list_detail."""
    return _detail(actor, "w.number = %s", number)
