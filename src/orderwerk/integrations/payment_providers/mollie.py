"""Mollie, on its own client (mollie-api-python): refunds, payments, captures; a message names a payment and nothing else."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import parse_qs
from uuid import UUID

from mollie.api.client import Client
from mollie.api.error import (
    Error,
    IdentifierError,
    NotFoundError,
    RequestSetupError,
    ResponseError,
)
from mollie.api.objects.payment import Payment
from typing_extensions import override

from orderwerk.core.errors import BadInput
from orderwerk.core.money import exponent, format_amount, parse_amount
from orderwerk.integrations.payment_providers.calling import base_url, call
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
_OWN = "https://api.mollie.com"
_PAYMENT = re.compile(r"tr_[A-Za-z0-9]{1,60}")
_PAGE = 250
_MOST_PAGES = 400
_REFUND_WORDS: dict[str, RefundWord] = {
    "queued": "pending", "pending": "pending", "processing": "pending", "refunded": "succeeded", "failed": "failed",
    "canceled": "failed",
}  # fmt: skip
_PAYMENT_WORDS: dict[str, PaymentWord] = {
    "open": "pending", "pending": "pending", "authorized": "authorized", "paid": "paid", "canceled": "failed",
    "failed": "failed", "expired": "expired",
}  # fmt: skip


class _Through(Client):
    """Mollie's client, with core.http in place of its own connections and retries."""

    # What comes back has the parts of a response of `requests` that the client uses.
    @override
    def perform_http_call(
        self,
        http_method: str,
        path: str,
        data: dict[str, Any] | None = None,
        params: dict[str, Any] | None = None,
        idempotency_key: str = "",
    ) -> Any:
        url, payload, _ = self._format_request_data(path, data, params, http_method)
        headers = {
            "Accept": "application/json",
            "Authorization": f"Bearer {self.api_key}",
            "Content-Type": "application/json",
            "User-Agent": self.user_agent,
        }
        if idempotency_key:
            headers["Idempotency-Key"] = idempotency_key
        return call(http_method, url, headers, payload.encode() if payload else None)


def _client(account: Account) -> Any:  # noqa: ANN401 - the library has no types
    client = _Through(api_endpoint=base_url("mollie", _OWN))
    client.set_api_key(account.key)
    return client


def _named(account: Account, reference: str) -> Any:  # noqa: ANN401 - the library has no types
    """Return a payment by name, without asking for it: what belongs to it can be made all the same."""
    return Payment({"id": reference}, _client(account))  # type: ignore[no-untyped-call]


def _asked(ask: Callable[[], T]) -> T:
    """Ask through the client; sorts its errors by whether anything may have happened."""
    try:
        return ask()
    except (NotFoundError, IdentifierError) as error:
        raise NotThere(str(error), retryable=False) from error
    except RequestSetupError as error:
        raise Declined(str(error), retryable=False) from error
    except ResponseError as error:
        # 409: the same refund a moment ago, which may be this one (Mollie's guard against double clicks).
        if error.status == 409:
            raise Unclear(str(error), retryable=True) from error
        raise Declined(str(error), retryable=False) from error
    except (Error, BadInput, KeyError, TypeError, ValueError, AttributeError) as error:
        raise Unclear(
            f"The provider's answer cannot be read: {str(error)[:200]}", retryable=True
        ) from error


class Mollie:
    """The port for Mollie."""

    name = "mollie"

    def refund(self, account: Account, order: RefundOrder) -> RefundReport:
        """See PaymentProvider."""
        body = {
            "amount": {"currency": order.currency, "value": format_amount(order.amount, order.currency)},
            "description": order.number,
            "metadata": {"orderwerk_refund": str(order.refund_id), "orderwerk_key": str(order.key)},
        }  # fmt: skip

        def ask() -> RefundReport:
            payment = _named(account, order.payment_reference)
            return _refund(payment.refunds.create(body, idempotency_key=str(order.key)))

        return _asked(ask)

    def look(self, account: Account, payment_reference: str) -> PaymentReport:
        """See PaymentProvider."""

        def ask() -> PaymentReport:
            client = _client(account)
            payment = client.payments.get(payment_reference)
            refunds = [_refund(item) for item in _pages(payment.refunds.list(limit=_PAGE))]
            report = _payment(payment, refunds)
            if report.status != "authorized" and payment.get("captureMode") != "manual":
                return report
            found = [_capture(item) for item in _pages(payment.captures.list(limit=_PAGE))]
            return replace(report, captures=found)

        return _asked(ask)

    def capture(self, account: Account, order: CaptureOrder) -> str:
        """See PaymentProvider."""
        body = {
            "amount": {"currency": order.currency, "value": format_amount(order.amount, order.currency)},
            "description": order.number,
            "metadata": {"orderwerk_key": str(order.key)},
        }  # fmt: skip

        def ask() -> str:
            payment = _named(account, order.payment_reference)
            return str(payment.captures.create(body, idempotency_key=str(order.key))["id"])

        return _asked(ask)

    def release(self, account: Account, order: CaptureOrder) -> None:
        """See PaymentProvider."""
        _asked(
            lambda: _client(account).payments.release_authorization(
                order.payment_reference, idempotency_key=str(order.key)
            )
        )

    def refunds_since(self, account: Account, start: datetime) -> list[RefundReport]:
        """See PaymentProvider."""
        return _asked(
            lambda: _until(start, map(_refund, _pages(_client(account).refunds.list(limit=_PAGE))))
        )

    def payments_since(self, account: Account, start: datetime) -> list[PaymentReport]:
        """See PaymentProvider."""
        return _asked(
            lambda: _until(
                start,
                (_payment(item, ()) for item in _pages(_client(account).payments.list(limit=_PAGE))),
            )
        )  # fmt: skip

    def who(self, account: Account) -> str:
        """See PaymentProvider. An API key may not read the organisation, only the methods that it can be paid with."""
        methods = _asked(lambda: [str(item["id"]) for item in _client(account).methods.list()])
        return ", ".join(methods)

    def references(self, account: Account, headers: Mapping[str, str], body: bytes) -> list[str]:  # noqa: ARG002 - the port's signature
        """See PaymentProvider. Mollie posts `id=tr_…` and signs nothing: it is looked at, never believed."""
        try:
            found = parse_qs(body.decode("ascii"), strict_parsing=True, max_num_fields=5)
        except ValueError as error:
            raise BadInput("This is no message of Mollie's.", code="invalid_message") from error
        names = found.get("id", [])
        if len(names) != 1 or not _PAYMENT.fullmatch(names[0]):
            raise BadInput("This message names no payment.", code="invalid_message")
        return names


def _pages(first: Any) -> Iterable[Any]:  # noqa: ANN401 - the library has no types
    page = first
    for _ in range(_MOST_PAGES):
        yield from page
        if not page.has_next():
            return
        page = page.get_next()


R = TypeVar("R", RefundReport, PaymentReport)


def _until(start: datetime, reports: Iterable[R]) -> list[R]:
    """Mollie lists the newest first: take what is not older than an instant."""
    found: list[R] = []
    for report in reports:
        if report.created_at < start:
            break
        found.append(report)
    return found


def _minor(amount: Mapping[str, str] | None) -> int:
    """Return our minor units of an amount; decimals that we do not count are left out, so that nothing is counted too high."""
    if not amount:
        return 0
    whole, _, fraction = amount["value"].lstrip("-").partition(".")
    known = fraction[: exponent(amount["currency"])]
    return parse_amount(f"{whole}.{known}" if known else whole, amount["currency"])


def _instant(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("an instant without an offset")
    return moment


def _ours(metadata: object, name: str) -> UUID | None:
    text = metadata.get(name) if isinstance(metadata, Mapping) else None
    try:
        return UUID(str(text)) if text else None
    except ValueError:
        return None


def _refund(item: Mapping[str, Any]) -> RefundReport:
    metadata = item.get("metadata")
    return RefundReport(
        reference=str(item["id"]),
        payment_reference=str(item["paymentId"]),
        status=_REFUND_WORDS[item["status"]],
        word=str(item["status"]),
        amount=_minor(item["amount"]),
        currency=str(item["amount"]["currency"]),
        created_at=_instant(item["createdAt"]),
        refund_id=_ours(metadata, "orderwerk_refund"),
        key=_ours(metadata, "orderwerk_key"),
    )


def _capture(item: Mapping[str, Any]) -> CaptureReport:
    status = str(item["status"])
    if status not in {"pending", "succeeded", "failed"}:
        raise ValueError(f"a capture that is {status}")
    return CaptureReport(
        reference=str(item["id"]),
        status=status,  # type: ignore[arg-type] # one of the three
        word=status,
        amount=_minor(item["amount"]),
        key=_ours(item.get("metadata"), "orderwerk_key"),
    )


def _payment(item: Mapping[str, Any], refunds: Iterable[RefundReport]) -> PaymentReport:
    amount, status = _minor(item["amount"]), _PAYMENT_WORDS[item["status"]]
    taken = item.get("amountCaptured")
    before = item.get("captureBefore")
    return PaymentReport(
        reference=str(item["id"]),
        status=status,
        amount=amount,
        captured=_minor(taken) if taken else (amount if status == "paid" else 0),
        charged_back=_minor(item.get("amountChargedBack")),
        currency=str(item["amount"]["currency"]),
        method=str(item.get("method") or ""),
        created_at=_instant(item["createdAt"]),
        refunds=list(refunds),
        capture_before=_instant(before) if before else None,
    )
