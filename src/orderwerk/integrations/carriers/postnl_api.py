"""How PostNL is asked for labels: its Barcode (v1.1) and Shipment (v2.2) APIs, for parcels of both ways."""

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Any, Protocol
from urllib.parse import urlencode

import msgspec

from orderwerk.core import clock
from orderwerk.core.http import Response
from orderwerk.integrations.payment_providers.calling import base_url, call
from orderwerk.payments.ports import Declined, Unclear

_OWN = {"live": "https://api.postnl.nl", "test": "https://api-sandbox.postnl.nl"}
_BARCODE = re.compile(r"3S[A-Z0-9]{9,13}")
_MOST_BYTES = 2 * 1024 * 1024
# A house number and what follows it, at the end of a street's line: where an address does not give it by itself.
_NUMBER = re.compile(r"^(.*\S)\s+([0-9]{1,5})\s*[-/]?\s*([A-Za-z0-9 -]{0,10})$")
_DIGITS = re.compile(r"^([0-9]+)\s*[-/]?\s*(.*)$")


class Account(Protocol):
    """Who asks, whatever for."""

    @property
    def mode(self) -> str:
        """Live, or test: the sandbox."""

    @property
    def customer_code(self) -> str:
        """The customer code of the contract."""

    @property
    def customer_number(self) -> str:
        """The customer number of the contract."""

    @property
    def key(self) -> str:
        """The API key in the clear."""


def reserve(account: Account) -> str:
    """Return a barcode of the account's own range."""
    query = urlencode(
        {
            "CustomerCode": account.customer_code,
            "CustomerNumber": account.customer_number,
            "Type": "3S",
        }
    )
    answer = _call("GET", account, f"/shipment/v1_1/barcode?{query}")
    barcode = _read(answer).get("Barcode")
    if not isinstance(barcode, str) or not _BARCODE.fullmatch(barcode):
        raise Unclear("PostNL's answer holds no barcode.", retryable=True)
    return barcode


def make(account: Account, number: str, customer: Mapping[str, Any], shipment: Mapping[str, Any]) -> bytes:  # fmt: skip
    """Announce one parcel and return its label, a PDF, in one call. `number` is ours, for PostNL's own logs."""
    body = msgspec.json.encode(
        {
            "Customer": {
                "CustomerCode": account.customer_code,
                "CustomerNumber": account.customer_number,
                **customer,
            },
            "Message": {
                "MessageID": number[-12:],
                "MessageTimeStamp": f"{clock.now():%d-%m-%Y %H:%M:%S}",
                "Printertype": "GraphicFile|PDF",
            },
            "Shipments": [shipment],
        }
    )
    answer = _read(_call("POST", account, "/shipment/v2_2/label?confirm=true", body))
    # One shipment was asked for; PostNL's own recorded answers show it as an object, the specification as a list.
    made = _first(answer.get("ResponseShipments"))
    label = _label(made)
    if label is None:
        errors = _many(made.get("Errors"))
        if errors:
            raise Declined(_words(errors), retryable=False)
        raise Unclear("PostNL's answer holds no label.", retryable=True)
    if made.get("Barcode") != shipment["Barcode"]:
        raise Unclear("PostNL's answer is about another barcode.", retryable=True)
    return label


def contact(kind: str, email: str) -> list[dict[str, str]]:
    """Return whom PostNL may write to: 01 is the receiver, 02 the sender."""
    return [{"ContactType": kind, "Email": email}] if 0 < len(email) <= 50 else []


def person(kind: str, address: Mapping[str, str | None]) -> dict[str, str]:
    """Return an address as PostNL takes it: 01 is the receiver, 02 the sender.

    Refuses (Declined) what finds the door and has no room on the label: cut, it would lead to another one.
    """
    street, number, suffix = _house(address)
    found = {
        "AddressType": kind,
        "Name": (address.get("name") or "")[:35],
        "CompanyName": (address.get("company") or "")[:35],
        "Street": _whole("street", street, 95),
        "HouseNr": _whole("house number", number, 5),
        "HouseNrExt": _whole("house number's addition", suffix, 35),
        "Buildingname": _whole("second line", (address.get("line2") or "").strip(), 35),
        "Zipcode": _whole("postal code", "".join((address.get("postal_code") or "").split()), 6),
        # The postal code and the house number find the town.
        "City": (address.get("city") or "")[:35],
        "Countrycode": address.get("country") or "NL",
    }
    return {name: value for name, value in found.items() if value}


def _whole(what: str, text: str, most: int) -> str:
    if len(text) > most:
        raise Declined(
            f"The address does not fit on PostNL's label: its {what} may have {most} signs.",
            retryable=False,
        )
    return text


def _call(method: str, account: Account, path: str, content: bytes | None = None) -> Response:  # fmt: skip
    headers = {"apikey": account.key, "Accept": "application/json"}
    if content is not None:
        headers["Content-Type"] = "application/json"
    answer = call(method, base_url("postnl", _OWN[account.mode]) + path, headers, content)
    if answer.status_code >= 400:
        raise Declined(_refusal(answer), retryable=False)
    return answer


def _refusal(answer: Response) -> str:
    try:
        errors = _many(_read(answer).get("Errors"))
    except Unclear:
        errors = []
    return _words(errors) if errors else f"PostNL refused with {answer.status_code}."


def _words(errors: list[Mapping[str, Any]]) -> str:
    """Return the codes of errors with their descriptions, in which nothing of the address stands."""
    told = [
        " ".join(str(e.get(name) or "") for name in ("Code", "Description")).strip() for e in errors
    ]
    text = "; ".join(line for line in told if line) or "PostNL refused."
    return "".join(c if c.isprintable() else " " for c in text).strip()[:400]


def _read(answer: Response) -> dict[str, Any]:
    try:
        found = msgspec.json.decode(answer.content)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Unclear("PostNL's answer cannot be read.", retryable=True) from error
    if not isinstance(found, dict):
        raise Unclear("PostNL's answer cannot be read.", retryable=True)
    return found


def _many(value: Any) -> list[Mapping[str, Any]]:  # noqa: ANN401 - what another system sent
    found = value if isinstance(value, list) else [value]
    return [item for item in found if isinstance(item, dict)]


def _first(value: Any) -> Mapping[str, Any]:  # noqa: ANN401 - what another system sent
    return next(iter(_many(value)), {})


def _label(shipment: Mapping[str, Any]) -> bytes | None:
    content = _first(shipment.get("Labels")).get("Content")
    if not isinstance(content, str):
        return None
    try:
        label = base64.b64decode(content, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Unclear("PostNL's label cannot be read.", retryable=True) from error
    if not label.startswith(b"%PDF") or len(label) > _MOST_BYTES:
        raise Unclear("PostNL's label is no PDF.", retryable=True)
    return label


def _house(address: Mapping[str, str | None]) -> tuple[str, str, str]:
    street = (address.get("street") or "").strip()
    house = (address.get("house_number") or "").strip()
    if house:
        # PostNL takes digits as a house number, and whatever follows them by itself.
        match = _DIGITS.match(house)
        if match is None:
            raise Declined(
                "The address does not fit on PostNL's label: its house number begins with no digit.",
                retryable=False,
            )
        parts = (match[2], (address.get("house_number_suffix") or "").strip())
        return street, match[1], " ".join(part for part in parts if part)
    match = _NUMBER.match(street)
    return (match[1], match[2], match[3].strip()) if match else (street, "", "")
