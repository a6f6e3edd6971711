"""After the term of the law a file for the bank tells of nobody: names and accounts go, amounts, numbers and hash stay."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID
from xml.etree import ElementTree as ET

import pytest
from django.db import IntegrityError
from django.db.transaction import atomic

from orderwerk.checks.run import ALL
from orderwerk.core import clock, ids, sql
from orderwerk.core.errors import WrongState
from orderwerk.refunds.batches import batch_file
from orderwerk.refunds.commands.approve import ApproveRefundItem, approve_refunds
from orderwerk.refunds.commands.blank_batches import (
    BlankBatchItem,
    blank_due_batches,
    blank_transfer_batches,
)
from orderwerk.refunds.commands.create_batches import BankTransferItem, create_transfer_batches
from orderwerk.refunds.commands.set_accounts import RefundAccountItem, set_refund_accounts
from orderwerk.refunds.commands.settle import SettleRefundItem, settle_refunds
from orderwerk.refunds.jobs import blank_batches
from orderwerk.refunds.sepa import NAMESPACE
from tests import build
from tests.api.conftest import caller
from tests.console.conftest import enter

__all__ = ["enter"]
pytestmark = pytest.mark.django_db
NAME, IBAN, OURS = "Wilhelmina Zonderling", "NL91ABNA0417164300", "NL20INGB0001234567"
N = {"p": NAMESPACE}


def filed(years_ago: int, *, legal: dict[str, Any] | None = None, **shop: Any) -> UUID:
    """A file for the bank of an earlier year, with two refunds in it."""
    year = clock.business_date(clock.now(), "Europe/Amsterdam").year - years_ago
    with clock.told(datetime(year, 6, 1, tzinfo=UTC)):
        world = build.world(stock=1000, legal={"name": "Zoë's", "iban": OURS, "country": "NL", **(legal or {})}, **shop)  # fmt: skip
        order = world.place((world.skus[0], 3))
        build.invoice(order)
        keys = [build.refund(order, amount) for amount in ("12.00", "0.50")]
        for key in keys:
            account = RefundAccountItem(refund_id=key, holder=NAME, iban=IBAN)
            set_refund_accounts([account], actor=build.TESTER)[0].require()
        approve_refunds([ApproveRefundItem(refund_id=key) for key in keys], actor=build.TESTER)
        made = create_transfer_batches([BankTransferItem(refund_id=key) for key in keys], actor=build.TESTER)  # fmt: skip
        settle_refunds([SettleRefundItem(refund_id=key, status="succeeded") for key in keys], actor=build.TESTER)  # fmt: skip
    batch: UUID = made[0].require().data["batch_id"]
    return batch


def text(batch: UUID) -> str:
    """What stands in a file."""
    [(content,)] = sql.fetch("select content from refunds_batch where id = %s", (batch,))
    return bytes(content).decode()


def codes(*batches: UUID) -> list[str | None]:
    """What becomes of blanking files."""
    outcomes = blank_transfer_batches([BlankBatchItem(batch_id=key) for key in batches], actor=build.TESTER)  # fmt: skip
    return [outcome.error.code if outcome.error else None for outcome in outcomes]


def found() -> list[Any]:
    """What the self-check finds of files."""
    [rule] = [rule for rule in ALL if rule.id == "transfer-batch"]
    return sql.fetch(rule.sql)


def test_names_and_accounts_go_and_the_figures_stay(enter: Callable[..., Any]) -> None:
    batch = filed(8)
    before, [(seal,)] = text(batch), sql.fetch("select sha256 from refunds_batch")
    assert before.count(NAME) == before.count(IBAN) == 2

    assert codes(batch, batch) == [None, None]

    after = text(batch)
    assert NAME not in after
    assert IBAN not in after
    assert after == before.replace(f"<Nm>{NAME}<", "<Nm>-<").replace(f"<IBAN>{IBAN}<", "<IBAN><")
    root = ET.fromstring(after)  # noqa: S314 - our own file
    assert [e.text for e in root.iterfind(".//p:InstdAmt", N)] == ["12.00", "0.50"]
    assert [e.text for e in root.iterfind(".//p:DbtrAcct/p:Id/p:IBAN", N)] == [OURS]
    assert sql.fetch("select sha256 from refunds_batch") == [(seal,)]
    assert sql.fetch("select payload ->> 'years' from core_event where kind = 'transfer_batch.blanked'") == [("7",)]  # fmt: skip
    assert found() == []
    with pytest.raises(WrongState, match="not whom it paid"):
        batch_file([batch], actor=build.TESTER)
    assert caller().get(f"/transfer-batches/{batch}.xml").status_code == 409
    [shown] = caller().get("/transfer-batches").json()["items"]
    assert shown["blanked_at"]
    finance = enter("finance")
    assert "names and accounts are gone" in finance.get("/refunds/transfers/").content.decode()
    assert finance.get(f"/refunds/transfers/{batch}.xml").status_code == 404
    # Again it changes nothing, and the job has nothing left to do.
    assert codes(batch) == [None]
    assert blank_due_batches(actor=build.TESTER) == 0
    assert sql.fetch("select count(*) from core_event where kind = 'transfer_batch.blanked'") == [(1,)]  # fmt: skip


def test_what_is_to_be_kept_still_is_kept() -> None:
    short, long, belgian = filed(7), filed(8, fiscal_years=10), filed(10, legal={"country": "BE"})
    one_stop, danish = filed(10, legal={"one_stop_shop": True}), filed(6, legal={"country": "DK"}, fiscal_years=5)  # fmt: skip
    older = filed(11, legal={"one_stop_shop": True, "country": "BE"})

    assert codes(short, long, belgian, one_stop, ids.new_id()) == ["still_kept"] * 4 + ["unknown_batch"]  # fmt: skip
    blank_batches(0)

    gone = sql.fetch("select id from refunds_batch where blanked_at is not null order by id")
    assert gone == sorted([(danish,), (older,)])
    assert found() == []


@pytest.mark.parametrize(
    ("change", "guard"),
    [
        ("blanked_at = now()", "refunds_batch_frozen"),
        ("content = refunds_blanked(content)", "refunds_batch_frozen"),
        ("content = '\\x00', blanked_at = now()", "refunds_batch_frozen"),
        ("sha256 = '\\x00'", "refunds_batch_frozen"),
        ("content = refunds_blanked(content), blanked_at = now()", "refunds_batch_term"),
    ],
)
def test_the_database_lets_nothing_else_through(change: str, guard: str) -> None:
    filed(7)

    with pytest.raises(IntegrityError) as refused, atomic():
        sql.execute(f"update refunds_batch set {change}")

    cause: Any = refused.value.__cause__
    assert cause.diag.constraint_name == guard


@pytest.mark.parametrize("change", ["content = '\\x01'", "content = convert_to('<Cdtr><Nm>A</Nm>', 'UTF8'), blanked_at = now()", "content = refunds_blanked(content), blanked_at = created_at"])  # fmt: skip
def test_a_file_that_is_not_what_it_says_is_found(change: str) -> None:
    filed(8)
    sql.execute("set session_replication_role = replica")
    sql.execute("alter table refunds_batch drop constraint refunds_batch_hash")

    sql.execute(f"update refunds_batch set {change}")

    assert len(found()) == 1
    sql.execute("set session_replication_role = origin")


@pytest.mark.parametrize(
    ("change", "guard"),
    [
        ("update refunds_batch set content = '\\x00'", "refunds_batch_hash"),
        ("update refunds_refund set account_iban = '', status = 'submitted', finished_at = null", "refunds_refund_in_a_batch_by_hand"),
    ],
)  # fmt: skip
def test_the_rules_of_a_row_hold_where_triggers_sleep(change: str, guard: str) -> None:
    filed(7)
    sql.execute("set session_replication_role = replica")

    with pytest.raises(IntegrityError) as refused, atomic():
        sql.execute(change)

    sql.execute("set session_replication_role = origin")
    cause: Any = refused.value.__cause__
    assert cause.diag.constraint_name == guard


@pytest.mark.parametrize("change", ["delete from refunds_batch", "delete from refunds_transfer", "update refunds_transfer set attempt = 2"])  # fmt: skip
def test_files_and_what_they_paid_are_never_taken_away(change: str) -> None:
    filed(7)

    with pytest.raises(IntegrityError, match="is append-only"), atomic():
        sql.execute(change)


@pytest.mark.parametrize("guard", ["refunds_batch_blanking", "refunds_batch_frozen", "refunds_batch_kept"])  # fmt: skip
def test_a_guard_that_is_gone_is_found(guard: str) -> None:
    [rule] = [rule for rule in ALL if rule.id == "nets-present"]
    assert sql.fetch(rule.sql) == []

    sql.execute(f"drop trigger {guard} on refunds_batch")

    assert [row[4] for row in sql.fetch(rule.sql)] == [guard]
