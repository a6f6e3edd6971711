"""What is held against the providers' own documents is really held: what they do not know is found."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.doubles.specs import Spec, broken, spec
from tests.doubles.wire import Reply, Request

SHARED = os.environ.get("ORDERWERK_SHARED_DATA")
pytestmark = pytest.mark.skipif(
    SHARED is None, reason="ORDERWERK_SHARED_DATA is not set: no documents of providers to hold against"
)  # fmt: skip
REFUND = {
    "resource": "refund", "id": "re_1", "mode": "test", "description": "x", "amount": {"value": "10.00", "currency": "EUR"},
    "status": "pending", "metadata": None, "paymentId": "tr_1", "createdAt": "2026-01-02T10:00:00+00:00",
}  # fmt: skip
ASKED = {"amount": {"value": "10.00", "currency": "EUR"}, "description": "x"}


def mollie(asked: dict[str, Any], answered: dict[str, Any], path: str = "refunds") -> list[str]:
    request = Request("POST", f"/v2/payments/tr_1/{path}", [], {}, json.dumps(asked).encode())
    return broken(_spec("mollie"), request, Reply(201, answered))


def stripe(form: str, answered: dict[str, Any], query: str = "") -> list[str]:
    asked = [(query, "1")] if query else []
    return broken(_spec("stripe"), Request("POST", "/v1/refunds", asked, {}, form.encode()), Reply(200, answered))  # fmt: skip


def _spec(provider: str) -> Spec:
    return spec(Path(str(SHARED)) / "specs", provider)


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        ({"invented": 1}, {}),
        ({"amount": "10.00"}, {}),
        ({}, {"status": "invented"}),
        ({}, {"invented": 1}),
        ({}, {"amount": {"value": 10, "currency": "EUR"}}),
        ({}, {"createdAt": None}),
    ],
)
def test_what_mollie_does_not_know_is_found(
    asked: dict[str, Any], answered: dict[str, Any]
) -> None:
    assert mollie(ASKED, REFUND) == []
    assert mollie({**ASKED, **asked}, {**REFUND, **answered}) != []


def test_what_stripe_does_not_know_is_found() -> None:
    good = {"id": "re_1", "object": "refund", "amount": 1000, "currency": "eur", "status": "pending", "created": 1}  # fmt: skip
    form = "payment_intent=pi_1&amount=1000&metadata[x]=y"

    assert stripe(form, good) == []
    assert len(stripe(f"{form}&invented=1", good)) == 1
    assert len(stripe(form, {**good, "invented": 1})) == 1
    assert len(stripe(form, {**good, "amount": "1000"})) == 1
    assert len(stripe(form, good, "invented")) == 1


def test_an_operation_that_is_none_is_found() -> None:
    with pytest.raises(AssertionError, match="is no operation"):
        mollie(ASKED, REFUND, "invented")
