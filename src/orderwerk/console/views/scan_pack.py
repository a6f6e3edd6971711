"""Packing with a scanner: find the shipment, scan each piece into the box, weigh, ship, print the slip."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from orderwerk.console.access import PersonRequest, needs
from orderwerk.console.forms.serials import piece_refused, refused_piece
from orderwerk.console.forms.shipments import WayForm
from orderwerk.console.reads.choices import active_locations
from orderwerk.console.reads.labels import label_context, packed_last
from orderwerk.console.reads.packing import Parcel, parcel_of
from orderwerk.console.reads.shipments import doors
from orderwerk.console.sent_once import once_under
from orderwerk.console.views.scan_floor import floor_scans
from orderwerk.console.views.scan_pick import passes, read_scans, refused_whole
from orderwerk.console.views.shipment import find_shipment
from orderwerk.core import clock
from orderwerk.core.actor import Actor
from orderwerk.core.decode import convert
from orderwerk.core.errors import Refusal
from orderwerk.core.outcome import Outcome
from orderwerk.flows.device_clocks import OLDEST, Off, by_our_clock
from orderwerk.flows.pack_shipments import PackItem, pack_shipments
from orderwerk.picklists.packing_queries import packing_list, parcel_by_code, parcels_to_pack
from orderwerk.shipments.box_queries import box_sizes_of_shop, proposed_box
from orderwerk.shipments.carrier_queries import all_carriers
from orderwerk.shipments.commands.note_scans import WrongScanItem, note_wrong_scans
from orderwerk.shipments.commands.set_box_sizes import BoxSizeItem
from orderwerk.shipments.queries import ShipmentDetail, shipments_in_parcel
from orderwerk.shipments.statuses import NOT_SHIPPED

# What can be packed is seen at a glance; the rest is found by scanning.
_MOST_SHOWN = 30


@needs("shipping:write")
def pack_find(request: PersonRequest) -> HttpResponse:
    """Ask for a shipment, an order, a pick list or a tote, and go where it is packed; say what left last.

    Posted: keep codes that meant nothing, in the history of the location.
    """
    if request.method == "POST":
        return _keep_wrong(request)
    actor, code = request.access.actor, _code(request)
    found = _meant(actor, code) if code else None
    if found is not None:
        return redirect(found)
    wanted = request.session.get("scan_location")
    places = [place.code for place in active_locations(actor)]
    place = wanted if wanted in places else next(iter(places), "")
    wrong = {"flow": "pack", "location": place, "step": "parcel"}
    finding = {"queue": "orderwerk.parcels", "log": reverse("pack_find"), "wrong": wrong}
    context = {
        "wrong": code and _nothing(actor, code),
        "parcels": parcels_to_pack(actor, place, limit=_MOST_SHOWN).items,
        **_done(request),
        "finding": _finding() | finding,
    }
    return render(request, "console/shipments/pack_find.html", context)


def _keep_wrong(request: PersonRequest) -> HttpResponse:
    try:
        scans = read_scans(request.body)
    except Refusal as refusal:
        return refused_whole(refusal)
    # Whoever packs need not be one who may change stock.
    if any(scan.get("flow") != "pack" for scan in scans):
        raise PermissionDenied
    return floor_scans(request)


@needs("shipping:write")
def pack_list(request: PersonRequest, number: str) -> HttpResponse:
    """Show what of a pick list waits to be packed: a scanned article opens the oldest parcel of it that wants the article."""
    found = packing_list(request.access.actor, number)
    if found is None:
        raise Http404
    finding = {
        "list": found.number,
        "queue": f"orderwerk.scans.{found.number}",
        "log": reverse("scans_take", args=[found.number]),
        "wrong": {"step": "article"},
    }
    context = {
        "found": found,
        **_done(request),
        "finding": _finding() | finding,
    }
    return render(request, "console/shipments/pack_list.html", context)


def _done(request: PersonRequest) -> dict[str, Any]:
    """Return what was packed last, which way it goes, whether its weight changed that, and whether its labels are shown here."""
    done = request.GET.get("done", "").replace("\x00", "")[:60]
    here = f"{request.path}?{urlencode({'done': done})}"
    last = packed_last(request.access.actor, done)
    changed = "changed" in request.GET
    return {
        "done": done,
        "way": last.way,
        "way_changed": changed,
        "label_of": last.label_of,
        "here": here,
    }


def _finding() -> dict[str, Any]:
    lost = _("No connection. What was packed is kept here and sent later.")
    return {"find": reverse("pack_where"), "lost": lost}


@needs("shipping:write")
def pack_where(request: PersonRequest) -> HttpResponse:
    """Say where a scanned code is packed; of a list that is being packed, an article's too."""
    actor, code, number = request.access.actor, _code(request), request.GET.get("list", "")
    found = packing_list(actor, number) if number else None
    parcel = found.wants(code) if found is not None else None
    if found is not None and parcel is not None:
        if not parcel.picked:
            said = _(
                "%(code)s belongs to order %(number)s, of which articles are still being picked."
            )
            return JsonResponse({"text": said % {"code": code, "number": parcel.orders}})
        query = urlencode({"list": found.number})
        here = reverse("shipment_pack", args=[parcel.number])
        return JsonResponse({"next": f"{here}?{query}", "scan": True})
    there = _meant(actor, code, found.number if found is not None else "")
    if there is not None:
        return JsonResponse({"next": there})
    if found is not None:
        said = _("No parcel of this list that is not packed yet wants %(code)s.")
        return JsonResponse({"text": said % {"code": code}})
    return JsonResponse({"text": _nothing(actor, code)})


def _nothing(actor: Actor, code: str) -> str:
    """Say why a code leads to no parcel."""
    if parcel_by_code(actor, code).several:
        return _("%(code)s has several parcels: scan the number of one.") % {"code": code}
    return _("%(code)s is nothing that waits to leave.") % {"code": code}


def _code(request: PersonRequest) -> str:
    return request.GET.get("code", "").replace("\x00", "").strip()[:200]


def _meant(actor: Actor, code: str, number: str = "") -> str | None:
    """Return where a code is packed: the parcel that it means, else the list of several; None where it means neither."""
    if parcel := parcel_by_code(actor, code).number:
        back = f"?{urlencode({'list': number})}" if number else ""
        return f"{reverse('shipment_pack', args=[parcel])}{back}"
    found = packing_list(actor, code)
    return reverse("pack_list", args=[found.number]) if found is not None else None


@needs("shipping:write")
def pack(request: PersonRequest, number: str) -> HttpResponse:
    """Show what belongs into the box; posted: ship it as it was checked and weighed, or keep what did not belong there.

    Either is done once, however often a device sends it.
    """
    detail = find_shipment(request, number)
    if request.method != "POST":
        back = _back(request)
        if detail.shipment.status not in NOT_SHIPPED:
            return redirect("shipment", number)
        if detail.shipment.carried_by:
            there = reverse("shipment_pack", args=[detail.shipment.carried_by])
            return redirect(f"{there}?{request.GET.urlencode()}" if request.GET else there)
        actor = request.access.actor
        inside = shipments_in_parcel(actor, detail.shipment.id) if detail.shipment.carries else []
        parcel = parcel_of(detail, inside)
        boxes = box_sizes_of_shop(actor, detail.shipment.shop).boxes
        proposed = proposed_box(boxes, parcel.weight_grams)
        context = {
            **label_context(request.access, detail),
            "parcel": parcel,
            "packing": {
                **_packing(parcel, request.GET.get("list", "") if back else ""),
                "boxes": msgspec.to_builtins(boxes),
                **_packages(detail, boxes, proposed),
            },
            "inside": inside,
            "way": None
            if detail.shipment.collects
            else WayForm(detail.shipment, all_carriers(actor)),
            "back": back,
            "boxes": boxes,
            "why_not": _why_not_parcel(request, detail, inside),
        }
        return render(request, "console/shipments/pack.html", context)
    try:
        results = [_take(request, detail, scan) for scan in read_scans(request.body)]
    except Refusal as refusal:
        return refused_whole(refusal)
    return JsonResponse({"results": results})


def _back(request: PersonRequest) -> str:
    """Return where whoever came from a list goes on; empty for the others."""
    number = request.GET.get("list", "")
    return reverse("pack_list", args=[number]) if number and "/" not in number else ""


def _take(request: PersonRequest, detail: ShipmentDetail, scan: dict[str, Any]) -> dict[str, Any]:
    """Ship what was packed, or keep a wrong scan, under the key that the device gave it; says what became of it."""
    pieces: list[str] = []
    told = {"key": str(scan.get("key"))}
    # Whoever packs a list goes on with it.
    there = (
        f"{_back(request) or reverse('pack_find')}?{urlencode({'done': detail.shipment.number})}"
    )

    def leads_to(outcome: Outcome) -> str:
        return f"{there}&changed=1" if "carrier" in outcome.data else there

    try:
        sent = convert(scan, _Sent)
        said = {name: value for name, value in scan.items() if name not in _AROUND}
        deed = {**said, "shipment_id": str(detail.shipment.id)}
        act, pieces = _deed(request.access.actor, deed, sent)
        content = msgspec.json.encode(said, order="sorted")
        done = once_under(request, sent.key, content, act, leads_to)
    except Refusal as refusal:
        if passes(refusal):
            raise
        text, piece = piece_refused(refusal, pieces), refused_piece(refusal, pieces)
        packed = "contents" in scan
        return {**told, "ok": False, "text": text, "serial": piece, "packed": packed}
    return {**told, "ok": True, "next": done.url} if "contents" in scan else {**told, "ok": True}


class _Sent(msgspec.Struct, frozen=True):
    """What a device puts around everything that it keeps until it is answered, and how its clock stands as it sends it."""

    key: UUID
    at: datetime | None = None
    now: datetime | None = None
    off: Off | None = None


_AROUND = frozenset(_Sent.__struct_fields__)


def _deed(
    actor: Actor, said: dict[str, Any], sent: _Sent
) -> tuple[Callable[[], Outcome], list[str]]:
    """Return what is to be done for a scan, with the serial numbers that it names: what names no contents is a wrong scan."""
    if "contents" not in said:
        wrong = convert(said, WrongScanItem)
        return lambda: note_wrong_scans([wrong], actor=actor)[0], []
    when = by_our_clock(sent.at, sent.now, clock.now(), sent.off)
    # Where nobody knows when, it may have been as long ago as there is such a shipment.
    at = clock.now() - OLDEST if when and when.is_doubtful else when and when.at
    item = msgspec.structs.replace(convert(said, PackItem), packed_at=at)
    return lambda: pack_shipments([item], actor=actor)[0], [x.serial for x in item.serials or ()]


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


def _packages(
    detail: ShipmentDetail, boxes: Sequence[BoxSizeItem], proposed: BoxSizeItem | None
) -> dict[str, Any]:
    """Return the packages as they are known before somebody packs, and the box that is proposed for each, by its place."""
    places = {box.name: place for place, box in enumerate(boxes)}
    first = places[proposed.name] if proposed else ""
    return {
        "proposed": first,
        "parcels": [
            {
                "box": places.get(each.box, first),
                "weight": "" if each.weight_grams is None else str(each.weight_grams),
                "weighed": each.weight_grams is not None,
                "holds": {},
            }
            for each in detail.parts.packages
        ],
    }


def _packing(parcel: Parcel, number: str) -> dict[str, Any]:
    here = reverse("shipment_pack", args=[parcel.number])
    return {
        "number": parcel.number,
        "address": f"{here}?{urlencode({'list': number})}" if number else here,
        "slip": reverse("packing_slip_pdf", args=[parcel.number]),
        "articles": [
            {
                "sku": x.sku,
                "name": x.name,
                "codes": x.codes,
                "quantity": x.quantity,
                "bySerial": x.by_serial,
                "serials": x.serials,
                "grams": x.grams,
                "lines": x.lines,
            }
            for x in parcel.articles
        ],
        "words": {
            "package": _("Package {n}"),
            "holds": _("Contents: {what}"),
            "nothing": _("nothing yet"),
            "good": _("Right."),
            "wrong": _("{code} does not belong to this shipment."),
            "enough": _("There are enough of {code} already."),
            "whole": _("Everything is in the box."),
            "piece": _("Right. Now the serial number of this piece."),
            "again": _("{code} is in the box already."),
            "other": _("{code} is not the piece that was picked for this shipment."),
            "article": _("{code} means the article; scan the serial number of the piece."),
            "lost": _("No connection. What was packed is kept here and sent later."),
            "all": _("All {n} of {code}"),
            "waits": _("This parcel is packed and waits to be sent."),
        },
    }
