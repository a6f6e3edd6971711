"""What the packing table needs: which shipment a code means, and what belongs into its box."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from orderwerk.core import sql
from orderwerk.core.actor import Actor
from orderwerk.core.keyset import Conditions
from orderwerk.orders.visibility import limit_to_locations, uuid_list
from orderwerk.shipments.queries import ShipmentDetail
from orderwerk.shipments.serial_queries import articles_by_serial

_TOTE = re.compile(r"(?P<list>.+)-(?P<tote>\d{1,5})")


@dataclass(frozen=True, slots=True)
class Article:
    """So many pieces of an article belong into the box; `serials` are those that are known of them."""

    sku: str
    name: str
    image_url: str | None
    codes: list[str]
    quantity: int
    by_serial: bool = False
    serials: tuple[str, ...] = ()


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
        "select id, gtin, coalesce(weight_grams, 0), tracking = 'serial' from catalog_product where id = any(%s::uuid[])",
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
            numbers.get(line.sku, ()),
        )  # fmt: skip
        weight += grams * line.quantity
    packages = max(1, len(detail.parts.packages))
    return Parcel(detail.shipment.number, list(articles.values()), weight, packages)


def find_parcel(actor: Actor, code: str) -> str | None:
    """Return the number of the shipment that waits to leave and that a code means; None when none or several do.

    What lies in another's parcel is packed with that one. A code is a shipment's number, an order's, a pick list's (of one shipment), or a tote: list, dash, number.
    """
    where = Conditions()
    limit_to_locations(where, actor, "h.location_id")
    if actor.shop_ids is not None:
        where.add("h.shop_id = any(%s::uuid[])", uuid_list(actor.shop_ids))
    where.add("h.status in ('open', 'announced')")
    tote = _TOTE.fullmatch(code)
    walk, number = (tote["list"], int(tote["tote"])) if tote else (code, 0)
    where.add(
        "(h.number = %s or o.number = %s or h.id in (select k.shipment_id from picklists_line k "
        "join picklists_pick_list w on w.id = k.pick_list_id where w.number = any(%s) and (%s = 0 or k.tote = %s)))",
        code, code, [walk, walk.upper()], number, number,
    )  # fmt: skip
    rows = sql.read(
        "select coalesce(b.number, h.number), bool_or(h.number = %s) from shipments_shipment h join orders_order o on o.id = h.order_id "
        "left join shipments_shipment b on b.id = h.combined_into_id and b.status in ('open', 'announced') "
        f"where {where.where()} group by 1 order by 2 desc limit 2",
        [code, *where.params],
    )
    exact = [number for number, is_it in rows if is_it]
    return exact[0] if exact else rows[0][0] if len(rows) == 1 else None
