"""Real threads over the same pieces: a return against a shipment that is undone, and the same box booked many times."""

from uuid import UUID

import pytest

from orderwerk.checks.run import ALL, run_checks
from orderwerk.core import sql
from orderwerk.core.outcome import Outcome
from orderwerk.flows.cancel_shipments import CancelShipmentItem, cancel_shipments
from orderwerk.flows.decide_claims import DecideClaimItem, decide_claims
from orderwerk.flows.erase_orders import EraseItem, erase_orders
from orderwerk.flows.place_exchanges import ExchangeItem, place_exchanges
from orderwerk.flows.receive_repairs import ReceiveRepairItem, receive_repairs
from orderwerk.memos.commands.create import MemoItem, create_memos
from orderwerk.refunds.commands.create import CreateRefundItem, create_refunds
from orderwerk.return_requests.commands.box import BoxItem, box_return_requests
from tests import build
from tests.races.threads import THREADS, together

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 6


def _outcomes(results: list[Outcome | BaseException]) -> list[Outcome]:
    assert [r for r in results if isinstance(r, BaseException)] == []
    return [r for r in results if isinstance(r, Outcome)]


def _healthy() -> None:
    passing = {"durable", "stuck-outbox"}
    assert run_checks([i for i in ALL if i.id not in passing]).findings == []


def test_a_box_booked_many_times_at_once_comes_back_once() -> None:
    world = build.world(products=1, stock=1000)
    for _ in range(ROUNDS):
        order = build.shipped(world, (world.skus[0], 3))
        request = build.request(order, build.back(order, 2)).require()
        line = build.back(order, 2, restock=True)

        outcomes = _outcomes(
            together(
                [
                    lambda o=order, k=line, r=request: build.give_back(
                        o, k, return_request_id=str(r.id)
                    )
                ]
                * THREADS  # type: ignore[misc]
            )
        )

        assert sum(o.ok for o in outcomes) == 1
        assert {o.error.code for o in outcomes if o.error} == {"return_request_completed"}
    _healthy()


def test_unannounced_boxes_at_once_never_bring_back_more_than_left() -> None:
    world = build.world(products=1, stock=1000)
    order = build.shipped(world, (world.skus[0], 5))

    outcomes = _outcomes(together([lambda: build.give_back(order, build.back(order, 2))] * THREADS))

    assert sum(o.ok for o in outcomes) == 2
    assert {o.error.code for o in outcomes if o.error} == {"too_many_to_return"}
    row = sql.fetch("select returned, credited from orders_line where order_id = %s", (order,))
    assert row == [(4, 4)]
    _healthy()


def test_a_return_against_undoing_the_shipment_has_one_winner() -> None:
    world = build.world(products=1, stock=1000)
    for _ in range(ROUNDS):
        order = build.shipped(world, (world.skus[0], 2))
        [shipment] = build.shipments(order)
        undo = CancelShipmentItem(shipment_id=shipment)

        back, undone = _outcomes(
            together(
                [
                    lambda o=order: build.give_back(o),  # type: ignore[misc]
                    lambda u=undo: cancel_shipments([u], actor=build.TESTER)[0],  # type: ignore[misc]
                ]
            )
        )

        assert back.ok is not undone.ok
        refused = back.error or undone.error
        assert refused is not None
        assert refused.code in {"too_many_to_return", "returned"}
    _healthy()


def test_a_credit_pays_once_for_its_exchange_whatever_refunds_it_meanwhile() -> None:
    world = build.world(products=2, stock=1000)
    for _ in range(ROUNDS):
        order = build.shipped(world, (world.skus[0], 2))
        back = build.give_back(order, build.back(order, 2, wanted={"sku": world.skus[1]})).require()
        credit = CreateRefundItem(invoice_id=UUID(str(back.data["credit_invoices"][0]["id"])))
        [(key,)] = sql.fetch("select id from returns_exchange where parent_id = %s", (back.id,))

        actions = [
            lambda k=key: place_exchanges([ExchangeItem(exchange_id=k)], actor=build.TESTER)[0],  # type: ignore[misc]
            lambda c=credit: create_refunds([c], actor=build.TESTER)[0],  # type: ignore[misc]
        ]
        outcomes = _outcomes(together(actions * (THREADS // 2)))

        assert all(o.ok for o in outcomes)
        made = sql.fetch("select via, amount_minor from refunds_refund where order_id = %s", (order,))  # fmt: skip
        paid = sql.fetch(
            "select sum(p.captured_minor), count(distinct p.order_id) from payments_payment p join returns_exchange x on x.new_order_id = p.order_id "
            "where x.id = %s", (key,),
        )  # fmt: skip
        assert (made, paid) == ([("exchange", 2000)], [(2000, 1)])
    _healthy()


def test_claims_and_boxes_at_once_never_exceed_what_was_shipped_and_a_claim_is_decided_once() -> (
    None
):
    world = build.world(products=1, stock=1000)
    order = build.shipped(world, (world.skus[0], 5))

    line = build.back(order, 2)
    actions = [lambda: build.claim(order, 2), lambda: build.give_back(order, line)]
    outcomes = _outcomes(together(actions * (THREADS // 2)))
    claims = [o.id for o in outcomes if o.ok and "credit_invoices" not in o.data]
    if not claims:
        claims = [build.claim(order, 1).require().id]
    ways = [
        DecideClaimItem(claim_id=claims[0], outcome=w, note="x")
        for w in ("refunded", "replaced", "rejected")
    ]  # type: ignore[arg-type]
    decided = _outcomes(
        together([lambda w=w: decide_claims([w], actor=build.TESTER)[0] for w in ways * 4])  # type: ignore[misc]
    )

    assert sum(o.ok for o in outcomes) == 2
    assert sum(o.ok for o in decided) == 1
    _healthy()


def test_erasing_against_returns_of_the_same_order_leaves_it_whole_or_gone() -> None:
    world = build.world(products=1, stock=1000)
    for _ in range(ROUNDS):
        order = build.shipped(world, (world.skus[0], 2))
        build.invoice(order)

        actions = [
            lambda o=order: build.give_back(o, build.back(o, 2)),  # type: ignore[misc]
            lambda o=order: erase_orders([EraseItem(order_id=o)], actor=build.TESTER)[0],  # type: ignore[misc]
        ]
        outcomes = _outcomes(together(actions * 16))

        # Whoever is first: a return leaves money to go back, which keeps the order; what is erased takes no return.
        codes = {o.error.code for o in outcomes if o.error}
        [(is_erased, returned)] = sql.fetch(
            "select o.erased_at is not null, l.returned from orders_order o join orders_line l on l.order_id = o.id where o.id = %s",
            (order,),
        )
        assert (is_erased, returned) in {(True, 0), (False, 2)}
        assert codes <= ({"erased"} if is_erased else {"still_open", "too_many_to_return"})
    _healthy()


def test_a_memo_against_erasing_its_order_leaves_no_words() -> None:
    world = build.world(products=1, stock=1000)
    for _ in range(ROUNDS):
        order = build.shipped(world)
        build.invoice(order)

        actions = [
            lambda o=order: create_memos([MemoItem(order_id=o, text="Personal")], actor=build.TESTER)[0],  # type: ignore[misc]
            lambda o=order: erase_orders([EraseItem(order_id=o)], actor=build.TESTER)[0],  # type: ignore[misc]
        ]  # fmt: skip
        outcomes = _outcomes(together(actions * 8))

        assert {o.error.code for o in outcomes if o.error} <= {"erased"}
        assert sql.fetch("select 1 from memos_memo where order_id = %s and text <> 'erased'", (order,)) == []  # fmt: skip
    _healthy()


def test_a_repair_that_comes_in_many_times_comes_once_and_is_not_returned_meanwhile() -> None:
    world = build.world(products=1, stock=1000)
    for _ in range(ROUNDS):
        order = build.shipped(world, (world.skus[0], 3))
        wish = {"outcome": "repair", "as_favour": True}
        request = build.request(order, build.back(order, 2), **wish).require().id
        item = ReceiveRepairItem(return_request_id=request)  # type: ignore[arg-type]
        line = build.back(order, 2)

        outcomes = _outcomes(
            together(
                [
                    lambda i=item: receive_repairs([i], actor=build.TESTER)[0],  # type: ignore[misc]
                    lambda o=order, k=line: build.give_back(o, k),  # type: ignore[misc]
                ]
                * 4
            )
        )

        # Two of the three pieces went one way, whichever was first.
        assert sum(o.ok for o in outcomes) == 1
        [row] = sql.fetch("select claimed, returned from orders_line where order_id = %s", (order,))
        assert row in {(2, 0), (0, 2)}
        claims = [row[0] for row in sql.fetch("select id from returns_claim where order_id = %s", (order,))]  # fmt: skip
        for claim in claims:
            ways = [
                lambda w=w, c=claim: decide_claims([DecideClaimItem(claim_id=c, outcome=w, note="x")], actor=build.TESTER)[0]  # type: ignore[misc]
                for w in ("repaired", "refunded", "rejected")
            ]  # fmt: skip
            assert sum(o.ok for o in _outcomes(together(ways * 2))) == 1
    _healthy()


def test_two_boxes_into_each_other_at_once_are_one_box() -> None:
    world = build.world(products=1, stock=1000)
    for _ in range(ROUNDS):
        customer = {"name": "A", "email": f"box{build.serial()}@example.com"}
        orders = [build.shipped(world, (world.skus[0], 1), customer=customer) for _ in range(2)]
        one, other = (build.request(order).require().id for order in orders)
        ways = [BoxItem(return_request_id=one, in_box_of=other), BoxItem(return_request_id=other, in_box_of=one)]  # type: ignore[arg-type]  # fmt: skip

        outcomes = _outcomes(together([lambda i=i: box_return_requests([i], actor=build.TESTER)[0] for i in ways * 3]))  # type: ignore[misc]  # fmt: skip

        assert sum(o.ok for o in outcomes) == 3
        assert {o.error.code for o in outcomes if o.error} == {"box_in_box"}
    _healthy()
