"""Reads what mail servers send back when a message did not arrive (RFC 3464): of which message, whether for good, and why."""

import re
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.headerregistry import HeaderRegistry
from email.message import EmailMessage, Message
from typing import Any, Literal

from orderwerk.core.errors import BadInput

MOST_BYTES = 2 * 1024 * 1024
# Every header as plain text: Python's own reading of a message id and the like stumbles over broken ones (`<`).
_PLAIN = policy.default.clone(header_factory=HeaderRegistry(use_default_map=False))
_MESSAGE_ID = re.compile(rb"^message-id:\s*(<[^<>\s]{3,250}>)", re.IGNORECASE | re.MULTILINE)
_CODE = re.compile(r"[245]\.[0-9]{1,3}\.[0-9]{1,3}")
_UNCLEAN = re.compile(r"[^ -~\u00a1-\u02af]+")


@dataclass(frozen=True, slots=True)
class Bounce:
    """One report: `message_id` is that of our message."""

    message_id: str
    kind: Literal["permanent", "temporary"]
    code: str
    reason: str


def read_bounce(raw: bytes) -> Bounce | None:
    """Return what a report tells; None when it says that the message arrived.

    Refuses with BadInput what is no report, or does not say of which message.
    """
    if len(raw) > MOST_BYTES:
        raise BadInput("A report has 2 MB at most.", code="too_large")
    message = message_from_bytes(raw, policy=_PLAIN)
    facts = _facts(message)
    if not facts:
        raise BadInput("This is no report of a mail server about a message.", code="no_report")
    action = facts.get("action", "").strip().lower()
    if action not in {"failed", "delayed"}:
        return None
    found = _CODE.search(facts.get("status", ""))
    reason = facts.get("diagnostic-code", "").partition(";")[2] or facts.get("diagnostic-code", "")
    return Bounce(
        message_id=_original(raw, message),
        kind="permanent" if action == "failed" else "temporary",
        code=found.group() if found else "",
        reason=" ".join(_UNCLEAN.sub(" ", reason).split())[:300],
    )


def _facts(message: EmailMessage) -> dict[str, str]:
    """Return the fields of the report's recipient: a failure counts before a delay."""
    blocks: list[dict[str, str]] = []
    for part in message.walk():
        if part.get_content_type() == "message/delivery-status":
            found: Any = part.get_payload()
            blocks += [_lower(block) for block in found if isinstance(block, Message)]
    told = [block for block in blocks if "action" in block]
    told.sort(key=lambda block: block["action"].strip().lower() != "failed")
    return told[0] if told else {}


def _lower(block: Message) -> dict[str, str]:
    return {name.lower(): str(value) for name, value in block.items()}


def _original(raw: bytes, message: EmailMessage) -> str:
    own = str(message.get("Message-ID", "")).strip()
    for found in _MESSAGE_ID.findall(raw):
        text = str(found.decode("ascii", "replace"))
        if text != own:
            return text
    for name in ("In-Reply-To", "References"):
        if match := re.search(r"<[^<>\s]{3,250}>", str(message.get(name, ""))):
            return match.group()
    raise BadInput("The report does not say of which message.", code="no_message_id")
