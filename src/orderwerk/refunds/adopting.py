"""Takes a refund that somebody made at the provider by hand for one of ours: from wherever it stands to where the provider is."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from orderwerk.core import clock, effects, sql
from orderwerk.core.actor import Actor
from orderwerk.core.effects import End, Intent
from orderwerk.core.uow import STILL, Subject, UnitOfWork
from orderwerk.payments.looks import watch
from orderwerk.payments.ports import RefundWord
from orderwerk.refunds.events import (
    DIFFERENCE_RESOLVED,
    REFUND_APPROVED,
    REFUND_FAILED,
    REFUND_MATCHED,
    REFUND_SUCCEEDED,
)
from orderwerk.refunds.moving import REFUND_EFFECT, Change, RefundState, move_refunds


@dataclass(frozen=True, slots=True)
class Adoption:
    """A refund of ours and the provider's refund that it is."""

    refund: RefundState
    reference: str
    status: RefundWord
    word: str


def adopt_refunds(unit: UnitOfWork, adoptions: Sequence[Adoption]) -> None:
    """Write that refunds of locked orders have been made at their provider; a constant number of statements.

    What waits for approval counts as approved by whoever matches it.
    """
    actor = unit.actor
    waiting = [a.refund for a in adoptions if a.refund.status == "awaiting_approval"]
    move_refunds(
        unit,
        REFUND_APPROVED,
        [Change(r, "approved", "", actor.id, actor.name, clock.now()) for r in waiting],
    )
    intents = {
        a.refund.id: Intent(REFUND_EFFECT, f"{a.refund.id}/{a.refund.attempts + 1}", a.refund.shop_id)
        for a in adoptions
    }  # fmt: skip
    keys = effects.intend(list(intents.values()))
    effects.conclude(
        [End(keys[intents[a.refund.id].business_key], True, a.reference) for a in adoptions]  # noqa: FBT003 - it succeeded
    )
    now = [
        replace(a.refund, status="approved") if a.refund.status == "awaiting_approval" else a.refund
        for a in adoptions
    ]
    move_refunds(
        unit,
        REFUND_MATCHED,
        [
            Change(r, "submitted", reference=a.reference, word=a.word, via=r.provider, effect_id=keys[intents[r.id].business_key])
            for r, a in zip(now, adoptions, strict=True)
        ],
    )  # fmt: skip
    for kind, status in ((REFUND_SUCCEEDED, "succeeded"), (REFUND_FAILED, "failed")):
        ended = [
            Change(replace(r, status="submitted"), status, reference=a.reference, word=a.word)
            for r, a in zip(now, adoptions, strict=True)
            if a.status == status
        ]
        move_refunds(unit, kind, ended)
    pending = [a.refund for a in adoptions if a.status == "pending" and a.refund.account_id]
    watch([(r.account_id, r.payment_reference) for r in pending], seconds=0)  # type: ignore[misc] # only those that have one


@dataclass(frozen=True, slots=True)
class Difference:
    """A difference as it stands under its lock."""

    id: UUID
    shop_id: UUID
    kind: str
    status: str
    reference: str
    payment_id: UUID | None
    theirs_minor: int | None
    theirs: str
    # Of the payment that it is about, if we know that one.
    order_id: UUID | None


_FIELDS = (
    "id, shop_id, kind, status, reference, payment_id, theirs_minor, theirs, "
    "(select p.order_id from payments_payment p where p.id = payment_id)"
)
_OF_PAYMENTS = f"""
select {_FIELDS} from refunds_difference
where kind = 'unknown_refund' and status = 'open' and payment_id = any(%s) order by id for no key update
"""


# What an actor sees who is limited to locations: differences about payments of orders that ship from there.
OF_LOCATIONS = (
    "exists (select 1 from payments_payment q join shipments_shipment own on own.order_id = q.order_id "
    "where q.id = d.payment_id and own.location_id = any(%s::uuid[]))"
)


def lock_differences(difference_ids: Sequence[UUID], actor: Actor) -> dict[UUID, Difference]:
    """Lock differences in the order of their ids; those that are not there for this actor are left out."""
    places = None if actor.location_ids is None else sorted(actor.location_ids)
    rows = sql.fetch(
        f"select {_FIELDS} from refunds_difference d where id = any(%s) and (%s::uuid[] is null or {OF_LOCATIONS}) "
        "order by id for no key update",
        (list(difference_ids), places, places),
    )
    return {row[0]: Difference(*row) for row in rows if actor.may_see_shop(row[1])}


def adopt_found(unit: UnitOfWork, refunds: Sequence[RefundState]) -> set[UUID]:
    """Of refunds about to go, take those for done that somebody has made at the provider already; returns their ids."""
    rows = sql.fetch(_OF_PAYMENTS, ([refund.payment_id for refund in refunds],))
    found = [Difference(*row) for row in rows]
    adoptions: list[Adoption] = []
    resolved: list[tuple[Difference, str, str]] = []
    for refund in refunds:
        match = next(
            (d for d in found if d.payment_id == refund.payment_id and d.theirs_minor == refund.amount), None
        )  # fmt: skip
        if match is None:
            continue
        found.remove(match)
        adoptions.append(Adoption(refund, match.reference, "pending", match.theirs))
        resolved.append((match, "matched", refund.number))
    adopt_refunds(unit, adoptions)
    write_resolutions(unit, resolved)
    return {adoption.refund.id for adoption in adoptions}


def resolve_shown(unit: UnitOfWork, adoptions: Sequence[Adoption]) -> None:
    """Close what was shown of refunds that turned out to be ours: they are unknown no more."""
    rows = sql.fetch(_OF_PAYMENTS, ([a.refund.payment_id for a in adoptions],))
    ours = {a.reference: a.refund.number for a in adoptions}
    shown = [found for found in (Difference(*row) for row in rows) if found.reference in ours]
    write_resolutions(unit, [(d, "matched", ours[d.reference]) for d in shown])


def write_resolutions(unit: UnitOfWork, resolved: Sequence[tuple[Difference, str, str]]) -> None:
    """Write what became of locked differences: (difference, status, note)."""
    sql.execute(
        "update refunds_difference d set status = t.status, note = t.note, resolved_by = %s, resolved_at = %s "
        "from unnest(%s::uuid[], %s::text[], %s::text[]) as t(id, status, note) where d.id = t.id",
        (
            unit.actor.name,
            clock.now(),
            [d.id for d, _, _ in resolved],
            [status for _, status, _ in resolved],
            [note for _, _, note in resolved],
        ),
    )
    for difference, status, note in resolved:
        data = {"kind": difference.kind, "reference": difference.reference, "status": status, "note": note}  # fmt: skip
        subject = Subject(
            "difference", difference.id, None, difference.order_id, difference.shop_id
        )
        unit.record(DIFFERENCE_RESOLVED, subject, STILL, data)
