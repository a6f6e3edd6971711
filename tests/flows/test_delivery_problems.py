"""What goes wrong on the way is kept as work for a person, once, and closed with a note."""

from typing import Any
from uuid import UUID

import pytest

from orderwerk.checks.run import ALL, run_checks
from orderwerk.core import clock, sql
from orderwerk.core.actor import Actor
from orderwerk.core.outcome import Outcome
from orderwerk.flows.ship_shipments import ShipItem, ship_shipments
from orderwerk.shipments.commands.close_exceptions import (
    CloseExceptionItem,
    close_delivery_exceptions,
)
from orderwerk.shipments.commands.combine import CombineShipmentsItem, combine_shipments
from orderwerk.shipments.commands.track import TrackItem, track_shipments
from orderwerk.shipments.exception_queries import (
    ExceptionFilters,
    exception_page,
    exceptions_to_deal_with,
)
from orderwerk.shipments.exception_statuses import Problem
from tests import build

pytestmark = pytest.mark.django_db


def step(shipment: UUID, status: str, **fields: Any) -> Outcome:
    """A carrier's report."""
    item = TrackItem(shipment_id=shipment, status=status, at=clock.now(), **fields)
    return track_shipments([item], actor=build.TESTER)[0]


def problems(order: UUID) -> list[tuple[Any, ...]]:
    """Kind, status and note of an order's delivery problems."""
    return sql.fetch("select kind, status, note from shipments_exception where order_id = %s order by id", (order,))  # fmt: skip


def close(found: UUID, actor: Actor = build.TESTER) -> Outcome:
    """Deal with a problem."""
    item = CloseExceptionItem(delivery_exception_id=found, note="Sent anew")
    return close_delivery_exceptions([item], actor=actor)[0]


@pytest.mark.parametrize("kind", Problem.values)
def test_each_problem_is_kept_once_while_it_is_open(kind: str) -> None:
    world = build.world()
    order = build.shipped(world)
    [shipment] = build.shipments(order)

    step(shipment, "in_transit").require()
    step(shipment, kind, text="Hm").require()
    step(shipment, kind).require()

    assert problems(order) == [(kind, "open", "")]
    assert exceptions_to_deal_with(build.limited(world.shop_id)) == 1
    report = run_checks([i for i in ALL if i.id not in {"durable", "stuck-outbox"}])
    assert report.findings == []


def test_a_person_closes_it_with_a_note_and_it_may_come_again() -> None:
    world = build.world()
    found = build.lost(world)
    [(order, shipment)] = sql.fetch("select order_id, shipment_id from shipments_exception where id = %s", (found,))  # fmt: skip

    close(found).require()
    again = close(found)
    step(shipment, "lost").require()

    assert again.error is not None
    assert again.error.code == "exception_closed"
    assert problems(order) == [("lost", "closed", "Sent anew"), ("lost", "open", "")]


def test_a_delivered_parcel_still_waits_for_somebody_to_look() -> None:
    found = build.lost(build.world())
    [(order, shipment)] = sql.fetch("select order_id, shipment_id from shipments_exception where id = %s", (found,))  # fmt: skip

    assert step(shipment, "delivered").require().data["status"] == "delivered"
    assert problems(order) == [("lost", "open", "")]


def test_others_do_not_see_or_close_it() -> None:
    world, other = build.world(), build.world()
    found = build.lost(world)
    elsewhere = Actor("user", "x", location_ids=frozenset({world.location_ids[world.locations[1]]}))

    for actor in (build.limited(other.shop_id), elsewhere):
        refused = close(found, actor)
        assert refused.error is not None
        assert refused.error.code == "unknown_delivery_exception"
        assert exception_page(actor, ExceptionFilters(kind="lost")).items == []


def test_a_report_about_a_parcel_is_one_about_every_shipment_in_it() -> None:
    world = build.world(locations=1)
    customer = {"name": "Test Persoon", "email": f"p{build.serial()}@example.com"}
    orders = [world.place((world.skus[0], 1), customer=customer) for _ in range(2)]
    keys = [build.shipments(order)[0] for order in orders]
    combine_shipments([CombineShipmentsItem(shipment_ids=keys)], actor=build.TESTER)[0].require()
    ship_shipments([ShipItem(shipment_id=keys[0], tracking_code="3SPARCEL")], actor=build.TESTER)[0].require()  # fmt: skip

    item = TrackItem(tracking_code="3SPARCEL", status="refused", at=clock.now())
    track_shipments([item], actor=build.TESTER)[0].require()

    assert [problems(order) for order in orders] == [[("refused", "open", "")]] * 2


def test_a_code_that_several_shipments_bear_moves_none_of_them() -> None:
    world, other = build.world(), build.world()
    mine = [build.shipped(world, (world.skus[0], 1)) for _ in range(2)]
    theirs = build.shipped(other, (other.skus[0], 1))
    sql.execute("update shipments_shipment set tracking_code = '3SAGAIN' where status = 'shipped'")
    item = TrackItem(tracking_code="3SAGAIN", status="delivered", at=clock.now())

    several = track_shipments([item], actor=build.limited(world.shop_id))[0]
    one = track_shipments([item], actor=build.limited(other.shop_id))[0].require()

    assert several.error is not None
    assert several.error.code == "tracking_code_of_several"
    assert one.id == build.shipments(theirs, "delivered")[0]
    assert [build.shipments(order, "delivered") for order in mine] == [[], []]
