"""Effects: intent (committed) → call (no transaction open) → result (compare-and-set); a time-out is in doubt."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from orderwerk.core import clock, ids, sql

FINAL = frozenset({"succeeded", "failed"})


@dataclass(frozen=True, slots=True)
class Intent:
    """What is to be done outside: a kind, and a business key that comes out the same every time."""

    kind: str
    business_key: str
    shop_id: UUID | None = None


def intend(intents: Sequence[Intent]) -> dict[str, UUID]:
    """Store intents that are not there yet; returns the effect id per business key. Call within a unit of work."""
    rows = sql.fetch(
        """
        with wanted as (
          select * from unnest(%s::uuid[], %s::text[], %s::text[], %s::uuid[]) as t(id, kind, business_key, shop_id)
        ), added as (
          insert into core_effect (id, kind, business_key, shop_id, status, attempts, created_at, note)
          select id, kind, business_key, shop_id, 'intended', 0, %s, '' from wanted
          order by kind, business_key
          on conflict (kind, business_key) do nothing
          returning id, business_key
        )
        select id, business_key from added
        union all
        select e.id, e.business_key from core_effect e join wanted w using (kind, business_key)
        """,
        (
            ids.new_ids(len(intents)),
            [i.kind for i in intents],
            [i.business_key for i in intents],
            [i.shop_id for i in intents],
            clock.now(),
        ),
    )
    return {business_key: effect_id for effect_id, business_key in rows}


@dataclass(frozen=True, slots=True)
class End:
    """How an effect ended: with the provider's reference, or not at all."""

    effect_id: UUID
    succeeded: bool
    reference: str | None = None
    note: str = ""


_CONCLUDE = """
update core_effect e
set status = case when t.succeeded then 'succeeded' else 'failed' end, finished_at = %s,
    provider_reference = t.reference, note = t.note, next_attempt_at = null
from unnest(%s::uuid[], %s::boolean[], %s::text[], %s::text[]) as t(id, succeeded, reference, note)
where e.id = t.id and e.status not in ('succeeded', 'failed')
returning e.id
"""


def conclude(ends: Sequence[End]) -> set[UUID]:
    """Store how effects ended, once each, whoever hears of it first; returns those that had no end yet."""
    rows = sql.fetch(
        _CONCLUDE,
        (
            clock.now(),
            [end.effect_id for end in ends],
            [end.succeeded for end in ends],
            [end.reference for end in ends],
            [end.note for end in ends],
        ),
    )
    return {row[0] for row in rows}


def resume(effect_id: UUID) -> bool:
    """Take up an effect in doubt that is due, to look it up; False when somebody else already did."""
    return bool(
        sql.fetch(
            "update core_effect set status = 'called', called_at = %s, attempts = attempts + 1 "
            "where id = %s and status = 'in_doubt' and (next_attempt_at is null or next_attempt_at <= %s) returning id",
            (clock.now(), effect_id, clock.now()),
        )
    )


def doubt_stale(kind: str, *, seconds: int) -> int:
    """Put effects in doubt whose caller has not come back for so long: it was killed in the middle. Says how many."""
    return sql.execute(
        "update core_effect set status = 'in_doubt', next_attempt_at = %s, "
        "note = 'The program was stopped in the middle of the call.' "
        "where kind = %s and status = 'called' and called_at < %s",
        (clock.now(), kind, clock.now() - timedelta(seconds=seconds)),
    )


def begin_call(effect_id: UUID) -> bool:
    """Mark an intended effect as called, before the call; False when somebody else already did."""
    return bool(
        sql.fetch(
            "update core_effect set status = 'called', called_at = %s, attempts = attempts + 1 "
            "where id = %s and status = 'intended' returning id",
            (clock.now(), effect_id),
        )
    )


def finish(
    effect_id: UUID, *, succeeded: bool, reference: str | None = None, note: str = ""
) -> bool:
    """Store the result of a call, once; False when the effect already has one."""
    return bool(
        sql.fetch(
            "update core_effect set status = %s, finished_at = %s, provider_reference = %s, note = %s, "
            "next_attempt_at = null where id = %s and status in ('called', 'in_doubt') returning id",
            ("succeeded" if succeeded else "failed", clock.now(), reference, note, effect_id),
        )
    )


def try_later(effect_id: UUID, *, seconds: int, note: str) -> bool:
    """Put a called effect back to intended, because the call certainly did not happen (connection refused)."""
    return bool(
        sql.fetch(
            "update core_effect set status = 'intended', next_attempt_at = %s, note = %s "
            "where id = %s and status = 'called' returning id",
            (clock.now() + timedelta(seconds=seconds), note, effect_id),
        )
    )


def doubt(effect_id: UUID, *, note: str, seconds: int = 0) -> bool:
    """Say that nobody knows whether the call happened; it is looked up or shown to a person, never repeated blindly.

    `seconds`: not to be looked up before.
    """
    return bool(
        sql.fetch(
            "update core_effect set status = 'in_doubt', note = %s, next_attempt_at = %s "
            "where id = %s and status = 'called' returning id",
            (note, clock.now() + timedelta(seconds=seconds), effect_id),
        )
    )
