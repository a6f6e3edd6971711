"""SEPA credit transfers as a bank takes them: pain.001.001.09 (ISO 20022), one payment block, one transaction per refund.

Only what the SEPA rulebook asks for: service level SEPA, shared costs, plain Latin text; the IBAN alone says which bank it is.
Texts keep to the lengths of the rulebook: 70 for a name, 35 for an identification, 140 for what the customer reads.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from xml.etree import ElementTree as ET

from stdnum import iban as ibans

from orderwerk.core.errors import BadInput

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"
# What every bank of the SEPA area takes (EPC217-08); anything else is written with these.
_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/-?:().,'+ ")
_LETTERS = str.maketrans({"ß": "ss", "æ": "ae", "Æ": "AE", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "&": "+"})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Party:
    """A name and an IBAN."""

    name: str
    iban: str


@dataclass(frozen=True, slots=True)
class Transfer:
    """One payment out, in cents of the euro; `reference` comes back on the statement."""

    reference: str
    to: Party
    amount: int
    text: str


def checked_iban(text: str) -> str:
    """Return an IBAN as machines write it: without what people put between its groups, in capitals.

    Refuses (BadInput) one whose form or check digits (mod 97) are wrong.
    """
    plain = str(ibans.compact("".join(text.split())))
    if not ibans.is_valid(plain, check_country=False):
        raise BadInput(f"{text[:40]!r} is no IBAN: form or check digits are wrong.", code="invalid_iban")  # fmt: skip
    return plain


def plain_text(text: str, most: int) -> str:
    """Write a text in the letters that every bank takes, and no longer than `most`."""
    simple = unicodedata.normalize("NFKD", text.translate(_LETTERS))
    kept = "".join(c if c in _PLAIN else ("" if unicodedata.combining(c) else " ") for c in simple)
    return " ".join(kept.split())[:most].strip() or "-"


def identification(text: str) -> str:
    """Write a text as an identification: 35 signs, and slashes neither at its ends nor next to each other (EPC rulebook)."""
    parts = [part.strip() for part in plain_text(text, 35).split("/")]
    return "/".join(part for part in parts if part) or "-"


def credit_transfer_file(
    message_id: str, made_at: datetime, day: date, payer: Party, transfers: Sequence[Transfer]
) -> bytes:
    """Return the file of a batch; the same input gives the same bytes."""
    root = ET.Element("Document", {"xmlns": NAMESPACE})
    whole = ET.SubElement(root, "CstmrCdtTrfInitn")
    total = _amount(sum(transfer.amount for transfer in transfers))
    head = ET.SubElement(whole, "GrpHdr")
    _text(head, "MsgId", identification(message_id))
    _text(head, "CreDtTm", made_at.strftime("%Y-%m-%dT%H:%M:%SZ"))
    _text(head, "NbOfTxs", str(len(transfers)))
    _text(head, "CtrlSum", total)
    _text(head, "InitgPty/Nm", plain_text(payer.name, 70))
    block = ET.SubElement(whole, "PmtInf")
    _text(block, "PmtInfId", identification(message_id))
    _text(block, "PmtMtd", "TRF")
    _text(block, "BtchBookg", "true")
    _text(block, "NbOfTxs", str(len(transfers)))
    _text(block, "CtrlSum", total)
    _text(block, "PmtTpInf/SvcLvl/Cd", "SEPA")
    _text(block, "ReqdExctnDt/Dt", day.isoformat())
    _text(block, "Dbtr/Nm", plain_text(payer.name, 70))
    _text(block, "DbtrAcct/Id/IBAN", payer.iban)
    _text(block, "DbtrAgt/FinInstnId/Othr/Id", "NOTPROVIDED")
    _text(block, "ChrgBr", "SLEV")
    for transfer in transfers:
        _add(block, transfer)
    ET.indent(root)
    return bytes(ET.tostring(root, encoding="UTF-8", xml_declaration=True)) + b"\n"


def _add(block: ET.Element, transfer: Transfer) -> None:
    entry = ET.SubElement(block, "CdtTrfTxInf")
    _text(entry, "PmtId/EndToEndId", identification(transfer.reference))
    amount = ET.SubElement(ET.SubElement(entry, "Amt"), "InstdAmt", {"Ccy": "EUR"})
    amount.text = _amount(transfer.amount)
    _text(entry, "Cdtr/Nm", plain_text(transfer.to.name, 70))
    _text(entry, "CdtrAcct/Id/IBAN", transfer.to.iban)
    _text(entry, "RmtInf/Ustrd", plain_text(transfer.text, 140))


def _amount(cents: int) -> str:
    return f"{Decimal(cents) / 100:.2f}"


def _text(parent: ET.Element, path: str, text: str) -> None:
    for name in path.split("/"):
        parent = ET.SubElement(parent, name)
    parent.text = text
