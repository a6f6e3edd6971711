"""Reads of the boxes that shops pack in, and which one is proposed for a weight."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import msgspec

from orderwerk.core import keyset, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import NotFound
from orderwerk.core.keyset import Conditions, Page, Select
from orderwerk.core.structs import made_of
from orderwerk.orders.visibility import limit_to_shops
from orderwerk.shipments.commands.set_box_sizes import BoxSizeItem


class BoxSizesRow(msgspec.Struct, frozen=True):
    """A shop's boxes in their order; `id` is the shop's."""

    id: UUID
    shop: str
    shop_name: str
    boxes: list[BoxSizeItem]
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BoxSizesFilters:
    """What the list of boxes is narrowed to."""

    shop: str | None = None


_COLUMNS = (
    "s.id, s.code, s.name, (select coalesce(jsonb_agg(jsonb_build_object('name', b.name, 'length_mm', b.length_mm, 'width_mm', b.width_mm, "
    "'height_mm', b.height_mm, 'weight_grams', b.weight_grams, 'max_weight_grams', b.max_weight_grams) order by b.position), '[]') "
    "from shipments_box_size b where b.shop_id = s.id), coalesce((select v.version from shipments_boxes v where v.shop_id = s.id), 0)"
)
_SORT = keyset.sortings(code=(("s.code", "text"),))["code"]


def _row(row: sql.Row) -> BoxSizesRow:
    boxes = made_of(sql.from_json(row[3]), list[BoxSizeItem])
    return BoxSizesRow(row[0], row[1], row[2], boxes, row[4])


def box_sizes_page(
    actor: Actor, filters: BoxSizesFilters, *, cursor: str | None = None, limit: int = 50
) -> Page[BoxSizesRow]:
    """Return one page of shops with their boxes; one statement."""
    where = Conditions()
    limit_to_shops(where, actor, "s.id")
    where.narrow(filters, {"shop": "s.code = %s"})
    rows, more = keyset.fetch_page(Select(_COLUMNS, "shops_shop s", where), _SORT, cursor, limit)
    return Page([_row(row) for row in rows], more)


def box_sizes_detail(actor: Actor, shop_id: UUID) -> BoxSizesRow:
    """Return one shop's boxes; one statement. Refuses with NotFound."""
    where = Conditions()
    limit_to_shops(where, actor, "s.id")
    where.add("s.id = %s", shop_id)
    rows = sql.read(f"select {_COLUMNS} from shops_shop s where {where.where()}", where.params)
    if not rows:
        raise NotFound(f"There are no box sizes {shop_id}.", code="unknown_shop")
    return _row(rows[0])


def box_sizes_of_shop(actor: Actor, code: str) -> BoxSizesRow:
    """Return the boxes of a shop; one statement. Refuses with NotFound."""
    found = box_sizes_page(actor, BoxSizesFilters(shop=code), limit=1).items
    if not found:
        raise NotFound(f"There is no shop {code[:60]}.", code="unknown_shop")
    return found[0]


def proposed_box(boxes: Sequence[BoxSizeItem], weight_grams: int) -> BoxSizeItem | None:
    """Return the smallest box that bears a weight, by volume; None where the weight is not known or none bears it.

    A box without a bound bears everything, and is proposed after those that say that they do.
    """
    if not weight_grams:
        return None
    fit = [box for box in boxes if (box.max_weight_grams or weight_grams) >= weight_grams]
    return min(
        fit,
        key=lambda b: (b.max_weight_grams is None, b.length_mm * b.width_mm * b.height_mm),
        default=None,
    )
