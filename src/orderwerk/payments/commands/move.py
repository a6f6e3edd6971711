"""Moves known payments to the status that their provider reports."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from orderwerk.core import sql
from orderwerk.core.uow import Move, Subject, UnitOfWork
from orderwerk.payments.events import PAYMENT_CHARGED_BACK, PAYMENT_RECORDED

Reference = tuple[UUID, str, str]


@dataclass(frozen=True, slots=True)
class KnownPayment:
    """A payment that is stored, amounts in minor units."""

    id: UUID
    shop_id: UUID
    order_id: UUID
    provider: str
    reference: str
    status: str
    amount: int
    authorized: int
    captured: int
    received_at: datetime | None
    stored_status: str
    currency: str
    at_provider: str = ""
    charged_back: int = 0
    capture_before: datetime | None = None
    stored_charged_back: int = 0


def read_payments(references: Sequence[Reference]) -> dict[Reference, KnownPayment]:
    """Return the payments known under (shop, provider, reference); those of locked orders stand still."""
    rows = sql.fetch(
        """
        select p.id, p.shop_id, p.order_id, p.provider, p.reference, p.status, p.amount_minor, p.authorized_minor,
               p.captured_minor, p.received_at, p.status, p.currency, p.at_provider, p.charged_back_minor, p.capture_before, p.charged_back_minor
        from unnest(%s::uuid[], %s::text[], %s::text[]) as t(shop_id, provider, reference)
        join payments_payment p on p.shop_id = t.shop_id and p.provider = t.provider and p.reference = t.reference
        """,
        ([r[0] for r in references], [r[1] for r in references], [r[2] for r in references]),
    )
    return {(row[1], row[3], row[4]): KnownPayment(*row) for row in rows}


def read_holders(names: Sequence[tuple[str, str]]) -> dict[tuple[str, str], UUID]:
    """Return which payment stands for (provider, name there), of whatever shop: one here for one at the provider."""
    rows = sql.fetch(
        "select p.provider, p.at_provider, p.id from unnest(%s::text[], %s::text[]) as t(provider, name) "
        "join payments_payment p on p.provider = t.provider and p.at_provider = t.name and p.at_provider <> ''",
        ([name[0] for name in names], [name[1] for name in names]),
    )
    return {(row[0], row[1]): row[2] for row in rows}


def name_payments(names: Mapping[UUID, str]) -> None:
    """Write for payments of locked orders which payment at the provider they stand for, once and for good."""
    if names:
        sql.execute(
            "update payments_payment p set at_provider = t.name from unnest(%s::uuid[], %s::text[]) as t(id, name) "
            "where p.id = t.id and p.at_provider = ''",
            (list(names), list(names.values())),
        )


_MOVE = """
update payments_payment p
set status = t.status, authorized_minor = t.authorized, captured_minor = t.captured,
    received_at = coalesce(t.received_at, p.received_at), charged_back_minor = t.charged_back, capture_before = t.capture_before,
    version = p.version + 1
from unnest(%s::uuid[], %s::text[], %s::bigint[], %s::bigint[], %s::timestamptz[], %s::bigint[], %s::timestamptz[])
  as t(id, status, authorized, captured, received_at, charged_back, capture_before)
where p.id = t.id
returning p.id, p.version
"""


def move_payments(unit: UnitOfWork, payments: Mapping[UUID, KnownPayment]) -> None:
    """Write the new status and amounts of known payments in one statement and record each."""
    if not payments:
        return
    rows = list(payments.values())
    parameters = (
        [p.id for p in rows], [p.status for p in rows], [p.authorized for p in rows], [p.captured for p in rows],
        [p.received_at for p in rows], [p.charged_back for p in rows], [p.capture_before for p in rows],
    )  # fmt: skip
    for key, version in sql.fetch(_MOVE, parameters):
        payment = payments[key]
        subject = Subject("payment", key, version, payment.order_id, payment.shop_id)
        move = Move(payment.stored_status, payment.status)
        data: dict[str, object] = {"provider": payment.provider, "reference": payment.reference}
        if payment.charged_back != payment.stored_charged_back:
            data["charged_back_minor"] = payment.charged_back
            unit.record(PAYMENT_CHARGED_BACK, subject, move, data)
        else:
            unit.record(PAYMENT_RECORDED, subject, move, data | {"amount_minor": payment.amount})
