"""What an owner does about what customers hear by itself, and about what is kept of them, in a real browser."""

from collections.abc import Callable
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect

from orderwerk.core import clock, sql
from orderwerk.flows.write_emails import write_event_emails
from tests import build

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Open = Callable[..., Page]
Check = Callable[[Page], None]


def _base(page: Page) -> str:
    return "/".join(page.url.split("/")[:3])


def _order(world: build.World) -> UUID:
    """Place an order that has just been placed: older ones are history, and nobody is told of them."""
    return world.place((world.skus[0], 1), placed_at=clock.now().isoformat())


def _placed(order: object) -> list[object]:
    rows = sql.fetch("select id from core_event where order_id = %s and kind = 'order.placed'", (order,))  # fmt: skip
    return list(write_event_emails([row[0] for row in rows]))


def test_a_message_is_switched_off_and_on_again(open_page: Open, check_page: Check) -> None:
    world = build.world(locations=1, products=1, stock=20)

    page = open_page(f"/settings/emails/?shop={world.shop}", role="owner")
    switch = page.get_by_role("button", name="Order received")
    expect(switch).to_have_attribute("aria-pressed", "true")
    check_page(page)
    switch.click()
    expect(switch).to_have_attribute("aria-pressed", "false")
    assert _placed(_order(world)) == []

    switch.click()
    expect(switch).to_have_attribute("aria-pressed", "true")
    assert len(_placed(_order(world))) == 1


def test_an_own_text_has_versions_and_goes_back_to_the_standard(
    open_page: Open, check_page: Check
) -> None:
    world = build.world(locations=1, products=1, stock=20)
    page = open_page(f"/settings/emails/{world.shop}/order.received/nl/", role="owner")
    subject = page.get_by_label("Subject")
    expect(subject).to_be_visible()
    standard = subject.input_value()

    subject.fill("Bedankt voor {{ order.number }}, met vriendelijke groet")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("heading", name="Versions")).to_be_visible()
    check_page(page)
    page.locator("details.version summary").first.click()
    expect(page.locator("details.version").first).to_contain_text("met vriendelijke groet")
    first = _order(world)
    _placed(first)
    page.get_by_role("button", name="Go back to the standard text").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    check_page(page)
    dialog.get_by_role("button").last.click()
    expect(page.get_by_label("Subject")).to_have_value(standard)
    _placed(_order(world))

    subjects = [row[0] for row in sql.fetch("select subject from emails_email order by id")]
    assert subjects[0].endswith("met vriendelijke groet")
    assert not subjects[1].endswith("met vriendelijke groet")
    # Ours stays among the versions.
    expect(page.locator("details.version")).to_have_count(2)


def test_a_message_is_sent_again_and_both_stand_at_the_order(
    open_page: Open, check_page: Check
) -> None:
    world = build.world(locations=1, products=1, stock=20)
    order = _order(world)
    _placed(order)

    page = open_page(f"/orders/{build.order(order)['number']}/emails/", role="customer_service")
    again = page.get_by_role("button", name="Send again")
    expect(again).to_have_count(1)
    check_page(page)
    again.click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("A copy with the same text goes to")
    dialog.get_by_role("button").last.click()
    expect(page.get_by_role("button", name="Send again")).to_have_count(2)

    rows = sql.fetch("select subject, body_text, recipient from emails_email where order_id = %s", (order,))  # fmt: skip
    assert len(rows) == 2
    assert rows[0] == rows[1]


def test_personal_data_is_erased_after_a_question_and_the_invoice_stays(
    open_page: Open, check_page: Check
) -> None:
    world = build.world(locations=1, products=1, stock=20)
    order = build.shipped(world, (world.skus[0], 1))
    [invoice] = build.invoice(order)
    number = build.order(order)["number"]

    page = open_page(f"/orders/{number}/general/", role="owner")
    page.get_by_text("More", exact=True).first.click()
    page.get_by_role("link", name="Erase personal data").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("All orders under this e-mail address")).to_be_visible()
    check_page(page)
    dialog.get_by_role("button", name="Erase for ever").click()
    expect(page.locator(".toast-line")).to_contain_text("The personal data has been erased.")
    expect(page.get_by_text("Test Persoon")).to_have_count(0)
    check_page(page)

    page.goto(f"{_base(page)}/invoices/{invoice}/")
    expect(page.get_by_role("heading", name=invoice)).to_be_visible()


def test_chosen_invoices_come_as_one_file(open_page: Open) -> None:
    world = build.world(locations=1, products=1, stock=20)
    numbers = [build.invoice(build.shipped(world, (world.skus[0], 1)))[0] for _ in range(2)]

    page = open_page("/invoices/", role="finance")
    for number in numbers:
        page.get_by_role("row", name=number).get_by_role("checkbox").check()
    with page.expect_download() as saved:
        page.get_by_role("button", name="Download as PDF").click()

    assert saved.value.suggested_filename.endswith(".zip")
    assert saved.value.path().read_bytes()[:2] == b"PK"
