"""What a credit invoice will say: pieces, shipping or an amount of one debit invoice; pure, over the order's book."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from orderwerk.core.errors import BadInput, LimitExceeded, WrongState
from orderwerk.core.money import format_amount, split
from orderwerk.invoices.book import Book, Debit, DebitLine, by_rate
from orderwerk.invoices.drafts import Draft, DraftLine
from orderwerk.invoices.rules import Rate, RateTotals, pieces_value, refundable_part, share


@dataclass(slots=True)
class Pieces:
    """So many pieces of a debit line; `correction` is a signed difference on what they are worth, in the price mode."""

    line: DebitLine
    quantity: int
    correction: int = 0
    pointer: str = ""


@dataclass(slots=True)
class Wish:
    """What is to be credited of one debit invoice, and why; `amount` (VAT included) goes alone.

    `keep`: so much less than the pieces are worth, VAT included.
    """

    debit: Debit
    trigger_key: str
    cause: str
    reason: str
    pieces: list[Pieces] = field(default_factory=list)
    shipping: bool = False
    amount: int | None = None
    return_id: UUID | None = None
    keep: int = 0


def credit(book: Book, wish: Wish) -> Draft:
    """Return the credit that a wish comes to, and count it in the book.

    Refuses with LimitExceeded more pieces or money than is left, with BadInput what comes to nothing at all, with WrongState
    an order whose personal data was erased. A refused wish leaves the book as it was.
    """
    if book.order.is_erased:
        raise WrongState(
            f"The personal data of order {book.order.number} was erased: nobody is left to whom a credit could be made out.",
            code="erased",
        )
    lines = _by_amount(book, wish) if wish.amount is not None else by_pieces(book, wish)
    if wish.keep:
        lines = less(wish.debit, lines, wish.keep)
    gross = sum(line.gross for line in lines)
    if gross <= 0:
        raise BadInput("There is nothing to give back.", code="nothing_to_credit")
    order = book.order
    if wish.cause == "cancellation":
        _strike_out(book, lines)
    owed_after = book.owed - gross
    if wish.cause == "unshipped":
        # What did not leave will leave later, and be invoiced again: it is still owed.
        owed_after += gross
    refundable = refundable_part(
        gross, received=order.received, owed_after=owed_after, refundable_before=order.refundable
    )
    _count(book, wish, lines, gross, refundable)
    return Draft(
        order,
        "credit",
        wish.trigger_key,
        lines,
        debit=wish.debit,
        cause=wish.cause,
        reason=wish.reason,
        return_id=wish.return_id,
        by_amount=wish.amount is not None,
        refundable=refundable,
        # What the invoice said: the seller may have joined or left a scheme since.
        one_stop=wish.debit.one_stop,
        exemption=wish.debit.exemption,
        # What did not leave after all was not supplied.
        supply_date=None if wish.cause == "unshipped" else wish.debit.supply_date,
    )


def _strike_out(book: Book, credited: Sequence[DraftLine]) -> None:
    """Count pieces that are cancelled on paper too: what is wanted of their lines is still to be invoiced, and owed."""
    lines = {line.id: line for line in book.lines}
    for part in credited:
        if part.order_line_id is not None:
            line = lines[part.order_line_id]
            line.undone_cancelled += part.quantity
            line.credited += part.quantity
            line.invoiced_gross -= part.gross


def _count(book: Book, wish: Wish, lines: Sequence[DraftLine], gross: int, refundable: int) -> None:
    debit = wish.debit
    for line in lines:
        origin = line.debit_line
        if origin is not None:
            origin.credited += line.quantity
            origin.credited_base += line.base
            rate = debit.rates[origin.rate]
            rate.credited_net += line.net
            rate.credited_tax += line.tax
    debit.credited += gross
    debit.refundable += refundable
    book.order.credited += gross
    book.order.refundable += refundable


def _copy(rate: RateTotals) -> RateTotals:
    return RateTotals(rate.net, rate.tax, rate.credited_net, rate.credited_tax)


def _by_amount(book: Book, wish: Wish) -> list[DraftLine]:
    debit, amount = wish.debit, wish.amount or 0
    if amount > debit.rest:
        left = format_amount(debit.rest, book.order.currency)
        raise LimitExceeded(
            f"Only {left} of invoice {debit.number} is left to credit.",
            code="too_much_to_credit",
            pointer="/amount",
        )
    rates = list(debit.rates)
    parts = share(amount, [debit.rates[rate].rest for rate in rates])
    members = by_rate(debit.lines)
    found: list[DraftLine] = []
    for rate, part in zip(rates, parts, strict=True):
        if not part:
            continue
        totals = _copy(debit.rates[rate])
        base, tax = totals.base_of(part, included=debit.prices_include_tax)
        if debit.prices_include_tax:
            _, tax = totals.take(base, included=True)
        lines = members[rate]
        bases = share(base, [line.rest for line in lines])
        found += _lines(debit, [(line, 0) for line in lines], bases, tax)
    return [line for line in found if line.gross]


def less(debit: Debit, lines: Sequence[DraftLine], keep: int) -> list[DraftLine]:
    """Return the same pieces for so much less, to the cent, VAT included; those that come to nothing are left out."""
    groups: dict[Rate, list[DraftLine]] = defaultdict(list)
    for line in lines:
        groups[(line.category, line.rate)].append(line)
    worth = [sum(line.gross for line in group) for group in groups.values()]
    parts = share(sum(worth) - keep, worth)
    found: list[DraftLine] = []
    for (rate, group), part in zip(groups.items(), parts, strict=True):
        totals = _copy(debit.rates[rate])
        base, tax = totals.base_of(part, included=debit.prices_include_tax)
        if debit.prices_include_tax:
            _, tax = totals.take(base, included=True)
        bases = share(base, [line.base for line in group])
        pieces = [(line.debit_line, line.quantity) for line in group if line.debit_line]
        found += _lines(debit, pieces, bases, tax)
    return [line for line in found if line.gross]


def by_pieces(book: Book, wish: Wish) -> list[DraftLine]:
    """Return the lines that credit a wish's pieces and shipping for all that they are worth."""
    wanted: dict[Rate, list[tuple[DebitLine, int, int]]] = defaultdict(list)
    for pieces in wish.pieces:
        wanted[pieces.line.rate].append((pieces.line, pieces.quantity, _value(book, wish, pieces)))
    if wish.shipping:
        line = _shipping_line(wish.debit)
        wanted[line.rate].append((line, 1 - line.credited, line.rest))
    found: list[DraftLine] = []
    for rate, parts in wanted.items():
        base = sum(value for _, _, value in parts)
        _, tax = _copy(wish.debit.rates[rate]).take(base, included=wish.debit.prices_include_tax)
        lines = [(line, quantity) for line, quantity, _ in parts]
        found += _lines(wish.debit, lines, [value for _, _, value in parts], tax)
    return found


def _value(book: Book, wish: Wish, pieces: Pieces) -> int:
    line = pieces.line
    if pieces.quantity > line.quantity - line.credited:
        raise LimitExceeded(
            f"Only {line.quantity - line.credited} pieces of this line are left to credit.",
            code="too_many_to_credit",
            pointer=f"{pieces.pointer}/quantity",
        )
    worth = pieces_value(line.base, line.quantity, line.credited, pieces.quantity)
    worth = min(worth, line.rest)
    value = worth + pieces.correction
    # A return gives back what its pieces were sold for, and never the price of those that stay with the customer.
    most = worth if wish.return_id is not None else line.rest
    if not 0 <= value <= most:
        raise LimitExceeded(
            f"With the correction the line comes to less than nothing or more than the {format_amount(most, book.order.currency)} that these pieces are worth.",
            code="correction_out_of_range",
            pointer=f"{pieces.pointer}/correction",
        )
    return value


def _shipping_line(debit: Debit) -> DebitLine:
    line = next((line for line in debit.lines if line.order_line_id is None), None)
    if line is None or not line.rest:
        raise LimitExceeded(
            f"No shipping costs are left to credit of invoice {debit.number}.",
            code="no_shipping_to_credit",
            pointer="/shipping",
        )
    return line


def _lines(
    debit: Debit, parts: Sequence[tuple[DebitLine, int]], bases: Sequence[int], tax: int
) -> list[DraftLine]:
    taxes = split(tax, list(bases))
    found = []
    for (line, quantity), base, part in zip(parts, bases, taxes, strict=True):
        category, rate = line.rate
        found.append(
            DraftLine(
                order_line_id=line.order_line_id,
                sku=line.sku,
                name=line.name,
                quantity=quantity,
                unit_price=line.unit_price,
                category=category,
                rate=rate,
                base=base,
                net=base - part if debit.prices_include_tax else base,
                tax=part,
                debit_line=line,
            )
        )
    return found


def rest_of(debit: Debit) -> list[Pieces]:
    """Return all pieces of a debit invoice that are left to credit, each for all that is left of its line."""
    return [
        Pieces(line, line.quantity - line.credited, line.rest - _worth_of_rest(line))
        for line in debit.lines
        if line.order_line_id is not None and (line.rest or line.credited < line.quantity)
    ]


def _worth_of_rest(line: DebitLine) -> int:
    left = line.quantity - line.credited
    return min(pieces_value(line.base, line.quantity, line.credited, left), line.rest)
