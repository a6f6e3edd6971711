"""The words for an e-mail's status and the moves between them."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class EmailStatus(models.TextChoices):
    """Where a message is; `unknown` means: the mail server may have it, nobody can tell, a person looks."""

    QUEUED = "queued", _("Queued")
    SENDING = "sending", _("Sending")
    SENT = "sent", _("Sent")
    KEPT = "kept", _("Kept, no mail server configured")
    UNKNOWN = "unknown", _("Unknown")
    FAILED = "failed", _("Failed")


class BounceKind(models.TextChoices):
    """What a mail server told of a message after it had taken it."""

    PERMANENT = "permanent", _("Bounced")
    TEMPORARY = "temporary", _("Delayed")


START = frozenset({"queued"})
MOVES = {
    "sending": frozenset({"queued"}),
    "sent": frozenset({"sending", "unknown"}),
    "kept": frozenset({"queued"}),
    "unknown": frozenset({"sending"}),
    "failed": frozenset({"sending", "unknown"}),
    "queued": frozenset({"sending", "kept"}),
}
FINAL = frozenset({"sent", "failed"})
