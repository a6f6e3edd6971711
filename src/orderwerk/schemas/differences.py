"""The public shapes of differences between providers and us, the daily reconciliation, and files for the bank."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from orderwerk.core.money import format_amount
from orderwerk.refunds.batches import BatchRow
from orderwerk.refunds.difference_queries import DifferenceRow, ReconciliationRow


class Difference(msgspec.Struct, frozen=True):
    """Something on which a payment provider and we do not agree; `ours` and `theirs` say what each side knows."""

    id: UUID
    shop: str
    provider: str
    kind: str
    status: str
    reference: str
    payment_id: UUID | None
    payment_reference: str | None
    order_id: UUID | None
    order_number: str | None
    refund_id: UUID | None
    refund_number: str | None
    currency: str
    ours: str
    ours_amount: str | None
    theirs: str
    theirs_amount: str | None
    happened_at: datetime
    found_at: datetime
    note: str
    resolved_by: str
    resolved_at: datetime | None


class TransferBatch(msgspec.Struct, frozen=True):
    """A file for the bank (SEPA credit transfers), in euros; the file itself is at `/transfer-batches/{id}.xml`, until its term is over (`blanked_at`)."""

    id: UUID
    number: str
    shop: str
    created_at: datetime
    created_by: str
    transfers: int
    total: str
    open_transfers: int
    downloaded_at: datetime | None
    downloaded_by: str
    blanked_at: datetime | None


def transfer_batch(row: BatchRow) -> TransferBatch:
    """Return the public shape of a file for the bank."""
    same = {name: getattr(row, name) for name in TransferBatch.__struct_fields__ if name != "total"}
    return TransferBatch(**same, total=format_amount(row.total_minor, "EUR"))


def _amount(minor: int | None, currency: str) -> str | None:
    return None if minor is None else format_amount(minor, currency)


def difference(row: DifferenceRow) -> Difference:
    """Return the public shape of a difference."""
    made: dict[str, Any] = {
        "ours_amount": _amount(row.ours_minor, row.currency),
        "theirs_amount": _amount(row.theirs_minor, row.currency),
    }
    same = {name: getattr(row, name) for name in Difference.__struct_fields__ if name not in made}
    return Difference(**same, **made)


class Reconciliation(msgspec.Struct, frozen=True):
    """One day of an account at a provider: what went back (`ours_`, `theirs_`) and what came in (`…_paid_…`) as we and they count it.

    The amounts are in `currency`, the shop's; `…_foreign` counts what is in others. `…_paid_…` is null of days that were compared before
    payments were counted; `not_asked`: payments that were too many to ask for; `found`: how many differences there were.
    """

    id: UUID
    shop: str
    provider: str
    day: date
    ran_at: datetime
    currency: str
    ours_count: int
    ours_amount: str
    theirs_count: int
    theirs_amount: str
    ours_foreign: int
    theirs_foreign: int
    ours_paid_count: int | None
    ours_paid_amount: str | None
    ours_paid_foreign: int | None
    theirs_paid_count: int | None
    theirs_paid_amount: str | None
    theirs_paid_foreign: int | None
    not_asked: int
    found: int


def reconciliation(row: ReconciliationRow) -> Reconciliation:
    """Return the public shape of a reconciled day."""
    made: dict[str, Any] = {
        "ours_amount": format_amount(row.ours_minor, row.currency),
        "theirs_amount": format_amount(row.theirs_minor, row.currency),
        "ours_paid_amount": _amount(row.ours_paid_minor, row.currency),
        "theirs_paid_amount": _amount(row.theirs_paid_minor, row.currency),
    }
    same = {
        name: getattr(row, name) for name in Reconciliation.__struct_fields__ if name not in made
    }
    return Reconciliation(**same, **made)
