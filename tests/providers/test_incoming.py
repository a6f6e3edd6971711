"""Messages of providers: they only say that it is time to look; doubled, shuffled, late and forged ones change nothing else."""

import random
from typing import Any

import pytest
from django.test import Client

from orderwerk.core import sql
from orderwerk.core.relay import relay_once
from orderwerk.flows.look_at_payments import look_at_payments
from orderwerk.integrations.payment_providers.registry import PROVIDERS
from orderwerk.payments.commands.set_accounts import AccountItem, set_payment_accounts
from tests import build
from tests.doubles.shop import Connected, held, refund


def tell(shop: Connected, payment: str, **signed: Any) -> int:
    """Deliver the provider's message about a payment as it would."""
    client = Client(raise_request_exception=True)
    body, extra = shop.double.notice(payment, **signed)
    if shop.provider == "mollie":
        return client.post(shop.hook, body, content_type=extra).status_code
    return client.post(shop.hook, body, content_type="application/json", headers=extra).status_code


def _payment_of(key: Any) -> str:
    [(reference,)] = sql.fetch(
        "select p.reference from refunds_refund r join payments_payment p on p.id = r.payment_id where r.id = %s",
        (key,),
    )
    return str(reference)


def _agenda() -> list[Any]:
    return sql.fetch("select asked, seen, due_at is not null from payments_look")


def _pending(shop: Connected) -> Any:
    shop.double.next_status = "pending"
    key = shop.handed_over(shop.order())
    shop.send(key)
    return key


def _finish(shop: Connected, key: Any, status: str = "") -> None:
    done = {"mollie": "refunded", "stripe": "succeeded"}[shop.provider]
    shop.double.move(refund(key)["reference"], status or done)


def test_a_message_leads_to_a_look_by_a_job_of_its_own(shop: Connected) -> None:
    key = _pending(shop)
    _finish(shop, key)

    assert tell(shop, _payment_of(key)) == 200
    relay_once()

    jobs = sql.fetch("select task_name from procrastinate_jobs where task_name = 'payments.look'")
    assert jobs == [("payments.look",)]
    look_at_payments(PROVIDERS)
    assert refund(key)["status"] == "succeeded"


def test_a_message_says_nothing_that_is_believed(shop: Connected) -> None:
    key = _pending(shop)

    assert tell(shop, _payment_of(key)) == 200
    look_at_payments(PROVIDERS)

    assert refund(key)["status"] == "submitted"


# Two hundred and fifty orders of them at each of the two providers in the slow set; a few in every run.
ORDERS = [*range(3), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(3, 250))]


@pytest.mark.parametrize("seed", ORDERS)
def test_doubled_and_shuffled_messages_end_in_the_same_state(shop: Connected, seed: int) -> None:
    keys = [_pending(shop) for _ in range(3)]
    orders = [row[0] for row in sql.fetch("select order_id from refunds_refund order by number")]
    messages = [_payment_of(key) for key in keys for _ in range(4)]
    random.Random(seed).shuffle(messages)
    for index, payment in enumerate(messages):
        assert tell(shop, payment) == 200
        if index == 5:
            _finish(shop, keys[0])
            _finish(shop, keys[1], "failed")
        if index % 3 == 0:
            look_at_payments(PROVIDERS)

    for payment in messages:
        tell(shop, payment)
    look_at_payments(PROVIDERS)

    assert [refund(key)["status"] for key in keys] == ["succeeded", "failed", "submitted"]
    assert [held(order) for order in orders] == [(1200, 1200), (0, 0), (1200, 0)]
    versions = sql.fetch("select version from refunds_refund order by number")
    assert [row[0] for row in versions] == [5, 5, 4]


def test_a_message_during_a_look_leads_to_another_look(mollie: Connected) -> None:
    key = _pending(mollie)
    payment = _payment_of(key)

    class Meanwhile:
        """The provider, with a message that comes while it answers."""

        def look(self, account: Any, reference: str) -> Any:
            report = PROVIDERS["mollie"].look(account, reference)
            _finish(mollie, key)
            tell(mollie, payment)
            return report

    tell(mollie, payment)
    look_at_payments({"mollie": Meanwhile()})  # type: ignore[dict-item]

    assert refund(key)["status"] == "submitted"
    assert _agenda()[0][2] is True
    look_at_payments(PROVIDERS)
    assert refund(key)["status"] == "succeeded"


def test_a_lost_message_is_made_up_for_by_asking(shop: Connected) -> None:
    key = _pending(shop)
    _finish(shop, key)
    assert look_at_payments(PROVIDERS) == 0

    sql.execute("update payments_look set due_at = due_at - interval '5 minutes'")
    look_at_payments(PROVIDERS)

    assert refund(key)["status"] == "succeeded"
    assert _agenda() == [(0, 0, False)]


@pytest.mark.hangs
def test_a_provider_that_does_not_answer_is_asked_again(shop: Connected) -> None:
    key = _pending(shop)
    _finish(shop, key)
    tell(shop, _payment_of(key))
    shop.double.fail("500_before", "garbage_before", "hang_before", on="get_refunds")

    for _ in range(3):
        look_at_payments(PROVIDERS)
        assert refund(key)["status"] == "submitted"
        sql.execute("update payments_look set due_at = now()")
    look_at_payments(PROVIDERS)

    assert refund(key)["status"] == "succeeded"


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "application/x-www-form-urlencoded"),
        (b"id=tr_1&id=tr_2", "application/x-www-form-urlencoded"),
        (b"id=re_1", "application/x-www-form-urlencoded"),
        (b"id=tr_1%00", "application/x-www-form-urlencoded"),
        (b"id=tr_" + b"1" * 200, "application/x-www-form-urlencoded"),
        (b"\xff\xfe", "application/x-www-form-urlencoded"),
        (b'{"data": {"object": {"id": "pi_1"}}}', "application/json"),
        (b"[]", "application/json"),
        (b"\x00" * 100, "application/json"),
    ],
)
def test_what_is_no_message_is_turned_away(shop: Connected, body: bytes, kind: str) -> None:
    answer = Client().post(shop.hook, body, content_type=kind)

    # Stripe signs what it says: what is not signed is nobody's. Mollie signs nothing.
    assert answer.status_code == {"mollie": 400, "stripe": 401}[shop.provider]
    assert _agenda() == []


def test_an_address_that_was_never_given_out_is_not_there(shop: Connected) -> None:
    other = {"mollie": "stripe", "stripe": "mollie"}[shop.provider]
    token = shop.hook.rsplit("/", 1)[1]
    forged = ["x", token[:-1], token + "A", "A" * 43, token[::-1], token.swapcase(), "\x00" * 43]
    paths = [f"/api/v1/incoming/{shop.provider}/{part}" for part in forged]
    body = b"id=tr_0000000001"

    answers = [
        Client().post(path, body, content_type="application/x-www-form-urlencoded").status_code
        for path in [*paths, f"/api/v1/incoming/{other}/{token}", f"/api/v1/incoming/none/{token}"]
    ]

    assert set(answers) == {404}
    assert Client().get(shop.hook).status_code == 405
    assert Client().post(shop.hook, b"x" * 300_000, content_type="text/plain").status_code == 413
    assert _agenda() == []


def test_an_account_out_of_use_takes_no_messages(shop: Connected) -> None:
    item = AccountItem(shop=shop.world.shop, provider=shop.provider, is_active=False)  # type: ignore[arg-type]
    set_payment_accounts([item], actor=build.TESTER)[0].require()

    assert tell(shop, shop.double.pay(100)) == 404


def test_a_signature_of_somebody_else_or_of_long_ago_is_turned_away(stripe: Connected) -> None:
    payment = stripe.double.pay(1000)

    assert tell(stripe, payment, secret="whsec_other") == 401
    assert tell(stripe, payment, age=400) == 401
    assert _agenda() == []
    assert tell(stripe, payment) == 200
    item = AccountItem(shop=stripe.world.shop, provider="stripe", signing_secret=None)
    set_payment_accounts([item], actor=build.TESTER)[0].require()
    assert tell(stripe, payment) == 401


def test_a_payment_that_the_provider_does_not_know_is_forgotten(shop: Connected) -> None:
    other = {"mollie": "tr_unknown", "stripe": "pi_unknown"}[shop.provider]
    key = shop.double.pay(1000)
    body, extra = shop.double.notice(key)
    body = body.replace(key, other)
    if shop.provider == "mollie":
        Client().post(shop.hook, body, content_type=extra)
        look_at_payments(PROVIDERS)
        assert _agenda() == [(1, 1, False)]
    else:
        assert Client().post(shop.hook, body, content_type="application/json", headers=extra).status_code == 401  # fmt: skip
