"""Whoever received goods as a gift sends them back for a store credit of their own; the buyer gets neither money nor news."""

from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError
from django.db.transaction import atomic

from orderwerk.checks.run import ALL, run_checks
from orderwerk.core import clock, decode, sql
from orderwerk.core.outcome import Outcome
from orderwerk.emails.commands.upsert_templates import TemplateItem, upsert_templates
from orderwerk.flows.erase_orders import EraseItem, erase_orders
from orderwerk.flows.keep_returns import KeepItem, keep_returns
from orderwerk.flows.withdraw import WithdrawalItem, state_withdrawals
from orderwerk.flows.write_emails import write_event_emails
from orderwerk.payments.ports import RefundReport
from orderwerk.refunds.commands.create import CreateRefundItem, create_refunds
from orderwerk.refunds.commands.match import MatchItem, match_refunds
from orderwerk.refunds.commands.redirect import RedirectRefundItem, redirect_refunds
from orderwerk.refunds.commands.submit import SubmitRefundItem, submit_refunds
from orderwerk.return_requests.boxes import along_with
from orderwerk.return_requests.commands.box import BoxItem, box_return_requests
from orderwerk.return_requests.commands.create import ReturnRequestItem, create_return_requests
from orderwerk.return_requests.commands.decide import (
    ApproveRequestItem,
    CancelRequestItem,
    RejectRequestItem,
    approve_return_requests,
    cancel_return_requests,
    reject_return_requests,
)
from orderwerk.return_requests.commands.order_labels import (
    OrderLabelItem,
    order_due_labels,
    order_return_labels,
)
from orderwerk.return_requests.commands.set_policies import PolicyItem, set_return_policies
from orderwerk.return_requests.facts import line_facts
from orderwerk.return_requests.queries import return_request_detail
from tests import build

pytestmark = pytest.mark.django_db
RECEIVER = {"name": "Robin", "email": "robin@example.org", "language": "en"}


def shop(**policy: Any) -> build.World:
    """A shop that takes gifts back and refunds by itself."""
    world = build.world(refund_mode="automatic", sender_email="shop@example.com")
    item = PolicyItem(shop=world.shop, **{"gift_returns": True, "keep_up_to": "100.00", **policy})
    set_return_policies([item], actor=build.TESTER)[0].require()
    return world


def bought(world: build.World, **fields: Any) -> UUID:
    order = build.shipped(world, (world.skus[0], 3), **fields)
    build.invoice(order)
    return order


def announced(order: UUID, pieces: int = 2, **fields: Any) -> UUID:
    wish = {"outcome": "store_credit", "gift": RECEIVER, **fields}
    key = build.request(order, build.back(order, pieces), **wish).require().id
    assert key is not None
    return key


def came(order: UUID, request: UUID, pieces: int = 2, **fields: Any) -> Outcome:
    return build.give_back(order, build.back(order, pieces, restock=True), return_request_id=str(request), **fields)  # fmt: skip


def refunded(order: UUID) -> list[UUID]:
    """The refunds of the order's credit invoices, made and handed over as the jobs do."""
    issued = [v["id"] for v in build.invoices(order) if v["kind"] == "credit"]
    made = create_refunds([CreateRefundItem(invoice_id=key) for key in issued], actor=build.TESTER)
    keys = [key for o in made for key in o.require().data["refunds"]]
    for outcome in submit_refunds([SubmitRefundItem(refund_id=k) for k in keys], actor=build.TESTER):  # fmt: skip
        outcome.require()
    return keys


def code(outcome: Outcome) -> str:
    assert outcome.error is not None
    return outcome.error.code


def healthy() -> None:
    report = run_checks([i for i in ALL if i.id not in {"durable", "stuck-outbox"}])
    assert report.findings == []
    assert report.unchecked == {}


def letters(order: UUID) -> list[tuple[str, str, str]]:
    """What was written because of everything that happened: to whom, about what, and the words."""
    events = [row[0] for row in sql.fetch("select id from core_event where order_id = %s and (kind like 'return%%' or kind like 'refund%%' or kind like 'store_credit%%') and kind in ('return_request.received', 'return_request.approved', 'return_request.rejected', 'return.processed', 'refund.succeeded', 'store_credit.issued')", (order,))]  # fmt: skip
    write_event_emails(events)
    rows = sql.fetch("select recipient, trigger, subject || chr(10) || body_text from emails_email where order_id = %s and trigger ~ '^(return|refund|store)' order by id", (order,))  # fmt: skip
    return [(row[0], row[1], row[2]) for row in rows]


def test_what_comes_back_becomes_store_credit_of_the_receiver_who_alone_hears_of_it() -> None:
    world = shop(fee="2.50")
    order = bought(world, locale="nl")
    request = announced(order)
    found = return_request_detail(build.TESTER, request)
    assert (found.is_gift, found.receiver_email, found.outcome) == (True, "robin@example.org", "store_credit")  # fmt: skip

    came(order, request, notify=True).require()
    [refund] = refunded(order)

    assert sql.fetch("select via, status, as_store_credit from refunds_refund where id = %s", (refund,)) == [("store_credit", "succeeded", True)]  # fmt: skip
    [(amount, credit_code)] = sql.fetch("select amount_minor, code from refunds_store_credit where refund_id = %s", (refund,))  # fmt: skip
    # Two pieces of 10.00, less what returning costs.
    assert amount == 1750
    written = letters(order)
    assert {row[0] for row in written} == {"robin@example.org"}
    assert [row[1] for row in written] == ["return_request.received", "return.processed", "store_credit.issued"]  # fmt: skip
    texts = "\n".join(row[2] for row in written)
    assert "Dear Robin" in texts
    assert credit_code[:4] in texts
    assert "/gift/returns/" in texts
    for theirs in ("Test Persoon", "Teststraat", "30,00", "30.00", "10.00", "/track/"):
        assert theirs not in texts, theirs
    healthy()


def test_a_fee_in_the_shops_currency_is_asked_of_no_order_in_another() -> None:
    order = bought(shop(fee="2.50"), currency="USD")
    request = announced(order)

    came(order, request).require()
    [refund] = refunded(order)

    assert return_request_detail(build.TESTER, request).fee_minor == 0
    assert sql.fetch("select amount_minor, currency from refunds_store_credit where refund_id = %s", (refund,)) == [(2000, "USD")]  # fmt: skip


def test_four_eyes_look_at_a_gifts_store_credit_too_and_never_at_more_than_was_sold() -> None:
    world = shop()
    sql.execute("update shops_shop set four_eyes_above = '15.00' where id = %s", (world.shop_id,))
    order = bought(world)
    request = announced(order)
    dear = build.give_back(order, build.back(order, 2, correction="0.01"), return_request_id=str(request))  # fmt: skip
    assert not dear.ok
    came(order, request).require()

    [credit] = [v["id"] for v in build.invoices(order) if v["kind"] == "credit"]
    made = create_refunds([CreateRefundItem(invoice_id=credit)], actor=build.TESTER)
    [refund] = made[0].require().data["refunds"]
    too_soon = submit_refunds([SubmitRefundItem(refund_id=refund)], actor=build.TESTER)[0]

    assert sql.fetch("select status, four_eyes, as_store_credit from refunds_refund") == [("awaiting_approval", True, True)]  # fmt: skip
    assert not too_soon.ok
    assert sql.fetch("select count(*) from refunds_store_credit") == [(0,)]
    healthy()


@pytest.mark.parametrize("after", [{}, {"at_once": True}])
def test_what_a_stranger_announces_takes_nothing_from_the_buyer(after: dict[str, bool]) -> None:
    world = shop(approve_at_once=bool(after))
    order = bought(world)
    announced(order, 3)
    [facts] = line_facts([order])[order]
    assert (facts.can_be_announced, facts.can_be_announced_as_gift) == (3, 0)

    item = decode.convert({"order_id": str(order), "lines": [build.back(order, 3)]}, ReturnRequestItem)  # fmt: skip
    mine = create_return_requests([item], actor=build.TESTER, origin="portal")[0]
    again = create_return_requests([item], actor=build.TESTER, origin="portal")[0]
    gift = decode.convert({"order_id": str(order), "lines": [build.back(order)], "outcome": "store_credit", "gift": RECEIVER}, ReturnRequestItem)  # fmt: skip
    more = create_return_requests([gift], actor=build.TESTER, origin="portal")[0]
    stated = WithdrawalItem(order_id=order, name="x", email="x@example.com", language="nl")

    assert mine.ok
    assert (code(again), code(more)) == ("too_many_to_return", "too_many_to_return")
    cancel_return_requests([CancelRequestItem(return_request_id=mine.require().id)], actor=build.TESTER)[0].require()  # type: ignore[arg-type] # fmt: skip
    withdrawn = state_withdrawals([stated], actor=build.TESTER)[0].require()
    [(pieces,)] = sql.fetch("select sum(k.quantity)::int from return_requests_withdrawal w join return_requests_line k on k.request_id = w.request_id where w.id = %s", (withdrawn.id,))  # fmt: skip
    assert pieces == 3


def test_a_name_that_is_a_word_of_ours_is_erased_all_the_same() -> None:
    order = bought(shop())
    key = announced(order, gift={**RECEIVER, "name": "erased"})
    reject_return_requests([RejectRequestItem(return_request_id=key, reason="No")], actor=build.TESTER)[0].require()  # fmt: skip

    erase_orders([EraseItem(order_id=order)], actor=build.TESTER)[0].require()

    assert sql.fetch("select receiver_name, receiver_email from return_requests_request") == [("erased", "erased@example.invalid")]  # fmt: skip
    healthy()


def test_a_text_of_the_shop_that_names_the_buyer_names_them_not_to_the_receiver() -> None:
    world = shop()
    body = "{{ customer.name }} {{ customer.email }} {{ order.total }} {{ order.address }} {% for line in order.lines %}{{ line.total }}{% endfor %} {{ order.paid }}|{{ order.track_url }}"
    own = TemplateItem(shop=world.shop, trigger="return_request.received", language="en", subject="x", body=body)  # fmt: skip
    upsert_templates([own], actor=build.TESTER)[0].require()
    order = bought(world)
    announced(order)

    [(recipient, _, text)] = letters(order)
    assert recipient == "robin@example.org"
    assert text.splitlines()[1].startswith("Robin robin@example.org    |http")
    assert "/gift/returns/" in text


def test_what_the_delivery_has_cost_is_not_given_to_the_receiver() -> None:
    order = bought(shop())
    request = announced(order)

    refused = came(order, request, refund_shipping=True)
    came(order, request).require()

    assert refused.error is not None
    assert (refused.error.code, refused.error.pointer) == ("gift_without_shipping", "/refund_shipping")  # fmt: skip
    healthy()


def test_what_the_buyer_paid_with_store_credit_does_not_go_back_to_the_buyers() -> None:
    world = shop()
    theirs, their_code = build.store_credit(world, "30.00")
    paid = {"provider": "store_credit", "reference": their_code, "status": "paid", "amount": "30.00"}  # fmt: skip
    order = bought(world, payments=[paid])
    came(order, announced(order)).require()
    [refund] = refunded(order)

    [(kind, credit)] = sql.fetch("select kind, store_credit_id from refunds_credit_movement where refund_id = %s", (refund,))  # fmt: skip
    assert kind == "issued"
    assert credit != theirs
    assert sql.fetch("select remaining_minor from refunds_store_credit where id = %s", (theirs,)) == [(0,)]  # fmt: skip
    healthy()


def test_no_more_is_given_than_was_paid() -> None:
    world = build.world(refund_mode="automatic", on_account_methods=["account"])
    set_return_policies([PolicyItem(shop=world.shop, gift_returns=True)], actor=build.TESTER)[0].require()  # fmt: skip
    open_rest = {"provider": "x", "method": "account", "reference": "a1", "status": "pending", "amount": "18.00"}  # fmt: skip
    paid = {"provider": "test", "reference": "p1", "status": "paid", "amount": "12.00"}
    order = bought(world, payments=[open_rest, paid])

    given = []
    for pieces in (2, 1):
        came(order, announced(order, pieces), pieces).require()
        refunded(order)
        given += sql.fetch("select coalesce(sum(amount_minor), 0)::bigint from refunds_store_credit where order_id = %s", (order,))  # fmt: skip

    # Of 30.00 only 12.00 came in: two pieces are worth 20.00, and what was not paid for them is owed no more.
    assert given == [(200,), (1200,)]
    healthy()


def test_money_another_article_a_box_a_label_and_keeping_are_refused() -> None:
    world = shop()
    order = bought(world)
    request, mine = announced(order, 1), build.request(order).require().id
    assert mine is not None

    assert code(came(order, request, 1, as_store_credit=False)) == "gift_gives_store_credit"
    wanted = build.back(order, 1, wanted={"sku": world.skus[1]})
    swapped = build.give_back(order, wanted, return_request_id=str(request))
    assert code(swapped) == "gift_gives_store_credit"
    assert swapped.error is not None
    assert swapped.error.pointer == "/exchange"
    assert code(keep_returns([KeepItem(return_request_id=request)], actor=build.TESTER)[0]) == "gift_not_kept"  # fmt: skip
    for one, other in ((request, mine), (mine, request)):
        boxed = box_return_requests([BoxItem(return_request_id=one, in_box_of=other)], actor=build.TESTER)  # fmt: skip
        assert code(boxed[0]) == "gift_alone"
    assert along_with(build.TESTER, mine) == along_with(build.TESTER, request) == []
    approve_return_requests([ApproveRequestItem(return_request_id=request)], actor=build.TESTER)[0].require()  # fmt: skip
    asked = order_return_labels([OrderLabelItem(return_request_id=request)], actor=build.TESTER)
    assert code(asked[0]) == "gift_without_label"
    assert order_due_labels([request], actor=build.TESTER) == []

    came(order, request, 1).require()
    [credit] = [v["id"] for v in build.invoices(order) if v["kind"] == "credit"]
    as_money = CreateRefundItem(invoice_id=credit, as_store_credit=False)
    assert code(create_refunds([as_money], actor=build.TESTER)[0]) == "gift_gives_store_credit"
    made = create_refunds([CreateRefundItem(invoice_id=credit, as_store_credit=True)], actor=build.TESTER)  # fmt: skip
    [refund] = made[0].require().data["refunds"]
    back = redirect_refunds([RedirectRefundItem(refund_id=refund, to="money")], actor=build.TESTER)
    assert code(back[0]) == "gift_gives_store_credit"
    redirect_refunds([RedirectRefundItem(refund_id=refund, to="store_credit")], actor=build.TESTER)[0].require()  # fmt: skip
    for change in ("as_store_credit = false", "via = 'manual'"):
        with pytest.raises(IntegrityError, match="the return of a gift"), atomic():
            sql.execute(f"update refunds_refund set {change} where id = %s", (refund,))
    healthy()


def test_a_refund_that_somebody_made_at_the_provider_is_not_taken_for_a_gifts() -> None:
    world = shop()
    order = bought(world)
    came(order, announced(order, 1), 1).require()
    [credit] = [v["id"] for v in build.invoices(order) if v["kind"] == "credit"]
    made = create_refunds([CreateRefundItem(invoice_id=credit)], actor=build.TESTER)
    [refund] = made[0].require().data["refunds"]
    report = RefundReport("re_1", "p", "succeeded", "paid", 1000, "EUR", clock.now())

    matched = match_refunds([MatchItem(refund, report)], actor=build.TESTER)

    assert code(matched[0]) == "does_not_match"
    assert sql.fetch("select status, via from refunds_refund where id = %s", (refund,)) == [("approved", "")]  # fmt: skip


def test_a_gift_is_announced_for_store_credit_where_the_shop_takes_gifts() -> None:
    world = shop()
    order = bought(world)
    other = build.request(order, outcome="refund", gift=RECEIVER)
    assert code(other) == "gift_wants_store_credit"
    assert other.error is not None
    assert other.error.pointer == "/outcome"
    set_return_policies([PolicyItem(shop=world.shop)], actor=build.TESTER)[0].require()
    refused = build.request(order, outcome="store_credit", gift=RECEIVER)
    assert code(refused) == "gift_not_offered"
    assert sql.fetch("select count(*) from return_requests_request") == [(0,)]
    announced(order, 1, as_favour=True)


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ("is_gift = false", "what was agreed"),
        ("receiver_email = ''", "return_requests_request_gift"),
        ("receiver_name = ''", "return_requests_request_gift"),
        ("receiver_language = 'xx'", "return_requests_request_gift"),
        ("is_kept = true", "return_requests_request_gift"),
        ("receiver_name = repeat('x', 201)", "return_requests_request_receiver"),
    ],
)
def test_the_database_knows_what_a_gift_is(change: str, rule: str) -> None:
    announced(bought(shop()))
    with pytest.raises(IntegrityError, match=rule), atomic():
        sql.execute(f"update return_requests_request set {change}")


def test_the_database_puts_a_gift_into_no_other_box() -> None:
    order = bought(shop())
    gift, mine = announced(order, 1), build.request(order).require().id
    with pytest.raises(IntegrityError, match="return_requests_request_gift"), atomic():
        sql.execute("update return_requests_request set in_box_of_id = %s where id = %s", (mine, gift))  # fmt: skip


def test_the_database_keeps_a_receiver_only_of_a_gift() -> None:
    order = bought(shop())
    build.request(order).require()
    with pytest.raises(IntegrityError, match="return_requests_request_gift"), atomic():
        sql.execute("update return_requests_request set receiver_name = 'x'")


def test_who_received_it_is_erased_with_the_order() -> None:
    world = shop()
    order = bought(world)
    came(order, announced(order)).require()
    refunded(order)
    letters(order)
    sql.execute("update emails_email set status = 'kept' where order_id = %s", (order,))  # fmt: skip

    erase_orders([EraseItem(order_id=order)], actor=build.TESTER)[0].require()

    assert sql.fetch("select receiver_name, receiver_email from return_requests_request") == [("erased", "erased@example.invalid")]  # fmt: skip
    assert sql.fetch("select count(*) from emails_email where recipient = 'robin@example.org'") == [(0,)]  # fmt: skip
    healthy()
