"""The invoices of a period as files: whole, once, and with what is missing."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from orderwerk.cli.document_exports import write_documents
from orderwerk.invoices.queries import InvoiceFilters, invoice_page
from tests import build
from tests.api.conftest import caller

pytestmark = pytest.mark.django_db


def test_documents_are_written_once_and_what_is_missing_is_named(tmp_path: Path) -> None:
    # Without what the law wants of a seller there is no electronic invoice.
    world = build.world(invoice_when="placed")
    orders = [world.place() for _ in range(2)]
    [[first], [second]] = [build.invoice(order) for order in orders]
    keys = [build.invoices(order)[0]["id"] for order in orders]
    folder = tmp_path / "year" / "2026"

    assert write_documents(folder, keys, "pdf") == (2, 0)
    written = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    assert set(written) == {f"{number.replace('/', '-')}.pdf" for number in (first, second)}
    assert all(path.read_bytes().startswith(b"%PDF") for path in folder.iterdir())

    (folder / next(iter(written))).write_bytes(b"torn")
    assert write_documents(folder, keys, "pdf") == (2, 0)
    again = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    assert sum(again[name] != at for name, at in written.items()) == 1
    assert all(path.read_bytes().startswith(b"%PDF") for path in folder.iterdir())

    assert write_documents(folder, keys, "ubl") == (0, 2)
    missing = (folder / "missing.csv").read_text(encoding="utf-8")
    assert first in missing
    assert second in missing


def test_invoices_are_narrowed_to_days_of_issue() -> None:
    world = build.world(invoice_when="placed")
    build.invoice(world.place())
    [row] = invoice_page(build.TESTER, InvoiceFilters(shop=world.shop)).items
    day = timedelta(days=1)

    def found(after: date | None, before: date | None) -> int:
        filters = InvoiceFilters(shop=world.shop, issued_after=after, issued_before=before)
        return len(invoice_page(build.TESTER, filters).items)

    assert [found(row.issue_date, row.issue_date + day), found(row.issue_date + day, None), found(None, row.issue_date)] == [1, 0, 0]  # fmt: skip
    api = caller("billing:read")
    asked = {"issued_after": row.issue_date.isoformat(), "shop": world.shop}
    assert len(api.get("/invoices", asked).json()["items"]) == 1
    assert api.get("/invoices", {"issued_after": "soon"}).status_code == 422
