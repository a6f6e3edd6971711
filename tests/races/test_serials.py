"""Serial numbers under real concurrency: one piece is with one customer, however many scan it at once."""

from functools import partial

import pytest

from orderwerk.catalog.commands.upsert import ProductItem, upsert_products
from orderwerk.core import sql
from orderwerk.core.ids import new_id
from orderwerk.core.outcome import Outcome
from orderwerk.flows.record_scans import ScanItem, record_scans
from orderwerk.flows.ship_shipments import ShipItem, ship_shipments
from orderwerk.picklists.commands.create import CreatePickListItem, create_pick_lists
from orderwerk.shipments.commands.record_serials import RecordSerialsItem, record_serials
from orderwerk.shipments.serials import SerialPiece
from tests import build
from tests.races.test_shipments import _healthy, _outcomes
from tests.races.threads import together

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 4


def codes(outcomes: list[Outcome]) -> list[str]:
    return sorted(o.error.code if o.error else "ok" for o in outcomes)


def test_a_piece_that_is_scanned_into_several_parcels_at_once_leaves_with_one() -> None:
    world = build.world(locations=1, products=2)
    a, b = world.skus
    items = [ProductItem(sku=sku, name="Phone", tracking="serial") for sku in world.skus]
    for outcome in upsert_products(items, actor=build.TESTER):
        outcome.require()
    for turn in range(ROUNDS):
        shipments = [build.shipments(world.place((a, 1), (b, 1)))[0] for _ in range(4)]
        pieces = [SerialPiece(sku=a, serial=f"A{turn}"), SerialPiece(sku=b, serial=f"B{turn}")]
        # Named in either order, so that who waits for whom would be a circle.
        results = together([
            *[partial(ship_shipments, [ShipItem(shipment_id=key, serials=pieces)], actor=build.TESTER) for key in shipments[:2]],
            *[partial(record_serials, [RecordSerialsItem(shipment_id=key, add=pieces[::-1])], actor=build.TESTER) for key in shipments[2:]],
        ])  # fmt: skip
        assert codes(_outcomes(results)) == ["ok", "serial_out", "serial_out", "serial_out"]
    rows = sql.fetch("select serial, count(*) from shipments_serial group by serial")
    assert sorted(tuple(row) for row in rows) == sorted((f"{x}{n}", 1) for x in "AB" for n in range(ROUNDS))  # fmt: skip
    _healthy()


def test_goods_leave_with_numbers_or_without_while_a_product_begins_to_have_them() -> None:
    world = build.world(locations=1, products=1)
    shipments = [build.shipments(world.place((world.skus[0], 1)))[0] for _ in range(5)]
    item = ProductItem(sku=world.skus[0], name="Phone", tracking="serial")

    results = together([
        *[partial(ship_shipments, [ShipItem(shipment_id=key)], actor=build.TESTER) for key in shipments[:3]],
        partial(upsert_products, [item], actor=build.TESTER),
        *[partial(ship_shipments, [ShipItem(shipment_id=key)], actor=build.TESTER) for key in shipments[3:]],
    ])  # fmt: skip

    outcomes = _outcomes(results)
    assert outcomes[3].ok
    assert set(codes(outcomes)) <= {"ok", "serials_missing"}
    _healthy()


def test_a_piece_that_is_scanned_on_several_lists_at_once_is_picked_on_one() -> None:
    world = build.world(locations=1, products=1)
    sku = world.skus[0]
    upsert_products([ProductItem(sku=sku, name="Phone", tracking="serial")], actor=build.TESTER)[0].require()  # fmt: skip
    for turn in range(ROUNDS):
        orders = [world.place((sku, 1)) for _ in range(3)]
        lists = [
            create_pick_lists([CreatePickListItem(location=world.locations[0], shipment_ids=build.shipments(key))], actor=build.TESTER)[0].require().id
            for key in orders
        ]  # fmt: skip
        scans = [
            ScanItem(key=new_id(), pick_list_id=key, pick_line_id=build.pick_lines_of(key)[0][0], picked=1, step="serial", serials=[f"A{turn}"])
            for key in lists if key
        ]  # fmt: skip

        results = together([partial(record_scans, [scan], actor=build.TESTER) for scan in scans])

        assert codes(_outcomes(results)) == ["ok", "serial_out", "serial_out"]
        # Each device asks again: the answer stays what it was.
        again = [record_scans([scan], actor=build.TESTER)[0] for scan in scans]
        assert codes(again) == ["ok", "serial_out", "serial_out"]
        assert sorted(build.order(key)["units_picked"] for key in orders) == [0, 0, 1]
    _healthy()
