"""`POST /orders`: the hot path of a webshop, one document in, the stored order back; grouped under load."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast
from uuid import UUID

from django.db import IntegrityError

from orderwerk.api.call import ONE_DOCUMENT, Call
from orderwerk.api.endpoint import Answer
from orderwerk.api.once import REPLAYED
from orderwerk.core import idempotency
from orderwerk.core.actor import Actor
from orderwerk.core.decode import convert
from orderwerk.core.errors import Refusal, WrongState
from orderwerk.core.grouping import Group
from orderwerk.core.idempotency import Claim, Request, StoredAnswer
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import retrying, unit_of_work
from orderwerk.flows.place_orders import place_orders
from orderwerk.orders.document import OrderDocument
from orderwerk.schemas.orders import Order, stored_orders

# The order was placed in a shop of the caller's; reading it back needs no second check.
_READER = Actor.system("api")


@dataclass(frozen=True, slots=True)
class _Incoming:
    """One request: who sends which document, and under which key."""

    actor: Actor
    document: OrderDocument
    request: Request | None


def place_order(call: Call) -> Answer:
    """Take in one order: 201 with the stored order, 200 with the first when the same document comes again."""
    call.need(("orders:write",))
    call.no_query()
    key = call.key()
    body, value = call.json(ONE_DOCUMENT)
    document = convert(value, OrderDocument)
    request = None if key is None else Request(key, call.fingerprint(body))
    # One caller's requests only: events carry one actor, and nobody waits for somebody else's faults.
    return _GROUP.call(_Incoming(call.actor, document, request), scope=call.actor)


def _place_all(incoming: Sequence[_Incoming]) -> list[Answer]:
    return retrying(lambda: _place_together(incoming), also=(IntegrityError,))


def _place_together(incoming: Sequence[_Incoming]) -> list[Answer]:
    actor = incoming[0].actor
    credential = cast("UUID", actor.id)
    keyed = [each.request for each in incoming if each.request is not None]
    with unit_of_work(actor):
        claims = iter(idempotency.claim_all(credential, keyed))
        claimed = [next(claims) if each.request is not None else None for each in incoming]
        mine = [each for each, claim in zip(incoming, claimed, strict=True) if claim is None]
        outcomes = place_orders([each.document for each in mine], actor=actor) if mine else []
        stored = stored_orders(_READER, [o.id for o in outcomes if o.id is not None])
        answers = [_answer(outcome, stored) for outcome in outcomes]
        # A refusal too is kept under the Idempotency-Key.
        idempotency.store_all(
            credential,
            [
                (each.request, StoredAnswer(answer.status, answer.body, _shown(outcome, stored)))
                for each, answer, outcome in zip(mine, answers, outcomes, strict=True)
                if each.request is not None
            ],
        )
    fresh = iter(answers)
    return [next(fresh) if claim is None else _earlier(claim) for claim in claimed]


def _shown(outcome: Outcome, stored: dict[UUID, Order]) -> UUID | None:
    """Return the order with which a kept answer is to be erased; of one that was erased before there is nobody's data in it."""
    order = stored.get(outcome.id) if outcome.id is not None else None
    return order.id if order is not None and order.erased_at is None else None


def _answer(outcome: Outcome, stored: dict[UUID, Order]) -> Answer:
    if outcome.error is not None:
        return Answer.refused(outcome.error)
    order = stored[cast("UUID", outcome.id)]
    status = 201 if outcome.data["created"] else 200
    return Answer.of(order, status, {"Location": f"/api/v1/orders/{order.id}"})


def _earlier(claim: Claim) -> Answer:
    if isinstance(claim, StoredAnswer) and claim.is_erased:
        return Answer.refused(
            WrongState(
                "The order that came with this Idempotency-Key was placed, and its personal data has been erased since.",
                code="erased",
            )
        )
    if isinstance(claim, StoredAnswer):
        return Answer(claim.status, claim.body, REPLAYED)
    return Answer.refused(cast("Refusal", claim))


_GROUP = Group[_Incoming, Answer](_place_all)
