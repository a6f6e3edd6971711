"""Orders that are gathered, under real concurrency: they travel to one place, and every piece comes to one end."""

from functools import partial
from uuid import UUID

import pytest

from orderwerk.core import sql
from orderwerk.core.outcome import Outcome
from orderwerk.flows.cancel_orders import CancelItem, cancel_orders
from orderwerk.flows.close_transfers import close_expected
from orderwerk.flows.consolidate_orders import ConsolidateItem, consolidate_orders
from orderwerk.flows.receive_goods import receive_goods
from orderwerk.stock.commands.close_inbounds import CloseInboundItem
from orderwerk.stock.commands.receive import ReceiveItem
from tests import build
from tests.races.test_shipments import _healthy, _outcomes
from tests.races.threads import together

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 4


def split() -> tuple[build.World, UUID]:
    """An order of a world of its own: a piece at the first location, three at the second."""
    world = build.world(stock=0, products=2)
    world.count(world.locations[0], {world.skus[0]: 1})
    world.count(world.locations[1], {world.skus[1]: 4})
    return world, world.place((world.skus[0], 1), (world.skus[1], 3))


def test_two_people_who_gather_an_order_at_two_places_send_it_to_one() -> None:
    for _ in range(ROUNDS):
        world, order = split()
        gather = [
            partial(consolidate_orders, [ConsolidateItem(order_id=order, to=place)], actor=build.TESTER)
            for place in world.locations
        ]  # fmt: skip

        outcomes = _outcomes(together(gather * 2))

        assert sum(o.ok for o in outcomes) == 1
        assert {o.error.code for o in outcomes if o.error} <= {"nothing_elsewhere", "consolidated_elsewhere"}  # fmt: skip
        places = sql.fetch("select distinct location_id from allocations_transfer_peg where order_id = %s", (order,))  # fmt: skip
        assert len(places) == 1
    _healthy()


def test_received_cancelled_and_closed_at_once_every_piece_comes_to_one_end() -> None:
    for _ in range(ROUNDS):
        world, order = split()
        item = ConsolidateItem(order_id=order, to=world.locations[0])
        [transfer] = consolidate_orders([item], actor=build.TESTER)[0].require().data["transfers"]
        come = ReceiveItem(sku=world.skus[1], location=world.locations[0], quantity=1, inbound=transfer["number"])  # fmt: skip
        end = CloseInboundItem(inbound_id=transfer["id"], reason="x", back_to_origin=True)
        deeds = [
            *[partial(receive_goods, [come], actor=build.TESTER)] * 2,
            partial(cancel_orders, [CancelItem(order_id=order, reason="x")], actor=build.TESTER),
            partial(close_expected, [end], actor=build.TESTER),
        ]

        outcomes: list[Outcome] = _outcomes(together(deeds))

        assert outcomes[2].ok
        row = build.order(order)
        assert (row["status"], row["units_cancelled"], row["units_allocated"]) == (
            "cancelled",
            4,
            0,
        )
        came = sum(o.ok for o in outcomes[:2])
        levels = world.levels()
        assert levels.get((world.skus[1], world.locations[0]), (0, 0)) == (came, 0)
        assert levels[(world.skus[1], world.locations[1])] == (4 - came, 0)
        [(open_pegs,)] = sql.fetch("select coalesce(sum(quantity - arrived - dropped), 0) from allocations_transfer_peg where order_id = %s", (order,))  # fmt: skip
        assert open_pegs == 0
    _healthy()
