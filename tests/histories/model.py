"""The plain-Python model of the main job: what must be true of orders and stock, told without a database."""

from collections import defaultdict
from dataclasses import dataclass, field


@dataclass
class ModelLine:
    """One line as the model sees it."""

    sku: str
    quantity: int
    gross: int
    cancelled: int = 0
    shipped: int = 0
    returned: int = 0

    @property
    def open(self) -> int:
        """Pieces neither shipped nor cancelled."""
        return self.quantity - self.cancelled - self.shipped


@dataclass
class ModelOrder:
    """One order as the model sees it."""

    lines: list[ModelLine]
    total: int
    paid: int = 0
    holds: int = 0
    rejected: set[str] = field(default_factory=set)

    @property
    def due(self) -> int:
        """What is to be paid: the total less what was cancelled, in the product's documented rounding."""
        return self.total - sum(x.gross * x.cancelled // x.quantity for x in self.lines)

    @property
    def payable(self) -> bool:
        """Whether money stands in the way of shipping."""
        return self.paid >= self.due

    def status(self, allocated: int) -> str:
        """The status that these facts mean: the twin of the SQL function order_status()."""
        ordered = sum(x.quantity for x in self.lines)
        cancelled = sum(x.cancelled for x in self.lines)
        shipped = sum(x.shipped for x in self.lines)
        rules = [
            (cancelled == ordered, "cancelled"),
            (shipped + cancelled == ordered, "shipped"),
            (self.holds > 0, "on_hold"),
            (not self.payable, "awaiting_payment"),
            (shipped > 0, "partially_shipped"),
            (allocated + shipped + cancelled < ordered, "awaiting_stock"),
        ]
        return next((word for holds, word in rules if holds), "awaiting_shipment")


@dataclass
class Model:
    """All orders, and on hand per (sku, location)."""

    orders: dict[object, ModelOrder] = field(default_factory=dict)
    on_hand: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))

    def total_on_hand(self, sku: str) -> int:
        """What there is of a product at all locations together."""
        return sum(n for (other, _), n in self.on_hand.items() if other == sku)
