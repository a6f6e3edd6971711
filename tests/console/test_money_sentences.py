"""The second half of the features' core, sentence by sentence, as the console shows it: S22 to S43 (S41 is beside its elders)."""

import re
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse

from orderwerk.core import clock, sql
from orderwerk.emails.own_texts import is_on, switches
from orderwerk.flows.write_emails import TRIGGER_OF, write_event_emails
from orderwerk.orders.links import guest_token
from orderwerk.refunds.commands.submit import submit_due
from orderwerk.refunds.jobs import create
from tests import build
from tests.console.reading import page

pytestmark = pytest.mark.django_db


def sold(pieces: int = 3, *, shipping: str | None = None, **shop: Any) -> tuple[build.World, UUID]:
    """An order that was paid, has left and has its invoice."""
    world = build.world(**shop)
    fields: dict[str, Any] = {}
    if shipping is not None:
        paid = {"provider": "test", "reference": f"with-costs-{build.serial()}", "status": "paid", "amount": str(10 * pieces + Decimal(shipping))}  # fmt: skip
        fields = {"shipping": {"name": "Parcel", "price": shipping, "tax_rate": "21.00"}, "payments": [paid]}  # fmt: skip
    order = build.shipped(world, (world.skus[0], pieces), **fields)
    build.invoice(order)
    return world, order


def number(order: UUID) -> str:
    return str(build.order(order)["number"])


def box(order: UUID, quantity: int = 1, **fields: Any) -> dict[str, Any]:
    """The form of a return as a colleague fills it in."""
    [line] = build.order_lines(order)
    named = {f"{name}-{line}": value for name, value in fields.items() if name in {"fate", "location", "correction"}}  # fmt: skip
    others = {name: value for name, value in fields.items() if f"{name}-{line}" not in named}
    return {f"quantity-{line}": str(quantity), f"reason-{line}": "damaged", f"fate-{line}": "dispose", **named, **others}  # fmt: skip


def booked(client: Client, order: UUID, **fields: Any) -> str:
    """Book a return in the console; its number."""
    answer = client.post(reverse("return_new", args=[number(order)]), box(order, **fields))
    assert answer.status_code == 302
    [(made,)] = sql.fetch("select number from returns_return where order_id = %s order by id desc limit 1", (order,))  # fmt: skip
    return str(made)


def credited(order: UUID) -> list[int]:
    """What the credit invoices of an order come to, in cents."""
    return [one["gross_minor"] for one in build.invoices(order) if one["kind"] == "credit"]


def statuses(order: UUID) -> list[str]:
    return [row[0] for row in sql.fetch("select status from refunds_refund where order_id = %s order by id", (order,))]  # fmt: skip


def told(order: UUID) -> list[tuple[str, str, str]]:
    """Write what an order's events tell the customer: trigger, to whom, words."""
    events = sql.fetch("select id from core_event where order_id = %s and kind = any(%s) order by id", (order, list(TRIGGER_OF)))  # fmt: skip
    write_event_emails([row[0] for row in events])
    return sql.fetch("select trigger, recipient, body_text from emails_email where order_id = %s order by id", (order,))  # fmt: skip


def test_s22_every_order_has_its_debit_invoice_with_a_status(owner: Client) -> None:
    _, order = sold()

    [debit] = build.invoices(order)

    assert (debit["kind"], debit["status"], debit["gross_minor"]) == ("debit", "paid", 3000)
    for path in (f"/orders/{number(order)}/invoices/", f"/invoices/?q={debit['number']}"):
        text = page(owner, path)
        assert debit["number"] in text
        assert "Paid" in text


def test_s23_money_is_credited_without_a_return(owner: Client) -> None:
    _, order = sold()
    debit = build.invoices(order)[0]["number"]

    answer = owner.post(reverse("invoice_credit", args=[debit]), {"amount": "2,50", "reason": "Late"})  # fmt: skip

    assert answer.status_code == 302
    assert credited(order) == [250]
    assert sql.fetch("select count(*) from returns_return where order_id = %s", (order,)) == [(0,)]


def test_s24_never_more_is_credited_than_was_paid(owner: Client) -> None:
    _, order = sold()
    debit = build.invoices(order)[0]["number"]

    answers = [
        owner.post(reverse("invoice_credit", args=[debit]), {"amount": amount, "reason": "x"}).status_code
        for amount in ("30,01", "29,99", "0,02", "0,01", "0,01")
    ]  # fmt: skip

    assert answers == [422, 302, 422, 302, 422]
    assert sum(credited(order)) == 3000


def test_s25_shoppers_announce_a_return_online(owner: Client, client: Client) -> None:
    _, order = sold()
    [line] = build.order_lines(order)

    form = {f"quantity-{line}": "2", f"reason-{line}": "damaged", "outcome": "refund"}
    sent = client.post(f"/track/{guest_token(order)}/return?lang=en", form)

    assert sent.status_code == 302
    [(made, origin)] = sql.fetch("select number, origin from return_requests_request where order_id = %s", (order,))  # fmt: skip
    assert origin == "portal"
    assert made in page(owner, "/return-requests/")


def test_s26_it_is_seen_how_many_and_which_returns_come(owner: Client) -> None:
    world, order = sold()
    build.request(order, build.back(order, 2)).require()
    build.request(order, build.back(order, 1)).require()

    answer = owner.get(reverse("returns_expected"), {"shop": world.shop})

    [row] = re.findall(rf">{world.skus[0]}<.*?</tr>", answer.content.decode(), re.DOTALL)
    assert answer.status_code == 200
    assert re.findall(r'<td class="number[^>]*>([^<]*)<', row) == ["2", "3"]


def test_s27_s28_what_comes_may_differ_and_completes_the_request(owner: Client) -> None:
    _, order = sold()
    announced = build.request(order, build.back(order, 3)).require().data["number"]

    made = booked(owner, order, quantity=1, request=announced)

    assert "Completed" in page(owner, f"/return-requests/{announced}/")
    assert sql.fetch("select returned from orders_line where order_id = %s", (order,)) == [(1,)]
    assert announced in page(owner, f"/returns/{made}/")


def test_s29_a_return_is_made_by_hand_or_imported(owner: Client) -> None:
    _, order = sold()

    by_hand = booked(owner, order)
    imported = build.give_back(order).require().data["number"]

    text = page(owner, f"/orders/{number(order)}/returns/")
    assert by_hand in text
    assert imported in text


def test_s30_products_are_chosen_and_reasons_are_the_merchants_own(owner: Client) -> None:
    _, order = sold()
    reason = {"code": "too-loud", "name_en": "Too loud", "position": "1", "is_active": "on"}
    assert owner.post(reverse("reason_new"), reason).status_code == 302

    form = page(owner, reverse("return_new", args=[number(order)]))
    [line] = build.order_lines(order)
    made = booked(owner, order, **{f"reason-{line}": "too-loud"})

    assert "Too loud" in form
    assert "Too loud" in page(owner, f"/returns/{made}/")


@pytest.mark.parametrize(("fate", "more"), [("restock", 1), ("dispose", 0), ("", 0)])
def test_s31_stock_is_updated_or_not(owner: Client, fate: str, more: int) -> None:
    world, order = sold()
    place = (world.skus[0], world.locations[0])
    before = world.levels()[place][0]

    booked(owner, order, fate=fate, location=world.locations[0] if fate == "restock" else "")

    assert world.levels()[place][0] == before + more


@pytest.mark.parametrize(("fields", "expected"), [({"credit": "on"}, [1000]), ({}, [])])
def test_s32_a_credit_invoice_unless_it_is_unchecked(owner: Client, fields: dict[str, Any], expected: list[int]) -> None:  # fmt: skip
    _, order = sold()

    form = page(owner, reverse("return_new", args=[number(order)]))
    booked(owner, order, **fields)

    assert re.search(r'<input[^>]*name="credit"[^>]*checked', form)
    assert credited(order) == expected


@pytest.mark.parametrize(("fields", "expected"), [({"refund_shipping": "on"}, 3495), ({}, 3000)])
def test_s33_shipping_costs_are_refunded_or_not(owner: Client, fields: dict[str, Any], expected: int) -> None:  # fmt: skip
    _, order = sold(shipping="4.95")

    booked(owner, order, quantity=3, credit="on", **fields)

    assert sum(credited(order)) == expected


@pytest.mark.parametrize(("correction", "expected"), [("", 1000), ("-2,50", 750)])
def test_s34_the_full_amount_unless_it_is_corrected(owner: Client, correction: str, expected: int) -> None:  # fmt: skip
    _, order = sold()

    booked(owner, order, credit="on", correction=correction)

    assert credited(order) == [expected]


@pytest.mark.parametrize("notify", [True, False])
def test_s35_the_customer_hears_of_it_in_the_shops_words(owner: Client, *, notify: bool) -> None:
    world, order = sold(locale="en")
    words = {"subject": "Back", "body": "Words of our own, {{ customer.name }}", "version": "0"}
    assert owner.post(f"/settings/emails/{world.shop}/return.processed/en/", words).status_code == 302  # fmt: skip

    booked(owner, order, credit="on", **({"notify": "on"} if notify else {}))

    assert [body.strip() for trigger, _, body in told(order) if trigger == "return.processed"] == (
        ["Words of our own, Test Persoon"] if notify else []
    )


def test_s36_a_refund_is_always_on_a_credit_invoice(owner: Client) -> None:
    _, order = sold()
    build.refund(order, "4.00")

    debit, credit = build.invoices(order)
    rows = sql.fetch("select credit_id, amount_minor from refunds_refund where order_id = %s", (order,))  # fmt: skip

    assert rows == [(credit["id"], 400)]
    assert credit["debit_id"] == debit["id"]
    assert credit["number"] in page(owner, f"/orders/{number(order)}/refunds/")


def test_s37_automatic_goes_as_soon_as_there_is_a_credit_invoice(owner: Client) -> None:
    _, order = sold(refund_mode="automatic")

    booked(owner, order, credit="on")
    create([str(row[0]) for row in sql.fetch("select id from core_event where order_id = %s and kind = 'invoice.credit_issued'", (order,))])  # fmt: skip
    submit_due(actor=build.TESTER)

    assert statuses(order) == ["submitted"]


def test_s38_periodic_goes_with_the_next_run_once_approved(owner: Client) -> None:
    _, order = sold(refund_mode="periodic", refund_schedule="16:00")
    gone, kept = build.refund(order, "4.00"), build.refund(order, "5.00")
    noon = datetime(2026, 11, 25, 12, tzinfo=ZoneInfo("Europe/Amsterdam"))

    with clock.told(noon):
        owner.post(reverse("refund_decide", args=[gone, "approve"]))
        owner.post(reverse("refund_reject", args=[kept]), {"reason": "Not agreed"})
        before = submit_due(actor=build.TESTER)
    with clock.told(noon.replace(hour=16, minute=1)):
        at_four = submit_due(actor=build.TESTER)

    assert (before, at_four) == (0, 1)
    assert statuses(order) == ["submitted", "rejected"]


def test_s39_manual_waits_for_somebody_each_time(owner: Client) -> None:
    _, order = sold(refund_mode="manual")
    first, _second = build.refund(order, "4.00"), build.refund(order, "5.00")

    by_itself = submit_due(actor=build.TESTER)
    owner.post(reverse("refund_decide", args=[first, "approve"]))
    submit_due(actor=build.TESTER)

    assert by_itself == 0
    assert statuses(order) == ["submitted", "awaiting_approval"]


def test_s40_every_refund_says_how_it_stands_and_what_is_next(owner: Client) -> None:
    _, order = sold()
    key = build.refund(order, "4.00")
    tab = f"/orders/{number(order)}/refunds/"

    waiting = page(owner, tab)
    owner.post(reverse("refund_decide", args=[key, "approve"]))
    submit_due(actor=build.TESTER)
    handed_over = page(owner, tab)

    assert "Awaiting approval" in waiting
    assert "Awaiting approval" not in handed_over
    assert "Transfer the amount" in handed_over


def test_s42_one_message_to_this_customer_about_this_order(owner: Client) -> None:
    _, order = sold(sender_email="shop@example.com")
    there = f"/orders/{number(order)}/emails/"
    write = f"/orders/{number(order)}/do/email/"

    assert f'"{write}"' in page(owner, there)
    sent = owner.post(write, {"subject": "Your parcel", "body": "Is it green or blue?"})

    assert sent.status_code == 302
    rows = sql.fetch("select recipient, sender, subject from emails_email where order_id = %s and trigger = 'written'", (order,))  # fmt: skip
    assert [("@example.com" in row[0], "shop@example.com" in row[1], row[2]) for row in rows] == [(True, True, "Your parcel")]  # fmt: skip
    assert "Your parcel" in page(owner, there)


@pytest.mark.parametrize("switched", ["yes", "no"])
def test_s43_confirmations_go_by_themselves_where_they_are_on(owner: Client, switched: str) -> None:
    world = build.world(sender_email="shop@example.com")
    owner.post(f"/settings/emails/{world.shop}/order.received/switch/", {"is_on": switched})

    order = world.place(placed_at=clock.now().isoformat())

    assert is_on(switches([world.shop_id]), world.shop_id, "order.received") is (switched == "yes")
    assert [trigger for trigger, _, _ in told(order) if trigger == "order.received"] == (
        ["order.received"] if switched == "yes" else []
    )
