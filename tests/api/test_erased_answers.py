"""What the API once answered goes with the personal data of the order that it showed."""

from uuid import UUID

import pytest

from orderwerk.checks.run import ALL
from orderwerk.core import sql
from orderwerk.flows.erase_orders import EraseItem, erase_due, erase_orders
from orderwerk.flows.ship_shipments import ShipItem, ship_shipments
from tests import build
from tests.api.conftest import Api

pytestmark = pytest.mark.django_db
_NAME = "Vera Uniquename"


def placed(world: build.World, api: Api, key: str) -> dict[str, object]:
    """An order that came through the API under a key, and has left."""
    document = world.json(customer={"name": _NAME, "email": "vera@example.com"})
    answer = api.post("/orders", document, key)
    assert answer.status_code == 201
    for shipment in build.shipments(UUID(answer.json()["id"])):
        ship_shipments([ShipItem(shipment_id=shipment)], actor=build.TESTER)[0].require()
    return document


def answers_that_tell() -> int:
    """How many kept answers speak of the person."""
    [(count,)] = sql.fetch(
        "select count(*) from core_idempotency_key where convert_from(response_body, 'utf8') ~ %s",
        (_NAME,),
    )
    return int(count)


def test_an_erased_order_is_in_no_kept_answer_and_its_key_stays_used(
    world: build.World, api: Api
) -> None:
    document = placed(world, api, "one")
    placed(world, api, "two")
    [(order,)] = sql.fetch("select id from orders_order where external_id = %s", (document["external_id"],))  # fmt: skip
    build.invoice(order)
    assert answers_that_tell() == 2

    erase_orders([EraseItem(order_id=order)], actor=build.TESTER)[0].require()
    again = api.post("/orders", document, "one")
    without = api.post("/orders", document, "three")

    assert answers_that_tell() == 1
    assert again.status_code == 409
    assert again.json()["errors"][0]["code"] == "erased"
    # The document is known by its hash: nothing is placed again, and nobody's name comes back.
    assert without.status_code == 200
    assert _NAME not in without.content.decode()
    assert sql.fetch("select count(*) from orders_order") == [(2,)]
    assert sql.fetch(next(each.sql for each in ALL if each.id == "erased-orders")) == []
    assert api.post("/orders", document, "three").content == without.content


@pytest.mark.parametrize("kept", ["before", "after"])
def test_an_answer_that_was_left_behind_is_found_and_goes(
    world: build.World, api: Api, kept: str
) -> None:
    placed(world, api, "one")
    [(order,)] = sql.fetch("select id from orders_order")
    build.invoice(order)
    erase_orders([EraseItem(order_id=order)], actor=build.TESTER)[0].require()
    # Read just before the order was erased, it may also be kept just after.
    moment = {"before": "created_at", "after": "now() - interval '2 days'"}[kept]
    sql.execute(f"update core_idempotency_key set response_status = 201, response_body = %s, created_at = {moment}", (_NAME.encode(),))  # fmt: skip
    [rule] = [each for each in ALL if each.id == "erased-orders"]
    assert [row[4] for row in sql.fetch(rule.sql)] == ["answer"]

    if kept == "after":
        # It goes by itself, however old it is, and also where something of the order is open again.
        sql.execute("set session_replication_role = replica")
        sql.execute("update orders_order set invoiced_minor = invoiced_minor - 1")
        sql.execute("set session_replication_role = origin")
        assert not erase_orders([EraseItem(order_id=order)], actor=build.TESTER)[0].ok
        assert erase_due(actor=build.TESTER) == 1
    else:
        erase_orders([EraseItem(order_id=order)], actor=build.TESTER)[0].require()

    assert sql.fetch(rule.sql) == []
    assert answers_that_tell() == 0
