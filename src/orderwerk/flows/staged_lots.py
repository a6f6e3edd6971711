"""Which lots of an order lie in the staging bin: the ledger says it, since every piece that goes in or out names its order."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from orderwerk.core import clock, sql
from orderwerk.core.errors import WrongState
from orderwerk.picklists.take_off import PutBack
from orderwerk.stock.shelves import Key

_STAGED = """
select m.order_id, m.product_id, m.location_id, m.lot, sum(m.delta)::int, t.is_blocked or coalesce(t.expires_on < %s, false)
from stock_movement m join stock_bin b on b.id = m.bin_id and b.kind = 'staging'
join stock_lot t on t.product_id = m.product_id and t.code = m.lot
where m.order_id = any(%s) and m.lot <> ''
group by m.order_id, m.product_id, m.location_id, m.lot, t.is_blocked, t.expires_on
having sum(m.delta) > 0
order by t.expires_on nulls last, m.lot
"""


@dataclass(slots=True)
class StagedLots:
    """Picked pieces per order and level, by lot, what expires first in front; who takes of them uses them up."""

    pieces: dict[tuple[UUID, Key], dict[str, int]] = field(default_factory=dict)
    blocked: set[tuple[UUID, str]] = field(default_factory=set)

    def of(self, order_id: UUID, key: Key) -> dict[str, int]:
        """Return what is left of one order at one level."""
        return self.pieces.get((order_id, key), {})

    def check(self, order_id: UUID, key: Key) -> None:
        """Refuse (WrongState) when a lot of these is blocked, or its day is over: it must not leave, nor go back as if it were free."""
        for lot, pieces in self.of(order_id, key).items():
            if pieces and (key[0], lot) in self.blocked:
                raise WrongState(
                    f"Lot {lot} is blocked, or its day is over. Cancel the shipment: its goods go back to their bin, and others are looked for.",
                    code="lot_blocked",
                )

    def relot(self, back: PutBack, order_id: UUID, key: Key) -> list[PutBack]:
        """Name the lots that really lie in the staging bin, the one that was asked for first."""
        if not back.lot:
            return [back]
        left, found = self.of(order_id, key), []
        missing = back.quantity
        for lot in sorted(left, key=lambda each: each != back.lot):
            part = min(missing, left[lot])
            left[lot] -= part
            missing -= part
            found.append(replace(back, lot=lot, quantity=part))
        return [each for each in found if each.quantity]


def staged_lots(order_ids: Iterable[UUID]) -> StagedLots:
    """Read what lies in staging of orders that are locked; one statement."""
    staged = StagedLots()
    for order, product, location, lot, pieces, blocked in sql.fetch(
        _STAGED, (clock.now().date(), list(set(order_ids)))
    ):
        staged.pieces.setdefault((order, (product, location)), {})[lot] = pieces
        if blocked:
            staged.blocked.add((product, lot))
    return staged


def relotted(
    backs: Sequence[PutBack], owners: dict[UUID, tuple[UUID, Key]]
) -> list[tuple[PutBack, UUID, Key]]:
    """Return what goes back to which bin, with the lots that really lie there; `owners`: order and level per allocation.

    One statement, none where no lot is named.
    """
    named = {owners[back.allocation_id][0] for back in backs if back.lot}
    staged = staged_lots(named) if named else StagedLots()
    return [
        (part, *owners[back.allocation_id])
        for back in backs
        for part in staged.relot(back, *owners[back.allocation_id])
    ]
