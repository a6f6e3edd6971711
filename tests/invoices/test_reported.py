"""What others' users reported of cents that go astray, with the reports' own numbers."""

from typing import Any
from uuid import UUID

import pytest

from orderwerk.core import sql
from orderwerk.invoices.commands.credit import CreditItem, CreditLine, credit_invoices
from tests import build

pytestmark = pytest.mark.django_db


def _order(price: str, quantity: int, rate: str, total: str, **fields: Any) -> UUID:
    world = build.world(invoice_when="placed", currency="GBP")
    line = {"sku": world.skus[0], "name": "x", "quantity": quantity, "unit_price": price, "tax_rate": rate}  # fmt: skip
    paid = {"provider": "test", "reference": f"r{build.serial()}", "status": "paid", "amount": total}  # fmt: skip
    order = world.place(currency="GBP", lines=[line], payments=[paid], **fields)
    build.invoice(order)
    return order


def _document(order: UUID, kind: str) -> list[tuple[int, int, int]]:
    rows = sql.fetch("select net_minor, tax_minor, gross_minor from invoices_invoice where order_id = %s and kind = %s order by number", (order, kind))  # fmt: skip
    return [(row[0], row[1], row[2]) for row in rows]


@pytest.mark.parametrize("steps", [[10], [1] * 10, [3, 3, 4]])
def test_woocommerce_64668_a_whole_refund_is_what_was_paid_and_not_a_penny_more(
    steps: list[int],
) -> None:
    """Ten of 23.90 with 20 % in it, less a quarter: paid 179.25; line by line the refund came to 179.26."""
    discount = {"code": "QUARTER", "amount": "59.75"}
    order = _order("23.90", 10, "20.00", "179.25", prices_include_tax=True, discount=discount)
    assert _document(order, "debit") == [(14937, 2988, 17925)]
    [debit], [line] = build.invoices(order), build.order_lines(order)

    for pieces in steps:
        part = CreditLine(order_line_id=line, quantity=pieces)
        credit_invoices([CreditItem(invoice_id=debit["id"], reason="x", lines=[part])], actor=build.TESTER)[0].require()  # fmt: skip

    documents = _document(order, "credit")
    assert len(documents) == len(steps)
    assert tuple(map(sum, zip(*documents, strict=True))) == (14937, 2988, 17925)
    assert build.money(order) == (17925, 17925, 17925)


def test_prestashop_11195_vat_is_that_of_the_total_and_not_the_sum_of_roundings() -> None:
    """41.50 less 5.70, and 3.50 for sending, 21 % on top: 8.25 and not 7.51 + 0.73 (as each was rounded there)."""
    order = _order(
        "41.50", 1, "21.00", "47.55", prices_include_tax=False, discount={"code": "", "amount": "5.70"},
        shipping={"name": "s", "price": "3.50", "tax_rate": "21.00"},
    )  # fmt: skip

    assert _document(order, "debit") == [(3930, 825, 4755)]
    [(net, tax)] = sql.fetch("select sum(net_minor), sum(tax_minor) from invoices_line where order_id = %s", (order,))  # fmt: skip
    assert (net, tax) == (3930, 825)
