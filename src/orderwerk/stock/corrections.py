"""Decides what a correction of stock means for a shelf: which bins change, and which claims no longer find their goods.

Pure functions over a shelf; what lies there is the truth, and claims give way to it.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from orderwerk.core.errors import BadInput, LimitExceeded, ensure
from orderwerk.stock.movements import Place
from orderwerk.stock.shelves import STAGING_BIN, BinRow, Shelf

Bin = tuple[UUID, str]


@dataclass(slots=True)
class Corrected:
    """What became of a shelf: changes per place, and pieces that pick lists no longer find, per bin and lot."""

    changes: dict[Place, int] = field(default_factory=lambda: defaultdict(int))
    unplanned: dict[Bin, int] = field(default_factory=lambda: defaultdict(int))


@dataclass(frozen=True, slots=True)
class Target:
    """The bin that a correction names; where it names none, the one that takes what was found."""

    bin_id: UUID
    code: str
    is_named: bool
    lot: str = ""
    is_blocked: bool = False


def correct(shelf: Shelf, target: Target, difference: int) -> Corrected:
    """Change a shelf by a difference, in the named bin or wherever pieces lie; the shelf then holds what is left.

    More may be allocated afterwards than lies there: the caller releases the claims that no longer fit.
    Refuses with BadInput the staging bin, with LimitExceeded more than lies there: in the named bin, or outside of the
    staging bin (what is picked waits to leave, and is corrected by cancelling or shipping it).
    """
    done = Corrected()
    if target.is_named:
        _change_bin(shelf, target, difference, done)
    elif difference > 0:
        _add(shelf, target, difference, done)
    else:
        _take_anywhere(shelf, -difference, done)
    shelf.level.on_hand += difference
    return done


def note_count(shelf: Shelf, target: Target, at: datetime) -> None:
    """Remember on a shelf when it was counted: an older count that follows, also in the same call, cannot overrule it."""
    if target.is_named:
        _row(shelf, target).counted_at = at
    else:
        shelf.level.counted_at = at


def empty_bin(shelf: Shelf, bin_id: UUID, lot: str = "", *, keep: int = 0) -> Corrected:
    """Take all that the books still show in a bin: somebody stood before it and there was no more to take.

    `keep`: so many came there since, or were counted. What pick lists asked for of the others is no longer planned; the
    caller releases those claims, and those that no longer fit.
    """
    done = Corrected()
    row = shelf.bin(bin_id, lot)
    if row is not None:
        shelf.level.on_hand -= _take(shelf, row, row.quantity - keep, done)
        _unplan(shelf, row, row.planned - row.quantity, done)
    return done


def block(shelf: Shelf, lot: str) -> Corrected:
    """Keep a lot back: what pick lists ask of it is no longer planned, and what lies of it in pick bins can no longer leave.

    More may be allocated afterwards than can leave: the caller releases the claims that no longer fit.
    """
    done = Corrected()
    for row in shelf.bins:
        if row.lot == lot and row.kind == "pick" and not row.is_blocked:
            row.is_blocked = True
            shelf.level.blocked += row.quantity
            _unplan(shelf, row, row.planned, done)
    return done


def _row(shelf: Shelf, target: Target) -> BinRow:
    row = shelf.bin(target.bin_id, target.lot)
    if row is None:
        row = BinRow(
            target.bin_id, target.code, "pick", 0, target.lot, 0, 0, is_blocked=target.is_blocked
        )
        shelf.bins.append(row)
    return row


def _add(shelf: Shelf, target: Target, difference: int, done: Corrected) -> None:
    row = _row(shelf, target)
    row.quantity += difference
    shelf.level.blocked += difference if row.is_blocked else 0
    place = Place(shelf.product_id, shelf.location_id, target.bin_id, target.lot)
    done.changes[place] += difference


def _change_bin(shelf: Shelf, target: Target, difference: int, done: Corrected) -> None:
    row = _row(shelf, target)
    if target.code == STAGING_BIN:
        raise BadInput(
            "What is picked lies in the staging bin until it leaves; cancel or ship it instead.",
            code="staging_not_counted",
            pointer="/bin",
        )
    if row.quantity + difference < 0:
        raise LimitExceeded(
            f"Only {row.quantity} lie in bin {target.code}.",
            code="not_enough_stock",
            pointer="/bin",
        )
    _add(shelf, target, difference, done)
    _unplan(shelf, row, row.planned - row.quantity, done)


def _take_anywhere(shelf: Shelf, quantity: int, done: Corrected) -> None:
    bins = [row for row in shelf.bins if row.kind == "pick"]
    lying = sum(row.quantity for row in bins)
    if quantity > lying:
        raise LimitExceeded(
            f"Only {lying} lie in the bins; the other {shelf.level.on_hand - lying} are picked and wait to leave.",
            code="picked_is_more",
        )
    missing = quantity
    # What nobody is to pick goes first, then what pick lists ask for, from the end of the route.
    for row in bins:
        missing -= _take(shelf, row, min(row.free, missing), done)
    for row in reversed(bins):
        part = _take(shelf, row, min(row.quantity, missing), done)
        _unplan(shelf, row, row.planned - row.quantity, done)
        missing -= part
    ensure(missing == 0, "pieces that lie in no bin")


def _take(shelf: Shelf, row: BinRow, part: int, done: Corrected) -> int:
    if part > 0:
        row.quantity -= part
        shelf.level.blocked -= part if row.is_blocked else 0
        done.changes[Place(shelf.product_id, shelf.location_id, row.bin_id, row.lot)] -= part
    return max(part, 0)


def _unplan(shelf: Shelf, row: BinRow, pieces: int, done: Corrected) -> None:
    if pieces > 0:
        row.planned -= pieces
        shelf.level.allocated -= pieces
        done.unplanned[(row.bin_id, row.lot)] += pieces
