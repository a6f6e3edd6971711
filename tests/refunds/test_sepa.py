"""Files for the bank: right IBANs only, each refund in one file, the file as banks take it and always the same."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID
from xml.etree import ElementTree as ET

import pytest
from django.db import IntegrityError
from django.db.transaction import atomic

from orderwerk.core import sql
from orderwerk.core.decode import convert
from orderwerk.core.errors import BadInput
from orderwerk.core.outcome import Outcome
from orderwerk.refunds.batches import batch_file
from orderwerk.refunds.commands.approve import ApproveRefundItem, approve_refunds
from orderwerk.refunds.commands.create_batches import BankTransferItem, create_transfer_batches
from orderwerk.refunds.commands.retry import RetryRefundItem, retry_refunds
from orderwerk.refunds.commands.set_accounts import RefundAccountItem, set_refund_accounts
from orderwerk.refunds.commands.settle import SettleRefundItem, settle_refunds
from orderwerk.refunds.commands.submit import SubmitRefundItem, submit_refunds
from orderwerk.refunds.sepa import (
    NAMESPACE,
    Party,
    Transfer,
    checked_iban,
    credit_transfer_file,
    identification,
    plain_text,
)
from tests import build

# The examples of the register of IBANs, one per country.
EXAMPLES = [
    "AT611904300234573201",
    "FR1420041010050500013M02606",
    "DE89370400440532013000",
    "IE29AIBK93115212345678",
    "IT60X0542811101000000123456",
    "LU280019400644750000",
    "MT84MALT011000012345MTLCAST001S",
    "NL91ABNA0417164300",
    "NO9386011117947",
    "ES9121000418450200051332",
    "CH9300762011623852957",
    "GB29NWBK60161331926819",
]
IBAN = "NL91 ABNA 0417 1643 00"
SELLER = {"name": "Wínkel & Dochter B.V.", "iban": "NL20INGB0001234567"}
N = {"p": NAMESPACE}


@pytest.mark.parametrize("iban", EXAMPLES)
def test_ibans_are_told_from_what_only_looks_like_one(iban: str) -> None:
    broken = iban[:-1] + ("1" if iban[-1] == "0" else "0")
    swapped = iban[:-2] + iban[-1] + iban[-2]

    assert _is_iban(iban)
    assert not _is_iban(broken)
    assert iban == swapped or not _is_iban(swapped)


def _is_iban(text: str) -> bool:
    try:
        return bool(checked_iban(text))
    except BadInput:
        return False


@pytest.mark.parametrize(
    "text",
    ["", "NL91ABNA0417164301", "91ABNA0417164300", "NL91ABNA04171643", "XX00 0000", "é" * 20],
)
def test_what_is_no_iban_is_refused(text: str) -> None:
    assert not _is_iban(text)


@pytest.mark.parametrize(
    "text",
    [" nl91 abna 0417 1643 00 ", "NL91-ABNA-0417-1643-00", "NL91.ABNA.0417.1643.00", "NL91\N{EN DASH}ABNA\N{NO-BREAK SPACE}0417164300"],
)  # fmt: skip
def test_an_iban_is_written_in_one_piece(text: str) -> None:
    assert checked_iban(text) == "NL91ABNA0417164300"


@pytest.mark.django_db
def test_an_account_whose_groups_are_parted_by_dashes_is_kept_as_banks_take_it() -> None:
    world = _world()
    key = _refund(world, iban="NL91-ABNA-0417-1643-00")

    rows = sql.fetch("select account_iban from refunds_refund where id = %s", (key,))

    assert rows == [("NL91ABNA0417164300",)]


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Jörg Müller-Größe", "Jorg Muller-Grosse"),
        ("Łukasz Żółć & Søn", "Lukasz Zolc + Son"),
        ("株式会社", "-"),
        ("a\tb\nc", "a b c"),
        ("x" * 80, "x" * 70),
        ('"<script>"', "script"),
    ],
)
def test_names_are_written_in_letters_that_every_bank_takes(text: str, plain: str) -> None:
    assert plain_text(text, 70) == plain


def _world(**shop: Any) -> build.World:
    return build.world(stock=1000, legal=SELLER, **shop)


def _refund(world: build.World, amount: str = "12.00", *, iban: str = IBAN) -> UUID:
    order = world.place((world.skus[0], 3))
    build.invoice(order)
    key = build.refund(order, amount)
    if iban:
        _account(key, iban).require()
    return key


def _account(key: UUID, iban: str) -> Outcome:
    item = convert(
        {"refund_id": str(key), "holder": "Zoë Ångström", "iban": iban}, RefundAccountItem
    )
    return set_refund_accounts([item], actor=build.TESTER)[0]


def _approve(*keys: UUID) -> None:
    for outcome in approve_refunds(
        [ApproveRefundItem(refund_id=k) for k in keys], actor=build.TESTER
    ):
        outcome.require()


def _batch(*keys: UUID) -> list[Outcome]:
    return create_transfer_batches(
        [BankTransferItem(refund_id=key) for key in keys], actor=build.TESTER
    )


def _status(key: UUID) -> tuple[str, str, int]:
    return sql.fetch("select status, via, attempts from refunds_refund where id = %s", (key,))[0]  # type: ignore[return-value]


@pytest.mark.django_db
def test_a_file_holds_each_refund_of_its_shop_once_and_adds_up() -> None:
    world, other = _world(), _world()
    keys = [_refund(world, amount) for amount in ("12.00", "0.01", "7.5")]
    foreign = _refund(other)
    _approve(*keys, foreign)

    outcomes = [o.require().data for o in _batch(*keys, foreign)]

    assert len({o["batch_id"] for o in outcomes[:3]}) == 1
    assert outcomes[3]["batch_id"] != outcomes[0]["batch_id"]
    document = batch_file([outcomes[0]["batch_id"]], actor=build.TESTER)
    root = ET.fromstring(document.content)  # noqa: S314 - our own file
    assert root.tag == f"{{{NAMESPACE}}}Document"
    [block] = root.findall("p:CstmrCdtTrfInitn/p:PmtInf", N)
    amounts = [Decimal(e.text or "") for e in block.findall("p:CdtTrfTxInf/p:Amt/p:InstdAmt", N)]
    assert sorted(amounts) == [Decimal("0.01"), Decimal("7.50"), Decimal("12.00")]
    for at in (root.find("p:CstmrCdtTrfInitn/p:GrpHdr", N), block):
        assert at is not None
        assert (at.findtext("p:NbOfTxs", "", N), at.findtext("p:CtrlSum", "", N)) == ("3", "19.51")
    assert block.findtext("p:Dbtr/p:Nm", "", N) == "Winkel + Dochter B.V."
    assert block.findtext("p:DbtrAcct/p:Id/p:IBAN", "", N) == "NL20INGB0001234567"
    assert {e.text for e in block.findall("p:CdtTrfTxInf/p:CdtrAcct/p:Id/p:IBAN", N)} == {
        "NL91ABNA0417164300"
    }
    assert {e.text for e in block.findall("p:CdtTrfTxInf/p:Cdtr/p:Nm", N)} == {"Zoe Angstrom"}
    assert len({e.text for e in block.findall("p:CdtTrfTxInf/p:PmtId/p:EndToEndId", N)}) == 3
    order = [child.tag.split("}")[1] for child in block]
    assert order[:11] == [
        "PmtInfId",
        "PmtMtd",
        "BtchBookg",
        "NbOfTxs",
        "CtrlSum",
        "PmtTpInf",
        "ReqdExctnDt",
        "Dbtr",
        "DbtrAcct",
        "DbtrAgt",
        "ChrgBr",
    ]
    assert [_status(key) for key in keys] == [("submitted", "manual", 1)] * 3


@pytest.mark.django_db
def test_a_refund_stands_in_one_file_and_the_file_never_changes() -> None:
    world = _world()
    key = _refund(world)
    _approve(key)
    batch = _batch(key)[0].require().data["batch_id"]
    first = batch_file([batch], actor=build.TESTER)

    again = _batch(key)[0]

    assert again.error is not None
    assert again.error.code == "in_a_batch"
    assert batch_file([batch], actor=build.TESTER) == first
    assert _account(key, "DE89370400440532013000").error.code == "in_a_batch"  # type: ignore[union-attr]
    for change in (
        "update refunds_batch set content = '\\x00'",
        "delete from refunds_transfer",
        "delete from refunds_batch",
    ):
        with pytest.raises(IntegrityError), atomic():
            sql.execute(change)
    settle_refunds([SettleRefundItem(refund_id=key, status="succeeded")], actor=build.TESTER)[
        0
    ].require()
    assert _status(key)[0] == "succeeded"


@pytest.mark.django_db
def test_what_the_bank_sent_back_can_be_sent_once_more_in_another_file() -> None:
    key = _refund(_world())
    _approve(key)
    first = _batch(key)[0].require().data["batch_id"]
    settle_refunds(
        [SettleRefundItem(refund_id=key, status="failed", note="closed")], actor=build.TESTER
    )[0].require()
    retry_refunds([RetryRefundItem(refund_id=key)], actor=build.TESTER)[0].require()
    submit_refunds([SubmitRefundItem(refund_id=key)], actor=build.TESTER)[0].require()

    second = _batch(key)[0].require().data["batch_id"]

    assert first != second
    rows = sql.fetch(
        "select attempt from refunds_transfer where refund_id = %s order by attempt", (key,)
    )
    assert [row[0] for row in rows] == [1, 2]


@pytest.mark.django_db
def test_what_does_not_fit_into_a_file_is_refused_and_nothing_is_made() -> None:
    world, poor = _world(), build.world(stock=1000)
    waiting, bare, unpayable = _refund(world), _refund(world, iban=""), _refund(poor)
    _approve(bare, unpayable)

    codes = [o.error.code for o in _batch(waiting, bare, unpayable) if o.error]

    assert codes == ["not_by_hand", "no_account", "shop_iban_missing"]
    assert sql.fetch("select 1 from refunds_batch") == []
    assert _account(waiting, "NL91ABNA0417164301").error.code == "invalid_iban"  # type: ignore[union-attr]


def test_texts_keep_to_the_lengths_that_a_bank_takes() -> None:
    long = "Überlänge & Söhne " * 20
    transfer = Transfer(long, Party(long, "NL91ABNA0417164300"), 1, long)
    made = credit_transfer_file(long, datetime(2026, 1, 2, tzinfo=UTC), date(2026, 1, 2), Party(long, "NL20INGB0001234567"), [transfer])  # fmt: skip
    root = ET.fromstring(made)  # noqa: S314 - our own file

    most = {"MsgId": 35, "PmtInfId": 35, "EndToEndId": 35, "Nm": 70, "Ustrd": 140}
    found = {name: [e.text or "" for e in root.iter(f"{{{NAMESPACE}}}{name}")] for name in most}
    assert all(found.values())
    assert all(1 <= len(text) <= most[name] for name, texts in found.items() for text in texts)
    assert all(len(text) >= most[name] - 1 for name, texts in found.items() for text in texts)


@pytest.mark.parametrize(
    ("text", "written"),
    [("R2026-1", "R2026-1"), ("/a//b/ c /", "a/b/c"), ("//", "-"), ("a" * 40, "a" * 35), ("", "-")],
)
def test_an_identification_has_no_slash_where_banks_take_none(text: str, written: str) -> None:
    assert identification(text) == written
