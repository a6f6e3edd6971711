"""The agenda of payments to look at again: raised by messages and by what is not settled yet; claimed by one worker each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from orderwerk.core import clock, ids, sql

# A look that is being made by somebody: nobody else makes it meanwhile.
_LEASE_SECONDS = 120


@dataclass(frozen=True, slots=True)
class DueLook:
    """A look that this worker has claimed; `asked` is what `seen` becomes when it is done."""

    id: UUID
    account_id: UUID
    reference: str
    asked: int
    since: datetime


_ASK = """
insert into payments_look (id, account_id, reference, asked, seen, since, due_at, note)
select * from (select distinct on (t.account_id, t.reference) t.id, t.account_id, t.reference, 1, 0, %s::timestamptz, %s::timestamptz, ''
  from unnest(%s::uuid[], %s::uuid[], %s::text[]) as t(id, account_id, reference) order by t.account_id, t.reference) as wanted
on conflict (account_id, reference) do update
set asked = payments_look.asked + 1, due_at = least(payments_look.due_at, excluded.due_at), since = excluded.since
returning id, account_id, reference, asked - seen = 1
"""


@dataclass(frozen=True, slots=True)
class AskedLook:
    """A payment on the agenda; `is_first`: nobody had asked since the last look."""

    id: UUID
    account_id: UUID
    reference: str
    is_first: bool


def ask_for_looks(wanted: Sequence[tuple[UUID, str]]) -> list[AskedLook]:
    """Put payments, named by (account, reference), on the agenda; asked twice before the look, they are looked at once."""
    now = clock.now()
    columns = (ids.new_ids(len(wanted)), [w[0] for w in wanted], [w[1] for w in wanted])
    return [AskedLook(*row) for row in sql.fetch(_ASK, (now, now, *columns))]


_WATCH = """
insert into payments_look (id, account_id, reference, asked, seen, since, due_at, note)
select * from (select distinct on (t.account_id, t.reference) t.id, t.account_id, t.reference, 0, 0, %s::timestamptz, %s::timestamptz, ''
  from unnest(%s::uuid[], %s::uuid[], %s::text[]) as t(id, account_id, reference) order by t.account_id, t.reference) as wanted
on conflict (account_id, reference) do update set due_at = least(payments_look.due_at, excluded.due_at), since = excluded.since
"""


def watch(wanted: Sequence[tuple[UUID, str]], *, seconds: int) -> None:
    """Put payments, named by (account, reference), on the agenda because something of them is not settled."""
    now = clock.now()
    due = now + timedelta(seconds=seconds)
    columns = (ids.new_ids(len(wanted)), [w[0] for w in wanted], [w[1] for w in wanted])
    sql.execute(_WATCH, (now, due, *columns))


# A payment that came in before its shop was connected or whose message was lost is on no agenda yet; one whose message was
# much faster than its order is there, but not due any more.
_WATCH_OPEN = """
insert into payments_look (id, account_id, reference, asked, seen, since, due_at, note)
select gen_random_uuid(), a.id, p.reference, 0, 0, p.created_at, %s, ''
from payments_payment p join payments_account a on a.shop_id = p.shop_id and a.provider = p.provider and a.is_active
where p.status in ('pending', 'authorized') and p.created_at > %s
  and not exists (select 1 from payments_look l where l.account_id = a.id and l.reference = p.reference and l.due_at is not null)
order by p.created_at limit 1000 on conflict (account_id, reference) do update set due_at = excluded.due_at, since = excluded.since
where payments_look.due_at is null
"""
OPEN_FOR = timedelta(days=60)


def watch_open_payments() -> int:
    """Put payments that are neither paid nor failed on the agenda; says how many are new there."""
    now = clock.now()
    return sql.execute(_WATCH_OPEN, (now, now - OPEN_FOR))


_CLAIM = """
update payments_look l set due_at = %s
where l.id in (
  select x.id from payments_look x join payments_account a on a.id = x.account_id
  where x.due_at <= %s and a.is_active and (%s::uuid[] is null or x.id = any(%s::uuid[]))
  order by x.due_at limit %s for update of x skip locked)
returning l.id, l.account_id, l.reference, l.asked, l.since
"""


def claim_looks(most: int, look_ids: Sequence[UUID] | None = None) -> list[DueLook]:
    """Claim looks that are due (of the named ones, or of all); a claim of a killed worker ends after two minutes."""
    now = clock.now()
    only = None if look_ids is None else list(look_ids)
    until = now + timedelta(seconds=_LEASE_SECONDS)
    return [DueLook(*row) for row in sql.fetch(_CLAIM, (until, now, only, only, most))]


def end_look(look: DueLook, *, next_in: int | None, note: str = "") -> None:
    """Note that a look was made; the next comes after `next_in` seconds (None: only when somebody asks)."""
    now = clock.now()
    again = None if next_in is None else now + timedelta(seconds=next_in)
    sql.execute(
        "update payments_look set seen = %s, last_at = %s, note = %s, "
        # Asked again during the look: what was seen may be older than what the message was about.
        "due_at = case when asked > %s then %s else %s::timestamptz end where id = %s",
        (look.asked, now, note[:300], look.asked, now, again, look.id),
    )
