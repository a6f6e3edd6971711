"""What can be read of money: its ledger, accounts at providers, refunds, and what providers say otherwise."""

from typing import Any
from uuid import UUID

from orderwerk.api.resource import Asked, Resource, each, one
from orderwerk.core.actor import Actor
from orderwerk.core.keyset import Page
from orderwerk.payments.account_queries import AccountFilters, account_detail, account_page
from orderwerk.payments.capture_queries import CaptureFilters, capture_detail, capture_page
from orderwerk.payments.capture_statuses import CaptureStatus
from orderwerk.payments.ledger_queries import KINDS as ENTRY_KINDS
from orderwerk.payments.ledger_queries import EntryFilters, entry_detail, entry_page
from orderwerk.refunds.batches import BatchFilters, batch_detail, batch_page
from orderwerk.refunds.credit_queries import (
    StoreCreditFilters,
    store_credit_detail,
    store_credit_page,
)
from orderwerk.refunds.credit_statuses import StoreCreditStatus
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
from orderwerk.schemas import differences, money, records, store_credits


def _store_credits(asked: Asked) -> Page[Any]:
    page = store_credit_page(asked.actor, asked.filters, **asked.place)
    return Page(store_credits.store_credits(page.items), page.next)


def _store_credit(actor: Actor, key: UUID) -> store_credits.StoreCredit:
    return store_credits.store_credits([store_credit_detail(actor, key)])[0]


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
        "store-credits", ("refunds:write",), store_credits.StoreCredit, StoreCreditFilters, _store_credits, _store_credit,
        {"status": StoreCreditStatus.values},
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
