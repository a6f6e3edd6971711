"""Lots under lock: which there are, which a receipt makes, and which of a transfer are still on their way."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from orderwerk.core import clock, ids, sql
from orderwerk.core.errors import Conflict, LimitExceeded, NotFound
from orderwerk.core.uow import STILL, Subject, UnitOfWork
from orderwerk.stock.events import LOT_SET

EXPIRED = "expired"


@dataclass(slots=True)
class LotState:
    """A lot as it stands under lock."""

    product_id: UUID
    code: str
    expires_on: date | None
    is_blocked: bool
    blocked_reason: str
    min_days: int = 0

    @property
    def is_over(self) -> bool:
        """Whether it has fewer days left than its product wants."""
        return is_over(self.expires_on, self.min_days)


Name = tuple[UUID, str]


def is_over(day: date | None, min_days: int = 0) -> bool:
    """Tell whether a lot may no longer be used: fewer than `min_days` are left to the day that stands on it, UTC."""
    return day is not None and day < clock.now().date() + timedelta(days=min_days)


def hold_lots(unit: UnitOfWork, names: Iterable[Name]) -> None:
    """Hold lots by their names until the end; to be done before rows are locked, also by whoever locks orders first."""
    unit.lock_settings([("lot", str(product), code) for product, code in names])


class LotBook:
    """The lots that a command names, held by their names until it ends."""

    def __init__(self, unit: UnitOfWork, names: Iterable[Name]) -> None:
        """Hold and read lots: three statements, none where no lot is named. To be made before rows are locked."""
        wanted = sorted(set(names))
        self._lots: dict[Name, LotState] = {}
        self._new: dict[Name, tuple[LotState, str]] = {}
        self._min_days: dict[UUID, int] = {}
        if not wanted:
            return
        hold_lots(unit, wanted)
        rows = sql.fetch(
            "select t.product_id, t.code, t.expires_on, t.is_blocked, t.blocked_reason, p.min_shelf_days from stock_lot t "
            "join catalog_product p on p.id = t.product_id "
            "join unnest(%s::uuid[], %s::text[]) as n(product_id, code) using (product_id, code)",
            ([name[0] for name in wanted], [name[1] for name in wanted]),
        )
        products = [product for product, _ in wanted]
        days = sql.fetch(
            "select id, min_shelf_days from catalog_product where id = any(%s)", (products,)
        )
        self._min_days = {row[0]: row[1] for row in days}
        self._lots = {(row[0], row[1]): LotState(*row) for row in rows}

    def known(self, product_id: UUID, code: str, pointer: str = "/lot") -> LotState:
        """Return a lot; refuses with NotFound one that never came in."""
        lot = self._lots.get((product_id, code))
        if lot is None:
            raise NotFound(
                f"There is no lot {code} of this product; a lot is made when it is received.",
                code="unknown_lot",
                pointer=pointer,
            )
        return lot

    def come_in(self, product_id: UUID, sku: str, code: str, expires_on: date | None) -> LotState:
        """Return the lot that comes in, a new one where it is not known; refuses with Conflict another day than it has."""
        lot = self._lots.get((product_id, code))
        if lot is None:
            days = self._min_days[product_id]
            over = is_over(expires_on, days)
            lot = LotState(product_id, code, expires_on, over, EXPIRED if over else "", days)
            self._lots[(product_id, code)] = lot
            self._new[(product_id, code)] = (lot, sku)
        elif expires_on is not None and expires_on != lot.expires_on:
            told = lot.expires_on.isoformat() if lot.expires_on else "no day"
            raise Conflict(
                f"Lot {code} is known with {told}, not {expires_on.isoformat()}; change the lot first if that is wrong.",
                code="other_expiry",
                pointer="/expires_on",
            )
        return lot

    def write_new(self, unit: UnitOfWork) -> None:
        """Write the lots that came in for the first time; one statement, before their movements."""
        if not self._new:
            return
        rows = [
            {
                "id": ids.new_id(), "product_id": lot.product_id, "code": lot.code, "expires_on": lot.expires_on,
                "is_blocked": lot.is_blocked, "blocked_reason": lot.blocked_reason, "created_at": clock.now(),
            }
            for lot, _ in self._new.values()
        ]  # fmt: skip
        sql.insert_rows(
            "stock_lot",
            "id uuid, product_id uuid, code text, expires_on date, is_blocked boolean, blocked_reason text, created_at timestamptz",
            rows,
        )
        for lot, sku in self._new.values():
            record_lot(unit, lot, sku)


def record_lot(unit: UnitOfWork, lot: LotState, sku: str) -> None:
    """Tell how a lot stands now."""
    day = lot.expires_on.isoformat() if lot.expires_on else None
    data = {"sku": sku, "lot": lot.code, "expires_on": day, "blocked": lot.is_blocked, "reason": lot.blocked_reason}  # fmt: skip
    unit.record(LOT_SET, Subject("product", lot.product_id), STILL, data)


_ON_THE_WAY = """
select m.source_id, m.lot, (-sum(m.delta) - coalesce((select sum(r.quantity) from stock_receipt r
  where r.inbound_line_id = m.source_id and r.lot = m.lot), 0))::int
from stock_movement m where m.kind = 'transferred_out' and m.source_id = any(%s) group by m.source_id, m.lot order by m.source_id, m.lot
"""


def on_the_way(line_ids: Sequence[UUID]) -> dict[UUID, dict[str, int]]:
    """Return per line of a transfer which lots left and have not come in ("" where none are kept); one statement.

    The inbounds are locked by the caller. What was closed before is not taken off.
    """
    found: dict[UUID, dict[str, int]] = {}
    for line, lot, pieces in sql.fetch(_ON_THE_WAY, (list(line_ids),)):
        found.setdefault(line, {})[lot] = pieces
    return found


def check_sent(lots: dict[str, int], code: str, quantity: int) -> None:
    """Refuse (LimitExceeded) more pieces of a lot than a transfer has on its way."""
    if quantity > lots.get(code, 0):
        raise LimitExceeded(
            f"{lots.get(code, 0)} of lot {code} are in transit, not {quantity}; receive the others blind.",
            code="lot_not_sent",
            pointer="/lot",
        )
