import csv
import json
import zipfile
from pathlib import Path

import pytest

from orderwerk.cli import exports
from orderwerk.cli.exports import decimal_amounts
from orderwerk.cli.tables import CannotWrite, write_table
from orderwerk.core import sql
from orderwerk.core.tables import harmless, write_xlsx
from orderwerk.invoices.commands.credit import CreditItem, credit_invoices
from tests import build

HOSTILE = ["=HYPERLINK(1)", "+1", "-1", "@x", "\t=1", 'quo"te', "a\nb", "<b>", "plain", "é😀"]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝"])
def test_a_cell_never_starts_like_a_formula(start: str) -> None:
    assert harmless(start + "1") == "'" + start + "1"
    assert harmless("a" + start) == "a" + start


def test_csv_holds_text_as_text_and_numbers_as_they_are(tmp_path: Path) -> None:
    file = tmp_path / "x.csv"

    assert write_table(file, ["text", "number"], ((text, -5) for text in HOSTILE)) == len(HOSTILE)

    with file.open(encoding="utf-8", newline="") as opened:
        rows = list(csv.reader(opened))
    assert rows[0] == ["text", "number"]
    assert [row[0] for row in rows[1:]] == [harmless(text) for text in HOSTILE]
    assert {row[1] for row in rows[1:]} == {"-5"}


def test_ndjson_holds_every_value_unchanged(tmp_path: Path) -> None:
    file = tmp_path / "x.ndjson"

    write_table(file, ["text"], ((text,) for text in HOSTILE))

    lines = file.read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["text"] for line in lines] == HOSTILE


def test_xlsx_has_no_formula(tmp_path: Path) -> None:
    file = tmp_path / "x.xlsx"

    write_table(file, ["text", "n", "b"], ((text, 1, True) for text in HOSTILE))

    with zipfile.ZipFile(file) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert "HYPERLINK(1)" in sheet
    assert [path.name for path in tmp_path.iterdir()] == ["x.xlsx"]


def test_a_failing_export_leaves_the_older_file(tmp_path: Path) -> None:
    file = tmp_path / "x.csv"
    file.write_text("old")

    with pytest.raises(ZeroDivisionError):
        write_table(file, ["a"], ((1 // n,) for n in (1, 0)))

    assert file.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["x.csv"]


def test_other_endings_and_missing_folders_are_refused(tmp_path: Path) -> None:
    with pytest.raises(CannotWrite, match=r"must end in \.csv, \.ndjson or \.xlsx\."):
        write_table(tmp_path / "x.pdf", ["a"], [])
    with pytest.raises(CannotWrite, match="does not exist"):
        write_table(tmp_path / "no" / "x.csv", ["a"], [])


@pytest.mark.django_db
def test_orders_come_as_lines_with_decimal_strings() -> None:
    world = build.world()
    jpy = [{"provider": "test", "reference": "j", "status": "paid", "amount": "20"}]
    line = {"sku": world.skus[0], "name": "=A1", "quantity": 2, "unit_price": "10", "tax_rate": "0"}
    world.place((world.skus[0], 2), (world.skus[1], 1))
    world.place(currency="JPY", lines=[line], payments=jpy, placed_at="2026-11-21T10:00:00Z")
    columns = list(exports.ORDER_COLUMNS)
    parameters = (world.shop, world.shop, [], [], None, None, None, None)

    rows = list(decimal_amounts(columns, sql.stream(exports.ORDERS, parameters)))

    found = [dict(zip(columns, row, strict=True)) for row in rows]
    assert {r["tax_rate"] for r in found} == {"21.00", "0.00"}
    assert [(r["line"], r["quantity"], r["unit_price_minor"], r["paid_minor"]) for r in found] == [
        (1, 2, "10.00", "30.00"),
        (2, 1, "10.00", "30.00"),
        (1, 2, "10", "20"),
    ]


@pytest.mark.django_db
def test_invoices_come_with_what_they_credit() -> None:
    world = build.world()
    order = world.place((world.skus[0], 2))
    [number] = build.invoice(order)
    debit = build.invoices(order)[0]["id"]
    credit_invoices([CreditItem(invoice_id=debit, reason="=late", amount="2.50")], actor=build.TESTER)[0].require()  # fmt: skip
    columns = list(exports.INVOICE_COLUMNS)

    def rows(*narrowed: str | None) -> list[dict[str, object]]:
        parameters = tuple(value for each in narrowed for value in (each, each))
        found = decimal_amounts(columns, sql.stream(exports.INVOICES, parameters))
        return [dict(zip(columns, row, strict=True)) for row in found]

    both = rows(world.shop, None, None, None)
    assert [(r["kind"], r["gross_minor"], r["credits"]) for r in both] == [
        ("debit", "20.00", None),
        ("credit", "2.50", number),
    ]
    assert len(rows(world.shop, "credit", None, None)) == 1
    assert rows(world.shop, None, "2099-01-01", None) == []


@pytest.mark.django_db
def test_returns_come_line_by_line() -> None:
    world, other = build.world(invoice_when="placed"), build.world()
    build.returned(other)
    order = build.shipped(world, (world.skus[0], 3), (world.skus[1], 1))
    build.invoice(order)
    lines = build.back(order, 2, correction="-1.00"), build.back(order, 1, 1, reason="too-small")
    made = build.give_back(order, *lines).require()
    columns = list(exports.RETURN_COLUMNS)

    def rows(after: str | None) -> list[dict[str, object]]:
        parameters = (world.shop, world.shop, after, after, None, None)
        found = decimal_amounts(columns, sql.stream(exports.RETURNS, parameters))
        return [dict(zip(columns, row, strict=True)) for row in found]

    assert [
        (r["number"], r["sku"], r["quantity"], r["reason"], r["correction_minor"])
        for r in rows(None)
    ] == [
        (made.data["number"], world.skus[0], 2, "damaged", "-1.00"),
        (made.data["number"], world.skus[1], 1, "too-small", "0.00"),
    ]
    assert rows("2099-01-01T00:00:00") == []


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["shop", "stock location"])
def test_a_code_that_is_not_there_is_refused_instead_of_an_empty_file(kind: str) -> None:
    world = build.world(locations=1)
    known = {"shop": world.shop, "stock location": world.locations[0]}[kind]

    exports.refuse_unknown(kind, None)
    exports.refuse_unknown(kind, known)
    with pytest.raises(CannotWrite, match=f"There is no {kind} nope"):
        exports.refuse_unknown(kind, "nope")


@pytest.mark.django_db
def test_stock_shows_what_is_available() -> None:
    world = build.world(locations=1, products=1, stock=5)
    world.place((world.skus[0], 2))

    rows = list(sql.stream(exports.STOCK, (world.locations[0], world.locations[0])))

    assert [row[3:] for row in rows] == [(5, 2, 0, 0, 3)]


def test_an_empty_workbook_has_its_heading(tmp_path: Path) -> None:
    assert write_xlsx(tmp_path / "empty.xlsx", ["number", "total"], []) == 0
    with zipfile.ZipFile(tmp_path / "empty.xlsx") as book:
        assert b"number" in book.read("xl/worksheets/sheet1.xml")
