"""Scanning between the dock and the shelves, full screen: receive, put away, move, count, and where those scans arrive."""

from pathlib import Path
from typing import Any

from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST

from orderwerk.console.access import PersonRequest, needs
from orderwerk.console.reads.choices import active_locations
from orderwerk.console.reads.floor import all_articles_at, articles_at, bins_of, find_article
from orderwerk.console.refusals import sentence
from orderwerk.console.scan_words import FLOWS, words
from orderwerk.console.views.scan_pick import read_scans, refused_whole
from orderwerk.core.actor import Actor
from orderwerk.core.decode import convert
from orderwerk.core.errors import NotFound, Refusal
from orderwerk.flows.record_stock_scans import StockScanItem, record_stock_scans
from orderwerk.stock.count_queries import (
    CountRequestFilters,
    count_request_page,
    open_count_requests,
)
from orderwerk.stock.inbound_queries import (
    InboundFilters,
    InboundRow,
    inbound_by_number,
    inbound_lines,
    inbound_page,
)
from orderwerk.stock.queries import LocationRow
from orderwerk.stock.shelves import DEFAULT_BIN

_WORKER = Path(__file__).resolve().parents[1] / "static" / "console" / "scan_worker.js"
# A device asks for more when these are counted.
_MOST_STOPS = 200


@needs("shipping:write")
def scan_home(request: PersonRequest) -> HttpResponse:
    """Show what can be done with a scanner, at one location."""
    places = active_locations(request.access.actor)
    wanted = request.GET.get("location") or request.session.get("scan_location")
    place = next((p for p in places if p.code == wanted), places[0] if places else None)
    context: dict[str, Any] = {"places": places, "place": place}
    if place is not None:
        request.session["scan_location"] = place.code
        context["to_count"] = open_count_requests(request.access.actor, location=place.code)
    return render(request, "console/scan/home.html", context)


@needs(None)
def scan_worker(request: PersonRequest) -> HttpResponse:  # noqa: ARG001 - a view's signature
    """Answer the program that keeps scan pages in the browser; it may look at every page, and keeps those it names alone."""
    answer = HttpResponse(_WORKER.read_bytes(), content_type="text/javascript; charset=utf-8")
    # Pick lists and parcels have their scan pages below addresses of their own.
    answer["Service-Worker-Allowed"] = "/"
    return answer


@needs("stock:write")
def scan_receive(request: PersonRequest, location: str) -> HttpResponse:
    """Ask against which papers goods came in; with them, or blind: receive them."""
    actor, place = request.access.actor, _place(request, location)
    number = request.GET.get("inbound", "")
    if not number and "blind" not in request.GET:
        filters = InboundFilters(status="open", location=location)
        expected = inbound_page(actor, filters, limit=50).items
        return render(request, "console/scan/inbounds.html", {"place": place, "expected": expected})
    inbound = _inbound(actor, number, location) if number else None
    floor = _floor(actor, place, "receive")
    if inbound is not None:
        lines = inbound_lines([inbound.id])[inbound.id]
        known = {article["sku"] for article in floor["articles"]}
        missing = [line.sku for line in lines if line.sku not in known]
        floor["articles"] += articles_at(actor, location, missing) if missing else []
        floor["inbound"] = {
            "number": inbound.number,
            "strict": inbound.kind == "transfer",
            "lines": {line.sku: line.open for line in lines},
        }
    return _show(request, floor, inbound.number if inbound else "")


def _inbound(actor: Actor, number: str, location: str) -> InboundRow:
    try:
        found = inbound_by_number(actor, number.replace("\0", ""))
    except NotFound as error:
        raise Http404 from error
    if found.status != "open" or found.location != location:
        raise Http404
    return found


@needs("stock:write")
def scan_put_away(request: PersonRequest, location: str) -> HttpResponse:
    """Bring what lies at the dock to its shelves."""
    return _show(request, _floor(request.access.actor, _place(request, location), "put_away"))


@needs("stock:write")
def scan_move(request: PersonRequest, location: str) -> HttpResponse:
    """Move goods from one bin to another."""
    return _show(request, _floor(request.access.actor, _place(request, location), "move"))


@needs("stock:write")
def scan_count(request: PersonRequest, location: str) -> HttpResponse:
    """Count bins: those that were asked for, any other, or all of one article."""
    actor = request.access.actor
    floor = _floor(actor, _place(request, location), "count")
    asked = count_request_page(
        actor, CountRequestFilters(open=True, location=location), limit=_MOST_STOPS
    )
    order = {code: index for index, code in enumerate(floor["bins"])}
    stops = [{"bin": row.bin, "sku": row.sku} for row in asked.items if row.bin in order]
    floor["stops"] = sorted(stops, key=lambda stop: (order[stop["bin"]], stop["sku"]))
    known = {article["sku"] for article in floor["articles"]}
    missing = {stop["sku"] for stop in stops} - known
    floor["articles"] += articles_at(actor, location, missing) if missing else []
    return _show(request, floor)


def _place(request: PersonRequest, code: str) -> LocationRow:
    for place in active_locations(request.access.actor):
        if place.code == code:
            return place
    raise Http404


def _floor(actor: Actor, place: LocationRow, flow: str) -> dict[str, Any]:
    bins = bins_of(actor, place.code)
    return {
        "flow": flow,
        "location": place.code,
        "name": place.name,
        "address": reverse("floor_scans_take"),
        "find": reverse("floor_find", args=[place.code]),
        "bins": [each.code for each in bins],
        # Where nobody named a place for goods that come in, they lie in the default bin.
        "dock": [each.code for each in bins if each.use == "receiving"] or [DEFAULT_BIN],
        "articles": all_articles_at(actor, place.code),
        "words": words(flow),
    }


def _show(request: PersonRequest, floor: dict[str, Any], papers: str = "") -> HttpResponse:
    context = {"floor": floor, "flow": FLOWS[floor["flow"]], "papers": papers}
    return render(request, "console/scan/floor.html", context)


@needs("stock:write")
def floor_find(request: PersonRequest, location: str) -> HttpResponse:
    """Say which article a code means that the device does not know."""
    code = request.GET.get("code", "").replace("\0", "").strip()[:200]
    actor = request.access.actor
    return JsonResponse({"article": find_article(actor, location, code) if code else None})


@require_POST
@needs("stock:write")
def floor_scans_take(request: PersonRequest) -> HttpResponse:
    """Book scans that a device has kept; answers each by its key, with what lies where of their articles afterwards."""
    return floor_scans(request)


def floor_scans(request: PersonRequest) -> HttpResponse:
    """Book kept scans for whoever may; the packing table, where no stock is changed, keeps its wrong ones through this too."""
    actor = request.access.actor
    results: dict[str, str] = {}
    items: list[StockScanItem] = []
    try:
        for scan in read_scans(request.body):
            try:
                items.append(convert(scan, StockScanItem))
            except Refusal as refusal:
                # One that can never be read must not keep the others waiting behind it.
                results[str(scan.get("key"))] = sentence(refusal)
        outcomes = record_stock_scans(items, actor=actor)
    except Refusal as refusal:
        return refused_whole(refusal)
    elsewhere = None
    for item, outcome in zip(items, outcomes, strict=True):
        if outcome.error is not None and outcome.error.code == "unknown_location":
            # A colleague's, who works elsewhere, on the same device: it stays there until they are back.
            elsewhere = outcome.error
            continue
        results[str(item.key)] = "" if outcome.error is None else sentence(outcome.error)
    if elsewhere is not None and not results:
        return JsonResponse({"text": sentence(elsewhere)}, status=404)
    told = [{"key": key, "ok": not text, "text": text} for key, text in results.items()]
    places = {item.location for item in items}
    skus = {item.sku for item in items if item.sku}
    lie = {place: articles_at(actor, place, skus) for place in places} if skus else {}
    return JsonResponse({"results": told, "articles": lie})
