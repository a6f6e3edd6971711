"""An invoice in money that is no more has its paper, and no electronic form: the norm lists what is money today (BR-CL-04)."""

from decimal import Decimal

import facturx
import pytest

from orderwerk.core.errors import WrongState
from orderwerk.invoices.documents import hold_against_the_norm, invoice_document
from orderwerk.invoices.norm_lists import CURRENCIES
from orderwerk.invoices.paper import payment_code
from tests import build
from tests.invoices.test_documents import SELLER

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("currency", ["BGN", "HRK", "ANG"])
def test_it_is_printed_and_refused_by_name_as_xml(currency: str) -> None:
    world = build.world(invoice_when="placed", legal=SELLER, currency=currency)
    line = {"sku": world.skus[0], "name": "x", "quantity": 1, "unit_price": "12.10", "tax_rate": "21"}  # fmt: skip
    order = world.place(lines=[line], payments=[], currency=currency)
    build.invoice(order)
    [invoice] = build.invoices(order)

    with pytest.raises(WrongState) as refused:
        invoice_document(invoice["id"], "ubl", actor=build.TESTER)
    pdf = invoice_document(invoice["id"], "pdf", actor=build.TESTER).content
    hold_against_the_norm([invoice["id"]])

    assert refused.value.code == "old_currency"
    assert pdf.startswith(b"%PDF")
    assert facturx.get_xml_from_pdf(pdf, check_xsd=False) in (None, (None, None), (False, False))


def test_money_of_today_is_on_the_list() -> None:
    assert {"EUR", "GBP", "JPY", "KWD", "USD", "CHF", "PLN", "SEK"} <= CURRENCIES
    assert len(CURRENCIES) > 140


@pytest.mark.parametrize(
    "iban",
    [
        "MT84 MALT 0110 0001 2345 MTLC AST0 01S", "nl91 abna 0417 1643 00", "MT84-MALT-0110-0001-2345-MTLC-AST0-01S",
        "NL91.ABNA.0417.1643.00", "NL91\N{NO-BREAK SPACE}ABNA\N{EN DASH}0417164300",
    ],
)  # fmt: skip
def test_the_code_to_pay_by_has_the_account_as_machines_write_it(iban: str) -> None:
    content = {
        "seller": {"name": "Test Winkel", "iban": iban}, "kind": "debit", "currency": "EUR", "gross": Decimal("12.10"), "paid": "0",
        "number": "F1",
    }  # fmt: skip
    machine = "".join(sign for sign in iban if sign.isalnum()).upper()
    plain = {**content, "seller": {"name": "Test Winkel", "iban": machine}}

    assert payment_code(content) == payment_code(plain) != ""


@pytest.mark.parametrize(
    ("name", "iban"),
    [("Test Winkel", "x" * 60), ("Test Winkel", "by transfer"), (" ", "NL91ABNA0417164300"), ("", "NL91ABNA0417164300")],
)  # fmt: skip
def test_what_no_bank_takes_is_no_code_to_pay_by(name: str, iban: str) -> None:
    content = {
        "seller": {"name": name, "iban": iban}, "kind": "debit", "currency": "EUR", "gross": Decimal("12.10"), "paid": "0", "number": "F1",
    }  # fmt: skip

    assert payment_code(content) == ""
