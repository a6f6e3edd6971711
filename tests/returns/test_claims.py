"""Claims: something for goods that arrived damaged, or never, without anything coming back."""

from typing import Any
from uuid import UUID

import pytest

from orderwerk.core import sql
from orderwerk.core.errors import BadInput
from orderwerk.core.outcome import Outcome
from orderwerk.flows.cancel_shipments import CancelShipmentItem, cancel_shipments
from orderwerk.flows.decide_claims import DecideClaimItem, decide_claims
from orderwerk.flows.erase_orders import EraseItem, erase_orders
from orderwerk.refunds.commands.create import CreateRefundItem, create_refunds
from tests import build

pytestmark = pytest.mark.django_db


def decide(claim: Outcome, outcome: str, note: str = "") -> Outcome:
    item = DecideClaimItem(claim_id=claim.require().id, outcome=outcome, note=note)  # type: ignore[arg-type]
    return decide_claims([item], actor=build.TESTER)[0]


def counters(order: Any) -> list[tuple[int, int, int, int]]:
    rows = sql.fetch("select shipped, returned, claimed, credited from orders_line where order_id = %s order by position", (order,))  # fmt: skip
    return [(r[0], r[1], r[2], r[3]) for r in rows]


def test_a_refunded_claim_credits_its_pieces_and_the_money_goes_back() -> None:
    world = build.world(products=1)
    order = build.shipped(world, (world.skus[0], 3))

    claim = build.claim(order, 2, kind="lost")
    decide(claim, "refunded").require()
    credit = build.invoices(order)[-1]
    create_refunds([CreateRefundItem(invoice_id=credit["id"])], actor=build.TESTER)[0].require()

    assert counters(order) == [(3, 0, 2, 2)]
    assert (credit["kind"], credit["gross_minor"], credit["tax_minor"]) == ("credit", 2000, 347)
    assert sql.fetch("select amount_minor from refunds_refund where order_id = %s", (order,)) == [(2000,)]  # fmt: skip


def test_a_replaced_claim_is_sent_once_more_for_nothing_and_claims_stock() -> None:
    world = build.world(products=1, stock=10)
    order = build.shipped(world, (world.skus[0], 3))
    claim = build.claim(order, 2)

    made = decide(claim, "replaced").require()
    build.invoice(made.data["order_id"])

    [row] = sql.fetch(
        "select external_id, grand_total_minor, status, customer_email is not null from orders_order where id = %s",
        (made.data["order_id"],),
    )
    assert row == (f"claim-{claim.data['number']}", 0, "awaiting_shipment", True)
    assert counters(order) == [(3, 0, 2, 0)]
    assert build.money(order)[1] == 0


def test_a_rejected_claim_needs_a_reason_and_frees_its_pieces() -> None:
    world = build.world(products=1)
    order = build.shipped(world, (world.skus[0], 2))
    claim = build.claim(order, 2)

    silent = decide(claim, "rejected")
    rejected = decide(claim, "rejected", "Delivered with a signature")
    again = decide(claim, "refunded")
    back = build.give_back(order, build.back(order, 2))

    assert silent.error is not None
    assert silent.error.code == "claim_note_required"
    assert rejected.ok
    assert again.error is not None
    assert again.error.code == "claim_decided"
    assert back.ok
    assert counters(order) == [(2, 2, 0, 2)]


def test_what_is_claimed_neither_comes_back_nor_is_claimed_or_announced_twice() -> None:
    world = build.world(products=1)
    order = build.shipped(world, (world.skus[0], 3))
    build.claim(order, 2).require()

    refused = [
        build.claim(order, 2),
        build.give_back(order, build.back(order, 2)),
        build.request(order, build.back(order, 2)),
        cancel_shipments(
            [CancelShipmentItem(shipment_id=build.shipments(order)[0])], actor=build.TESTER
        )[0],
    ]

    codes = [o.error.code if o.error else "" for o in refused]
    assert codes == ["too_many_to_claim", "too_many_to_return", "too_many_to_return", "returned"]
    assert build.give_back(order, build.back(order, 1)).ok
    assert counters(order) == [(3, 1, 2, 1)]


def test_claims_that_make_no_sense_are_refused() -> None:
    world = build.world(products=1)
    order, other = build.shipped(world), build.shipped(world)
    [line] = build.order_lines(other)
    [parcel] = build.shipments(other)
    strange = {"lines": [{"order_line_id": str(line), "quantity": 1}]}

    refused = [
        build.claim(order, **strange),
        build.claim(order, shipment_id=str(parcel)),
        build.claim(UUID(int=1), lines=strange["lines"]),
        decide_claims(
            [DecideClaimItem(claim_id=UUID(int=1), outcome="refunded")], actor=build.TESTER
        )[0],
    ]

    codes = [o.error.code if o.error else "" for o in refused]
    assert codes == ["unknown_order_line", "unknown_shipment", "unknown_order", "unknown_claim"]


def test_a_refusal_of_the_new_order_or_the_credit_leaves_the_claim_open() -> None:
    world = build.world(products=1)
    order = build.shipped(world, (world.skus[0], 2))
    first, second = build.claim(order, 1), build.claim(order, 1)
    world.place(external_id=f"claim-{first.require().data['number']}")
    build.invoice(order)
    build.refund(order, "20.00")

    taken, empty = decide(first, "replaced"), decide(second, "refunded")

    assert [o.error.code if o.error else "" for o in (taken, empty)] == ["external_id_exists", "nothing_to_credit"]  # fmt: skip
    assert sql.fetch("select distinct status from returns_claim where order_id = %s", (order,)) == [("open",)]  # fmt: skip


@pytest.mark.parametrize("more", [{"kind": "kept"}, {"return_request_id": str(UUID(int=1))}])
def test_what_is_kept_is_no_claim_of_anybody(more: dict[str, str]) -> None:
    order = build.shipped(world := build.world(), (world.skus[0], 1))
    with pytest.raises(BadInput):
        build.claim(order, 1, **more)


def test_an_open_claim_keeps_its_order() -> None:
    world = build.world(products=1)
    order = build.shipped(world)
    build.claim(order, 1, shipment_id=str(build.shipments(order)[0])).require()

    refused = erase_orders([EraseItem(order_id=order)], actor=build.TESTER)[0]

    assert refused.error is not None
    assert refused.error.code == "still_open"
