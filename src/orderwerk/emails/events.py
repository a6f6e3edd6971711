"""What the history of e-mails tells."""

from orderwerk.core.events import declare

EMAIL_QUEUED = declare(
    "email.queued", "A message to the customer was written.", "email_id", "subject"
)
EMAIL_SENT = declare("email.sent", "The mail server took the message.", "email_id", "subject")
EMAIL_KEPT = declare(
    "email.kept", "No mail server is configured; the message is kept here.", "email_id", "subject"
)
EMAIL_FAILED = declare(
    "email.failed", "The mail server refused the message.", "email_id", "subject", "note"
)
EMAIL_UNKNOWN = declare(
    "email.unknown", "Nobody knows whether the message was sent.", "email_id", "subject", "note"
)
EMAIL_INCOMPLETE = declare(
    "email.incomplete",
    "A message went without a document that was to go along.",
    "email_id",
    "subject",
    "note",
)
EMAIL_BOUNCED = declare(
    "email.bounced", "A message did not arrive, or not yet.", "email_id", "subject", "kind", "note"
)
EMAIL_TEMPLATE_CHANGED = declare(
    "email_template.changed",
    "A shop wrote a text of its own, or went back to the one that comes with Orderwerk.",
    "trigger",
    "language",
    "is_custom",
)
EMAIL_AUTOMATION_SET = declare(
    "email_automation.set", "A message was switched on or off for a shop.", "trigger", "is_on"
)
