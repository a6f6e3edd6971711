"""What a substitute costs: never more than the pieces in whose place it comes; pure, in minor units.

The rule of the house, stricter than the law asks: the customer agreed to a price, so another article may be cheaper and is
never dearer. VAT is that of the substitute, inside that limit.
"""

from dataclasses import dataclass
from decimal import Decimal

from orderwerk.core.money import tax_of
from orderwerk.orders.pricing import PricedLine, cancelled_value


@dataclass(frozen=True, slots=True)
class Replaced:
    """Pieces of a line in whose place another article may come; `cancelled` were cancelled before."""

    quantity: int
    cancelled: int
    pieces: int
    unit_price: int
    net: int
    gross: int
    prices_include_tax: bool

    def _worth(self, amount: int) -> int:
        after = cancelled_value(amount, self.quantity, self.cancelled + self.pieces)
        return after - cancelled_value(amount, self.quantity, self.cancelled)

    @property
    def gross_worth(self) -> int:
        """What these pieces cost the customer, discounts and VAT and all."""
        return self._worth(self.gross)

    @property
    def base_worth(self) -> int:
        """The same in the order's own price mode: with VAT or without."""
        return self._worth(self.gross if self.prices_include_tax else self.net)


def unit_price(ordered: int, asked: int | None, *, rule: str) -> int:
    """Return the price of one piece of the substitute before discounts: the ordered one's, or the lower of both."""
    return ordered if asked is None or rule == "ordered" else min(ordered, asked)


def price_substitute(
    replaced: Replaced, unit: int, rate: Decimal, most: int | None = None
) -> PricedLine:
    """Return the amounts of the new line; `most`: what the customer was told it comes to, VAT and all.

    Its gross is at most what the replaced pieces are worth, so that no order grows dearer by it; what lies between
    price and amount (the discounts of the replaced pieces) is the new line's own discount.
    """
    included = replaced.prices_include_tax
    limit = replaced.gross_worth if most is None else min(replaced.gross_worth, most)
    base = min(replaced.base_worth, unit * replaced.pieces)
    if included:
        gross = min(base, limit)
        tax = tax_of(gross, rate, included=True)
    else:
        tax = tax_of(base, rate, included=False)
        gross = base + tax
        if gross > limit:
            gross, tax = limit, tax_of(limit, rate, included=True)
    net = gross - tax
    base = gross if included else net
    return PricedLine(unit, unit * replaced.pieces - base, 0, rate, net, tax)
