"""Finds and locks what is ready to be collected at a location, narrowed as a wish says."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from orderwerk.core import clock, sql


@dataclass(frozen=True, slots=True)
class Wish:
    """What one item asks for: `most` shipments of a location, oldest first; None narrows nothing."""

    item: int
    location: str
    most: int
    carrier: str | None = None
    service: str | None = None
    tags: list[str] | None = None
    countries: list[str] | None = None
    placed_before: datetime | None = None
    singles: bool = False


@dataclass(frozen=True, slots=True)
class Claim:
    """One allocation that is ready to be collected, with what batches are split by.

    `tier`: 0 of an urgent order (with a priority), 1 of one that should leave today or should have left, 2 of all others.
    """

    shipment_id: UUID
    allocation_id: UUID
    shop_id: UUID
    order_id: UUID
    product_id: UUID
    location_id: UUID
    quantity: int
    weight_grams: int
    carrier: str
    service: str
    country: str
    due: date
    tier: int


# A shipment to which pieces travel is picked when they are there.
_COMPLETE = """({shipment}.part > 0 or not exists (
  select 1 from allocations_transfer_peg tp where tp.order_id = {shipment}.order_id and tp.location_id = {shipment}.location_id
    and tp.quantity > tp.arrived + tp.dropped))"""
# These three are planned anew each time: a plan that was made while the tables were nearly empty, before a large import,
# would be kept for minutes and take minutes.
_READY = f"""
select t.item, s.id, s.order_id, s.rank
from jsonb_to_recordset(%s::jsonb) as t(item int, location text, most int, carrier text, service text, tags text[],
  countries text[], placed_before timestamptz, singles boolean)
cross join lateral (
  select h.id, h.order_id, row_number() over (order by o.priority desc, o.placed_at, o.id) as rank
  from shipments_shipment h join stock_location l on l.id = h.location_id join orders_order o on o.id = h.order_id
  where l.code = t.location and h.status in ('open', 'announced')
    and o.status in ('awaiting_shipment', 'partially_shipped', 'awaiting_stock')
    and (%s::uuid[] is null or o.shop_id = any(%s::uuid[])) and (%s::uuid[] is null or o.id = any(%s::uuid[]))
    and (t.carrier is null or h.carrier = t.carrier) and (t.service is null or h.service = t.service)
    and (t.tags is null or o.tags && t.tags) and (t.countries is null or o.country = any(t.countries))
    and (t.placed_before is null or o.placed_at < t.placed_before)
    and (not t.singles or o.units_ordered - o.units_cancelled - o.units_shipped = 1)
    and exists (select 1 from shipments_line x join allocations_allocation a on a.id = x.allocation_id
                where x.shipment_id = h.id and x.is_live and a.status = 'allocated')
    and {_COMPLETE.format(shipment="h")}
  order by o.priority desc, o.placed_at, o.id limit t.most) s
"""
# Chooses and locks in one step; orders that somebody else works on are passed over.
_LOCK = f"""
select o.id from orders_order o where o.id in (select r.order_id from ({_READY}) r)
order by o.id for no key update skip locked
"""


def lock_ready(wishes: Sequence[Wish], shops: Sequence[UUID] | None) -> list[UUID]:
    """Choose and lock the orders that wishes ask for; those that somebody else holds are passed over."""
    if not wishes:
        return []
    named = None if shops is None else list(shops)
    rows = sql.read(_LOCK, (sql.to_json(wishes), named, named, None, None))
    return [row[0] for row in rows]


def ready_shipments(
    wishes: Sequence[Wish], shops: Sequence[UUID] | None, order_ids: Iterable[UUID] | None = None
) -> dict[int, list[UUID]]:
    """Return per wish the shipments that are ready, in the order in which orders are served; of some orders where named."""
    found: dict[int, list[UUID]] = defaultdict(list)
    if not wishes:
        return found
    named = None if shops is None else list(shops)
    orders = None if order_ids is None else list(order_ids)
    rows = sql.read(_READY, (sql.to_json(wishes), named, named, orders, orders))
    for item, shipment_id, _, _ in sorted(rows, key=lambda row: (row[0], row[3])):
        found[item].append(shipment_id)
    return found


def orders_of(shipment_ids: Iterable[UUID], shops: Sequence[UUID] | None = None) -> list[UUID]:
    """Return the orders of shipments, of certain shops only if so."""
    named = None if shops is None else list(shops)
    rows = sql.fetch(
        "select order_id from shipments_shipment where id = any(%s) and (%s::uuid[] is null or shop_id = any(%s::uuid[]))",
        (list(shipment_ids), named, named),
    )
    return [row[0] for row in rows]


_CLAIMS = f"""
select s.id, a.id, a.shop_id, a.order_id, a.product_id, a.location_id, a.quantity - a.picked,
  coalesce(p.weight_grams, 0) * (a.quantity - a.picked), s.carrier, s.service, o.country, v.leaves, (location_day(l, v.leaves)).cut_off is not null,
  h.timezone, o.priority
from shipments_shipment s
join orders_order o on o.id = s.order_id
join shops_shop h on h.id = o.shop_id
join stock_location l on l.id = s.location_id
join shipments_line sl on sl.shipment_id = s.id and sl.is_live
join allocations_allocation a on a.id = sl.allocation_id and a.status = 'allocated'
join catalog_product p on p.id = a.product_id
cross join lateral (select location_leaves(l, o.placed_at at time zone h.timezone) as leaves offset 0) v
where s.order_id = any(%s) and l.code = any(%s) and s.status in ('open', 'announced') and o.holds_open = 0
  and (o.on_account or o.captured_minor + o.authorized_minor >= o.grand_total_minor - o.cancelled_minor)
  and {_COMPLETE.format(shipment="s")}
order by o.priority desc, o.placed_at, s.id, a.id
"""

# Per location, per shipment that is ready: its claims, in the order in which orders are served.
Waiting = dict[UUID, dict[UUID, list[Claim]]]


def waiting_claims(order_ids: Iterable[UUID], locations: Iterable[str]) -> Waiting:
    """Return all claims of (locked) orders that can be put on a list at some locations."""
    waiting: Waiting = defaultdict(lambda: defaultdict(list))
    for row in sql.read(_CLAIMS, (list(order_ids), list(locations))):
        columns = (*row[:12], _tier(*row[11:]))
        claim = Claim(*columns)
        waiting[claim.location_id][claim.shipment_id].append(claim)
    return waiting


def _tier(due: date, has_cut_off: bool, timezone: str, priority: int) -> int:  # noqa: FBT001 - a column
    # Without a cut-off nobody says when something has to leave.
    today = has_cut_off and due <= clock.business_date(clock.now(), timezone)
    return 0 if priority > 0 else 1 if today else 2


# Over a holiday the last cut-off lies some days back; over more than a month nobody asks for it.
_LAST_CUT_OFF = """
select max((c.day + d.cut_off) at time zone z.zone) from stock_location l
cross join lateral (
  select coalesce((select s.timezone from shops_shop_location x join shops_shop s on s.id = x.shop_id
    where x.location_id = l.id order by s.code limit 1), 'UTC') as zone) z
cross join lateral (select (%s::timestamptz at time zone z.zone)::date - n as day from generate_series(0, 31) n) c
cross join lateral location_day(l, c.day) d
where l.code = %s and not d.is_closed and d.cut_off is not null and (c.day + d.cut_off) at time zone z.zone <= %s
"""


def zone_of(location: str) -> str:
    """Return the zone in which a location tells the time: that of a shop that draws from it."""
    rows = sql.read(
        "select s.timezone from shops_shop_location x join shops_shop s on s.id = x.shop_id join stock_location l on l.id = x.location_id "
        "where l.code = %s order by s.code limit 1",
        [location],
    )
    return str(rows[0][0]) if rows else "UTC"


def last_cut_off(location: str) -> datetime | None:
    """Return when a location's last cut-off was, in the zone of a shop that draws from it; None without one."""
    now = clock.now()
    found: datetime | None = sql.read(_LAST_CUT_OFF, [now, location, now])[0][0]
    return found
