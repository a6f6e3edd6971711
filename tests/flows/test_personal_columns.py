"""Every column that can hold words is registered: whether it may tell of a customer, and what becomes of it when an order is erased."""

import re
from pathlib import Path

import pytest

from orderwerk.core import sql
from orderwerk.flows import erase_orders
from tests.flows.personal_columns import NOBODY, PERSONAL

pytestmark = pytest.mark.django_db
_COLUMNS = """
select c.relname, a.attname from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
join pg_type t on t.oid = a.atttypid left join pg_type e on e.oid = t.typelem
where n.nspname = current_schema() and c.relkind in ('r', 'p') and not c.relispartition and a.attnum > 0 and not a.attisdropped
  and (t.typname in ('text', 'varchar', 'bpchar', 'json', 'jsonb', 'bytea', 'tsvector') or e.typname in ('text', 'varchar', 'jsonb'))
"""


def test_every_column_that_holds_words_is_registered() -> None:
    found = {f"{table}.{column}" for table, column in sql.fetch(_COLUMNS)}
    registered = set(PERSONAL) | NOBODY

    # A new column: put it into tests/flows/personal_columns.py. If it may tell of a customer, erasing has to reach it first.
    assert found - registered == set()
    assert registered - found == set()
    assert not set(PERSONAL) & NOBODY


def test_what_is_erased_is_named_by_what_erases_it() -> None:
    functions = " ".join(row[0] for row in sql.fetch("select prosrc from pg_proc where proname like 'erase\\_%%' escape '\\'"))  # fmt: skip
    words = set(
        re.findall(r"\w+", functions + Path(erase_orders.__file__).read_text(encoding="utf-8"))
    )
    erased = [column.split(".") for column, how in PERSONAL.items() if how == "erased"]
    assert [pair for pair in erased if not words.issuperset(pair)] == []
