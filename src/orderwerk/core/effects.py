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


def doubt(effect_id: UUID, *, note: str) -> bool:
    """Say that nobody knows whether the call happened; it is looked up or shown to a person, never repeated blindly."""
    return bool(
        sql.fetch(
            "update core_effect set status = 'in_doubt', note = %s where id = %s and status = 'called' returning id",
            (note, effect_id),
        )
    )
