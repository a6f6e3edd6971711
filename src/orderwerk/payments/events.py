"""What a payment's history tells."""

from orderwerk.core.events import declare

PAYMENT_RECORDED = declare(
    "payment.recorded",
    "A payment, or a new status of one, was reported.",
    "provider",
    "reference",
    "amount_minor",
)
