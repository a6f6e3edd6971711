"""E-mails in the console: texts per shop and language, switches, and messages by hand."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from orderwerk.core import clock, sql
from orderwerk.emails.own_texts import is_on, stored_texts, switches
from tests import build

pytestmark = pytest.mark.django_db
Enter = Callable[..., Client]


def address(world: build.World, *more: str) -> str:
    return "/".join(["/settings/emails", world.shop, "order.received", *more, ""])


def test_an_owner_words_switches_and_takes_back(enter: Enter) -> None:
    world = build.world(name="Testwinkel")
    client = enter()

    page = client.get("/settings/emails/").content.decode()
    form = client.get(address(world, "nl")).content.decode()
    words = {"subject": "Dank je", "body": "Dag {{ customer.name }}", "version": "0"}
    saved = client.post(address(world, "nl"), words)
    wrong = client.post(address(world, "nl"), {**words, "body": "{{ nope }}", "version": "1"})
    stale = client.post(address(world, "nl"), {**words, "subject": "x"})
    client.post(address(world, "switch"), {"is_on": "no"})

    assert "Testwinkel" in form
    assert "Order received" in page
    assert saved.status_code == 302
    assert (wrong.status_code, stale.status_code) == (422, 422)
    assert "cannot be filled in" in wrong.content.decode()
    own = stored_texts([world.shop_id])[(world.shop_id, "order.received", "nl")]
    assert (own.subject, own.version) == ("Dank je", 1)
    assert not is_on(switches([world.shop_id]), world.shop_id, "order.received")
    assert "own text" in client.get("/settings/emails/").content.decode()

    client.post(address(world, "nl", "reset"))

    assert not stored_texts([world.shop_id])[(world.shop_id, "order.received", "nl")].is_custom


def test_a_preview_is_a_page_that_can_do_nothing(enter: Enter) -> None:
    world = build.world()
    number = build.order(world.place())["number"]
    words = {
        "subject": "x",
        "body": "Dag <script>1</script> {{ order.number }}",
        "order_number": number,
    }
    client = enter()

    shown = client.post(address(world, "nl", "preview"), words)
    present = client.get(address(world, "nl", "preview"))
    wrong = client.post(address(world, "nl", "preview"), {**words, "body": "{{ x"})
    nobody = client.post(address(world, "nl", "preview"), {**words, "order_number": "none"})

    assert number in shown.content.decode()
    assert "<script>" not in shown.content.decode()
    assert "Bedankt voor je bestelling 1001" in present.content.decode()
    assert shown["X-Frame-Options"] == "SAMEORIGIN"
    assert "sandbox" in shown["Content-Security-Policy"]
    assert "script-src" not in shown["Content-Security-Policy"]
    assert (wrong.status_code, nobody.status_code) == (422, 422)


def test_a_test_message_goes_to_whoever_writes_the_text(enter: Enter) -> None:
    world = build.world()
    number = build.order(world.place())["number"]
    client = enter(email="me@example.com")
    words = {"subject": "Proef", "body": "Dag", "order_number": number}

    sent = client.post(address(world, "nl", "test"), words)
    without = client.post(address(world, "nl", "test"), {**words, "order_number": ""})

    assert (sent.status_code, without.status_code) == (200, 422)
    assert sql.fetch("select trigger, recipient, subject from emails_email") == [
        ("test", "me@example.com", "Proef")
    ]


def test_somebody_writes_to_a_customer(enter: Enter) -> None:
    world = build.world(sender_email="shop@example.com")
    world_order = world.place()
    number = build.order(world_order)["number"]
    client = enter("customer_service")
    there = f"/orders/{number}/do/email/"

    empty = client.post(there, {"template": "", "subject": "", "body": ""})
    client.post(there, {"template": "", "subject": "Vraag", "body": "Dag {{ customer.name }}"})
    build.invoice(world_order)
    [invoice] = build.invoices(world_order)
    form = client.get(there).content.decode()
    client.post(there, {"template": "order.received", "documents": [f"invoice:{invoice['id']}"]})
    page = client.get(f"/orders/{number}/emails/").content.decode()
    sql.execute("update emails_attachment set left_out = true")
    without = client.get(f"/orders/{number}/emails/").content.decode()
    [(first,)] = sql.fetch("select id from emails_email where subject = 'Vraag'")
    letter = client.get(f"/orders/{number}/do/letter/{first}/")
    elsewhere = client.get(f"/orders/{build.order(world.place())['number']}/do/letter/{first}/")

    assert empty.status_code == 422
    assert "Vraag" in page
    assert f"{invoice['number']}.pdf" in form
    assert f"/invoices/{invoice['number']}.pdf" in page
    assert f"/invoices/{invoice['number']}.pdf" not in without
    assert "Not attached" in without
    assert sql.fetch("select count(*) from emails_email") == [(2,)]
    assert "Dag Test Persoon" in letter.content.decode()
    assert elsewhere.status_code == 404


@pytest.mark.parametrize(("role", "settings", "write"), [("warehouse", 403, 403), ("read_only", 403, 403), ("customer_service", 403, 200)])  # fmt: skip
def test_roles_see_what_is_theirs(role: str, settings: int, write: int, enter: Enter) -> None:
    world = build.world()
    number = build.order(world.place())["number"]
    client = enter(role)

    assert client.get("/settings/emails/").status_code == settings
    assert client.post(address(world, "switch"), {"is_on": "no"}).status_code == 403
    assert client.get(f"/orders/{number}/do/email/").status_code == write


def test_another_shops_texts_are_not_there(enter: Enter) -> None:
    mine, other = build.world(), build.world()
    client = enter("owner", shops=[mine.shop])

    assert client.get(address(mine, "nl")).status_code == 200
    assert client.get(address(other, "nl")).status_code == 404
    assert client.post(address(other, "switch"), {"is_on": "no"}).status_code == 404


@pytest.mark.parametrize(("days", "told"), [(0, False), (3, True)])
def test_an_order_that_came_in_late_says_why_it_got_no_confirmation(
    enter: Enter, days: int, told: bool
) -> None:
    world = build.world()
    placed = clock.now() - timedelta(days=days)
    number = build.order(world.place(placed_at=placed.isoformat()))["number"]

    page = enter().get(f"/orders/{number}/emails/").content.decode()

    assert ("such orders get no confirmation" in page) is told
