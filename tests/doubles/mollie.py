"""A double of Mollie, after its OpenAPI document: payments, refunds, captures, chargebacks, lists in pages, classic webhooks."""

import itertools
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from orderwerk.core import clock
from tests.doubles.wire import Double, Reply, Request

KEY = "test_abcdefghijklmnopqrstuvwxyz0123"
# The refund's own way; what is not listed does not happen.
MOVES = {
    "queued": {"pending", "failed", "canceled"},
    "pending": {"processing", "refunded", "failed", "canceled"},
    "processing": {"refunded", "failed"},
    "refunded": {"failed"},
}
MOVED = {"queued", "pending", "processing", "refunded"}


def _money(minor: int, currency: str) -> dict[str, str]:
    places = {"JPY": 0, "KWD": 3}.get(currency, 2)
    value = Decimal(minor).scaleb(-places)
    return {"value": f"{value:.{places}f}", "currency": currency}


@dataclass
class Payment:
    id: str
    amount: int
    currency: str
    status: str
    created_at: datetime
    captured: int = 0
    charged_back: int = 0
    capture_before: datetime | None = None
    is_manual: bool = False


@dataclass
class Capture:
    id: str
    payment: Payment
    amount: int
    status: str
    metadata: Any
    created_at: datetime


@dataclass
class Refund:
    id: str
    payment: Payment
    amount: int
    status: str
    created_at: datetime
    description: str = ""
    metadata: Any = None


class MollieDouble(Double):
    """Mollie as far as we talk to it, with its money."""

    kind = "application/hal+json"

    # No two doubles of one run give the same id: the provider is one.
    _numbers = itertools.count(1)

    def __init__(self) -> None:
        super().__init__()
        self.key = KEY
        self.payments: dict[str, Payment] = {}
        self.refunds: dict[str, Refund] = {}
        self.captures: dict[str, Capture] = {}
        self.next_status = "pending"
        self.next_capture = "succeeded"
        self.page = 50
        self.clock = clock.now

    # What tests do and look at.

    def pay(self, amount: int, *, currency: str = "EUR", status: str = "paid", **fields: Any) -> str:  # fmt: skip
        """A payment of a shopper; returns its id."""
        with self.lock:
            key = f"tr_{next(self._numbers):010d}"
            made = Payment(key, amount, currency, status, self.clock(), **fields)
            made.is_manual = status == "authorized"
            if status == "paid" and not made.captured:
                made.captured = amount
            self.payments[key] = made
            return key

    def money_out(self, payment: str | None = None) -> int:
        """How much has really gone back, or is on its way."""
        with self.lock:
            return sum(
                r.amount
                for r in self.refunds.values()
                if r.status in MOVED and payment in (None, r.payment.id)
            )

    def has_moved(self, refund: Refund) -> bool:
        """Whether a refund's money is gone, or on its way."""
        return refund.status in MOVED

    def move(self, refund: str, status: str) -> None:
        """Let a refund go on; only as Mollie would."""
        with self.lock:
            found = self.refunds[refund]
            assert status in MOVES.get(found.status, set()), (found.status, status)
            found.status = status

    def refund_by_hand(self, payment: str, amount: int, status: str = "refunded") -> str:
        """Somebody refunds in Mollie's dashboard: it knows nothing of us."""
        with self.lock:
            return self._new_refund(self.payments[payment], amount, status, "", None).id

    @property
    def known(self) -> list[str]:
        """The ids of all payments."""
        with self.lock:
            return list(self.payments)

    def waiting_payments(self, before: datetime) -> list[str]:
        """Payments made before a moment for which no money has come in yet."""
        with self.lock:
            return [
                p.id for p in self.payments.values() if p.status == "open" and p.created_at < before
            ]

    def receive(self, payment: str) -> None:
        """The money of an open payment comes in."""
        with self.lock:
            found = self.payments[payment]
            assert found.status == "open", found.status
            found.status, found.captured = "paid", found.amount

    def waiting_refunds(self, before: datetime) -> list[tuple[str, str]]:
        """Refunds made before a moment that are still on their way, each with its payment."""
        with self.lock:
            return [
                (r.id, r.payment.id)
                for r in self.refunds.values()
                if r.status in {"queued", "pending", "processing"} and r.created_at < before
            ]

    def taken(self, payment: str) -> int:
        """How much of an authorised payment was taken."""
        with self.lock:
            return self.payments[payment].captured

    def end_capture(self, capture: str, status: str) -> None:
        """Let a capture that Mollie works on end."""
        with self.lock:
            found = self.captures[capture]
            assert found.status == "pending"
            found.status = status
            if status == "succeeded":
                self._take(found)

    def charge_back(self, payment: str, amount: int) -> None:
        """The shopper's bank takes the money back."""
        with self.lock:
            self.payments[payment].charged_back += amount

    def notice(self, payment: str) -> tuple[str, str]:
        """The body and the kind of the message that Mollie posts: an id, nothing else."""
        return urlencode({"id": payment}), "application/x-www-form-urlencoded"

    # What is asked over HTTP.

    def operation(self, request: Request) -> str:
        parts = request.path.strip("/").split("/")
        kind = (
            parts[-1]
            if parts[-1] in {"refunds", "captures", "payments", "methods", "release-authorization"}
            else "one"
        )
        if kind == "one":
            kind = parts[1].rstrip("s")
        return {"POST": "create_", "GET": "get_"}.get(request.method, "") + kind

    def routes(self) -> list[tuple[str, str, Callable[..., Reply]]]:
        one = r"/v2/payments/(tr_\w+)"
        return [
            ("GET", "/v2/methods", lambda _: Reply(200, self._list("methods", [{"resource": "method", "id": "ideal"}], ""))),
            ("GET", "/v2/payments", lambda r: self._paged(r, "payments", [self._payment(p) for p in self.payments.values()])),
            ("GET", "/v2/refunds", lambda r: self._paged(r, "refunds", [self._refund(x) for x in self.refunds.values()])),
            ("GET", one, self._of(lambda _, p: Reply(200, self._payment(p)))),
            ("GET", f"{one}/refunds", self._of(self._refunds_of)),
            ("POST", f"{one}/refunds", self._of(lambda r, p: self.once(r, lambda: self._create_refund(p, r)))),
            ("GET", f"{one}/captures", self._of(lambda r, p: self._paged(r, "captures", [self._captured(c) for c in self.captures.values() if c.payment is p]))),
            ("POST", f"{one}/release-authorization", self._of(lambda r, p: self.once(r, lambda: self._release(p)))),
            ("POST", f"{one}/captures", self._of(lambda r, p: self.once(r, lambda: self._create_capture(p, r)))),
        ]  # fmt: skip

    def _of(self, run: Callable[[Request, Payment], Reply]) -> Callable[..., Reply]:
        def known(request: Request, key: str) -> Reply:
            return run(request, self.payments[key]) if key in self.payments else self.not_found()

        return known

    def _refunds_of(self, request: Request, payment: Payment) -> Reply:
        mine = [self._refund(r) for r in self.refunds.values() if r.payment is payment]
        return self._paged(request, "refunds", mine)

    def unauthorized(self) -> Reply:
        return self._problem(401, "Unauthorized Request", "Missing authentication, or failed to authenticate")  # fmt: skip

    def not_found(self) -> Reply:
        return self._problem(404, "Not Found", "No payment exists with token.")

    def refuse_key(self) -> Reply:
        return self._problem(422, "Unprocessable Entity", "The idempotency key was used with other parameters")  # fmt: skip

    def _problem(self, status: int, title: str, detail: str, **extra: str) -> Reply:
        links = {"documentation": {"href": "https://docs.mollie.com", "type": "text/html"}}
        return Reply(
            status,
            {"status": status, "title": title, "detail": detail, "_links": links, **extra},
        )

    def _create_refund(self, payment: Payment, request: Request) -> Reply:
        body = _json(request)
        amount = _minor(body.get("amount"), payment.currency)
        if amount is None:
            return self._problem(422, "Unprocessable Entity", "The amount is not valid", field="amount")  # fmt: skip
        left = payment.captured - self.money_out(payment.id)
        if payment.status not in {"paid", "authorized"} or amount > left:
            return self._problem(422, "Unprocessable Entity", "The amount is higher than the maximum", field="amount")  # fmt: skip
        made = self._new_refund(
            payment, amount, self.next_status, body.get("description", ""), body.get("metadata")
        )
        return Reply(201, self._refund(made))

    def _new_refund(
        self, payment: Payment, amount: int, status: str, description: str, metadata: Any
    ) -> Refund:
        key = f"re_{next(self._numbers):010d}"
        made = Refund(key, payment, amount, status, self.clock(), description, metadata)
        self.refunds[key] = made
        return made

    def _create_capture(self, payment: Payment, request: Request) -> Reply:
        amount = _minor(_json(request).get("amount"), payment.currency)
        if payment.status != "authorized" or amount is None or amount > payment.amount - payment.captured:  # fmt: skip
            return self._problem(422, "Unprocessable Entity", "The capture amount is too high", field="amount")  # fmt: skip
        key = f"cpt_{next(self._numbers):010d}"
        metadata = _json(request).get("metadata")
        made = Capture(key, payment, amount, self.next_capture, metadata, self.clock())
        self.captures[key] = made
        if made.status == "succeeded":
            self._take(made)
        return Reply(201, self._captured(made))

    def _take(self, capture: Capture) -> None:
        capture.payment.captured += capture.amount
        if capture.payment.captured == capture.payment.amount:
            capture.payment.status = "paid"

    def _captured(self, c: Capture) -> dict[str, Any]:
        return {
            "resource": "capture", "id": c.id, "mode": "test", "amount": _money(c.amount, c.payment.currency), "status": c.status,
            "metadata": c.metadata, "paymentId": c.payment.id, "createdAt": c.created_at.isoformat(timespec="seconds"),
        }  # fmt: skip

    def _release(self, payment: Payment) -> Reply:
        if payment.status != "authorized":
            return self._problem(422, "Unprocessable Entity", "The payment is not authorized")
        payment.status = "paid" if payment.captured else "canceled"
        return Reply(202, {})

    def _payment(self, p: Payment) -> dict[str, Any]:
        found: dict[str, Any] = {
            "resource": "payment", "id": p.id, "mode": "test", "createdAt": p.created_at.isoformat(timespec="seconds"),
            "amount": _money(p.amount, p.currency), "description": "Order", "method": "ideal", "metadata": None,
            "status": p.status, "profileId": "pfl_QkEhN94Ba", "sequenceType": "oneoff", "redirectUrl": None, "webhookUrl": None,
            "_links": {"self": {"href": f"{self.url}/v2/payments/{p.id}", "type": "application/hal+json"}, "dashboard": {"href": "x", "type": "text/html"}},
        }  # fmt: skip
        if p.is_manual:
            found["captureMode"] = "manual"
        if p.status in {"authorized", "paid"}:
            found["amountCaptured"] = _money(p.captured, p.currency)
            found["amountRefunded"] = _money(self.money_out(p.id), p.currency)
        if p.charged_back:
            found["amountChargedBack"] = _money(p.charged_back, p.currency)
        if p.capture_before:
            found["captureBefore"] = p.capture_before.isoformat(timespec="seconds")
        return found

    def _refund(self, r: Refund) -> dict[str, Any]:
        link = {"type": "application/hal+json"}
        return {
            "resource": "refund", "id": r.id, "mode": "test", "description": r.description,
            "amount": _money(r.amount, r.payment.currency), "status": r.status, "metadata": r.metadata,
            "paymentId": r.payment.id, "createdAt": r.created_at.isoformat(timespec="seconds"),
            "_links": {"self": {"href": f"{self.url}/v2/payments/{r.payment.id}/refunds/{r.id}", **link}, "payment": {"href": f"{self.url}/v2/payments/{r.payment.id}", **link}},
        }  # fmt: skip

    def _list(self, name: str, items: list[dict[str, Any]], following: str) -> dict[str, Any]:
        link = {"href": following, "type": "application/hal+json"} if following else None
        own = {"href": f"{self.url}/v2/{name}", "type": "application/hal+json"}
        return {
            "count": len(items),
            "_embedded": {name: items},
            "_links": {"self": own, "previous": None, "next": link},
        }

    def _paged(self, request: Request, name: str, items: list[dict[str, Any]]) -> Reply:
        newest = items[::-1]
        start = request.value("from")
        first = next((i for i, item in enumerate(newest) if item["id"] == start), 0)
        size = min(self.page, int(request.value("limit", "50")))
        shown, rest = newest[first : first + size], newest[first + size :]
        following = f"{self.url}{request.path}?from={rest[0]['id']}&limit={size}" if rest else ""
        return Reply(200, self._list(name, shown, following))


def _json(request: Request) -> dict[str, Any]:
    found = json.loads(request.body or b"{}")
    return found if isinstance(found, dict) else {}


def _minor(amount: Any, currency: str) -> int | None:
    if not isinstance(amount, dict) or amount.get("currency") != currency:
        return None
    places = {"JPY": 0, "KWD": 3}.get(currency, 2)
    value = Decimal(amount["value"])
    # Mollie checks the number of decimals per currency.
    if -int(value.as_tuple().exponent) != places or value <= 0:
        return None
    return int(value.scaleb(places))
