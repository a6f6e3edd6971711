"""The same for the commands of payment providers."""

from collections.abc import Sequence
from typing import Any

from orderwerk.core import sql
from orderwerk.core.decode import convert
from orderwerk.payments.commands.check_accounts import (
    CheckAccountItem,
    CheckResult,
    check_payment_accounts,
    note_account_checks,
)
from orderwerk.payments.commands.notice import PaymentNotice, notice_payments
from orderwerk.payments.commands.set_accounts import AccountItem, set_payment_accounts
from orderwerk.refunds.commands.approve import ApproveRefundItem, approve_refunds
from orderwerk.refunds.commands.report import RefundNews, report_refunds
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


@scenario(report_refunds)
def _reported(n: int) -> Sequence[Any]:
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
    submit_refunds([SubmitRefundItem(refund_id=key) for key in keys], actor=build.TESTER)
    return [
        RefundNews(key, "succeeded", reference=f"re_{build.serial()}", word="refunded", amount=100)
        for key in keys
    ]
