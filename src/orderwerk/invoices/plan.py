"""A plan of documents for locked orders: decided over their books first, written all at once in the end.

Deciding writes nothing, so that a caller may refuse an item, lock stock, and do its own work in between; writing takes the
numbers and therefore comes last in a unit of work.
"""

import copy
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from uuid import UUID

from orderwerk.core import sql
from orderwerk.core.uow import STILL, Subject, UnitOfWork
from orderwerk.invoices.book import Book, BookLine, Debit, DebitLine, read_books
from orderwerk.invoices.content import delivery_address
from orderwerk.invoices.crediting import Pieces, Wish, by_pieces, credit, rest_of
from orderwerk.invoices.drafts import Draft
from orderwerk.invoices.due import GONE, debits_due
from orderwerk.invoices.events import INVOICE_PAID
from orderwerk.invoices.issuing import Issued, issue
from orderwerk.invoices.late_money import raise_refundable
from orderwerk.invoices.retaining import Retained, cancel_in, keep_at_most, retain
from orderwerk.invoices.rules import RateTotals, pieces_value


class Plan:
    """What is to be issued for some orders; see the module."""

    def __init__(self, order_ids: Iterable[UUID]) -> None:
        """Read the books of orders that the caller has locked; six statements, however many there are."""
        self.books: dict[UUID, Book] = read_books(order_ids)
        self._debits: list[tuple[Draft, Debit]] = []
        self._credits: list[Draft] = []
        self._takes_late_money = False
        # Orders of which shipments are credited that did not leave after all: what left since is due once that is written.
        self.unshipped: set[UUID] = set()

    def invoice_due(self) -> None:
        """Plan the debit invoices that the orders are due; none for one that was erased: nobody is left to make it out to."""
        for book in self._named():
            self._debits += _due(book)

    def credit_gone(self) -> None:
        """Plan credits for invoiced pieces that were cancelled and for shipments that did not leave after all."""
        gone: dict[UUID, list[Debit]] = defaultdict(list)
        for draft, debit in self._debits:
            if draft.trigger_key.startswith(GONE):
                gone[debit.order_id].append(debit)
        for book in self._named():
            self._unship(book)
            for wish in _cancellations(book, gone[book.order.id]):
                self.credit(book, wish)

    def cancel_keeping(
        self, order_id: UUID, gone: dict[UUID, int], value: int, back: Callable[[int], int]
    ) -> Retained:
        """Plan the documents of an order of which these pieces are about to be cancelled, with less of the money going back.

        `back` says of the most that could go back how much does; what it refuses is refused, and nothing is planned then.
        """
        book, retained = copy.deepcopy(self.books[order_id]), Retained()
        # What was cancelled before and has no credit yet goes back as it was to: it is credited first.
        earlier = _due(book)
        credits_ = _cancelled(book, earlier, 0, Retained())
        cancel_in(book, gone, value)
        debits = _due(book)
        full, of_full = copy.deepcopy((book, debits))
        most = sum(draft.refundable for draft in _cancelled(full, of_full, 0, Retained()))
        credits_ += _cancelled(book, debits, most - back(most), retained)
        keep_at_most(book, value, retained)
        self.books[order_id] = book
        self._debits += earlier + debits
        self._credits += credits_
        return retained

    def give_back_late(self) -> None:
        """Plan that money which came in after a credit may go back on it."""
        self._takes_late_money = True

    def _named(self) -> list[Book]:
        return [book for book in self.books.values() if not book.order.is_erased]

    def credit(self, book: Book, wish: Wish) -> Draft:
        """Plan a credit; refuses what `crediting.credit` refuses, and plans nothing then."""
        draft = credit(book, wish)
        self._credits.append(draft)
        return draft

    def forget(self, drafts: Iterable[Draft]) -> None:
        """Take planned credits out again, because the item that they belong to is refused."""
        gone = {draft.id: draft for draft in drafts}
        self._credits = [draft for draft in self._credits if draft.id not in gone]
        for draft in gone.values():
            _take_out(self.books[draft.order.id], draft)

    def write(self, unit: UnitOfWork) -> list[Issued]:
        """Issue everything planned, debits first. Nothing that locks may follow in this unit of work."""
        if self._takes_late_money:
            raise_refundable(unit, self._named())
        changed = self._spread_payments()
        _note(unit, changed)
        issued = issue(unit, [draft for draft, _ in self._debits])
        for (_, debit), document in zip(self._debits, issued, strict=True):
            debit.number, debit.issue_date = document.number, document.issue_date
        return issued + issue(unit, self._credits)

    def _unship(self, book: Book) -> None:
        for debit in book.debits:
            if debit.shipment_status == "cancelled" and debit.rest > 0:
                shipping = any(line.order_line_id is None and line.rest for line in debit.lines)
                key = f"unshipped:{debit.shipment_id}"
                wish = Wish(debit, key, "unshipped", "Shipment cancelled", rest_of(debit))
                wish.shipping = shipping
                self.credit(book, wish)
                self.unshipped.add(book.order.id)

    def _spread_payments(self) -> dict[UUID, int]:
        """Spread what came in over each order's debit invoices, oldest first; returns what changed of stored ones."""
        fresh = {draft.id: draft for draft, _ in self._debits}
        changed: dict[UUID, int] = {}
        for book in self.books.values():
            left = book.order.captured
            for debit in book.debits:
                # A credit that gives no money back lowers what has to come in.
                part = max(0, min(debit.gross - (debit.credited - debit.refundable), left))
                left -= part
                if debit.id in fresh:
                    fresh[debit.id].paid = part
                elif part != debit.paid:
                    changed[debit.id] = part
        return changed


def _cancellations(book: Book, gone: Iterable[Debit]) -> Iterator[Wish]:
    """Yield the credits for what was cancelled; each is to be counted in the book before the next is asked for.

    `gone` are debits that hold nothing but pieces that are paid for and cancelled.
    """
    # Their pieces are named: which of a line's pieces are on an invoice could not be told from numbers alone while
    # others of the same line are still to be shipped, and invoiced then.
    for debit in gone:
        yield _cancellation(book, debit, rest_of(debit))
    left = {line.id: line.to_credit for line in book.lines if line.to_credit}
    if not left and not book.order.is_cancelled:
        return
    # Newest first: what is cancelled last was invoiced last.
    for debit in reversed(book.debits):
        if debit.shipment_status == "cancelled":
            continue
        wish = _cancellation(book, debit, _pieces_of(book, debit, left))
        # A piece may be worth less than a cent: it is credited with the next one.
        if sum(line.gross for line in by_pieces(book, wish)) > 0:
            yield wish


def _due(book: Book) -> list[tuple[Draft, Debit]]:
    """Plan the debit invoices that one order is due, counted in its book."""
    return [(draft, _book_in(book, draft)) for draft in debits_due(book)]


def _cancelled(
    book: Book, debits: Sequence[tuple[Draft, Debit]], keep: int, retained: Retained
) -> list[Draft]:
    """Credit what was cancelled of one order, all but what is kept; counted in the book."""
    gone = [debit for draft, debit in debits if draft.trigger_key.startswith(GONE)]
    return [
        credit(book, wish)
        for wish in _cancellations(book, gone)
        if retain(book, wish, keep - retained.minor, retained)
    ]


def _cancellation(book: Book, debit: Debit, pieces: list[Pieces]) -> Wish:
    key = f"cancelled:{book.order.units_cancelled}:{debit.id}"
    # With the last piece of the order its delivery goes too, once; what was kept of it then stays.
    shipping = book.order.is_cancelled and any(
        line.order_line_id is None and line.rest and not line.credited for line in debit.lines
    )
    shipping = shipping and not book.order.shipping_retained
    return Wish(debit, key, "cancellation", "Cancelled", pieces, shipping=shipping)


def _book_in(book: Book, draft: Draft) -> Debit:
    order = book.order
    debit = Debit(
        draft.id, order.id, "", date.min, order.prices_include_tax, draft.gross, 0, 0, 0, 1, None,
        draft.shipment_id, draft.one_stop, str(order.customer.get("vat_number") or ""), draft.supply_date,
        draft.exemption, delivery_address(draft),
    )  # fmt: skip
    lines = {line.id: line for line in book.lines}
    for position, line in enumerate(draft.lines, start=1):
        rate = (line.category, line.rate)
        debit.lines.append(
            DebitLine(
                line.id, draft.id, position, line.order_line_id, line.quantity, rate, line.base, 0, 0,
                line.sku, line.name, line.unit_price,
            )
        )  # fmt: skip
        totals = debit.rates.setdefault(rate, RateTotals(0, 0))
        totals.net += line.net
        totals.tax += line.tax
        if line.order_line_id is None:
            order.shipping_invoiced += line.gross
        else:
            lines[line.order_line_id].invoiced += line.quantity
            lines[line.order_line_id].invoiced_gross += line.gross
    order.invoiced += draft.gross
    book.debits.append(debit)
    return debit


def _take_out(book: Book, draft: Draft) -> None:
    debit = draft.debit
    if debit is None:
        return
    for line in draft.lines:
        if line.debit_line is not None:
            line.debit_line.credited -= line.quantity
            line.debit_line.credited_base -= line.base
            debit.rates[line.debit_line.rate].credited_net -= line.net
            debit.rates[line.debit_line.rate].credited_tax -= line.tax
    debit.credited -= draft.gross
    debit.refundable -= draft.refundable
    book.order.credited -= draft.gross
    book.order.refundable -= draft.refundable


def _pieces_of(book: Book, debit: Debit, left: dict[UUID, int]) -> list[Pieces]:
    lines = {line.id: line for line in book.lines}
    pieces = []
    for line in debit.lines:
        if line.order_line_id is None:
            continue
        part = min(left.get(line.order_line_id, 0), line.quantity - line.credited)
        if part:
            left[line.order_line_id] -= part
            drift = (
                _drift(lines[line.order_line_id], line, part)
                if book.order.prices_include_tax
                else 0
            )
            pieces.append(Pieces(line, part, drift))
    return pieces


def _drift(ordered: BookLine, line: DebitLine, pieces: int) -> int:
    """Return by how many cents the last pieces to credit of a line are off what the order takes for them.

    Pieces that were kept are on no credit, so that the invoice's line counts its pieces from another one than the order does.
    """
    is_last = ordered.standing - pieces == ordered.quantity - ordered.cancelled
    if not ordered.retained or ordered.credited_by_hand or not is_last:
        return 0
    due = max(0, min(ordered.invoiced_gross - ordered.wanted_value, line.rest))
    return due - min(pieces_value(line.base, line.quantity, line.credited, pieces), line.rest)


_NOTE = """
update invoices_invoice v set paid_minor = t.paid, version = v.version + 1
from unnest(%s::uuid[], %s::bigint[]) as t(id, paid) where v.id = t.id
returning v.id, v.version, v.number, v.order_id, v.shop_id, v.paid_minor
"""


def _note(unit: UnitOfWork, changed: dict[UUID, int]) -> None:
    if not changed:
        return
    rows = sql.fetch(_NOTE, (list(changed), list(changed.values())))
    for key, version, number, order_id, shop_id, paid in rows:
        subject = Subject("invoice", key, version, order_id, shop_id)
        unit.record(INVOICE_PAID, subject, STILL, {"number": number, "paid_minor": paid})
