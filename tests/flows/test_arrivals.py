"""Packages with codes of their own: each step reaches its shipment, which is delivered with the last of them."""

from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError
from django.db.transaction import atomic

from orderwerk.core import clock, sql
from orderwerk.core.ids import new_id
from orderwerk.core.outcome import Outcome
from orderwerk.flows.cancel_shipments import CancelShipmentItem, cancel_shipments
from orderwerk.flows.ship_shipments import ShipItem, ship_shipments
from orderwerk.return_requests.facts import line_facts
from orderwerk.shipments.commands.combine import CombineShipmentsItem, combine_shipments
from orderwerk.shipments.commands.track import TrackItem, track_shipments
from orderwerk.shipments.commands.update import UpdateShipmentItem, update_shipments
from orderwerk.shipments.packing import PackageItem
from orderwerk.shipments.queries import shipment_detail
from tests import build
from tests.flows.test_regroup import healthy

pytestmark = pytest.mark.django_db
# One moment for all steps, so that a step is the same one again.
NOW = clock.now()


def sent(*codes: str, own: str = "", others: int = 0) -> list[UUID]:
    """A shipment that left in packages with these codes, and others in its parcel."""
    world = build.world(locations=1)
    customer = {"name": "T", "email": f"arrive{build.serial()}@example.com"}
    keys = [build.shipments(world.place((world.skus[0], 1), customer=customer))[0] for _ in range(1 + others)]  # fmt: skip
    packages = [PackageItem(tracking_code=code) for code in codes]
    update_shipments([UpdateShipmentItem(shipment_id=keys[0], packages=packages)], actor=build.TESTER)[0].require()  # fmt: skip
    if others:
        combine_shipments([CombineShipmentsItem(shipment_ids=keys)], actor=build.TESTER)[0].require()  # fmt: skip
    ship_shipments([ShipItem(shipment_id=keys[0], tracking_code=own)], actor=build.TESTER)[0].require()  # fmt: skip
    return keys


def step(code: str | None = None, status: str = "delivered", minutes: int = 5, **fields: UUID) -> Outcome:  # fmt: skip
    item = TrackItem(tracking_code=code, status=status, at=NOW - timedelta(minutes=minutes), **fields)  # fmt: skip
    return track_shipments([item], actor=build.TESTER)[0]


def status(shipment: UUID) -> str:
    found: str = shipment_detail(build.TESTER, shipment).shipment.status
    return found


def arrived(shipment: UUID) -> list[bool]:
    """Of each package whether it arrived."""
    packages = shipment_detail(build.TESTER, shipment).parts.packages
    return [package.delivered_at is not None for package in packages]


def codes(n: int) -> list[str]:
    return [f"3S{build.serial()}-{i}" for i in range(n)]


def test_a_step_under_a_packages_code_is_one_of_its_shipment() -> None:
    first, second = codes(2)
    [key] = sent(first, second)

    assert step(second, "in_transit").require().id == key

    assert [report.status for report in shipment_detail(build.TESTER, key).parts.tracking] == ["in_transit"]  # fmt: skip
    assert status(key) == "shipped"


def test_a_shipment_is_delivered_with_the_last_of_its_packages() -> None:
    first, second, third = codes(3)
    [key] = sent(first, second, third, own=first)

    assert step(first, minutes=9).require().data["status"] == "shipped"
    assert step(first, minutes=9).require().data["status"] == "shipped"
    assert step(third, minutes=3).require().data["status"] == "shipped"
    assert arrived(key) == [True, False, True]
    healthy()
    assert step(second, minutes=6).require().data["status"] == "delivered"

    detail = shipment_detail(build.TESTER, key)
    assert detail.shipment.delivered_at == max(p.delivered_at for p in detail.parts.packages if p.delivered_at)  # fmt: skip
    told = sql.fetch("select kind, payload ->> 'tracking_code' from core_event where aggregate_id = %s and kind in ('shipment.tracked', 'shipment.delivered') order by id", (key,))  # fmt: skip
    assert told == [("shipment.tracked", first), ("shipment.tracked", third), ("shipment.delivered", second)]  # fmt: skip
    healthy()


def test_two_packages_may_arrive_at_one_moment() -> None:
    first, second = codes(2)
    [key] = sent(first, second)
    at = clock.now()
    items = [TrackItem(tracking_code=code, status="delivered", at=at) for code in (first, second)]

    for item in items:
        track_shipments([item], actor=build.TESTER)[0].require()
    assert status(key) == "delivered"
    before = shipment_detail(build.TESTER, key).shipment.version
    for item in items:
        track_shipments([item], actor=build.TESTER)[0].require()

    assert shipment_detail(build.TESTER, key).shipment.version == before
    [other] = sent(*(both := codes(2)))
    together = [TrackItem(tracking_code=code, status="delivered", at=at) for code in both]
    assert [o.require().data["status"] for o in track_shipments(together, actor=build.TESTER)] == ["delivered"] * 2  # fmt: skip
    assert status(other) == "delivered"
    healthy()


@pytest.mark.parametrize("named", ["shipment", "own", "both"])
def test_a_step_of_the_shipment_itself_is_of_all_its_packages(named: str) -> None:
    first, second, own = codes(3)
    [key] = sent(first, second, own=own)
    fields = {} if named == "own" else {"shipment_id": key}

    step(None if named == "shipment" else own, **fields).require()

    assert status(key) == "delivered"
    assert arrived(key) == [True, True]
    healthy()


def test_packages_without_a_code_go_by_that_of_their_shipment() -> None:
    own, other = codes(2)
    [key] = sent("", "", other, own=own)

    assert step(own).require().data["status"] == "shipped"
    assert arrived(key) == [True, True, False]
    assert step(other).require().data["status"] == "delivered"
    healthy()


def test_what_lies_in_a_parcel_arrives_with_all_of_it() -> None:
    first, second = codes(2)
    keys = sent(first, second, others=2)

    step(first, minutes=4).require()
    assert [status(key) for key in keys] == ["shipped"] * 3
    assert [arrived(key) for key in keys] == [[True, False], [False], [False]]
    step(second, minutes=4).require()

    assert [status(key) for key in keys] == ["delivered"] * 3
    healthy()


def test_the_code_of_a_package_that_lies_in_anothers_parcel_lets_nothing_of_that_arrive() -> None:
    first, inner = codes(2)
    keys = sent(first, others=1)
    sql.execute("update shipments_package set tracking_code = %s where shipment_id = %s", (inner, keys[1]))  # fmt: skip

    step(inner, shipment_id=keys[0]).require()
    assert [status(key) for key in keys] == ["shipped"] * 2
    assert arrived(keys[0]) == [False]
    step(first, minutes=4).require()

    assert [status(key) for key in keys] == ["delivered"] * 2
    healthy()


def test_a_shipment_without_packages_is_delivered_at_once() -> None:
    [key] = sent("")
    sql.execute("delete from shipments_package where shipment_id = %s", (key,))

    step(shipment_id=key).require()

    assert status(key) == "delivered"


def test_a_code_that_packages_of_two_shipments_bear_is_of_none() -> None:
    [code] = codes(1)
    sent(code)
    sent(code, "")
    outcome = step(code)

    assert outcome.error is not None
    assert outcome.error.code == "tracking_code_of_several"


def test_a_packages_code_says_nothing_to_who_may_not_see_its_shipment() -> None:
    [code] = codes(1)
    [key] = sent(code)
    item = TrackItem(tracking_code=code, status="delivered", at=clock.now())

    outcome = track_shipments([item], actor=build.limited(new_id()))[0]

    assert outcome.error is not None
    assert outcome.error.code == "unknown_shipment"
    assert status(key) == "shipped"


def test_the_database_itself_delivers_no_shipment_before_its_last_package() -> None:
    first, second = codes(2)
    [key] = sent(first, second)
    step(first).require()

    deliver = partial(sql.execute, "update shipments_shipment set status = 'delivered', delivered_at = now() where id = %s", (key,))  # fmt: skip
    with pytest.raises(IntegrityError, match="last of its packages"), atomic():
        deliver()
    assert status(key) == "shipped"


def test_what_has_arrived_in_part_is_not_undone_by_people_or_by_the_database() -> None:
    first, second = codes(2)
    [key] = sent(first, second)
    step(first).require()

    refused = cancel_shipments([CancelShipmentItem(shipment_id=key)], actor=build.TESTER)[0]

    assert refused.error is not None
    assert refused.error.code == "package_arrived"
    undo = partial(sql.execute, "update shipments_shipment set status = 'cancelled', cancelled_at = now() where id = %s", (key,))  # fmt: skip
    with pytest.raises(IntegrityError, match="is not undone"), atomic():
        undo()
    assert (status(key), arrived(key)) == ("shipped", [True, False])
    healthy()


def test_days_to_send_back_run_from_the_arrival_of_what_has_arrived() -> None:
    first, second = codes(2)
    [key] = sent(first, second)
    [(order,)] = sql.fetch("select order_id from shipments_shipment where id = %s", (key,))
    before = line_facts([order])[order][0].last_moment
    step(first).require()

    [(moment,)] = sql.fetch("select max(delivered_at) from shipments_package where shipment_id = %s", (key,))  # fmt: skip
    assert status(key) == "shipped"
    assert line_facts([order])[order][0].last_moment == moment != before


def test_a_package_gets_its_code_after_it_has_left_and_nothing_else_of_it_changes() -> None:
    first, late = codes(2)
    [key] = sent(first, "")
    step(first).require()
    assert arrived(key) == [True, False]

    def changed(**fields: Any) -> str | None:
        error = update_shipments([UpdateShipmentItem(shipment_id=key, **fields)], actor=build.TESTER)[0].error  # fmt: skip
        return error.code if error else None

    named = [PackageItem(tracking_code=first), PackageItem(tracking_code=late)]
    assert changed(packages=named) is None
    assert arrived(key) == [True, False]
    refused = [
        changed(packages=2),
        changed(packages=named[:1]),
        changed(packages=[named[0], PackageItem(tracking_code=late, weight_grams=1)]),
        changed(packages=named, carrier="manual"),
        changed(carrier="manual"),
        changed(service="door"),
        changed(packages=named, service="door"),
    ]
    assert refused == ["shipment_shipped"] * 7

    packages = shipment_detail(build.TESTER, key).parts.packages
    assert [(p.tracking_code, p.weight_grams) for p in packages] == [(first, None), (late, None)]
    [(changes,)] = sql.fetch("select payload -> 'changes' from core_event where aggregate_id = %s and kind = 'shipment.updated' order by id desc limit 1", (key,))  # fmt: skip
    assert [[p["tracking_code"] for p in side] for side in sql.from_json(changes)["packages"]] == [[first, ""], [first, late]]  # fmt: skip
    step(late, minutes=4).require()
    assert (status(key), arrived(key)) == ("delivered", [True, True])
    healthy()


def test_the_database_keeps_no_box_with_signs_that_nobody_sees() -> None:
    [key] = sent("")

    for wrong in ("a\u202eb", "x" * 201):
        with pytest.raises(IntegrityError, match="shipments_package_box_text"), atomic():
            sql.execute("update shipments_package set box = %s where shipment_id = %s", (wrong, key))  # fmt: skip
