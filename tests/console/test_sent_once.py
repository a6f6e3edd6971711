"""A form that comes again, after a lost answer, a reload or a second click, is carried out once; a changed one is another."""

import re
import threading
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client

from orderwerk.orders.models import Order
from tests import build
from tests.console.test_deeds import DIALOG, one, said

pytestmark = pytest.mark.django_db
Enter = Callable[..., Client]
_KEY = re.compile(r'name="form_key" value="([0-9a-f-]{36})"')


def key_on(client: Client, page: str) -> str:
    found = _KEY.search(said(client.get(page)))
    assert found, f"{page} gives its form no key"
    return found[1]


@pytest.fixture
def paid(db: None) -> Order:
    """An order of three pieces at ten euros, paid and shipped."""
    world = build.world(invoice_when="paid")
    return Order.objects.get(id=build.shipped(world, (world.skus[0], 3)))


def test_money_is_credited_once_however_often_the_form_comes(enter: Enter, paid: Order) -> None:
    client = enter("finance")
    [number] = build.invoice(paid.id)
    page = f"/invoices/{number}/credit/"
    form = {"form_key": key_on(client, page), "amount": "5.00", "reason": "late"}

    answers = [client.post(page, form) for _ in range(3)]
    in_dialog = client.post(page, form, headers=DIALOG)

    assert {a.status_code for a in answers} == {302}
    assert len({a["Location"] for a in answers} | {in_dialog["HX-Redirect"]}) == 1
    credited = (
        "select sum(gross_minor) from invoices_invoice where order_id = %s and kind = 'credit'"
    )
    assert one(credited, paid.id) == 500
    assert "nothing is done twice" in said(client.get(answers[2]["Location"]))

    # Another amount is another credit invoice; a fresh page is a fresh form, which the browser leaves empty after going back.
    assert 'autocomplete="off"' in said(client.get(page))
    client.post(page, {**form, "amount": "4.00"})
    client.post(page, {**form, "form_key": key_on(client, page)})
    assert one(credited, paid.id) == 1400


def test_a_box_is_booked_once_and_leads_to_the_same_return(enter: Enter, paid: Order) -> None:
    client = enter()
    line = one("select id from orders_line where order_id = %s", paid.id)
    page = f"/orders/{paid.number}/do/return/"
    form = {"form_key": key_on(client, page), f"quantity-{line}": "1", f"reason-{line}": "other", f"fate-{line}": "restock"}  # fmt: skip

    refused = client.post(page, {**form, f"quantity-{line}": "9"})
    first, again = client.post(page, form), client.post(page, form)

    assert (refused.status_code, first.status_code) == (422, 302)
    assert first["Location"] == again["Location"]
    assert one("select sum(quantity) from returns_line where order_line_id = %s", line) == 1


def test_a_claim_is_made_once_and_what_does_not_fit_is_said(enter: Enter, paid: Order) -> None:
    client = enter()
    line = one("select id from orders_line where order_id = %s", paid.id)
    page = f"/orders/{paid.number}/do/claim/"
    form = {
        "form_key": key_on(client, page),
        f"quantity-{line}": "1",
        "kind": "damaged",
        "note": "Corner",
    }

    empty = client.post(page, {**form, f"quantity-{line}": "0"})
    refused = client.post(page, {**form, f"quantity-{line}": "9"})
    first, again = client.post(page, form), client.post(page, form)
    claim = one("select id from returns_claim where order_id = %s", paid.id)
    silent = client.post(f"/returns/claims/{claim}/rejected/", {"note": ""})
    client.post(f"/returns/claims/{claim}/rejected/", {"note": "Signed for"})

    assert (empty.status_code, refused.status_code, silent.status_code) == (422, 422, 422)
    assert (first.status_code, again.status_code) == (302, 302)
    assert client.get(f"/returns/claims/{claim}/nothing/").status_code == 404
    assert client.get(f"/returns/claims/{uuid4()}/rejected/").status_code == 404
    assert one("select string_agg(status, ',') from returns_claim where order_id = %s", paid.id) == "rejected"  # fmt: skip


def test_stock_is_corrected_once(enter: Enter) -> None:
    world = build.world(stock=10)
    client = enter()
    page = f"/stock/do/adjust/{world.skus[0]}/"
    form = {"form_key": key_on(client, page), "location": world.locations[0], "difference": "-2", "reason": "damaged"}  # fmt: skip

    answers = [client.post(page, form) for _ in range(2)]

    assert [a.status_code for a in answers] == [302, 302]
    assert world.levels()[world.skus[0], world.locations[0]][0] == 8


def test_a_part_is_cancelled_and_a_memo_written_once(enter: Enter) -> None:
    world = build.world()
    order = Order.objects.get(id=world.place((world.skus[0], 5)))
    client = enter()
    line = one("select id from orders_line where order_id = %s", order.id)
    articles, memos = f"/orders/{order.number}/articles/", f"/orders/{order.number}/memo/"
    part = {"form_key": key_on(client, articles), f"line-{line}": "2", "reason": "changed mind"}
    note = {"form_key": key_on(client, memos), "text": "Rang twice"}

    for _ in range(2):
        client.post(f"/orders/{order.number}/do/cancel-lines/", part)
        client.post(f"/orders/{order.number}/do/memo/", note)
    assert "nothing is done twice" in said(client.get(articles))
    too_many = client.post(f"/orders/{order.number}/do/cancel-lines/", {**part, f"line-{line}": "9"}, follow=True)  # fmt: skip

    assert one("select cancelled from orders_line where id = %s", line) == 2
    assert one("select count(*) from memos_memo where order_id = %s", order.id) == 1
    assert "nothing is done twice" not in said(too_many)


@pytest.mark.parametrize("key", ["", "x", "' or 1=1", "0d2f4c1e-5b7a-4e39-9c61-8a7b6f5e4d3cx"])
def test_a_form_without_a_key_of_ours_is_carried_out_as_it_is(enter: Enter, key: str) -> None:
    world = build.world(stock=10)
    client = enter()
    form = {
        "form_key": key,
        "location": world.locations[0],
        "difference": "-2",
        "reason": "damaged",
    }

    answers = [client.post(f"/stock/do/adjust/{world.skus[0]}/", form) for _ in range(2)]

    assert [a.status_code for a in answers] == [302, 302]
    assert world.levels()[world.skus[0], world.locations[0]][0] == 6


@pytest.mark.django_db(transaction=True)
def test_the_second_of_two_clicks_waits_for_the_first(enter: Enter, monkeypatch: Any) -> None:
    world = build.world(stock=10)
    client = enter()
    page = f"/stock/do/adjust/{world.skus[0]}/"
    form = {"form_key": key_on(client, page), "location": world.locations[0], "difference": "-2", "reason": "damaged"}  # fmt: skip
    answers: list[int] = []
    start = threading.Barrier(2)

    def click() -> None:
        other = Client()
        other.cookies = client.cookies.copy()  # type: ignore[assignment] # a copy of the jar
        start.wait()
        answers.append(other.post(page, form).status_code)
        connection.close()

    clicks = [threading.Thread(target=click) for _ in range(2)]
    for each in clicks:
        each.start()
    for each in clicks:
        each.join()

    assert answers == [302, 302]
    assert world.levels()[world.skus[0], world.locations[0]][0] == 8
