"""Where a payment provider and we do not agree, day by day; matched or explained by a person."""

from functools import partial
from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from orderwerk.console.access import PersonRequest, needs
from orderwerk.console.doing import Question, ask
from orderwerk.console.downloads import download
from orderwerk.console.forms.differences import ExplainForm, MatchForm
from orderwerk.console.lists import Asked, Column, Filter, Listing, Tab
from orderwerk.console.paging import read_page
from orderwerk.core.actor import Actor
from orderwerk.core.decode import convert
from orderwerk.core.errors import NotFound
from orderwerk.core.keyset import Page
from orderwerk.core.outcome import Outcome
from orderwerk.refunds.commands.resolve_differences import (
    ResolveDifferenceItem,
    resolve_differences,
)
from orderwerk.refunds.difference_queries import (
    DifferenceFilters,
    DifferenceRow,
    ReconciliationFilters,
    ReconciliationRow,
    difference_detail,
    difference_page,
    difference_tab_counts,
    matching_refunds,
    reconciliation_page,
)
from orderwerk.refunds.statuses import DifferenceKind, DifferenceStatus, RefundStatus
from orderwerk.shops.queries import all_shops

_COLUMNS = (
    Column("kind", _("What differs")),
    Column("reference", _("At the provider")),
    Column("order", _("Order")),
    Column("ours", _("We say"), "money"),
    Column("theirs", _("They say"), "money"),
    Column("actions", _("Actions"), hidden=True),
)
_DAYS = (
    Column("day", _("Day")),
    Column("account", _("Account")),
    Column("ours", _("We say"), "money"),
    Column("theirs", _("They say"), "money"),
    Column("found", _("Differences found"), "number"),
)
_TABS = (*DifferenceStatus.values, "all")


@needs("refunds:read")
def difference_list(request: PersonRequest) -> HttpResponseBase:
    """Show what providers and we do not agree on."""
    actor = request.access.actor
    asked = Asked.read(request, tabs=_TABS, filters=("shop", "kind"))
    read = partial(_read, actor)
    if asked.file:
        return download("differences", DifferenceRow, asked, read)
    asked, page = read_page(asked, read, sort="")
    counts = difference_tab_counts(actor, asked.filters.get("shop"))
    shops = all_shops(actor)
    zones = {shop.code: shop.timezone for shop in shops}
    may_decide = request.access.may("refunds:write")
    named = [Tab(status.value, status.label, counts[status.value]) for status in DifferenceStatus]
    filters = [Filter("kind", _("All kinds"), [(k.value, k.label) for k in DifferenceKind])]
    if len(shops) > 1:
        filters.append(Filter("shop", _("All shops"), [(s.code, s.name) for s in shops]))
    listing = Listing(
        path=request.path,
        asked=asked,
        columns=_COLUMNS,
        rows=[_context(row, zones, may_decide=may_decide) for row in page.items],
        row_template="console/differences/row.html",
        tabs=[*named, Tab("all", _("All"), sum(counts.values()))],
        filters=filters,
        next_cursor=page.next,
        is_exportable=True,
        empty_icon="circle-check",
        empty_title=_("Nothing differs"),
        empty_text=_("What the payment providers say is compared with what stands here, at every message and once a day."),
    )  # fmt: skip
    return render(request, "console/differences/list.html", {"listing": listing})


def _read(actor: Actor, asked: Asked) -> Page[DifferenceRow]:
    filters = DifferenceFilters(
        status=None if asked.tab == "all" else asked.tab,
        kind=asked.filters.get("kind"),
        shop=asked.filters.get("shop"),
    )
    return difference_page(actor, filters, cursor=asked.cursor or None, limit=asked.limit)


def _context(row: DifferenceRow, zones: dict[str, str], *, may_decide: bool) -> dict[str, Any]:
    is_open = row.status == "open"
    return {
        "difference": row,
        "kind": DifferenceKind(row.kind).label,
        "timezone": zones.get(row.shop, "UTC"),
        "may_explain": may_decide and is_open,
        "may_match": may_decide and is_open and row.kind == "unknown_refund" and row.payment_id,
    }


@needs("refunds:read")
def reconciliation_list(request: PersonRequest) -> HttpResponseBase:
    """Show the reconciled days."""
    actor = request.access.actor
    asked = Asked.read(request, tabs=(), filters=("shop",))

    def read(asked: Asked) -> Page[ReconciliationRow]:
        filters = ReconciliationFilters(shop=asked.filters.get("shop"))
        return reconciliation_page(actor, filters, cursor=asked.cursor or None, limit=asked.limit)

    if asked.file:
        return download("reconciliations", ReconciliationRow, asked, read)
    asked, page = read_page(asked, read, sort="")
    shops = all_shops(actor)
    listing = Listing(
        path=request.path,
        asked=asked,
        columns=_DAYS,
        rows=page.items,
        row_template="console/differences/day_row.html",
        filters=[Filter("shop", _("All shops"), [(s.code, s.name) for s in shops])] if len(shops) > 1 else (),
        next_cursor=page.next,
        is_exportable=True,
        empty_icon="calendar",
        empty_title=_("No day has been compared yet"),
        empty_text=_("Every morning after five, yesterday is compared with each connected provider; days that were missed are caught up with."),
    )  # fmt: skip
    return render(request, "console/differences/days.html", {"listing": listing})


def _find(request: PersonRequest, difference_id: UUID) -> DifferenceRow:
    try:
        return difference_detail(request.access.actor, difference_id)
    except NotFound as error:
        raise Http404 from error


def _resolve(request: PersonRequest, item: dict[str, str]) -> Outcome:
    return resolve_differences([convert(item, ResolveDifferenceItem)], actor=request.access.actor)[0]  # fmt: skip


@needs("refunds:write")
def explain(request: PersonRequest, difference_id: UUID) -> HttpResponse:
    """Say what a difference is."""
    row = _find(request, difference_id)

    def act(form: ExplainForm) -> Outcome:
        return _resolve(request, {"difference_id": str(row.id), "note": form.cleaned_data["note"]})

    question = Question(
        _("Explain %(reference)s") % {"reference": row.reference},
        _("Save"),
        reverse("differences"),
        text=_("Nothing is booked. The explanation stays here."),
    )
    return ask(request, question, ExplainForm(request.POST or None), act, _("Explained."))


@needs("refunds:write")
def match(request: PersonRequest, difference_id: UUID) -> HttpResponse:
    """Say which refund of ours one made at the provider is."""
    row = _find(request, difference_id)
    found = matching_refunds(request.access.actor, row)
    choices = [(str(key), f"{number} · {RefundStatus(status).label}") for key, number, status in found]  # fmt: skip

    def act(form: MatchForm) -> Outcome:
        item = {"difference_id": str(row.id), "refund_id": form.cleaned_data["refund_id"]}
        return _resolve(request, item)

    question = Question(
        _("Match %(reference)s") % {"reference": row.reference},
        _("Match"),
        reverse("differences"),
        text=_("The refund counts as made then; nothing is sent.")
        if found
        else _("No refund of ours fits in payment and amount. Credit the invoice by this amount: the refund that comes of it is matched by itself."),
    )  # fmt: skip
    form = MatchForm(request.POST or None, refunds=choices)
    return ask(request, question, form, act, _("Matched."))
