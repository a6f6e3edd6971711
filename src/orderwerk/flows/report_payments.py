"""Takes over what a provider says of payments: received, promised, failed, expired, charged back; only ever forward."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError

from orderwerk.core.actor import Actor
from orderwerk.core.errors import Conflict, NotFound, Refusal
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import retrying, unit_of_work
from orderwerk.flows.allocate_orders import claim_open
from orderwerk.flows.book_payments import Changes, book_payments
from orderwerk.flows.revive_orders import may_be_allocated
from orderwerk.orders.counters import lock_orders
from orderwerk.payments.commands.move import (
    KnownPayment,
    move_payments,
    name_payments,
    read_holders,
    read_payments,
)
from orderwerk.payments.ports import Account, PaymentReport, PaymentWord
from orderwerk.payments.statuses import MOVES


@dataclass(frozen=True, slots=True)
class PaymentNews:
    """What a provider says of a payment of ours, amounts in minor units."""

    shop_id: UUID
    order_id: UUID
    provider: str
    reference: str
    status: PaymentWord
    currency: str
    amount: int
    captured: int
    charged_back: int = 0
    capture_before: datetime | None = None
    # The payment's name there that never changes, where it may have two.
    name: str = ""


def news_of(account: Account, order_id: UUID, reference: str, report: PaymentReport) -> PaymentNews:
    """Return what a provider's report says of a payment of an order that goes by one of its names."""
    return PaymentNews(
        account.shop_id, order_id, account.provider, reference, report.status, report.currency, report.amount, report.captured,
        report.charged_back, report.capture_before, report.main or report.reference,
    )  # fmt: skip


def report_payments(items: Sequence[PaymentNews], *, actor: Actor) -> list[Outcome]:
    """Take over what a provider says of payments; what is known, or older than what is known, changes nothing.

    Orders that may be shipped now get their stock. Refuses with NotFound, with Conflict another amount or currency than ours,
    or money that another payment stands for already.
    """
    # One payment there for two here at one moment: whoever comes second meets the first in the next run.
    return retrying(lambda: _report(items, actor), also=(IntegrityError,))


def _report(items: Sequence[PaymentNews], actor: Actor) -> list[Outcome]:
    outcomes: list[Outcome] = []
    changes = Changes()
    moved: dict[UUID, KnownPayment] = {}
    with unit_of_work(actor) as unit:
        states = lock_orders(unit, [item.order_id for item in items])
        known = read_payments([(i.shop_id, i.provider, i.reference) for i in items])
        holders = read_holders([(i.provider, i.name) for i in items if i.name])
        named: dict[UUID, str] = {}
        for item in items:
            try:
                payment = _known(known, item)
                after = _after(payment, item)
                _hold(payment, item, holders, named)
            except Refusal as refusal:
                outcomes.append(Outcome.refused(refusal))
                continue
            if after != payment and payment.id not in moved:
                moved[payment.id] = after
                _count(changes, payment, after)
            outcomes.append(Outcome.done(payment.id, status=after.status))
        name_payments(named)
        move_payments(unit, moved)
        after_orders = book_payments(unit, states, changes)
        claim_open(unit, may_be_allocated(unit, states, after_orders, changes))
    return outcomes


def _count(changes: Changes, payment: KnownPayment, after: KnownPayment) -> None:
    before, then = (payment.authorized, payment.captured), (after.authorized, after.captured)
    # A charge back alone changes nothing of what came in.
    if before != then:
        changes.add(payment.order_id, before, then)


def _known(known: dict[tuple[UUID, str, str], KnownPayment], item: PaymentNews) -> KnownPayment:
    found = known.get((item.shop_id, item.provider, item.reference))
    if found is None or found.order_id != item.order_id:
        raise NotFound(f"There is no payment {item.reference}.", code="unknown_payment")
    if found.currency != item.currency:
        raise Conflict(
            f"Payment {item.reference} is in {item.currency} at the provider, not in {found.currency}.",
            code="currency_differs",
        )
    if found.amount != item.amount:
        raise Conflict(
            f"Payment {item.reference} has another amount at the provider.", code="amount_differs"
        )
    return found


def _hold(
    payment: KnownPayment, item: PaymentNews, holders: dict[tuple[str, str], UUID], named: dict[UUID, str]
) -> None:  # fmt: skip
    if not item.name or item.status not in {"authorized", "paid"}:
        return
    if holders.setdefault((item.provider, item.name), payment.id) != payment.id:
        raise Conflict(
            f"Another payment stands for {item.name} at the provider.", code="payment_exists"
        )
    if not payment.at_provider:
        named[payment.id] = item.name


def _after(payment: KnownPayment, news: PaymentNews) -> KnownPayment:
    """Return the payment as it stands after the news; money that came in never un-comes by a report."""
    is_forward = payment.status in MOVES.get(news.status, frozenset())
    status = news.status if is_forward else payment.status
    captured = max(payment.captured, min(news.captured, payment.amount))
    return replace(
        payment,
        status=status,
        captured=captured,
        authorized=payment.amount if status == "authorized" else captured,
        charged_back=min(news.charged_back, captured),
        capture_before=news.capture_before or payment.capture_before,
    )
