"""Makes bins and sets their place in the walking route."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec

from orderwerk.core import fields, ids, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import BadInput, Refusal
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import STILL, Subject, retrying, unit_of_work
from orderwerk.stock.events import BIN_SET
from orderwerk.stock.shelves import STAGING_BIN, look_up

Zone = Annotated[str, msgspec.Meta(max_length=60, pattern=r"^[^\r\n\t]*(?![\s\S])")]


class BinItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A bin of a location; pickers walk bins by ascending position. What else is left out stays as it is.

    Pickers take from faces first; `bulk` is asked only for what the faces lack, `receiving` (goods that came
    in and wait to be put away) last of all. `aisle` (counted from the depot) and
    `depth` in it, in places or metres, tell how far a walk is; without them `position` does.
    """

    location: fields.Code
    bin: fields.Code
    position: Annotated[int, msgspec.Meta(ge=0, le=1_000_000)] = 0
    zone: Zone | None = None
    use: Literal["face", "bulk", "receiving"] | None = None
    aisle: Annotated[int, msgspec.Meta(ge=0, le=999)] | None = None
    depth: Annotated[int, msgspec.Meta(ge=0, le=1_000_000)] | None = None


def set_bins(items: Sequence[BinItem], *, actor: Actor) -> list[Outcome]:
    """Create bins or move them in the route; the staging bin keeps its place at the end."""
    return retrying(lambda: _set(items, actor))


def _set(items: Sequence[BinItem], actor: Actor) -> list[Outcome]:
    with unit_of_work(actor) as unit:
        unit.lock_settings([("bin", i.location, i.bin) for i in items])
        names = look_up([], [i.location for i in items], [i.bin for i in items], actor=actor)
        known = _known(list(names.bins.values()))
        rows: dict[tuple[object, str], dict[str, object]] = {}
        outcomes: list[Outcome] = []
        for item in items:
            try:
                location = names.location(item.location)
                if item.bin == STAGING_BIN:
                    raise BadInput(
                        "The staging bin keeps its place.", code="staging_bin", pointer="/bin"
                    )
            except Refusal as refusal:
                outcomes.append(Outcome.refused(refusal))
                continue
            bin_id = names.bins.get((location, item.bin)) or ids.new_id()
            names.bins[(location, item.bin)] = bin_id
            given = {name: getattr(item, name) for name in _KEPT if getattr(item, name) is not None}
            known[bin_id] = {**_NEW, **known.get(bin_id, {}), **given}
            rows[(location, item.bin)] = {
                "id": bin_id, "location_id": location, "code": item.bin, "kind": "pick", "position": item.position,
                **known[bin_id],
            }  # fmt: skip
            unit.record(BIN_SET, Subject("location", location), STILL, msgspec.to_builtins(item))
            outcomes.append(Outcome.done(bin_id, bin=item.bin))
        sql.insert_rows(
            "stock_bin",
            "id uuid, location_id uuid, code text, kind text, position int, zone text, use text, aisle int, depth int",
            list(rows.values()),
            tail="on conflict (location_id, code) do update set position = excluded.position, zone = excluded.zone, "
            "use = excluded.use, aisle = excluded.aisle, depth = excluded.depth returning id",
        )
    return outcomes


# What stays as it is when an item does not say it, and what a new bin has then.
_KEPT = ("zone", "use", "aisle", "depth")
_NEW: dict[str, Any] = {"zone": "", "use": "face", "aisle": 0, "depth": None}


def _known(bin_ids: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
    rows = sql.fetch(
        "select id, zone, use, aisle, depth from stock_bin where id = any(%s)", (list(bin_ids),)
    )
    return {row[0]: dict(zip(_KEPT, row[1:], strict=True)) for row in rows}
