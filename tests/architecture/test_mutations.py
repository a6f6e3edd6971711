"""What `lab.mutations` breaks is still there to be broken, and every test file it counts on exists."""

from pathlib import Path

import pytest

from lab.mutations.__main__ import changed
from lab.mutations.in_code import IN_CODE
from lab.mutations.in_schema import IN_SCHEMA
from orderwerk.core import sql

_ROOT = Path(__file__).parents[2]
_RULES = """
select conrelid::regclass::text || '.' || conname from pg_constraint where conrelid <> 0
union all select tgrelid::regclass::text || '.' || tgname from pg_trigger
union all select tablename || '.' || indexname from pg_indexes
"""


def test_every_mutation_in_the_code_fits() -> None:
    for mutation in IN_CODE:
        source = (_ROOT / "src/orderwerk" / mutation.file).read_text(encoding="utf-8")
        assert changed(mutation, source) != source


@pytest.mark.django_db
def test_every_rule_that_is_taken_away_is_there() -> None:
    there = {row[0] for row in sql.fetch(_RULES)}

    assert {m.rule for m in IN_SCHEMA if " " not in m.rule} <= there


def test_every_file_of_tests_is_there() -> None:
    named = {file for mutation in (*IN_CODE, *IN_SCHEMA) for file in mutation.tests}

    assert {file for file in named if not (_ROOT / file).is_file()} == set()
