"""What jobs start: every one of the schedule runs where nothing is due, and each that reacts to events does its work."""

from datetime import timedelta
from uuid import UUID

import pytest
from procrastinate.contrib.django import app

from orderwerk.catalog.commands.upsert import ProductItem, upsert_products
from orderwerk.core import clock, sql
from orderwerk.flows import jobs
from orderwerk.flows.set_up_locations import LocationItem, set_up_locations
from tests import build
from tests.stock.test_lots import kept_by_lot, receive

pytestmark = pytest.mark.django_db(transaction=True)


def events(kind: str) -> list[str]:
    """The ids of all events of a kind."""
    return [str(row[0]) for row in sql.fetch("select id from core_event where kind = %s order by id", (kind,))]  # fmt: skip


def holds(order: UUID) -> int:
    """How many holds stop an order."""
    return int(sql.fetch("select count(*) from orders_hold where order_id = %s and released_at is null", (order,))[0][0])  # fmt: skip


def test_all_of_the_schedule_runs_where_nothing_is_due() -> None:
    started = []
    for periodic in app.periodic_registry.periodic_tasks.values():
        periodic.task.func(timestamp=int(clock.now().timestamp()))
        started.append(periodic.task.name)
    assert {"emails.send_due", "orders.expire_unpaid", "core.forget_idempotency_keys"} <= set(started)  # fmt: skip


def test_lots_whose_day_is_over_are_blocked_by_the_schedule() -> None:
    world = kept_by_lot()
    receive(world, "L1", 3, days=1).require()
    with clock.told(clock.now() + timedelta(days=3)):
        jobs.block_expired(0)
    lots = sql.fetch("select code, is_blocked from stock_lot l join catalog_product p on p.id = l.product_id where p.sku = %s", (world.skus[0],))  # fmt: skip
    assert lots == [("L1", True)]


def test_orders_leave_a_location_that_closes() -> None:
    world = build.world(locations=2)
    order = world.place()
    closed = LocationItem(code=world.locations[0], name="Closed", is_active=False)
    set_up_locations([closed], actor=build.TESTER)[0].require()

    jobs.leave_closed(events("location.updated"))

    assert [a[3] for a in build.allocations(order, "allocated")] == [world.locations[1]]


def test_orders_that_no_rule_sends_anywhere_and_that_are_charged_back_are_left_alone_otherwise() -> None:  # fmt: skip
    order = build.world().place()
    jobs.hold_unrouted(events("order.placed"))
    jobs.gather(events("order.placed"))
    jobs.hold_charged_back(events("order.placed"))
    assert holds(order) == 0


def test_first_invoices_that_nobody_asked_for_are_issued_by_the_schedule() -> None:
    world = build.world(invoice_when="placed")
    order = world.place()
    assert build.invoices(order) == []
    jobs.catch_up_invoices(0)
    assert build.order(order)["units_allocated"] == 1
    assert [v["kind"] for v in build.invoices(order)] == ["debit"]


def test_jobs_of_one_order_after_another_do_what_its_events_ask_for() -> None:
    world = build.world(invoice_when="placed", sender_email="shop@example.com")
    order = world.place(("not-yet-there", 1), placed_at=clock.now().isoformat())
    placed = events("order.placed")

    jobs.write_emails(placed)
    jobs.send_queued(events("email.queued"))
    jobs.issue_due_invoices(placed)
    jobs.capture_shipped(placed)
    upsert_products([ProductItem(sku="not-yet-there", name="There now")], actor=build.TESTER)
    jobs.map_waiting_lines(events("product.created"))
    world.count(world.locations[0], {"not-yet-there": 1})
    jobs.propose_substitutes(placed)
    jobs.release_waiting(events("stock.counted"))

    assert [v["kind"] for v in build.invoices(order)] == ["debit"]
    assert sql.fetch("select trigger from emails_email where order_id = %s", (order,)) == [("order.received",)]  # fmt: skip
    assert sql.fetch("select product_id is not null from orders_line where order_id = %s", (order,)) == [(True,)]  # fmt: skip
