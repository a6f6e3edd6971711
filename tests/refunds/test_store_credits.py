"""A refund may become store credit: its code pays for orders, never more than is left of it, and what is refunded goes back."""

from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError
from django.db.transaction import atomic, savepoint, savepoint_rollback

from orderwerk.checks.run import ALL
from orderwerk.core import clock, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import NotFound
from orderwerk.core.outcome import Outcome
from orderwerk.core.statuses import check_moves
from orderwerk.emails.queries import EmailFilters, email_page
from orderwerk.flows.cancel_orders import CancelItem, cancel_orders
from orderwerk.flows.place_orders import place_orders
from orderwerk.flows.record_payments import PaymentItem, record_payments
from orderwerk.flows.write_emails import write_event_emails
from orderwerk.invoices.commands.credit import CreditItem, credit_invoices
from orderwerk.refunds.commands.approve import ApproveRefundItem, approve_refunds
from orderwerk.refunds.commands.create import CreateRefundItem, create_refunds
from orderwerk.refunds.commands.create_batches import BankTransferItem, create_transfer_batches
from orderwerk.refunds.commands.expire_credits import (
    ExpireCreditItem,
    expire_due,
    expire_store_credits,
)
from orderwerk.refunds.commands.redirect import RedirectRefundItem, redirect_refunds
from orderwerk.refunds.commands.retry import RetryRefundItem, retry_refunds
from orderwerk.refunds.commands.set_accounts import RefundAccountItem, set_refund_accounts
from orderwerk.refunds.commands.settle import SettleRefundItem, settle_refunds
from orderwerk.refunds.commands.submit import SubmitRefundItem, submit_refunds
from orderwerk.refunds.credit_queries import (
    StoreCreditFilters,
    credit_movements,
    store_credit_detail,
    store_credit_page,
    store_credit_tab_counts,
)
from orderwerk.refunds.credit_statuses import FINAL, MOVES, START
from orderwerk.refunds.queries import refund_detail
from orderwerk.refunds.rules import next_step
from orderwerk.refunds.store_credits import grouped_code, new_code, plain_code
from orderwerk.return_requests.commands.set_policies import PolicyItem, set_return_policies
from tests import build

pytestmark = pytest.mark.django_db
_MINE = [x for x in ALL if x.id.startswith(("store-credit", "credit-refunds", "payment-refunds", "ledger", "order-"))]  # fmt: skip


def healthy() -> None:
    assert [(x.id, rows) for x in _MINE if (rows := sql.fetch(x.sql))] == []


def credit(key: UUID) -> tuple[str, int, int]:
    """Status, what was given and what is left."""
    rows = sql.fetch("select status, amount_minor, remaining_minor from refunds_store_credit where id = %s", (key,))  # fmt: skip
    return rows[0][0], rows[0][1], rows[0][2]


def paying(code: str, amount: str, **fields: Any) -> dict[str, Any]:
    return {"provider": "store_credit", "reference": code, "status": "paid", "amount": amount, **fields}  # fmt: skip


def place(world: build.World, *payments: dict[str, Any], pieces: int = 1) -> Outcome:
    document = world.document((world.skus[0], pieces), payments=list(payments))
    return place_orders([document], actor=build.TESTER)[0]


def record(order: UUID, code: str, amount: str, status: Any = "paid") -> Outcome:
    item = PaymentItem(order_id=order, provider="store_credit", reference=code, status=status, amount=amount)  # fmt: skip
    return record_payments([item], actor=build.TESTER)[0]


def why(outcome: Outcome) -> tuple[str, str]:
    assert outcome.error is not None
    return outcome.error.code, outcome.error.pointer


def refund_all(order: UUID, **how: Any) -> list[UUID]:
    """Make, approve and hand over the refunds of all credit invoices of an order."""
    keys = [v["id"] for v in build.invoices(order) if v["kind"] == "credit"]
    items = [CreateRefundItem(invoice_id=key, **how) for key in keys]
    made = [UUID(str(r)) for o in create_refunds(items, actor=build.TESTER) for r in o.require().data["refunds"]]  # fmt: skip
    approve_refunds([ApproveRefundItem(refund_id=key) for key in made], actor=build.TESTER)
    submit_refunds([SubmitRefundItem(refund_id=key) for key in made], actor=build.TESTER)
    return made


def test_a_return_with_that_wish_gives_store_credit_and_no_money_moves() -> None:
    world = build.world(refund_mode="automatic")
    set_return_policies([PolicyItem(shop=world.shop, outcomes=["store_credit"], store_credit_days=30)], actor=build.TESTER)  # fmt: skip
    order = build.shipped(world, (world.skus[0], 3))
    build.invoice(order)
    asked = build.request(order, build.back(order, 2), outcome="store_credit").require()
    build.give_back(order, build.back(order, 2), return_request_id=str(asked.id)).require()

    [refund] = refund_all(order)

    row = refund_detail(build.TESTER, refund)
    assert (row.status, row.via, row.as_store_credit, next_step(row)) == ("succeeded", "store_credit", True, "stored")  # fmt: skip
    assert row.store_credit_id is not None
    found = store_credit_detail(build.TESTER, row.store_credit_id)
    assert (found.status, found.amount_minor, found.remaining_minor) == ("active", 2000, 2000)
    assert found.number == row.provider_reference
    assert found.expires_on == clock.business_date(clock.now(), "Europe/Amsterdam") + timedelta(
        days=30
    )
    entries = sql.fetch("select debit, credit, amount_minor from payments_entry where source_id = %s", (refund,))  # fmt: skip
    assert entries == [("customer", "store_credit", 2000)]
    healthy()


def test_who_books_the_return_decides_and_store_credit_needs_a_credit_invoice() -> None:
    world = build.world()
    order = build.shipped(world, (world.skus[0], 3))
    build.invoice(order)
    asked = build.request(order, build.back(order, 1)).require()
    refused = build.give_back(order, credit=False, as_store_credit=True)
    assert why(refused) == ("store_credit_needs_credit", "/as_store_credit")

    build.give_back(order, return_request_id=str(asked.id), as_store_credit=True).require()
    [refund] = refund_all(order)

    assert refund_detail(build.TESTER, refund).via == "store_credit"


def test_its_code_pays_for_orders_until_nothing_is_left() -> None:
    world = build.world()
    key, code = build.store_credit(world, "25.00")

    first = place(world, paying(code, "10.00")).require()
    second = world.place((world.skus[0], 2), payments=[])
    record(second, grouped_code(code).lower(), "15.00").require()

    assert credit(key) == ("used", 2500, 0)
    assert first.data["status"] == "awaiting_shipment"
    rows = sql.fetch("select reference, captured_minor from payments_payment where provider = 'store_credit' order by id")  # fmt: skip
    number = store_credit_detail(build.TESTER, key).number
    # The code itself stands in no payment.
    assert rows == [(number, 1000), (f"{number}-2", 1500)]
    third = place(world, paying(code, "10.00"))
    assert why(third) == ("store_credit_too_small", "/payments/0/amount")
    healthy()


def test_the_same_payment_told_twice_is_one_and_another_amount_is_refused() -> None:
    world = build.world()
    key, code = build.store_credit(world)
    order = world.place((world.skus[0], 3), payments=[])
    item = PaymentItem(order_id=order, provider="store_credit", reference=code, status="paid", amount="5.00")  # fmt: skip

    done = record_payments([item, item], actor=build.TESTER)
    again = record(order, code, "5.00").require()

    assert {o.require().id for o in done} == {again.id}
    assert credit(key) == ("active", 1200, 700)
    assert why(record(order, code, "6.00")) == ("amount_differs", "/amount")
    assert why(record(order, code, "5.00", "failed")) == ("payment_moves", "/status")
    document = world.document(payments=[paying(code, "7.00")])
    placed = [place_orders([document], actor=build.TESTER)[0].require() for _ in range(2)]
    assert [o.data["created"] for o in placed] == [True, False]
    assert credit(key) == ("used", 1200, 0)


def test_what_a_store_credit_does_not_pay() -> None:
    world, other = build.world(), build.world()
    key, code = build.store_credit(world)
    order = world.place(payments=[])

    assert why(place(other, paying(code, "5.00"))) == ("unknown_store_credit", "/payments/0/reference")  # fmt: skip
    assert why(record(other.place(payments=[]), code, "5.00")) == ("unknown_store_credit", "/reference")  # fmt: skip
    assert why(record(order, "SC1001", "5.00")) == ("unknown_store_credit", "/reference")
    assert why(record(order, code, "12.01")) == ("store_credit_too_small", "/amount")
    assert why(record(order, code, "11.00")) == ("store_credit_more_than_due", "/amount")
    assert why(record(order, code, "5.00", "authorized")) == ("store_credit_pays", "/status")
    assert why(record(order, code, "0.00")) == ("store_credit_pays", "/status")
    twice = place(world, paying(code, "1.00"), paying(code.lower(), "1.00"))
    assert why(twice) == ("payment_exists", "/payments/1/reference")
    paid = {"provider": "test", "reference": "x1", "status": "paid", "amount": "8.00"}
    assert why(place(world, paid, paying(code, "3.00")))[0] == "store_credit_more_than_due"
    yen = world.document(currency="JPY", payments=[paying(code, "5")], lines=[{"sku": "x", "name": "x", "quantity": 1, "unit_price": "10", "tax_rate": "0"}])  # fmt: skip
    assert why(place_orders([yen], actor=build.TESTER)[0]) == ("store_credit_currency", "/payments/0/reference")  # fmt: skip
    assert credit(key) == ("active", 1200, 1200)
    healthy()


def test_an_order_that_is_refused_spends_nothing() -> None:
    world = build.world()
    key, code = build.store_credit(world)
    documents = [
        world.document(payments=[paying(code, "4.00"), paying("0" * 16, "1.00")]),
        world.document(payments=[paying(code, "5.00")]),
        world.document(payments=[paying(code, "8.00")]),
    ]

    done = place_orders(documents, actor=build.TESTER)

    assert [o.ok for o in done] == [False, True, False]
    assert credit(key) == ("active", 1200, 700)


def test_a_refund_of_what_a_store_credit_paid_goes_back_to_it_and_makes_it_good_again() -> None:
    world = build.world()
    set_return_policies([PolicyItem(shop=world.shop, store_credit_days=10)], actor=build.TESTER)
    key, code = build.store_credit(world)
    order = world.place((world.skus[0], 2), payments=[paying(code, "12.00"), {"provider": "test", "reference": f"r{code}", "status": "paid", "amount": "8.00"}])  # fmt: skip
    build.invoice(order)
    cancel_orders([CancelItem(order_id=order, reason="x")], actor=build.TESTER)[0].require()
    build.invoice(order)
    assert credit(key) == ("used", 1200, 0)

    made = refund_all(order, as_store_credit=False)

    rows = sorted(refund_detail(build.TESTER, r).via for r in made)
    assert rows == ["manual", "store_credit"]
    assert credit(key) == ("active", 1200, 1200)
    kinds = [m.kind for m in credit_movements([key])[key]]
    assert kinds == ["issued", "used", "given_back"]
    healthy()


def test_a_credit_expires_and_what_goes_back_to_it_can_be_spent_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = build.world()
    set_return_policies([PolicyItem(shop=world.shop, store_credit_days=10)], actor=build.TESTER)
    key, code = build.store_credit(world)
    order = place(world, paying(code, "10.00")).require().id
    assert order is not None
    build.invoice(order)
    early = expire_store_credits([ExpireCreditItem(store_credit_id=key)], actor=build.TESTER)
    assert why(early[0])[0] == "store_credit_not_over"
    later = clock.now() + timedelta(days=12)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert why(place(world, paying(code, "1.00")))[0] == "store_credit_expired"

    assert expire_due(actor=build.TESTER) == 1
    assert expire_due(actor=build.TESTER) == 0
    assert credit(key) == ("expired", 1200, 0)
    strangers = build.limited(uuid4())
    hidden = expire_store_credits([ExpireCreditItem(store_credit_id=key)], actor=strangers)
    assert why(hidden[0])[0] == "unknown_store_credit"

    cancel_orders([CancelItem(order_id=order, reason="x")], actor=build.TESTER)[0].require()
    build.invoice(order)
    refund_all(order)

    assert credit(key) == ("active", 1200, 1000)
    assert store_credit_detail(build.TESTER, key).expires_on == clock.business_date(later, "Europe/Amsterdam") + timedelta(days=10)  # fmt: skip
    place(world, paying(code, "10.00")).require()
    healthy()


def test_a_shop_whose_credits_last_for_ever_gives_the_old_ones_that_too() -> None:
    world = build.world()
    set_return_policies([PolicyItem(shop=world.shop, store_credit_days=10)], actor=build.TESTER)
    key, code = build.store_credit(world)
    order = place(world, paying(code, "10.00")).require().id
    assert order is not None
    build.invoice(order)
    set_return_policies([PolicyItem(shop=world.shop)], actor=build.TESTER)
    cancel_orders([CancelItem(order_id=order, reason="x")], actor=build.TESTER)[0].require()
    build.invoice(order)
    refund_all(order)
    assert store_credit_detail(build.TESTER, key).expires_on is None


def test_what_a_refund_gives_is_changed_until_it_is_sent() -> None:
    world = build.world()
    order = world.place((world.skus[0], 3))
    build.invoice(order)
    key = build.refund(order, "12.00")

    def redirect(to: Any) -> Outcome:
        return redirect_refunds([RedirectRefundItem(refund_id=key, to=to)], actor=build.TESTER)[0]

    for to in ("store_credit", "store_credit", "money"):
        redirect(to).require()
    kinds = sql.fetch("select count(*) from core_event where kind = 'refund.redirected' and aggregate_id = %s", (key,))  # fmt: skip
    assert kinds == [(2,)]
    approve_refunds([ApproveRefundItem(refund_id=key)], actor=build.TESTER)
    submit_refunds([SubmitRefundItem(refund_id=key)], actor=build.TESTER)
    assert why(redirect("store_credit"))[0] == "cannot_be_redirected"
    assert refund_detail(build.TESTER, key).via == "manual"
    unknown = redirect_refunds([RedirectRefundItem(refund_id=uuid4(), to="money")], actor=build.TESTER)  # fmt: skip
    assert why(unknown[0])[0] == "unknown_refund"

    _, code = build.store_credit(world)
    spent = place(world, paying(code, "10.00")).require().id
    assert spent is not None
    build.invoice(spent)
    back = build.refund(spent, "5.00")
    refused = redirect_refunds([RedirectRefundItem(refund_id=back, to="money")], actor=build.TESTER)
    assert why(refused[0])[0] == "paid_by_store_credit"


def test_what_stays_in_the_shop_is_not_transferred_by_anybody() -> None:
    world = build.world(refund_mode="periodic")
    _, code = build.store_credit(world)
    spent = place(world, paying(code, "10.00")).require().id
    assert spent is not None
    build.invoice(spent)
    back = build.refund(spent, "5.00")
    approve_refunds([ApproveRefundItem(refund_id=back)], actor=build.TESTER)

    account = RefundAccountItem(refund_id=back, holder="A. Buyer", iban="NL91ABNA0417164300")
    assert why(set_refund_accounts([account], actor=build.TESTER)[0])[0] == "not_by_hand"
    batch = create_transfer_batches([BankTransferItem(refund_id=back)], actor=build.TESTER)
    assert why(batch[0])[0] == "not_by_hand"


def test_a_failed_refund_that_gives_store_credit_is_not_paid_by_hand() -> None:
    world = build.world()
    order = world.place((world.skus[0], 3))
    build.invoice(order)
    key = build.refund(order, "12.00")
    approve_refunds([ApproveRefundItem(refund_id=key)], actor=build.TESTER)
    submit_refunds([SubmitRefundItem(refund_id=key)], actor=build.TESTER)
    settle_refunds([SettleRefundItem(refund_id=key, status="failed")], actor=build.TESTER)
    account = RefundAccountItem(refund_id=key, holder="A. Buyer", iban="NL91ABNA0417164300")
    assert why(set_refund_accounts([account], actor=build.TESTER)[0])[0] == "not_by_hand"
    redirect_refunds([RedirectRefundItem(refund_id=key, to="store_credit")], actor=build.TESTER)

    item = RetryRefundItem(refund_id=key, by_hand=True)
    assert why(retry_refunds([item], actor=build.TESTER)[0])[0] == "not_by_hand"
    retry_refunds([RetryRefundItem(refund_id=key)], actor=build.TESTER)[0].require()


def test_an_author_does_not_redirect_what_somebody_else_approved() -> None:
    world = build.world(refund_mode="periodic", four_eyes_above="5.00")
    order = world.place((world.skus[0], 3))
    build.invoice(order)
    alice, bob = (Actor("user", name, id=uuid4()) for name in ("alice", "bob"))
    item = CreditItem(invoice_id=build.invoices(order)[0]["id"], reason="Broken", amount="12.00")
    invoice = credit_invoices([item], actor=alice)[0].require().id
    assert invoice is not None
    made = create_refunds([CreateRefundItem(invoice_id=invoice)], actor=alice)[0].require()
    key = UUID(str(made.data["refunds"][0]))
    approve_refunds([ApproveRefundItem(refund_id=key)], actor=bob)[0].require()

    wish = RedirectRefundItem(refund_id=key, to="store_credit")
    assert why(redirect_refunds([wish], actor=alice)[0])[0] == "four_eyes"
    redirect_refunds([wish], actor=bob)[0].require()


def test_four_eyes_look_at_store_credit_as_at_money() -> None:
    world = build.world(refund_mode="automatic", four_eyes_above="5.00")
    order = world.place((world.skus[0], 3))
    build.invoice(order)
    key = build.refund(order, "12.00")
    redirect_refunds([RedirectRefundItem(refund_id=key, to="store_credit")], actor=build.TESTER)
    assert why(submit_refunds([SubmitRefundItem(refund_id=key)], actor=build.TESTER)[0])[0] == "not_approved"  # fmt: skip
    approve_refunds([ApproveRefundItem(refund_id=key)], actor=Actor("user", "bob", id=uuid4()))
    submit_refunds([SubmitRefundItem(refund_id=key)], actor=build.TESTER)[0].require()
    assert refund_detail(build.TESTER, key).via == "store_credit"


@pytest.mark.parametrize(
    "statement",
    [
        "update refunds_store_credit set remaining_minor = remaining_minor + 0, amount_minor = amount_minor + 1 where id = %s",
        "update refunds_store_credit set remaining_minor = 0 where id = %s",
        "update refunds_store_credit set is_expired = true where id = %s",
        "update refunds_store_credit set code = '0000000000000000' where id = %s",
        "delete from refunds_store_credit where id = %s",
        "delete from refunds_credit_movement where store_credit_id = %s",
        "update refunds_credit_movement set delta_minor = 1 where store_credit_id = %s",
    ],
)
def test_the_database_keeps_the_balance_by_itself(statement: str) -> None:
    key, _ = build.store_credit(build.world())
    with pytest.raises(IntegrityError), atomic():
        sql.execute(statement, (key,))


_WRITE_LINE = (
    "insert into refunds_credit_movement (id, at, shop_id, order_id, store_credit_id, currency, kind, delta_minor, payment_id, refund_id) "
    "select gen_random_uuid(), now(), p.shop_id, p.order_id, %s, 'EUR', %s, %s, p.id, %s from payments_payment p where p.order_id = %s"
)


@pytest.mark.parametrize(("kind", "delta"), [("used", -1201), ("given_back", 1)])
def test_the_database_refuses_a_line_below_nothing_or_above_what_was_given(
    kind: str, delta: int
) -> None:
    world = build.world()
    key, _ = build.store_credit(world)
    order = world.place((world.skus[0], 2))
    build.invoice(order)
    refund = build.refund(order, "1.00") if kind == "given_back" else None
    with pytest.raises(IntegrityError, match="never_overspent"), atomic():
        sql.execute(_WRITE_LINE, (key, kind, delta, refund, order))


_ANY_LINE = (
    "insert into refunds_credit_movement (id, at, shop_id, order_id, store_credit_id, currency, kind, delta_minor, payment_id, refund_id) "
    "select gen_random_uuid(), now(), p.shop_id, p.order_id, %s, 'EUR', %s, %s, case when %s then p.id end, %s "
    "from payments_payment p where p.order_id = %s"
)


def test_lines_move_a_credit_as_the_table_of_its_statuses_says() -> None:
    world = build.world()
    key, _ = build.store_credit(world)
    orders = [world.place((world.skus[0], 2)) for _ in range(3)]
    for order in orders:
        build.invoice(order)
    refund = build.refund(orders[2], "1.00")

    def status() -> str:
        return str(sql.fetch("select status from refunds_store_credit where id = %s", (key,))[0][0])

    def write(kind: str, delta: int, order: UUID) -> None:
        back = refund if kind == "given_back" else None
        sql.execute(_ANY_LINE, (key, kind, delta, kind in {"used", "given_back"}, back, order))

    # What happened before; what is left then.
    before: list[tuple[list[tuple[str, int]], int]] = [
        ([], 1200), ([("used", -500)], 700), ([("used", -1200)], 0), ([("expired", -1200)], 0), ([("stopped", -1200)], 0),
        ([("used", -500), ("expired", -700)], 0), ([("used", -500), ("stopped", -700)], 0),
    ]  # fmt: skip
    met = set()
    for lines, left in before:
        for kind, delta in (("used", -1), ("used", -left), ("given_back", 1), ("expired", -left), ("stopped", -left), ("expired", -1)):  # fmt: skip
            undo = savepoint()
            with suppress(IntegrityError):
                for (earlier, worth), order in zip(lines, orders, strict=False):
                    write(earlier, worth, order)
                origin = status()
                write(kind, delta, orders[2])
                met.add((origin, status()))
            savepoint_rollback(undo)

    check_moves(MOVES, start=START, final=FINAL)
    moves = {(a, to) for to, origins in MOVES.items() for a in origins}
    assert status() in START
    assert {(a, to) for a, to in met if a != to} == moves


def test_codes_are_read_however_they_are_typed() -> None:
    code = new_code()
    assert len(code) == 16
    assert plain_code(f" {grouped_code(code).lower()} ") == code
    assert plain_code("oOiIlL") == "001111"
    assert len({new_code() for _ in range(200)}) == 200


def test_store_credits_are_found_by_code_number_and_order() -> None:
    world = build.world()
    key, code = build.store_credit(world)
    found = store_credit_detail(build.TESTER, key)
    payer = place(world, paying(code, "10.00")).require().id

    def keys(**filters: Any) -> list[UUID]:
        page = store_credit_page(build.TESTER, StoreCreditFilters(shop=world.shop, **filters))
        return [row.id for row in page.items]

    for filters in ({"q": grouped_code(code)}, {"q": found.number.lower()}, {"q": found.order_number}, {"code": code.lower()}, {"order_id": payer}, {"status": "active"}):  # fmt: skip
        assert keys(**filters) == [key]
    assert keys(q=code[:8]) == keys(status="used") == []
    counts = store_credit_tab_counts(build.TESTER, world.shop)
    assert counts == {"active": 1, "used": 0, "expired": 0}
    assert store_credit_tab_counts(build.limited(uuid4())) == dict.fromkeys(counts, 0)
    with pytest.raises(NotFound):
        store_credit_detail(build.limited(uuid4()), key)


@pytest.mark.parametrize(
    ("locale", "words"),
    [("nl", "Je code"), ("en", "Your code"), ("de", "Ihr Code"), ("fr", "Votre code")],
)
def test_the_customer_gets_the_code_and_hears_of_no_refund_of_money(locale: str, words: str) -> None:  # fmt: skip
    world = build.world(locale=locale)
    set_return_policies([PolicyItem(shop=world.shop, store_credit_days=10)], actor=build.TESTER)
    key, code = build.store_credit(world)
    events = sql.fetch("select id from core_event where kind in ('store_credit.issued', 'refund.succeeded') and shop_id = %s", (world.shop_id,))  # fmt: skip
    assert len(events) == 2

    write_event_emails([row[0] for row in events])
    assert write_event_emails([row[0] for row in events]) == []

    bodies = sql.fetch("select body_text from emails_email where shop_id = %s", (world.shop_id,))
    assert len(bodies) == 1
    assert words in bodies[0][0]
    assert grouped_code(code) in bodies[0][0]
    assert "12" in bodies[0][0]
    assert "{{" not in bodies[0][0]
    [shown] = email_page(build.TESTER, EmailFilters(shop=world.shop)).items
    assert grouped_code(code) not in shown.body_text + shown.body_html + shown.subject
    assert f"····-····-····-{code[-4:]}" in shown.body_text
    payloads = sql.fetch("select payload::text from core_event where shop_id = %s", (world.shop_id,))  # fmt: skip
    assert not any(code in row[0] for row in payloads)
    assert isinstance(store_credit_detail(build.TESTER, key).issued_at, datetime)


def test_many_at_once_take_no_more_statements_than_one() -> None:
    counts: list[int] = []
    for n in (1, 7):
        world = build.world(stock=1000)
        codes = [build.store_credit(world)[1] for _ in range(n)]
        documents = [world.document(payments=[paying(code, "10.00")]) for code in codes]
        with sql.count_statements() as count:
            assert all(o.ok for o in place_orders(documents, actor=build.TESTER))
        counts.append(count.total)
        orders = [row[0] for row in sql.fetch("select order_id from payments_payment where shop_id = %s and provider = 'store_credit'", (world.shop_id,))]  # fmt: skip
        for order in orders:
            build.invoice(order)
        keys = [build.refund(order, "5.00") for order in orders]
        approve_refunds([ApproveRefundItem(refund_id=key) for key in keys], actor=build.TESTER)
        with sql.count_statements() as count:
            submit_refunds([SubmitRefundItem(refund_id=key) for key in keys], actor=build.TESTER)
        counts.append(count.total)
    assert counts[:2] == counts[2:]
