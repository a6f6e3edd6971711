"""What the office does about money and words, in a real browser: credits, a correction, a refund refused, a difference explained, letters, memos."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from orderwerk.core import clock, sql
from orderwerk.payments.commands.set_accounts import AccountItem, set_payment_accounts
from orderwerk.refunds.commands.create import CreateRefundItem, create_refunds
from orderwerk.refunds.commands.note_differences import Found, note_differences
from tests import build

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Open = Callable[..., Page]
Check = Callable[[Page], None]


def _base(page: Page) -> str:
    return "/".join(page.url.split("/")[:3])


def _credit(page: Page, amount: str, reason: str) -> None:
    """Credit an amount of the invoice whose page is open."""
    page.get_by_role("link", name="Credit", exact=True).click()
    dialog = page.get_by_role("dialog")
    field = dialog.get_by_label("Or an amount instead")
    expect(field).to_be_visible()
    field.fill(amount)
    dialog.get_by_label("Reason").fill(reason)
    dialog.get_by_role("button", name="Issue the credit invoice").click()
    expect(page.locator(".toast-line")).to_contain_text("The credit invoice has been issued.")


def test_an_invoice_is_credited_without_goods_coming_back(
    open_page: Open, check_page: Check
) -> None:
    world = build.world(locations=1, products=1, stock=20)
    order = build.shipped(world, (world.skus[0], 2))
    [number] = build.invoice(order)

    page = open_page(f"/invoices/{number}/", role="finance")
    check_page(page)
    _credit(page, "4,00", "Scratched, the customer keeps it")

    page.goto(f"{_base(page)}/invoices/{number}/")
    expect(page.get_by_role("heading", name="Credit invoices")).to_be_visible()
    expect(page.get_by_text("Scratched, the customer keeps it")).to_be_visible()
    expect(page.locator("td.money", has_text="4.00")).to_be_visible()
    check_page(page)
    assert sql.fetch("select returned from orders_line where order_id = %s", (order,)) == [(0,)]


def test_a_correction_lowers_the_credit_and_goods_come_back_without_one(
    open_page: Open, check_page: Check
) -> None:
    world = build.world(locations=1, products=1, stock=20)
    order = build.shipped(world, (world.skus[0], 2))
    build.invoice(order)
    path = f"/orders/{build.order(order)['number']}/do/return/"
    page = open_page(path, role="customer_service")

    def book(correction: str, *, credit: bool) -> None:
        pieces = page.locator("input[name^=quantity-]")
        expect(pieces).to_be_visible()
        pieces.fill("1")
        page.get_by_label("Reason").select_option("damaged")
        page.get_by_label("Correction").fill(correction)
        page.get_by_label("Link credit invoice").set_checked(credit)
        check_page(page)
        page.get_by_role("button", name="Book the return").click()
        expect(page.locator(".toast-line")).to_contain_text("has been booked")

    book("-2,50", credit=True)
    [credited] = [v for v in build.invoices(order) if v["kind"] == "credit"]
    expect(page.locator(".toast-line")).to_contain_text(credited["number"])
    expect(page.locator("td[data-label=Correction]")).to_contain_text("2.50")
    assert credited["gross_minor"] == 750
    page.goto(_base(page) + path)
    book("-1.00", credit=False)

    expect(page.locator(".toast-line")).not_to_contain_text("Credit invoice")
    expect(page.locator("td[data-label=Correction]")).to_contain_text("1.00")
    check_page(page)
    assert len([v for v in build.invoices(order) if v["kind"] == "credit"]) == 1
    assert sql.fetch("select returned from orders_line where order_id = %s", (order,)) == [(2,)]


def test_the_second_pair_of_eyes_refuses_a_refund_and_says_why(
    open_page: Open, check_page: Check
) -> None:
    world = build.world(
        locations=1, products=1, stock=20, refund_mode="automatic", four_eyes_above="5.00"
    )
    order = build.shipped(world, (world.skus[0], 2))
    [number] = build.invoice(order)
    author = open_page(f"/invoices/{number}/", role="finance")
    _credit(author, "9.00", "Goodwill")
    [credit] = [v["id"] for v in build.invoices(order) if v["kind"] == "credit"]
    made = create_refunds([CreateRefundItem(invoice_id=credit)], actor=build.TESTER)
    [refund] = made[0].require().data["refunds"]
    [(name,)] = sql.fetch("select number from refunds_refund where id = %s", (refund,))

    second = open_page("/refunds/?status=awaiting_approval", role="finance")
    expect(second.get_by_text(name, exact=True).first).to_be_visible()
    check_page(second)
    second.get_by_role("link", name=name, exact=True).click()
    second.get_by_role("link", name=f"Reject {name}").click()
    dialog = second.get_by_role("dialog")
    reason = dialog.get_by_label("Reason")
    expect(reason).to_be_visible()
    check_page(second)
    reason.fill("Nothing was agreed with the customer")
    dialog.get_by_role("button", name="Reject the refund").click()
    expect(second.locator(".toast-line")).to_contain_text("The refund has been rejected.")

    second.goto(f"{_base(second)}/orders/{build.order(order)['number']}/refunds/")
    expect(second.locator("td .pill", has_text="Rejected")).to_be_visible()
    expect(second.get_by_text("Nothing was agreed with the customer")).to_be_visible()
    check_page(second)
    assert sql.fetch("select status from refunds_refund where id = %s", (refund,)) == [
        ("rejected",)
    ]


def test_a_difference_with_the_provider_is_explained(open_page: Open, check_page: Check) -> None:
    world = build.world(locations=1, products=1)
    item = AccountItem(shop=world.shop, provider="mollie", key="test_0123456789abcdef")
    account = set_payment_accounts([item], actor=build.TESTER)[0].require().id
    assert account is not None
    unknown = Found(
        shop_id=world.shop_id, account_id=account, kind="unknown_payment", reference="tr_stray", currency="EUR",
        happened_at=clock.now(), theirs_minor=1250,
    )  # fmt: skip
    note_differences([unknown], actor=build.TESTER)[0].require()

    page = open_page("/refunds/differences/", role="finance")
    expect(page.get_by_text("tr_stray").first).to_be_visible()
    check_page(page)
    page.get_by_role("link", name="Explain tr_stray").click()
    dialog = page.get_by_role("dialog")
    note = dialog.get_by_label("What it is")
    expect(note).to_be_visible()
    check_page(page)
    note.fill("Paid at the fair, booked by hand")
    dialog.get_by_role("button", name="Save").click()
    expect(page.locator(".toast-line")).to_contain_text("Explained.")

    page.goto(f"{_base(page)}/refunds/differences/?status=all")
    expect(page.get_by_text("Paid at the fair, booked by hand")).to_be_visible()
    expect(page.get_by_role("link", name="Explain tr_stray")).to_have_count(0)
    check_page(page)


def test_a_letter_in_own_words_takes_an_invoice_along(open_page: Open, check_page: Check) -> None:
    world = build.world(locations=1, products=1, stock=20, sender_email="shop@example.com")
    order = build.shipped(world, (world.skus[0], 2))
    [invoice] = build.invoice(order)

    page = open_page(f"/orders/{build.order(order)['number']}/emails/", role="owner")
    page.get_by_role("link", name="Write an e-mail").click()
    dialog = page.get_by_role("dialog")
    subject = dialog.get_by_label("Subject")
    expect(subject).to_be_visible()
    check_page(page)
    subject.fill("Your invoice once more")
    dialog.get_by_label("Message").fill("Here it is again, as you asked.")
    dialog.get_by_label(f"{invoice}.pdf").check()
    dialog.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator(".toast-line")).to_contain_text("The message is on its way.")

    expect(page.get_by_role("heading", name="Your invoice once more")).to_be_visible()
    expect(page.get_by_text("Here it is again, as you asked.").first).to_be_visible()
    expect(page.get_by_role("link", name=f"{invoice}.pdf")).to_be_visible()
    check_page(page)


def test_a_text_is_looked_at_with_a_real_order_and_tried(
    open_page: Open, check_page: Check
) -> None:
    world = build.world(locations=1, products=1, stock=20, sender_email="shop@example.com")
    number = build.order(world.place((world.skus[0], 2)))["number"]

    page = open_page(f"/settings/emails/{world.shop}/order.received/en/", role="owner")
    sql.execute("update accounts_user set email = 'olga@example.com'")
    subject = page.get_by_label("Subject")
    expect(subject).to_be_visible()
    check_page(page)
    body = page.get_by_label("Text", exact=True)
    body.fill("Thank you for {{ order.number }}, from our own hands.")
    page.get_by_label("Try it on order").fill(number)
    page.get_by_role("button", name="Preview").click()
    letter = page.frame_locator("iframe[name=letter]")
    expect(letter.get_by_text(f"Thank you for {number}, from our own hands.")).to_be_visible()
    page.get_by_role("button", name="Send me a test").click()
    expect(letter.get_by_text("A test message is on its way to olga@example.com.")).to_be_visible()

    [(recipient, text)] = sql.fetch("select recipient, body_text from emails_email where recipient like 'olga%%'")  # fmt: skip
    assert recipient == "olga@example.com"
    assert f"Thank you for {number}, from our own hands." in text
    # Neither looking nor trying changes what customers get.
    page.reload()
    expect(page.get_by_label("Text", exact=True)).not_to_have_value(
        "Thank you for {{ order.number }}, from our own hands."
    )


def test_a_colleague_is_told_by_a_memo_which_is_pinned_to_the_order(
    open_page: Open, check_page: Check
) -> None:
    number = build.order(build.world().place())["number"]
    colleague = open_page("/mentions/", role="customer_service")
    [(named,)] = sql.fetch("select username from accounts_user")

    page = open_page(f"/orders/{number}/memo/", role="owner")
    text = page.locator("form textarea")
    expect(text).to_be_visible()
    text.fill(f"@{named} please call before it leaves")
    page.get_by_role("button", name="Add memo").click()
    expect(page.locator("article.memo")).to_contain_text("please call before it leaves")
    expect(page.locator("article.memo")).to_contain_text("told:")
    page.get_by_role("button", name="Pin to the order").click()
    expect(page.get_by_role("button", name="Take off")).to_be_visible()
    page.goto(f"{_base(page)}/orders/{number}/articles/")
    expect(page.get_by_role("note")).to_contain_text("please call before it leaves")
    check_page(page)

    colleague.reload()
    expect(colleague.get_by_text("please call before it leaves")).to_be_visible()
    check_page(colleague)
    colleague.get_by_role("button", name=f"Seen {number}").click()
    expect(colleague.get_by_text("please call before it leaves")).to_have_count(0)
