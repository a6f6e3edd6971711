"""What the database really has: bounds, statuses, tenancy and guards, read from its own catalogue."""

import re

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, models
from django.db.transaction import atomic

from orderwerk.allocations import statuses as allocations
from orderwerk.core.statuses import check_moves, guard_arguments
from orderwerk.emails import statuses as emails
from orderwerk.orders import cancel_statuses, substitution_statuses
from orderwerk.payments import capture_statuses as captures
from orderwerk.payments import statuses as payments
from orderwerk.picklists import statuses as picklists
from orderwerk.refunds import statuses as refunds
from orderwerk.return_requests import label_statuses
from orderwerk.return_requests import statuses as return_requests
from orderwerk.returns import claim_statuses, exchange_statuses
from orderwerk.returns import statuses as returns
from orderwerk.shipments import exception_statuses
from orderwerk.shipments import label_statuses as shipping_label_statuses
from orderwerk.shipments import statuses as shipments
from orderwerk.stock import statuses as inbounds

MACHINES = {
    "allocations_allocation": allocations,
    "emails_email": emails,
    "orders_cancel_request": cancel_statuses,
    "orders_substitution": substitution_statuses,
    "payments_capture": captures,
    "payments_payment": payments,
    "picklists_pick_list": picklists,
    "refunds_refund": refunds,
    "return_requests_label": label_statuses,
    "return_requests_request": return_requests,
    "returns_claim": claim_statuses,
    "returns_exchange": exchange_statuses,
    "returns_return": returns,
    "shipments_exception": exception_statuses,
    "shipments_label": shipping_label_statuses,
    "shipments_shipment": shipments,
    "stock_inbound": inbounds,
}
# Sums of changes and corrections: below zero by nature.
SIGNED = {
    ("stock_movement", "delta"),
    ("orders_tab_count", "n"),
    ("returns_line", "correction_minor"),
    ("refunds_credit_movement", "delta_minor"),
}


def _rows(sql: str) -> list[tuple[str, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()


def _checks() -> dict[str, str]:
    rows = _rows(
        "select c.relname, string_agg(pg_get_constraintdef(k.oid), ' ') from pg_constraint k join pg_class c on c.oid = k.conrelid "
        "where k.contype = 'c' group by c.relname"
    )
    return {row[0]: row[1] for row in rows}


def bounded_below(checks: str) -> set[str]:
    """Return the columns that the CHECKs of a table keep at zero or more.

    Each is compared itself with a number, or is no less than, or the sum of, columns that are kept so.
    """
    floors = [({low}, high) for high, low in re.findall(r"\((\w+) >=? ([a-z]\w*)\)", checks)]
    floors += [({low}, high) for low, high in re.findall(r"\((\w+) <=? ([a-z]\w*)\)", checks)]
    floors += [
        ({one, other}, total)
        for total, one, other in re.findall(r"\((\w+) = \((\w+) \+ (\w+)\)\)", checks)
    ]
    found = set(re.findall(r"\((\w+) >=? '?\d", checks))
    while more := {column for below, column in floors if below <= found} - found:
        found |= more
    return found


def _ours() -> list[type[models.Model]]:
    return [model for model in apps.get_models() if model.__module__.startswith("orderwerk.")]


@pytest.mark.parametrize("table", sorted(MACHINES))
def test_statuses_can_be_reached_and_left(table: str) -> None:
    machine = MACHINES[table]

    check_moves(machine.MOVES, start=machine.START, final=machine.FINAL)


@pytest.mark.django_db
@pytest.mark.parametrize("table", sorted(MACHINES))
def test_the_database_knows_the_same_moves(table: str) -> None:
    machine = MACHINES[table]
    start, moves = guard_arguments(machine.MOVES, start=machine.START)

    found = {
        row[0]: bytes(row[1]).decode().split("\x00")[:-1]
        for row in _rows(
            f"select t.tgname, t.tgargs from pg_trigger t join pg_class c on c.oid = t.tgrelid where c.relname = '{table}' "
            f"and t.tgname in ('{table}_status_start', '{table}_status_moves')"
        )
    }

    assert found == {f"{table}_status_start": [start, ""], f"{table}_status_moves": ["", moves]}


@pytest.mark.django_db
@pytest.mark.parametrize("table", sorted(MACHINES))
def test_every_move_is_taken_or_refused_by_the_database_as_the_table_says(table: str) -> None:
    machine = MACHINES[table]
    words = sorted(set(machine.MOVES) | machine.START)
    legal = {(origin, to) for to, origins in machine.MOVES.items() for origin in origins}
    taken = set()
    with connection.cursor() as cursor:
        # A bare table with the real table's own trigger: its arguments come from the database.
        cursor.execute("create temporary table probe (status text)")
        cursor.execute(
            f"select pg_get_triggerdef(oid) from pg_trigger where tgname = '{table}_status_moves' and tgrelid = '{table}'::regclass"
        )
        cursor.execute(cursor.fetchone()[0].replace(f"public.{table}", "probe"))
        for origin in words:
            for to in words:
                cursor.execute("delete from probe")
                cursor.execute("insert into probe values (%s)", [origin])
                try:
                    with atomic():
                        cursor.execute("update probe set status = %s", [to])
                except IntegrityError:
                    continue
                taken.add((origin, to))

    assert taken == legal | {(word, word) for word in words}


@pytest.mark.django_db
def test_every_money_and_quantity_column_has_a_lower_bound() -> None:
    checks = _checks()
    columns = _rows(
        "select table_name, column_name from information_schema.columns where table_schema = 'public' and data_type <> 'text' and "
        "(column_name like '%\\_minor' or column_name in ('quantity', 'cancelled', 'cancel_requested', 'expired', 'packed', 'allocated', 'picked', 'shipped', 'returned', "
        "'credited', 'on_hand', 'planned', 'expected', 'received', 'closed', 'safety_stock', 'short', 'units_ordered', 'units_cancelled', 'units_allocated', "
        "'units_picked', 'units_shipped', 'holds_open', 'delta', 'n'))"
    )

    bounded = {table: bounded_below(found) for table, found in checks.items()}
    unbounded = [
        (t, c) for t, c in columns if (t, c) not in SIGNED and c not in bounded.get(t, set())
    ]

    assert unbounded == []


@pytest.mark.parametrize(
    ("check", "bounded"),
    [
        ("CHECK ((picked >= 0))", True),
        ("CHECK (((quantity >= 1) AND (picked > 0)))", True),
        ("CHECK (((picked IS NULL) OR (picked >= '0'::bigint)))", True),
        ("CHECK ((picked >= short)) CHECK ((short >= 0))", True),
        ("CHECK (((short >= 0) AND (short <= planned) AND (planned <= picked)))", True),
        ("CHECK (((picked = (short + planned)) AND (short >= 0) AND (planned >= 0)))", True),
        ("CHECK (((picked = (short + planned)) AND (short >= 0)))", False),
        ("CHECK (((quantity >= 0) AND (picked <= quantity)))", False),
        ("CHECK ((picked >= short))", False),
        ("CHECK ((units_picked >= 0))", False),
        ("CHECK ((picked >= '-5'::integer))", False),
        ("CHECK (((picked + short) >= 0))", False),
        ("", False),
    ],
)
def test_a_lower_bound_is_one_of_that_very_column(check: str, bounded: bool) -> None:
    assert ("picked" in bounded_below(check)) is bounded


@pytest.mark.django_db
def test_every_status_column_is_guarded() -> None:
    checks = _checks()
    tables = {
        row[0]
        for row in _rows(
            "select table_name from information_schema.columns where table_schema = 'public' and column_name = 'status'"
        )
        if row[0].split("_")[0] in {model.__module__.split(".")[1] for model in _ours()}
    }
    generated = {"orders_order", "invoices_invoice", "refunds_store_credit"}
    counted = {"orders_tab_count"}
    free_words = {"shipments_tracking_event"}  # the carrier's own words

    assert {
        t for t in tables - generated - counted - free_words if "status" not in checks.get(t, "")
    } == set()


@pytest.mark.django_db
def test_whatever_has_a_shop_and_an_order_is_tied_to_both() -> None:
    tables = [
        row[0]
        for row in _rows(
            "select a.table_name from information_schema.columns a join information_schema.columns b using (table_schema, table_name) "
            "where a.table_schema = 'public' and a.column_name = 'shop_id' and b.column_name = 'order_id'"
        )
        if row[0] != "core_event"  # history outlives what it tells of
    ]
    keys = {
        row[0]: row[1]
        for row in _rows(
            "select c.relname, string_agg(pg_get_constraintdef(k.oid), ' ') from pg_constraint k join pg_class c on c.oid = k.conrelid "
            "where k.contype = 'f' group by c.relname"
        )
    }

    tied = [
        t
        for t in tables
        if any(p in keys.get(t, "") for p in ("(shop_id, order_id", "(order_id, shop_id"))
    ]

    assert len(tables) >= 8
    assert tied == tables


@pytest.mark.django_db
def test_no_column_keeps_an_instant_without_its_zone() -> None:
    rows = _rows(
        "select table_name, column_name from information_schema.columns where table_schema = 'public' "
        "and data_type = 'timestamp without time zone'"
    )

    assert rows == []
