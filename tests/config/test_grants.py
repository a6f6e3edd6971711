"""The program's role does all daily work and cannot change what is written down."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from orderwerk.config.postgres import Cluster, throw_away

pytestmark = pytest.mark.slow
WORK = """
from orderwerk.cli.group import set_up_django
set_up_django()
from tests import build
world = build.world()
order = world.place((world.skus[0], 2))
from orderwerk.flows.ship_shipments import ShipItem, ship_shipments
[shipment] = build.shipments(order)
ship_shipments([ShipItem(shipment_id=shipment)], actor=build.TESTER)[0].require()
print(build.order(order)["status"])
build.invoice(order)
from orderwerk.flows.erase_orders import EraseItem, erase_orders
erase_orders([EraseItem(order_id=order)], actor=build.TESTER)[0].require()
"""


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    named = os.environ.get("PG_BIN")
    with throw_away(Path(named) if named else None, durable=True) as cluster:
        assert run(cluster.account.url(), "-m", "orderwerk", "migrate").returncode == 0
        yield cluster


def run(url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    with tempfile.TemporaryDirectory() as folder:
        return subprocess.run(
            [sys.executable, *arguments],
            env={**os.environ, "DATABASE_URL": url, "ORDERWERK_DATA_DIR": folder, "PYTHONPATH": "."},
            capture_output=True, text=True, check=False, timeout=600,
        )  # fmt: skip


def test_the_program_does_its_work(cluster: Cluster) -> None:
    done = run(cluster.account.program_url(), "-c", WORK)

    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "shipped"
    assert run(cluster.account.program_url(), "-m", "orderwerk", "check").returncode == 0


@pytest.mark.parametrize(
    "attack",
    [
        "update core_event set payload = '{}'",
        "delete from core_event",
        "truncate core_event cascade",
        "update stock_movement set delta = 1",
        "delete from memos_memo",
        "select set_config('orderwerk.erasing', pg_current_xact_id()::text, true); update core_event set payload = '{}'",
        "truncate orders_order cascade",
        "alter table orders_line disable trigger all",
        "alter table orders_line drop constraint orders_line_quantities",
        "drop function refuse_change() cascade",
        "create table mine (n int)",
        "set role orderwerk",
        "set session_replication_role = replica",
        "copy orders_order to program 'cat'",
        "delete from django_migrations",
    ],
)
def test_history_and_guards_are_out_of_its_reach(cluster: Cluster, attack: str) -> None:
    with (
        psycopg.connect(cluster.account.program_url()) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute(attack)


def test_a_privilege_that_crept_in_is_taken_away_by_the_next_migrate(cluster: Cluster) -> None:
    with psycopg.connect(cluster.account.url(), autocommit=True) as owner:
        owner.execute("grant update on stock_movement to orderwerk_app")
        found = run(cluster.account.program_url(), "-m", "orderwerk", "check")

        run(cluster.account.url(), "-m", "orderwerk", "migrate")

        [(may,)] = owner.execute(
            "select has_table_privilege('orderwerk_app', 'stock_movement', 'update')"
        ).fetchall()
    assert found.returncode == 1
    assert "nets-role" in found.stdout
    assert not may
