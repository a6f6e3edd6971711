"""Pegs what orders wait for to what is expected to come in: first come by priority, earliest supply first; pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Waiting:
    """Pieces of one product that an order line waits for; they come in the order in which they are served."""

    line_id: UUID
    order_id: UUID
    shop_id: UUID
    product_id: UUID
    quantity: int
    # The one place that it may come from: where the customer collects the order.
    location_id: UUID | None = None


@dataclass(slots=True)
class Supply:
    """Pieces of one product that are still to come to a location; they come by day, those without a day last."""

    inbound_id: UUID
    number: str
    location_id: UUID
    product_id: UUID
    quantity: int
    expected_on: date | None


@dataclass(frozen=True, slots=True)
class Sent:
    """Pieces of a line's product that travel for its order alone."""

    line_id: UUID
    product_id: UUID
    inbound_id: UUID
    number: str
    expected_on: date | None
    quantity: int


@dataclass(frozen=True, slots=True)
class Peg:
    """So many pieces of a line that will come with an inbound."""

    waiting: Waiting
    inbound_id: UUID
    number: str
    expected_on: date | None
    quantity: int


@dataclass(slots=True)
class Promise:
    """What a line waits for and what of it is on its way; `day` is known when all of it is pegged to days."""

    waiting: int = 0
    pegs: list[Peg] = field(default_factory=list)

    @property
    def pegged(self) -> int:
        """Pieces that are on their way."""
        return sum(peg.quantity for peg in self.pegs)

    @property
    def day(self) -> date | None:
        """The day on which the last of it is expected; None while something has no day."""
        days = [peg.expected_on for peg in self.pegs]
        if self.pegged < self.waiting or None in days:
            return None
        return max((day for day in days if day is not None), default=None)


def keep_for_orders(
    waiting: Sequence[Waiting], supplies: Sequence[Supply], sent: Sequence[Sent]
) -> tuple[list[Peg], list[Waiting]]:
    """Give each order what was sent for it; returns those pegs, and what still waits for something else, in turn.

    What was sent for an order is taken out of `supplies`, also where it is not that order's turn.
    """
    coming = {(s.inbound_id, s.product_id): s for s in supplies}
    of_line: dict[tuple[UUID, UUID], list[Sent]] = {}
    for one in sent:
        # Read a moment apart: it may have come in meanwhile.
        if supply := coming.get((one.inbound_id, one.product_id)):
            supply.quantity -= one.quantity
        of_line.setdefault((one.line_id, one.product_id), []).append(one)
    pegs: list[Peg] = []
    rest: list[Waiting] = []
    for demand in waiting:
        mine = of_line.get((demand.line_id, demand.product_id), ())
        pegs += [Peg(demand, s.inbound_id, s.number, s.expected_on, s.quantity) for s in mine]
        missing = demand.quantity - sum(s.quantity for s in mine)
        if missing > 0:
            rest.append(replace(demand, quantity=missing))
    return pegs, rest


def peg(
    waiting: Sequence[Waiting],
    supplies: Sequence[Supply],
    may_serve: Callable[[Waiting, UUID], bool],
) -> list[Peg]:
    """Give every demand, in its turn, the earliest pieces that may go to it; what finds none stays without a peg.

    `may_serve(demand, location)`: see `serving.py`. No piece is promised twice. `supplies` are used up.
    """
    by_product: dict[UUID, list[Supply]] = {}
    for supply in supplies:
        by_product.setdefault(supply.product_id, []).append(supply)
    pegs: list[Peg] = []
    for demand in waiting:
        missing = demand.quantity
        for supply in by_product.get(demand.product_id, ()):
            if missing == 0:
                break
            part = min(missing, supply.quantity)
            if part > 0 and may_serve(demand, supply.location_id):
                supply.quantity -= part
                missing -= part
                pegs.append(Peg(demand, supply.inbound_id, supply.number, supply.expected_on, part))
        # What is used up is not looked at again.
        by_product[demand.product_id] = [
            s for s in by_product.get(demand.product_id, ()) if s.quantity
        ]
    return pegs
