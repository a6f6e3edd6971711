"""Regrouping one shipment: a part of it apart, others into it, another location, one parcel for several orders."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from orderwerk.console.access import PersonRequest, needs
from orderwerk.console.doing import Question, ask, tell
from orderwerk.console.forms.asking import PlaceForm
from orderwerk.console.forms.shipments import CodesForm, ContentsForm, MergeForm, SplitForm
from orderwerk.console.reads.choices import active_locations, place_choices
from orderwerk.console.reads.shipments import shipments_for_the_same_door
from orderwerk.console.views.shipment import find_shipment
from orderwerk.core.decode import convert
from orderwerk.core.outcome import Outcome
from orderwerk.flows.merge_shipments import MergeShipmentsItem, merge_shipments
from orderwerk.flows.move_shipments import MoveShipmentItem, move_shipments
from orderwerk.flows.split_shipments import SplitShipmentItem, split_shipments
from orderwerk.shipments.commands.combine import (
    CombineShipmentsItem,
    SeparateShipmentItem,
    combine_shipments,
    separate_shipments,
)
from orderwerk.shipments.commands.update import UpdateShipmentItem, update_shipments
from orderwerk.shipments.queries import ShipmentFilters, shipment_page, shipments_in_parcel


def _page(number: str) -> str:
    return f"/shipments/{number}/"


@needs("shipping:write")
def split(request: PersonRequest, number: str) -> HttpResponse:
    """Take a part into a shipment of its own."""
    detail = find_shipment(request, number)
    lines = [line for line in detail.parts.lines if line.is_live]
    form = SplitForm(request.POST or None, lines=lines)

    def act(filled: SplitForm) -> Outcome:
        item = {"shipment_id": str(detail.shipment.id), "lines": filled.chosen()}
        return split_shipments([convert(item, SplitShipmentItem)], actor=request.access.actor)[0]

    question = Question(
        _("Split %(number)s") % {"number": number},
        _("Into a shipment of its own"),
        _page(number),
        text=_("The pieces entered go in a shipment of their own. Nothing else changes for them."),
    )
    return ask(
        request,
        question,
        form,
        act,
        lambda o: _("%(number)s has been opened beside it.") % {"number": o.data["number"]},
    )


@needs("shipping:write")
def merge(request: PersonRequest, number: str) -> HttpResponse:
    """Put another open shipment of the order at this location into this one."""
    found = find_shipment(request, number).shipment
    page = shipment_page(
        request.access.actor,
        ShipmentFilters(order_id=found.order_id, location=found.location, shipped=False),
        limit=50,
    )
    others = {row.number: row for row in page.items if row.id != found.id}
    choices = [(row.number, f"{row.number} · {_pieces(row.units)}") for row in others.values()]
    form = MergeForm(request.POST or None, others=choices)

    def act(filled: MergeForm) -> Outcome:
        keys = [found.id, others[filled.cleaned_data["other"]].id]
        items = [MergeShipmentsItem(shipment_ids=keys)]
        return merge_shipments(items, actor=request.access.actor)[0]

    question = Question(
        _("Put another shipment into %(number)s") % {"number": number},
        _("Put together"),
        _page(number),
        text=_("Of the same order, from the same location.")
        if others
        else _("The order has no other open shipment from this location."),
    )
    return ask(request, question, form, act, _("The shipments have been put together."))


def _pieces(n: int) -> str:
    return ngettext("%(n)s piece", "%(n)s pieces", n) % {"n": n}


@needs("shipping:write")
def move(request: PersonRequest, number: str) -> HttpResponse:
    """Let another location send all of a shipment."""
    found = find_shipment(request, number).shipment
    places = [p for p in active_locations(request.access.actor) if p.code != found.location]
    form = PlaceForm(request.POST or None, places=place_choices(places))

    def act(filled: PlaceForm) -> Outcome:
        item = MoveShipmentItem(shipment_id=found.id, location=filled.cleaned_data["location"])
        return move_shipments([item], actor=request.access.actor)[0]

    question = Question(
        _("Let another location send %(number)s") % {"number": number},
        _("Move"),
        f"/orders/{found.order_number}/shipments/",
        text=_("All of it, or nothing when the other location lacks something."),
    )
    return ask(request, question, form, act, _("Another location sends it now."))


@require_POST
@needs("shipping:write")
def combine(request: PersonRequest, number: str) -> HttpResponse:
    """Put the other open shipments for the same door into this one's parcel."""
    found = find_shipment(request, number).shipment
    others = shipments_for_the_same_door(request.access.actor, found.id)
    if not others:
        messages.error(request, _("Nothing else goes to this door now."))
        return redirect(_page(number))
    item = CombineShipmentsItem(shipment_ids=[found.id, *(other.id for other in others)])
    outcomes = combine_shipments([item], actor=request.access.actor)
    tell(request, outcomes, _("All of it travels in one parcel now."))
    return redirect(_page(number))


@require_POST
@needs("shipping:write")
def separate(request: PersonRequest, number: str) -> HttpResponse:
    """Take this shipment out of another's parcel."""
    found = find_shipment(request, number).shipment
    items = [SeparateShipmentItem(shipment_id=found.id)]
    outcomes = separate_shipments(items, actor=request.access.actor)
    tell(request, outcomes, _("%(number)s travels by itself again.") % {"number": number})
    return redirect(_page(number))


@needs("shipping:write")
def contents(request: PersonRequest, number: str) -> HttpResponse:
    """Say what lies in which parcel."""
    detail = find_shipment(request, number)
    found, actor = detail.shipment, request.access.actor
    inside = shipments_in_parcel(actor, found.id) if found.carries else []
    form = ContentsForm(request.POST or None, detail=detail, inside=inside)

    def act(filled: ContentsForm) -> Outcome:
        item = convert(filled.item(str(found.id)), UpdateShipmentItem)
        return update_shipments([item], actor=actor)[0]

    question = Question(
        _("What lies in which package of %(number)s") % {"number": number},
        _("Save"),
        _page(number),
        text=_("Together never more than the shipment holds. Set the number of packages first."),
        wide=True,
    )
    return ask(request, question, form, act, _("The packages have been saved."))


@needs("shipping:write")
def codes(request: PersonRequest, number: str) -> HttpResponse:
    """Give the packages of a shipment that has left their own tracking codes."""
    detail = find_shipment(request, number)
    form = CodesForm(request.POST or None, detail=detail)

    def act(filled: CodesForm) -> Outcome:
        item = convert(filled.item(str(detail.shipment.id)), UpdateShipmentItem)
        return update_shipments([item], actor=request.access.actor)[0]

    question = Question(
        _("Tracking codes of the packages of %(number)s") % {"number": number},
        _("Save"),
        _page(number),
        text=_("A step that the carrier reports under one of these codes is that package's own."),
    )
    return ask(request, question, form, act, _("Track & trace has been saved."))


VERBS = {
    "split": split, "merge": merge, "move": move, "combine": combine, "separate": separate, "contents": contents, "codes": codes,
}  # fmt: skip
