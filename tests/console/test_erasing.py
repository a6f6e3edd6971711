"""Erasing at the order: who may, what is shown afterwards, the customer's other orders."""

from collections.abc import Callable
from contextlib import nullcontext
from typing import Any
from uuid import UUID

import pytest
from click.testing import CliRunner
from django.test import Client

from orderwerk.cli.erasing import erase
from orderwerk.core import sql
from tests import build

pytestmark = pytest.mark.django_db
Enter = Callable[..., Client]
CUSTOMER = {"name": "Jan Proef", "email": "jan@example.com"}


def _done_with(world: build.World) -> UUID:
    order = build.shipped(world, customer=CUSTOMER)
    build.invoice(order)
    return order


def _erased() -> set[UUID]:
    return {row[0] for row in sql.fetch("select id from orders_order where erased_at is not null")}


def test_an_order_and_the_customers_others_are_erased_and_shown_as_such(enter: Enter) -> None:
    world = build.world()
    first, second, still_open = _done_with(world), _done_with(world), world.place(customer=CUSTOMER)
    number = build.order(first)["number"]
    client = enter()

    client.post(f"/orders/{number}/do/erase/", {"others": "on"})

    assert _erased() == {first, second}
    page = client.get(f"/orders/{number}/general/").content.decode()
    assert "The personal data of this order was erased" in page
    for word in ("None", "Jan Proef", "do/address", "do/erase", "do/tags"):
        assert word not in page.split("<main", 1)[1], word
    assert build.order(still_open)["status"] == "awaiting_shipment"


def test_only_who_may_change_settings_erases(enter: Enter) -> None:
    order = _done_with(build.world())

    answer = enter("customer_service").post(f"/orders/{build.order(order)['number']}/do/erase/", {})

    assert answer.status_code == 403
    assert _erased() == set()


def test_the_command_line_tells_first_and_erases_when_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("orderwerk.cli.erasing.connected", nullcontext)
    world = build.world()
    order, still_open = _done_with(world), world.place(customer=CUSTOMER)

    def run(*arguments: Any) -> tuple[int, str]:
        result = CliRunner().invoke(erase, list(arguments))
        return result.exit_code, result.output

    assert run("--email", "JAN@example.com")[1].startswith("2 orders: ")
    assert _erased() == set()
    code, said = run("--email", "jan@example.com", "--yes")
    assert (code, "1 orders erased, 1 not." in said) == (1, True)
    assert _erased() == {order}
    assert run("--order", build.order(order)["number"], "--yes")[0] == 0
    assert run()[0] == run("--email", "a@b.c", "--order", "1")[0] == 2
    assert build.order(still_open)["status"] == "awaiting_shipment"
