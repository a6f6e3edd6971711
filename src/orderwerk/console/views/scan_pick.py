"""Picking with a scanner, full screen: the page that a phone or handheld keeps open, and where its scans arrive."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from orderwerk.console.access import PersonRequest, needs
from orderwerk.console.forms.picking import REASONS
from orderwerk.console.forms.serials import piece_refused
from orderwerk.console.refusals import sentence
from orderwerk.console.views.pick_list import find_pick_list
from orderwerk.core.decode import convert, load_json
from orderwerk.core.errors import Again, BadInput, Malformed, NotAllowed, Refusal
from orderwerk.flows.record_scans import ScanItem, record_scans
from orderwerk.picklists.queries import (
    PickLineRow,
    PickListDetail,
    held_lines,
    lying_in_bins,
    picked_serials,
)
from orderwerk.picklists.walks import Stop, stops

MOST_SCANS = 100


@needs("shipping:write")
def scan_pick(request: PersonRequest, number: str) -> HttpResponse:
    """Show the walk one stop at a time."""
    detail = find_pick_list(request, number)
    key = detail.pick_list.id
    serials = picked_serials(request.access.actor, key)
    walk = _walk(detail, held_lines(key), serials, lying_in_bins(request.access.actor, key))
    context = {"found": detail.pick_list, "walk": walk, "reasons": REASONS}
    return render(request, "console/picklists/scan.html", context)


def _walk(
    detail: PickListDetail,
    held: frozenset[UUID],
    serials: dict[str, list[str]],
    lying: dict[UUID, int],
) -> dict[str, Any]:
    found = detail.pick_list
    return {
        "number": found.number,
        "address": reverse("scans_take", args=[found.number]),
        "units": sum(line.quantity - line.cancelled for line in detail.lines),
        "stops": [_stop(stop, held, lying) for stop in stops(found.method, detail.lines)],
        "serials": serials,
        "words": _words(),
    }


def _stop(stop: Stop, held: frozenset[UUID], lying: dict[UUID, int]) -> dict[str, Any]:
    line = stop.line
    return {
        "bin": line.bin,
        "name": line.name,
        "sku": line.sku,
        "codes": [code for code in (line.sku, line.gtin) if code],
        "lot": line.lot,
        "until": line.expires_on.isoformat() if line.expires_on else "",
        "bySerial": line.by_serial,
        "lines": [
            {
                "id": str(x.id),
                "left": _left(x),
                "held": x.id in held,
                "lying": lying.get(x.id, 0),
                "tote": x.tote,
                "order": x.order_number,
            }
            for x in stop.lines
        ],
    }


def _left(line: PickLineRow) -> int:
    return line.left if line.is_open else 0


def _words() -> dict[str, Any]:
    return {
        "good": _("Right."),
        "lot": _("Lot {lot}"),
        "until": _("use by {day}"),
        "done": _("Done."),
        "held": _("{n} wait: their order is on hold"),
        "again": _("{code} was picked already. Scan the number of this piece."),
        "all": _("All {n}"),
        "tote": _("Tote {n}"),
        "piece": _("piece"),
        "pieces": _("pieces"),
        "waiting": _("{n} not sent yet"),
        "short": _("Book as short"),
        "empties": _(
            "By the books in {bin}: {n}. What is not found is written off, whoever it is for."
        ),
        "writeOff": _("Write off {n}"),
        "wanted": {
            "bin": _("Scan the bin"),
            "article": _("Scan the article"),
            "lot": _("Scan the lot"),
            "serial": _("Scan the serial number"),
            "tote": _("Scan the tote"),
        },
        "wrong": {
            "bin": _("{code} is not this bin. Go to {expected}."),
            "article": _("{code} is not this article. Take {expected}."),
            "lot": _("{code} is not this lot. Take {expected}."),
            "serial": _("{code} is no serial number of a piece. Scan the one on the {expected}."),
            "tote": _("{code} is not this tote. Use tote {expected}."),
        },
    }


@require_POST
@needs("shipping:write")
def scans_take(request: PersonRequest, number: str) -> HttpResponse:
    """Book scans that a device has kept, in their order; answers each by its key, with what is left of every line."""
    found = find_pick_list(request, number).pick_list
    results: dict[str, str] = {}
    try:
        scans = read_scans(request.body)
        items = []
        for scan in scans:
            try:
                items.append(convert({**scan, "pick_list_id": str(found.id)}, ScanItem))
            except Refusal as refusal:
                # One that can never be read must not keep the others waiting behind it.
                results[str(scan.get("key"))] = sentence(refusal)
        outcomes = record_scans(items, actor=request.access.actor)
    except Refusal as refusal:
        return refused_whole(refusal)
    for item, outcome in zip(items, outcomes, strict=True):
        results[str(item.key)] = (
            "" if outcome.error is None else piece_refused(outcome.error, item.serials or ())
        )
    told = [{"key": key, "ok": not text, "text": text} for key, text in results.items()]
    detail = find_pick_list(request, number)
    left = {str(line.id): _left(line) for line in detail.lines}
    return JsonResponse(
        {
            "results": told,
            "left": left,
            "held": [str(key) for key in held_lines(found.id)],
            "lying": {
                str(key): pieces
                for key, pieces in lying_in_bins(request.access.actor, found.id).items()
            },
            "serials": picked_serials(request.access.actor, found.id),
            "status": detail.pick_list.status,
        }
    )


def refused_whole(refusal: Refusal) -> JsonResponse:
    """Answer a request of which nothing was booked: a device keeps what passes by itself, and sets aside what does not."""
    if passes(refusal):
        status = 503
    elif isinstance(refusal, NotAllowed):
        status = 403
    else:
        status = 400 if isinstance(refusal, BadInput | Malformed) else 409
    return JsonResponse({"text": sentence(refusal)}, status=status)


def passes(refusal: Refusal) -> bool:
    """Say whether the same is taken in a moment: somebody else is at it just now."""
    return isinstance(refusal, Again) or refusal.code == "idempotency_key_in_use"


def read_scans(body: bytes) -> list[dict[str, Any]]:
    """Return the scans that a device sent, each with how its clock stood; refuses with BadInput another shape, none, or too many."""
    sent = load_json(body)
    scans = sent.get("scans") if isinstance(sent, dict) else None
    if not isinstance(scans, list) or not 0 < len(scans) <= MOST_SCANS:
        raise BadInput("Send 1 to 100 scans.", code="invalid_value", pointer="/scans")
    if not all(isinstance(scan, dict) for scan in scans):
        raise BadInput("A scan is an object.", code="invalid_value", pointer="/scans")
    # Devices whose page is of an older version do not tell. A clock that cannot be read costs no scan.
    now = sent.get("now")
    try:
        convert({"now": now}, _Clock)
    except Refusal:
        return scans
    return [{**scan, "now": now} for scan in scans]


class _Clock(msgspec.Struct, frozen=True):
    """How the clock of a device stands as it sends."""

    now: datetime
