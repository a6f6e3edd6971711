"""What a device needs to know of a location before it loses its connection: bins, articles, and what lies where."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from orderwerk.core import sql
from orderwerk.core.actor import Actor
from orderwerk.stock.visibility import limit_to_places

# A device holds this much and looks the rest up; a phone reads it in well under a second.
MOST_BINS = 20_000
MOST_CONTENTS = 10_000


class FloorBin(NamedTuple):
    """A bin that goods may lie in."""

    code: str
    use: str


def bins_of(actor: Actor, location: str) -> list[FloorBin]:
    """Return the bins of a location in walking order, without the staging bin; one statement."""
    where = limit_to_places(actor, "l.id")
    where.add("l.code = %s and b.kind = 'pick'", location)
    rows = sql.read(
        f"select b.code, b.use from stock_bin b join stock_location l on l.id = b.location_id where {where.where()} "
        "order by b.position, b.code limit %s",
        [*where.params, MOST_BINS],
    )
    return [FloorBin(*row) for row in rows]


_ARTICLES = """
select p.sku, p.name, p.gtin, p.tracking, b.code, s.lot, s.quantity, case when t.is_blocked then 0 else s.quantity - s.planned end,
  t.expires_on
from catalog_product p
join stock_location l on l.code = %s
left join stock_bin_stock s on s.product_id = p.id and s.location_id = l.id and s.quantity > 0
left join stock_bin b on b.id = s.bin_id and b.kind = 'pick'
left join stock_lot t on s.lot <> '' and t.product_id = s.product_id and t.code = s.lot
where {where}
order by b.position, b.code, p.sku, s.lot limit %s
"""


def articles_at(actor: Actor, location: str, skus: Iterable[str]) -> list[dict[str, Any]]:
    """Return named articles with what lies in each bin of a location; one statement."""
    return _articles(actor, location, "p.sku = any(%s)", [list(skus)])


def all_articles_at(actor: Actor, location: str) -> list[dict[str, Any]]:
    """Return what lies at a location, as much of it as a device holds; one statement."""
    return _articles(actor, location, "b.id is not null", [])


def find_article(actor: Actor, location: str, code: str) -> dict[str, Any] | None:
    """Return the article that a scanned code means, by sku or GTIN with or without leading zeros; one statement."""
    bare = code.lstrip("0")
    gtins = [bare.zfill(n) for n in (8, 12, 13, 14)] + [bare] if code.isdigit() and bare else []
    skus = list(dict.fromkeys([code, code.upper(), code.lower()]))
    found = _articles(actor, location, "(p.sku = any(%s) or p.gtin = any(%s))", [skus, gtins])
    named = [article for article in found if article["sku"] == code]
    return next(iter(named or found), None)


def _articles(
    actor: Actor, location: str, extra: str, params: Sequence[Any]
) -> list[dict[str, Any]]:
    where = limit_to_places(actor, "l.id")
    where.add(extra, *params)
    statement = _ARTICLES.format(where=where.where())
    found: dict[str, dict[str, Any]] = {}
    for sku, name, gtin, tracking, code, lot, quantity, free, day in sql.read(
        statement, [location, *where.params, MOST_CONTENTS]
    ):
        article = found.setdefault(sku, {
            "sku": sku, "name": name, "codes": [c for c in (sku, gtin) if c], "at": {}, "byLot": tracking == "lot", "lots": {},
        })  # fmt: skip
        if code is None:
            continue
        before = article["at"].get(code, [0, 0])
        article["at"][code] = [before[0] + quantity, before[1] + free]
        if lot:
            known = article["lots"].setdefault(lot, {"until": day.isoformat() if day else "", "at": {}})  # fmt: skip
            known["at"][code] = [quantity, free]
    return list(found.values())
