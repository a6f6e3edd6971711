"""The public shape of statements of withdrawal."""

from datetime import datetime
from uuid import UUID

import msgspec

from orderwerk.core.structs import made_of
from orderwerk.return_requests.withdrawal_queries import WithdrawalRow


class WithdrawnLine(msgspec.Struct, frozen=True):
    """So many pieces of an order line, in the words in which the consumer knew them."""

    order_line_id: UUID
    sku: str
    name: str
    quantity: int


class Withdrawal(msgspec.Struct, frozen=True):
    """A consumer's statement of withdrawal as it was confirmed; `lines` empty: from the whole contract.

    `return_request_id` is what was announced because of it, null where nothing had been sent.
    """

    id: UUID
    number: str
    shop: str
    order_id: UUID
    order_number: str
    name: str
    email: str
    language: str
    lines: list[WithdrawnLine]
    in_time: bool
    received_at: datetime
    return_request_id: UUID | None


def withdrawal(row: WithdrawalRow) -> Withdrawal:
    """Return the public shape of a statement of withdrawal."""
    return Withdrawal(
        id=row.id,
        number=row.number,
        shop=row.shop,
        order_id=row.order_id,
        order_number=row.order_number,
        name=row.name,
        email=row.email,
        language=row.language,
        lines=made_of(row.lines, list[WithdrawnLine]),
        in_time=row.in_time,
        received_at=row.received_at,
        return_request_id=row.return_request_id,
    )
