"""Serial numbers of pieces as they are picked: recorded for the shipment that they leave with, beside the pick line."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol
from uuid import UUID

from orderwerk.core import sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import LimitExceeded
from orderwerk.core.uow import UnitOfWork
from orderwerk.picklists.locking import LineState
from orderwerk.shipments.locking import ShipmentState, read_shipments
from orderwerk.shipments.serials import SerialBook, SerialChange, SerialPiece


class Picked(Protocol):
    """So many pieces of a pick line, and the serial numbers of some or all of them."""

    @property
    def pick_line_id(self) -> UUID:
        """The pick line."""

    @property
    def picked(self) -> int:
        """Pieces."""

    @property
    def serials(self) -> Sequence[str]:
        """Their serial numbers, as far as they were scanned."""


_PLACES = """
select l.allocation_id, l.shipment_id, p.sku from shipments_line l join catalog_product p on p.id = l.product_id
where l.allocation_id = any(%s) and l.is_live
"""
_SCANNED = """
select s.shipment_id, p.sku, upper(s.serial) from shipments_serial s join catalog_product p on p.id = s.product_id
where s.shipment_id = any(%s) and s.pick_line_id is not null
"""
_KEEP = """
update shipments_serial s set pick_line_id = l.id
from unnest(%s::uuid[], %s::uuid[], %s::text[]) as t(line_id, shipment_id, serial) join picklists_line l on l.id = t.line_id
where s.shipment_id = t.shipment_id and s.product_id = l.product_id and upper(s.serial) = t.serial
"""


@dataclass(frozen=True, slots=True)
class _Known:
    """Per allocation its shipment and article, the numbers that were scanned at the shelf, and all that are recorded."""

    places: Mapping[UUID, tuple[UUID, str]]
    shipments: Mapping[UUID, ShipmentState]
    scanned: set[tuple[UUID, str, str]]
    book: SerialBook


@dataclass(frozen=True, slots=True)
class Numbers:
    """Checked numbers of one item: what is new for the shipment, and all of them in capitals."""

    line_id: UUID
    shipment_id: UUID
    sku: str
    serials: Collection[str]
    change: SerialChange


class PickedSerials:
    """The serial numbers that items name for their pick lines, whose orders are locked; no statement where none are."""

    def __init__(
        self, items: Sequence[Picked], lines: Mapping[UUID, LineState], actor: Actor
    ) -> None:
        """Keep what is to be read once a number is named."""
        self._named = [
            (lines[item.pick_line_id].allocation_id, item.serials)
            for item in items
            if item.serials and item.pick_line_id in lines
        ]
        self._actor = actor
        self._used: list[Numbers] = []

    @cached_property
    def _known(self) -> _Known:
        places = {
            row[0]: (row[1], row[2])
            for row in sql.fetch(_PLACES, (list({key for key, _ in self._named}),))
        }
        shipments = read_shipments({shipment for shipment, _ in places.values()})
        pieces = [
            SerialPiece(sku=places[key][1], serial=serial)
            for key, serials in self._named
            if key in places
            for serial in serials
        ]
        scanned = {(row[0], row[1], row[2]) for row in sql.fetch(_SCANNED, (list(shipments),))}
        return _Known(places, shipments, scanned, SerialBook(shipments, pieces, self._actor))

    def plan(self, item: Picked, line: LineState) -> Numbers | None:
        """Check the numbers that an item names for a line with pieces left; one that was recorded by hand before is confirmed.

        Refuses as `SerialBook.plan` does, and with LimitExceeded more numbers than pieces.
        """
        if not item.serials:
            return None
        if len(item.serials) > item.picked:
            raise LimitExceeded(
                f"{len(item.serials)} serial numbers are named for {item.picked} pieces.",
                code="too_many_serials",
                pointer="/serials",
            )
        known = self._known
        shipment_id, sku = known.places[line.allocation_id]
        fresh: dict[int, str] = {}
        confirmed = set()
        for index, serial in enumerate(item.serials):
            key = serial.upper()
            here = key in known.book.recorded(shipment_id, sku) and key not in confirmed
            if here and (shipment_id, sku, key) not in known.scanned:
                confirmed.add(key)
            else:
                fresh[index] = serial
        change = known.book.plan_picked(known.shipments[shipment_id], sku, fresh)
        return Numbers(line.id, shipment_id, sku, [each.upper() for each in item.serials], change)

    def use(self, numbers: Numbers | None) -> None:
        """Take checked numbers as made; `write` writes them."""
        if numbers is None:
            return
        known = self._known
        known.book.use(numbers.change)
        known.scanned.update((numbers.shipment_id, numbers.sku, key) for key in numbers.serials)
        self._used.append(numbers)

    def write(self, unit: UnitOfWork) -> None:
        """Record what was used, after the pieces were counted as picked and before anything short leaves the shipment."""
        if not self._used:
            return
        self._known.book.write(unit)
        rows = [(n.line_id, n.shipment_id, key) for n in self._used for key in n.serials]
        sql.execute(_KEEP, tuple([row[column] for row in rows] for column in range(3)))
