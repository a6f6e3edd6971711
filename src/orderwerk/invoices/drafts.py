"""Documents before they have a number: what will stand on them, decided but not written."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from uuid import UUID

from orderwerk.core import ids
from orderwerk.invoices.book import Debit, DebitLine, OrderFacts


@dataclass(slots=True)
class DraftLine:
    """A line to be: amounts in minor units, `base` in the order's price mode."""

    order_line_id: UUID | None
    sku: str
    name: str
    quantity: int
    unit_price: int
    category: str
    rate: Decimal
    base: int
    net: int
    tax: int
    debit_line: DebitLine | None = None
    id: UUID = field(default_factory=ids.new_id)

    @property
    def gross(self) -> int:
        """What it comes to, VAT and all."""
        return self.net + self.tax


@dataclass(slots=True)
class Draft:
    """A document to be. A credit names its debit and cause; `refundable` is what of it may be paid back.

    `supply_date`: the day on which the last of its goods left; None while that is still to come, as of whatever will never leave.
    `one_stop`: the member state whose VAT it is, where the seller declares that through the one-stop shop.
    `exemption`: why what is exempt on it bears no VAT, in words and as a code of the list VATEX, each empty where nobody says so.
    """

    order: OrderFacts
    kind: str
    trigger_key: str
    lines: list[DraftLine]
    supply_date: date | None = None
    shipment_id: UUID | None = None
    debit: Debit | None = None
    cause: str | None = None
    reason: str = ""
    return_id: UUID | None = None
    by_amount: bool = False
    refundable: int = 0
    paid: int = 0
    one_stop: str = ""
    exemption: tuple[str, str] = ("", "")
    id: UUID = field(default_factory=ids.new_id)

    @property
    def net(self) -> int:
        """Without VAT."""
        return sum(line.net for line in self.lines)

    @property
    def tax(self) -> int:
        """The VAT."""
        return sum(line.tax for line in self.lines)

    @property
    def gross(self) -> int:
        """VAT and all."""
        return self.net + self.tax

    def taxes(self) -> dict[tuple[str, Decimal], tuple[int, int]]:
        """Return net and VAT per category and rate, highest rate first."""
        found: dict[tuple[str, Decimal], tuple[int, int]] = {}
        for line in self.lines:
            net, tax = found.get((line.category, line.rate), (0, 0))
            found[(line.category, line.rate)] = (net + line.net, tax + line.tax)
        return dict(sorted(found.items(), key=lambda item: (-item[0][1], item[0][0])))
