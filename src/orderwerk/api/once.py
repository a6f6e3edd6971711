"""Runs a command once per Idempotency-Key: the answer is stored in the transaction of its effect and replayed."""

from collections.abc import Callable

from django.db import IntegrityError

from orderwerk.api.call import Call
from orderwerk.api.endpoint import Answer
from orderwerk.core import idempotency
from orderwerk.core.errors import Conflict, ensure
from orderwerk.core.idempotency import StoredAnswer
from orderwerk.core.uow import retrying, unit_of_work

REPLAYED = {"Idempotent-Replayed": "true"}


def answer_once(call: Call, body: bytes, run: Callable[[], Answer], *, key: str | None) -> Answer:
    """Run a command, or replay what was answered under the same key to the same body, byte for byte.

    Refuses with BadInput the same key with another body, with Conflict while the first request still runs.
    """
    if key is None:
        return run()
    return retrying(lambda: _claimed(call, body, run, key), also=(IntegrityError,))


def answer_each_once(
    call: Call, body: bytes, run: Callable[[], Answer], *, key: str | None
) -> Answer:
    """Run a command that is several transactions and whose items have keys of their own, or replay what was answered.

    Two at once both run it, and get the same: each item has one effect. Refuses as `answer_once` does.
    """
    credential = call.actor.id
    if key is None or credential is None:
        return run()
    digest = call.fingerprint(body)
    with unit_of_work(call.actor):
        stored = idempotency.claim(credential, key, digest)
    if stored is not None:
        return Answer(stored.status, stored.body, REPLAYED)
    answer = run()
    return retrying(
        lambda: _claimed(call, body, lambda: answer, key), also=(IntegrityError, Conflict)
    )


def _claimed(call: Call, body: bytes, run: Callable[[], Answer], key: str) -> Answer:
    credential = call.actor.id
    ensure(credential is not None, "a caller of the API has a token with an id")
    if credential is None:
        return run()
    digest = call.fingerprint(body)
    with unit_of_work(call.actor):
        stored = idempotency.claim(credential, key, digest)
        if stored is not None:
            return Answer(stored.status, stored.body, REPLAYED)
        answer = run()
        idempotency.store(credential, key, digest, StoredAnswer(answer.status, answer.body))
    return answer
