"""The same for the commands of payment providers."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from orderwerk.accounts.commands.create_user import NewUser, create_users
from orderwerk.core import clock, sql
from orderwerk.core.actor import Actor
from orderwerk.core.decode import convert
from orderwerk.core.uow import unit_of_work
from orderwerk.emails.commands.queue import NewEmail, queue_emails
from orderwerk.emails.commands.report_bounces import BounceItem, report_bounces
from orderwerk.flows.capture_payments import CaptureItem, capture_payments
from orderwerk.flows.erase_orders import EraseItem, erase_orders
from orderwerk.flows.record_payments import PaymentItem, record_payments
from orderwerk.flows.report_payments import PaymentNews, report_payments
from orderwerk.flows.ship_shipments import ShipItem, ship_shipments
from orderwerk.invoices.commands.blank import BlankItem, blank_documents
from orderwerk.memos.commands.create import MemoItem, create_memos
from orderwerk.memos.commands.see_mentions import SeeMentionItem, see_mentions
from orderwerk.payments.commands.check_accounts import (
    CheckAccountItem,
    CheckResult,
    check_payment_accounts,
    note_account_checks,
)
from orderwerk.payments.commands.notice import PaymentNotice, notice_payments
from orderwerk.payments.commands.report_captures import CaptureNews, report_captures
from orderwerk.payments.commands.retry_captures import RetryCaptureItem, retry_captures
from orderwerk.payments.commands.set_accounts import AccountItem, set_payment_accounts
from orderwerk.payments.ports import RefundReport
from orderwerk.refunds.commands.approve import ApproveRefundItem, approve_refunds
from orderwerk.refunds.commands.blank_batches import BlankBatchItem, blank_transfer_batches
from orderwerk.refunds.commands.create_batches import BankTransferItem, create_transfer_batches
from orderwerk.refunds.commands.match import MatchItem, match_refunds
from orderwerk.refunds.commands.note_differences import Found, note_differences
from orderwerk.refunds.commands.report import RefundNews, report_refunds
from orderwerk.refunds.commands.resolve_differences import (
    ResolveDifferenceItem,
    resolve_differences,
)
from orderwerk.refunds.commands.set_accounts import RefundAccountItem, set_refund_accounts
from orderwerk.refunds.commands.submit import SubmitRefundItem, submit_refunds
from tests import build
from tests.bulk.scenarios import ALL, placed, scenario

__all__ = ["ALL"]
KEY = "test_abcdefghijklmnopqrstuvwxyz"


def _account(shop: str, provider: str = "mollie") -> AccountItem:
    return convert({"shop": shop, "provider": provider, "key": KEY}, AccountItem)


@scenario(set_payment_accounts)
def _accounts(n: int) -> Sequence[Any]:
    return [_account(build.world(stock=0).shop) for _ in range(n)]


def _account_ids(n: int) -> list[Any]:
    made = set_payment_accounts(_accounts(n), actor=build.TESTER)
    return [outcome.require().id for outcome in made]


@scenario(check_payment_accounts)
def _to_check(n: int) -> Sequence[Any]:
    return [CheckAccountItem(account_id=key) for key in _account_ids(n)]


@scenario(note_account_checks)
def _checked(n: int) -> Sequence[Any]:
    return [CheckResult(key, is_good=True, note="ideal") for key in _account_ids(n)]


@scenario(notice_payments)
def _noticed(n: int) -> Sequence[Any]:
    [account] = _account_ids(1)
    [(shop,)] = sql.fetch("select shop_id from payments_account where id = %s", (account,))
    return [PaymentNotice(account, shop, f"tr_{build.serial()}") for _ in range(n)]


def _approved(n: int) -> list[Any]:
    world, orders = placed(n)
    set_payment_accounts([_account(world.shop)], actor=build.TESTER)[0].require()
    sql.execute("set session_replication_role = replica")
    sql.execute(
        "update payments_payment set provider = 'mollie' where shop_id = %s", (world.shop_id,)
    )
    sql.execute("set session_replication_role = origin")
    for order in orders:
        build.invoice(order)
    keys = [build.refund(order, "1.00") for order in orders]
    approve_refunds([ApproveRefundItem(refund_id=key) for key in keys], actor=build.TESTER)
    return keys


@scenario(report_refunds)
def _reported(n: int) -> Sequence[Any]:
    keys = _approved(n)
    submit_refunds([SubmitRefundItem(refund_id=key) for key in keys], actor=build.TESTER)
    return [
        RefundNews(key, "succeeded", reference=f"re_{build.serial()}", word="refunded", amount=100)
        for key in keys
    ]


@scenario(report_refunds, "taken back")
def _taken_back(n: int) -> Sequence[Any]:
    items = _reported(n)
    report_refunds(items, actor=build.TESTER)
    return [replace(item, status="failed", word="failed") for item in items]


def _by_hand() -> RefundReport:
    return RefundReport(f"re_{build.serial()}", "tr_1", "succeeded", "refunded", 100, "EUR", clock.now())  # fmt: skip


@scenario(match_refunds)
def _matched(n: int) -> Sequence[Any]:
    return [MatchItem(key, _by_hand()) for key in _approved(n)]


def _found(keys: Sequence[Any]) -> list[Found]:
    rows = sql.fetch(
        "select r.id, r.shop_id, r.payment_id, a.id from refunds_refund r join payments_account a on a.shop_id = r.shop_id "
        "where r.id = any(%s) order by r.id",
        (list(keys),),
    )
    return [
        Found(
            shop_id=shop, account_id=account, kind="unknown_refund", reference=f"re_{build.serial()}", currency="EUR",
            happened_at=clock.now(), payment_id=payment, theirs_minor=100,
        )
        for _, shop, payment, account in rows
    ]  # fmt: skip


@scenario(note_differences)
def _differing(n: int) -> Sequence[Any]:
    return _found(_approved(n))


@scenario(resolve_differences)
def _to_resolve(n: int) -> Sequence[Any]:
    keys = sorted(_approved(n))
    noted = note_differences(_found(keys), actor=build.TESTER)
    return [
        ResolveDifferenceItem(difference_id=o.require().id, refund_id=key)  # type: ignore[arg-type]
        for o, key in zip(noted, keys, strict=True)
    ]


@scenario(report_payments)
def _payments(n: int) -> Sequence[Any]:
    _, orders = placed(n, payments=[])
    rows = sql.fetch("select id, shop_id from orders_order where id = any(%s)", (orders,))  # fmt: skip
    items = [
        PaymentItem(order_id=key, provider="mollie", reference=f"tr_{build.serial()}", status="pending", amount="30.00")
        for key, _ in rows
    ]  # fmt: skip
    record_payments(items, actor=build.TESTER)
    return [
        PaymentNews(
            shop,
            item.order_id,
            "mollie",
            item.reference,
            "paid",
            "EUR",
            3000,
            3000,
            name=item.reference,
        )
        for item, (_, shop) in zip(items, rows, strict=True)
    ]


def _authorized_and_shipped(n: int) -> list[Any]:
    world = build.world(stock=1000)
    set_payment_accounts([_account(world.shop)], actor=build.TESTER)[0].require()
    orders = [
        world.place(
            payments=[{"provider": "mollie", "reference": f"tr_{build.serial()}", "status": "authorized", "amount": "10.00"}]
        )
        for _ in range(n)
    ]  # fmt: skip
    shipments = [build.shipments(key)[0] for key in orders]
    ship_shipments([ShipItem(shipment_id=key) for key in shipments], actor=build.TESTER)
    return orders


@scenario(capture_payments)
def _to_capture(n: int) -> Sequence[Any]:
    return [CaptureItem(order_id=key) for key in _authorized_and_shipped(n)]


def _captured(n: int) -> list[tuple[Any, Any]]:
    items = [CaptureItem(order_id=key) for key in _authorized_and_shipped(n)]
    capture_payments(items, actor=build.TESTER)
    keys = [item.order_id for item in items]
    return [(row[0], row[1]) for row in sql.fetch("select id, effect_id from payments_capture where order_id = any(%s)", (keys,))]  # fmt: skip


@scenario(report_captures)
def _captures_told(n: int) -> Sequence[Any]:
    return [CaptureNews(key, "succeeded", call, f"cpt_{build.serial()}") for key, call in _captured(n)]  # fmt: skip


@scenario(retry_captures)
def _captures_failed(n: int) -> Sequence[Any]:
    made = _captured(n)
    report_captures([CaptureNews(key, "failed", call, note="no") for key, call in made], actor=build.TESTER)  # fmt: skip
    return [RetryCaptureItem(capture_id=key) for key, _ in made]


def _by_bank(n: int) -> list[Any]:
    keys = []
    for _ in range(n):
        world = build.world(legal={"name": "x", "iban": "NL20INGB0001234567"})
        order = world.place()
        build.invoice(order)
        keys.append(build.refund(order, "1.00"))
    return keys


@scenario(set_refund_accounts)
def _bank_accounts(n: int) -> Sequence[Any]:
    return [
        RefundAccountItem(refund_id=key, holder="x", iban="NL91ABNA0417164300")
        for key in _by_bank(n)
    ]


@scenario(create_transfer_batches)
def _bank_files(n: int) -> Sequence[Any]:
    items = _bank_accounts(n)
    set_refund_accounts(items, actor=build.TESTER)
    approve_refunds([ApproveRefundItem(refund_id=i.refund_id) for i in items], actor=build.TESTER)
    return [BankTransferItem(refund_id=item.refund_id) for item in items]


@scenario(blank_transfer_batches)
def _files_to_blank(n: int) -> Sequence[Any]:
    with clock.told(datetime(2015, 6, 1, tzinfo=UTC)):
        made = create_transfer_batches(_bank_files(n), actor=build.TESTER)
    return [BlankBatchItem(batch_id=outcome.require().data["batch_id"]) for outcome in made]


@scenario(report_bounces)
def _bounced(n: int) -> Sequence[Any]:
    _, orders = placed(n)
    [(shop,)] = sql.fetch("select distinct shop_id from orders_order where id = any(%s)", (orders,))
    with unit_of_work(build.TESTER) as unit:
        mails = [NewEmail(shop, key, "t", key, "a@example.com", "b@example.com", "", "s", "b") for key in orders]  # fmt: skip
        keys = queue_emails(unit, mails)
    rows = sql.fetch("select message_id from emails_email where id = any(%s)", (keys,))
    return [BounceItem(message_id=row[0], code="5.1.1", reason="no such mailbox") for row in rows]


@scenario(blank_documents)
def _to_blank(n: int) -> Sequence[Any]:
    with clock.told(datetime(2015, 6, 1, tzinfo=UTC)):
        _, orders = placed(n)
        for key in orders:
            for shipment in build.shipments(key):
                ship_shipments([ShipItem(shipment_id=shipment)], actor=build.TESTER)[0].require()
            build.invoice(key)
    erased = erase_orders([EraseItem(order_id=key) for key in orders], actor=build.TESTER)
    return [BlankItem(order_id=outcome.require().id) for outcome in erased]  # type: ignore[arg-type]


@scenario(erase_orders)
def _to_erase(n: int) -> Sequence[Any]:
    world = build.world(stock=1000)
    orders = [build.shipped(world) for _ in range(n)]
    for order in orders:
        build.invoice(order)
    return [EraseItem(order_id=key) for key in orders]


class _Reader:
    """Whom the memos mention: a mention is seen by that person and by nobody else."""

    actor: Actor


def _mentioned(n: int) -> Sequence[Any]:
    name = f"reader{build.serial()}"
    person = NewUser(username=name, name=name, role="owner")
    _Reader.actor = Actor("user", name, create_users([person], actor=build.TESTER)[0].require().id)
    memos = [MemoItem(order_id=key, text=f"@{name} look") for key in placed(n)[1]]
    made = create_memos(memos, actor=build.TESTER)
    return [SeeMentionItem(memo_id=o.require().id) for o in made]  # type: ignore[arg-type]


ALL["see_mentions"] = (_mentioned, lambda items, actor: see_mentions(items, actor=_Reader.actor))  # noqa: ARG005 - the table's shape
