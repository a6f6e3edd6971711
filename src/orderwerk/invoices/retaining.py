"""What of cancelled pieces the customer pays all the same: less of them is credited than they are worth, or nothing; pure.

The pieces are cancelled on paper either way: on a credit for less than their worth, or, where nothing of them goes back, by the
order line's own counters. What is kept stays invoiced, and owed.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from orderwerk.invoices.book import Book
from orderwerk.invoices.crediting import Wish, by_pieces, less
from orderwerk.invoices.drafts import DraftLine


@dataclass(slots=True)
class Retained:
    """What was kept of one order: pieces per line that are on no credit, the value kept per line and of the shipping."""

    pieces: dict[UUID, int] = field(default_factory=lambda: defaultdict(int))
    values: dict[UUID, int] = field(default_factory=lambda: defaultdict(int))
    shipping: int = 0

    @property
    def minor(self) -> int:
        """All that is kept."""
        return sum(self.values.values()) + self.shipping


def retain(book: Book, wish: Wish, most: int, retained: Retained) -> bool:
    """Keep up to `most` of what a cancellation would credit, counted in the book; says whether something is left to credit."""
    full = by_pieces(book, wish)
    wish.keep = min(most, sum(line.gross for line in full))
    if not wish.keep:
        return True
    left = {line.debit_line.id: line.gross for line in less(wish.debit, full, wish.keep) if line.debit_line}  # fmt: skip
    lines = {line.id: line for line in book.lines}
    for part, kept in zip(full, _kept(full, left), strict=True):
        if part.order_line_id is None:
            retained.shipping += kept
            book.order.shipping_retained += kept
            continue
        line = lines[part.order_line_id]
        line.invoiced_gross -= kept
        retained.values[line.id] += kept
        if part.debit_line and part.debit_line.id not in left:
            line.undone_cancelled += part.quantity
            line.retained += part.quantity
            retained.pieces[line.id] += part.quantity
    return bool(left)


def _kept(full: Sequence[DraftLine], left: Mapping[UUID, int]) -> list[int]:
    """Return what is kept of each line; where the cents of VAT fell so that one would give a cent more than it is worth, none."""
    kept = [part.gross - left.get(part.debit_line.id, 0) if part.debit_line else 0 for part in full]
    for index, value in enumerate(kept):
        if value < 0:
            largest = max(range(len(kept)), key=kept.__getitem__)
            kept[largest] += value
            kept[index] = 0
    return kept


def keep_at_most(book: Book, value: int, retained: Retained) -> None:
    """Keep no more than the pieces are worth on the order, where the cents of VAT made them worth more on paper."""
    over = retained.minor - value
    lines = {line.id: line for line in book.lines}
    for key in sorted(retained.values, key=retained.values.__getitem__, reverse=True):
        part = max(0, min(over, retained.values[key]))
        retained.values[key] -= part
        lines[key].invoiced_gross += part
        over -= part
    # Goods for nothing, and delivery that is not.
    rest = max(0, over)
    retained.shipping -= rest
    book.order.shipping_retained -= rest


def cancel_in(book: Book, gone: dict[UUID, int], value: int) -> None:
    """Count pieces as cancelled that are about to be; `value` is what they are worth."""
    for line in book.lines:
        line.cancelled += gone.get(line.id, 0)
    book.order.units_cancelled += sum(gone.values())
    book.order.cancelled_minor += value
