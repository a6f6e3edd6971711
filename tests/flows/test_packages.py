"""Packages with their contents, weight and size: together never more than the shipment holds."""

from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError
from django.db.transaction import atomic

from orderwerk.checks.run import ALL, run_checks
from orderwerk.core import sql
from orderwerk.core.actor import Actor
from orderwerk.core.decode import convert
from orderwerk.core.outcome import Outcome
from orderwerk.flows.cancel_orders import CancelItem, CancelLine, cancel_orders
from orderwerk.flows.ship_shipments import ShipItem, ShipLine, ship_shipments
from orderwerk.shipments.commands.update import UpdateShipmentItem, update_shipments
from orderwerk.shipments.queries import shipment_detail
from tests import build

pytestmark = pytest.mark.django_db


def healthy() -> None:
    """No invariant is broken."""
    report = run_checks([i for i in ALL if i.id not in {"durable", "stuck-outbox"}])
    assert report.findings == []


def shipment() -> tuple[UUID, UUID, UUID]:
    """An order of five pieces, its shipment, and the shipment's line."""
    world = build.world(locations=1)
    order = world.place((world.skus[0], 5))
    [key] = build.shipments(order)
    return order, key, line_of(key)


def line_of(key: UUID) -> UUID:
    """The one live line of a shipment."""
    line: UUID = sql.fetch("select id from shipments_line where shipment_id = %s and is_live", (key,))[0][0]  # fmt: skip
    return line


def pack(key: UUID, *packages: dict[str, Any]) -> Outcome:
    """Set the packages of a shipment."""
    item = convert({"shipment_id": str(key), "packages": list(packages)}, UpdateShipmentItem)
    return update_shipments([item], actor=build.TESTER)[0]


def holding(line: UUID, quantity: int, **fields: Any) -> dict[str, Any]:
    """A package with so many pieces of a line."""
    return {"contents": [{"shipment_line_id": str(line), "quantity": quantity}], **fields}


def shown(key: UUID) -> list[tuple[Any, ...]]:
    """What the packages of a shipment weigh, measure and hold."""
    detail = shipment_detail(Actor.system("test"), key)
    return [
        (p.weight_grams, p.length_mm, p.width_mm, p.height_mm, [x.quantity for x in p.contents])
        for p in detail.parts.packages
    ]


def test_packages_keep_what_they_weigh_measure_and_hold() -> None:
    _, key, line = shipment()
    size = {"weight_grams": 900, "length_mm": 300, "width_mm": 200, "height_mm": 100}

    first = pack(key, holding(line, 3, **size), holding(line, 2)).require()
    again = pack(key, holding(line, 3, **size), holding(line, 2)).require()

    assert (first.data["changed"], again.data["changed"]) == (["packages"], [])
    assert shown(key) == [(900, 300, 200, 100, [3]), (None, None, None, None, [2])]
    healthy()


def test_together_they_never_hold_more_than_the_shipment() -> None:
    _, key, line = shipment()
    pack(key, holding(line, 1)).require()

    refused = pack(key, holding(line, 3), holding(line, 3)).error
    twice = pack(key, {"contents": holding(line, 1)["contents"] * 2}).error
    foreign = pack(key, holding(key, 1)).error

    assert [r.code for r in (refused, twice, foreign) if r] == ["too_many_packed", "duplicate_line", "unknown_shipment_line"]  # fmt: skip
    assert refused is not None
    assert refused.pointer == "/packages/1/contents/0/quantity"
    assert [row[4] for row in shown(key)] == [[1]]
    with pytest.raises(IntegrityError, match="shipments_line_packed"), atomic():
        sql.execute("update shipments_line set packed = 6 where id = %s", (line,))


def test_what_is_taken_out_of_a_shipment_is_unpacked() -> None:
    order, key, line = shipment()
    pack(key, holding(line, 5)).require()
    named = [CancelLine(order_line_id=build.order_lines(order)[0], quantity=2)]

    cancel_orders([CancelItem(order_id=order, reason="x", lines=named)], actor=build.TESTER)[0].require()  # fmt: skip

    assert [row[4] for row in shown(key)] == [[]]
    healthy()


@pytest.mark.parametrize("quantity", [2, 5])
def test_a_shipment_that_leaves_whole_keeps_its_packing_list(quantity: int) -> None:
    _, key, line = shipment()
    pack(key, holding(line, 5)).require()
    part = [ShipLine(shipment_line_id=line, quantity=quantity)]

    ship_shipments([ShipItem(shipment_id=key, lines=part)], actor=build.TESTER)[0].require()

    assert [row[4] for row in shown(key)] == [[5] if quantity == 5 else []]
    assert pack(key, holding(line, 1)).error is not None
    healthy()


def test_fewer_packages_hold_less_and_the_number_alone_keeps_the_rest() -> None:
    _, key, line = shipment()
    pack(key, holding(line, 3), holding(line, 2)).require()

    item = convert({"shipment_id": str(key), "packages": 1}, UpdateShipmentItem)
    update_shipments([item], actor=build.TESTER)[0].require()

    assert [row[4] for row in shown(key)] == [[3]]
    healthy()
