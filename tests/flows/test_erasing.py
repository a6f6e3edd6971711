"""Personal data goes on request or after its time; what the law wants kept stays, and nobody else can rewrite history."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, connection
from django.db.transaction import atomic

from orderwerk.checks.run import ALL, run_checks
from orderwerk.core import clock, decode, sql
from orderwerk.core.uow import unit_of_work
from orderwerk.emails.commands.queue import NewEmail, queue_emails, still_to_write
from orderwerk.emails.commands.report_bounces import BounceItem, report_bounces
from orderwerk.emails.commands.resend import ResendItem, resend_emails
from orderwerk.flows.erase_orders import EraseItem, erase_due, erase_orders, orders_of_customer
from orderwerk.flows.send_emails import SendEmailItem, send_emails
from orderwerk.flows.withdraw import WithdrawalItem, state_withdrawals
from orderwerk.invoices.commands.credit import CreditItem, credit_invoices
from orderwerk.invoices.documents import invoice_document
from orderwerk.memos.commands.create import MemoItem, create_memos
from orderwerk.orders.commands.update import UpdateItem, update_orders
from orderwerk.orders.queries import order_detail
from orderwerk.payments.commands.set_accounts import AccountItem, set_payment_accounts
from orderwerk.refunds.commands.approve import ApproveRefundItem, approve_refunds
from orderwerk.refunds.commands.create_batches import BankTransferItem, create_transfer_batches
from orderwerk.refunds.commands.note_differences import Found, note_differences
from orderwerk.refunds.commands.reject import RejectRefundItem, reject_refunds
from orderwerk.refunds.commands.resolve_differences import (
    ResolveDifferenceItem,
    resolve_differences,
)
from orderwerk.refunds.commands.set_accounts import RefundAccountItem, set_refund_accounts
from orderwerk.refunds.commands.settle import SettleRefundItem, settle_refunds
from orderwerk.refunds.commands.submit import submit_due
from orderwerk.return_requests.commands.decide import RejectRequestItem, reject_return_requests
from orderwerk.shipments.commands.track import TrackItem, track_shipments
from orderwerk.shops.commands.upsert import ShopItem, upsert_shops
from tests import build

pytestmark = pytest.mark.django_db
# Stands nowhere else than in what the person told us.
NAME, STREET, MAIL = "Wilhelmina Zonderling", "Nergensweg", "wilhelmina@example.com"
IBAN = "NL91ABNA0417164300"
NOT_HEALTHY = {"durable", "stuck-outbox", "nets-role"}


def person(world: build.World, **fields: Any) -> UUID:
    """An order with everything that may tell of a person, all of it done with."""
    address = {"name": NAME, "street": STREET, "house_number": "1", "postal_code": "1234 AB", "city": "Testdorp", "country": "NL"}  # fmt: skip
    customer = {"name": NAME, "email": MAIL, "phone": "+31612345678", "external_id": "C1"}
    order = build.shipped(
        world, billing_address=address, customer=customer, comment=f"For {NAME}", metadata={"who": NAME}, **fields,
    )  # fmt: skip
    build.invoice(order)
    update = {"order_id": str(order), "comment": f"Leave it with {NAME}"}
    update_orders([decode.convert(update, UpdateItem)], actor=build.TESTER)[0].require()
    create_memos([MemoItem(order_id=order, text=f"{NAME} called")], actor=build.TESTER)
    stated = WithdrawalItem(order_id=order, name=NAME, email=MAIL, language="nl")
    state_withdrawals([stated], actor=build.TESTER)[0].require()
    sql.execute("set session_replication_role = replica")
    sql.execute("update return_requests_request set status = 'cancelled', finished_at = now() where order_id = %s", (order,))  # fmt: skip
    sql.execute("set session_replication_role = origin")
    with unit_of_work(build.TESTER) as unit:
        mail = NewEmail(world.shop_id, order, "t", order, MAIL, "b@example.com", "", f"Dear {NAME}", NAME)  # fmt: skip
        [key] = queue_emails(unit, [mail])
    sql.execute("update emails_email set status = 'kept' where id = %s", (key,))
    [(message_id,)] = sql.fetch("select message_id from emails_email where id = %s", (key,))
    report_bounces([BounceItem(message_id=message_id, reason=f"no {MAIL}")], actor=build.TESTER)
    return order


def told_of_money(world: build.World, order: UUID) -> None:
    """Let refunds, differences, a return and a problem of a person's order tell of the person."""
    rejected = build.refund(order, "1.00")
    reject_refunds([RejectRefundItem(refund_id=rejected, reason=f"{NAME} moved")], actor=build.TESTER)[0].require()  # fmt: skip
    failed = build.refund(order, "2.00")
    approve_refunds([ApproveRefundItem(refund_id=failed)], actor=build.TESTER)[0].require()
    account = RefundAccountItem(refund_id=failed, holder=NAME, iban=IBAN)
    [done] = set_refund_accounts([account], actor=build.TESTER)
    assert done.data["iban"] == "NL91…4300"
    submit_due(actor=build.TESTER)
    [filed] = create_transfer_batches([BankTransferItem(refund_id=failed)], actor=build.TESTER)
    filed.require()
    item = SettleRefundItem(refund_id=failed, status="failed", note=f"{NAME} closed it")
    settle_refunds([item], actor=build.TESTER)[0].require()
    account_of = {"shop": world.shop, "provider": "mollie", "key": "test_abcdefghijklmnopqrstuvwxyz0123"}  # fmt: skip
    at = set_payment_accounts([decode.convert(account_of, AccountItem)], actor=build.TESTER)[0].require().id  # fmt: skip
    [(payment,)] = sql.fetch("select id from payments_payment where order_id = %s", (order,))
    found = Found(
        shop_id=world.shop_id, account_id=at, kind="unknown_refund", reference=f"re_{build.serial()}", currency="EUR",
        happened_at=clock.now(), payment_id=payment, theirs_minor=100,
    )  # type: ignore[arg-type] # fmt: skip
    difference = note_differences([found], actor=build.TESTER)[0].require().id
    resolved = ResolveDifferenceItem(difference_id=difference, note=f"A gift to {NAME}")  # type: ignore[arg-type]
    resolve_differences([resolved], actor=build.TESTER)[0].require()
    assert sql.fetch("select order_id from core_event where kind = 'difference.resolved'") == [(order,)]  # fmt: skip
    build.give_back(order, build.back(order, disposition="dispose"), comment=f"{NAME} brought it", credit=False).require()  # fmt: skip
    step = TrackItem(shipment_id=build.shipments(order)[0], status="damaged", at=clock.now(), text=NAME, place=STREET)  # fmt: skip
    track_shipments([step], actor=build.TESTER)[0].require()
    # All of it is done with: what had to go back went back, and somebody dealt with the parcel.
    sql.execute("set session_replication_role = replica")
    sql.execute("update shipments_exception set status = 'closed', closed_at = now(), closed_by = 'x', note = %s where order_id = %s", (NAME, order))  # fmt: skip
    sql.execute("update orders_order set refund_reserved_minor = refundable_minor where id = %s", (order,))  # fmt: skip
    sql.execute("set session_replication_role = origin")


def traces(*kept: str) -> dict[str, int]:
    """In which tables a word of the person still stands, as text or as bytes, and how often; `kept` ones are left out."""
    words = [NAME.split()[1], STREET, MAIL, "31612345678", IBAN]
    words += [word.encode().hex() for word in words]
    tables = [row[0] for row in sql.fetch("select relname from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = current_schema() and relkind in ('r', 'p') and not relispartition")]  # fmt: skip
    found = {}
    for table in sorted(set(tables) - set(kept)):
        [(count,)] = sql.fetch(
            f"select count(*) from {table} t where t::text ~* %s", ("|".join(words),)
        )  # fmt: skip
        if count:
            found[table] = count
    return found


def left_behind() -> set[str]:
    """What the self-check finds of erased orders."""
    [wanted] = [x for x in ALL if x.id == "erased-orders"]
    with connection.cursor() as cursor:
        cursor.execute(wanted.sql)
        return {row[4] for row in cursor.fetchall()}


def test_nothing_of_a_person_is_left_but_the_invoice_and_the_rest_still_adds_up() -> None:
    world = build.world(legal={"name": "Test B.V."})
    order = person(world)
    assert {"orders_order", "emails_email", "memos_memo", "core_event", "orders_search", "return_requests_withdrawal"} <= set(traces())  # fmt: skip

    for _ in range(2):
        erase_orders([EraseItem(order_id=order)], actor=build.TESTER)[0].require()

    assert traces("invoices_invoice") == {}
    assert sql.fetch("select count(*) from invoices_invoice where content::text ~ %s", (NAME,)) == [(1,)]  # fmt: skip
    found = order_detail(build.TESTER, order).order
    assert (found.customer_name, found.customer_email, found.delivery_address["country"]) == ("", None, "NL")  # fmt: skip
    assert (found.grand_total_minor, found.invoiced_minor, found.status) == (1000, 1000, "shipped")
    assert sql.fetch("select count(*) from core_event where kind = 'order.erased'") == [(1,)]
    report = run_checks([x for x in ALL if x.id not in NOT_HEALTHY])
    assert [f for f in report.findings if f.severity == "violation"] == []


def test_words_about_money_returns_and_parcels_go_too() -> None:
    world = build.world(legal={"name": "Test B.V.", "iban": "NL20INGB0001234567"})
    order = person(world)
    told_of_money(world, order)
    assert {"refunds_refund", "refunds_difference", "returns_return", "shipments_exception", "shipments_tracking_event"} <= set(traces())  # fmt: skip
    # As a version before wrote it: under no order.
    sql.execute("set session_replication_role = replica")
    sql.execute("update core_event set order_id = null where kind = 'difference.resolved'")
    sql.execute("set session_replication_role = origin")

    for _ in range(2):
        erase_orders([EraseItem(order_id=order)], actor=build.TESTER)[0].require()

    # Until its term is over a file for the bank says whom it paid.
    assert traces("invoices_invoice") == {"refunds_batch": 1}
    assert sql.fetch("select distinct note from refunds_refund where order_id = %s", (order,)) == [("",)]  # fmt: skip
    assert sql.fetch("select note, status from refunds_difference") == [("erased", "explained")]
    assert sql.fetch("select count(*) from core_event where kind = 'order.erased'") == [(1,)]


@pytest.mark.parametrize("table", ["refunds_refund", "refunds_difference"])
def test_words_about_money_that_come_later_are_looked_for_and_go_too(table: str) -> None:
    world = build.world(legal={"name": "Test B.V.", "iban": "NL20INGB0001234567"})
    order = person(world)
    told_of_money(world, order)
    erase_orders([EraseItem(order_id=order)], actor=build.TESTER)[0].require()
    sql.execute(f"update {table} set note = %s", (NAME,))

    assert left_behind() == {table.split("_")[1]}
    erase_orders([EraseItem(order_id=order)], actor=build.TESTER)[0].require()

    assert traces("invoices_invoice", "refunds_batch") == {}
    assert left_behind() == set()


def test_an_erased_order_takes_no_new_data() -> None:
    world = build.world()
    order = person(world)
    erase_orders([EraseItem(order_id=order)], actor=build.TESTER)[0].require()
    update = {"order_id": str(order), "comment": "Ring twice"}

    outcome = update_orders([decode.convert(update, UpdateItem)], actor=build.TESTER)[0]

    assert outcome.error is not None
    assert outcome.error.code == "erased"
    item = CreditItem(invoice_id=build.invoices(order)[0]["id"], reason="x", amount="1.00")
    credit = credit_invoices([item], actor=build.TESTER)[0]
    back = build.give_back(order)
    assert [o.error.code for o in (credit, back) if o.error] == ["erased", "erased"]
    with pytest.raises(IntegrityError), atomic():
        sql.execute("update orders_order set customer_name = 'x' where id = %s", (order,))


def test_words_that_come_after_erasing_are_refused_or_not_kept() -> None:
    order = person(build.world(sender_email="b@example.com"))
    [(mail_id, message_id)] = sql.fetch("select id, message_id from emails_email where order_id = %s and trigger = 't'", (order,))  # fmt: skip
    erase_orders([EraseItem(order_id=order)], actor=build.TESTER)[0].require()

    refused = [
        create_memos([MemoItem(order_id=order, text=NAME)], actor=build.TESTER)[0],
        send_emails([SendEmailItem(order_id=order, subject=NAME, body=NAME)], actor=build.TESTER)[0],
        resend_emails([ResendItem(email_id=mail_id)], actor=build.TESTER)[0],
        build.request(order, comment=NAME),
    ]  # fmt: skip
    bounced = BounceItem(message_id=message_id, kind="temporary", code="4.2.2", reason=f"no {MAIL}")
    report_bounces([bounced], actor=build.TESTER)[0].require()
    step = TrackItem(shipment_id=build.shipments(order)[0], status="damaged", at=clock.now(), text=NAME, place=STREET)  # fmt: skip
    track_shipments([step], actor=build.TESTER)[0].require()

    assert [o.error.code for o in refused if o.error] == ["erased"] * 4
    assert traces("invoices_invoice") == {}
    assert sql.fetch("select code from emails_bounce where kind = 'temporary'") == [("4.2.2",)]


def test_a_message_of_an_event_before_erasing_is_not_written_after_it() -> None:
    world = build.world()
    order = person(world)
    mail = NewEmail(world.shop_id, order, "late", order, MAIL, "b@example.com", "", NAME, NAME)
    erase_orders([EraseItem(order_id=order)], actor=build.TESTER)[0].require()

    with unit_of_work(build.TESTER) as unit:
        assert still_to_write(unit, [mail]) == []


def test_erasing_again_takes_what_came_since() -> None:
    world = build.world(legal={"name": "Test B.V."})
    order = person(world)
    erase_orders([EraseItem(order_id=order)], actor=build.TESTER)[0].require()
    sql.execute(
        "insert into memos_memo (id, shop_id, order_id, text, author_name, created_at) select gen_random_uuid(), %s, %s, %s, 'x', now()",
        (world.shop_id, order, NAME),
    )
    assert set(traces("invoices_invoice")) == {"memos_memo"}

    for _ in range(2):
        erase_orders([EraseItem(order_id=order)], actor=build.TESTER)[0].require()

    assert traces("invoices_invoice") == {}
    assert sql.fetch("select count(*) from core_event where kind = 'order.erased'") == [(2,)]


def test_what_is_not_done_with_is_not_erased() -> None:
    world = build.world()
    open_order, uninvoiced, asked = world.place(), build.shipped(world), build.shipped(world)
    build.invoice(asked)
    build.request(asked).require()
    back = person(world)
    build.refund(back, "1.00")

    outcomes = erase_orders(
        [EraseItem(order_id=key) for key in (open_order, uninvoiced, asked, back)],
        actor=build.TESTER,
    )

    assert [o.error.code for o in outcomes if o.error] == ["still_open"] * 4
    assert sql.fetch("select count(*) from orders_order where erased_at is not null") == [(0,)]


def test_another_shops_order_is_not_there() -> None:
    order = person(build.world())
    stranger = build.limited(build.world().shop_id)

    outcome = erase_orders([EraseItem(order_id=order)], actor=stranger)[0]

    assert outcome.error is not None
    assert outcome.error.code == "unknown_order"
    assert orders_of_customer(stranger, MAIL) == []
    assert [key for key, _ in orders_of_customer(build.TESTER, f" {MAIL.upper()}")] == [order]


def test_data_goes_after_the_shops_time_and_not_before() -> None:
    world = build.world()
    order = person(world, placed_at="2020-01-01T10:00:00+01:00")
    assert erase_due(actor=build.TESTER) == 0
    item = {"code": world.shop, "name": world.shop, "currency": "EUR", "locale": "nl", "erase_after_days": 365}  # fmt: skip
    upsert_shops([decode.convert(item, ShopItem)], actor=build.TESTER)[0].require()

    # Touched today: its time begins again.
    assert erase_due(actor=build.TESTER) == 0
    with clock.told(clock.now() + timedelta(days=366)):
        assert [erase_due(actor=build.TESTER) for _ in range(2)] == [1, 0]

    assert sql.fetch("select id from orders_order where erased_at is not null") == [(order,)]


def test_a_withdrawal_from_an_erased_order_is_taken_and_goes_in_its_time() -> None:
    world = build.world()
    order = person(world, placed_at="2020-01-01T10:00:00+01:00")
    item = {"code": world.shop, "name": world.shop, "currency": "EUR", "locale": "nl", "erase_after_days": 365}  # fmt: skip
    upsert_shops([decode.convert(item, ShopItem)], actor=build.TESTER)[0].require()
    erase_orders([EraseItem(order_id=order)], actor=build.TESTER)[0].require()
    late = WithdrawalItem(order_id=order, name=NAME, email=MAIL, language="nl")

    stated = state_withdrawals([late], actor=build.TESTER)[0].require()

    # A letter may have come before, and be written down afterwards.
    letter = WithdrawalItem(order_id=order, name="erased", email=MAIL, language="nl", received_at=clock.now() - timedelta(days=2))  # fmt: skip
    state_withdrawals([letter], actor=build.TESTER)[0].require()
    # Nothing is wrong with them: they came afterwards, and somebody has to answer them.
    assert left_behind() == set()
    names = "select name from return_requests_withdrawal where order_id = %s and email <> 'erased@example.invalid' order by id"
    later = clock.now() + timedelta(days=366)
    if stated.data["return_request"]:
        with clock.told(later):
            assert erase_due(actor=build.TESTER) == 0
        rows = sql.fetch("select id from return_requests_request where order_id = %s and status in ('requested', 'approved')", (order,))  # fmt: skip
        reject_return_requests([RejectRequestItem(return_request_id=row[0], reason="x") for row in rows], actor=build.TESTER)  # fmt: skip
    assert sql.fetch(names, (order,)) == [(NAME,), ("erased",)]
    with clock.told(later):
        assert [erase_due(actor=build.TESTER) for _ in range(2)] == [1, 0]
    assert sql.fetch(names, (order,)) == []


@pytest.mark.parametrize("table", ["core_event", "memos_memo", "emails_bounce", "return_requests_withdrawal", "invoices_document"])  # fmt: skip
def test_the_guards_let_nothing_else_through(table: str) -> None:
    order = person(build.world())
    for invoice in build.invoices(order):
        invoice_document(invoice["id"], "pdf", actor=build.TESTER)
    column = {"core_event": "payload = '{}'", "memos_memo": "text = ''"}.get(table, "id = id")
    for statement in (f"update {table} set {column}", f"delete from {table}"):
        with pytest.raises(IntegrityError), atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
