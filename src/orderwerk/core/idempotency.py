"""Idempotency keys: the same key and body answers the same response again, without a second effect."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from orderwerk.core import clock, ids, sql
from orderwerk.core.errors import BadInput, Conflict, Refusal

KEPT_DAYS = 31
LONGEST_KEY = 255
# Of HTTP: gone (RFC 9110, section 15.5.11).
_ERASED = 410


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """What was answered the first time, byte for byte; `order_id`: the order that it shows, with which it is erased."""

    status: int
    body: bytes
    order_id: UUID | None = None

    @property
    def is_erased(self) -> bool:
        """Say whether the answer went with the personal data of its order; the key stays used."""
        return self.status == _ERASED


@dataclass(frozen=True, slots=True)
class Request:
    """A request under a key; the hash knows the same request again."""

    key: str
    sha256: bytes


Claim = StoredAnswer | Refusal | None


def claim(credential_id: UUID, key: str, request_sha256: bytes) -> StoredAnswer | None:
    """Take a key for this transaction, or return the answer stored under it.

    Refuses with Conflict while the first request still runs, with BadInput when the key came with another body.
    Call it inside the unit of work of the command, before the command.
    """
    [claimed] = claim_all(credential_id, [Request(key, request_sha256)])
    if isinstance(claimed, Refusal):
        raise claimed
    return claimed


_CLAIM = """
select pg_try_advisory_xact_lock(t.lock), k.response_status, k.response_body, k.request_sha256
from unnest(%s::bigint[], %s::text[]) with ordinality as t(lock, key, position)
left join core_idempotency_key k on k.credential_id = %s and k.key = t.key
order by t.position
"""
_LOOK_AGAIN = """
select key, response_status, response_body, request_sha256 from core_idempotency_key
where credential_id = %s and key = any(%s)
"""


def claim_all(credential_id: UUID, requests: Sequence[Request]) -> list[Claim]:
    """Take keys for this transaction: per request None (it is yours), the stored answer, or the refusal; two statements.

    A key that stands twice among the requests belongs to the first; the others are refused as still running.
    """
    if not requests:
        return []
    rows = sql.fetch(
        _CLAIM,
        ([_lock(credential_id, r.key) for r in requests], [r.key for r in requests], credential_id),
    )
    # The first request may have committed between our snapshot and our lock: look once more under the lock.
    late = {
        row[0]: row[1:]
        for row in sql.fetch(_LOOK_AGAIN, (credential_id, [r.key for r in requests]))
    }
    seen: set[str] = set()
    claims: list[Claim] = []
    for request, (is_free, *found) in zip(requests, rows, strict=True):
        stored = late.get(request.key, tuple(found))
        mine = is_free and request.key not in seen
        seen.add(request.key)
        claims.append(_judge(request, stored, mine=mine))
    return claims


def _lock(credential_id: UUID, key: str) -> int:
    digest = hashlib.sha256(credential_id.bytes + key.encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)


def _judge(request: Request, stored: Sequence[Any], *, mine: bool) -> Claim:
    status, body, sha256 = stored
    if sha256 is None:
        if mine:
            return None
        return Conflict(
            "The first request with this Idempotency-Key is still running.",
            code="idempotency_key_in_use",
        )
    if bytes(sha256) != request.sha256:
        return BadInput(
            "This Idempotency-Key came with another request before.", code="idempotency_key_reused"
        )
    return StoredAnswer(status, bytes(body))


def store(credential_id: UUID, key: str, request_sha256: bytes, answer: StoredAnswer) -> None:
    """Keep the answer in the transaction of its effect."""
    store_all(credential_id, [(Request(key, request_sha256), answer)])


def store_all(credential_id: UUID, answers: Sequence[tuple[Request, StoredAnswer]]) -> None:
    """Keep answers in the transaction of their effects; one statement."""
    if not answers:
        return
    sql.execute(
        "insert into core_idempotency_key (id, credential_id, key, request_sha256, response_status, response_body, order_id, created_at) "
        "select t.id, %s, t.key, t.sha256, t.status, t.body, t.order_id, %s "
        "from unnest(%s::uuid[], %s::text[], %s::bytea[], %s::int[], %s::bytea[], %s::uuid[]) as t(id, key, sha256, status, body, order_id)",
        (
            credential_id,
            clock.now(),
            ids.new_ids(len(answers)),
            [request.key for request, _ in answers],
            [request.sha256 for request, _ in answers],
            [answer.status for _, answer in answers],
            [answer.body for _, answer in answers],
            [answer.order_id for _, answer in answers],
        ),
    )


def erase_answers(order_ids: Sequence[UUID]) -> int:
    """Take the bodies of the answers that show these orders; their keys stay used. Says how many."""
    return sql.execute(
        "update core_idempotency_key set response_status = %s, response_body = '' where order_id = any(%s) and response_status <> %s",
        (_ERASED, list(order_ids), _ERASED),
    )


def forget_old() -> int:
    """Delete answers older than the promised 30 days; says how many."""
    return sql.execute(
        "delete from core_idempotency_key where created_at < %s",
        (clock.now() - timedelta(days=KEPT_DAYS),),
    )
