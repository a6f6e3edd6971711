"""Writes pick lists for planned claims: how they are split over walks, their totes, their waves, their history."""

from collections import defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from orderwerk.core import clock, ids, numbering, sql
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import STILL, Move, Subject, UnitOfWork
from orderwerk.picklists.batching import Caps, Parcel, near_batches
from orderwerk.picklists.events import ORDER_PICK_LISTED, PICK_LIST_CREATED, WAVE_CREATED
from orderwerk.picklists.selection import Claim
from orderwerk.stock.shelves import BinRow


@dataclass(frozen=True, slots=True)
class Planned:
    """A claim with the bins that its pieces are planned in."""

    claim: Claim
    parts: list[tuple[BinRow, int]]


@dataclass(frozen=True, slots=True)
class ToMake:
    """What one item of the command wants made of its planned claims."""

    location_id: UUID
    kind: str
    method: str
    caps: Caps
    split_by: str | None
    wave: str | None
    planned: list[Planned]


@dataclass(slots=True)
class _Rows:
    """The rows of all that is made in one call."""

    waves: list[dict[str, Any]] = field(default_factory=list)
    lists: list[dict[str, Any]] = field(default_factory=list)
    lines: list[dict[str, Any]] = field(default_factory=list)


def make_lists(unit: UnitOfWork, wanted: Sequence[ToMake]) -> list[Outcome]:
    """Write what is wanted in a fixed number of statements; orders and shelves are locked by the caller."""
    if not wanted:
        return []
    walks = [walks_of(each) for each in wanted]
    numbers = iter(numbering.next_numbers("picklists_number", sum(len(w) for w in walks)))
    named = [each for each in wanted if each.wave]
    waves = iter(numbering.next_numbers("picklists_wave_number", len(named)))
    rows = _Rows()
    outcomes = []
    for each, parts in zip(wanted, walks, strict=True):
        wave = _wave(unit, each, next(waves), len(parts)) if each.wave else None
        rows.waves += [wave] if wave else []
        made = [_list(rows, each, part, f"P{next(numbers)}", wave) for part in parts]
        told: dict[str, Any] = {"pick_lists": [{"id": m["id"], "number": m["number"]} for m in made]}  # fmt: skip
        if wave:
            told["wave"] = {"id": wave["id"], "number": wave["number"]}
        outcomes.append(Outcome.done(made[0]["id"], **told))
    _write(rows)
    _record(unit, rows)
    return outcomes


def _wave(unit: UnitOfWork, each: ToMake, number: int, lists: int) -> dict[str, Any]:
    row: dict[str, Any] = {
        "id": ids.new_id(), "number": f"W{number}", "name": each.wave, "location_id": each.location_id,
        "created_at": clock.now(), "created_by": unit.actor.name,
    }  # fmt: skip
    data = {"number": row["number"], "name": each.wave, "lists": lists}
    unit.record(WAVE_CREATED, Subject("wave", row["id"]), STILL, data)
    return row


def walks_of(each: ToMake) -> list[list[Planned]]:
    """Return the planned claims of each walk: those of one shipment, or of a batch within its limits."""
    if each.kind == "single":
        single: dict[UUID, list[Planned]] = defaultdict(list)
        for planned in each.planned:
            single[planned.claim.shipment_id].append(planned)
        return list(single.values())
    pieces: dict[tuple[UUID, Hashable], list[Planned]] = defaultdict(list)
    for planned in each.planned:
        pieces[(planned.claim.shipment_id, _group(planned, each.split_by))].append(planned)
    parcels = [_parcel(*key, mine) for key, mine in pieces.items()]
    return [
        [planned for parcel in walk for planned in pieces[(parcel.shipment_id, parcel.group)]]
        for walk in near_batches(parcels, each.caps)
    ]


def _group(planned: Planned, split_by: str | None) -> Hashable:
    claim = planned.claim
    match split_by:
        case "carrier":
            return claim.carrier
        case "service":
            return claim.carrier, claim.service
        case "country":
            return claim.country
        case "cut_off":
            return claim.due
        case "zone":
            # A claim stands on one list: where it takes from two zones, the first in walking order has it.
            return planned.parts[0][0].zone
        case _:
            return None


def _parcel(shipment_id: UUID, group: Hashable, mine: Sequence[Planned]) -> Parcel:
    rows = [row for planned in mine for row, _ in planned.parts]
    weight = sum(planned.claim.weight_grams for planned in mine)
    return Parcel(shipment_id, len(rows), weight, tuple(sorted(row.spot for row in rows)), group)


def _list(
    rows: _Rows, each: ToMake, walk: Sequence[Planned], number: str, wave: dict[str, Any] | None
) -> dict[str, Any]:
    made = {
        "id": ids.new_id(), "number": number, "location_id": each.location_id, "kind": each.kind, "method": each.method,
        "wave_id": wave["id"] if wave else None, "status": "open", "assigned_name": "", "created_at": clock.now(), "version": 1,
    }  # fmt: skip
    totes: dict[UUID, int] = {}
    lines: list[tuple[tuple[int, str, UUID, int], dict[str, Any]]] = []
    for planned in walk:
        claim = planned.claim
        tote = totes.setdefault(claim.shipment_id, len(totes) + 1) if each.method == "totes" else 0
        for part, (row, quantity) in enumerate(planned.parts, start=1):
            line = {
                "id": ids.new_id(), "shop_id": claim.shop_id, "pick_list_id": made["id"], "order_id": claim.order_id,
                "location_id": claim.location_id, "shipment_id": claim.shipment_id, "allocation_id": claim.allocation_id,
                "product_id": claim.product_id, "bin_id": row.bin_id, "lot": row.lot, "part": part, "tote": tote,
                "quantity": quantity, "picked": 0, "short": 0, "short_reason": "", "cancelled": 0, "is_open": True,
            }  # fmt: skip
            lines.append(((row.position, row.code, claim.product_id, tote), line))
    lines.sort(key=lambda pair: pair[0])
    for position, (_, line) in enumerate(lines, start=1):
        line["position"] = position
    rows.lists.append(made)
    rows.lines += [line for _, line in lines]
    return made


_WAVE = "id uuid, number text, name text, location_id uuid, created_at timestamptz, created_by text"
_LIST = (
    "id uuid, number text, location_id uuid, kind text, method text, wave_id uuid, status text, assigned_name text, "
    "created_at timestamptz, version int"
)
_LINE = (
    "id uuid, shop_id uuid, pick_list_id uuid, order_id uuid, location_id uuid, shipment_id uuid, allocation_id uuid, "
    "product_id uuid, bin_id uuid, lot text, position int, part int, tote int, quantity int, picked int, short int, "
    "short_reason text, cancelled int, is_open boolean"
)
_START = """
with started as (
  update allocations_allocation set status = 'picking' where id = any(%s)
)
update stock_bin_stock b set planned = b.planned + t.n
from unnest(%s::uuid[], %s::uuid[], %s::uuid[], %s::text[], %s::int[]) as t(product_id, location_id, bin_id, lot, n)
where b.product_id = t.product_id and b.location_id = t.location_id and b.bin_id = t.bin_id and b.lot = t.lot
"""


def _write(rows: _Rows) -> None:
    sql.insert_rows("picklists_wave", _WAVE, rows.waves)
    sql.insert_rows("picklists_pick_list", _LIST, rows.lists)
    sql.insert_rows("picklists_line", _LINE, rows.lines)
    planned: dict[tuple[UUID, UUID, UUID, str], int] = defaultdict(int)
    for line in rows.lines:
        place = (line["product_id"], line["location_id"], line["bin_id"], line["lot"])
        planned[place] += line["quantity"]
    started = list(dict.fromkeys(line["allocation_id"] for line in rows.lines))
    columns = ([place[i] for place in planned] for i in range(4))
    sql.execute(_START, (started, *columns, list(planned.values())))


def _record(unit: UnitOfWork, rows: _Rows) -> None:
    orders: dict[UUID, dict[UUID, UUID]] = defaultdict(dict)
    count: dict[UUID, list[int]] = defaultdict(list)
    for line in rows.lines:
        orders[line["pick_list_id"]][line["order_id"]] = line["shop_id"]
        count[line["pick_list_id"]].append(line["quantity"])
    for row in rows.lists:
        mine = count[row["id"]]
        data = {"number": row["number"], "lines": len(mine), "units": sum(mine)}
        unit.record(PICK_LIST_CREATED, Subject("pick_list", row["id"], 1), Move(None, "open"), data)
        for order_id, shop_id in orders[row["id"]].items():
            subject = Subject("order", order_id, None, order_id, shop_id)
            unit.record(ORDER_PICK_LISTED, subject, STILL, {"number": row["number"]})
