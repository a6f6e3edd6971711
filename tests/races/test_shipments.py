"""Shipments under real concurrency: nothing is both shipped and cancelled, whoever comes first."""

from datetime import timedelta
from functools import partial

import pytest

from orderwerk.checks.run import ALL, run_checks
from orderwerk.core import clock, decode, sql
from orderwerk.core.outcome import Outcome
from orderwerk.flows.cancel_orders import CancelItem, cancel_orders
from orderwerk.flows.complete_pick_lists import CompleteItem, complete_pick_lists
from orderwerk.flows.decide_cancel_requests import (
    AcceptCancelRequestItem,
    RejectCancelRequestItem,
    accept_cancel_requests,
    reject_cancel_requests,
)
from orderwerk.flows.expire_orders import ExpireItem, expire_orders
from orderwerk.flows.record_payments import PaymentItem, record_payments
from orderwerk.flows.ship_shipments import ShipItem, ship_shipments
from orderwerk.orders.commands.update import UpdateItem, update_orders
from orderwerk.picklists.commands.create import CreatePickListItem, create_pick_lists
from orderwerk.shipments.commands.combine import CombineShipmentsItem, combine_shipments
from tests import build
from tests.races.threads import together

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 6


def _healthy() -> None:
    report = run_checks([i for i in ALL if i.id not in {"durable", "stuck-outbox"}])
    assert report.findings == []
    assert report.unchecked == {}


def _outcomes(results: list[list[Outcome] | BaseException]) -> list[Outcome]:
    assert [r for r in results if isinstance(r, BaseException)] == []
    return [r[0] for r in results if not isinstance(r, BaseException)]


def test_ship_cancel_and_the_warehouses_answer_never_meet_in_one_piece() -> None:
    world = build.world(stock=1000, cancel_while_picking="ask")
    seen = set()
    for _ in range(ROUNDS):
        order = world.place((world.skus[0], 2))
        [shipment] = build.shipments(order)
        item = CreatePickListItem(location=world.locations[0], shipment_ids=[shipment])
        made = create_pick_lists([item], actor=build.TESTER)[0].require().id
        assert made is not None
        complete_pick_lists([CompleteItem(pick_list_id=made)], actor=build.TESTER)[0].require()
        ship = partial(ship_shipments, [ShipItem(shipment_id=shipment)], actor=build.TESTER)
        cancel = partial(
            cancel_orders, [CancelItem(order_id=order, reason="x")], actor=build.TESTER
        )

        first = _outcomes(together([ship, cancel] * 3))
        asked = [
            o.data["cancel_request_id"] for o in first if o.ok and "cancel_request_id" in o.data
        ]
        assert sum(o.ok for o in first) == 1
        if asked:
            accept = AcceptCancelRequestItem(cancel_request_id=asked[0])
            reject = RejectCancelRequestItem(cancel_request_id=asked[0], reason="x")
            answers = [
                partial(accept_cancel_requests, [accept], actor=build.TESTER),
                partial(reject_cancel_requests, [reject], actor=build.TESTER),
                ship,
            ]
            _outcomes(together(answers * 2))
        seen.add(build.order(order)["status"])

        row = build.order(order)
        assert row["units_shipped"] + row["units_cancelled"] <= 2
        assert {row["units_shipped"], row["units_cancelled"]} <= {0, 2}
    _healthy()
    assert seen <= {"shipped", "cancelled", "awaiting_shipment"}


def test_a_payment_that_meets_the_end_of_its_time_is_never_lost() -> None:
    world = build.world(stock=1000, unpaid_hours={"other": 1})
    for _ in range(ROUNDS):
        order = world.place((world.skus[0], 2), payments=[])
        sql.execute(
            "update orders_order set received_at = %s where id = %s",
            (clock.now() - timedelta(hours=2), order),
        )
        payment = PaymentItem(
            order_id=order,
            provider="test",
            reference=f"r{build.serial()}",
            status="paid",
            amount="20.00",
        )
        expire = partial(expire_orders, [ExpireItem(order_id=order)], actor=build.TESTER)
        pay = partial(record_payments, [payment], actor=build.TESTER)

        outcomes = _outcomes(together([expire, pay] * 4))

        assert all(o.ok for o in outcomes[1::2])
        assert sum(o.ok for o in outcomes[::2]) <= 1
        row = build.order(order)
        assert (row["status"], row["units_allocated"], row["units_cancelled"]) == (
            "awaiting_shipment",
            2,
            0,
        )
    _healthy()


def test_an_address_that_changes_as_its_parcel_leaves_never_splits_what_lies_in_it() -> None:
    world = build.world(stock=1000, locations=1)
    elsewhere = {"name": "T", "street": "Elders", "house_number": "9", "postal_code": "9999 ZZ", "city": "Ver", "country": "NL"}  # fmt: skip
    for n in range(ROUNDS):
        customer = {"name": "T", "email": f"race{build.serial()}@example.com"}
        orders = [world.place((world.skus[0], 1), customer=customer) for _ in range(2)]
        keys = [build.shipments(order)[0] for order in orders]
        combine_shipments([CombineShipmentsItem(shipment_ids=keys)], actor=build.TESTER)[0].require()  # fmt: skip
        item = decode.convert({"order_id": str(orders[n % 2]), "delivery_address": elsewhere}, UpdateItem)  # fmt: skip
        move = partial(update_orders, [item], actor=build.TESTER)
        ship = partial(ship_shipments, [ShipItem(shipment_id=keys[0])], actor=build.TESTER)

        left = _outcomes(together([ship, move, ship]))

        shipped = [o for o in (left[0], left[2]) if o.ok]
        refused = {o.error.code for o in left if o.error}
        # Either the parcel left first and the order keeps its address, or the address came first and nothing leaves.
        assert (len(shipped), left[1].ok, refused) in [
            (1, False, {"shipment_shipped", "nothing_open"}),
            (0, True, {"other_address"}),
        ]
    _healthy()
