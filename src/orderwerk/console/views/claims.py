"""Claims: the overview, making one for an order or its parcel, and deciding it."""

from functools import partial
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_safe

from orderwerk.console.access import PersonRequest, needs
from orderwerk.console.doing import Question, ask
from orderwerk.console.downloads import download
from orderwerk.console.forms.claims import ClaimForm
from orderwerk.console.lists import Asked, Column, Filter, Listing, Tab
from orderwerk.console.paging import read_page
from orderwerk.console.reads.returns import claim_rows
from orderwerk.console.sent_once import Done, once
from orderwerk.console.views.order import find_order
from orderwerk.core.actor import Actor
from orderwerk.core.decode import convert
from orderwerk.core.errors import NotFound, Refusal
from orderwerk.core.keyset import Page
from orderwerk.core.outcome import Outcome
from orderwerk.flows.decide_claims import DecideClaimItem, decide_claims
from orderwerk.orders.rows import OrderDetail
from orderwerk.return_requests.commands.add_photos import MOST_PHOTOS, check_photos
from orderwerk.returns.claim_queries import (
    ClaimFilters,
    ClaimRow,
    claim_detail,
    claim_page,
    claim_photo,
    claim_tab_counts,
)
from orderwerk.returns.claim_statuses import FREED, ClaimKind, ClaimStatus
from orderwerk.returns.commands.add_claim_photos import ClaimPhotosItem, add_claim_photos
from orderwerk.returns.commands.create_claims import ClaimItem, create_claims
from orderwerk.shipments.queries import ShipmentDetail, shipment_detail

_COLUMNS = (
    Column("number", _("Claim")),
    Column("order", _("Order")),
    Column("kind", _("What happened")),
    Column("units", _("Pieces"), "number"),
    Column("status", _("Status")),
    Column("credited", _("Credited"), "money"),
    Column("date", _("Date")),
    Column("decide", _("Decide"), hidden=True),
)


@needs("returns:read")
def claim_list(request: PersonRequest) -> HttpResponseBase:
    """Show what arrived damaged, or never, and waits for somebody, or was decided."""
    actor = request.access.actor
    asked = Asked.read(request, tabs=(*ClaimStatus.values, "all"), filters=("kind",))
    read = partial(_read, actor)
    if asked.file:
        return download("claims", ClaimRow, asked, read)
    asked, page = read_page(asked, read, sort="")
    counts = claim_tab_counts(actor)
    may = request.access.may("returns:write")
    listing = Listing(
        path=request.path,
        asked=asked,
        columns=_COLUMNS,
        rows=claim_rows(page.items, may_decide=may),
        row_template="console/claims/row.html",
        tabs=[
            Tab("open", ClaimStatus.OPEN.label, counts["open"]),
            Tab("refunded", ClaimStatus.REFUNDED.label),
            Tab("replaced", ClaimStatus.REPLACED.label),
            Tab("repaired", ClaimStatus.REPAIRED.label),
            Tab("rejected", ClaimStatus.REJECTED.label),
            Tab("all", _("All")),
        ],
        filters=[Filter("kind", _("All claims"), ClaimKind.choices)],
        search=_("Claim or order number"),
        next_cursor=page.next,
        is_exportable=True,
        empty_icon="circle-check",
        empty_title=_("No claims here"),
        empty_text=_("What arrived damaged, or never, is claimed at its order or at the delivery problem."),
    )  # fmt: skip
    context = {"listing": listing, "title": _("Claims")}
    return render(request, "console/simple_list.html", context)


@require_safe
@needs("returns:read")
def photo(request: PersonRequest, claim_id: UUID, position: int) -> HttpResponse:
    """Serve one picture of a claim: a stranger's file, so nothing in it may run."""
    try:
        claim_detail(request.access.actor, claim_id)
        media_type, content = claim_photo(claim_id, position)
    except NotFound as error:
        raise Http404 from error
    answer = HttpResponse(content, content_type=media_type)
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer["Cache-Control"] = "private, no-store"
    return answer


def _read(actor: Actor, asked: Asked) -> Page[ClaimRow]:
    filters = ClaimFilters(
        status=None if asked.tab == "all" else asked.tab,
        q=asked.q or None,
        kind=asked.filters.get("kind"),
    )
    return claim_page(actor, filters, cursor=asked.cursor or None, limit=asked.limit)


@needs("returns:write")
def claim_new(request: PersonRequest, number: str) -> HttpResponse:
    """Claim pieces of an order; from a delivery problem, what lay in its parcel is filled in."""
    detail = find_order(request, number)
    parcel = _parcel(request, detail)
    form = ClaimForm.read(request, detail.lines, parcel)
    if request.method == "POST":
        done = _make(request, form, detail, parcel)
        if done is not None:
            if done.outcome is not None:
                messages.success(request, _("Claim %(number)s has been made.") % {"number": done.outcome.data["number"]})  # fmt: skip
            return redirect(done.url)
    context = {
        "order": detail.order,
        "form": form,
        "kinds": [kind for kind in ClaimKind.choices if kind[0] not in {"kept", "repair"}],
        "parcel": parcel,
    }
    return render(request, "console/claims/new.html", context, status=422 if form.error else 200)


def _parcel(request: PersonRequest, detail: OrderDetail) -> ShipmentDetail | None:
    wanted = request.GET.get("shipment", "")
    try:
        found = shipment_detail(request.access.actor, UUID(wanted))
    except (ValueError, NotFound):
        return None
    return found if found.shipment.order_id == detail.order.id else None


def _make(
    request: PersonRequest, form: ClaimForm, detail: OrderDetail, parcel: ShipmentDetail | None
) -> Done | None:
    item: dict[str, Any] = {
        "order_id": str(detail.order.id),
        "kind": form.kind,
        "lines": [entry.item() for entry in form.chosen],
        "note": form.note,
        "shipment_id": str(parcel.shipment.id) if parcel is not None else None,
    }
    if not item["lines"]:
        form.error = str(_("Enter how many pieces of a line it is about."))
        return None
    try:
        made = convert(item, ClaimItem)
        photos = [photo.read() for photo in request.FILES.getlist("photos")[: MOST_PHOTOS + 1]]
        check_photos(photos, present=0)
        return once(
            request,
            lambda: _create(request, made, photos),
            lambda _outcome: reverse("order_returns", args=[detail.order.number]),
        )
    except Refusal as refusal:
        form.refuse(refusal)
        return None


def _create(request: PersonRequest, item: ClaimItem, photos: list[bytes]) -> Outcome:
    outcome = create_claims([item], actor=request.access.actor)[0]
    if outcome.id is not None and photos:
        pictures = ClaimPhotosItem(claim_id=outcome.id, photos=photos)
        add_claim_photos([pictures], actor=request.access.actor)[0].require()
    return outcome


class _NoteForm(forms.Form):
    note = forms.CharField(label=_("Note"), max_length=500, required=False)


class _WhyForm(forms.Form):
    note = forms.CharField(label=_("Reason"), max_length=500)


class _RepairedForm(_NoteForm):
    carrier = forms.CharField(label=_("Carrier"), max_length=60, required=False)
    tracking_code = forms.CharField(label=_("Tracking code"), max_length=100, required=False)


class _UnrepairedForm(_RepairedForm):
    note = forms.CharField(label=_("Reason"), max_length=500)


_ASKED = {
    "repaired": (_("Send back what %(number)s was here for, repaired"), _("Sent back"), _("The customer hears of it; neither stock nor money moves."), _("Noted: it is on its way back to the customer.")),
    "refunded": (_("Refund claim %(number)s"), pgettext_lazy("what to do", "Refund"), _("What the pieces cost is credited and paid back as the shop refunds."), _("Credited.")),
    "replaced": (_("Replace claim %(number)s"), _("Send once more"), _("A new order for nothing is placed for the same articles."), _("The new order has been placed.")),
    "rejected": (_("Reject claim %(number)s"), _("Reject"), _("Nothing is given; the pieces may be claimed or returned again."), _("Rejected.")),
}  # fmt: skip


def _form_of(claim: ClaimRow, verb: str) -> type[forms.Form]:
    if claim.kind == "repair" and verb in FREED:
        return _RepairedForm if verb == "repaired" else _UnrepairedForm
    return _WhyForm if verb == "rejected" else _NoteForm


@needs("returns:write")
def claim_decide(request: PersonRequest, claim_id: UUID, verb: str) -> HttpResponse:
    """Refund a claim, send the goods once more, or reject it with a reason."""
    if verb not in _ASKED:
        raise Http404
    try:
        found = claim_detail(request.access.actor, claim_id)
    except NotFound as error:
        raise Http404 from error

    def act(form: forms.Form) -> Outcome:
        item = {"claim_id": str(found.id), "outcome": verb, **form.cleaned_data}
        return decide_claims([convert(item, DecideClaimItem)], actor=request.access.actor)[0]

    title, submit, text, done = _ASKED[verb]
    question = Question(
        str(title) % {"number": found.number},
        submit,
        f"/orders/{found.order_number}/returns/",
        text=text,
        danger=verb == "rejected",
    )
    form = _form_of(found, verb)(request.POST or None)
    return ask(request, question, form, act, done)
