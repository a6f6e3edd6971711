"""No statement of a page, of the API or of a command reads a table that grows from one end to the other: there is an index for it.

How large a table will be does not show in a test. So the planner is told to avoid sequential scans wherever it can; what
still reads a whole table, or the whole of an index without stopping at a limit, has no index to go by. Statements that the
program prepares are planned as they will run, without their values; those of lists for the values they were asked with.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import partial
from typing import Any

import psycopg
import pytest
from django.db import connection
from django.test import Client
from psycopg.adapt import PyFormat, Transformer

from orderwerk.api.resources import RESOURCES
from orderwerk.core import sql
from tests import build
from tests.api.conftest import caller
from tests.bulk.test_statement_counts import ALL
from tests.console.addresses import addresses
from tests.console.everything import everything

pytestmark = [pytest.mark.django_db, pytest.mark.slow, pytest.mark.once]

# What an installation has dozens or hundreds of, however long it runs.
SMALL = {
    "accounts_user", "accounts_api_token", "shops_shop", "stock_location", "stock_bin", "orders_tab_count",
    "orders_tab_count_key", "return_requests_reason", "shipments_rule", "shipments_carrier", "stock_postal_place",
    "stock_difference",
}  # fmt: skip
# What is read whole on purpose, or only seems to be, by how its statement begins, and what else stands in it.
KNOWN = {
    "select r.status, count(*) from": "exact counts of tabs walk an index, without touching a row",
    "select d.status, count(*) from": "the same",
    "select c.status, count(*) from": "the same",
    "with place as ( select s.* from stock_level s": "the self-check looks at every level, a page at a time",
    "select t.id, t.product_id, p.sku, p.name, p.image_url, t.code, t.expires_on": "lots by their last day, those without one last",
    "select a.id, a.order_id, o.number, s.code, a.order_line_id": "allocations of an order: allocations_allocation_place begins with it",
    "select h.id, h.number, h.order_id, o.number, o.status … where h.order_id = ": "shipments of an order: shipments_of_order",
    "select to_char(d.issue_date, 'YYYY-MM'), d.code": "a report, asked for a few times a month: what was issued in its period, by day of issue",
}  # fmt: skip


# A table without figures is guessed at, and one way to go may look best that never is. What is read whole whichever ways
# are closed has no index to go by.
_WAYS = (
    ("seqscan",),
    ("seqscan", "hashjoin", "mergejoin"),
    ("seqscan", "hashjoin", "mergejoin", "sort"),
)

# What the planner takes for the number of rows: a million in each table, a hundred where there are few; with the pages that
# there are now, else every page that earlier tests left would count for another million.
_LARGE = """
update pg_class set reltuples = case when relname = any(%s::text[]) then 100 else 1000000 end,
  relpages = greatest(pg_relation_size(oid) / current_setting('block_size')::int, 1)
where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace
"""
# What it takes for their values: each stands in a handful of rows, so that an index is worth its way wherever there is one. What
# earlier tests left in these figures would be of whatever they had in the tables when the figures were taken.
_FORGET = "delete from pg_statistic where starelid in (select oid from pg_class where relnamespace = 'public'::regnamespace)"
_RARE = """
insert into pg_statistic (starelid, staattnum, stainherit, stanullfrac, stawidth, stadistinct, {zeros})
select a.attrelid, a.attnum, false, 0, 16, -0.2, {values}
from pg_attribute a join pg_class c on c.oid = a.attrelid
where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace and a.attnum > 0 and not a.attisdropped
""".format(
    zeros=", ".join(f"{name}{n}" for name in ("stakind", "staop", "stacoll") for n in range(1, 6)),
    values=", ".join(["0"] * 15),
)


def take_for_large() -> None:
    """Let the planner take every table for what it will be in years, until the end of this transaction."""
    # Analysing takes the same lock: nobody writes figures of a table between what is forgotten and what is told.
    tables = sql.fetch("select oid::regclass::text from pg_class where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace order by oid")  # fmt: skip
    sql.execute(f"lock table {', '.join(row[0] for row in tables)} in share update exclusive mode")
    sql.execute(_LARGE, (list(SMALL),))
    sql.execute(_FORGET)
    sql.execute(_RARE)


def _reads(text: str) -> bool:
    return bool(re.match(r"\s*(select|with|update|delete)\b", text, re.IGNORECASE))


@dataclass
class Statement:
    """A statement as it ran somewhere; prepared ones are planned for whatever values may come."""

    place: str
    text: str
    values: Any
    is_prepared: bool

    def plan(self) -> Mapping[str, Any]:
        """Return how it is carried out."""
        if self.is_prepared:
            # Asked as plain text: its parameters are there to be planned for, not to be given.
            explain = f"explain (generic_plan, format json) {self._with_types()}"
            [(found,)] = psycopg.Cursor(connection.connection).execute(explain, prepare=False)  # type: ignore[arg-type]
        else:
            [(found,)] = sql.read(f"explain (format json) {self.text}", self.values or ())
            found = json.loads(found) if isinstance(found, str) else found
        plan: Mapping[str, Any] = found[0]["Plan"]
        return plan

    def _with_types(self) -> str:
        values = self.values or ()
        dumps = Transformer(connection.connection)
        dumps.dump_sequence(values, [PyFormat.AUTO] * len(values))
        types = list(dumps.types or ())
        names = dict(sql.fetch("select oid::bigint, oid::regtype::text from pg_type where oid = any(%s)", (types,)))  # fmt: skip
        text, *parts = self.text.replace("%%", "\0").split("%s")
        for n, (oid, part) in enumerate(zip(types, parts, strict=True), start=1):
            text += f"${n}::{names[oid]}{part}" if oid in names else f"${n}{part}"
        return text.replace("%", "%%").replace("\0", "%%")


def scans(node: Mapping[str, Any], partial: Set[str], *, limited: bool = False) -> Iterator[str]:
    """Yield the tables that a plan reads from one end to the other."""
    kind = node["Node Type"]
    limited = limited or kind == "Limit"
    whole = kind == "Seq Scan" or (kind in {"Index Scan", "Index Only Scan", "Bitmap Index Scan"} and "Index Cond" not in node and not limited and node.get("Index Name") not in partial)  # fmt: skip
    if whole and node.get("Relation Name", node.get("Index Name", "")) not in SMALL:
        yield f"{node.get('Relation Name', node.get('Index Name'))}"
    for child in node.get("Plans", ()):
        # What is sorted or gathered below a limit is read whole before the first row of it is known.
        stops = kind in {"Limit", "Nested Loop", "LockRows", "Result", "Subquery Scan", "Append", "Merge Append", "Incremental Sort"}  # fmt: skip
        yield from scans(child, partial, limited=limited and stops)


def _asked(enter: Callable[..., Client]) -> Iterator[tuple[str, Callable[[], Any]]]:
    """Everything that is asked often: each page, each list of the API and one thing of it, each command."""
    every, client = everything(1), enter()
    for name, address in addresses(every).items():
        yield f"page {name}", partial(client.get, address)
    api = caller()
    for resource in RESOURCES:
        items = api.get(f"/{resource.plural}").json()["items"]
        yield f"API {resource.plural}", partial(api.get, f"/{resource.plural}")
        for item in items[:1]:
            yield f"API {resource.plural}, one", partial(api.get, f"/{resource.plural}/{item['id']}")  # fmt: skip
    for name, (prepare, command) in sorted(ALL.items()):
        yield f"command {name}", partial(command, prepare(1), actor=build.TESTER)


def _statements(enter: Callable[..., Client]) -> list[Statement]:
    found: dict[str, Statement] = {}
    for place, ask in _asked(enter):
        with sql.count_statements() as counted:
            ask()
        for text, values in counted.values.items():
            if _reads(text):
                found.setdefault(text, Statement(place, text, values, text in counted.prepared))
    return list(found.values())


def test_nothing_that_is_asked_often_reads_a_growing_table_whole(enter: Callable[..., Client]) -> None:  # fmt: skip
    statements = _statements(enter)
    take_for_large()
    partial_ones = {row[0] for row in sql.fetch("select indexrelid::regclass::text from pg_index where indpred is not null")}  # fmt: skip

    found: dict[str, set[str]] = {}
    for statement in statements:
        tables = set.intersection(*(_whole(statement, ways, partial_ones) for ways in _WAYS))
        text = " ".join(statement.text.split())
        if tables and not _is_known(text):
            found[f"{statement.place}: {text}"] = tables
    assert found == {}


def _is_known(text: str) -> bool:
    for known in KNOWN:
        start, *parts = known.split(" … ")
        if text.startswith(start) and all(part in text for part in parts):
            return True
    return False


def _whole(statement: Statement, ways: Sequence[str], partial_ones: Set[str]) -> set[str]:
    for way in ways:
        sql.execute(f"set local enable_{way} = off")
    tables = set(scans(statement.plan(), partial_ones))
    for way in ways:
        sql.execute(f"set local enable_{way} = on")
    return tables
