"""What `lab.mutations` breaks is still there to be broken, and every test file it counts on exists."""

from pathlib import Path

import pytest
from django.db import connection

from lab.mutations.__main__ import changed
from lab.mutations.in_code import IN_CODE
from lab.mutations.in_schema import IN_SCHEMA
from lab.mutations.mutation import Schema
from orderwerk.core import sql

_ROOT = Path(__file__).parents[2]
_SCHEMA = """
select (select count(*) from pg_constraint), (select count(*) from pg_trigger), (select count(*) from pg_indexes),
  (select count(*) from information_schema.columns where table_schema = 'public' and is_generated = 'NEVER'), pg_get_functiondef('is_clean_text'::regproc)
"""


def test_every_mutation_in_the_code_fits() -> None:
    for mutation in IN_CODE:
        source = (_ROOT / "src/orderwerk" / mutation.file).read_text(encoding="utf-8")
        assert changed(mutation, source) != source


@pytest.mark.django_db
@pytest.mark.parametrize("mutation", IN_SCHEMA, ids=lambda mutation: mutation.where)
def test_every_rule_can_be_taken_away(mutation: Schema) -> None:
    before = sql.fetch(_SCHEMA)

    with connection.cursor() as cursor:
        cursor.execute(mutation.statement())

    assert sql.fetch(_SCHEMA) != before


def test_every_file_of_tests_is_there() -> None:
    named = {file for mutation in (*IN_CODE, *IN_SCHEMA) for file in mutation.tests}

    assert {file for file in named if not (_ROOT / file).is_file()} == set()
