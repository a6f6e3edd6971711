"""What an order costs: totals, VAT per rate on the document, and every line's share, to the cent.

The rule: VAT is computed per rate over the whole document and rounded once, half away from zero; the lines of a rate
share that VAT by largest remainder, so that lines, rates and document always add up (EN 16931, BR-CO-14 and BR-CO-17).
"""

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

from orderwerk.core.errors import BadInput, Refusal
from orderwerk.core.money import MAX_MINOR, parse_amount, split, tax_of
from orderwerk.orders.document import OrderDocument


@dataclass(frozen=True, slots=True)
class PricedLine:
    """One line (or the shipping) in minor units; `net + tax = gross` after both discounts."""

    unit_price: int
    discount: int
    order_discount: int
    rate: Decimal
    net: int
    tax: int

    @property
    def gross(self) -> int:
        """What the customer pays for this line."""
        return self.net + self.tax


@dataclass(frozen=True, slots=True)
class PricedOrder:
    """The totals of an order in minor units, in the document's own price mode."""

    lines: list[PricedLine]
    shipping: PricedLine
    items: int
    discount: int
    shipping_price: int
    tax: int
    grand_total: int


def price_order(document: OrderDocument) -> PricedOrder:
    """Compute all amounts of a document.

    Refuses with BadInput, naming the place: amounts with too many decimals, a discount above what it is taken from,
    totals beyond what an order may cost.
    """
    currency, included = document.currency, document.prices_include_tax
    prices = [
        _amount(line.unit_price, currency, f"/lines/{i}/unit_price")
        for i, line in enumerate(document.lines)
    ]
    discounts = [
        _amount(line.discount, currency, f"/lines/{i}/discount")
        for i, line in enumerate(document.lines)
    ]
    totals = _line_totals(document, prices, discounts)
    items, discount = sum(totals), _amount(document.discount.amount, currency, "/discount/amount")
    shipping = _amount(document.shipping.price, currency, "/shipping/price")
    _check_sums(items, discount, shipping)
    shares = split(discount, totals)
    rates = [
        *(Decimal(line.tax_rate) for line in document.lines),
        Decimal(document.shipping.tax_rate),
    ]
    bases = [*(total - share for total, share in zip(totals, shares, strict=True)), shipping]
    taxes = _taxes(bases, rates, included)
    nets = [base - tax if included else base for base, tax in zip(bases, taxes, strict=True)]
    return PricedOrder(
        lines=[
            PricedLine(prices[i], discounts[i], shares[i], rates[i], nets[i], taxes[i])
            for i in range(len(document.lines))
        ],
        shipping=PricedLine(shipping, 0, 0, rates[-1], nets[-1], taxes[-1]),
        items=items,
        discount=discount,
        shipping_price=shipping,
        tax=sum(taxes),
        grand_total=sum(nets) + sum(taxes),
    )


def _line_totals(document: OrderDocument, prices: list[int], discounts: list[int]) -> list[int]:
    totals = [
        p * line.quantity - d for p, line, d in zip(prices, document.lines, discounts, strict=True)
    ]
    _refuse_negative(totals)
    return totals


def _check_sums(items: int, discount: int, shipping: int) -> None:
    if discount > items:
        raise BadInput(
            "The discount is larger than the items cost.",
            code="discount_too_large",
            pointer="/discount/amount",
        )
    if items + shipping > MAX_MINOR:
        raise BadInput(
            "The order costs more than an order may.", code="amount_too_large", pointer="/lines"
        )


def cancelled_value(gross: int, quantity: int, cancelled: int) -> int:
    """Return what so many cancelled pieces of a line are worth; all of them are worth exactly the line's gross."""
    return gross * cancelled // quantity


def _refuse_negative(totals: list[int]) -> None:
    for index, total in enumerate(totals):
        if total < 0:
            raise BadInput(
                "The discount is larger than the line costs.",
                code="discount_too_large",
                pointer=f"/lines/{index}/discount",
            )


def _taxes(bases: list[int], rates: list[Decimal], included: bool) -> list[int]:  # noqa: FBT001 - a fact of the document
    by_rate: dict[Decimal, list[int]] = defaultdict(list)
    for index, rate in enumerate(rates):
        by_rate[rate].append(index)
    taxes = [0] * len(bases)
    for rate, members in by_rate.items():
        whole = tax_of(sum(bases[i] for i in members), rate, included=included)
        for index, part in zip(members, split(whole, [bases[i] for i in members]), strict=True):
            taxes[index] = part
    return taxes


def _amount(text: str, currency: str, pointer: str) -> int:
    try:
        return parse_amount(text, currency)
    except Refusal as refusal:
        refusal.pointer = pointer
        raise
