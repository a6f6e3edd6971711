"""What belongs into the box of a shipment that is packed."""

from collections.abc import Sequence
from dataclasses import dataclass

from orderwerk.core import sql
from orderwerk.shipments.queries import ShipmentDetail
from orderwerk.shipments.serial_queries import articles_by_serial


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
