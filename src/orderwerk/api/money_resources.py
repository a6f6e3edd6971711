"""What can be read of money: its ledger, accounts at providers, refunds, and what providers say otherwise."""

from orderwerk.api.resource import Resource, each, one
from orderwerk.payments.account_queries import AccountFilters, account_detail, account_page
from orderwerk.payments.capture_queries import CaptureFilters, capture_detail, capture_page
from orderwerk.payments.capture_statuses import CaptureStatus
from orderwerk.payments.ledger_queries import KINDS as ENTRY_KINDS
from orderwerk.payments.ledger_queries import EntryFilters, entry_detail, entry_page
from orderwerk.refunds.batches import BatchFilters, batch_detail, batch_page
from orderwerk.refunds.difference_queries import (
    DifferenceFilters,
    ReconciliationFilters,
    difference_detail,
    difference_page,
    reconciliation_detail,
    reconciliation_page,
)
from orderwerk.refunds.queries import RefundFilters, refund_detail, refund_page
from orderwerk.refunds.statuses import DifferenceKind, DifferenceStatus, RefundStatus
from orderwerk.schemas import differences, money, records

MONEY_RESOURCES = (
    Resource(
        "ledger-entries", ("billing:read",), records.LedgerEntry, EntryFilters, each(entry_page, records.ledger_entry),
        one(entry_detail, records.ledger_entry), {"kind": list(ENTRY_KINDS)},
    ),
    Resource(
        "captures", ("billing:read",), records.Capture, CaptureFilters, each(capture_page, records.capture),
        one(capture_detail, records.capture), {"status": CaptureStatus.values},
    ),
    Resource(
        "payment-accounts", ("settings:read",), records.PaymentAccount, AccountFilters,
        each(account_page, records.payment_account), one(account_detail, records.payment_account),
    ),
    Resource(
        "refunds", ("refunds:read",), money.Refund, RefundFilters, each(refund_page, money.refund),
        one(refund_detail, money.refund), {"status": RefundStatus.values},
    ),
    Resource(
        "differences", ("refunds:read",), differences.Difference, DifferenceFilters,
        each(difference_page, differences.difference), one(difference_detail, differences.difference),
        {"status": DifferenceStatus.values, "kind": DifferenceKind.values},
    ),
    Resource(
        "reconciliations", ("refunds:read",), differences.Reconciliation, ReconciliationFilters,
        each(reconciliation_page, differences.reconciliation), one(reconciliation_detail, differences.reconciliation),
    ),
    Resource(
        "transfer-batches", ("refunds:read",), differences.TransferBatch, BatchFilters,
        each(batch_page, differences.transfer_batch), one(batch_detail, differences.transfer_batch),
    ),
)  # fmt: skip
