"""A shop that is exempt from VAT as a whole says why, on paper and for machines, whether or not it has a VAT number."""

from typing import Any

import pytest

from orderwerk.core import sql
from orderwerk.invoices.commands.credit import CreditItem, credit_invoices
from orderwerk.invoices.norm_reading import read_terms
from tests import build
from tests.invoices.test_documents import ADDRESS, SELLER, violations
from tests.invoices.test_one_stop import files, sold

pytestmark = pytest.mark.django_db
GROUND = "Factuur vrijgesteld van OB o.g.v. artikel 25 Wet OB"
SMALL = {**SELLER, "vat_exemption": GROUND}
DUTCH = {**ADDRESS, "postal_code": "1012 AB", "city": "Amsterdam", "country": "NL"}


@pytest.mark.parametrize("number", [SELLER["vat_number"], ""])
@pytest.mark.parametrize("address", [DUTCH, ADDRESS, {**ADDRESS, "country": "CH"}])
def test_invoice_and_credit_give_the_ground_and_stay_valid(
    number: str, address: dict[str, Any]
) -> None:
    order = sold({**SMALL, "vat_number": number}, "0.00", billing_address=address)
    [debit] = build.invoices(order)
    # A shop that grew out of it does not change what a credit of this invoice says.
    sql.execute("update shops_shop set legal = legal - 'vat_exemption'")
    credit_invoices([CreditItem(invoice_id=debit["id"], reason="Broken", amount="5.00")], actor=build.TESTER)[0].require()  # fmt: skip

    for invoice in build.invoices(order):
        text, cii, ubl = files(invoice["id"])
        assert GROUND in text
        assert "Exempt from VAT." not in text
        for xml, flavor in ((cii, "cii"), (ubl, "ubl")):
            [tax] = read_terms(xml).taxes
            assert (tax["BT-118"], tax["BT-120"], tax["BT-121"]) == ("E", GROUND, "")
            assert violations(xml, flavor) == []
    assert sql.fetch("select distinct content::jsonb ->> 'vat_exemption', (content::jsonb -> 'seller') ? 'vat_exemption' from invoices_invoice") == [(GROUND, False)]  # fmt: skip


@pytest.mark.parametrize(("legal", "rate"), [(SELLER, "0.00"), (SMALL, "21.00"), (SELLER, "21.00")])
def test_nothing_is_said_where_vat_is_charged_or_nothing_was_given(
    legal: dict[str, Any], rate: str
) -> None:
    [invoice] = build.invoices(sold(legal, rate, billing_address=DUTCH))
    text, cii, ubl = files(invoice["id"])
    assert GROUND not in text
    assert {tax["BT-118"] for xml in (cii, ubl) for tax in read_terms(xml).taxes} == {"Z" if rate == "0.00" else "S"}  # fmt: skip
