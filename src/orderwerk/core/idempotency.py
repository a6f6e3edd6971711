"""Idempotency keys: the same key and body answers the same response again, without a second effect."""

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from orderwerk.core import clock, ids, sql
from orderwerk.core.errors import BadInput, Conflict

KEPT_DAYS = 31
LONGEST_KEY = 255


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """What was answered the first time, byte for byte."""

    status: int
    body: bytes


def claim(credential_id: UUID, key: str, request_sha256: bytes) -> StoredAnswer | None:
    """Take a key for this transaction, or return the answer stored under it.

    Refuses with Conflict while the first request still runs, with BadInput when the key came with another body.
    Call it inside the unit of work of the command, before the command.
    """
    digest = hashlib.sha256(credential_id.bytes + key.encode()).digest()
    lock = int.from_bytes(digest[:8], "big", signed=True)
    free, status, body, earlier = sql.fetch(
        """
        select pg_try_advisory_xact_lock(%s), k.response_status, k.response_body, k.request_sha256
        from (select 1) one left join core_idempotency_key k on k.credential_id = %s and k.key = %s
        """,
        (lock, credential_id, key),
    )[0]
    if earlier is not None:
        if bytes(earlier) != request_sha256:
            raise BadInput(
                "This Idempotency-Key came with another request before.",
                code="idempotency_key_reused",
            )
        return StoredAnswer(status, bytes(body))
    if not free:
        raise Conflict(
            "The first request with this Idempotency-Key is still running.",
            code="idempotency_key_in_use",
        )
    return _look_again(credential_id, key, request_sha256)


def _look_again(credential_id: UUID, key: str, request_sha256: bytes) -> StoredAnswer | None:
    # The first request may have committed between our snapshot and our lock: look once more under the lock.
    rows = sql.fetch(
        "select response_status, response_body, request_sha256 from core_idempotency_key where credential_id = %s and key = %s",
        (credential_id, key),
    )
    if not rows:
        return None
    status, body, earlier = rows[0]
    if bytes(earlier) != request_sha256:
        raise BadInput(
            "This Idempotency-Key came with another request before.", code="idempotency_key_reused"
        )
    return StoredAnswer(status, bytes(body))


def store(credential_id: UUID, key: str, request_sha256: bytes, answer: StoredAnswer) -> None:
    """Keep the answer in the transaction of its effect."""
    sql.execute(
        "insert into core_idempotency_key (id, credential_id, key, request_sha256, response_status, response_body, created_at) "
        "values (%s, %s, %s, %s, %s, %s, %s)",
        (ids.new_id(), credential_id, key, request_sha256, answer.status, answer.body, clock.now()),
    )


def forget_old() -> int:
    """Delete answers older than the promised 30 days; says how many."""
    return sql.execute(
        "delete from core_idempotency_key where created_at < %s",
        (clock.now() - timedelta(days=KEPT_DAYS),),
    )
