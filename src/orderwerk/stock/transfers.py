"""Puts pieces on their way from one location to another: the one writer of transfers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from orderwerk.core import sql
from orderwerk.core.uow import STILL, Move, Subject, UnitOfWork
from orderwerk.stock.commands.upsert_inbounds import HEADER, LINE, About, new_header, new_lines
from orderwerk.stock.events import INBOUND_CREATED, STOCK_TRANSFERRED
from orderwerk.stock.inbounds import fresh_numbers
from orderwerk.stock.movements import Movement, Place, write_movements
from orderwerk.stock.shelves import Key, Shelf


@dataclass(frozen=True, slots=True)
class Transfer:
    """What is to leave one location for another: pieces per product; `order_id` where it goes for that order alone.

    `origin` and `to` are id and code, `skus` the names of the products, for the history.
    """

    origin: tuple[UUID, str]
    to: tuple[UUID, str]
    wanted: Mapping[UUID, int]
    skus: Mapping[UUID, str]
    expected_on: date | None = None
    reference: str = ""
    order_id: UUID | None = None

    @property
    def units(self) -> int:
        """All its pieces."""
        return sum(self.wanted.values())


@dataclass(slots=True)
class Leaving:
    """A transfer whose pieces have been taken off their shelves, and are still to be written."""

    transfer: Transfer
    taken: dict[UUID, list[tuple[Place, int]]]


@dataclass(slots=True)
class Sent:
    """A transfer on its way: its number, and its line per product."""

    id: UUID
    number: str
    transfer: Transfer
    lines: dict[UUID, UUID] = field(default_factory=dict)


def may_go(shelf: Shelf) -> int:
    """Return how many pieces may leave a shelf by transfer: nobody has claimed them and no lot holds them back.

    Safety stock guards sales, not transfers.
    """
    return max(0, min(shelf.level.free, sum(row.may_leave for row in shelf.bins)))


def take(transfer: Transfer, shelves: Mapping[Key, Shelf]) -> Leaving:
    """Take a transfer's pieces off locked shelves; the caller has asked `may_go` for each."""
    origin = transfer.origin[0]
    return Leaving(
        transfer,
        {key: shelves[(key, origin)].take_free(pieces) for key, pieces in transfer.wanted.items()},
    )


def send_off(unit: UnitOfWork, leaving: Sequence[Leaving]) -> list[Sent]:
    """Write transfers: their pieces leave their origin and are expected at the other location; a fixed number of statements."""
    numbers = fresh_numbers(len(leaving))
    headers: list[dict[str, Any]] = []
    lines: list[dict[str, Any]] = []
    movements: list[Movement] = []
    sent: list[Sent] = []
    for each in leaving:
        transfer = each.transfer
        about = About("", transfer.reference, transfer.expected_on, transfer.order_id)
        header = new_header(next(numbers), "transfer", transfer.to[0], about, transfer.origin[0])
        rows = new_lines(header, transfer.wanted, may_exceed=False)
        headers.append(header)
        lines += rows
        movements += [
            Movement(place, -part, "transferred_out", row["id"], None, header["number"])
            for row in rows
            for place, part in each.taken[row["product_id"]]
        ]
        of_product = {row["product_id"]: row["id"] for row in rows}
        sent.append(Sent(header["id"], header["number"], transfer, of_product))
        _record(unit, sent[-1])
    sql.insert_rows("stock_inbound", HEADER, headers)
    sql.insert_rows("stock_inbound_line", LINE, lines)
    write_movements(movements, actor=unit.actor)
    return sent


def _record(unit: UnitOfWork, sent: Sent) -> None:
    transfer = sent.transfer
    data = {"number": sent.number, "kind": "transfer", "location": transfer.to[1], "units": transfer.units}  # fmt: skip
    unit.record(INBOUND_CREATED, Subject("inbound", sent.id, 1), Move(None, "open"), data)
    for product, pieces in transfer.wanted.items():
        told = {"sku": transfer.skus[product], "from": transfer.origin[1], "to": transfer.to[1], "quantity": pieces}  # fmt: skip
        unit.record(STOCK_TRANSFERRED, Subject("product", product), STILL, told)
