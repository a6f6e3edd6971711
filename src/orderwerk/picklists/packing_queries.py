"""What the packing table asks: which shipment a code means, what of a pick list waits to be packed, and what can be packed now."""

import re
from dataclasses import dataclass
from uuid import UUID

from orderwerk.core import keyset, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import NotFound
from orderwerk.core.keyset import Conditions, Page, Select
from orderwerk.orders.visibility import limit_to_locations, limit_to_shops
from orderwerk.picklists.queries import PickListRow, pick_list_detail_by_number

_TOTE = re.compile(r"(?P<list>.+)-(?P<tote>\d{1,5})")


@dataclass(frozen=True, slots=True)
class WaitingParcel:
    """A parcel of a list that has not been packed; it is `picked` when nothing of it is to be picked any more.

    `codes` are those of its articles, as plain_code compares them.
    """

    shipment_id: UUID
    number: str
    order_numbers: tuple[str, ...]
    tote_numbers: tuple[int, ...]
    quantity: int
    picked: bool
    skus: tuple[str, ...]
    codes: tuple[str, ...]

    @property
    def orders(self) -> str:
        """Whose goods lie in it, for people."""
        return ", ".join(self.order_numbers)

    @property
    def totes(self) -> str:
        """In which totes they lie, for people."""
        return ", ".join(map(str, self.tote_numbers))


@dataclass(frozen=True, slots=True)
class PackingList:
    """A pick list as it is packed: how many parcels it made, and which of them wait, oldest first."""

    id: UUID
    number: str
    location: str
    parcels: int
    waiting: list[WaitingParcel]

    @property
    def packed(self) -> int:
        """How many of its parcels are packed."""
        return self.parcels - len(self.waiting)

    def wanting(self, code: str) -> list[WaitingParcel]:
        """Return the parcels that want an article, the one that it goes to first: the oldest that is picked, then those that are not yet."""
        meant = plain_code(code)
        found = [each for each in self.waiting if meant in each.codes]
        return sorted(found, key=lambda each: not each.picked)

    def wants(self, code: str) -> WaitingParcel | None:
        """Return the parcel that an article goes to."""
        return next(iter(self.wanting(code)), None)


def plain_code(code: str) -> str:
    """Return a code as codes are compared: a GTIN may be written with or without its leading zeros."""
    plain = code.strip().lower()
    return (plain.lstrip("0") or "0") if plain.isdecimal() else plain


# Of a list: its parcels, and which of them wait to be packed. What the customer collects is packed when it lies ready.
_PARCELS = """
select h.parcel, bool_or(h.waits) from (
  select coalesce(b.id, s.id) as parcel, s.status = 'open' or (s.status = 'announced' and o.collect_location_id is null) as waits
  from shipments_shipment s join orders_order o on o.id = s.order_id
  left join shipments_shipment b on b.id = s.combined_into_id and b.status <> 'cancelled'
  where s.status <> 'cancelled' and {where}
    and s.id in (select k.shipment_id from picklists_line k where k.pick_list_id = %s and k.quantity > k.cancelled)
) h group by h.parcel order by h.parcel
"""
_WAITING = """
select coalesce(b.id, h.id), coalesce(b.number, h.number), array_agg(distinct o.number), sum(l.quantity)::int, bool_and(a.status = 'picked'),
  array_agg(distinct p.sku), array_agg(distinct p.gtin) filter (where p.gtin <> ''),
  (select array_agg(distinct k.tote) from picklists_line k
    where k.pick_list_id = %s and k.shipment_id = any(array_agg(h.id)) and k.tote > 0)
from shipments_shipment h join orders_order o on o.id = h.order_id
left join shipments_shipment b on b.id = h.combined_into_id and b.status in ('open', 'announced')
join shipments_line l on l.shipment_id = h.id and l.is_live
join allocations_allocation a on a.id = l.allocation_id join catalog_product p on p.id = l.product_id
where (h.id = any(%s) or h.combined_into_id = any(%s)) and h.status in ('open', 'announced')
group by 1, 2 order by 1
"""


def packing_list(actor: Actor, code: str) -> PackingList | None:
    """Return what is to be packed of the pick list that a code means; None when it means none."""
    plain = code.replace("\0", "")
    for number in dict.fromkeys((plain, plain.upper())):
        try:
            found = pick_list_detail_by_number(actor, number).pick_list
        except NotFound:
            continue
        return None if found.status == "cancelled" else parcels_of_list(actor, found)
    return None


def parcels_of_list(actor: Actor, found: PickListRow) -> PackingList:
    """Return what is to be packed of a pick list, as far as it is of the actor's shops; nothing of a cancelled one; two statements."""
    where = Conditions()
    limit_to_shops(where, actor, "s.shop_id")
    parcels = sql.read(_PARCELS.format(where=where.where()), [*where.params, found.id])
    waiting = [row[0] for row in parcels if row[1]]
    rows = sql.read(_WAITING, [found.id, waiting, waiting])
    return PackingList(
        found.id, found.number, found.location, len(parcels), [_waiting(row) for row in rows]
    )


def _waiting(row: sql.Row) -> WaitingParcel:
    shipment_id, number, orders, quantity, picked, skus, gtins, totes = row
    codes = tuple(plain_code(code) for code in (*skus, *(gtins or ())))
    return WaitingParcel(
        shipment_id, number, tuple(orders), tuple(totes or ()), quantity, picked, tuple(skus), codes
    )


# Each way to call a shipment has its own index; one condition over several tables would read all that is open.
_CALLED = """h.id in (
  select s.id from shipments_shipment s where s.number = %s
  union all select s.id from orders_order o join shipments_shipment s on s.order_id = o.id where o.number = %s
  union all select k.shipment_id from picklists_pick_list w join picklists_line k on k.pick_list_id = w.id
    where w.number = any(%s) and (%s = 0 or k.tote = %s))"""


@dataclass(frozen=True, slots=True)
class Meant:
    """What a scanned code means of what waits to leave: one shipment, none, or one of `several`."""

    shipment_id: UUID | None
    number: str | None
    several: bool


def parcel_by_code(actor: Actor, code: str) -> Meant:
    """Return the shipment that waits to leave and that a code means, its own number before all else; one statement.

    What lies in another's parcel is packed with that one. A code is a shipment's number, an order's, a pick list's (of one shipment), or a tote: list, dash, number.
    """
    where = Conditions()
    limit_to_locations(where, actor, "h.location_id")
    limit_to_shops(where, actor, "h.shop_id")
    where.add("h.status in ('open', 'announced')")
    tote = _TOTE.fullmatch(code)
    walk, number = (tote["list"], int(tote["tote"])) if tote else (code, 0)
    where.add(_CALLED, code, code, [walk, walk.upper()], number, number)
    rows = sql.read(
        "select coalesce(b.id, h.id), coalesce(b.number, h.number), bool_or(h.number = %s) from shipments_shipment h "
        "left join shipments_shipment b on b.id = h.combined_into_id and b.status in ('open', 'announced') "
        f"where {where.where()} group by 1, 2 order by 3 desc limit 2",
        [code, *where.params],
    )
    first = next(iter(rows), None)
    if first is None or (len(rows) > 1 and not first[2]):
        return Meant(None, None, several=bool(rows))
    return Meant(first[0], first[1], several=False)


@dataclass(frozen=True, slots=True)
class ToPack:
    """A parcel that can be packed now."""

    shipment_id: UUID
    number: str
    order_id: UUID
    order: str
    customer: str
    quantity: int
    is_urgent: bool


# What lies in another's parcel is packed with that one, and what the customer collects is packed when it lies ready. Where a shop
# ships only what has been picked, all of it has been.
_TO_PACK = """shipments_shipment h
join orders_order o on o.id = h.order_id and o.status in ('awaiting_shipment', 'partially_shipped', 'awaiting_stock')
join shops_shop s on s.id = h.shop_id
cross join lateral (select sum(l.quantity)::int as quantity, bool_and(a.status = 'picked') as picked,
  bool_or(a.status = 'picking') as picking from shipments_line l join allocations_allocation a on a.id = l.allocation_id
  where l.shipment_id = h.id and l.is_live) x"""
# Urgent orders first, then the oldest shipment.
_IN_TURN = keyset.sortings(turn=(("-o.priority", "int"), ("h.id", "uuid")))["turn"]


def parcels_to_pack(
    actor: Actor, location: str, *, cursor: str | None = None, limit: int
) -> Page[ToPack]:
    """Return one page of what can be packed at a location, announced or not, urgent orders first, then the oldest; one statement."""
    where = Conditions()
    where.add("h.location_id = (select id from stock_location where code = %s)", location)
    limit_to_locations(where, actor, "h.location_id")
    limit_to_shops(where, actor, "h.shop_id")
    where.add("h.status in ('open', 'announced')")
    where.add("(h.status = 'open' or o.collect_location_id is null)")
    where.add("h.combined_into_id is null")
    where.add("x.quantity > 0 and (x.picked or (not s.use_pick_lists and not x.picking))")
    columns = "h.id, h.number, o.id, o.number, o.customer_name, x.quantity, o.priority > 0"
    rows, more = keyset.fetch_page(Select(columns, _TO_PACK, where), _IN_TURN, cursor, limit)
    return Page([ToPack(*row) for row in rows], more)
