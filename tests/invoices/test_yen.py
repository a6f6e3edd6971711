"""A part credit in a currency without cents, whose VAT the norm takes for wrong: the paper goes, the XML is refused by name, no job fails."""

import pytest

from orderwerk.core import sql
from orderwerk.core.errors import WrongState
from orderwerk.flows.jobs import hold_invoices_against_norm
from orderwerk.invoices.commands.credit import CreditItem, credit_invoices
from orderwerk.invoices.documents import invoice_document
from tests import build
from tests.invoices.test_documents import SELLER

pytestmark = pytest.mark.django_db


def test_a_part_credit_in_yen_may_have_the_paper_alone() -> None:
    world = build.world(invoice_when="placed", legal=SELLER, currency="JPY")
    line = {"sku": world.skus[0], "name": "x", "quantity": 1, "unit_price": "50", "tax_rate": "10"}
    order = world.place(lines=[line], payments=[], currency="JPY")
    build.invoice(order)
    debit = build.invoices(order)[0]["id"]
    for amount in ("45", "5"):
        item = CreditItem(invoice_id=debit, reason="Part", amount=amount)
        credit_invoices([item], actor=build.TESTER)[0].require()
    _, first, rest = build.invoices(order)
    events = sql.fetch("select id::text from core_event where kind = 'invoice.credit_issued' and aggregate_id = any(%s)", ([first["id"], rest["id"]],))  # fmt: skip

    assert [(one["net_minor"], one["tax_minor"]) for one in (first, rest)] == [(40, 5), (5, 0)]
    with pytest.raises(WrongState) as refused:
        invoice_document(first["id"], "ubl", actor=build.TESTER)
    assert refused.value.code == "vat_in_whole_units"
    assert invoice_document(first["id"], "pdf", actor=build.TESTER).content.startswith(b"%PDF")
    assert b"<cbc:TaxAmount" in invoice_document(rest["id"], "ubl", actor=build.TESTER).content
    assert len(events) == 2
    hold_invoices_against_norm([event for (event,) in events])
