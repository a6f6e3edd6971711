"""A double of Stripe, after its OpenAPI document: payment intents, charges, refunds, disputes, lists, signed webhooks."""

import hashlib
import hmac
import itertools
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.doubles.wire import Double, Reply, Request

KEY = "sk_test_abcdefghijklmnopqrstuvwxyz0123"
SECRET = "whsec_abcdefghijklmnopqrstuvwxyz0123"
MOVES = {
    "pending": {"succeeded", "failed", "canceled", "requires_action"},
    "requires_action": {"succeeded", "failed", "canceled"},
    "succeeded": {"failed"},
}
MOVED = {"pending", "requires_action", "succeeded"}


@dataclass
class Intent:
    id: str
    charge: str
    amount: int
    currency: str
    status: str
    created: int
    received: int = 0
    disputes: list[tuple[str, int, str]] = field(default_factory=list)
    capture_before: int | None = None
    metadata: dict[str, str] = field(default_factory=dict)


@dataclass
class Refund:
    id: str
    intent: Intent
    amount: int
    status: str
    created: int
    metadata: dict[str, str] = field(default_factory=dict)


class StripeDouble(Double):
    """Stripe as far as we talk to it, with its money."""

    # No two doubles of one run give the same id: the provider is one.
    _numbers = itertools.count(1)

    def __init__(self) -> None:
        super().__init__()
        self.key, self.secret = KEY, SECRET
        self.intents: dict[str, Intent] = {}
        self.refunds: dict[str, Refund] = {}
        self.captures: list[tuple[str, int]] = []
        self.next_status = "succeeded"
        self.page = 100
        self.clock = time.time

    # What tests do and look at.

    def pay(self, amount: int, *, currency: str = "EUR", status: str = "succeeded", **fields: Any) -> str:  # fmt: skip
        """A payment of a shopper; returns its id."""
        with self.lock:
            n = next(self._numbers)
            made = Intent(f"pi_{n:012d}", f"ch_{n:012d}", amount, currency.lower(), status, int(self.clock()), **fields)  # fmt: skip
            if status == "succeeded" and not made.received:
                made.received = amount
            self.intents[made.id] = made
            return made.id

    def money_out(self, payment: str | None = None) -> int:
        """How much has really gone back, or is on its way."""
        with self.lock:
            return sum(
                r.amount
                for r in self.refunds.values()
                if r.status in MOVED and payment in (None, r.intent.id, r.intent.charge)
            )

    def has_moved(self, refund: Refund) -> bool:
        """Whether a refund's money is gone, or on its way."""
        return refund.status in MOVED

    def move(self, refund: str, status: str) -> None:
        """Let a refund go on; only as Stripe would."""
        with self.lock:
            found = self.refunds[refund]
            assert status in MOVES.get(found.status, set()), (found.status, status)
            found.status = status

    def refund_by_hand(self, payment: str, amount: int, status: str = "succeeded") -> str:
        """Somebody refunds in Stripe's dashboard: it knows nothing of us."""
        with self.lock:
            return self._new_refund(self.intents[payment], amount, status, {}).id

    @property
    def known(self) -> list[str]:
        """The ids of all payments."""
        with self.lock:
            return list(self.intents)

    def waiting_payments(self, before: datetime) -> list[str]:
        """Payments made before a moment for which no money has come in yet."""
        with self.lock:
            return [
                i.id
                for i in self.intents.values()
                if i.status == "processing" and i.created < before.timestamp()
            ]

    def receive(self, payment: str) -> None:
        """The money of a payment on its way comes in."""
        with self.lock:
            found = self.intents[payment]
            assert found.status == "processing", found.status
            found.status, found.received = "succeeded", found.amount

    def waiting_refunds(self, before: datetime) -> list[tuple[str, str]]:
        """Refunds made before a moment that are still on their way, each with its payment."""
        with self.lock:
            return [
                (r.id, r.intent.id)
                for r in self.refunds.values()
                if r.status == "pending" and r.created < before.timestamp()
            ]

    def taken(self, payment: str) -> int:
        """How much of an authorised payment was taken."""
        with self.lock:
            return self.intents[payment].received

    def charge_back(self, payment: str, amount: int, status: str = "lost") -> None:
        """The shopper disputes the payment."""
        with self.lock:
            key = f"dp_{next(self._numbers):012d}"
            self.intents[payment].disputes.append((key, amount, status))

    def notice(self, payment: str, *, secret: str = "", age: int = 0) -> tuple[str, dict[str, str]]:
        """The body and the headers of an event about a payment, signed as Stripe does."""
        refund = next((r for r in self.refunds.values() if r.intent.id == payment), None)
        thing = self._refund(refund) if refund else self._intent(self.intents[payment], ())
        number = next(self._numbers)
        body = json.dumps(
            {
                "id": f"evt_{number:012d}",
                "object": "event",
                "type": "refund.updated" if refund else "payment_intent.succeeded",
                "created": int(self.clock()),
                "data": {"object": thing},
            }
        )
        moment = int(time.time()) - age
        digest = hmac.new(
            (secret or self.secret).encode(), f"{moment}.{body}".encode(), hashlib.sha256
        )
        return body, {"Stripe-Signature": f"t={moment},v1={digest.hexdigest()}"}

    # What is asked over HTTP.

    def operation(self, request: Request) -> str:
        parts = request.path.strip("/").split("/")[1:]
        verb = {"POST": "create_", "GET": "get_"}.get(request.method, "")
        names = {"payment_intents": "payment", "charges": "payment"}
        if parts[-1] == "capture":
            return "create_captures"
        if parts[-1] == "cancel":
            return "create_release-authorization"
        if len(parts) == 1 and parts[0] == "payment_intents":
            return verb + "payments"
        return verb + names.get(parts[0], parts[0])

    def routes(self) -> list[tuple[str, str, Callable[..., Reply]]]:
        one = r"/v1/payment_intents/(pi_\w+)"
        return [
            ("GET", "/v1/balance", lambda _: Reply(200, {"object": "balance", "available": [{"amount": 0, "currency": "eur"}], "livemode": False, "pending": []})),
            ("GET", "/v1/refunds", lambda r: self._listed(r, [self._refund(x) for x in self._mine(r)])),
            ("POST", "/v1/refunds", lambda r: self.once(r, lambda: self._create_refund(dict(r.form)))),
            ("GET", "/v1/disputes", lambda r: self._listed(r, self._disputes(r))),
            ("GET", "/v1/payment_intents", lambda r: self._listed(r, [self._intent(i, self._expand(r)) for i in self.intents.values()])),
            ("GET", one, lambda r, key: Reply(200, self._intent(self.intents[key], self._expand(r))) if key in self.intents else self.not_found()),
            ("POST", f"{one}/capture", lambda r, key: self.once(r, lambda: self._capture(self.intents[key], dict(r.form)))),
            ("POST", f"{one}/cancel", lambda r, key: self.once(r, lambda: self._cancel(self.intents[key]))),
            ("GET", r"/v1/charges/(ch_\w+)", self._one_charge),
        ]  # fmt: skip

    def _expand(self, request: Request) -> list[str]:
        return [value for name, value in request.query if name.startswith("expand")]

    def _one_charge(self, _: Request, key: str) -> Reply:
        intent = self._by_charge(key)
        return Reply(200, self._charge(intent)) if intent else self.not_found()

    def unauthorized(self) -> Reply:
        return self._error(401, "invalid_request_error", "Invalid API Key provided")

    def not_found(self) -> Reply:
        return self._error(404, "invalid_request_error", "No such object", code="resource_missing")

    def refuse_key(self) -> Reply:
        return self._error(400, "idempotency_error", "Keys for idempotent requests can only be used with the same parameters")  # fmt: skip

    def _error(self, status: int, kind: str, message: str, **extra: str) -> Reply:
        return Reply(status, {"error": {"type": kind, "message": message, **extra}})

    def _by_charge(self, charge: str) -> Intent | None:
        return next((i for i in self.intents.values() if i.charge == charge), None)

    def _of(self, values: dict[str, str]) -> Intent | None:
        if "payment_intent" in values:
            return self.intents.get(values["payment_intent"])
        return self._by_charge(values.get("charge", ""))

    def _create_refund(self, values: dict[str, str]) -> Reply:
        intent = self._of(values)
        if intent is None:
            return self._error(404, "invalid_request_error", "No such payment_intent", code="resource_missing")  # fmt: skip
        amount, left = int(values["amount"]), intent.received - self.money_out(intent.id)
        if amount < 1 or amount > left:
            return self._error(400, "invalid_request_error", f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})", param="amount")  # fmt: skip
        made = self._new_refund(intent, amount, self.next_status, _metadata(values))
        return Reply(200, self._refund(made))

    def _new_refund(
        self, intent: Intent, amount: int, status: str, metadata: dict[str, str]
    ) -> Refund:
        key = f"re_{next(self._numbers):012d}"
        made = Refund(key, intent, amount, status, int(self.clock()), metadata)
        self.refunds[key] = made
        return made

    def _capture(self, intent: Intent, values: dict[str, str]) -> Reply:
        amount = int(values["amount_to_capture"])
        if intent.status != "requires_capture" or amount > intent.amount:
            return self._error(400, "invalid_request_error", "This PaymentIntent could not be captured")  # fmt: skip
        # Without multicapture the first capture is the last: the rest is released.
        intent.received, intent.status = amount, "succeeded"
        intent.metadata |= _metadata(values)
        self.captures.append((intent.id, amount))
        return Reply(200, self._intent(intent, ()))

    def _cancel(self, intent: Intent) -> Reply:
        if intent.status != "requires_capture":
            return self._error(400, "invalid_request_error", "You cannot cancel this PaymentIntent")
        intent.status = "canceled"
        return Reply(200, self._intent(intent, ()))

    def _mine(self, request: Request) -> list[Refund]:
        wanted = self._of(dict(request.query))
        named = any(name in {"payment_intent", "charge"} for name, _ in request.query)
        since = int(request.value("created[gte]", "0"))
        return [
            r
            for r in self.refunds.values()
            if (not named or r.intent is wanted) and r.created >= since
        ]

    def _disputes(self, request: Request) -> list[dict[str, Any]]:
        intent = self._of(dict(request.query))
        return [{"id": key, "object": "dispute", "amount": amount, "currency": intent.currency, "status": status} for key, amount, status in (intent.disputes if intent else [])]  # fmt: skip

    def _listed(self, request: Request, items: list[dict[str, Any]]) -> Reply:
        newest = items[::-1]
        after = request.value("starting_after")
        first = next((i + 1 for i, item in enumerate(newest) if item["id"] == after), 0)
        size = min(self.page, int(request.value("limit", "10")))
        shown = newest[first : first + size]
        has_more = len(newest) > first + size
        return Reply(200, {"object": "list", "url": request.path, "has_more": has_more, "data": shown})  # fmt: skip

    def _charge(self, i: Intent) -> dict[str, Any]:
        card = {"capture_before": i.capture_before} if i.capture_before else {}
        return {
            "id": i.charge, "object": "charge", "amount": i.amount, "amount_captured": i.received, "captured": i.status == "succeeded",
            "amount_refunded": self.money_out(i.id), "created": i.created, "currency": i.currency, "disputed": bool(i.disputes),
            "payment_intent": i.id, "status": "succeeded", "metadata": {}, "payment_method_details": {"type": "card", "card": card},
        }  # fmt: skip

    def _intent(self, i: Intent, expand: Any) -> dict[str, Any]:
        is_expanded = any(str(name).endswith("latest_charge") for name in expand)
        has_charge = i.status in {"succeeded", "requires_capture"}
        charge: Any = (self._charge(i) if is_expanded else i.charge) if has_charge else None
        return {
            "id": i.id, "object": "payment_intent", "amount": i.amount, "amount_received": i.received, "created": i.created,
            "currency": i.currency, "status": i.status, "latest_charge": charge, "metadata": i.metadata, "livemode": False,
        }  # fmt: skip

    def _refund(self, r: Refund) -> dict[str, Any]:
        found: dict[str, Any] = {
            "id": r.id, "object": "refund", "amount": r.amount, "charge": r.intent.charge, "created": r.created,
            "currency": r.intent.currency, "metadata": r.metadata, "payment_intent": r.intent.id, "status": r.status,
        }  # fmt: skip
        if r.status == "failed":
            found["failure_reason"] = "expired_or_canceled_card"
        return found


def _metadata(values: dict[str, str]) -> dict[str, str]:
    return {name[9:-1]: value for name, value in values.items() if name.startswith("metadata[")}
