"""Reads of products."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec
from typing_extensions import override

from orderwerk.core import keyset, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import NotFound
from orderwerk.core.keyset import Conditions, Page, Select, prefix_range, word_query
from orderwerk.core.structs import made_of


class KitPart(msgspec.Struct, frozen=True):
    """So many pieces of a product in one kit."""

    sku: str
    quantity: int

    @override
    def __str__(self) -> str:
        """Write it as people do on a list."""
        return f"{self.quantity} x {self.sku}"


class ProductRow(msgspec.Struct, frozen=True):
    """One product, with what all locations that the reader may see hold of it; a kit has `components`."""

    id: UUID
    sku: str
    name: str
    gtin: str | None
    weight_grams: int | None
    image_url: str | None
    hs_code: str | None
    origin_country: str | None
    tracking: str
    min_shelf_days: int
    substitutes: list[str]
    vat_exemption: str | None
    vat_exemption_code: str | None
    version: int
    created_at: datetime
    updated_at: datetime
    on_hand: int
    allocated: int
    components: list[KitPart]


def _product(row: sql.Row) -> ProductRow:
    return ProductRow(*(*row[:-1], made_of(sql.from_json(row[-1]), list[KitPart])))


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductFilters:
    """What a list of products is narrowed to; `q` begins a sku, is a GTIN, or has words of the name."""

    sku: str | None = None
    gtin: str | None = None
    q: str | None = None


_CONDITIONS = {"sku": "p.sku = %s", "gtin": "p.gtin = %s"}
_SORTS = keyset.sortings(sku=(("p.sku", "text"),), updated_at=(("p.updated_at", "timestamptz"), ("p.id", "uuid")))  # fmt: skip


def search_products(where: Conditions, text: str) -> None:
    """Keep products (`p`) whose sku begins with a text, whose GTIN it is, or whose name has its words."""
    condition, params = prefix_range("sku", text)
    upper, more = prefix_range("sku", text.upper())
    where.add(
        f"p.id in (select id from catalog_product where {condition} union select id from catalog_product where {upper} "
        "union select id from catalog_product where gtin = %s union "
        "select id from catalog_product where to_tsvector('simple', name) @@ to_tsquery('simple', %s))",
        *params,
        *more,
        text,
        word_query(text),
    )


def _select(actor: Actor, where: Conditions) -> Select:
    places = None if actor.location_ids is None else sorted(actor.location_ids)
    columns = (
        "p.id, p.sku, p.name, p.gtin, p.weight_grams, p.image_url, p.hs_code, p.origin_country, p.tracking, p.min_shelf_days, p.substitutes, p.vat_exemption, p.vat_exemption_code, p.version, p.created_at, "
        "p.updated_at, coalesce(v.on_hand, 0)::bigint, coalesce(v.allocated, 0)::bigint, "
        "coalesce((select jsonb_agg(jsonb_build_object('sku', x.sku, 'quantity', c.quantity) order by x.sku) "
        "from catalog_component c join catalog_product x on x.id = c.product_id where c.kit_id = p.id), '[]')::text"
    )
    source = (
        "catalog_product p cross join mine left join lateral (select sum(on_hand) as on_hand, sum(allocated) as allocated "
        "from stock_level where product_id = p.id and (mine.places is null or location_id = any(mine.places))) v on true"
    )
    return Select(columns, source, where, "with mine as (select %s::uuid[] as places)", [places])


def product_page(
    actor: Actor,
    filters: ProductFilters,
    *,
    sort: str = "sku",
    cursor: str | None = None,
    limit: int = 50,
) -> Page[ProductRow]:
    """Return one page of products, by sku unless sorted otherwise; one statement."""
    where = Conditions()
    where.narrow(filters, _CONDITIONS)
    if filters.q and filters.q.strip():
        search_products(where, filters.q.strip()[:200])
    sorting = keyset.chosen(_SORTS, sort)
    rows, more = keyset.fetch_page(_select(actor, where), sorting, cursor, limit)
    return Page([_product(row) for row in rows], more)


def products_by_id(actor: Actor, product_ids: Sequence[UUID]) -> list[ProductRow]:
    """Return products by their ids, by sku; one statement."""
    where = Conditions()
    where.add("p.id = any(%s::uuid[])", list(product_ids))
    select = _select(actor, where)
    rows = sql.read(
        f"{select.before} select {select.columns} from {select.source} where {where.where()} order by p.sku",
        [*select.before_params, *where.params],
    )
    return [_product(row) for row in rows]


def product_detail(actor: Actor, product_id: UUID) -> ProductRow:
    """Return one product; one statement. Refuses with NotFound."""
    found = products_by_id(actor, [product_id])
    if not found:
        raise NotFound(f"There is no product {product_id}.", code="unknown_product")
    return found[0]


def product_detail_by_sku(actor: Actor, sku: str) -> ProductRow:
    """Return the product of a sku; one statement. Refuses with NotFound."""
    found = product_page(actor, ProductFilters(sku=sku), limit=1).items
    if not found:
        raise NotFound(f"There is no product {sku[:100]}.", code="unknown_product")
    return found[0]
