"""Resolves differences between a provider and us: a person matches a refund, or says what it is."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec

from orderwerk.core import fields
from orderwerk.core.actor import Actor
from orderwerk.core.errors import BadInput, NotAllowed, NotFound, Refusal, WrongState
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import retrying, unit_of_work
from orderwerk.refunds.adopting import (
    Adoption,
    Difference,
    adopt_refunds,
    lock_differences,
    write_resolutions,
)
from orderwerk.refunds.moving import RefundState, known, lock_refunds

MATCHABLE = frozenset({"awaiting_approval", "approved", "submitted"})


class ResolveDifferenceItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A difference: the refund of ours that it is, or what it is in words."""

    difference_id: UUID
    refund_id: UUID | None = None
    note: fields.LongLine = ""


def resolve_differences(items: Sequence[ResolveDifferenceItem], *, actor: Actor) -> list[Outcome]:
    """Resolve differences. A refund that was made at the provider by hand can be matched with one of ours that has not gone.

    Refuses with NotFound, with WrongState what is resolved already or a refund that does not fit, with NotAllowed the
    author's own match where four eyes have to look, with BadInput neither a refund nor a note.
    """
    return retrying(lambda: _resolve(items, actor))


def _resolve(items: Sequence[ResolveDifferenceItem], actor: Actor) -> list[Outcome]:
    outcomes: list[Outcome] = []
    done: dict[UUID, tuple[Difference, str, str]] = {}
    adoptions: dict[UUID, Adoption] = {}
    with unit_of_work(actor) as unit:
        refunds = lock_refunds(unit, [item.refund_id for item in items if item.refund_id])
        found = lock_differences([item.difference_id for item in items], actor)
        for item in items:
            try:
                difference = _open(found, item.difference_id, done)
                if item.refund_id is not None:
                    refund = known(refunds, item.refund_id)
                    adoptions[refund.id] = _match(difference, refund, actor, adoptions)
                elif not item.note:
                    raise BadInput("Say what it is.", code="note_required", pointer="/note")
            except Refusal as refusal:
                outcomes.append(Outcome.refused(refusal))
                continue
            status = "matched" if item.refund_id else "explained"
            done[difference.id] = (difference, status, item.note)
            outcomes.append(Outcome.done(difference.id, status=status))
        adopt_refunds(unit, list(adoptions.values()))
        write_resolutions(unit, list(done.values()))
    return outcomes


def _open(found: dict[UUID, Difference], key: UUID, done: dict[UUID, Any]) -> Difference:
    if key not in found:
        raise NotFound(f"There is no difference {key}.", code="unknown_difference", pointer="/difference_id")  # fmt: skip
    if found[key].status != "open" or key in done:
        raise WrongState("This difference is resolved already.", code="resolved")
    return found[key]


def _match(
    difference: Difference, refund: RefundState, actor: Actor, taken: dict[UUID, Adoption]
) -> Adoption:
    fits = (
        difference.kind == "unknown_refund"
        and refund.payment_id == difference.payment_id
        and refund.amount == difference.theirs_minor
        and refund.status in MATCHABLE
        and refund.via in {"", "manual"}
        and refund.id not in taken
        and not refund.is_gift
    )
    if not fits:
        raise WrongState(
            f"Refund {refund.number} is not this one: another payment or amount, or it went its own way.",
            code="does_not_match",
            pointer="/refund_id",
        )
    if refund.status == "awaiting_approval" and refund.four_eyes and actor.id in {refund.author_id, None}:  # fmt: skip
        raise NotAllowed(
            f"Refund {refund.number} is above the shop's limit: somebody else has to match it.",
            code="four_eyes",
        )
    word = difference.theirs
    return Adoption(refund, difference.reference, "pending", word)
