"""Matches refunds that somebody made at a provider by hand with ours that are about to go, or that a person is to transfer."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from orderwerk.core.actor import Actor
from orderwerk.core.errors import Refusal, WrongState
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import retrying, unit_of_work
from orderwerk.payments.ports import RefundReport
from orderwerk.refunds.adopting import Adoption, adopt_refunds, resolve_shown
from orderwerk.refunds.moving import RefundState, known, lock_refunds


@dataclass(frozen=True, slots=True)
class MatchItem:
    """A refund of ours, and the provider's that it seems to be."""

    refund_id: UUID
    report: RefundReport


def match_refunds(items: Sequence[MatchItem], *, actor: Actor) -> list[Outcome]:
    """Take refunds for done that somebody made at the provider by hand, and close what was shown of them as unknown.

    Refuses with NotFound, and with WrongState a refund that has gone its own way meanwhile, or still waits for approval.
    """
    return retrying(lambda: _match(items, actor))


def is_free(refund: RefundState) -> bool:
    """Tell whether a refund may still turn out to be one that was made by hand: approved, or with a person; no gift's."""
    if refund.is_gift:
        return False
    return refund.status == "approved" or (
        refund.status == "submitted" and refund.via in {"", "manual"}
    )


def _match(items: Sequence[MatchItem], actor: Actor) -> list[Outcome]:
    outcomes: list[Outcome] = []
    adoptions: dict[UUID, Adoption] = {}
    with unit_of_work(actor) as unit:
        states = lock_refunds(unit, [item.refund_id for item in items])
        for item in items:
            try:
                refund = known(states, item.refund_id)
                if (
                    not is_free(refund)
                    or refund.amount != item.report.amount
                    or refund.id in adoptions
                ):
                    raise WrongState(
                        f"Refund {refund.number} has gone its own way.", code="does_not_match"
                    )
            except Refusal as refusal:
                outcomes.append(Outcome.refused(refusal))
                continue
            report = item.report
            adoptions[refund.id] = Adoption(refund, report.reference, report.status, report.word)
            outcomes.append(Outcome.done(refund.id, reference=report.reference))
        adopt_refunds(unit, list(adoptions.values()))
        resolve_shown(unit, list(adoptions.values()))
    return outcomes
