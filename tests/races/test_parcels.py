"""Parcels under real concurrency: packed once, delivered with the last package, never undone when one has arrived."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from orderwerk.core import clock, sql
from orderwerk.core.ids import new_id
from orderwerk.flows.cancel_shipments import CancelShipmentItem, cancel_shipments
from orderwerk.flows.pack_shipments import PackedLine, PackItem, pack_shipments
from orderwerk.flows.ship_shipments import ShipItem, ship_shipments
from orderwerk.shipments.commands.track import TrackItem, track_shipments
from orderwerk.shipments.commands.update import UpdateShipmentItem, update_shipments
from orderwerk.shipments.packing import PackageItem
from orderwerk.shipments.queries import shipment_detail
from tests import build
from tests.console.conftest import enter  # noqa: F401 - a fixture
from tests.races.test_regroup_races import at_once, exact, refusals, ship, wins
from tests.races.test_shipments import _healthy, _outcomes
from tests.races.threads import together

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 4
THREADS = 32


def weights(shipment: UUID) -> list[int | None]:
    """The packages of a shipment by their weight."""
    return [p.weight_grams for p in shipment_detail(build.TESTER, shipment).parts.packages]


def told(shipment: UUID, kind: str) -> list[Any]:
    """What the history of a shipment says of a kind, in order."""
    rows = sql.fetch("select payload from core_event where aggregate_id = %s and kind = %s order by seq", (shipment, kind))  # fmt: skip
    return [sql.from_json(row[0]) for row in rows]


def in_two_packages(world: build.World) -> tuple[UUID, UUID, list[str]]:
    """An order that left in two packages with codes of their own: its id, its shipment, the codes."""
    order = world.place((world.skus[0], 2))
    [key] = build.shipments(order)
    codes = [f"3S{build.serial()}-{n}" for n in range(2)]
    packages = [PackageItem(tracking_code=code) for code in codes]
    update_shipments([UpdateShipmentItem(shipment_id=key, packages=packages)], actor=build.TESTER)[0].require()  # fmt: skip
    ship_shipments([ShipItem(shipment_id=key)], actor=build.TESTER)[0].require()
    return order, key, codes


def test_of_many_who_pack_the_same_shipment_one_sends_it_with_his_packages() -> None:
    world = build.world(stock=100, locations=1, products=1)
    orders: list[UUID] = []
    for _ in range(ROUNDS):
        order = world.place((world.skus[0], 2))
        [key] = build.shipments(order)
        contents = [PackedLine(sku=world.skus[0], quantity=2)]
        items = [
            PackItem(shipment_id=key, contents=contents, packages=[PackageItem(weight_grams=100 + n)] * (1 + n % 3))
            for n in range(THREADS)
        ]  # fmt: skip

        outcomes = _outcomes(together([partial(pack_shipments, [i], actor=build.TESTER) for i in items]))  # fmt: skip

        [winner] = [item for item, outcome in zip(items, outcomes, strict=True) if outcome.ok]
        assert refusals(outcomes) == {"shipment_shipped"}
        assert weights(key) == [package.weight_grams for package in winner.packages]
        assert [each["packages"] for each in told(key, "shipment.packed")] == [len(winner.packages)]
        orders.append(order)
    exact(world, 100, orders)


def test_a_parcel_that_a_device_sends_many_times_at_once_leaves_once_and_is_answered_each_time(
    enter: Callable[..., Client],  # noqa: F811 - the fixture
) -> None:
    world = build.world(stock=100, locations=1, products=1)
    person = enter("warehouse")
    orders: list[UUID] = []
    for _ in range(ROUNDS):
        order = world.place((world.skus[0], 1))
        [key] = build.shipments(order)
        number = shipment_detail(build.TESTER, key).shipment.number
        scan = {
            "key": str(new_id()), "at": clock.now().isoformat(), "contents": [{"sku": world.skus[0], "quantity": 1}],
            "packages": [{"weight_grams": 900}],
        }  # fmt: skip

        answers = together([partial(_send, person, number, scan)] * 12)

        assert [a["ok"] if isinstance(a, dict) else a for a in answers] == [True] * 12
        assert len({a["next"] for a in answers if isinstance(a, dict)}) == 1
        assert (len(told(key, "shipment.packed")), weights(key)) == (1, [900])
        orders.append(order)
    exact(world, 100, orders)


def _send(person: Client, number: str, scan: dict[str, Any]) -> dict[str, Any]:
    browser = Client()
    browser.cookies = person.cookies.copy()
    sent = browser.post(f"/shipments/{number}/pack/", {"scans": [scan]}, content_type="application/json")  # fmt: skip
    [answer] = sent.json()["results"]
    return dict(answer)


def test_packages_that_arrive_at_one_moment_deliver_their_shipment_once() -> None:
    world = build.world(stock=100, locations=1, products=1)
    for _ in range(ROUNDS):
        _, key, codes = in_two_packages(world)
        now = clock.now()
        items = [TrackItem(tracking_code=code, status="delivered", at=now - timedelta(minutes=n + 1)) for n, code in enumerate(codes)]  # fmt: skip

        first, second = at_once(THREADS // 2, *[partial(track_shipments, [item], actor=build.TESTER) for item in items])  # fmt: skip

        assert refusals(first, second) == set()
        found = shipment_detail(build.TESTER, key)
        assert (found.shipment.status, found.shipment.delivered_at) == ("delivered", items[0].at)
        assert sorted(str(p.delivered_at) for p in found.parts.packages) == sorted(str(i.at) for i in items)  # fmt: skip
        assert (len(told(key, "shipment.delivered")), len(told(key, "shipment.tracked"))) == (1, 1)
    _healthy()


def test_a_package_that_arrives_as_its_shipment_is_undone_lets_one_of_both_happen() -> None:
    world = build.world(stock=100, locations=1, products=1)
    orders: list[UUID] = []
    for turn in range(ROUNDS * 2):
        order, key, codes = in_two_packages(world)
        step = {"tracking_code": codes[0]} if turn % 2 else {"shipment_id": key}
        arrive = partial(track_shipments, [TrackItem(status="delivered", at=clock.now(), **step)], actor=build.TESTER)  # type: ignore[arg-type]  # fmt: skip
        undo = partial(cancel_shipments, [CancelShipmentItem(shipment_id=key)], actor=build.TESTER)

        arrived, undone = at_once(8, arrive, undo)

        assert (wins(arrived), wins(undone)) in {(8, 0), (0, 1)}
        assert refusals(undone) <= {"package_arrived", "shipment_delivered", "shipment_cancelled"}
        assert refusals(arrived) <= {"not_shipped", "unknown_shipment"}
        assert build.order(order)["units_shipped"] == (0 if wins(undone) else 2)
        orders.append(order)
    exact(world, 100, orders)


def test_packages_that_change_as_their_shipment_leaves_are_those_it_left_with() -> None:
    world = build.world(stock=100, locations=1, products=1)
    orders: list[UUID] = []
    for _ in range(ROUNDS):
        order = world.place((world.skus[0], 1))
        [key] = build.shipments(order)
        changes = [
            partial(update_shipments, [UpdateShipmentItem(shipment_id=key, packages=[PackageItem(weight_grams=n)] * (1 + n % 3))], actor=build.TESTER)
            for n in range(1, 9)
        ]  # fmt: skip

        left, *changed = at_once(2, ship(key), *changes)

        assert wins(left) == 1
        assert refusals(left, *changed) <= {"shipment_shipped"}
        # Each change started from what the one before it left behind, and the last one stands.
        steps = [step["changes"]["packages"] for step in told(key, "shipment.updated") if "packages" in step["changes"]]  # fmt: skip
        assert [before for before, _ in steps[1:]] == [after for _, after in steps[:-1]]
        stands = [package["weight_grams"] for package in steps[-1][1]] if steps else [None]
        assert weights(key) == stands
        orders.append(order)
    exact(world, 100, orders)
