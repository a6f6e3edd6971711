"""The labels of a shipment's packages: how far they are, asking for them, giving them up, and printing them."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from orderwerk.console.access import PersonRequest, needs
from orderwerk.console.doing import chosen_ids, nothing_chosen, safe_next, tell
from orderwerk.console.reads.labels import label_context
from orderwerk.console.reads.shipments import with_their_parcels
from orderwerk.console.refusals import sentence
from orderwerk.console.views.documents import paper
from orderwerk.console.views.shipment import find_shipment
from orderwerk.core.typesetting import Document
from orderwerk.shipments.commands.order_labels import OrderShippingLabelsItem, order_shipping_labels
from orderwerk.shipments.commands.void_labels import VoidShippingLabelItem, void_shipping_labels
from orderwerk.shipments.label_documents import (
    shipping_label_bundle,
    shipping_labels,
)


def _page(number: str) -> str:
    return f"/shipments/{number}/"


@needs("shipping:read")
@require_GET
def label_state(request: PersonRequest, number: str) -> HttpResponse:
    """Draw how far the labels of a shipment are, for the page that shows it."""
    context: dict[str, Any] = label_context(request.access, find_shipment(request, number))
    context["here"] = request.GET.get("here", "")[:200]
    return render(request, "console/shipments/labels.html", context)


@require_POST
@needs("shipping:write")
def label_order(request: PersonRequest, number: str) -> HttpResponse:
    """Ask the carrier for the labels that are missing."""
    found = find_shipment(request, number).shipment
    items = [OrderShippingLabelsItem(shipment_id=found.id)]
    outcomes = order_shipping_labels(items, actor=request.access.actor)
    tell(request, outcomes, _("The carrier is asked for the labels of %(number)s.") % {"number": number})  # fmt: skip
    return redirect(safe_next(request, _page(number)))


@require_POST
@needs("shipping:write")
def label_void(request: PersonRequest, number: str, key: UUID) -> HttpResponse:
    """Give a label up."""
    find_shipment(request, number)
    items = [VoidShippingLabelItem(shipping_label_id=key)]
    outcomes = void_shipping_labels(items, actor=request.access.actor)
    tell(request, outcomes, _("The label is given up. Take it off the parcel if it is on it."))
    return redirect(safe_next(request, _page(number)))


@needs("shipping:read")
@require_GET
def label_pdf(request: PersonRequest, number: str) -> HttpResponse:
    """Show the labels of a shipment."""
    found = find_shipment(request, number).shipment.id
    return paper(lambda: shipping_labels([found], actor=request.access.actor))


@needs("shipping:read")
@require_POST
def label_bundle(request: PersonRequest) -> HttpResponse:
    """Show the labels of the chosen shipments in one file; where some are missing, say which first, and offer the others."""
    chosen = chosen_ids(request)
    if not chosen:
        return nothing_chosen(request, "/shipments/")
    if len(chosen) == 1:
        return paper(lambda: shipping_labels(chosen, actor=request.access.actor))

    def printed() -> Document | HttpResponse:
        # The label of a parcel is that of all that lies in it.
        bundle = shipping_label_bundle(with_their_parcels(chosen), actor=request.access.actor)
        if bundle.document and (not bundle.missing or "rest" in request.POST):
            return bundle.document
        missing = [(number, sentence(refusal)) for number, refusal in bundle.missing.items()]
        context = {"bundle": bundle, "missing": missing, "chosen": chosen}
        return render(request, "console/shipments/labels_missing.html", context)

    return paper(printed)
