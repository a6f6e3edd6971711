"""Ends the wait for goods on their way; what an order loses by it is looked for elsewhere at once."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from orderwerk.allocations.transfer_pegs import OpenPeg, drop_pegs, open_pegs, orders_fed_by
from orderwerk.core import sql
from orderwerk.core.actor import Actor
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import UnitOfWork, retrying, unit_of_work
from orderwerk.flows.allocate_orders import claim_open
from orderwerk.flows.intake_reads import read_shops
from orderwerk.orders.counters import OrderState, lock_orders
from orderwerk.stock.commands.close_inbounds import CloseInboundItem, close_inbounds
from orderwerk.stock.inbounds import lock_inbounds
from orderwerk.stock.shelves import Key, ensure_levels, lock_shelves

REASON = "the transfer was closed"


def close_expected(items: Sequence[CloseInboundItem], *, actor: Actor) -> list[Outcome]:
    """Close inbounds as `close_inbounds` does; what of a transfer was an order's is claimed elsewhere, or waits as backorder.

    Refuses as `close_inbounds`.
    """
    return retrying(lambda: _close(items, actor))


def _close(items: Sequence[CloseInboundItem], actor: Actor) -> list[Outcome]:
    with unit_of_work(actor) as unit:
        orders = orders_fed_by(ids=[item.inbound_id for item in items])
        if not orders:
            return close_inbounds(items, actor=actor)
        # Before the transfers and the stock: whoever closes may see less than the orders that lose the goods.
        states = lock_orders(unit, orders, of_all_shops=True)
        pegs = open_pegs(states)
        numbers = {
            s.number for s in lock_inbounds(unit, ids=[i.inbound_id for i in items]).values()
        }
        mine = [peg for peg in pegs if peg.transfer in numbers]
        _lock_stock(unit, items, mine)
        outcomes = close_inbounds(items, actor=actor)
        closed = {str(outcome.data["number"]) for outcome in outcomes if outcome.ok}
        _let_go(unit, states, [peg for peg in mine if peg.transfer in closed])
    return outcomes


_BACK = """
select x.product_id, i.origin_id from stock_inbound i join stock_inbound_line x on x.inbound_id = i.id
where i.id = any(%s) and i.origin_id is not null
"""


def _lock_stock(
    unit: UnitOfWork, items: Sequence[CloseInboundItem], pegs: Sequence[OpenPeg]
) -> None:
    """Lock all stock at once, in order: where pieces go back to, and where the orders may claim instead."""
    shops, _ = read_shops([], [peg.shop_id for peg in pegs])
    places = {place for policy in shops.values() for place in policy.locations}
    wanted: set[Key] = {(peg.product_id, place) for peg in pegs for place in places}
    back = [item.inbound_id for item in items if item.back_to_origin]
    home = [(row[0], row[1]) for row in sql.fetch(_BACK, (back,))]
    ensure_levels(home)
    lock_shelves(unit, wanted.union(home))


def _let_go(unit: UnitOfWork, states: Mapping[UUID, OrderState], pegs: Sequence[OpenPeg]) -> None:
    drop_pegs(unit, {peg.id: (peg, peg.quantity) for peg in pegs}, REASON)
    losing = [states[key] for key in {peg.order_id for peg in pegs}]
    # Somebody decided that the pieces do not travel: the rule that sent them does not send them again.
    claim_open(unit, losing, only={peg.product_id for peg in pegs}, gathers=False)
