"""The overview of invoices: what is owed, what was given back."""

from datetime import timedelta
from functools import partial
from typing import Any

from django.http import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from orderwerk.console.access import PersonRequest, needs
from orderwerk.console.downloads import download
from orderwerk.console.lists import Asked, BulkAction, Column, Filter, Listing, Tab
from orderwerk.console.paging import read_page
from orderwerk.core.actor import Actor
from orderwerk.core.keyset import Page
from orderwerk.invoices.queries import (
    InvoiceFilters,
    InvoiceRow,
    invoice_open_counts,
    invoice_page,
)
from orderwerk.invoices.statuses import CreditStatus
from orderwerk.shops.queries import all_shops

_COLUMNS = (
    Column("number", _("Invoice"), sortable=True),
    Column("order", _("Order")),
    Column("issue_date", _("Date"), sortable=True),
    Column("customer", _("Customer")),
    Column("status", _("Status")),
    Column("open", _("Open"), "money"),
    Column("gross", _("Total"), "money", sortable=True),
)
_DOWNLOAD = BulkAction(_("Download as PDF"), "/invoices/chosen.zip", "download", opens_file=True)
_TABS: dict[str, dict[str, Any]] = {
    "debit": {"kind": "debit"},
    "open": {"kind": "debit", "status": "open"},
    "credit": {"kind": "credit"},
    "to-refund": {"kind": "credit", "status": "open"},
    "all": {},
}


@needs("billing:read")
def invoice_list(request: PersonRequest) -> HttpResponseBase:
    """Show the invoices of a tab, as searched, filtered and sorted."""
    actor = request.access.actor
    asked = Asked.read(
        request, tabs=tuple(_TABS), filters=("shop", "credited", "from", "to"), sort="-issue_date"
    )
    shops = all_shops(actor)
    read = partial(_read, actor)
    if asked.file:
        return download("invoices", InvoiceRow, asked, read)
    asked, page = read_page(asked, read, sort="-issue_date")
    counts = invoice_open_counts(actor, asked.filters.get("shop"))
    filters = [Filter("credited", _("Credited or not"), CreditStatus.choices)]
    filters.append(Filter("from", _("From"), is_day=True))
    filters.append(Filter("to", pgettext_lazy("until a day", "to"), is_day=True))
    if len(shops) > 1:
        filters.insert(0, Filter("shop", _("All shops"), [(s.code, s.name) for s in shops]))
    listing = Listing(
        path=request.path,
        asked=asked,
        columns=_COLUMNS,
        rows=[_row(row) for row in page.items],
        row_template="console/invoices/row.html",
        tabs=[
            Tab("debit", _("Invoices")),
            Tab("open", _("Open"), counts["debit"]),
            Tab("credit", _("Credit invoices")),
            Tab("to-refund", _("To be refunded"), counts["credit"]),
            Tab("all", _("All")),
        ],
        filters=filters,
        search=_("Invoice or order number"),
        next_cursor=page.next,
        bulk=(_DOWNLOAD,),
        is_exportable=True,
        empty_icon="file-invoice",
        empty_title=_("No invoices here"),
        empty_text=_(
            "Every order gets its invoice by itself, at the moment that the shop's settings name: when placed, paid or shipped."
        ),
    )
    action = {"url": reverse("vat"), "icon": "file-invoice", "label": _("VAT"), "quiet": True}
    context = {"listing": listing, "title": _("Invoices"), "action": action}
    return render(request, "console/simple_list.html", context)


def _read(actor: Actor, asked: Asked) -> Page[InvoiceRow]:
    last = asked.day("to")
    filters = InvoiceFilters(
        **_TABS[asked.tab],
        q=asked.q or None,
        shop=asked.filters.get("shop"),
        credit_status=asked.filters.get("credited"),
        issued_after=asked.day("from"),
        issued_before=last + timedelta(days=1) if last else None,
    )
    sort = asked.sort or "-issue_date"
    return invoice_page(actor, filters, sort=sort, cursor=asked.cursor or None, limit=asked.limit)


def _row(row: InvoiceRow) -> dict[str, Any]:
    return {"id": row.id, "invoice": row}
