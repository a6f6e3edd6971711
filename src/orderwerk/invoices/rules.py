"""What an invoice costs and what may be credited of it: pure arithmetic in minor units, to the cent.

The rule of VAT: once per rate over the whole document, rounded half away from zero on the absolute value (EN 16931,
BR-CO-14 and BR-CO-17). Of a credit it is the VAT of all that was credited at that rate so far, less what earlier credits
had of it, so that each credit is right within one cent and all of them together are exactly the invoice.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from orderwerk.core.errors import LimitExceeded
from orderwerk.core.money import round_half_away, split

Rate = tuple[str, Decimal]


@dataclass(slots=True)
class RateTotals:
    """The VAT of a debit invoice at one rate, and how much of it was credited."""

    net: int
    tax: int
    credited_net: int = 0
    credited_tax: int = 0

    @property
    def rest_net(self) -> int:
        """The net amount that is left to credit."""
        return self.net - self.credited_net

    @property
    def rest_tax(self) -> int:
        """The VAT that is left to credit."""
        return self.tax - self.credited_tax

    @property
    def rest(self) -> int:
        """What is left to credit, VAT and all."""
        return self.rest_net + self.rest_tax

    def take(self, base: int, *, included: bool) -> tuple[int, int]:
        """Credit an amount in the invoice's price mode; returns its net and VAT and counts them."""
        whole = self.net + self.tax if included else self.net
        before = self.credited_net + (self.credited_tax if included else 0)
        due = round_half_away(self.tax * (before + base), whole) if whole else self.tax
        tax = min(max(due - self.credited_tax, 0), self.rest_tax)
        if included:
            tax = min(max(tax, base - self.rest_net), base)
        elif before + base == whole:
            tax = self.rest_tax
        net = base - tax if included else base
        self.credited_net += net
        self.credited_tax += tax
        return net, tax

    def base_of(self, gross: int, *, included: bool) -> tuple[int, int]:
        """Return the base whose credit comes to at most a gross amount, and the VAT that makes it exactly that amount."""
        if gross == self.rest:
            return self.rest_net + (self.rest_tax if included else 0), self.rest_tax
        if included:
            return gross, -1
        low, high = 0, min(gross, self.rest_net)
        while low < high:
            middle = (low + high + 1) // 2
            if middle + self._tax_at(middle) <= gross:
                low = middle
            else:
                high = middle - 1
        return low, gross - low

    def _tax_at(self, net: int) -> int:
        due = round_half_away(self.tax * (self.credited_net + net), self.net) if self.net else 0
        return min(max(due - self.credited_tax, 0), self.rest_tax)


def pieces_value(base: int, quantity: int, before: int, more: int) -> int:
    """Return what `more` pieces of a line are worth after `before` ones; all pieces are worth exactly the line."""
    return base * (before + more) // quantity - base * before // quantity


def share(amount: int, rests: Sequence[int]) -> list[int]:
    """Divide an amount over what is left of each part, never more than that; refuses LimitExceeded above the sum."""
    left = sum(rests)
    if amount > left:
        raise LimitExceeded("More than is left of this invoice.", code="too_much_to_credit")
    return split(amount, list(rests)) if left else [0] * len(rests)


def refundable_part(gross: int, *, received: int, owed_after: int, refundable_before: int) -> int:
    """Return how much of a credit may be paid back: what came in, and was not charged back, beyond what the customer
    still has to pay.

    A credit that only cancels an unpaid invoice gives nothing back.
    """
    return min(gross, max(0, received - max(0, owed_after) - refundable_before))
