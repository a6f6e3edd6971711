"""`POST /orders`: the hot path of a webshop, one document in, the stored order back."""

from typing import cast
from uuid import UUID

from orderwerk.api.call import ONE_DOCUMENT, Call
from orderwerk.api.endpoint import Answer
from orderwerk.api.once import answer_once
from orderwerk.core.actor import Actor
from orderwerk.core.decode import convert
from orderwerk.flows.place_orders import place_orders
from orderwerk.orders.document import OrderDocument
from orderwerk.schemas.orders import stored_order

# The order was placed in a shop of the caller's; reading it back needs no second check.
_READER = Actor.system("api")


def place_order(call: Call) -> Answer:
    """Take in one order: 201 with the stored order, 200 with the first when the same document comes again."""
    call.need(("orders:write",))
    call.no_query()
    key = call.key()
    body, value = call.json(ONE_DOCUMENT)
    document = convert(value, OrderDocument)
    return answer_once(call, body, lambda: _place(document, call), key=key)


def _place(document: OrderDocument, call: Call) -> Answer:
    [outcome] = place_orders([document], actor=call.actor)
    if outcome.error is not None:
        # Not raised: a refusal too is kept under the Idempotency-Key.
        return Answer.refused(outcome.error)
    stored = stored_order(_READER, cast("UUID", outcome.id))
    return Answer.of(
        stored, 201 if outcome.data["created"] else 200, {"Location": f"/api/v1/orders/{stored.id}"}
    )
