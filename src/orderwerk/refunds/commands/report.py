"""Takes over what a provider tells of refunds: by its answer, by a message, by asking again. Whoever hears first writes."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from orderwerk.core import clock, effects, ids, sql
from orderwerk.core.actor import Actor
from orderwerk.core.effects import End
from orderwerk.core.errors import Conflict, NotFound
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import UnitOfWork, retrying, unit_of_work
from orderwerk.payments.news import take_news
from orderwerk.payments.ports import RefundWord
from orderwerk.refunds.events import (
    REFUND_ACCEPTED,
    REFUND_FAILED,
    REFUND_REVERSED,
    REFUND_SUCCEEDED,
)
from orderwerk.refunds.moving import Change, RefundState, known, lock_refunds, move_refunds


@dataclass(frozen=True, slots=True)
class RefundNews:
    """What a provider says of one of our refunds; no `reference`: it refused, and no money moved. `key`: which attempt."""

    refund_id: UUID
    status: RefundWord
    key: UUID | None = None
    reference: str = ""
    word: str = ""
    amount: int | None = None
    note: str = ""


def report_refunds(items: Sequence[RefundNews], *, actor: Actor) -> list[Outcome]:
    """Take over what a provider says of refunds; what is known already, or older than what is known, changes nothing.

    A failure gives the amount back, once; a success that is taken back is written as a reversal. Refuses with NotFound,
    with Conflict what does not fit: another reference or amount than ours, or a success of a refund that is over.
    """
    return retrying(lambda: _report(items, actor))


def _report(items: Sequence[RefundNews], actor: Actor) -> list[Outcome]:
    with unit_of_work(actor) as unit:
        states = lock_refunds(unit, [item.refund_id for item in items])
        outcomes, changes = take_news(items, lambda item: known(states, item.refund_id), _decide)
        _write(unit, changes)
    return outcomes


def _decide(refund: RefundState, news: RefundNews) -> Change | None:
    if news.status == "failed" and news.key is not None and news.key != refund.effect_id:
        # An earlier attempt, which is known to have failed.
        return None
    _check(refund, news)
    if refund.status == "submitted":
        return _settled(refund, news)
    if refund.status == "succeeded" and news.status == "failed" and not refund.is_reversed:
        return Change(refund, "succeeded", news.note, word=news.word, reverses=True)
    if refund.status in {"failed", "rejected"} and news.status != "failed":
        raise Conflict(
            f"Refund {refund.number} is over here, but {news.word or news.status} at the provider as {news.reference}.",
            code="refund_revived",
        )
    return None


def _check(refund: RefundState, news: RefundNews) -> None:
    if refund.via in {"", "manual"}:
        raise NotFound(f"Refund {refund.number} goes through no provider.", code="unknown_refund")
    if news.amount is not None and news.amount != refund.amount:
        raise Conflict(
            f"Refund {refund.number} has another amount at the provider ({news.reference}).",
            code="amount_differs",
        )
    if refund.reference and news.reference and refund.reference != news.reference:
        raise Conflict(
            f"Refund {refund.number} is known as {refund.reference}, not as {news.reference}.",
            code="other_reference",
        )


def _settled(refund: RefundState, news: RefundNews) -> Change | None:
    if news.status == "pending":
        is_news = not refund.reference or (news.word and news.word != refund.word)
        return Change(refund, "submitted", news.note, reference=news.reference, word=news.word) if is_news else None  # fmt: skip
    return Change(refund, news.status, news.note, reference=news.reference, word=news.word)


def _write(unit: UnitOfWork, changes: Sequence[Change]) -> None:
    effects.conclude([_end(change) for change in changes if change.refund.effect_id is not None])
    move_refunds(unit, REFUND_ACCEPTED, [c for c in changes if c.to == "submitted"])
    move_refunds(
        unit, REFUND_SUCCEEDED, [c for c in changes if c.to == "succeeded" and not c.reverses]
    )
    move_refunds(unit, REFUND_FAILED, [c for c in changes if c.to == "failed"])
    reversed_ones = [change for change in changes if change.reverses]
    _append_reversals([change.refund.id for change in reversed_ones], reversed_ones)
    move_refunds(unit, REFUND_REVERSED, reversed_ones)


def _end(change: Change) -> End:
    effect_id = change.refund.effect_id
    # The call took effect when there is a refund at the provider, whatever becomes of that later.
    reference = change.reference or change.refund.reference
    return End(effect_id, bool(reference), reference or None, change.note)  # type: ignore[arg-type] # only those that have one


_REVERSE = """
insert into refunds_reversal (id, refund_id, shop_id, order_id, currency, amount_minor, note, at)
select t.id, r.id, r.shop_id, r.order_id, r.currency, r.amount_minor, t.note, %s
from unnest(%s::uuid[], %s::uuid[], %s::text[]) as t(id, refund_id, note) join refunds_refund r on r.id = t.refund_id
"""


def _append_reversals(refund_ids: list[UUID], changes: Sequence[Change]) -> None:
    notes = [change.note[:500] for change in changes]
    sql.execute(_REVERSE, (clock.now(), ids.new_ids(len(refund_ids)), refund_ids, notes))
