"""Which moves of status histories made, seen by PostgreSQL itself, against all that its guards allow."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from orderwerk.core import sql

Pair = tuple[str, str, str]

# tgargs: the statuses a row may start with, and the moves, each with an ending zero byte.
_GUARDS = """
select c.relname, t.tgtype & 4 = 4, split_part(encode(t.tgargs, 'escape'), '\\000', 1), split_part(encode(t.tgargs, 'escape'), '\\000', 2)
from pg_trigger t join pg_class c on c.oid = t.tgrelid join pg_proc p on p.oid = t.tgfoid
where p.proname = 'guard_status' and not t.tgisinternal
"""
_WATCH = """
create unlogged table history_move (kind text, origin text, target text);
create function note_history_move() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    insert into history_move values (tg_table_name, '', new.status);
  elsif old.status <> new.status then
    insert into history_move values (tg_table_name, old.status, new.status);
  end if;
  return null;
end $$
"""


def allowed() -> set[Pair]:
    """Return every start and every move that the guards of the tables allow: (table, origin or "", target)."""
    found: set[Pair] = set()
    for table, is_insert, starts, moves in sql.fetch(_GUARDS):
        if is_insert:
            found |= {(table, "", status) for status in starts.split(",")}
        else:
            found |= {(table, *_halves(move)) for move in moves.split(",")}
    return found


def _halves(move: str) -> tuple[str, str]:
    origin, target = move.split(">")
    return origin, target


@contextmanager
def watched() -> Iterator[Counter[Pair]]:
    """Count the moves made inside; the counter is filled at the end."""
    seen: Counter[Pair] = Counter()
    tables = sorted({table for table, _, _ in allowed()})
    for statement in (*_split(_WATCH), *(f"create trigger history_move after insert or update on {t} for each row execute function note_history_move()" for t in tables)):  # fmt: skip
        sql.execute(statement)
    try:
        yield seen
        for *pair, n in sql.fetch("select kind, origin, target, count(*) from history_move group by 1, 2, 3"):  # fmt: skip
            seen[(pair[0], pair[1], pair[2])] = n
    finally:
        for t in tables:
            sql.execute(f"drop trigger history_move on {t}")
        sql.execute("drop function note_history_move")
        sql.execute("drop table history_move")


def _split(script: str) -> list[str]:
    first, rest = script.strip().split(";\n", 1)
    return [first, rest]
