"""What an invoice's history tells."""

from orderwerk.core.events import declare

INVOICE_ISSUED = declare("invoice.issued", "A debit invoice was issued.", "number", "amount_minor")
INVOICE_CREDIT_ISSUED = declare(
    "invoice.credit_issued",
    "A credit invoice was issued.",
    "number",
    "debit_number",
    "amount_minor",
    "refundable_minor",
    "cause",
    "reason",
)
INVOICE_CREDITED = declare(
    "invoice.credited",
    "A debit invoice was credited, in part or in full.",
    "number",
    "amount_minor",
)
INVOICE_PAID = declare(
    "invoice.paid", "What has come in for an invoice changed.", "number", "paid_minor"
)
INVOICE_BLANKED = declare(
    "invoice.blanked",
    "The term of the law is over: name and address went from the document, and its files; number, figures and hash stay. `years`: how long it was kept.",
    "number",
    "years",
)
INVOICE_REFUNDABLE_RAISED = declare(
    "invoice.refundable_raised",
    "Money came in for what was credited before: more of the credit invoice may be paid back.",
    "number",
    "refundable_minor",
)
