"""Brings expired orders back when the money comes after all."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from orderwerk.core import sql
from orderwerk.core.uow import Move, Subject, UnitOfWork
from orderwerk.flows.book_payments import Changes
from orderwerk.orders.counters import LineDelta, OrderState, change_counters
from orderwerk.orders.events import ORDER_REVIVED
from orderwerk.orders.pricing import cancelled_value


@dataclass(slots=True)
class _Expired:
    """An expired order that may come back, amounts in minor units: what it would cost, and what has come in for it."""

    state: OrderState
    cancelled_minor: int
    paid: int
    total: int
    shipping: int
    retained: int
    lines: list[tuple[UUID, int, int, int, int]] = field(default_factory=list)

    @property
    def still_cancelled(self) -> int:
        """The value that stays cancelled, and not kept, once the expired pieces are back."""
        value = sum(
            cancelled_value(gross, n, gone - back) for _, gross, n, gone, back in self.lines
        )
        everything = all(gone - back == n for _, _, n, gone, back in self.lines)
        return value + (self.shipping if everything else 0) - self.retained


# An order of which something has been credited stays away: its money is on its way back.
_READ = """
select o.id, o.shop_id, o.number, o.status, o.version, o.holds_open, true, o.cancelled_minor,
  o.captured_minor + o.authorized_minor, o.grand_total_minor, o.shipping_net_minor + o.shipping_tax_minor,
  o.retained_minor, l.id, l.gross_minor, l.quantity, l.cancelled, l.expired
from orders_order o join shops_shop s on s.id = o.shop_id join orders_line l on l.order_id = o.id
where o.id = any(%s) and s.late_payment = 'revive' and o.credited_minor = 0
  and exists (select 1 from orders_line x where x.order_id = o.id and x.expired > 0)
order by o.id, l.position
"""


def revive_paid(unit: UnitOfWork, order_ids: Collection[UUID]) -> dict[UUID, OrderState]:
    """Bring back the expired pieces of locked orders whose payments cover them; returns their new states.

    The caller claims stock for them. Where the money does not cover the order, or the shop does not want it back, it stays
    cancelled and the money is credited and refunded as any that was paid too much.
    """
    if not order_ids:
        return {}
    found: dict[UUID, _Expired] = {}
    for row in sql.fetch(_READ, (list(order_ids),)):
        known = found.setdefault(row[0], _Expired(OrderState(*row[:7]), *row[7:12]))
        known.lines.append(row[12:17])
    coming = {
        key: order
        for key, order in found.items()
        if order.paid >= order.total - order.still_cancelled
    }
    if not coming:
        return {}
    deltas: dict[UUID, LineDelta] = defaultdict(LineDelta)
    for order in coming.values():
        for line_id, _, _, _, back in order.lines:
            if back:
                deltas[line_id].cancelled -= back
    sql.execute("update orders_line set expired = 0 where id = any(%s)", (list(deltas),))
    values = {key: order.still_cancelled - order.cancelled_minor for key, order in coming.items()}
    after = change_counters(deltas, cancelled_minor=values)
    for key, state in after.items():
        subject = Subject("order", key, state.version, key, state.shop_id)
        pieces = sum(back for *_, back in coming[key].lines)
        unit.record(
            ORDER_REVIVED, subject, Move(coming[key].state.status, state.status), {"units": pieces}
        )
    return after


def may_be_allocated(
    unit: UnitOfWork,
    before: Mapping[UUID, OrderState],
    after: dict[UUID, OrderState],
    changes: Changes,
) -> list[OrderState]:
    """Return the orders that money has made ready to claim stock: those that can be paid now, and expired ones that it covers.

    `after` gets the states of the orders that came back.
    """
    revived = revive_paid(unit, changes.grown())
    after |= revived
    return [s for k, s in after.items() if k in revived or (s.payable and not before[k].payable)]
