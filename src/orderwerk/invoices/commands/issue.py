"""Brings the invoices of orders up to date: issues what is due, credits what was cancelled, notes what came in."""

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

import msgspec
from django.db import IntegrityError

from orderwerk.core.actor import Actor
from orderwerk.core.errors import NotFound
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import current, retrying, unit_of_work
from orderwerk.invoices.plan import Plan
from orderwerk.orders.counters import lock_orders


class IssueItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An order whose invoices are to follow its state."""

    order_id: UUID


def issue_invoices(items: Sequence[IssueItem], *, actor: Actor) -> list[Outcome]:
    """Issue the debit invoices that orders are due by their shop's policy, and the credits for what was cancelled.

    Money that came in after a credit may go back on it from then on.

    Looks at the state alone, so that it may run any number of times. Refuses with NotFound. An order that is due nothing
    is done with no invoices.
    """
    # Two shops that open their first series under the same prefix at once: the second run takes another prefix.
    outcomes, unshipped = retrying(lambda: _issue(items, actor), also=(IntegrityError,))
    # Debits take their numbers before credits do: what left again after its first shipment was undone comes in a second run.
    left = [item for item in items if item.order_id in unshipped]
    if not left or current() is not None:
        return outcomes
    further, _ = retrying(lambda: _issue(left, actor), also=(IntegrityError,))
    more = {item.order_id: o for item, o in zip(left, further, strict=True)}
    return [_both(o, more.get(item.order_id)) for item, o in zip(items, outcomes, strict=True)]


def _both(first: Outcome, second: Outcome | None) -> Outcome:
    if first.id is None or second is None or not second.ok:
        return first
    return Outcome.done(first.id, invoices=[*first.data["invoices"], *second.data["invoices"]])


def _issue(items: Sequence[IssueItem], actor: Actor) -> tuple[list[Outcome], set[UUID]]:
    with unit_of_work(actor) as unit:
        states = lock_orders(unit, [item.order_id for item in items])
        plan = Plan(states)
        plan.invoice_due()
        plan.credit_gone()
        plan.give_back_late()
        issued = plan.write(unit)
    made: dict[UUID, list[str]] = defaultdict(list)
    for document in issued:
        made[document.order_id].append(document.number)
    outcomes = [
        Outcome.done(item.order_id, invoices=made[item.order_id])
        if item.order_id in states
        else Outcome.refused(
            NotFound(
                f"There is no order {item.order_id}.", code="unknown_order", pointer="/order_id"
            )
        )
        for item in items
    ]
    return outcomes, plan.unshipped
