"""Sets in which boxes a shop packs: what the packing table lets people choose from."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

import msgspec

from orderwerk.core import fields, ids, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import BadInput, NotFound, Refusal
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import STILL, Subject, retrying, unit_of_work
from orderwerk.shipments.events import BOX_SIZES_SET
from orderwerk.shipments.packing import Millimetres

MOST_BOXES = 50
_OwnWeight = Annotated[int, msgspec.Meta(ge=0, le=100_000)]
_MostWeight = Annotated[int, msgspec.Meta(ge=1, le=100_000_000)]


class BoxSizeItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A box: its size, what it weighs empty, and the most weight that goes into it, where that is known."""

    name: fields.Name
    length_mm: Millimetres
    width_mm: Millimetres
    height_mm: Millimetres
    weight_grams: _OwnWeight = 0
    max_weight_grams: _MostWeight | None = None


class BoxSizesItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """All boxes of a shop, in the order in which they are shown; none: packing asks for no box."""

    shop: fields.Code
    boxes: Annotated[list[BoxSizeItem], msgspec.Meta(max_length=MOST_BOXES)]


def set_box_sizes(items: Sequence[BoxSizesItem], *, actor: Actor) -> list[Outcome]:
    """Set the boxes of shops; packages that were packed keep what they were packed in.

    Refuses with NotFound a shop that is not there, with BadInput too many boxes or two of one name, with NotAllowed who is limited to
    locations.
    """
    actor.ensure_every_location()
    return retrying(lambda: _set(items, actor))


_COLUMNS = (
    "id uuid, shop_id uuid, position int, name text, length_mm int, width_mm int, height_mm int, weight_grams int, "
    "max_weight_grams int"
)


def _set(items: Sequence[BoxSizesItem], actor: Actor) -> list[Outcome]:
    with unit_of_work(actor) as unit:
        codes = sorted({item.shop for item in items})
        unit.claim_locks("settings", [("shop", code) for code in codes])
        rows = sql.fetch("select code, id from shops_shop where code = any(%s) order by code for no key update", (codes,))  # fmt: skip
        shops = {row[0]: row[1] for row in rows if actor.may_see_shop(row[1])}
        written: dict[UUID, list[BoxSizeItem]] = {}
        outcomes: list[Outcome] = []
        for item in items:
            try:
                shop_id = _check(item, shops)
            except Refusal as refusal:
                outcomes.append(Outcome.refused(refusal))
                continue
            written[shop_id] = item.boxes
            data = {"shop": item.shop, "boxes": msgspec.to_builtins(item.boxes)}
            unit.record(BOX_SIZES_SET, Subject("box_sizes", shop_id, None, None, shop_id), STILL, data)  # fmt: skip
            outcomes.append(Outcome.done(shop_id, shop=item.shop, boxes=len(item.boxes)))
        sql.execute("delete from shipments_box_size where shop_id = any(%s)", (list(written),))
        made = [
            {"id": ids.new_id(), "shop_id": shop_id, "position": n, **msgspec.to_builtins(box)}
            for shop_id, boxes in written.items()
            for n, box in enumerate(boxes, start=1)
        ]
        sql.insert_rows("shipments_box_size", _COLUMNS, made)
    return outcomes


def _check(item: BoxSizesItem, shops: dict[str, UUID]) -> UUID:
    if item.shop not in shops:
        raise NotFound(f"There is no shop {item.shop}.", code="unknown_shop", pointer="/shop")
    if len(item.boxes) > MOST_BOXES:
        raise BadInput(
            f"A shop has at most {MOST_BOXES} boxes.", code="too_many_boxes", pointer="/boxes"
        )
    names: set[str] = set()
    for index, box in enumerate(item.boxes):
        if box.name in names:
            raise BadInput(
                f"Two boxes are called {box.name}.",
                code="duplicate_box",
                pointer=f"/boxes/{index}/name",
            )
        names.add(box.name)
    return shops[item.shop]
