"""The way down for the room of returns: what came back is credited in the unit of work that books the return.

plan = ReturnCredits(order_ids)            # the caller holds the locks of the orders; nothing is written
plan.add(ReturnedGoods(...))               # per return; refuses, and then plans nothing of it
...                                        # the caller's own locks and writes: stock, return, counters
credits = plan.write(unit)                 # last: takes the numbers; credit invoices by return
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from orderwerk.core.errors import BadInput, LimitExceeded, NotFound, Refusal, ensure
from orderwerk.core.uow import UnitOfWork
from orderwerk.invoices.book import Book, Debit
from orderwerk.invoices.crediting import Pieces, Wish, by_pieces
from orderwerk.invoices.drafts import Draft
from orderwerk.invoices.issuing import Issued
from orderwerk.invoices.plan import Plan


@dataclass(frozen=True, slots=True)
class ReturnedLine:
    """Pieces of an order line that came back; `correction` in minor units, signed, in the order's own price mode."""

    order_line_id: UUID
    quantity: int
    correction: int = 0


@dataclass(frozen=True, slots=True)
class ReturnedGoods:
    """A processed return that is to be credited; or, with `is_claim`, a claim, for which nothing came back.

    `reason` stands on the customer's credit invoice: words in their language.
    `fee`: so much less is credited, VAT included, in minor units; at most all of it.
    """

    return_id: UUID
    order_id: UUID
    reason: str
    lines: Sequence[ReturnedLine]
    refund_shipping: bool = False
    is_claim: bool = False
    fee: int = 0


class ReturnCredits:
    """Credits for returns of locked orders; see the module. What else the orders are due is issued with them."""

    def __init__(self, order_ids: Iterable[UUID]) -> None:
        """Read what the orders were invoiced; six statements."""
        self._plan = Plan(order_ids)
        self._plan.invoice_due()
        # What was paid for and cancelled comes on an invoice only to be credited at once: one without the other would
        # leave pieces that look invoiced, and never will be.
        self._plan.credit_gone()
        self._fees: dict[UUID, int] = {}

    def locale(self, order_id: UUID) -> str:
        """Return in which language a locked order's customer is spoken to, for the reason of a credit."""
        return self._plan.books[order_id].order.locale

    def add(self, goods: ReturnedGoods) -> int:
        """Plan the credit of one return and return what it comes to, VAT included, in minor units (0: nothing to give back).

        Refuses with LimitExceeded pieces that are on no invoice or credited already, a correction beyond what the line is
        worth, shipping costs of which nothing is left; with BadInput a line named twice; with NotFound an order that was
        not locked.
        """
        book = self._plan.books.get(goods.order_id)
        if book is None:
            raise NotFound(f"There is no order {goods.order_id}.", code="unknown_order")
        planned: list[Draft] = []
        fee = goods.fee
        try:
            for wish in _wishes(book, goods):
                if not _is_worth(wish):
                    continue
                worth = sum(line.gross for line in by_pieces(book, wish)) if fee else 0
                wish.keep = min(fee, worth)
                fee -= wish.keep
                # What the fee eats up whole comes back without a credit, as goods that cost nothing do.
                if not wish.keep or wish.keep < worth:
                    planned.append(self._plan.credit(book, wish))
        except Refusal:
            self._plan.forget(planned)
            raise
        self._fees[goods.return_id] = goods.fee - fee
        return sum(draft.gross for draft in planned)

    def fee(self, return_id: UUID) -> int:
        """Return what of a planned return's fee is taken off its credits: no more than they come to."""
        return self._fees.get(return_id, 0)

    def write(self, unit: UnitOfWork) -> dict[UUID, list[Issued]]:
        """Issue the credits; returns those of returns by return: one per debit invoice that its pieces stand on."""
        found: dict[UUID, list[Issued]] = defaultdict(list)
        for document in self._plan.write(unit):
            if document.return_id is not None:
                found[document.return_id].append(document)
        return found


def _is_worth(wish: Wish) -> bool:
    # Goods that cost nothing, or are corrected down to nothing, come back without a credit.
    return wish.shipping or any(
        pieces.line.rest and pieces.line.base * pieces.quantity // pieces.line.quantity + pieces.correction != 0
        for pieces in wish.pieces
    )  # fmt: skip


def _wishes(book: Book, goods: ReturnedGoods) -> list[Wish]:
    wishes: dict[UUID, Wish] = {}
    if len({line.order_line_id for line in goods.lines}) != len(goods.lines):
        raise BadInput("A line is named twice.", code="duplicate_line", pointer="/lines")
    for index, line in enumerate(goods.lines):
        for debit, pieces in _places(book, line, f"/lines/{index}"):
            _wish(wishes, debit, goods).pieces.append(pieces)
    if goods.refund_shipping:
        charged = next((d for d in book.debits if _has_shipping(d)), None)
        if charged is None:
            raise LimitExceeded(
                "No shipping costs are left to give back.",
                code="no_shipping_to_credit",
                pointer="/refund_shipping",
            )
        _wish(wishes, charged, goods).shipping = True
    return list(wishes.values())


def _wish(wishes: dict[UUID, Wish], debit: Debit, goods: ReturnedGoods) -> Wish:
    if goods.is_claim:
        wish = Wish(debit, f"claim:{goods.return_id}:{debit.id}", "request", goods.reason)
    else:
        key = f"return:{goods.return_id}:{debit.id}"
        wish = Wish(debit, key, "return", goods.reason, return_id=goods.return_id)
    return wishes.setdefault(debit.id, wish)


def _has_shipping(debit: Debit) -> bool:
    return debit.shipment_status != "cancelled" and any(
        line.order_line_id is None and line.rest for line in debit.lines
    )


def _places(book: Book, wanted: ReturnedLine, pointer: str) -> list[tuple[Debit, Pieces]]:
    """Find the invoices that the pieces stand on, oldest first; a correction goes with the first of them."""
    ensure(wanted.quantity > 0, "a return has pieces")
    left, correction = wanted.quantity, wanted.correction
    found: list[tuple[Debit, Pieces]] = []
    for debit in book.debits:
        for line in debit.lines if debit.shipment_status != "cancelled" else ():
            part = min(left, line.quantity - line.credited)
            if line.order_line_id == wanted.order_line_id and part > 0:
                found.append((debit, Pieces(line, part, correction, pointer)))
                left, correction = left - part, 0
    if left:
        sku = next((line.sku for debit in book.debits for line in debit.lines if line.order_line_id == wanted.order_line_id), "these pieces")  # fmt: skip
        raise LimitExceeded(
            f"Of {sku} only {wanted.quantity - left} are invoiced and not credited yet; "
            "book what was credited already in a return of its own, without a credit invoice.",
            code="too_many_to_credit",
            pointer=f"{pointer}/quantity",
        )
    return found
