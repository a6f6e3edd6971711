"""The public shape of store credits."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

import msgspec

from orderwerk.core.money import format_amount
from orderwerk.refunds.credit_queries import StoreCreditRow, credit_movements


class CreditMovement(msgspec.Struct, frozen=True):
    """One line of a store credit; `amount` is signed. `order_id`: whose refund gave it, or who was paid with it."""

    id: UUID
    at: datetime
    kind: str
    amount: str
    order_id: UUID
    order_number: str
    payment_id: UUID | None
    refund_id: UUID | None


class StoreCredit(msgspec.Struct, frozen=True):
    """What a refund gave instead of money. Whoever has the code pays with it: as provider `store_credit`, by this reference.

    That is why whoever lists them may write refunds. `expires_on`: the last day on which it can be spent, by the shop's clock; null: for ever.
    `is_contested`: of the money whose refund it is the bank has left too little; while that stands nothing can be paid with it.
    """

    id: UUID
    number: str
    code: str
    status: str
    shop: str
    order_id: UUID
    order_number: str
    refund_id: UUID
    refund_number: str
    currency: str
    expires_on: date | None
    is_contested: bool
    issued_at: datetime
    amount: str
    remaining: str
    movements: list[CreditMovement]


def store_credits(rows: Sequence[StoreCreditRow]) -> list[StoreCredit]:
    """Return the public shapes of a page of store credits; one statement."""
    lines = credit_movements([row.id for row in rows])
    return [
        StoreCredit(
            id=row.id,
            number=row.number,
            code=row.code,
            status=row.status,
            shop=row.shop,
            order_id=row.order_id,
            order_number=row.order_number,
            refund_id=row.refund_id,
            refund_number=row.refund_number,
            currency=row.currency,
            expires_on=row.expires_on,
            is_contested=row.is_contested,
            issued_at=row.issued_at,
            amount=format_amount(row.amount_minor, row.currency),
            remaining=format_amount(row.remaining_minor, row.currency),
            movements=[
                CreditMovement(
                    m.id, m.at, m.kind, format_amount(m.delta_minor, row.currency), m.order_id, m.order_number, m.payment_id,
                    m.refund_id,
                )
                for m in lines[row.id]
            ],
        )
        for row in rows
    ]  # fmt: skip
