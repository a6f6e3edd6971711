"""VAT to be declared, by month, country and rate: of a quarter, as it is declared, or of a year."""

from collections.abc import Sequence
from datetime import date
from functools import partial

from django.http import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from orderwerk.console.access import PersonRequest, needs
from orderwerk.console.downloads import download
from orderwerk.console.lists import Asked, Column, Filter, Listing
from orderwerk.console.statuses import TAX_CATEGORIES
from orderwerk.core import clock
from orderwerk.core.actor import Actor
from orderwerk.core.keyset import Page
from orderwerk.invoices.vat import VatRow, vat_rows
from orderwerk.shops.queries import ShopRow, all_shops

_COLUMNS = (
    Column("period", _("Month")),
    Column("shop", _("Shop")),
    Column("country", _("Country")),
    Column("category", _("VAT category")),
    Column("rate", _("Rate"), "money"),
    Column("documents", _("Documents"), "money"),
    Column("net", _("Without VAT"), "money"),
    Column("tax", _("VAT"), "money"),
)
# How many quarters and years back the page offers to choose.
_QUARTERS, _YEARS = 8, 10
_MONTHS = 3
_UTC = "UTC"


@needs("billing:read")
def vat(request: PersonRequest) -> HttpResponseBase:
    """Show what VAT is to be declared for a quarter or a year; all of it downloads for the accountant."""
    actor = request.access.actor
    asked = Asked.read(request, tabs=(), filters=("shop", "period"))
    shops = all_shops(actor)
    periods = _periods(_today(shops))
    read = partial(_read, actor, periods)
    if asked.file:
        return download("vat", VatRow, asked, read)
    filters = [Filter("period", _("This quarter"), [(key, key) for key in [*periods][1:]])]
    if len(shops) > 1:
        filters.insert(0, Filter("shop", _("All shops"), [(s.code, s.name) for s in shops]))
    names, rows = {shop.code: shop.name for shop in shops}, read(asked).items
    listing = Listing(
        path=request.path,
        asked=asked,
        columns=_COLUMNS,
        rows=[
            {
                "vat": row,
                "month": date.fromisoformat(f"{row.period}-01"),
                "shop": names.get(row.shop, row.shop),
                "category": TAX_CATEGORIES[row.tax_category],
            }
            for row in rows
        ],
        row_template="console/invoices/vat_row.html",
        filters=filters,
        above="console/invoices/vat_totals.html",
        is_exportable=True,
        empty_icon="file-invoice",
        empty_title=_("No VAT in this time"),
        empty_text=_("What is invoiced and credited is counted here by month, country and rate."),
    )
    return render(request, "console/invoices/vat.html", {"listing": listing, "totals": _totals(rows)})  # fmt: skip


def _today(shops: Sequence[ShopRow]) -> date:
    """Return the day that it is in the shop where the day began first."""
    now = clock.now()
    return max(clock.business_date(now, zone) for zone in [_UTC, *(s.timezone for s in shops)])


def _periods(today: date) -> dict[str, tuple[date, date]]:
    """Return what can be chosen, from its first day until before another; first the quarter that it is, then those before it."""
    found = {}
    this = today.year * 4 + (today.month - 1) // _MONTHS
    for quarter in range(this, this - _QUARTERS, -1):
        year, n = divmod(quarter, 4)
        found[f"{year} Q{n + 1}"] = (_first_day(quarter), _first_day(quarter + 1))
    for year in range(today.year, today.year - _YEARS, -1):
        found[str(year)] = (date(year, 1, 1), date(year + 1, 1, 1))
    return found


def _first_day(quarter: int) -> date:
    year, n = divmod(quarter, 4)
    return date(year, n * _MONTHS + 1, 1)


def _read(actor: Actor, periods: dict[str, tuple[date, date]], asked: Asked) -> Page[VatRow]:
    this = next(iter(periods))
    first, until = periods.get(asked.filters.get("period", this), periods[this])
    return Page(vat_rows(actor, shop=asked.filters.get("shop"), after=first, before=until), None)


def _totals(rows: Sequence[VatRow]) -> list[tuple[str, int, int]]:
    """Return per currency what all rows come to, without VAT and the VAT."""
    sums: dict[str, tuple[int, int]] = {}
    for row in rows:
        net, tax = sums.get(row.currency, (0, 0))
        sums[row.currency] = (net + row.net_minor, tax + row.tax_minor)
    return [(currency, *sums[currency]) for currency in sorted(sums)]
