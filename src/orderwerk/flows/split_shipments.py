"""Takes a part of an open shipment into a parcel of its own: a pure regrouping, no piece changes its state."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

import msgspec

from orderwerk.allocations.commands.claim import NewAllocation, claim_stock
from orderwerk.core import fields, ids, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import BadInput, Refusal, WrongState
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import STILL, Move, Subject, UnitOfWork, retrying, unit_of_work
from orderwerk.flows.held import Held, held_by_shipments
from orderwerk.flows.named_lines import allocations_of, named_pieces
from orderwerk.orders.document import MAX_LINES
from orderwerk.picklists.picked_serials import forget_serials
from orderwerk.shipments.events import SHIPMENT_LINES_CHANGED, SHIPMENT_OPENED
from orderwerk.shipments.locking import ShipmentState, check_not_shipped, lock_shipments
from orderwerk.shipments.packing import taken_out
from orderwerk.shipments.proposals import propose_again, unchosen
from orderwerk.shipments.regroup import NewPart, add_lines, open_parts, put_lines, touch


class SplitLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """So many pieces of one shipment line."""

    shipment_line_id: UUID
    quantity: fields.Quantity


class SplitShipmentItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An open shipment, and what of it is to go in a shipment of its own."""

    shipment_id: UUID
    lines: Annotated[list[SplitLine], msgspec.Meta(min_length=1, max_length=MAX_LINES)]


@dataclass(frozen=True, slots=True)
class _Split:
    """One shipment, the new one beside it, and the pieces of each claim that go over."""

    shipment: ShipmentState
    part: NewPart
    pieces: dict[UUID, int]

    @property
    def units(self) -> int:
        return sum(self.pieces.values())


def split_shipments(items: Sequence[SplitShipmentItem], *, actor: Actor) -> list[Outcome]:
    """Open a further shipment at the same location and let the named pieces go with it.

    Refuses with NotFound, with WrongState a shipment that has left, one of which nothing would stay, or pieces that stand
    on an open pick list, with LimitExceeded more of a line than it holds, with BadInput a line named twice.
    """
    return retrying(lambda: _split(items, actor))


def _split(items: Sequence[SplitShipmentItem], actor: Actor) -> list[Outcome]:
    with unit_of_work(actor) as unit:
        shipments, _ = lock_shipments(unit, [item.shipment_id for item in items])
        held: dict[UUID, list[Held]] = defaultdict(list)
        for claim in held_by_shipments(shipments):
            held[claim.shipment_id].append(claim)
        names = allocations_of(line for item in items for line in item.lines)
        splits: dict[UUID, _Split] = {}
        outcomes: list[Outcome] = []
        for item in items:
            try:
                shipment = check_not_shipped(shipments.get(item.shipment_id))
                if shipment.id in splits:
                    raise BadInput("The shipment is named twice.", code="duplicate_shipment")
                pieces = _pieces(item, held[shipment.id], names)
            except Refusal as refusal:
                outcomes.append(Outcome.refused(refusal))
                continue
            part = NewPart(ids.new_id(), shipment.id)
            splits[shipment.id] = _Split(shipment, part, pieces)
            outcomes.append(Outcome.done(part.id, from_shipment_id=shipment.id))
        untouched = unchosen(splits)
        numbers = open_parts([split.part for split in splits.values()])
        _carry_out(list(splits.values()), {c.id: c for claims in held.values() for c in claims})
        _record(unit, list(splits.values()), numbers)
        propose_again(unit, [k for x in untouched for k in (x, splits[x].part.id)])
    return [
        Outcome.done(o.id, **o.data, number=numbers[o.id]) if o.ok and o.id else o for o in outcomes
    ]


def _pieces(
    item: SplitShipmentItem, claims: Sequence[Held], names: Mapping[UUID, UUID]
) -> dict[UUID, int]:
    pieces = named_pieces(item.lines, claims, names, too_many="too_many_to_split")
    for claim in claims:
        if claim.id in pieces:
            check_not_picking(claim)
    if sum(pieces.values()) == sum(claim.quantity for claim in claims):
        raise WrongState("Nothing would stay in the shipment.", code="nothing_stays")
    return pieces


def check_not_picking(claim: Held) -> None:
    """Refuse (WrongState) to regroup goods that stand on an open pick list: the list names their shipment."""
    if claim.status == "picking":
        raise WrongState(
            "Goods of this are being picked; finish or cancel the pick list first.",
            code="being_picked",
        )


_SHRINK = """
update allocations_allocation a set quantity = t.stays, picked = t.picked
from unnest(%s::uuid[], %s::int[], %s::int[]) as t(id, stays, picked) where a.id = t.id
"""
_SHRINK_LINES = f"""
with shrunk as (
  update shipments_line l set quantity = t.stays, packed = 0
  from unnest(%s::uuid[], %s::int[]) as t(allocation_id, stays) where l.allocation_id = t.allocation_id and l.is_live
  returning l.id
), {taken_out("shrunk")}
delete from shipments_package_line p using shrunk s where p.shipment_line_id = s.id
"""


def _carry_out(splits: Sequence[_Split], claims: Mapping[UUID, Held]) -> None:
    whole: dict[UUID, UUID] = {}
    cut: list[tuple[Held, NewAllocation, UUID]] = []
    for split in splits:
        for key, pieces in split.pieces.items():
            claim = claims[key]
            if pieces == claim.quantity:
                whole[key] = split.part.id
                continue
            # What is not picked goes first, so that a claim stays picked or not picked as a whole.
            picked = max(0, pieces - (claim.quantity - claim.picked))
            new = NewAllocation(
                ids.new_id(), claim.shop_id, claim.order_id, claim.order_line_id, claim.product_id, claim.location_id, pieces,
                claim.why_then("split", split.shipment.location), picked, claim.status,
            )  # fmt: skip
            cut.append((claim, new, split.part.id))
    stays = [claim.quantity - new.quantity for claim, new, _ in cut]
    keys = [claim.id for claim, _, _ in cut]
    sql.execute(_SHRINK, (keys, stays, [claim.picked - new.picked for claim, new, _ in cut]))
    sql.execute(_SHRINK_LINES, (keys, stays))
    claim_stock([new for _, new, _ in cut], already_counted=True)
    moved = [claims[key] for key in whole] + [claim for claim, new, _ in cut if new.picked]
    forget_serials([(claim.order_id, claim.id) for claim in moved if claim.picked])
    put_lines(whole)
    add_lines({new.id: (new, shipment_id) for _, new, shipment_id in cut})


def _record(unit: UnitOfWork, splits: Sequence[_Split], numbers: Mapping[UUID, str]) -> None:
    versions = touch([split.shipment.id for split in splits])
    for split in splits:
        s = split.shipment
        unit.record(
            SHIPMENT_LINES_CHANGED,
            Subject("shipment", s.id, versions[s.id], s.order_id, s.shop_id),
            STILL,
            {"number": s.number, "removed": split.units},
        )
        unit.record(
            SHIPMENT_OPENED,
            Subject("shipment", split.part.id, 1, s.order_id, s.shop_id),
            Move(None, "open"),
            {"number": numbers[split.part.id], "units": split.units},
        )
