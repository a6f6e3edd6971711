"""Writes the payments that come with placed orders."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from orderwerk.core import clock, sql
from orderwerk.core.uow import Move, Subject, UnitOfWork
from orderwerk.payments.events import PAYMENT_RECORDED

_COLUMNS = (
    "id uuid, shop_id uuid, order_id uuid, currency text, provider text, method text, reference text, status text, "
    "amount_minor bigint, authorized_minor bigint, captured_minor bigint, refunded_minor bigint, received_at timestamptz, "
    "created_at timestamptz, version int"
)


@dataclass(frozen=True, slots=True)
class NewPayment:
    """A payment as reported, amount in minor units of the order's currency."""

    id: UUID
    shop_id: UUID
    order_id: UUID
    currency: str
    provider: str
    method: str
    reference: str
    status: str
    amount: int
    received_at: datetime | None = None

    @property
    def captured(self) -> int:
        """What has really been received."""
        return self.amount if self.status == "paid" else 0

    @property
    def authorized(self) -> int:
        """What has been promised or received."""
        return self.amount if self.status in {"authorized", "paid"} else 0


def insert_payments(unit: UnitOfWork, payments: Sequence[NewPayment]) -> None:
    """Write new payments in one statement and record each; a reference is known once per shop and provider."""
    if not payments:
        return
    moment = clock.now()
    sql.insert_rows("payments_payment", _COLUMNS, [_row(payment, moment) for payment in payments])
    for payment in payments:
        data = {
            "provider": payment.provider,
            "reference": payment.reference,
            "amount_minor": payment.amount,
        }
        subject = Subject("payment", payment.id, 1, payment.order_id, payment.shop_id)
        unit.record(PAYMENT_RECORDED, subject, Move(None, payment.status), data)


def _row(payment: NewPayment, moment: datetime) -> dict[str, Any]:
    return {
        "id": payment.id, "shop_id": payment.shop_id, "order_id": payment.order_id, "currency": payment.currency,
        "provider": payment.provider, "method": payment.method, "reference": payment.reference, "status": payment.status,
        "amount_minor": payment.amount, "authorized_minor": payment.authorized, "captured_minor": payment.captured,
        "refunded_minor": 0, "received_at": payment.received_at, "created_at": moment, "version": 1,
    }  # fmt: skip
