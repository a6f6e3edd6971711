"""Orders that become payable because a part of them is cancelled, of several shops in one call."""

import pytest

from orderwerk.checks.run import ALL, run_checks
from orderwerk.core import sql
from orderwerk.flows.cancel_orders import CancelItem, CancelLine, cancel_orders
from tests import build

pytestmark = pytest.mark.django_db


def test_the_rest_claims_its_stock_whichever_shops_meet_in_one_call() -> None:
    worlds = [build.world(locations=2, products=2, stock=5) for _ in range(2)]
    orders = []
    for world in worlds:
        paid = {"provider": "test", "reference": f"half{build.serial()}", "status": "paid", "amount": "10.00"}  # fmt: skip
        orders.append(world.place((world.skus[0], 1), (world.skus[1], 1), payments=[paid]))
    rows = sql.fetch("select id, order_id from orders_line where position = 2 and order_id = any(%s)", (orders,))  # fmt: skip
    items = [CancelItem(order_id=order, reason="x", lines=[CancelLine(order_line_id=line, quantity=1)]) for line, order in rows]  # fmt: skip
    assert {build.order(order)["status"] for order in orders} == {"awaiting_payment"}

    outcomes = cancel_orders(items, actor=build.TESTER)

    assert [o.ok for o in outcomes] == [True, True]
    assert {build.order(order)["status"] for order in orders} == {"awaiting_shipment"}
    assert run_checks([i for i in ALL if i.id not in {"durable", "stuck-outbox"}]).findings == []
