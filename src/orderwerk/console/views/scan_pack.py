"""Packing with a scanner: find the shipment, scan each piece into the box, weigh, ship, print the slip."""

from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from orderwerk.console.access import PersonRequest, needs
from orderwerk.console.forms.serials import piece_refused, refused_piece
from orderwerk.console.reads.packing import Parcel, find_parcel, parcel_of
from orderwerk.console.reads.shipments import doors
from orderwerk.console.sent_once import once_under
from orderwerk.console.views.scan_pick import passes, read_scans, refused_whole
from orderwerk.console.views.shipment import find_shipment
from orderwerk.core.actor import Actor
from orderwerk.core.decode import convert
from orderwerk.core.errors import Refusal
from orderwerk.core.outcome import Outcome
from orderwerk.flows.pack_shipments import PackItem, pack_shipments
from orderwerk.shipments.box_queries import box_sizes_of_shop, proposed_box
from orderwerk.shipments.commands.note_scans import WrongScanItem, note_wrong_scans
from orderwerk.shipments.queries import ShipmentDetail, shipments_in_parcel
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
    """Show what belongs into the box; posted: ship it as it was checked and weighed, or keep what did not belong there.

    Either is done once, however often a device sends it.
    """
    detail = find_shipment(request, number)
    if request.method != "POST":
        if detail.shipment.status not in NOT_SHIPPED:
            return redirect("shipment", number)
        if detail.shipment.carried_by:
            return redirect("shipment_pack", detail.shipment.carried_by)
        actor = request.access.actor
        inside = shipments_in_parcel(actor, detail.shipment.id) if detail.shipment.carries else []
        parcel = parcel_of(detail, inside)
        boxes = box_sizes_of_shop(actor, detail.shipment.shop).boxes
        proposed = proposed_box(boxes, parcel.weight_grams)
        context = {
            "shipment": detail.shipment,
            "parcel": parcel,
            "packing": {**_packing(parcel), "boxes": msgspec.to_builtins(boxes)},
            "inside": inside,
            "boxes": boxes,
            "proposed": proposed,
            "weight": parcel.weight_grams + (proposed.weight_grams if proposed else 0),
            "why_not": _why_not_parcel(request, detail, inside),
        }
        return render(request, "console/shipments/pack.html", context)
    try:
        results = [_take(request, detail, scan) for scan in read_scans(request.body)]
    except Refusal as refusal:
        return refused_whole(refusal)
    return JsonResponse({"results": results})


def _take(request: PersonRequest, detail: ShipmentDetail, scan: dict[str, Any]) -> dict[str, Any]:
    """Ship what was packed, or keep a wrong scan, under the key that the device gave it; says what became of it."""
    pieces: list[str] = []
    told = {"key": str(scan.get("key"))}
    there = f"{reverse('pack_find')}?{urlencode({'done': detail.shipment.number})}"
    try:
        sent = convert(scan, _Sent)
        said = {name: value for name, value in scan.items() if name not in {"key", "at"}}
        act, pieces = _deed(request.access.actor, {**said, "shipment_id": str(detail.shipment.id)})
        content = msgspec.json.encode(said, order="sorted")
        done = once_under(request, sent.key, content, act, lambda _outcome: there)
    except Refusal as refusal:
        if passes(refusal):
            raise
        text, piece = piece_refused(refusal, pieces), refused_piece(refusal, pieces)
        return {**told, "ok": False, "text": text, "serial": piece}
    return {**told, "ok": True, "next": done.url} if "contents" in scan else {**told, "ok": True}


def _deed(actor: Actor, said: dict[str, Any]) -> tuple[Callable[[], Outcome], list[str]]:
    """Return what is to be done for a scan, with the serial numbers that it names: what names no contents is a wrong scan."""
    if "contents" not in said:
        wrong = convert(said, WrongScanItem)
        return lambda: note_wrong_scans([wrong], actor=actor)[0], []
    item = convert(said, PackItem)
    return lambda: pack_shipments([item], actor=actor)[0], [x.serial for x in item.serials or ()]


class _Sent(msgspec.Struct, frozen=True):
    """What a device puts around everything that it keeps until it is answered."""

    key: UUID


def _why_not_parcel(
    request: PersonRequest, detail: ShipmentDetail, inside: Sequence[ShipmentDetail]
) -> str:
    """Say before somebody packs why the shipment, or one in its parcel, would be refused; nothing when all may leave."""
    if why_not := _why_not(detail):
        return why_not
    for each in inside:
        if why_not := _why_not(each):
            return f"{each.shipment.order_number}: {why_not}"
    where = doors(request.access.actor, [each.shipment.id for each in inside] + [detail.shipment.id]) if inside else {}  # fmt: skip
    for each in inside:
        if where[each.shipment.id] != where[detail.shipment.id]:
            return _("Order %(number)s goes to another customer or address now; separate it from this parcel first.") % {"number": each.shipment.order_number}  # fmt: skip
    return ""


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
        "address": reverse("shipment_pack", args=[parcel.number]),
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
            "lost": _("No connection. What was packed is kept here and sent later."),
            "waits": _("This parcel is packed and waits to be sent."),
        },
    }
