"""Plans of the hot statements are kept with the connection, but not those over many items."""

import pytest
from django.db import connection

from orderwerk.core import sql

pytestmark = pytest.mark.django_db


def _kept(words: str) -> list[sql.Row]:
    with connection.cursor() as cursor:
        cursor.execute("select generic_plans from pg_prepared_statements where statement like %s", [f"%{words}%"])  # fmt: skip
        rows: list[sql.Row] = cursor.fetchall()
        return rows


def test_a_statement_over_a_few_items_is_planned_once_and_run_again() -> None:
    for _ in range(3):
        assert sql.fetch("select count(*) as a_few from unnest(%s::text[])", (["a"] * 100,)) == [(100,)]  # fmt: skip
    assert _kept("as a_few from") == [(3,)]


def test_a_statement_over_many_items_is_planned_anew() -> None:
    for _ in range(3):
        assert sql.fetch("select count(*) as a_lot from unnest(%s::text[])", (["a"] * 101,)) == [(101,)]  # fmt: skip
        sql.fetch("select length(%s::text) as much", ("x" * 65_537,))
    assert _kept("as a_lot from") == []
    assert _kept("as much") == []


def test_no_statement_of_the_orm_is_kept() -> None:
    for _ in range(8):
        with connection.cursor() as cursor:
            cursor.execute("select %s as plain", [1])
    assert _kept("as plain") == []
