"""What the packing table needs: which shipment a code means, and what belongs into its box."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from orderwerk.core import sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import NotFound
from orderwerk.core.keyset import Conditions
from orderwerk.orders.visibility import limit_to_locations, uuid_list
from orderwerk.picklists.queries import pick_list_detail_by_number
from orderwerk.shipments.queries import ShipmentDetail
from orderwerk.shipments.serial_queries import articles_by_serial

_TOTE = re.compile(r"(?P<list>.+)-(?P<tote>\d{1,5})")


@dataclass(frozen=True, slots=True)
class Article:
    """So many pieces of an article belong into the box, each of so many grams; `serials` are those that are known of them.

    `grams`: None where the catalogue does not know.
    `lines`: the lines with their pieces, the shipment's own first.
    """

    sku: str
    name: str
    image_url: str | None
    codes: list[str]
    quantity: int
    by_serial: bool = False
    serials: tuple[str, ...] = ()
    grams: int | None = None
    lines: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Parcel:
    """A shipment as it is packed, with what lies in its parcel; the weight is what the catalogue knows of its articles."""

    number: str
    articles: list[Article]
    weight_grams: int
    packages: int

    @property
    def pieces(self) -> int:
        """How many pieces belong into the box."""
        return sum(article.quantity for article in self.articles)


def parcel_of(detail: ShipmentDetail, inside: Sequence[ShipmentDetail] = ()) -> Parcel:
    """Return what belongs into a shipment's box, with that of the shipments `inside` it.

    One statement, and one more where pieces have serial numbers.
    """
    together = (detail, *inside)
    live = [line for each in together for line in each.parts.lines if line.is_live]
    rows = sql.read(
        "select id, gtin, weight_grams, tracking = 'serial' from catalog_product where id = any(%s::uuid[])",
        [list({line.product_id for line in live})],
    )
    known = {row[0]: (row[1], row[2], row[3]) for row in rows}
    numbers: dict[str, tuple[str, ...]] = {}
    if any(by_serial for _, _, by_serial in known.values()):
        found = articles_by_serial(*(each.shipment.id for each in together))
        numbers = {article.sku: tuple(article.serials) for article in found}
    articles: dict[str, Article] = {}
    weight = 0
    for line in live:
        gtin, grams, by_serial = known[line.product_id]
        before = articles[line.sku].quantity if line.sku in articles else 0
        codes = [code for code in (line.sku, gtin) if code]
        articles[line.sku] = Article(
            line.sku, line.name, line.image_url, codes, before + line.quantity, by_serial,
            numbers.get(line.sku, ()), grams,
            tuple((str(x.id), x.quantity) for x in live if x.sku == line.sku),
        )  # fmt: skip
        weight += (grams or 0) * line.quantity
    packages = max(1, len(detail.parts.packages))
    return Parcel(detail.shipment.number, list(articles.values()), weight, packages)


@dataclass(frozen=True, slots=True)
class WaitingParcel:
    """A parcel of a list that has not been packed; it is `picked` when nothing of it is to be picked any more."""

    number: str
    orders: str
    totes: str
    quantity: int
    picked: bool
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PackingList:
    """A pick list as it is packed: how many parcels it made, and which of them wait, oldest first."""

    number: str
    location: str
    parcels: int
    waiting: list[WaitingParcel]

    @property
    def packed(self) -> int:
        """How many of its parcels are packed."""
        return self.parcels - len(self.waiting)

    def wants(self, code: str) -> WaitingParcel | None:
        """Return the oldest parcel that wants an article: one that is picked; else, one that is not yet."""
        meant = plain_code(code)
        wanting = [each for each in self.waiting if meant in each.codes]
        return next((each for each in wanting if each.picked), next(iter(wanting), None))


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
  where s.status <> 'cancelled'
    and s.id in (select k.shipment_id from picklists_line k where k.pick_list_id = %s and k.quantity > k.cancelled)
) h group by h.parcel order by h.parcel
"""
_WAITING = """
select coalesce(b.number, h.number), string_agg(distinct o.number, ', '), sum(l.quantity), bool_and(a.status = 'picked'),
  array_agg(distinct p.sku), array_agg(distinct p.gtin) filter (where p.gtin <> ''),
  coalesce((select string_agg(distinct k.tote::text, ', ') from picklists_line k
    where k.pick_list_id = %s and k.shipment_id = any(array_agg(h.id)) and k.tote > 0), '')
from shipments_shipment h join orders_order o on o.id = h.order_id
left join shipments_shipment b on b.id = h.combined_into_id and b.status in ('open', 'announced')
join shipments_line l on l.shipment_id = h.id and l.is_live
join allocations_allocation a on a.id = l.allocation_id join catalog_product p on p.id = l.product_id
where (h.id = any(%s) or h.combined_into_id = any(%s)) and h.status in ('open', 'announced')
group by coalesce(b.id, h.id), 1 order by coalesce(b.id, h.id)
"""


def packing_list(actor: Actor, code: str) -> PackingList | None:
    """Return what is to be packed of the pick list that a code means; None when it means none."""
    plain = code.replace("\0", "")
    for number in dict.fromkeys((plain, plain.upper())):
        try:
            found = pick_list_detail_by_number(actor, number).pick_list
        except NotFound:
            continue
        if found.status == "cancelled":
            return None
        parcels = sql.read(_PARCELS, [found.id])
        waiting = [row[0] for row in parcels if row[1]]
        rows = sql.read(_WAITING, [found.id, waiting, waiting])
        return PackingList(found.number, found.location, len(parcels), [_waiting(r) for r in rows])
    return None


def _waiting(row: sql.Row) -> WaitingParcel:
    number, orders, quantity, picked, skus, gtins, totes = row
    codes = tuple(plain_code(code) for code in (*skus, *(gtins or ())))
    return WaitingParcel(number, orders, totes, quantity, picked, codes)


# Each way to call a shipment has its own index; one condition over several tables would read all that is open.
_CALLED = """h.id in (
  select s.id from shipments_shipment s where s.number = %s
  union all select s.id from orders_order o join shipments_shipment s on s.order_id = o.id where o.number = %s
  union all select k.shipment_id from picklists_pick_list w join picklists_line k on k.pick_list_id = w.id
    where w.number = any(%s) and (%s = 0 or k.tote = %s))"""


def find_parcel(actor: Actor, code: str) -> str | None:
    """Return the number of the shipment that waits to leave and that a code means; None when none or several do."""
    found = _meant(actor, code)
    exact = [number for number, is_it in found if is_it]
    return exact[0] if exact else found[0][0] if len(found) == 1 else None


def means_several(actor: Actor, code: str) -> bool:
    """Tell whether a code means more than one shipment that waits to leave, such as an order in two parcels."""
    return len(_meant(actor, code)) > 1


def _meant(actor: Actor, code: str) -> list[tuple[str, bool]]:
    """Return two of the shipments at most that wait to leave and that a code means, and whether it is the shipment's own number.

    What lies in another's parcel is packed with that one. A code is a shipment's number, an order's, a pick list's (of one shipment), or a tote: list, dash, number.
    """
    where = Conditions()
    limit_to_locations(where, actor, "h.location_id")
    if actor.shop_ids is not None:
        where.add("h.shop_id = any(%s::uuid[])", uuid_list(actor.shop_ids))
    where.add("h.status in ('open', 'announced')")
    tote = _TOTE.fullmatch(code)
    walk, number = (tote["list"], int(tote["tote"])) if tote else (code, 0)
    where.add(_CALLED, code, code, [walk, walk.upper()], number, number)
    rows = sql.read(
        "select coalesce(b.number, h.number), bool_or(h.number = %s) from shipments_shipment h "
        "left join shipments_shipment b on b.id = h.combined_into_id and b.status in ('open', 'announced') "
        f"where {where.where()} group by 1 order by 2 desc limit 2",
        [code, *where.params],
    )
    return [(number, is_it) for number, is_it in rows]


@dataclass(frozen=True, slots=True)
class ToPack:
    """A parcel that can be packed now."""

    number: str
    order: str
    customer: str
    quantity: int


# What lies in another's parcel is packed with that one, and what the customer collects is packed when it lies ready. Where a shop
# ships only what has been picked, all of it has been.
_TO_PACK = """
select h.number, o.number, o.customer_name, x.quantity from shipments_shipment h
join orders_order o on o.id = h.order_id and o.status in ('awaiting_shipment', 'partially_shipped', 'awaiting_stock')
join shops_shop s on s.id = h.shop_id
cross join lateral (select sum(l.quantity)::int as quantity, bool_and(a.status = 'picked') as picked,
  bool_or(a.status = 'picking') as picking from shipments_line l join allocations_allocation a on a.id = l.allocation_id
  where l.shipment_id = h.id and l.is_live) x
where h.status in ('open', 'announced') and (h.status = 'open' or o.collect_location_id is null)
  and h.combined_into_id is null and {where}
  and x.quantity > 0 and (x.picked or (not s.use_pick_lists and not x.picking))
order by o.priority desc, h.id limit %s
"""


def parcels_to_pack(actor: Actor, location: str, *, limit: int) -> list[ToPack]:
    """Return what can be packed at a location, announced or not, urgent orders first, then the oldest; one statement."""
    where = Conditions()
    where.add("h.location_id = (select id from stock_location where code = %s)", location)
    limit_to_locations(where, actor, "h.location_id")
    if actor.shop_ids is not None:
        where.add("h.shop_id = any(%s::uuid[])", uuid_list(actor.shop_ids))
    rows = sql.read(_TO_PACK.format(where=where.where()), [*where.params, limit])
    return [ToPack(*row) for row in rows]
