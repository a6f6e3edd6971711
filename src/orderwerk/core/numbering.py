"""Human numbers: a sequence per kind with gaps allowed, and gapless series for documents that the law counts.

Orders, shipments and pick lists take theirs from PostgreSQL sequences (no waiting under load). Invoices take theirs
from counter rows, last in a transaction: what is undone gives its numbers back, so that no gap ever comes about.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from orderwerk.core import ids, sql
from orderwerk.core.errors import ensure
from orderwerk.core.uow import UnitOfWork

SEQUENCES = frozenset(
    {
        "orders_number",
        "shipments_number",
        "picklists_number",
        "picklists_wave_number",
        "stock_inbound_number",
        "refunds_number",
        "refunds_batch_number",
        "refunds_store_credit_number",
        "return_requests_number",
        "return_requests_withdrawal_number",
        "returns_claim_number",
        "returns_number",
    }
)
# Before the first document of a series stands this hash.
NO_HASH = bytes(32)


def next_numbers(sequence: str, count: int) -> list[int]:
    """Take `count` numbers from a sequence in one statement."""
    ensure(sequence in SEQUENCES, f"unknown sequence {sequence}")
    return [
        row[0]
        for row in sql.fetch(
            "select nextval(%s::regclass) from generate_series(1, %s)", (sequence, count)
        )
    ]


@dataclass(frozen=True, slots=True)
class Take:
    """How many numbers are wanted of which series; `rank` puts the kinds of series in their order of locking.

    `prefixes`: what may stand before the numbers, best first; the first that no other series has is taken for ever.
    """

    rank: int
    scope_id: UUID
    name: str
    prefixes: tuple[str, ...]
    count: int
    day: date

    @property
    def key(self) -> tuple[int, str, UUID]:
        """The key under which the series is locked."""
        return self.rank, self.name, self.scope_id


@dataclass(frozen=True, slots=True)
class Taken:
    """Numbers of a series: `first` and those after it. No document is dated before the one with the number before."""

    series_id: UUID
    prefix: str
    first: int
    day: date
    last_hash: bytes


# Two series that are opened in one statement do not see each other: what an earlier one could take, a later one leaves.
_OPEN = """
with wanted as materialized (
  select t.id, t.scope_id, t.name, string_to_array(t.prefixes, ' ') as prefixes, t.day, t.place
  from unnest(%s::uuid[], %s::uuid[], %s::text[], %s::text[], %s::date[]) with ordinality
    as t(id, scope_id, name, prefixes, day, place)
)
insert into core_series (id, scope_id, name, prefix, last_number, last_date, last_hash)
select t.id, t.scope_id, t.name, (
    select c.prefix from unnest(t.prefixes) with ordinality as c(prefix, position)
    where not exists (select 1 from core_series x where x.prefix = c.prefix)
      and not exists (select 1 from wanted e where e.place < t.place and c.prefix = any(e.prefixes))
    order by c.position limit 1),
  0, t.day, %s
from wanted t
order by t.scope_id, t.name
on conflict (scope_id, name) do nothing
"""
_TAKE = """
with wanted as materialized (
  select s.id, t.n, t.day from unnest(%s::uuid[], %s::text[], %s::int[], %s::date[]) with ordinality as t(scope_id, name, n, day, position)
  join core_series s on s.scope_id = t.scope_id and s.name = t.name order by t.position for no key update of s
)
update core_series s
set last_number = s.last_number + w.n, last_date = greatest(s.last_date, w.day)
from wanted w where s.id = w.id
returning s.scope_id, s.name, s.id, s.prefix, s.last_number - w.n + 1, s.last_date, s.last_hash
"""


def take_numbers(unit: UnitOfWork, wanted: Sequence[Take]) -> dict[tuple[UUID, str], Taken]:
    """Take numbers of gapless series, by (scope, name); two statements. Nothing but their documents follows.

    The counter rows stay locked until the transaction ends, so that numbers, dates and hashes follow each other.
    """
    ordered = sorted(wanted, key=lambda take: take.key)
    unit.claim_locks("series", [take.key for take in ordered])
    scopes, names = [t.scope_id for t in ordered], [t.name for t in ordered]
    days = [t.day for t in ordered]
    prefixes = [" ".join(t.prefixes) for t in ordered]
    sql.execute(_OPEN, (ids.new_ids(len(ordered)), scopes, names, prefixes, days, NO_HASH))
    rows = sql.fetch(_TAKE, (scopes, names, [t.count for t in ordered], days))
    return {(row[0], row[1]): Taken(*row[2:]) for row in rows}


def chain(hashes: dict[UUID, bytes]) -> None:
    """Write the hash of the newest document of each series whose numbers were taken just now."""
    sql.execute(
        "update core_series s set last_hash = t.hash from unnest(%s::uuid[], %s::bytea[]) as t(id, hash) where s.id = t.id",
        (list(hashes), list(hashes.values())),
    )
