"""Takes what leaves off its shelves: picked pieces out of the staging bin, the others out of the bins where they lie free."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from orderwerk.core import clock
from orderwerk.core.errors import WrongState
from orderwerk.core.uow import UnitOfWork
from orderwerk.flows.held import Held
from orderwerk.flows.staged_lots import StagedLots
from orderwerk.shipments.locking import ShipmentState
from orderwerk.stock.count_requests import ToCount, count_bins_again, request_counts
from orderwerk.stock.movements import Movement, Place, write_movements
from orderwerk.stock.shelves import Shelf

Key = tuple[UUID, UUID]


def check_days(parts: Iterable[tuple[Held, int]], shelves: Mapping[Key, Shelf]) -> None:
    """Refuse (WrongState) what nobody picked and only lies in lots whose day is over: they are about to be blocked."""
    wanted: dict[Key, int] = defaultdict(int)
    for claim, quantity in parts:
        wanted[claim.key] += quantity - min(quantity, claim.picked)
    for key, pieces in wanted.items():
        if pieces > sum(row.may_leave for row in shelves[key].bins):
            raise WrongState(
                "The day of a lot in it is over; other pieces are looked for within minutes.",
                code="lot_blocked",
            )


@dataclass(slots=True)
class TakenOff:
    """What left which bin, and the bins that were counted between that and its being told."""

    shelves: Mapping[Key, Shelf]
    staged: StagedLots
    movements: list[Movement] = field(default_factory=list)
    # Each bin of a product once, however many parcels ask for it.
    again: dict[tuple[UUID, UUID], ToCount] = field(default_factory=dict)

    def take(
        self, shipment: ShipmentState, parts: Sequence[tuple[Held, int]], told: datetime | None
    ) -> None:
        """Take the pieces of a shipment, `told` as having left then (None: now), not before there was such a shipment.

        Picked pieces left a bin that somebody named; nobody knows which one the others left.
        """
        at = max(told, shipment.created_at) if told is not None and told < clock.now() else None
        out: dict[Place, int] = defaultdict(int)
        for claim, quantity in parts:
            shelf, from_staging = self.shelves[claim.key], min(quantity, claim.picked)
            lots = self.staged.of(claim.order_id, claim.key)
            staged = shelf.take_staged(from_staging, lots)
            free = shelf.take_free(quantity - from_staging)
            for place, part in (*staged, *free):
                out[place] += part
            bins = {place.bin_id for place, _ in free}
            for each in count_bins_again(shelf, bins, at, named=not free):
                self.again[(each.product_id, each.bin_id)] = each
        for place, n in out.items():
            movement = Movement(place, -n, "shipped", shipment.id, shipment.order_id, at=at)
            self.movements.append(movement)

    def write(self, unit: UnitOfWork) -> None:
        """Write the movements and ask for the counts; the levels are locked."""
        write_movements(self.movements, actor=unit.actor)
        request_counts(unit, list(self.again.values()))
