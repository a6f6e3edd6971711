"""Every invariant is silent on a healthy database and finds its planted violation."""

import json
from contextlib import nullcontext
from typing import Any

import pytest
from click.testing import CliRunner
from django.db import connection

from orderwerk.checks.invariant import Invariant, Severity
from orderwerk.checks.run import ALL, run_checks
from orderwerk.cli.checks import check
from orderwerk.core import sql
from tests.checks.conftest import Planted
from tests.checks.plants import PLANTS

BY_ID = {invariant.id: invariant for invariant in ALL}
# fsync is off in a throw-away cluster, and nothing else may be found in a healthy one.
HEALTHY = [invariant for invariant in ALL if invariant.id != "durable"]


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


# An order that has left without an invoice: in a shop that invoices then, and on account in any.
_LEFT = "alter table orders_order drop constraint if exists orders_order_never_over_credited; update orders_order set invoiced_minor = 0, received_at = now() - interval '1 day'{more} where id = '{{o2}}'; update shops_shop set invoice_when = '{when}'; "
_AGES_AGO = "update shipments_shipment set shipped_at = now() - interval '1 hour' where shipped_at is not null"


@pytest.mark.django_db
@pytest.mark.parametrize(("when", "more"), [("shipped", ""), ("paid", ", on_account = true")])
def test_an_invoice_that_is_due_because_goods_left_is_missed_after_a_while(
    planted: Planted, when: str, more: str
) -> None:
    planted.plant(_LEFT.format(when=when, more=more))
    assert _find(BY_ID["stuck-invoices"]) == []

    planted.plant(_AGES_AGO)

    assert [row[2] for row in _find(BY_ID["stuck-invoices"])] == [planted.names["o2"]]


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

    told = json.loads(good.output)
    assert (good.exit_code, told["findings"], list(told["seconds"])) == (0, [], ["tab-counts"])
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
    impatient = options.replace("session_timeout=60s", "session_timeout=1s")
    monkeypatch.setitem(connection.settings_dict["OPTIONS"], "options", impatient)
    # Three in two sessions: who keeps the snapshot is idle for twice its patience.
    slow = Invariant("slow", "Takes its time.", "select null, '', '', '', '' from pg_sleep(1) s where s::text = 'never'", "Nothing.")  # fmt: skip

    report = run_checks([slow, slow, slow])

    assert report.checked == ["slow"] * 3
    assert report.unchecked == {}
