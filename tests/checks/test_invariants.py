"""Every invariant is silent on a healthy database and finds its planted violation."""

import json
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

import pytest
from click.testing import CliRunner
from django.db import connection

from orderwerk.accounts.commands.create_token import NewToken, create_tokens
from orderwerk.catalog.commands.upsert import ProductItem, upsert_products
from orderwerk.catalog.kits import ComponentItem
from orderwerk.checks.invariant import Invariant, Severity
from orderwerk.checks.run import ALL, run_checks
from orderwerk.cli.checks import check
from orderwerk.core import sql
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
from tests.checks.plants import PLANTS

BY_ID = {invariant.id: invariant for invariant in ALL}
# fsync is off in a throw-away cluster, and nothing else may be found in a healthy one.
HEALTHY = [invariant for invariant in ALL if invariant.id != "durable"]


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


def _find(invariant: Invariant) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(invariant.sql)
        return cursor.fetchall()


def test_every_invariant_has_a_plant() -> None:
    assert set(PLANTS) == set(BY_ID)


@pytest.mark.django_db
@pytest.mark.parametrize("key", sorted(PLANTS))
def test_a_planted_violation_is_found(key: str, planted: Planted) -> None:
    assert key == "durable" or _find(BY_ID[key]) == []

    planted.plant(PLANTS[key])

    assert _find(BY_ID[key])


@pytest.mark.django_db(transaction=True)
def test_a_healthy_database_has_no_findings_and_a_planted_one_is_named(planted: Planted) -> None:
    assert run_checks(HEALTHY).findings == []

    sql.execute(
        "insert into orders_tab_count (shop_id, status, n) values (%s, 'shipped', 1)",
        (planted.names["shop"],),
    )
    report = run_checks(HEALTHY)

    assert [(f.invariant, f.severity, f.shop_id) for f in report.findings] == [
        ("tab-counts", Severity.VIOLATION, str(planted.names["shop"]))
    ]
    assert len(report.checked) == len(HEALTHY)


@pytest.mark.django_db(transaction=True)
def test_the_command_says_what_it_found_and_ends_accordingly(
    planted: Planted, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The test is connected already, to its own database.
    monkeypatch.setattr("orderwerk.cli.checks.connected", nullcontext)
    good = CliRunner().invoke(check, ["--json", "--only", "tab-counts"])
    sql.execute(
        "insert into orders_tab_count (shop_id, status, n) values (%s, 'shipped', 1)",
        (planted.names["shop"],),
    )
    bad = CliRunner().invoke(check, ["--only", "tab-counts"])
    unknown = CliRunner().invoke(check, ["--only", "nonsense"])

    assert (good.exit_code, json.loads(good.output)["findings"]) == (0, [])
    assert bad.exit_code == 1
    assert "VIOLATION tab-counts" in bad.output
    assert unknown.exit_code == 2


@pytest.mark.django_db(transaction=True)
def test_what_cannot_be_checked_is_never_green() -> None:
    broken = Invariant("broken", "Cannot be asked.", "select * from no_such_table", "Nothing.")

    report = run_checks([broken])

    assert report.checked == []
    assert list(report.unchecked) == ["broken"]


@pytest.mark.django_db(transaction=True)
def test_a_check_outlasts_the_patience_of_idle_transactions(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    options = connection.get_connection_params()["options"]
    assert "idle_in_transaction_session_timeout=60s" in options
    impatient = options.replace("session_timeout=60s", "session_timeout=50ms")
    monkeypatch.setitem(connection.settings_dict["OPTIONS"], "options", impatient)
    slow = Invariant("slow", "Takes its time.", "select null, '', '', '', '' from pg_sleep(0.3) s where s::text = 'never'", "Nothing.")  # fmt: skip

    report = run_checks([slow, slow, slow])

    assert report.checked == ["slow"] * 3
    assert report.unchecked == {}
