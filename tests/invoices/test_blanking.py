"""After the term of the law a document tells of nobody: name and address go, number, figures, hash and chain stay."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError
from django.db.transaction import atomic

from orderwerk.checks.run import ALL
from orderwerk.core import clock, ids, sql
from orderwerk.core.errors import WrongState
from orderwerk.flows.erase_orders import EraseItem, erase_orders
from orderwerk.invoices.commands.blank import BlankItem, blank_documents, blank_due
from orderwerk.invoices.commands.credit import CreditItem, credit_invoices
from orderwerk.invoices.documents import documents_at_hand, invoice_document
from orderwerk.invoices.vat import vat_rows
from orderwerk.shops.commands.upsert import Legal, ShopItem, upsert_shops
from orderwerk.shops.terms import FEWEST_YEARS, fewest_years
from tests import build
from tests.api.conftest import caller
from tests.console.conftest import enter
from tests.flows.test_erasing import NAME, STREET, traces
from tests.invoices.test_documents import ADDRESS
from tests.invoices.test_one_stop import CONSUMER, IN_THE_SCHEME

__all__ = ["enter"]
pytestmark = pytest.mark.django_db
RULES = ("invoice-chain", "invoice-content", "invoice-blanked", "invoice-sums", "erased-orders")


def sold(years_ago: int, *, erased: bool = True, **shop: Any) -> UUID:
    """An order of an earlier year with an invoice, a credit whose reason tells of somebody, and their papers."""
    year = clock.business_date(clock.now(), "Europe/Amsterdam").year - years_ago
    abroad = "legal" in shop
    address = {**ADDRESS, "name": NAME, "street": STREET, **({} if abroad else {"country": "NL", "postal_code": "1234 AB"})}  # fmt: skip
    with clock.told(datetime(year, 6, 1, tzinfo=UTC)):
        world = build.world(invoice_when="placed", **shop)
        paid = {"provider": "test", "reference": f"b{build.serial()}", "status": "paid", "amount": "23.80"}  # fmt: skip
        line = {"sku": world.skus[0], "name": "Thee", "quantity": 2, "unit_price": "11.90", "tax_rate": "19.00"}  # fmt: skip
        order = build.shipped(world, customer={**CONSUMER, "name": NAME}, billing_address=address, lines=[line], payments=[paid])  # fmt: skip
        build.invoice(order)
        [debit] = build.invoices(order)
        item = CreditItem(invoice_id=debit["id"], amount="1.00", reason=f"{NAME} called")
        credit_invoices([item], actor=build.TESTER)[0].require()
        for invoice in build.invoices(order):
            invoice_document(invoice["id"], "pdf", actor=build.TESTER)
    # What had to go back went back.
    sql.execute("set session_replication_role = replica")
    sql.execute("update orders_order set refund_reserved_minor = refundable_minor where id = %s", (order,))  # fmt: skip
    sql.execute("set session_replication_role = origin")
    if erased:
        erase_orders([EraseItem(order_id=order)], actor=build.TESTER)[0].require()
    return order


def codes(*orders: UUID) -> list[str | None]:
    """What becomes of blanking the documents of orders."""
    outcomes = blank_documents([BlankItem(order_id=order) for order in orders], actor=build.TESTER)
    return [outcome.error.code if outcome.error else None for outcome in outcomes]


def found() -> list[str]:
    """Which of the rules about documents find something."""
    return [rule.id for rule in ALL if rule.id in RULES and sql.fetch(rule.sql)]


def kept() -> list[Any]:
    """All of the documents that stays."""
    names = "number, kind, issue_date, net_minor, tax_minor, gross_minor, hash, prev_hash, (select jsonb_agg(l - 'name') from jsonb_array_elements(content::jsonb -> 'lines') l), content::jsonb -> 'seller'"  # fmt: skip
    return sql.fetch(f"select {names} from invoices_invoice order by number")


def test_what_is_over_is_blanked_and_the_figures_and_the_chain_stay(
    enter: Callable[..., Any],
) -> None:
    order = sold(8)
    before, declared = kept(), vat_rows(build.TESTER)
    assert set(traces()) == {"invoices_invoice"}

    assert codes(order, order) == [None, None]

    assert traces() == {}
    assert kept() == before
    assert vat_rows(build.TESTER) == declared
    assert sql.fetch("select count(*) from invoices_document") == [(0,)]
    assert sql.fetch("select count(*) from core_event where kind = 'invoice.blanked'") == [(2,)]
    assert found() == []
    [number, _] = [row[0] for row in before]
    keys = [invoice["id"] for invoice in build.invoices(order)]
    papers, refused = documents_at_hand(keys, "pdf", actor=build.TESTER)
    assert (papers, {why.code for why in refused.values()}) == ([], {"document_blanked"})
    with pytest.raises(WrongState, match="the figures are kept"):
        invoice_document(keys[0], "ubl", actor=build.TESTER)
    shown = caller().get(f"/invoices/{keys[0]}").json()
    assert re.match(r"20\d\d-", shown["blanked_at"])
    page = enter("finance").get(f"/invoices/{number}/").content.decode()
    assert "The term of the law is over" in page
    assert f"{number}.pdf" not in page
    # Again it changes nothing, and the job has nothing left to do.
    assert codes(order) == [None]
    assert blank_due(actor=build.TESTER) == 0
    assert sql.fetch("select count(*) from core_event where kind = 'invoice.blanked'") == [(2,)]


def test_what_is_to_be_kept_still_is_kept() -> None:
    whole, short, long = sold(8, erased=False), sold(7), sold(8, fiscal_years=10)
    # Declared through the one-stop shop: ten years, whatever the shop says.
    one_stop, older = sold(10, legal=IN_THE_SCHEME), sold(11, legal=IN_THE_SCHEME)

    assert codes(whole, short, long, one_stop, ids.new_id()) == [
        "not_erased", "still_kept", "still_kept", "still_kept", "unknown_order",
    ]  # fmt: skip
    assert sql.fetch("select count(*) from invoices_invoice where blanked_at is not null") == [(0,)]
    assert blank_due(actor=build.TESTER) == 1
    assert sql.fetch("select distinct order_id from invoices_invoice where blanked_at is not null") == [(older,)]  # fmt: skip


def test_a_document_that_is_kept_still_keeps_those_of_its_order() -> None:
    order = sold(8)
    sql.execute("set session_replication_role = replica")
    sql.execute("update invoices_invoice set issue_date = issue_date + 366 where kind = 'credit'")
    sql.execute("set session_replication_role = origin")

    assert blank_due(actor=build.TESTER) == 0
    assert codes(order) == ["still_kept"]


def test_the_database_lets_nothing_else_through() -> None:
    over, recent = sold(8), sold(1)

    def refused(change: str, order: UUID) -> str:
        with pytest.raises(IntegrityError) as error, atomic():
            sql.execute(f"update invoices_invoice set {change}, version = version + 1 where order_id = %s", (order,))  # fmt: skip
        return str(error.value)

    blank = "blanked_at = now(), reason = '', content = invoices_blanked(content)"
    assert "is kept until" in refused(blank, recent)
    for other in ("content = content || ' '", "blanked_at = now()", "reason = ''", f"{blank} || ' '", f"{blank}, gross_minor = 0"):  # fmt: skip
        assert "never changes" in refused(other, over)
    with pytest.raises(IntegrityError, match="append-only"), atomic():
        sql.execute("delete from invoices_document")
    codes(over)
    for back in ("blanked_at = null", "blanked_at = now()", "reason = 'x'"):
        assert "never changes" in refused(back, over)


def test_the_law_of_the_seller_s_country_is_the_shortest_term() -> None:
    """A shop that has set five years, and documents of another country's seller, are kept for as long as the law wants all the same."""
    countries = [*FEWEST_YEARS, "US", "", None]
    rows = sql.fetch("select c, invoices_fewest_years(c) from unnest(%s::text[]) c", (countries,))
    assert dict(rows) == {country: fewest_years(country or "") for country in countries}
    dutch, belgian, danish = (sold(years, legal={"country": country}) for years, country in ((6, "NL"), (10, "BE"), (6, "DK")))  # fmt: skip
    sql.execute("update shops_shop set fiscal_years = 5")

    assert codes(dutch, belgian, danish) == ["still_kept", "still_kept", None]

    assert sql.fetch("select distinct (payload ->> 'years')::int from core_event where kind = 'invoice.blanked'") == [(5,)]  # fmt: skip
    assert found() == []
    # The check uses the same terms: what is nobody's too early is found.
    sql.execute("set session_replication_role = replica")
    sql.execute("delete from invoices_document")
    sql.execute("update invoices_invoice set content = invoices_blanked(content), reason = '', blanked_at = now() where order_id = %s", (dutch,))  # fmt: skip
    sql.execute("set session_replication_role = origin")
    assert "invoice-blanked" in found()


def test_fewer_years_than_the_law_wants_are_refused_and_fewer_than_before_are_asked_about(
    enter: Callable[..., Any],
) -> None:
    world = build.world(legal={"country": "NL"}, fiscal_years=10)
    shop = {"code": world.shop, "name": "x", "currency": "EUR", "locale": "nl"}
    [outcome] = upsert_shops([ShopItem(**shop, fiscal_years=6)], actor=build.TESTER)
    assert outcome.error is not None
    assert (outcome.error.code, outcome.error.pointer) == ("too_few_years", "/fiscal_years")
    years = "select fiscal_years from shops_shop where id = %s"

    def save(**fields: str) -> str:
        page = person.post(f"/settings/shops/edit/{world.shop}/", form | fields)
        return str(page.content.decode())

    person = enter("owner")
    form = {"name": "x", "locale": "nl", "timezone": "Europe/Amsterdam", "legal_country": "NL", "invoice_when": "paid", "refund_mode": "manual", "return_window_days": "30"}  # fmt: skip
    assert "Tick this when it is meant." in save(fiscal_years="7")
    assert sql.fetch(years, (world.shop_id,)) == [(10,)]
    save(fiscal_years="7", fewer_years="on")
    assert sql.fetch(years, (world.shop_id,)) == [(7,)]
    # Where the shop moves to a country that wants more, the term follows.
    moved = ShopItem(**shop, legal=Legal(country="BE"))
    upsert_shops([moved], actor=build.TESTER)[0].require()
    assert sql.fetch(years, (world.shop_id,)) == [(10,)]
