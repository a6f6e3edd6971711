"""What a refund's history tells."""

from orderwerk.core.events import declare

REFUND_CREATED = declare(
    "refund.created", "A credit invoice is to be paid back.", "number", "amount_minor", "provider"
)
REFUND_APPROVED = declare("refund.approved", "A refund was approved.", "number", "amount_minor")
REFUND_REJECTED = declare(
    "refund.rejected",
    "A refund was rejected; its amount is free again.",
    "number",
    "amount_minor",
    "note",
)
REFUND_SUBMITTED = declare(
    "refund.submitted",
    "A refund was handed over to be paid: by a provider, or by hand.",
    "number",
    "amount_minor",
    "provider",
    "via",
)
REFUND_ACCEPTED = declare(
    "refund.accepted",
    "The provider has taken the refund; the money is on its way.",
    "number",
    "amount_minor",
    "via",
    "reference",
)
REFUND_MATCHED = declare(
    "refund.matched",
    "A refund that was made at the provider by hand was found to be this one.",
    "number",
    "amount_minor",
    "via",
    "reference",
)
REFUND_ACCOUNT_SET = declare(
    "refund.account_set", "The bank account to which a refund goes was noted.", "number"
)
TRANSFER_BATCH_CREATED = declare(
    "transfer_batch.created", "A file for the bank was made.", "number", "transfers", "amount_minor"
)
TRANSFER_BATCH_BLANKED = declare(
    "transfer_batch.blanked",
    "The term of the law is over: names and accounts went from a file for the bank; amounts, numbers and hash stay. `years`: how long it was kept.",
    "number",
    "years",
)
DIFFERENCE_FOUND = declare(
    "difference.found",
    "A provider and we do not agree on something.",
    "kind",
    "reference",
)
DIFFERENCE_RESOLVED = declare(
    "difference.resolved", "A person resolved a difference.", "kind", "reference", "status", "note"
)
REFUND_REVERSED = declare(
    "refund.reversed",
    "A refund that had gone back came back; its amount is free again.",
    "number",
    "amount_minor",
    "note",
)
REFUND_SUCCEEDED = declare(
    "refund.succeeded", "The money has gone back.", "number", "amount_minor", "reference"
)
REFUND_FAILED = declare(
    "refund.failed", "A refund failed; its amount is free again.", "number", "amount_minor", "note"
)
REFUND_RETRIED = declare(
    "refund.retried", "A failed refund is tried again.", "number", "amount_minor"
)
REFUND_REDIRECTED = declare(
    "refund.redirected",
    "What a refund gives was changed: money, or store credit.",
    "number",
    "amount_minor",
    "as_store_credit",
)
STORE_CREDIT_ISSUED = declare(
    "store_credit.issued",
    "A refund gave store credit rather than money; its code is never named here.",
    "number",
    "amount_minor",
)
STORE_CREDIT_USED = declare(
    "store_credit.used", "An order was paid with a store credit.", "number", "amount_minor"
)
STORE_CREDIT_GIVEN_BACK = declare(
    "store_credit.given_back",
    "What was paid with a store credit has gone back to it.",
    "number",
    "amount_minor",
)
STORE_CREDIT_EXPIRED = declare(
    "store_credit.expired", "What was left of a store credit has expired.", "number", "amount_minor"
)
STORE_CREDIT_STOPPED = declare(
    "store_credit.stopped",
    "Somebody has ended what was left of a store credit, for the reason in `note`.",
    "number",
    "amount_minor",
    "note",
)
