"""Unpaid orders expire per payment method; a late payment brings them back or goes back itself, and is never lost."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from orderwerk.catalog.commands.upsert import ProductItem, upsert_products
from orderwerk.catalog.kits import ComponentItem
from orderwerk.checks.run import ALL, run_checks
from orderwerk.core import clock, sql
from orderwerk.core.outcome import Outcome
from orderwerk.flows.cancel_orders import CancelItem, CancelLine, cancel_orders
from orderwerk.flows.expire_orders import ExpireItem, expire_orders, orders_to_expire
from orderwerk.flows.jobs import expire_unpaid
from orderwerk.flows.record_payments import PaymentItem, record_payments
from orderwerk.invoices.commands.issue import IssueItem, issue_invoices
from orderwerk.orders.commands.hold import HoldItem, hold_orders
from tests import build

pytestmark = pytest.mark.django_db
HOURS = {"ideal": 2, "bank": 336, "other": 48}


def shop(**fields: Any) -> build.World:
    """A shop whose unpaid orders expire."""
    return build.world(stock=10, unpaid_hours=HOURS, **fields)


def unpaid(
    world: build.World, *lines: tuple[str, int], method: str = "", status: str = "pending"
) -> UUID:
    """An order that waits for its money."""
    total = 10 * sum(n for _, n in lines or ((world.skus[0], 1),))
    payment = {"provider": "test", "reference": f"u{build.serial()}", "status": status, "method": method, "amount": f"{total}.00"}  # fmt: skip
    return world.place(*lines, payments=[payment] if method else [])


def after(order: UUID, hours: float) -> Outcome:
    """What expiry says of an order some hours later."""
    with clock.told(clock.now() + timedelta(hours=hours)):
        return expire_orders([ExpireItem(order_id=order)], actor=build.TESTER)[0]


def pay(order: UUID, amount: str, status: str = "paid") -> Outcome:
    """Money comes in."""
    item = PaymentItem(order_id=order, provider="test", reference=f"late{build.serial()}", status=status, amount=amount)  # type: ignore[arg-type]  # fmt: skip
    return record_payments([item], actor=build.TESTER)[0]


def healthy() -> None:
    """No invariant is broken."""
    report = run_checks([i for i in ALL if i.id not in {"durable", "stuck-outbox"}])
    assert report.findings == []


@pytest.mark.parametrize(
    ("method", "status", "hours"),
    [("ideal", "pending", 2), ("bank", "pending", 336), ("card", "pending", 48), ("", "", 48), ("ideal", "failed", 2)],
)  # fmt: skip
def test_each_payment_method_has_its_own_time(method: str, status: str, hours: int) -> None:
    order = unpaid(shop(), method=method, status=status)

    early = after(order, hours - 0.1)
    done = after(order, hours + 0.1)

    assert early.error is not None
    assert early.error.code == "not_due"
    assert done.require().data["status"] == "cancelled"
    healthy()


def test_a_payment_that_is_still_expected_counts_more_than_one_that_failed() -> None:
    order = unpaid(shop(), method="ideal", status="failed")
    item = PaymentItem(order_id=order, provider="test", reference=f"b{build.serial()}", status="pending", amount="10.00", method="bank")  # fmt: skip
    record_payments([item], actor=build.TESTER)[0].require()

    assert not after(order, 300).ok
    assert after(order, 337).ok


def test_what_is_paid_in_part_on_account_on_hold_or_without_hours_does_not_expire() -> None:
    world = shop(on_account_methods=["invoice"])
    part, held, terms = unpaid(world), unpaid(world), unpaid(world, method="invoice")
    pay(part, "4.00").require()
    hold_orders([HoldItem(order_id=held, reason="x")], actor=build.TESTER)
    free = build.world(stock=10).place(payments=[])
    only = build.world(stock=10, unpaid_hours={"ideal": 2}).place(payments=[])

    refused = [after(order, 9000) for order in (part, held, terms, free, only)]

    assert [o.error.code for o in refused if o.error] == ["not_due"] * 5


def test_an_unpaid_order_holds_nothing_and_one_whose_authorisation_lapsed_gives_back_what_it_holds() -> (
    None
):
    world = shop(locations=1)
    place = (world.skus[0], world.locations[0])
    unpaid(world, (world.skus[0], 3), method="bank")
    never = world.levels()[place]
    order = unpaid(world, (world.skus[0], 2), method="ideal", status="authorized")
    held = world.levels()[place]
    [[reference]] = sql.fetch("select reference from payments_payment where order_id = %s", (order,))  # fmt: skip
    lapsed = PaymentItem(order_id=order, provider="test", reference=reference, status="expired", amount="20.00")  # fmt: skip
    record_payments([lapsed], actor=build.TESTER)[0].require()
    waiting = (build.order(order)["status"], world.levels()[place])

    after(order, 3).require()

    assert (never, held) == ((10, 0), (10, 2))
    assert waiting == ("awaiting_payment", (10, 2))
    assert (build.order(order)["status"], world.levels()[place]) == ("cancelled", (10, 0))
    healthy()


def test_the_schedule_finds_them_and_says_why() -> None:
    order = unpaid(shop())

    with clock.told(clock.now() + timedelta(hours=49)):
        assert orders_to_expire() == [order]
        expire_unpaid(0)
        expire_unpaid(0)

    rows = sql.fetch("select payload ->> 'reason' from core_event where order_id = %s and kind = 'order.cancelled'", (order,))  # fmt: skip
    assert rows == [("expired",)]
    assert orders_to_expire() == []


def test_a_late_payment_brings_the_order_back_and_claims_stock() -> None:
    world = shop(locations=1)
    order = unpaid(world, (world.skus[0], 3), (world.skus[1], 25))
    after(order, 49).require()

    done = pay(order, "280.00").require()

    assert done.data["order_status"] == "awaiting_stock"
    row = build.order(order)
    assert (row["units_cancelled"], row["units_allocated"], row["cancelled_minor"]) == (0, 13, 0)
    assert world.levels()[(world.skus[0], world.locations[0])] == (10, 3)
    healthy()


def test_an_authorisation_brings_it_back_too_and_a_kit_with_it() -> None:
    world = shop(locations=1)
    kit = f"KIT{build.serial()}"
    parts = [ComponentItem(sku=sku, quantity=2) for sku in world.skus[:2]]
    upsert_products([ProductItem(sku=kit, name="Kit", components=parts)], actor=build.TESTER)
    order = unpaid(world, (kit, 2))
    after(order, 49).require()

    assert pay(order, "20.00", "authorized").require().data["order_status"] == "awaiting_shipment"
    healthy()


def test_money_that_does_not_cover_the_order_is_invoiced_credited_and_due_back() -> None:
    order = unpaid(shop(), method="ideal")
    after(order, 3).require()

    assert pay(order, "6.00").require().data["order_status"] == "cancelled"
    issue_invoices([IssueItem(order_id=order)], actor=build.TESTER)

    assert build.money(order)[2] == 600
    healthy()


def test_a_shop_may_rather_pay_late_money_back() -> None:
    order = unpaid(shop(late_payment="refund"))
    after(order, 49).require()

    assert pay(order, "10.00").require().data["order_status"] == "cancelled"
    issue_invoices([IssueItem(order_id=order)], actor=build.TESTER)

    assert build.money(order)[2] == 1000
    healthy()


def test_it_can_expire_only_once_and_comes_back_only_once() -> None:
    order = unpaid(shop())
    after(order, 49).require()
    again = after(order, 60)
    pay(order, "10.00").require()
    pay(order, "10.00").require()

    assert not again.ok
    assert build.order(order)["units_cancelled"] == 0
    events = sql.fetch("select count(*) from core_event where order_id = %s and kind = 'order.revived'", (order,))  # fmt: skip
    assert events == [(1,)]
    healthy()


def test_what_the_customer_cancelled_before_stays_cancelled_when_the_rest_comes_back() -> None:
    world = shop()
    order = unpaid(world, (world.skus[0], 1), (world.skus[1], 2), method="ideal")
    part = CancelLine(order_line_id=build.order_lines(order)[0], quantity=1)
    cancel_orders([CancelItem(order_id=order, reason="Not this one", lines=[part])], actor=build.TESTER)[0].require()  # fmt: skip
    after(order, 3).require()

    pay(order, "20.00").require()

    assert (build.order(order)["units_cancelled"], build.order(order)["units_allocated"]) == (1, 2)
    healthy()
