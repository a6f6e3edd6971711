"""Receives goods; what was sent for an order is the order's again in the same transaction."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from uuid import UUID

from orderwerk.allocations.commands.claim import NewAllocation
from orderwerk.allocations.explain import and_then
from orderwerk.allocations.transfer_pegs import (
    OpenPeg,
    note_arrived,
    open_pegs,
    orders_fed_by,
)
from orderwerk.core import ids, sql
from orderwerk.core.actor import Actor
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import UnitOfWork, retrying, unit_of_work
from orderwerk.flows.allocate_orders import write_claims
from orderwerk.orders.counters import OrderState, lock_orders
from orderwerk.stock.commands.receive import ReceiveItem, receive_stock
from orderwerk.stock.lots import hold_lots
from orderwerk.stock.movements import read_levels
from orderwerk.stock.shelves import Key


def receive_goods(items: Sequence[ReceiveItem], *, actor: Actor) -> list[Outcome]:
    """Book goods as `receive_stock` does, and claim for their orders the pieces that were sent for them.

    What came into a blocked lot, or to a location that is closed or has said that it cannot send the order, is claimed
    elsewhere with the next stock. Refuses as `receive_stock`.
    """
    return retrying(lambda: _receive(items, actor))


def _receive(items: Sequence[ReceiveItem], actor: Actor) -> list[Outcome]:
    with unit_of_work(actor) as unit:
        numbers = {item.inbound for item in items if item.inbound}
        orders = orders_fed_by(numbers=numbers) if numbers else []
        if not orders:
            return receive_stock(items, actor=actor)
        _hold_lots(unit, items)
        # Before the transfers and the stock: whoever receives may see less than the orders that get the goods.
        states = lock_orders(unit, orders, of_all_shops=True)
        outcomes = receive_stock(items, actor=actor)
        came: dict[tuple[str, str], int] = defaultdict(int)
        for item, outcome in zip(items, outcomes, strict=True):
            if outcome.ok and item.inbound:
                came[(item.inbound, item.sku)] += item.quantity
        _hand_over(unit, states, came)
    return outcomes


def _hold_lots(unit: UnitOfWork, items: Sequence[ReceiveItem]) -> None:
    skus = sorted({item.sku for item in items if item.lot})
    if skus:
        rows = sql.fetch("select sku, id from catalog_product where sku = any(%s)", (skus,))
        known: dict[str, UUID] = dict(rows)
        hold_lots(unit, {(known[i.sku], i.lot) for i in items if i.lot and i.sku in known})


def _hand_over(
    unit: UnitOfWork, states: Mapping[UUID, OrderState], came: Mapping[tuple[str, str], int]
) -> None:
    pegs = open_pegs(states)
    skus: dict[UUID, str] = dict(
        sql.fetch("select id, sku from catalog_product where id = any(%s)", ([p.product_id for p in pegs],))
    )  # fmt: skip
    left = dict(came)
    arrived: dict[UUID, int] = {}
    coming: list[tuple[OpenPeg, int]] = []
    for peg in pegs:
        key = (peg.transfer, skus[peg.product_id])
        part = min(peg.quantity, left.get(key, 0))
        if part:
            left[key] -= part
            arrived[peg.id] = part
            coming.append((peg, part))
    note_arrived(arrived)
    write_claims(unit, _claims(coming), dict(states))


def _claims(coming: Sequence[tuple[OpenPeg, int]]) -> list[NewAllocation]:
    """Return the claims on pieces that came; the levels are locked, and pieces in a blocked lot are no pieces to claim."""
    keys: list[Key] = sorted({(peg.product_id, peg.location_id) for peg, _ in coming})
    free = {key: level.free for key, level in read_levels(keys).items()}
    claims = []
    for peg, part in coming:
        key = (peg.product_id, peg.location_id)
        pieces = min(part, max(0, free[key])) if peg.may_claim else 0
        if pieces:
            free[key] -= pieces
            claims.append(
                NewAllocation(
                    ids.new_id(), peg.shop_id, peg.order_id, peg.order_line_id, peg.product_id, peg.location_id, pieces,
                    and_then(sql.from_json(peg.explanation), "consolidated", peg.location),
                )
            )  # fmt: skip
    return claims
