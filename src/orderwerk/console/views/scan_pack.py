"""Packing with a scanner: find the shipment, scan each piece into the box, weigh, ship, print the slip."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from orderwerk.console.access import PersonRequest, needs
from orderwerk.console.forms.serials import piece_refused, refused_piece
from orderwerk.console.reads.packing import Parcel, find_parcel, parcel_of
from orderwerk.console.views.shipment import find_shipment
from orderwerk.core.decode import convert, load_json
from orderwerk.core.errors import BadInput, Refusal
from orderwerk.flows.pack_shipments import PackItem, pack_shipments
from orderwerk.shipments.queries import ShipmentDetail
from orderwerk.shipments.statuses import NOT_SHIPPED


@needs("shipping:write")
def pack_find(request: PersonRequest) -> HttpResponse:
    """Ask for a shipment, an order or a tote, and go where it is packed; say what left last."""
    code = request.GET.get("code", "").replace("\x00", "").strip()[:200]
    found = find_parcel(request.access.actor, code) if code else None
    if found is not None:
        return redirect("shipment_pack", found)
    context = {"code": code, "done": request.GET.get("done", "")[:60]}
    return render(request, "console/shipments/pack_find.html", context)


@needs("shipping:write")
def pack(request: PersonRequest, number: str) -> HttpResponse:
    """Show what belongs into the box; posted: ship it as it was checked and weighed."""
    detail = find_shipment(request, number)
    parcel = parcel_of(detail)
    if request.method != "POST":
        if detail.shipment.status not in NOT_SHIPPED:
            return redirect("shipment", number)
        context = {
            "shipment": detail.shipment,
            "parcel": parcel,
            "packing": _packing(parcel),
            "why_not": _why_not(detail),
        }
        return render(request, "console/shipments/pack.html", context)
    pieces: list[str] = []
    try:
        body = load_json(request.body)
        if not isinstance(body, dict):
            raise BadInput("Send an object.", code="invalid_value")
        item = convert({**body, "shipment_id": str(detail.shipment.id)}, PackItem)
        pieces = [piece.serial for piece in item.serials or ()]
        pack_shipments([item], actor=request.access.actor)[0].require()
    except Refusal as refusal:
        return JsonResponse(
            {
                "ok": False,
                "text": piece_refused(refusal, pieces),
                "serial": refused_piece(refusal, pieces),
            },
            status=422,
        )
    there = f"{reverse('pack_find')}?{urlencode({'done': number})}"
    return JsonResponse({"ok": True, "next": there})


def _why_not(detail: ShipmentDetail) -> str:
    """Say before somebody packs why the shipment would be refused; nothing when it may leave."""
    if detail.shipment.order_status == "on_hold":
        return _("The order is on hold, so this cannot leave yet.")
    if detail.shipment.order_status == "awaiting_payment":
        return _("The order has not been paid, so this cannot leave yet.")
    if detail.shipment.waits_for:
        numbers = ", ".join(detail.shipment.waits_for)
        return _("Pieces still travel to this with %(numbers)s, so it cannot leave whole yet.") % {"numbers": numbers}  # fmt: skip
    if any(line.is_live and line.allocation_status == "picking" for line in detail.parts.lines):
        return _("Articles of it are still being picked, so this cannot leave yet.")
    return ""


def _packing(parcel: Parcel) -> dict[str, Any]:
    return {
        "number": parcel.number,
        "slip": reverse("packing_slip_pdf", args=[parcel.number]),
        "articles": [
            {
                "sku": x.sku,
                "name": x.name,
                "codes": x.codes,
                "quantity": x.quantity,
                "bySerial": x.by_serial,
                "serials": x.serials,
            }
            for x in parcel.articles
        ],
        "words": {
            "good": _("Right."),
            "wrong": _("{code} does not belong to this shipment."),
            "enough": _("There are enough of {code} already."),
            "whole": _("Everything is in the box."),
            "piece": _("Right. Now the serial number of this piece."),
            "again": _("{code} is in the box already."),
            "other": _("{code} is not the piece that was picked for this shipment."),
            "article": _("{code} means the article; scan the serial number of the piece."),
            "lost": _("No connection. Try again when it is back."),
        },
    }
