"""One history: its shop, the plain model of its orders and goods, and what must be true between two steps."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any
from uuid import UUID

from tests.build import World
from tests.histories.life.provider import Held, PortDouble
from tests.histories.life.reads import Line, Order, Snap


@dataclass
class ModelLine:
    """One line as the model sees it."""

    id: UUID
    sku: str
    quantity: int
    gross: int
    cancelled: int = 0
    shipped: int = 0
    returned: int = 0
    expired: int = 0
    claimed: int = 0

    @property
    def with_customer(self) -> int:
        """Pieces that may still come back, or be claimed."""
        return self.shipped - self.returned - self.claimed


@dataclass
class ModelOrder:
    """One order as the model sees it; amounts in minor units."""

    id: UUID
    lines: list[ModelLine]
    total: int
    shipping: int
    holds: int = 0
    is_erased: bool = False
    # The order whose goods, or whose credit, it was made for: by a claim or an exchange.
    came_of: UUID | None = None
    rejected: set[str] = field(default_factory=set)
    # What customers keep without sending it back was sold for so much.
    kept: int = 0
    # The statements of withdrawal, in their own words: the same again are the same statement.
    stated: set[Any] = field(default_factory=set)
    # What has once been written on a document, or been paid back, never becomes less.
    invoiced: int = 0
    credited: int = 0
    refunded: int = 0

    def due(self) -> int:
        """What is to be paid: the total less what was cancelled, in the product's documented rounding."""
        gone = sum(x.gross * x.cancelled // x.quantity for x in self.lines)
        all_gone = all(x.cancelled == x.quantity for x in self.lines)
        return self.total - gone - (self.shipping if all_gone else 0)

    def status(self, allocated: int, paid: int) -> str:
        """The status that these facts mean: the twin of the SQL function order_status()."""
        ordered = sum(x.quantity for x in self.lines)
        cancelled = sum(x.cancelled for x in self.lines)
        shipped = sum(x.shipped for x in self.lines)
        rules = [
            (cancelled == ordered, "cancelled"),
            (shipped + cancelled == ordered, "shipped"),
            (self.holds > 0, "on_hold"),
            (paid < self.due(), "awaiting_payment"),
            (shipped > 0, "partially_shipped"),
            (allocated + shipped + cancelled < ordered, "awaiting_stock"),
        ]
        return next((word for holds, word in rules if holds), "awaiting_shipment")


@dataclass(frozen=True)
class Takes:
    """What a history's shop takes back; amounts in minor units."""

    gifts: bool
    fee: int
    keep_up_to: int | None
    ways: tuple[str, ...]
    at_once: bool

    @staticmethod
    def drawn(dice: Random) -> "Takes":
        """Draw it."""
        return Takes(
            gifts=dice.random() < 0.5,
            fee=dice.choice([0, 0, 0, 250, 1500]),
            keep_up_to=dice.choice([None, 1000, 5000]),
            ways=dice.choice([(), ("own",), ("own", "location")]),
            at_once=dice.random() < 0.3,
        )


@dataclass(frozen=True)
class Policy:
    """How a history's shop works."""

    currency: str
    includes_tax: bool
    invoice_when: str
    refund_mode: str
    four_eyes_above: str
    use_pick_lists: bool
    asks: bool
    revives: bool
    provider: str
    stock: int
    returns: "Takes"

    @staticmethod
    def drawn(dice: Random) -> "Policy":
        """Draw one."""
        currency = dice.choice(["EUR", "EUR", "EUR", "JPY", "KWD"])
        return Policy(
            currency=currency,
            includes_tax=dice.random() < 0.7,
            invoice_when=dice.choice(["placed", "paid", "shipped"]),
            refund_mode=dice.choice(["automatic", "automatic", "periodic", "manual"]),
            four_eyes_above=dice.choice(["", "15", "15" if currency == "JPY" else "12.50"]),
            use_pick_lists=dice.random() < 0.4,
            asks=dice.random() < 0.4,
            revives=dice.random() < 0.7,
            provider=dice.choice(["mollie", "stripe"]),
            stock=dice.choice([0, 3, 6, 6, 20]),
            returns=Takes.drawn(dice),
        )


@dataclass
class Story:
    """One history."""

    seed: int
    policy: Policy
    world: World
    doubles: Mapping[str, PortDouble]
    account: UUID | None = None
    orders: dict[UUID, ModelOrder] = field(default_factory=dict)
    on_hand: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))
    log: list[tuple[str, str]] = field(default_factory=list)
    failed: str = ""
    snap: Snap = field(default_factory=Snap)
    # An order for which as much must be claimed now as there is.
    to_be_claimed: UUID | None = None
    # What the last deed wants to see of the rows before they are compared.
    pending: list[Callable[[], None]] = field(default_factory=list)

    @property
    def shop_id(self) -> UUID:
        """The shop of this history alone."""
        found: UUID = self.world.shop_id
        return found

    @property
    def double(self) -> PortDouble:
        """The provider that the shop is connected to."""
        return self.doubles[self.policy.provider]

    @property
    def exponent(self) -> int:
        """The decimals of the currency."""
        return {"JPY": 0, "KWD": 3}.get(self.policy.currency, 2)

    def amount(self, minor: int) -> str:
        """Minor units as the API writes them."""
        places = self.exponent
        return f"{minor / 10**places:.{places}f}"

    def paid(self, order: UUID) -> int:
        """What an order has received and been promised, by its payments."""
        found = self.snap.of("payments", order)
        return sum(p.captured + (p.amount - p.captured if p.status == "authorized" else 0) for p in found)  # fmt: skip

    def is_payable(self, order: UUID) -> bool:
        """Whether money stands in the way of shipping."""
        return self.paid(order) >= self.orders[order].due()

    def held_as(self, payment: UUID) -> Held:
        """What the provider has under one of our payments."""
        [reference] = [p.reference for p in self.snap.all("payments") if p.id == payment]
        return self.double.held[reference]

    def held(self) -> list[Held]:
        """The provider's side of this history's payments."""
        rows = self.snap.all("payments")
        return [self.double.held[p.reference] for p in rows if p.reference in self.double.held]

    def some_order(self, dice: Random) -> ModelOrder | None:
        """Any order, if there is one."""
        return dice.choice(list(self.orders.values())) if self.orders else None

    def see(self, snap: Snap) -> None:
        """Take in what stands now, and compare it with the model; stops with AssertionError where they differ."""
        self.snap = snap
        pending, self.pending = self.pending, []
        for look in pending:
            look()
        assert set(snap.orders) == set(self.orders), "orders appeared or went"
        for key, order in self.orders.items():
            _see_pieces(self, order, snap.orders[key], snap.of("lines", key))
            _see_money(order, snap, snap.orders[key])
        _see_goods(self, snap)
        self._see_claims()

    def _see_claims(self) -> None:
        key, self.to_be_claimed = self.to_be_claimed, None
        if key is None:
            return
        places = [p for p in self.world.locations if p not in self.orders[key].rejected]
        missing: Counter[str] = Counter()
        for x in self.snap.of("lines", key):
            missing[x.sku] += x.quantity - x.allocated - x.shipped - x.cancelled
        # What travels for the order is its own already.
        for one in self.snap.of("travelling", key):
            missing[one.sku] -= one.pieces
        for sku, n in missing.items():
            free = sum(self.snap.free(sku, place) for place in places)
            assert n == 0 or free == 0, f"{n} of {sku} wait while {free} are free"

    def sync_cancelled(self, order: ModelOrder) -> int:
        """Take over how many pieces of an order are cancelled and expired, as the rows say; returns the difference."""
        rows: Mapping[UUID, Line] = {x.id: x for x in self.snap.of("lines", order.id)}
        more = sum(rows[x.id].cancelled - x.cancelled for x in order.lines)
        for line in order.lines:
            line.cancelled, line.expired = rows[line.id].cancelled, rows[line.id].expired
            assert line.cancelled + line.shipped <= line.quantity, "cancelled what was shipped"
        return more


def _see_pieces(story: Story, order: ModelOrder, row: Order, lines: list[Line]) -> None:
    told = [(x.quantity, x.cancelled, x.shipped, x.returned, x.claimed) for x in lines]
    ours = [(x.quantity, x.cancelled, x.shipped, x.returned, x.claimed) for x in order.lines]
    assert told == ours, (
        f"pieces (ordered, cancelled, shipped, returned, claimed) {told}, not {ours}"
    )
    assert row.holds == order.holds, f"{row.holds} holds, not {order.holds}"
    assert row.erased == order.is_erased, "erased"
    assert row.cancelled == row.total - order.due(), f"cancelled for {row.cancelled}"
    status = order.status(sum(x.allocated for x in lines), story.paid(order.id))
    assert row.status == status, f"status {row.status}, not {status}"


def _see_money(order: ModelOrder, snap: Snap, row: Order) -> None:
    payments, invoices = snap.of("payments", order.id), snap.of("invoices", order.id)
    refunds = snap.of("refunds", order.id)
    debits = {v.id: v for v in invoices if v.kind == "debit"}
    backs = {v.id: v for v in invoices if v.kind == "credit"}
    assert row.captured == sum(p.captured for p in payments), "received"
    assert row.invoiced == sum(v.gross for v in debits.values()), "invoiced"
    assert row.credited == sum(v.gross for v in backs.values()), "credited"
    assert row.invoiced - row.credited <= row.total, "invoiced more than the order costs"
    assert row.refundable <= min(row.credited, row.captured), "more refundable than received"
    for key, debit in debits.items():
        back = sum(v.gross for v in backs.values() if v.debit == key)
        assert back == debit.credited <= debit.gross, f"credited {back} of {debit.gross}"
    live = [r for r in refunds if r.status not in {"failed", "rejected"} and not r.is_reversed]
    for key, credit in backs.items():
        held = sum(r.amount for r in live if r.credit == key)
        assert held == credit.reserved <= credit.refundable <= credit.gross, "refunds of a credit"
    for p in payments:
        held = sum(r.amount for r in live if r.payment == p.id)
        assert held == p.reserved <= p.captured <= p.amount, "refunds of a payment"
        assert p.charged_back <= p.captured, "charged back"
    assert sum(r.amount for r in live) == row.reserved, "refunds of an order"
    refunded = sum(r.amount for r in refunds if r.status == "succeeded")
    assert refunded >= order.refunded, "a refund was forgotten"
    assert row.invoiced >= order.invoiced, "an invoice was forgotten"
    assert row.credited >= order.credited, "a credit was forgotten"
    order.refunded, order.invoiced, order.credited = refunded, row.invoiced, row.credited


def _see_goods(story: Story, snap: Snap) -> None:
    wanted = {key: n for key, n in story.on_hand.items() if n}
    told = {key: level[0] for key, level in snap.levels.items() if level[0]}
    assert told == wanted, f"on hand {told}, not {wanted}"
    claimed: Counter[tuple[str, str]] = Counter()
    for claim in snap.all("claims"):
        if claim.status != "shipped":
            claimed[(claim.sku, claim.place)] += claim.quantity
    for key, (on_hand, allocated, staged, _) in snap.levels.items():
        assert claimed[key] == allocated <= on_hand, f"claimed {claimed[key]}, {allocated} of {on_hand}"  # fmt: skip
        assert staged <= allocated, "staged"


@dataclass
class Wish:
    """What a deed is to do for one history: the item of its command, and what the draw knows of it."""

    item: Any
    facts: dict[str, Any] = field(default_factory=dict)
