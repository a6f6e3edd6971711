"""Reads of shipments: what waits to be shipped, what has left, and where the parcels are."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

import msgspec

from orderwerk.core import clock, keyset, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import NotFound
from orderwerk.core.keyset import Conditions, Page, Select, prefix_range
from orderwerk.core.structs import made_of
from orderwerk.orders.visibility import limit_to_locations, limit_to_shops
from orderwerk.shipments.doors import SAME_DOOR
from orderwerk.shipments.label_filters import labelled, unlabelled
from orderwerk.shipments.packing import LIES_IN
from orderwerk.shipments.tracking_links import tracking_link

# How far the carrier's label of a shipment's packages is.
Labelled = Literal["ordered", "made", "failed", "none"]
# How far an order is that the customer collects.
Collecting = Literal["here", "waiting", "ready", "overdue", "collected"]


class ShipmentRow(msgspec.Struct, frozen=True):
    """One shipment without its lines; the delivery address is the order's while nobody changed it here."""

    id: UUID
    number: str
    order_id: UUID
    order_number: str
    order_status: str
    shop: str
    location: str
    location_name: str
    status: str
    carrier: str
    service: str
    tracking_code: str
    # The link that was typed; where parcels are followed says `tracking_link`.
    tracking_url: str
    customer_name: str
    country: str
    created_at: datetime
    announced_at: datetime | None
    shipped_at: datetime | None
    delivered_at: datetime | None
    cancelled_at: datetime | None
    version: int
    units: int
    line_count: int
    package_count: int
    placed_at: datetime
    combined_into: UUID | None
    carried_by: str | None
    carries: list[str]
    # The transfers that bring the rest of its order here first.
    waits_for: list[str]
    collects: bool
    collect_by: date | None
    collected_by: str
    collect_note: str
    carrier_name: str
    service_name: str
    link_template: str
    delivery_address: dict[str, Any]

    @property
    def tracking_link(self) -> str:
        """Where the parcel is followed: the link that was typed, or its carrier's own; empty where there is none."""
        address = self.delivery_address
        postal_code, country = address.get("postal_code") or "", address.get("country") or ""
        made = tracking_link(self.link_template, self.tracking_code, postal_code, country)
        return self.tracking_url or made

    @property
    def shown_status(self) -> str:
        """The status as people call it: what the customer collects lies ready instead of being announced."""
        words = {"announced": "ready", "delivered": "collected"} if self.collects else {}
        return words.get(self.status, self.status)


class ShipmentLineRow(msgspec.Struct, frozen=True):
    """What one allocation puts into a shipment; not live: it was taken out or the shipment was cancelled."""

    id: UUID
    shipment_id: UUID
    allocation_id: UUID
    allocation_status: str
    order_line_id: UUID
    product_id: UUID
    sku: str
    name: str
    image_url: str | None
    quantity: int
    picked: int
    packed: int
    is_live: bool


class PackedRow(msgspec.Struct, frozen=True):
    """So many pieces of a line that lie in a parcel, its shipment's own or that of one that travels with it."""

    shipment_line_id: UUID
    quantity: int
    sku: str
    name: str


class PackageRow(msgspec.Struct, frozen=True):
    """One parcel of a shipment."""

    id: UUID
    shipment_id: UUID
    position: int
    weight_grams: int | None
    length_mm: int | None
    width_mm: int | None
    height_mm: int | None
    tracking_code: str
    delivered_at: datetime | None
    box: str
    contents: list[PackedRow]


class TrackingRow(msgspec.Struct, frozen=True):
    """One report about a shipment on its way."""

    id: UUID
    shipment_id: UUID
    status: str
    at: datetime
    text: str
    place: str


class ShipmentParts(msgspec.Struct, frozen=True):
    """Lines, parcels and reports of one shipment."""

    lines: list[ShipmentLineRow]
    packages: list[PackageRow]
    tracking: list[TrackingRow]


class ShipmentDetail(msgspec.Struct, frozen=True):
    """A shipment with all that belongs to it."""

    shipment: ShipmentRow
    parts: ShipmentParts


_COLUMNS = (
    "h.id, h.number, h.order_id, o.number, o.status, s.code, l.code, l.name, h.status, h.carrier, h.service, "
    "h.tracking_code, h.tracking_url, o.customer_name, o.country, h.created_at, h.announced_at, h.shipped_at, "
    "h.delivered_at, h.cancelled_at, h.version, coalesce(c.units, 0), c.lines, "
    "(select count(*) from shipments_package g where g.shipment_id = h.id), o.placed_at, "
    "h.combined_into_id, (select b.number from shipments_shipment b where b.id = h.combined_into_id and b.status <> 'cancelled'), "
    "array(select f.number from shipments_shipment f where f.combined_into_id = h.id and f.status <> 'cancelled' order by f.id), "
    "array(select distinct i.number from allocations_transfer_peg p join stock_inbound_line x on x.id = p.inbound_line_id "
    "join stock_inbound i on i.id = x.inbound_id where h.part = 0 and h.status in ('open', 'announced') "
    "and p.order_id = h.order_id and p.location_id = h.location_id and p.quantity > p.arrived + p.dropped order by 1), "
    "o.collect_location_id is not null, case when o.collect_location_id is not null and h.status = 'announced' then "
    "((h.announced_at + make_interval(days => s.collect_days)) at time zone s.timezone)::date end, "
    "h.collected_by, h.collect_note, "
    "coalesce(v.name, h.carrier), coalesce((select x ->> 'name' from jsonb_array_elements(v.services) x where x ->> 'code' = h.service), h.service), "
    "coalesce(v.tracking_link, ''), coalesce(h.delivery_address, o.delivery_address)"
)
_SOURCE = (
    "shipments_shipment h join orders_order o on o.id = h.order_id join shops_shop s on s.id = h.shop_id "
    "join stock_location l on l.id = h.location_id left join shipments_carrier v on v.code = h.carrier "
    "cross join lateral (select sum(k.quantity) filter (where k.is_live) as units, count(*) filter (where k.is_live) as lines "
    "from shipments_line k where k.shipment_id = h.id) c"
)
_SORTS = keyset.sortings(id=(("h.id", "uuid"),))


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentFilters:
    """What a list of shipments is narrowed to; `q` begins a shipment number, an order number or a tracking code.

    `collect`: what customers come for. `shipped`: True for what has left (also what arrived), False for what is still here.
    `same_door`: what is open and could lie in the parcel of this open shipment.
    """

    status: str | None = None
    shipped: bool | None = None
    q: str | None = None
    location: str | None = None
    carrier: str | None = None
    order_id: UUID | None = None
    shop: str | None = None
    sku: str | None = None
    collect: Collecting | None = None
    label: Labelled | None = None
    same_door: UUID | None = None


_COLLECT = {
    "here": "o.collect_location_id is not null and h.status in ('open', 'announced')",
    "waiting": "o.collect_location_id is not null and h.status = 'open'",
    "ready": "o.collect_location_id is not null and h.status = 'announced'",
    "overdue": "o.collect_location_id is not null and h.status = 'announced' "
    "and h.announced_at <= %s::timestamptz - make_interval(days => s.collect_days)",
    "collected": "h.collected_by <> ''",
}
_CONDITIONS = {
    "status": "h.status = %s",
    "location": "h.location_id = (select id from stock_location where code = %s)",
    "carrier": "h.carrier = %s",
    "order_id": "h.order_id = %s",
    "shop": "h.shop_id = (select id from shops_shop where code = %s)",
    "sku": "h.id in (select k.shipment_id from shipments_line k join orders_line i on i.id = k.order_line_id"
    " where i.sku = %s and k.is_live)",
    "same_door": SAME_DOOR,
}
_NOT_SHIPPED = "h.status in ('open', 'announced')"
# So many hits of one index a search looks at; of a text that has more, at all of these.
_MOST_PER_INDEX = 500
_MOST_AT_ALL = 20_000


def _visible(actor: Actor) -> Conditions:
    where = Conditions()
    limit_to_shops(where, actor, "h.shop_id")
    limit_to_locations(where, actor, "h.location_id")
    return where


def _branches(text: str) -> list[tuple[str, str, list[str]]]:
    """One select of shipments per index that may know the text: itself, how the newest of it come first, its values."""
    shipments = "select id from shipments_shipment where"
    number, numbers = prefix_range("number", text)
    code, codes = prefix_range("tracking_code", text)
    order, orders = prefix_range("o.number", text)
    of_orders = (
        "select x.id from orders_order o join shipments_shipment x on x.order_id = o.id where"
    )
    return [
        (f"{shipments} {number}", "number desc", numbers),
        (f"{shipments} tracking_code <> '' and {code}", "tracking_code desc", codes),
        (f"{of_orders} {order}", "o.number desc", orders),
    ]


def _hits(text: str, most: int) -> list[str]:
    return [f"({select} order by {by} limit {most})" for select, by, _ in _branches(text)]


def _search(text: str, most: int) -> tuple[str, list[str]]:
    """Return the condition that a shipment is meant by a text, with its values: one of so many hits of an index."""
    condition = f"h.id in ({' union '.join(_hits(text, most))})"
    return condition, [v for *_, values in _branches(text) for v in values]


def _most(text: str) -> int:
    """Return how many hits of each index are looked at: few, which is quick, where there are no more; one statement."""
    hits = _hits(text, _MOST_PER_INDEX + 1)
    more = " or ".join(f"exists (select from {hit} x offset {_MOST_PER_INDEX})" for hit in hits)
    values = [v for *_, found in _branches(text) for v in found]
    return _MOST_AT_ALL if sql.read(f"select {more}", values)[0][0] else _MOST_PER_INDEX


def _row(row: sql.Row) -> ShipmentRow:
    return ShipmentRow(*(*row[:-1], sql.from_json(row[-1])))


def shipment_page(
    actor: Actor, filters: ShipmentFilters, *, cursor: str | None = None, limit: int = 50
) -> Page[ShipmentRow]:
    """Return one page of shipments, newest first; one statement, and one more for a text to search for."""
    select = Select(_COLUMNS, _SOURCE, _wanted(actor, filters))
    rows, more = keyset.fetch_page(select, _SORTS["-id"], cursor, limit)
    return Page([_row(row) for row in rows], more)


def shipment_ids(actor: Actor, filters: ShipmentFilters, *, most: int) -> list[UUID]:
    """Return the ids of what a list of shipments shows, newest first, so many at most; as many statements as its page."""
    where = _wanted(actor, filters)
    wanted = f"select h.id from {_SOURCE} where {where.where()} order by h.id desc limit {most:d}"
    return [row[0] for row in sql.read(wanted, where.params)]


def _wanted(actor: Actor, filters: ShipmentFilters) -> Conditions:
    where = _visible(actor)
    where.narrow(filters, _CONDITIONS)
    if filters.shipped is not None:
        where.add("h.status in ('shipped', 'delivered')" if filters.shipped else _NOT_SHIPPED)
    if filters.collect is not None:
        condition = _COLLECT[filters.collect]
        where.add(condition, *[clock.now()] * condition.count("%s"))
    if filters.label is not None:
        where.add(*(unlabelled() if filters.label == "none" else labelled(filters.label)))
    if text := (filters.q or "").strip()[:200]:
        condition, values = _search(text, _most(text))
        where.add(condition, *values)
    return where


def collecting_counts(actor: Actor, location: str | None = None) -> dict[str, int]:
    """Return how much customers come for: `here` in all, of it `ready`, and of that `overdue`; one statement."""
    where = _visible(actor)
    where.add(_COLLECT["here"])
    if location is not None:
        where.add(_CONDITIONS["location"], location)
    [row] = sql.read(
        "select count(*), count(*) filter (where h.status = 'announced'), count(*) filter (where h.status = 'announced' "
        "and h.announced_at <= %s::timestamptz - make_interval(days => s.collect_days)) from shipments_shipment h "
        "join orders_order o on o.id = h.order_id join shops_shop s on s.id = h.shop_id "
        f"where {where.where()}",
        (clock.now(), *where.params),
    )
    return dict(zip(("here", "ready", "overdue"), row, strict=True))


def shipment_tab_counts(actor: Actor, location: str | None = None) -> dict[str, int]:
    """Return how many shipments are `open` and `announced`, and the sum as `not_shipped`, exactly; one statement."""
    where = _visible(actor)
    where.add(_NOT_SHIPPED)
    if location is not None:
        where.add(_CONDITIONS["location"], location)
    rows = sql.read(
        f"select h.status, count(*) from shipments_shipment h where {where.where()} group by h.status",
        where.params,
    )
    counts = {"open": 0, "announced": 0} | dict(rows)
    return counts | {"not_shipped": sum(counts.values())}


_LINES = """
select k.id, k.shipment_id, k.allocation_id, a.status, k.order_line_id, k.product_id, p.sku,
  case when k.product_id = i.product_id then i.name else p.name end, p.image_url, k.quantity, a.picked, k.packed, k.is_live
from shipments_line k join allocations_allocation a on a.id = k.allocation_id
join catalog_product p on p.id = k.product_id join orders_line i on i.id = k.order_line_id
where k.shipment_id = any(%s::uuid[]) order by k.shipment_id, i.position, k.id
"""
_PACKAGES = f"""
select g.id, g.shipment_id, g.position, g.weight_grams, g.length_mm, g.width_mm, g.height_mm, g.tracking_code, g.delivered_at, g.box,
  coalesce((select jsonb_agg(jsonb_build_object('shipment_line_id', x.shipment_line_id, 'quantity', x.quantity, 'sku', p.sku,
    'name', case when k.product_id = i.product_id then i.name else p.name end) order by x.shipment_line_id)
    from {LIES_IN} x join shipments_line k on k.id = x.shipment_line_id join catalog_product p on p.id = k.product_id
    join orders_line i on i.id = k.order_line_id), '[]')
from shipments_package g where g.shipment_id = any(%s::uuid[]) order by g.shipment_id, g.position
"""
_TRACKING = """
select id, shipment_id, status, at, text, place from shipments_tracking_event
where shipment_id = any(%s::uuid[]) order by shipment_id, at desc, id desc
"""


def shipment_parts(shipment_ids: list[UUID]) -> dict[UUID, ShipmentParts]:
    """Return lines, parcels and reports of shipments that the caller has read before; three statements."""
    found = {shipment_id: ShipmentParts([], [], []) for shipment_id in shipment_ids}
    for row in sql.read(_LINES, (shipment_ids,)):
        found[row[1]].lines.append(ShipmentLineRow(*row))
    for row in sql.read(_PACKAGES, (shipment_ids,)):
        contents = made_of(sql.from_json(row[-1]), list[PackedRow])
        found[row[1]].packages.append(PackageRow(*(*row[:-1], contents)))
    for row in sql.read(_TRACKING, (shipment_ids,)):
        found[row[1]].tracking.append(TrackingRow(*row))
    return found


def _detail(actor: Actor, condition: str, value: UUID | str) -> ShipmentDetail:
    found = _details(actor, condition, value)
    if not found:
        raise NotFound(f"There is no shipment {str(value)[:60]}.", code="unknown_shipment")
    return found[0]


def shipment_detail(actor: Actor, shipment_id: UUID) -> ShipmentDetail:
    """Return one shipment with its parts; four statements. Refuses with NotFound."""
    return _detail(actor, "h.id = %s", shipment_id)


def shipment_detail_by_number(actor: Actor, number: str) -> ShipmentDetail:
    """Return the shipment of a number; see shipment_detail."""
    return _detail(actor, "h.number = %s", number)


def order_shipments(actor: Actor, order_id: UUID) -> list[ShipmentDetail]:
    """Return all shipments of an order with their parts, oldest first; four statements."""
    return _details(actor, "h.order_id = %s", order_id)


def shipments_in_parcel(actor: Actor, shipment_id: UUID) -> list[ShipmentDetail]:
    """Return what lies in the parcel of a shipment and waits with it, oldest first; four statements."""
    return _details(actor, f"h.combined_into_id = %s and {_NOT_SHIPPED}", shipment_id)


def _details(actor: Actor, condition: str, value: UUID | str) -> list[ShipmentDetail]:
    where = _visible(actor)
    where.add(condition, value)
    rows = sql.read(
        f"select {_COLUMNS} from {_SOURCE} where {where.where()} order by h.id", where.params
    )
    shipments = [_row(row) for row in rows]
    parts = shipment_parts([shipment.id for shipment in shipments])
    return [ShipmentDetail(shipment, parts[shipment.id]) for shipment in shipments]
