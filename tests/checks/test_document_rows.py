"""What a document says is compared with its row in each of its columns, not in one of them."""

import pytest

from orderwerk.checks.run import ALL
from orderwerk.core import sql
from tests import build

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "change",
    [
        "kind = 'credit'", "number = number || 'x'", "issue_date = issue_date + 1", "currency = 'GBP'",
        "net_minor = net_minor + 1", "tax_minor = tax_minor + 1", "gross_minor = gross_minor + 1",
    ],
)  # fmt: skip
def test_a_row_that_differs_from_its_document_is_found(change: str) -> None:
    build.invoice(build.world(invoice_when="placed").place())
    sql.execute("set constraints all immediate")
    [rule] = [each for each in ALL if each.id == "invoice-content"]
    assert sql.fetch(rule.sql) == []
    # What no command does: the guards and constraints are out of the way.
    rows = sql.fetch("select conname from pg_constraint where conrelid = 'invoices_invoice'::regclass and contype = 'c'")  # fmt: skip
    for (name,) in rows:
        sql.execute(f"alter table invoices_invoice drop constraint {name}")
    sql.execute("set session_replication_role = replica")

    sql.execute(f"update invoices_invoice set {change}")

    sql.execute("reset session_replication_role")
    assert len(sql.fetch(rule.sql)) == 1
