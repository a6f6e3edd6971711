"""What a payment's history tells."""

from orderwerk.core.events import declare

PAYMENT_RECORDED = declare(
    "payment.recorded",
    "A payment, or a new status of one, was reported.",
    "provider",
    "reference",
    "amount_minor",
)
PAYMENT_CHARGED_BACK = declare(
    "payment.charged_back",
    "What the shopper's bank took back of a payment has changed.",
    "provider",
    "reference",
    "charged_back_minor",
)
PAYMENT_NOTICED = declare(
    "payment.noticed",
    "A provider said that something of a payment has changed; it is looked at there.",
    "reference",
)
ACCOUNT_SAVED = declare(
    "payment_account.saved",
    "A shop's account at a payment provider was set up or changed; secrets are never named.",
    "provider",
    "changes",
)
ACCOUNT_CHECK_ASKED = declare(
    "payment_account.check_asked",
    "The connection to a payment provider is to be tested.",
    "provider",
)
CAPTURE_SUBMITTED = declare(
    "capture.submitted",
    "A part of an authorised payment is to be taken, because goods have left; or the rest of it let go.",
    "reference",
    "amount_minor",
    "is_release",
)
CAPTURE_ACCEPTED = declare(
    "capture.accepted",
    "The provider has taken the order to capture or release; it is not done yet.",
    "reference",
    "amount_minor",
    "is_release",
)
CAPTURE_SUCCEEDED = declare(
    "capture.succeeded",
    "A part of an authorised payment was taken; or the rest of it let go.",
    "reference",
    "amount_minor",
    "is_release",
)
CAPTURE_FAILED = declare(
    "capture.failed",
    "The provider did not capture or release; somebody has to look.",
    "reference",
    "amount_minor",
    "is_release",
    "note",
)
CAPTURE_RETRIED = declare(
    "capture.retried",
    "A capture or release that failed is asked for once more.",
    "reference",
    "amount_minor",
    "is_release",
)
