"""The world in which invariants are looked at: orders being picked, shipped, invoiced, credited, paid back and returned."""

from dataclasses import dataclass
from typing import Any

import pytest
from django.db import connection

from orderwerk.accounts.commands.create_token import NewToken, create_tokens
from orderwerk.catalog.commands.upsert import ProductItem, upsert_products
from orderwerk.catalog.kits import ComponentItem
from orderwerk.core.uow import unit_of_work
from orderwerk.emails.commands.queue import NewEmail, queue_emails
from orderwerk.emails.commands.upsert_templates import TemplateItem, upsert_templates
from orderwerk.flows.pick_lines import PickItem, pick_lines
from orderwerk.flows.ship_shipments import ShipItem, ship_shipments
from orderwerk.invoices.commands.credit import CreditItem, credit_invoices
from orderwerk.picklists.commands.create import CreatePickListItem, create_pick_lists
from orderwerk.refunds.commands.create import CreateRefundItem, create_refunds
from orderwerk.stock.commands.receive import ReceiveItem, receive_stock
from orderwerk.stock.commands.upsert_inbounds import (
    InboundItem,
    InboundLineItem,
    upsert_inbounds,
)
from tests import build


@dataclass
class Planted:
    """The ids that plants refer to."""

    names: dict[str, Any]

    def plant(self, statements: str) -> None:
        """Run statements past triggers and foreign keys."""
        with connection.cursor() as cursor:
            cursor.execute("set constraints all immediate")
            cursor.execute("set local session_replication_role = replica")
            cursor.execute(statements.format(**self.names))


@pytest.fixture
def planted() -> Planted:
    world = build.world(products=1)
    picking, shipped = world.place((world.skus[0], 2)), world.place((world.skus[0], 1))
    ship_shipments([ShipItem(shipment_id=build.shipments(shipped)[0])], actor=build.TESTER)[
        0
    ].require()
    made = create_pick_lists([CreatePickListItem(location=world.locations[0])], actor=build.TESTER)[
        0
    ].require()
    line = build.pick_lines_of(made.id)[0][0]  # type: ignore[arg-type]
    pick_lines([PickItem(pick_line_id=line, picked=1)], actor=build.TESTER)[0].require()
    with unit_of_work(build.TESTER) as unit:
        queue_emails(
            unit,
            [
                NewEmail(
                    world.shop_id, shipped, "t", key, "a@example.com", "b@example.com", "", "s", "b"
                )
                for key in (picking, shipped)
            ],
        )
    part = ComponentItem(sku=world.skus[0], quantity=2)
    kit = ProductItem(sku=f"KIT{build.serial()}", name="Kit", components=[part])
    upsert_products([kit], actor=build.TESTER)[0].require()
    world.place((kit.sku, 1))
    expected = InboundItem(
        location=world.locations[0],
        number=f"PO{build.serial()}",
        lines=[InboundLineItem(sku=world.skus[0], quantity=5)],
    )
    upsert_inbounds([expected], actor=build.TESTER)[0].require()
    came = ReceiveItem(sku=world.skus[0], location=world.locations[0], quantity=2, inbound=expected.number)  # fmt: skip
    receive_stock([came], actor=build.TESTER)[0].require()
    for order in (picking, shipped):
        build.invoice(order)
    debit = build.invoices(shipped)[0]["id"]
    goodwill = CreditItem(invoice_id=debit, reason="late", amount="2.50")
    credit = credit_invoices([goodwill], actor=build.TESTER)[0].require()
    create_refunds([CreateRefundItem(invoice_id=credit.id)], actor=build.TESTER)[0].require()
    text = TemplateItem(
        shop=world.shop, trigger="order.received", language="nl", subject="Dank", body="Dag"
    )
    upsert_templates([text], actor=build.TESTER)[0].require()
    back = build.returned(world)
    create_tokens([NewToken(name="t", scopes=("orders:read",))], actor=build.TESTER)
    return Planted({
        "shop": world.shop_id, "o1": picking, "o2": shipped, "l1": build.order_lines(picking)[0],
        "l2": build.order_lines(shipped)[0], "place": world.location_ids[world.locations[0]],
        "o3": back, "l3": build.order_lines(back)[0], "other": world.location_ids[world.locations[1]],
    })  # fmt: skip
