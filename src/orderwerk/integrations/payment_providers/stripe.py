"""Stripe, on its own client (stripe): refunds, payment intents and charges; messages are signed and name what to look at."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import UUID

import stripe
from typing_extensions import override

from orderwerk.core.decode import load_json
from orderwerk.core.errors import BadInput, Refusal
from orderwerk.integrations.payment_providers.calling import base_url, call
from orderwerk.integrations.payment_providers.stripe_amounts import from_stripe, to_stripe
from orderwerk.payments.ports import (
    Account,
    CaptureOrder,
    CaptureReport,
    Declined,
    NotThere,
    PaymentReport,
    PaymentWord,
    RefundOrder,
    RefundReport,
    RefundWord,
    Unclear,
)

T = TypeVar("T")
Json = Mapping[str, Any]
_OWN = "https://api.stripe.com"
_CHARGE_WORDS: dict[str, PaymentWord] = {
    "succeeded": "paid",
    "pending": "pending",
    "failed": "failed",
}
# Of these the money is gone, or held back until the dispute ends.
_TAKEN = frozenset({"needs_response", "under_review", "lost"})
_NAME = re.compile(r"(pi|ch|py)_[A-Za-z0-9]{1,80}")
_PAGE = 100
_TOLERANCE_SECONDS = 300
_REFUND_WORDS: dict[str, RefundWord] = {
    "pending": "pending", "requires_action": "pending", "succeeded": "succeeded", "failed": "failed", "canceled": "failed",
}  # fmt: skip
_INTENT_WORDS: dict[str, PaymentWord] = {
    "requires_payment_method": "pending", "requires_confirmation": "pending", "requires_action": "pending",
    "processing": "pending", "requires_capture": "authorized", "succeeded": "paid", "canceled": "failed",
}  # fmt: skip


class _Through(stripe.HTTPClient):
    """core.http in place of the connections and retries of Stripe's client."""

    name = "orderwerk"

    @override
    def request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None,
        post_data: Any = None,
        *,
        _usage: list[str] | None = None,
    ) -> tuple[str, int, Mapping[str, str]]:
        content = post_data.encode() if isinstance(post_data, str) else post_data
        answer = call(method.upper(), url, headers or {}, content)
        return answer.text, answer.status_code, answer.headers

    @override
    def close(self) -> None:
        """Nothing is kept open."""


def _client(account: Account) -> stripe.StripeClient:
    return stripe.StripeClient(
        account.key,
        base_addresses={"api": base_url("stripe", _OWN)},
        http_client=_Through(),
        max_network_retries=0,
    )


def _asked(ask: Callable[[], T]) -> T:
    """Ask through the client; sorts its errors by whether anything may have happened."""
    try:
        return ask()
    except stripe.IdempotencyError as error:
        raise Unclear(str(error)[:300], retryable=True) from error
    except (stripe.InvalidRequestError, stripe.CardError) as error:
        text = str(error.user_message or error)[:300]
        if error.http_status == 404:
            raise NotThere(text, retryable=False) from error
        raise Declined(text, retryable=False) from error
    except (stripe.StripeError, BadInput, KeyError, TypeError, ValueError, AttributeError) as error:
        raise Unclear(
            f"The provider's answer cannot be read: {str(error)[:200]}", retryable=True
        ) from error


class Stripe:
    """The port for Stripe."""

    name = "stripe"

    def refund(self, account: Account, order: RefundOrder) -> RefundReport:
        """See PaymentProvider."""
        params: Any = {
            **_named(order.payment_reference),
            "amount": to_stripe(order.amount, order.currency),
            "metadata": {
                "orderwerk_refund": str(order.refund_id),
                "orderwerk_key": str(order.key),
                "number": order.number,
            },
        }
        options: Any = {"idempotency_key": str(order.key)}
        return _asked(
            lambda: _refund(
                _client(account).v1.refunds.create(params, options), order.payment_reference
            )
        )

    def look(self, account: Account, payment_reference: str) -> PaymentReport:
        """See PaymentProvider."""

        def ask() -> PaymentReport:
            client, named = _client(account), _named(payment_reference)
            params: Any = {**named, "limit": _PAGE}
            listed = client.v1.refunds.list(params)
            refunds = [_refund(item, payment_reference) for item in listed.auto_paging_iter()]
            if "charge" in named:
                charge = client.v1.charges.retrieve(payment_reference)
                report = replace(_charge(charge, refunds), captures=_captures_of(client, charge))
            else:
                expand: Any = {"expand": ["latest_charge"]}
                found = client.v1.payment_intents.retrieve(payment_reference, expand)
                report = _intent(found, refunds)
            # A charge stays "disputed" when the dispute was won; only the disputes themselves say what was taken.
            return (
                replace(report, charged_back=_taken(client, named))
                if report.charged_back
                else report
            )

        return _asked(ask)

    def capture(self, account: Account, order: CaptureOrder) -> str:
        """See PaymentProvider. What is not captured with the first capture is released, as Stripe does without multicapture."""
        taken = to_stripe(order.amount, order.currency)
        params: Any = {"amount_to_capture": taken, "metadata": {"orderwerk_key": str(order.key)}}  # fmt: skip
        options: Any = {"idempotency_key": str(order.key)}

        def ask() -> str:
            client = _client(account)
            name = _intent_name(client, order.payment_reference)
            return str(
                client.v1.payment_intents.capture(name, params, options).latest_charge or name
            )

        return _asked(ask)

    def release(self, account: Account, order: CaptureOrder) -> None:
        """See PaymentProvider."""
        options: Any = {"idempotency_key": str(order.key)}

        def ask() -> str:
            client = _client(account)
            name = _intent_name(client, order.payment_reference)
            return str(client.v1.payment_intents.cancel(name, {}, options).id)

        _asked(ask)

    def refunds_since(self, account: Account, start: datetime) -> list[RefundReport]:
        """See PaymentProvider."""
        params: Any = {"created": {"gte": int(start.timestamp())}, "limit": _PAGE}
        return _asked(
            lambda: [
                _refund(item, "")
                for item in _client(account).v1.refunds.list(params).auto_paging_iter()
            ]
        )

    def payments_since(self, account: Account, start: datetime) -> list[PaymentReport]:
        """See PaymentProvider."""
        params: Any = {
            "created": {"gte": int(start.timestamp())},
            "limit": _PAGE,
            "expand": ["data.latest_charge"],
        }
        return _asked(
            lambda: [
                _intent(item, [])
                for item in _client(account).v1.payment_intents.list(params).auto_paging_iter()
            ]
        )

    def who(self, account: Account) -> str:
        """See PaymentProvider."""
        currencies = _asked(
            lambda: [part["currency"] for part in _client(account).v1.balance.retrieve()["available"]]
        )  # fmt: skip
        return ", ".join(str(code).upper() for code in currencies)

    def references(self, account: Account, headers: Mapping[str, str], body: bytes) -> list[str]:
        """See PaymentProvider. Only what Stripe signed in the last five minutes; even that is looked at, never believed."""
        if not account.signing_secret:
            raise BadInput("No signing secret is set for this account.", code="invalid_signature")
        try:
            text = body.decode()
            stripe.WebhookSignature.verify_header(
                text, headers.get("stripe-signature", ""), account.signing_secret, _TOLERANCE_SECONDS
            )  # fmt: skip
        except (stripe.SignatureVerificationError, ValueError) as error:
            raise BadInput("Stripe has not signed this.", code="invalid_signature") from error
        return _names_in(text)


def _names_in(text: str) -> list[str]:
    """Return the payments that an event's object is, or belongs to."""
    try:
        found = load_json(text.encode())["data"]["object"]
        values = [found.get("id"), found.get("payment_intent"), found.get("charge")]
    except (Refusal, KeyError, TypeError, AttributeError) as error:
        raise BadInput("This message names nothing.", code="invalid_message") from error
    return [value for value in values if isinstance(value, str) and _NAME.fullmatch(value)]


def _taken(client: stripe.StripeClient, named: dict[str, str]) -> int:
    params: Any = {**named, "limit": _PAGE}
    disputes = client.v1.disputes.list(params).auto_paging_iter()
    return sum(
        from_stripe(item["amount"], item["currency"])
        for item in disputes
        if item["status"] in _TAKEN
    )


def _intent_name(client: stripe.StripeClient, reference: str) -> str:
    """Return the payment intent of a payment that may be known by its charge; only intents are captured and cancelled."""
    if "payment_intent" in _named(reference):
        return reference
    return str(client.v1.charges.retrieve(reference).payment_intent or reference)


def _named(reference: str) -> dict[str, str]:
    if not _NAME.fullmatch(reference):
        raise NotThere(
            f"{reference!r} is no payment intent or charge of Stripe's.", retryable=False
        )
    return {"payment_intent" if reference.startswith("pi_") else "charge": reference}


def _ours(item: Json, name: str) -> UUID | None:
    text = _part(item, "metadata").get(name)
    try:
        return UUID(str(text)) if text else None
    except ValueError:
        return None


def _at(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _plain(item: stripe.StripeObject) -> Json:
    """Stripe's objects behave like dicts in some ways only."""
    return item.to_dict()


def _refund(found: stripe.StripeObject, asked_for: str) -> RefundReport:
    item = _plain(found)
    return RefundReport(
        reference=str(item["id"]),
        payment_reference=asked_for or str(item["payment_intent"] or item["charge"]),
        other_payment_reference=str(_part(item, "charge") or ""),
        status=_REFUND_WORDS[item["status"]],
        word=str(item["status"]),
        amount=from_stripe(item["amount"], item["currency"]),
        currency=str(item["currency"]).upper(),
        created_at=_at(item["created"]),
        refund_id=_ours(item, "orderwerk_refund"),
        key=_ours(item, "orderwerk_key"),
        note=str(_part(item, "failure_reason") or ""),
    )


def _intent(found: stripe.StripeObject, refunds: Iterable[RefundReport]) -> PaymentReport:
    item = _plain(found)
    charge = item.get("latest_charge")
    inner: Json = charge if isinstance(charge, dict) else {}
    return PaymentReport(
        reference=str(item["id"]),
        status=_INTENT_WORDS[item["status"]],
        amount=from_stripe(item["amount"], item["currency"]),
        captured=from_stripe(item["amount_received"], item["currency"]),
        charged_back=from_stripe(inner["amount"], item["currency"]) if inner.get("disputed") else 0,
        currency=str(item["currency"]).upper(),
        method=_method(inner),
        created_at=_at(item["created"]),
        refunds=list(refunds),
        capture_before=_capture_before(inner),
        same=[str(inner["id"])] if "id" in inner else [],
        captures=_captures(item),
    )


def _captures(item: Json) -> list[CaptureReport]:
    """Return the one capture of an intent; it carries our key in the intent's own metadata."""
    key = _ours(item, "orderwerk_key")
    taken = from_stripe(item["amount_received"], item["currency"])
    if key is None or not taken:
        return []
    return [CaptureReport(str(item["id"]), "succeeded", str(item["status"]), taken, key)]


def _captures_of(client: stripe.StripeClient, charge: stripe.Charge) -> list[CaptureReport]:
    intent = charge.payment_intent
    if not intent or not charge.captured:
        return []
    return _captures(_plain(client.v1.payment_intents.retrieve(str(intent))))


def _charge(found: stripe.StripeObject, refunds: Iterable[RefundReport]) -> PaymentReport:
    item = _plain(found)
    status = _CHARGE_WORDS[item["status"]]
    if status == "paid" and not item["captured"]:
        status = "authorized"
    return PaymentReport(
        reference=str(item["id"]),
        status=status,
        amount=from_stripe(item["amount"], item["currency"]),
        captured=from_stripe(item["amount_captured"], item["currency"]),
        charged_back=from_stripe(item["amount"], item["currency"]) if item["disputed"] else 0,
        currency=str(item["currency"]).upper(),
        method=_method(item),
        created_at=_at(item["created"]),
        refunds=list(refunds),
        capture_before=_capture_before(item),
        same=[str(item["payment_intent"])] if item.get("payment_intent") else [],
        main=str(item.get("payment_intent") or ""),
    )


def _part(item: Json, name: str) -> Any:  # noqa: ANN401 - any JSON value
    return item.get(name) or {}


def _method(charge: Json) -> str:
    return str(_part(_part(charge, "payment_method_details"), "type") or "")


def _capture_before(charge: Json) -> datetime | None:
    before = _part(_part(_part(charge, "payment_method_details"), "card"), "capture_before")
    return _at(before) if before else None
