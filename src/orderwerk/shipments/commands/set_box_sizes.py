"""Sets in which boxes a shop packs: what the packing table lets people choose from."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

import msgspec

from orderwerk.core import fields, ids, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import BadInput, Conflict, NotFound, Refusal
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
    """All boxes of a shop, in the order in which they are shown; none: packing asks for no box.

    `version`: of the boxes that were looked at, where nobody may have changed them meanwhile (0: nobody had set any).
    """

    shop: fields.Code
    boxes: Annotated[list[BoxSizeItem], msgspec.Meta(max_length=MOST_BOXES)]
    version: int | None = None


def set_box_sizes(items: Sequence[BoxSizesItem], *, actor: Actor) -> list[Outcome]:
    """Set the boxes of shops; packages that were packed keep what they were packed in.

    Refuses with NotFound a shop that is not there, with BadInput too many boxes or two of one name, with Conflict a `version` that
    is not the present one, with NotAllowed who is limited to locations.
    """
    actor.ensure_every_location()
    return retrying(lambda: _set(items, actor))


_COLUMNS = (
    "id uuid, shop_id uuid, position int, name text, length_mm int, width_mm int, height_mm int, weight_grams int, "
    "max_weight_grams int"
)


_OVERWRITE = "on conflict (shop_id) do update set version = excluded.version returning id"
_SHOPS = """
select s.code, s.id, v.id, coalesce(v.version, 0) from shops_shop s left join shipments_boxes v on v.shop_id = s.id
where s.code = any(%s) order by s.code for no key update of s
"""


@dataclass(slots=True)
class _Shop:
    """A shop that is locked, with the version of its boxes; `key` is that of the version's row."""

    id: UUID
    key: UUID
    version: int


def _set(items: Sequence[BoxSizesItem], actor: Actor) -> list[Outcome]:
    with unit_of_work(actor) as unit:
        codes = sorted({item.shop for item in items})
        unit.lock_settings([("box_sizes", code) for code in codes])
        shops = {
            code: _Shop(key, row or ids.new_id(), version)
            for code, key, row, version in sql.fetch(_SHOPS, (codes,))
            if actor.may_see_shop(key)
        }
        written: dict[UUID, list[BoxSizeItem]] = {}
        outcomes: list[Outcome] = []
        for item in items:
            try:
                shop = _check(item, shops)
            except Refusal as refusal:
                outcomes.append(Outcome.refused(refusal))
                continue
            written[shop.id] = item.boxes
            shop.version += 1
            data = {"shop": item.shop, "boxes": msgspec.to_builtins(item.boxes)}
            subject = Subject("box_sizes", shop.key, shop.version, None, shop.id)
            unit.record(BOX_SIZES_SET, subject, STILL, data)
            outcomes.append(
                Outcome.done(shop.id, shop=item.shop, boxes=len(item.boxes), version=shop.version)
            )
        sql.execute("delete from shipments_box_size where shop_id = any(%s)", (list(written),))
        made = [
            {"id": ids.new_id(), "shop_id": shop_id, "position": n, **msgspec.to_builtins(box)}
            for shop_id, boxes in written.items()
            for n, box in enumerate(boxes, start=1)
        ]
        sql.insert_rows("shipments_box_size", _COLUMNS, made)
        versions = [{"id": s.key, "shop_id": s.id, "version": s.version} for s in shops.values() if s.id in written]  # fmt: skip
        sql.insert_rows("shipments_boxes", "id uuid, shop_id uuid, version int", versions, tail=_OVERWRITE)  # fmt: skip
    return outcomes


def _check(item: BoxSizesItem, shops: dict[str, _Shop]) -> _Shop:
    if item.shop not in shops:
        raise NotFound(f"There is no shop {item.shop}.", code="unknown_shop", pointer="/shop")
    shop = shops[item.shop]
    if item.version not in {None, shop.version}:
        raise Conflict(
            f"Somebody changed the boxes meanwhile: they are at version {shop.version} now. Look at them again first.",
            code="stale_boxes",
            pointer="/version",
        )
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
    return shop
