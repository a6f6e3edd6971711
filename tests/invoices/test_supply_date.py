"""A document states a day of supply only where goods have left: on paper, in UBL and in the XML inside the PDF."""

import io
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from facturx import get_facturx_xml_from_pdf
from pypdf import PdfReader

from orderwerk.core import clock, sql
from orderwerk.flows.cancel_orders import CancelItem, CancelLine, cancel_orders
from orderwerk.flows.cancel_shipments import CancelShipmentItem, cancel_shipments
from orderwerk.flows.record_payments import PaymentItem, record_payments
from orderwerk.flows.ship_shipments import ShipItem, ShipLine, ship_shipments
from orderwerk.invoices.commands.credit import CreditItem, CreditLine, credit_invoices
from orderwerk.invoices.documents import invoice_document
from orderwerk.invoices.norm import broken_rules
from orderwerk.invoices.norm_reading import Terms, read_terms
from tests import build
from tests.invoices.test_documents import ADDRESS, SELLER, violations

pytestmark = pytest.mark.django_db
FIRM = {"name": "Käufer", "company": "Käufer GmbH", "vat_number": "DE136695976", "email": "k@example.com"}  # fmt: skip
SUPPLIED, ORDERED = "Supplied on", "Ordered on"


def ordered(when: str, pieces: int = 3, status: str = "", rate: str = "21.00", **fields: Any) -> UUID:  # fmt: skip
    """An order of a Dutch shop that invoices when it says, in English; paid, authorised, or not at all."""
    world = build.world(invoice_when=when, legal=SELLER, sender_email="shop@example.com")
    line = {"sku": world.skus[0], "name": "Tea", "quantity": pieces, "unit_price": "10.00", "tax_rate": rate}  # fmt: skip
    payment = {"provider": "test", "reference": f"p{build.serial()}", "status": status, "amount": f"{pieces}0.00"}  # fmt: skip
    return world.place(lines=[line], payments=[payment] if status else [], locale="en", **fields)


def leave(order: UUID, pieces: int, days_ago: int) -> date:
    """Let pieces leave so many days ago, and return that day as the shop counts."""
    moment = clock.now() - timedelta(days=days_ago)
    [shipment] = build.shipments(order, "open")
    [(line,)] = sql.fetch("select id from shipments_line where shipment_id = %s and is_live", (shipment,))  # fmt: skip
    item = ShipItem(shipment_id=shipment, lines=[ShipLine(shipment_line_id=line, quantity=pieces)])
    with clock.told(moment):
        ship_shipments([item], actor=build.TESTER)[0].require()
    return clock.business_date(moment, "Europe/Amsterdam")


def pay(order: UUID, amount: str = "30.00") -> None:
    [(provider, reference)] = sql.fetch(
        "select provider, reference from payments_payment where order_id = %s", (order,)
    )
    item = PaymentItem(order_id=order, provider=provider, reference=reference, status="paid", amount=amount)  # fmt: skip
    record_payments([item], actor=build.TESTER)[0].require()


def credit(order: UUID, pieces: int = 1) -> None:
    line = CreditLine(order_line_id=build.order_lines(order)[0], quantity=pieces)
    item = CreditItem(invoice_id=build.invoices(order)[0]["id"], reason="Broken", lines=[line])
    credit_invoices([item], actor=build.TESTER)[0].require()


def said(invoice: dict[str, Any]) -> tuple[str, Terms]:
    """What a document says on paper and in its terms, which are the same in both of its XML forms; it is valid."""
    pdf = invoice_document(invoice["id"], "pdf", actor=build.TESTER).content
    text = " ".join(PdfReader(io.BytesIO(pdf)).pages[0].extract_text().split())
    _, cii = get_facturx_xml_from_pdf(io.BytesIO(pdf), check_xsd=True)
    ubl = invoice_document(invoice["id"], "ubl", actor=build.TESTER).content
    for xml, flavor in ((cii, "cii"), (ubl, "ubl")):
        assert broken_rules(xml) == {}
        assert violations(xml, flavor) == []
    terms, inside = read_terms(ubl), read_terms(cii)
    for term in ("BT-72", "BT-73", "BT-74"):
        assert terms.header[term].replace("-", "") == inside.header[term]
    return text, terms


def states(invoice: dict[str, Any], day: date | None, *, period: bool = False) -> None:
    """Hold a document to the day of supply that it should state; with a period, that it says which time it is of."""
    text, terms = said(invoice)
    assert terms.header["BT-72"] == (day.isoformat() if day else "")
    assert bool(terms.header["BT-73"]) is bool(terms.header["BT-74"]) is period
    assert (SUPPLIED in text, ORDERED in text) == (bool(day), not day)
    if day:
        assert f"{SUPPLIED} {day:%B} {day.day}, {day.year}" in text


@pytest.mark.parametrize(
    ("when", "status"), [("paid", "paid"), ("placed", ""), ("placed", "authorized")]
)
def test_what_has_not_left_has_no_day_of_supply_nor_has_its_credit(when: str, status: str) -> None:
    order = ordered(when, status=status)
    build.invoice(order)
    if status:
        leave(order, 3, 0)
    credit(order)

    for invoice in build.invoices(order):
        states(invoice, None)


@pytest.mark.parametrize(("when", "status"), [("paid", "authorized"), ("placed", "authorized")])
def test_what_left_before_its_invoice_was_supplied_when_the_last_of_it_left(
    when: str, status: str
) -> None:
    order = ordered(when, status=status)
    leave(order, 1, 4)
    last = leave(order, 2, 2)
    pay(order)
    build.invoice(order)
    credit(order)

    assert [v["kind"] for v in build.invoices(order)] == ["debit", "credit"]
    for invoice in build.invoices(order):
        states(invoice, last)


def test_what_left_in_part_before_its_invoice_has_no_day_of_supply_yet() -> None:
    order = ordered("paid", status="authorized")
    leave(order, 1, 2)
    pay(order)
    build.invoice(order)

    [invoice] = build.invoices(order)
    states(invoice, None)


def test_each_shipment_was_supplied_on_its_own_day() -> None:
    order = ordered("shipped", status="paid")
    days = [leave(order, 1, 5), leave(order, 2, 1)]
    build.invoice(order)
    credit(order)

    for invoice, day in zip(build.invoices(order), [*days, days[0]], strict=True):
        states(invoice, day)


def test_pieces_that_will_never_leave_have_no_day_of_supply() -> None:
    order = ordered("paid", status="paid")
    line = CancelLine(order_line_id=build.order_lines(order)[0], quantity=1)
    leave(order, 2, 1)
    cancel_orders([CancelItem(order_id=order, reason="No", lines=[line])], actor=build.TESTER)[0].require()  # fmt: skip
    build.invoice(order)

    assert [v["kind"] for v in build.invoices(order)] == ["debit", "credit"]
    for invoice in build.invoices(order):
        states(invoice, None)


def test_the_credit_of_what_did_not_leave_after_all_has_no_day_of_supply() -> None:
    order = ordered("shipped", status="paid")
    day = leave(order, 3, 1)
    build.invoice(order)
    [shipment] = build.shipments(order, "shipped")
    cancel_shipments([CancelShipmentItem(shipment_id=shipment, reason="No")], actor=build.TESTER)[0].require()  # fmt: skip
    build.invoice(order)

    debit, undone = build.invoices(order)
    states(debit, day)
    states(undone, None)


@pytest.mark.parametrize("left", [True, False])
def test_a_supply_within_the_eu_says_when_it_left_or_which_time_it_is_of(left: bool) -> None:
    order = ordered("placed", rate="0.00", status="authorized", customer=FIRM, billing_address=ADDRESS)  # fmt: skip
    day = leave(order, 3, 1) if left else None
    build.invoice(order)
    credit(order)

    today = clock.business_date(clock.now(), "Europe/Amsterdam").isoformat()
    for invoice in build.invoices(order):
        states(invoice, day, period=not left)
        terms = said(invoice)[1]
        assert {tax["BT-118"] for tax in terms.taxes} == {"K"}
        assert Decimal(terms.header["BT-112"]) > 0
        if not left:
            assert (terms.header["BT-73"], terms.header["BT-74"]) == ("2026-11-20", today)


@pytest.mark.parametrize("when", ["placed", "shipped"])
def test_the_credit_of_a_document_from_before_takes_over_no_day_that_was_not_one(when: str) -> None:
    order = ordered(when, status="authorized")
    day = leave(order, 3, 1) if when == "shipped" else None
    build.invoice(order)
    # Documents of the first version stated the day of their own issue where nothing had left.
    sql.execute("set session_replication_role = replica")
    sql.execute(
        "update invoices_invoice set content = jsonb_set(content::jsonb || '{\"version\": 1}', '{supply_date}', %s::jsonb)::text where order_id = %s",
        (f'"{day or date(2026, 11, 21)}"', order),
    )
    sql.execute("set session_replication_role = origin")
    credit(order)

    states(build.invoices(order)[1], day)
