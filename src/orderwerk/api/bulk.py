"""Bulk commands over HTTP: each item decoded by itself, the good ones given to the command at once, results in order."""

from collections.abc import Sequence
from typing import Any

from orderwerk.api.call import BULK, Call
from orderwerk.api.commands import Command
from orderwerk.api.endpoint import Answer, Handler
from orderwerk.api.errors import problem_of
from orderwerk.api.once import answer_each_once, answer_once
from orderwerk.core.decode import convert
from orderwerk.core.errors import BadInput, Refusal
from orderwerk.core.outcome import Outcome

MOST_ITEMS = 1000


def bulk_handler(command: Command) -> Handler:
    """Return the handler of one command."""

    def post(call: Call) -> Answer:
        call.need(command.scopes)
        call.no_query()
        key = call.key(required=command.needs_key)
        body, value = call.json(BULK)
        decoded = [_decoded(item, command) for item in items_of(value)]
        for scope in sorted(
            {
                scope
                for item in decoded
                if not isinstance(item, Refusal)
                for scope in command.also(item)
            }
        ):
            call.need((scope,))
        once = answer_each_once if command.keeps_each else answer_once
        return once(call, body, lambda: _run(command, decoded, call), key=key)

    return post


def items_of(value: Any) -> list[Any]:  # noqa: ANN401 - any JSON value
    """Return the items of a bulk body; refuses (BadInput) anything but `{"items": [1 to 1,000]}`."""
    if not isinstance(value, dict) or set(value) - {"items"}:
        raise BadInput('The body is an object with "items" and nothing else.', code="invalid_body")
    items = value.get("items")
    if not isinstance(items, list) or not 1 <= len(items) <= MOST_ITEMS:
        raise BadInput(
            f'"items" is a list of 1 to {MOST_ITEMS} items.', code="invalid_items", pointer="/items"
        )
    return items


def _decoded(value: Any, command: Command) -> Any:  # noqa: ANN401 - an item, or the refusal of one
    try:
        return convert(value, command.item)
    except Refusal as refusal:
        return refusal


def _run(command: Command, decoded: Sequence[Any], call: Call) -> Answer:
    good = [item for item in decoded if not isinstance(item, Refusal)]
    outcomes = iter(command.run(good, actor=call.actor) if good else [])
    results = [
        result_of(Outcome.refused(item) if isinstance(item, Refusal) else next(outcomes), index)
        for index, item in enumerate(decoded)
    ]
    return Answer.of({"results": results})


def result_of(outcome: Outcome, index: int) -> dict[str, Any]:
    """Return what the answer says of one item."""
    if outcome.error is not None:
        return {"ok": False, "error": problem_of(outcome.error, f"/items/{index}")}
    return {"ok": True, "id": outcome.id, **outcome.data}
