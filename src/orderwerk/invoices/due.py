"""Which debit invoices an order is due now, by its shop's policy; pure, over the order's book."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from uuid import UUID

from orderwerk.core import clock
from orderwerk.core.money import split, tax_of
from orderwerk.invoices.book import Book, BookLine, OrderFacts, ShippedGoods
from orderwerk.invoices.drafts import Draft, DraftLine
from orderwerk.invoices.grounds import ground
from orderwerk.invoices.rules import pieces_value
from orderwerk.invoices.tax_categories import Parties, category, one_stop_country, parties
from orderwerk.invoices.words import language_of

# What an invoice's trigger key begins with that holds nothing but pieces that are paid for and cancelled.
GONE = "gone:"


def policy_of(invoice_when: str, *, on_account: bool) -> str:
    """Return when an order is invoiced: placed, paid or shipped. On account means when shipped, unless when placed."""
    return "shipped" if invoice_when == "paid" and on_account else invoice_when


def debits_due(book: Book) -> list[Draft]:
    """Return the debit invoices that an order is due.

    What was cancelled before it came on an invoice is left out, unless the customer paid for it: then it is invoiced all
    the same, so that a credit can give the money back.
    """
    order = book.order
    run, gone = _Run(book), _paid_but_gone(book)
    when = policy_of(str(order.shop["invoice_when"]), on_account=order.on_account)
    if when == "shipped":
        for goods in book.shipped:
            run.add_shipment(goods)
        if gone:
            # Its place among the debits too: a second run finds more of the same, once an undone shipment is credited.
            key = f"{GONE}{order.units_cancelled}:{len(book.debits) + 1}"
            run.add(key, {}, gone, with_shipping=order.is_cancelled)
    elif gone or (not order.is_cancelled and (when == "placed" or _is_paid(order))):
        wanted = {line.id: line.to_invoice for line in book.lines}
        run.add(f"order:{len(book.debits) + 1}", wanted, gone, with_shipping=True)
    return run.drafts


def _is_paid(order: OrderFacts) -> bool:
    return order.captured >= order.grand_total - order.cancelled_minor


def _paid_but_gone(book: Book) -> dict[UUID, int]:
    order = book.order
    if order.captured - order.refundable <= book.owed:
        return {}
    return {line.id: line.gone_uninvoiced for line in book.lines if line.gone_uninvoiced}


@dataclass(slots=True)
class _Part:
    """Some pieces of a line (or the shipping: no line) on their way to an invoice, with what they are worth."""

    line: BookLine | None
    quantity: int
    gross: int
    net: int
    tax: int
    rate: Decimal
    is_whole: bool


@dataclass(slots=True)
class _Run:
    """The invoices of one order in one go: what is left to invoice shrinks with each."""

    book: Book
    drafts: list[Draft] = field(default_factory=list)
    pieces: dict[UUID, int] = field(default_factory=lambda: defaultdict(int))
    value: dict[UUID, int] = field(default_factory=lambda: defaultdict(int))
    has_shipping: bool = False

    def add_shipment(self, goods: ShippedGoods) -> None:
        """Invoice what left with a shipment and is on no invoice yet."""
        wanted = {}
        for line in self.book.lines:
            left = min(line.to_invoice, line.shipped - line.standing) - self.pieces[line.id]
            wanted[line.id] = min(goods.pieces.get(line.id, 0), left)
        self.add(f"shipment:{goods.id}", wanted, {}, with_shipping=True, goods=goods)

    def add(
        self,
        key: str,
        wanted: Mapping[UUID, int],
        gone: Mapping[UUID, int],
        *,
        with_shipping: bool,
        goods: ShippedGoods | None = None,
    ) -> None:
        """Invoice pieces, and pieces that are gone; the shipping comes with the first goods."""
        order = self.book.order
        parts = [
            part
            for line in self.book.lines
            if (part := self._part(line, max(0, wanted.get(line.id, 0)), gone.get(line.id, 0)))
        ]
        if not parts:
            return
        if with_shipping and order.shipping_open and not self.has_shipping:
            self.has_shipping = True
            amounts = (order.shipping_gross, order.shipping_net, order.shipping_tax)
            parts.append(_Part(None, 1, *amounts, order.shipping_rate, is_whole=True))
        left = [goods] if goods else _what_left(self.book, wanted, gone)
        zone = str(order.shop["timezone"])
        supplied = max((clock.business_date(g.shipped_at, zone) for g in left), default=None)
        lines = _lines(order, parts, self.book)
        self.drafts.append(
            Draft(
                order,
                "debit",
                key,
                lines,
                supply_date=supplied,
                shipment_id=goods.id if goods else None,
                one_stop=_one_stop(order, lines),
                exemption=_exemption(self.book, lines),
            )
        )

    def _part(self, line: BookLine, kept: int, gone: int) -> _Part | None:
        if not kept and not gone:
            return None
        whole = kept + gone == line.quantity
        gross = line.gross if whole else self._kept_value(line, kept) + _gone_value(line, gone)
        return _Part(line, kept + gone, gross, line.net, line.tax, line.rate, is_whole=whole)

    def _kept_value(self, line: BookLine, pieces: int) -> int:
        if not pieces:
            return 0
        rest = line.open_value() - self.value[line.id]
        is_last = self.pieces[line.id] + pieces >= line.to_invoice
        value = rest if is_last else min(rest, line.gross * pieces // line.quantity)
        self.pieces[line.id] += pieces
        self.value[line.id] += value
        return value


def _what_left(
    book: Book, wanted: Mapping[UUID, int], gone: Mapping[UUID, int]
) -> list[ShippedGoods]:
    """Return the shipments that took all of an invoice's goods to the customer; none where some of them have not left."""
    lines = [line for line in book.lines if wanted.get(line.id, 0) > 0]
    if gone or any(line.shipped < line.quantity - line.cancelled for line in lines):
        return []
    return [goods for goods in book.shipped if any(line.id in goods.pieces for line in lines)]


def _gone_value(line: BookLine, pieces: int) -> int:
    return pieces_value(line.gross, line.quantity, line.cancelled - pieces, pieces) if pieces else 0


def parties_of(order: OrderFacts) -> Parties:
    """Return who sells and buys, as far as VAT asks."""
    return parties(
        order.shop["legal"],
        str(order.customer.get("vat_number") or ""),
        str(order.delivery_address.get("country") or ""),
        collected=order.collect_address is not None,
    )


def _one_stop(order: OrderFacts, lines: Sequence[DraftLine]) -> str:
    """Return whose VAT is declared through the one-stop shop; empty where none is charged, or the seller has no part in it."""
    is_charged = any(line.category == "S" for line in lines)
    takes_part = bool(order.shop["legal"].get("one_stop_shop"))
    return one_stop_country(parties_of(order)) if is_charged and takes_part else ""


def _exemption(book: Book, lines: Sequence[DraftLine]) -> tuple[str, str]:
    """Return why what is exempt bears no VAT; one text for all, and a code where it is everybody's: a document has one
    breakdown of what is exempt (BR-E-01)."""
    exempt = {line.order_line_id for line in lines if line.category == "E"}
    if not exempt:
        return "", ""
    if words := book.order.shop["legal"].get("vat_exemption"):
        return str(words), ""
    grounds = dict.fromkeys(line.exemption for line in book.lines if line.id in exempt)
    if not any(words or code for words, code in grounds):
        return "", ""
    language = language_of(book.order.locale)
    texts = dict.fromkeys(words or ground(code, language) for words, code in grounds)
    codes = {code for _, code in grounds}
    return "; ".join(texts), codes.pop() if len(codes) == 1 else ""


def _lines(order: OrderFacts, parts: Sequence[_Part], book: Book) -> list[DraftLine]:
    who = parties_of(order)
    groups: dict[Decimal, list[int]] = defaultdict(list)
    for index, part in enumerate(parts):
        groups[part.rate].append(index)
    taxes = [0] * len(parts)
    for rate, members in groups.items():
        if all(parts[i].is_whole for i in members) and len(members) == _members(book, rate):
            # The whole of a rate: the order's own figures, to the cent.
            shares = [parts[i].tax for i in members]
        else:
            grosses = [parts[i].gross for i in members]
            shares = split(tax_of(sum(grosses), rate, included=True), grosses)
        for index, tax in zip(members, shares, strict=True):
            taxes[index] = tax
    found = []
    for part, tax in zip(parts, taxes, strict=True):
        net, line = part.gross - tax, part.line
        found.append(
            DraftLine(
                order_line_id=line.id if line else None,
                sku=line.sku if line else "",
                name=line.name if line else order.shipping_name,
                quantity=part.quantity,
                unit_price=line.unit_price if line else order.shipping_price,
                category=category(part.rate, who, is_exempt=_is_exempt(line, book)),
                rate=part.rate,
                base=part.gross if order.prices_include_tax else net,
                net=net,
                tax=tax,
            )
        )
    return found


def _is_exempt(line: BookLine | None, book: Book) -> bool:
    """Whether an article is exempt; delivery is where all that is delivered is (it is ancillary: C-349/96, Card Protection Plan)."""
    return all(any(x.exemption) for x in (book.lines if line is None else [line]))


def _members(book: Book, rate: Decimal) -> int:
    order = book.order
    shipping = order.shipping_gross > 0 and order.shipping_rate == rate
    return sum(1 for line in book.lines if line.rate == rate) + shipping
