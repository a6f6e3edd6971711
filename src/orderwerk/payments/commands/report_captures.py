"""Takes over what a provider tells of captures and releases; whoever hears first writes."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from orderwerk.core import effects
from orderwerk.core.actor import Actor
from orderwerk.core.effects import End
from orderwerk.core.errors import Conflict
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import retrying, unit_of_work
from orderwerk.payments.captures import (
    CaptureState,
    Change,
    known_capture,
    lock_captures,
    move_captures,
)
from orderwerk.payments.events import CAPTURE_ACCEPTED, CAPTURE_FAILED, CAPTURE_SUCCEEDED
from orderwerk.payments.news import take_news
from orderwerk.payments.ports import RefundWord


@dataclass(frozen=True, slots=True)
class CaptureNews:
    """What a provider says of one of our captures; no `reference`: it refused, and nothing was taken. `key`: which attempt."""

    capture_id: UUID
    status: RefundWord
    key: UUID
    reference: str = ""
    amount: int | None = None
    note: str = ""


def report_captures(items: Sequence[CaptureNews], *, actor: Actor) -> list[Outcome]:
    """Take over what a provider says of captures; what is known already, or of an earlier attempt, changes nothing.

    A failure gives the amount back, once. Refuses with NotFound, with Conflict another amount than was asked for.
    """
    return retrying(lambda: _report(items, actor))


def _report(items: Sequence[CaptureNews], actor: Actor) -> list[Outcome]:
    with unit_of_work(actor) as unit:
        states = lock_captures(unit, [item.capture_id for item in items])
        outcomes, ended = take_news(
            items, lambda item: known_capture(states, item.capture_id), _decide
        )
        effects.conclude(
            [End(c.capture.effect_id, bool(c.reference), c.reference or None, c.note) for c in ended]
        )  # fmt: skip
        move_captures(unit, CAPTURE_ACCEPTED, [c for c in ended if c.to == "submitted"])
        move_captures(unit, CAPTURE_SUCCEEDED, [c for c in ended if c.to == "succeeded"])
        move_captures(unit, CAPTURE_FAILED, [c for c in ended if c.to == "failed"])
    return outcomes


def _decide(capture: CaptureState, news: CaptureNews) -> Change | None:
    if news.key != capture.effect_id or capture.status != "submitted":
        return None
    if news.amount is not None and news.amount != capture.amount:
        raise Conflict(
            f"The capture of {capture.reference} has another amount at the provider ({news.reference}).",
            code="amount_differs",
        )
    if news.status == "pending":
        is_news = not capture.provider_reference
        return Change(capture, "submitted", news.reference, news.note) if is_news else None
    reference = news.reference or capture.provider_reference
    return Change(capture, news.status, reference, news.note)
