"""VAT as it is declared: by month, country, category and rate, with credits taken off, the same wherever it is asked for."""

import csv
import io
from collections import defaultdict
from contextlib import nullcontext
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from babel.dates import format_date
from click.testing import CliRunner

from orderwerk.cli.exports import export
from orderwerk.core import clock, sql
from orderwerk.core.decode import convert
from orderwerk.invoices.commands.credit import CreditItem, credit_invoices
from orderwerk.invoices.vat import vat_rows
from orderwerk.orders.commands.update import UpdateItem, update_orders
from tests import build
from tests.api.conftest import caller
from tests.console.conftest import enter
from tests.invoices.test_collected import COUNTER, FIRM, SWISS, collected
from tests.invoices.test_documents import ADDRESS
from tests.invoices.test_one_stop import CONSUMER, IN_THE_SCHEME

__all__ = ["enter"]
pytestmark = pytest.mark.django_db


def this_month() -> str:
    return f"{clock.business_date(clock.now(), 'Europe/Amsterdam'):%Y-%m}"


def sold(world: build.World, *rates: str, **fields: Any) -> Any:
    """An invoice of ten euros, VAT included, at each rate."""
    lines = [
        {"sku": world.skus[0], "name": "Thee", "quantity": 1, "unit_price": "10.00", "tax_rate": r}
        for r in rates
    ]
    order = world.place(lines=lines, payments=[], **fields)
    build.invoice(order)
    return build.invoices(order)[0]["id"]


def read(file: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(file.read_text(encoding="utf-8"))))


def credit(invoice: Any, amount: str) -> None:
    item = CreditItem(invoice_id=invoice, reason="Broken", amount=amount)
    credit_invoices([item], actor=build.TESTER)[0].require()


@pytest.fixture
def world() -> build.World:
    """A Dutch shop that takes part in the one-stop shop, with sales of every kind."""
    world = build.world(invoice_when="placed", legal=IN_THE_SCHEME)
    abroad = {"billing_address": ADDRESS}
    credit(sold(world, "21.00", "9.00"), "4.00")
    sold(world, "21.00")
    sold(world, "19.00", customer=CONSUMER, **abroad)
    sold(world, "0.00", customer=FIRM, **abroad)
    sold(world, "0.00", customer=CONSUMER, billing_address=SWISS)
    return world


def expected() -> list[tuple[Any, ...]]:
    # Of 4.00 back on an invoice of 10.00 at each of two rates, 2.00 is at either.
    month = this_month()
    return [
        (month, "CH", False, "G", "0.00", "EUR", 1, 1000, 0),
        (month, "DE", False, "K", "0.00", "EUR", 1, 1000, 0),
        (month, "DE", True, "S", "19.00", "EUR", 1, 840, 160),
        (month, "NL", False, "S", "21.00", "EUR", 3, 1487, 313),
        (month, "NL", False, "S", "9.00", "EUR", 2, 734, 66),
    ]


def test_documents_add_up_by_month_country_category_and_rate(world: build.World) -> None:
    found = vat_rows(build.TESTER, shop=world.shop)

    assert [(r.period, r.country, r.one_stop, r.tax_category, r.tax_rate, r.currency, r.documents, r.net_minor, r.tax_minor) for r in found] == expected()  # fmt: skip
    [sums] = sql.fetch(
        "select sum(case when v.kind = 'debit' then t.net_minor else -t.net_minor end)::bigint, sum(case when v.kind = 'debit' then t.tax_minor else -t.tax_minor end)::bigint "
        "from invoices_tax t join invoices_invoice v on v.id = t.invoice_id where v.shop_id = %s", (world.shop_id,)
    )  # fmt: skip
    assert sums == (sum(r.net_minor for r in found), sum(r.tax_minor for r in found))


def test_what_is_exempt_is_declared_where_the_seller_is_beside_what_the_one_stop_shop_takes() -> None:  # fmt: skip
    world = build.world(invoice_when="placed", legal=IN_THE_SCHEME)
    lines = [
        {"sku": world.skus[0], "name": "New", "quantity": 1, "unit_price": "11.90", "tax_rate": "19.00"},
        {"sku": world.skus[1], "name": "Used", "quantity": 1, "unit_price": "5.00", "tax_rate": "0", "vat_exemption": "Margin scheme", "vat_exemption_code": "VATEX-EU-F"},
    ]  # fmt: skip
    build.invoice(world.place(lines=lines, payments=[], customer=CONSUMER, billing_address=ADDRESS))

    found = vat_rows(build.TESTER, shop=world.shop)

    assert [(r.country, r.one_stop, r.tax_category, r.net_minor, r.tax_minor) for r in found] == [
        ("DE", True, "S", 1000, 190),
        ("NL", False, "E", 500, 0),
    ]


def test_it_is_narrowed_to_days_and_to_what_may_be_seen(world: build.World) -> None:
    other = build.world(invoice_when="placed")
    sold(other, "21.00")
    seen = build.limited(world.shop_id)

    assert {row.shop for row in vat_rows(seen)} == {world.shop}
    today = clock.business_date(clock.now(), "Europe/Amsterdam")
    assert vat_rows(seen, before=date(2026, 1, 1)) == []
    assert vat_rows(seen, after=date(today.year + 2, 1, 1)) == []


def test_what_is_collected_counts_where_the_counter_is() -> None:
    collected("21.00", CONSUMER, ADDRESS, {"address": {**COUNTER, "country": "BE"}})
    sql.execute("set session_replication_role = replica")
    [before] = vat_rows(build.TESTER)
    # Documents of the first version did not know of the counter.
    sql.execute("update invoices_invoice set content = (content::jsonb || '{\"version\": 1}')::text")  # fmt: skip
    [after] = vat_rows(build.TESTER)
    sql.execute("set session_replication_role = origin")

    assert (before.country, before.one_stop, after.country) == ("BE", False, "NL")


def test_a_credit_gives_back_what_its_invoice_bore_wherever_the_order_would_go_now() -> None:
    world = build.world(invoice_when="placed", legal=IN_THE_SCHEME)
    debit = sold(world, "0.00", customer=FIRM, billing_address=ADDRESS)
    [(order,)] = sql.fetch("select id from orders_order")
    moved = {**ADDRESS, "postal_code": "75001", "city": "Paris", "country": "FR"}
    item = {"order_id": str(order), "delivery_address": moved}
    update_orders([convert(item, UpdateItem)], actor=build.TESTER)[0].require()

    credit(debit, "4.00")

    [row] = vat_rows(build.TESTER)
    assert (row.country, row.tax_category, row.documents, row.net_minor) == ("DE", "K", 2, 600)
    contents = sql.fetch("select content::jsonb #>> '{delivery_address,country}' from invoices_invoice")  # fmt: skip
    assert contents == [("DE",), ("DE",)]
    # Of a debit of the first version that is collected abroad, the credit too counts where the seller is.
    sql.execute("set session_replication_role = replica")
    sql.execute("update invoices_invoice set content = (content::jsonb || '{\"version\": 1}')::text where kind = 'debit'")  # fmt: skip
    sql.execute("update orders_order set collect_location_id = (select id from stock_location limit 1)")  # fmt: skip
    sql.execute("update invoices_tax set tax_category = 'S'")
    [first] = vat_rows(build.TESTER)
    sql.execute("set session_replication_role = origin")
    assert (first.country, first.documents) == ("NL", 2)


def test_the_command_writes_it(
    world: build.World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("orderwerk.cli.exports.connected", nullcontext)
    file = tmp_path / "vat.csv"
    today = clock.business_date(clock.now(), "Europe/Amsterdam")

    done = CliRunner().invoke(export, ["vat", str(file), "--shop", world.shop, "--issued-after", f"{today.year - 1}-01-01", "--issued-before", f"{today.year + 2}-01-01"])  # fmt: skip

    assert done.exit_code == 0, done.output
    rows = read(file)
    assert [(r["country"], r["tax_category"], r["tax_rate"], r["net"], r["tax"]) for r in rows][2:4] == [("DE", "S", "19.00", "8.40", "1.60"), ("NL", "S", "21.00", "14.87", "3.13")]  # fmt: skip


def test_each_invoice_tells_its_rates_in_the_export_and_over_the_api(
    world: build.World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("orderwerk.cli.exports.connected", nullcontext)
    file = tmp_path / "invoices.csv"
    assert CliRunner().invoke(export, ["invoices", str(file), "--shop", world.shop]).exit_code == 0

    rows = read(file)
    listed = caller(shops=(world.shop,)).get("/invoices").json()["items"]
    one = caller(shops=(world.shop,)).get(f"/invoices/{listed[0]['id']}").json()

    assert rows[0]["taxes"] == "S 21.00 net 8.26 vat 1.74; S 9.00 net 9.17 vat 0.83"
    assert [row["one_stop"] for row in rows] == ["", "", "", "DE", "", ""]
    sums: dict[str, int] = defaultdict(int)
    for found in listed:
        assert sum(float(t["tax"]) for t in found["taxes"]) == pytest.approx(float(found["tax"]))
        sums[found["one_stop"] or ""] += 1
    assert dict(sums) == {"": 5, "DE": 1}
    assert one == listed[0]
    assert one["taxes"] == [{"category": "G", "rate": "0.00", "net": "10.00", "tax": "0.00"}]


def test_the_console_shows_it_and_gives_it_as_a_file(world: build.World, enter: Any) -> None:
    client = enter("finance")
    today = date.fromisoformat(f"{this_month()}-01")
    quarter, year = f"{today.year} Q{(today.month + 2) // 3}", today.year
    month = format_date(today, "LLLL y", locale="en")

    page = client.get("/invoices/vat/").content.decode()
    file = client.get("/invoices/vat/", {"period": str(year), "file": "csv"})
    rows = list(csv.DictReader(io.StringIO(b"".join(file).decode("utf-8-sig"))))

    assert 'href="/invoices/vat/"' in client.get("/invoices/").content.decode()
    # It opens with the quarter that it is, and says what that comes to: 10 + 10 + 8.40 + 14.87 + 7.34, and 1.60 + 3.13 + 0.66.
    assert month in page
    assert quarter not in page
    assert "one-stop shop" in page
    assert "taxed" in page
    assert "21 %" in page
    assert "€50.61" in page
    assert "€5.39" in page
    assert [(r["country"], r["tax_rate"], r["tax"]) for r in rows] == [(e[1], e[4], f"{e[8] / 100:.2f}") for e in expected()]  # fmt: skip
    assert month not in client.get("/invoices/vat/", {"period": str(year - 2)}).content.decode()
    assert month in client.get("/invoices/vat/", {"period": "x"}).content.decode()
    assert client.get("/invoices/vat/", {"period": f"{year - 1} Q{quarter[-1]}"}).status_code == 200
    assert f'value="{year - 1} Q{quarter[-1]}"' in page
    build.world()
    assert 'name="shop"' in client.get("/invoices/vat/").content.decode()
    assert enter("warehouse").get("/invoices/vat/").status_code == 403
