"""Paper: pick lists, packing slips and invoices as PDF, one or several at once."""

from collections.abc import Callable
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_GET, require_POST

from orderwerk.console.access import PersonRequest, needs
from orderwerk.console.doing import chosen_ids, nothing_chosen
from orderwerk.console.refusals import sentence
from orderwerk.core.errors import NotFound, Refusal
from orderwerk.core.typesetting import Document
from orderwerk.flows.floor_papers import floor_papers
from orderwerk.invoices.bundle import invoice_bundle
from orderwerk.invoices.documents import invoice_document
from orderwerk.invoices.queries import invoice_detail_by_number
from orderwerk.picklists.documents import pick_lists_pdf
from orderwerk.picklists.queries import pick_list_detail_by_number
from orderwerk.return_requests.documents import return_slip
from orderwerk.return_requests.label_queries import label_of, return_label_document
from orderwerk.return_requests.queries import return_request_by_number
from orderwerk.shipments.documents import packing_slips
from orderwerk.shipments.queries import shipment_detail_by_number

_KINDS = {"pdf": "application/pdf", "xml": "application/xml", "zip": "application/zip"}


def _shown(document: Document) -> HttpResponse:
    kind = _KINDS[document.name.rpartition(".")[2]]
    answer = HttpResponse(document.content, content_type=kind)
    answer["Content-Disposition"] = f'inline; filename="{document.name}"'
    # It holds an address: no cache between here and the reader keeps it.
    answer["Cache-Control"] = "private, no-store"
    return answer


def _refused(refusal: Refusal) -> HttpResponse:
    return HttpResponse(sentence(refusal), content_type="text/plain; charset=utf-8", status=409)


def paper(make: Callable[[], Document | HttpResponse]) -> HttpResponse:
    """Show a paper, or a page that comes instead, or say why there is none."""
    try:
        made = make()
        return _shown(made) if isinstance(made, Document) else made
    except NotFound as error:
        raise Http404 from error
    except Refusal as refusal:
        return _refused(refusal)


@needs("shipping:read")
@require_GET
def pick_list(request: PersonRequest, number: str) -> HttpResponse:
    """Show one pick list on paper."""
    actor = request.access.actor
    try:
        found = pick_list_detail_by_number(actor, number).pick_list.id
        return _shown(pick_lists_pdf([found], actor=actor, language=get_language() or "en"))
    except NotFound as error:
        raise Http404 from error


@needs("shipping:read")
@require_POST
def pick_lists(request: PersonRequest) -> HttpResponse:
    """Show the chosen pick lists on paper, in one file."""
    chosen = chosen_ids(request)
    if not chosen:
        return nothing_chosen(request, "/pick-lists/")
    try:
        actor = request.access.actor
        return _shown(pick_lists_pdf(chosen, actor=actor, language=get_language() or "en"))
    except NotFound as error:
        raise Http404 from error


@needs("shipping:read")
@require_GET
def packing_slip(request: PersonRequest, number: str) -> HttpResponse:
    """Show the packing slip of one shipment."""
    actor = request.access.actor
    try:
        found = shipment_detail_by_number(actor, number).shipment.id
        return _shown(packing_slips([found], actor=actor))
    except NotFound as error:
        raise Http404 from error
    except Refusal as refusal:
        return _refused(refusal)


@needs("billing:read")
@require_GET
def invoice(request: PersonRequest, number: str, ending: str) -> HttpResponse:
    """Show an invoice on paper, or as UBL."""
    actor = request.access.actor
    try:
        found = invoice_detail_by_number(actor, number).invoice.id
        return _shown(invoice_document(found, "pdf" if ending == "pdf" else "ubl", actor=actor))
    except NotFound as error:
        raise Http404 from error
    except Refusal as refusal:
        return _refused(refusal)


@needs("billing:read")
@require_POST
def invoice_zip(request: PersonRequest) -> HttpResponse:
    """Give the chosen invoices, in one file; where some cannot be had, first say which and why, and offer the others."""
    chosen = chosen_ids(request)
    if not chosen:
        return nothing_chosen(request, "/invoices/")
    try:
        bundle = invoice_bundle(chosen, actor=request.access.actor, say=sentence)
    except NotFound as error:
        raise Http404 from error
    if not bundle.missing or "rest" in request.POST:
        return _shown(bundle.archive)
    missing = [(number, sentence(refusal)) for number, refusal in bundle.missing.items()]
    context = {"bundle": bundle, "missing": missing, "chosen": chosen}
    return render(request, "console/invoices/missing.html", context)


def _round(request: PersonRequest, pick_lists: list[UUID], shipments: list[UUID]) -> HttpResponse:
    try:
        return _shown(
            floor_papers(
                pick_lists, shipments, actor=request.access.actor, language=get_language() or "en"
            )
        )
    except NotFound as error:
        raise Http404 from error
    except Refusal as refusal:
        return _refused(refusal)


@needs("shipping:read")
@require_POST
def pick_list_round(request: PersonRequest) -> HttpResponse:
    """Show the chosen pick lists, each with the packing slips of what it collects, in one file."""
    chosen = chosen_ids(request)
    return _round(request, chosen, []) if chosen else nothing_chosen(request, "/pick-lists/")


@needs("shipping:read")
@require_POST
def shipment_round(request: PersonRequest) -> HttpResponse:
    """Show the packing slips of the chosen shipments behind the pick lists that collect them, in one file."""
    chosen = chosen_ids(request)
    return _round(request, [], chosen) if chosen else nothing_chosen(request, "/shipments/")


@needs("shipping:read")
@require_POST
def packing_slip_bundle(request: PersonRequest) -> HttpResponse:
    """Show the packing slips of the chosen shipments, in one file."""
    chosen = chosen_ids(request)
    if not chosen:
        return nothing_chosen(request, "/shipments/")
    try:
        return _shown(packing_slips(chosen, actor=request.access.actor))
    except NotFound as error:
        raise Http404 from error
    except Refusal as refusal:
        return _refused(refusal)


@needs("returns:read")
@require_GET
def return_label_pdf(request: PersonRequest, number: str) -> HttpResponse:
    """Show the carrier's label of a return request."""
    actor = request.access.actor
    try:
        found = label_of(actor, return_request_by_number(actor, number).id)
        if found is None:
            raise Http404
        return _shown(return_label_document(found.id, actor=actor))
    except NotFound as error:
        raise Http404 from error
    except Refusal as refusal:
        return _refused(refusal)


@needs("returns:read")
@require_GET
def return_slip_pdf(request: PersonRequest, number: str) -> HttpResponse:
    """Show the sheet that the customer lays into the box."""
    actor = request.access.actor
    try:
        return _shown(return_slip(return_request_by_number(actor, number).id, actor=actor))
    except NotFound as error:
        raise Http404 from error
    except Refusal as refusal:
        return _refused(refusal)
