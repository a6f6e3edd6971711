"""The sandbox of the demo: a webshop that sells and providers that pay, over HTTP and with all their moods."""

import random
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click
import pytest
from pytest_django.live_server_helper import LiveServer

import orderwerk
from lab.sandbox.api import Api
from lab.sandbox.memory import recall, remember
from lab.sandbox.outside import Outside
from orderwerk.accounts.commands.create_token import NewToken, create_tokens
from orderwerk.accounts.rules import SCOPES
from orderwerk.cli.sandbox import beside
from orderwerk.config.env import load
from orderwerk.config.supervisor import Layout, Supervisor
from orderwerk.core import sql
from orderwerk.core.relay import relay_once
from orderwerk.flows.look_at_payments import look_at_payments
from orderwerk.integrations.payment_providers.registry import PROVIDERS
from orderwerk.payments.looks import watch_open_payments
from orderwerk.refunds.commands.approve import ApproveRefundItem, approve_refunds
from orderwerk.refunds.commands.submit import SubmitRefundItem, submit_refunds
from orderwerk.refunds.sending import send_due
from tests import build
from tests.doubles.mollie import MollieDouble
from tests.doubles.shop import hurry
from tests.doubles.stripe import StripeDouble
from tests.doubles.wire import serving
from tests.providers.test_sending import healthy

Doubles = dict[str, Any]


@pytest.fixture
def doubles(transactional_db: None, settings: Any) -> Iterator[Doubles]:
    with serving(MollieDouble()) as mollie, serving(StripeDouble()) as stripe:
        settings.ORDERWERK_PROVIDER_URLS = {"mollie": mollie.url, "stripe": stripe.url}
        yield {"mollie": mollie, "stripe": stripe}


@pytest.fixture
def outside(doubles: Doubles, live_server: LiveServer) -> Outside:
    world = build.world(stock=1000)
    made = create_tokens([NewToken(name="sandbox", scopes=tuple(SCOPES))], actor=build.TESTER)[0]
    token = str(made.require().data["token"])
    port = urlsplit(live_server.url).port
    assert port is not None
    found = Outside(Api(port, lambda: token), doubles, random.Random(7), lambda _: None)
    found.shop, found.patience = world.shop, timedelta(0)
    found.open_accounts()
    return found


def _go_on(outside: Outside) -> None:
    outside.go_on()
    relay_once()
    watch_open_payments()
    hurry()
    send_due(PROVIDERS, None)
    look_at_payments(PROVIDERS)


@pytest.mark.hangs
def test_orders_come_in_and_are_paid_and_refunds_end_whatever_is_lost_on_the_way(
    outside: Outside, doubles: Doubles
) -> None:
    sold = [outside.sell() for _ in range(12)]
    assert outside.payments == 12
    assert None not in sold
    unpaid = sql.fetch("select count(*) from orders_order where captured_minor < grand_total_minor")
    assert unpaid > [(0,)]

    _go_on(outside)

    assert sql.fetch("select count(*) from orders_order where captured_minor <> grand_total_minor") == [(0,)]  # fmt: skip
    orders = [row[0] for row in sql.fetch("select id from orders_order order by number")]
    refunds = []
    for order in orders:
        build.invoice(order)
        key = build.refund(order, "4.00")
        approve_refunds([ApproveRefundItem(refund_id=key)], actor=build.TESTER)
        submit_refunds([SubmitRefundItem(refund_id=key)], actor=build.TESTER)[0].require()
        refunds.append(key)
    open_ones = "select 1 from refunds_refund where status not in ('succeeded', 'failed')"
    for _ in range(40):
        if not sql.fetch(open_ones):
            break
        _go_on(outside)
    ends = sql.fetch("select status, count(*) from refunds_refund group by status order by status")
    assert {row[0] for row in ends} <= {"succeeded", "failed"}
    assert sum(row[1] for row in ends) == 12
    paid_back = sum(row[1] for row in ends if row[0] == "succeeded") * 400
    assert sum(double.money_out() for double in doubles.values()) == paid_back > 0
    healthy()


def test_what_the_providers_know_outlives_a_start(tmp_path: Path) -> None:
    file = tmp_path / "sandbox.pickle"
    before = MollieDouble(), StripeDouble()
    paid = [double.pay(1000) for double in before]
    given = before[0].refund_by_hand(paid[0], 300)
    remember(file, *before)

    after = MollieDouble(), StripeDouble()
    recall(file, *after)

    assert [double.known for double in after] == [[key] for key in paid]
    assert (after[0].money_out(paid[0]), after[1].money_out()) == (300, 0)
    new = {*(double.pay(1) for double in after), after[0].refund_by_hand(paid[0], 1)}
    assert not new & {*paid, given}
    assert file.stat().st_mode & 0o077 == 0


def test_nothing_is_recalled_where_nothing_was(tmp_path: Path) -> None:
    double = MollieDouble()

    recall(tmp_path / "none", double)

    assert double.known == []


def test_the_demo_reaches_its_providers_in_the_sandbox_unless_the_environment_names_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ORDERWERK_STRIPE_URL", "http://127.0.0.1:9")
    monkeypatch.delenv("ORDERWERK_MOLLIE_URL", raising=False)
    supervisor = Supervisor(load(), Layout("127.0.0.1", 8123, 1, 1), lambda _: None)

    beside(supervisor)

    [child] = supervisor.beside
    port = child.arguments[child.arguments.index("--mollie-port") + 1]
    assert supervisor.environment["ORDERWERK_MOLLIE_URL"] == f"http://127.0.0.1:{port}"
    assert supervisor.environment["ORDERWERK_STRIPE_URL"] == "http://127.0.0.1:9"
    assert child.arguments[child.arguments.index("--port") + 1] == "8123"


def test_an_installed_package_says_that_it_has_no_sandbox(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(orderwerk, "__file__", str(tmp_path / "a" / "b" / "orderwerk" / "x.py"))
    supervisor = Supervisor(load(), Layout("127.0.0.1", 8123, 1, 1), lambda _: None)

    with pytest.raises(click.UsageError, match="from a checkout"):
        beside(supervisor)

    assert supervisor.beside == []
