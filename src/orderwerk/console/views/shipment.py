"""One shipment: its lines, parcels and track & trace, and what can be done with it."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from orderwerk.allocations.transfer_queries import travelling_for
from orderwerk.console.access import PersonRequest, needs
from orderwerk.console.doing import Question, ask, is_part, safe_next, tell
from orderwerk.console.forms.asking import ReasonForm
from orderwerk.console.forms.serials import piece_refused
from orderwerk.console.forms.settings import show_refusal
from orderwerk.console.forms.shipments import (
    CancelShipmentForm,
    PackagesForm,
    PartForm,
    StepForm,
    TrackForm,
)
from orderwerk.console.reads.labels import label_context
from orderwerk.console.reads.shipments import shipments_for_the_same_door
from orderwerk.console.views.delivery_problems import may_close
from orderwerk.console.views.shipments import row_context
from orderwerk.core import clock
from orderwerk.core.actor import Actor
from orderwerk.core.decode import convert
from orderwerk.core.errors import NotFound, Refusal
from orderwerk.core.outcome import Outcome
from orderwerk.flows.cancel_shipments import CancelShipmentItem, cancel_shipments
from orderwerk.flows.reject_shipments import RejectShipmentItem, reject_shipments
from orderwerk.flows.ship_shipments import ShipItem, ship_shipments
from orderwerk.orders.cancel_queries import open_cancel_requests
from orderwerk.picklists.commands.create import CreatePickListItem, create_pick_lists
from orderwerk.picklists.queries import PickListFilters, pick_list_page
from orderwerk.shipments.carrier_queries import all_carriers
from orderwerk.shipments.commands.announce import AnnounceItem, announce_shipments
from orderwerk.shipments.commands.track import TrackItem, track_shipments
from orderwerk.shipments.commands.update import UpdateShipmentItem, update_shipments
from orderwerk.shipments.exception_queries import ExceptionFilters, exception_page
from orderwerk.shipments.lot_queries import lots_of_shipments
from orderwerk.shipments.queries import ShipmentDetail, ShipmentRow, shipment_detail_by_number
from orderwerk.shipments.serial_queries import articles_by_serial, serials_of_shipments
from orderwerk.shops.queries import all_shops


def find_shipment(request: PersonRequest, number: str) -> ShipmentDetail:
    """Return the shipment of a number, or a 404 when it is not there or not for this person."""
    try:
        return shipment_detail_by_number(request.access.actor, number)
    except NotFound as error:
        raise Http404 from error


def _page(number: str) -> str:
    return f"/shipments/{number}/"


@needs("shipping:read")
def shipment(request: PersonRequest, number: str) -> HttpResponse:
    """Show one shipment."""
    return _show(request, find_shipment(request, number))


def _track_form(
    request: PersonRequest, found: ShipmentRow, typed: QueryDict | None = None
) -> TrackForm:
    return TrackForm(typed, found=found, carriers=all_carriers(request.access.actor))


def _show(
    request: PersonRequest,
    detail: ShipmentDetail,
    track_form: TrackForm | None = None,
    packages_form: PackagesForm | None = None,
) -> HttpResponse:
    """Draw the page, with the forms as they were typed where something is wrong in them."""
    found = detail.shipment
    actor = request.access.actor
    zones = {shop.code: shop.timezone for shop in all_shops(actor)}
    lists = pick_list_page(actor, PickListFilters(shipment_id=found.id), limit=50)
    stops = [
        asked
        for asked in open_cancel_requests(actor, [found.order_id])
        if {x.order_line_id for x in asked.lines}
        & {x.order_line_id for x in detail.parts.lines if x.is_live}
    ]
    by_serial = articles_by_serial(found.id)
    context = {
        **label_context(request.access, detail),
        "shipment": found,
        "cancel_requests": stops,
        "same_door": shipments_for_the_same_door(actor, found.id)
        if found.status in {"open", "announced"} and not found.combined_into
        else [],
        "packed": _packed(detail),
        "delivery_problems": exception_page(
            actor, ExceptionFilters(shipment_id=found.id, status="open"), limit=20
        ).items,
        "may_close_problems": may_close(request),
        "lines": [line for line in detail.parts.lines if line.is_live],
        "taken_out": [line for line in detail.parts.lines if not line.is_live],
        "steps": detail.parts.tracking,
        "pick_lists": lists.items,
        "lots": lots_of_shipments([found.id])[found.id],
        "serials": serials_of_shipments([found.id])[found.id],
        "by_serial": by_serial,
        "numbers_missing": sum(article.pieces - len(article.serials) for article in by_serial),
        "track_form": track_form or _track_form(request, found),
        "packages_form": packages_form or PackagesForm(detail=detail),
        "timezone": zones.get(found.shop, "UTC"),
        "is_waiting": found.status in {"open", "announced"},
        "may_ship": request.access.may("shipping:write"),
        "stopped": found.order_status in {"on_hold", "awaiting_payment"},
        "travelling": travelling_for(actor, found.order_id) if found.waits_for else [],
    }
    wrong = any(form is not None and form.errors for form in (track_form, packages_form))
    return render(request, "console/shipments/page.html", context, status=422 if wrong else 200)


def _packed(detail: ShipmentDetail) -> list[dict[str, Any]]:
    return [
        {
            "position": package.position,
            "lines": [
                {"quantity": x.quantity, "name": f"{x.name} ({x.sku})"} for x in package.contents
            ],
        }
        for package in detail.parts.packages
        if package.contents
    ]


@require_POST
@needs("shipping:write")
def ship(request: PersonRequest, number: str) -> HttpResponse:
    """Ship, with what stands in the page's own fields; with `notify` the customer gets an e-mail."""
    detail = find_shipment(request, number)
    found = detail.shipment
    if stopped := _save_typed(request, detail):
        return stopped
    notify = request.POST.get("notify") == "yes"
    item = ShipItem(shipment_id=found.id, notify=notify)
    outcomes = ship_shipments([item], actor=request.access.actor)
    done = (
        _("%(number)s has left; the customer gets an e-mail.")
        if notify
        else _("%(number)s has left.")
    )
    tell(request, outcomes, done % {"number": number})
    return redirect(safe_next(request, _page(number)))


@require_POST
@needs("shipping:write")
def announce(request: PersonRequest, number: str) -> HttpResponse:
    """Tell the carrier beforehand."""
    detail = find_shipment(request, number)
    found = detail.shipment
    if stopped := _save_typed(request, detail):
        return stopped
    outcomes = announce_shipments([AnnounceItem(shipment_id=found.id)], actor=request.access.actor)
    tell(request, outcomes, _("%(number)s has been announced.") % {"number": number})
    return redirect(safe_next(request, _page(number)))


@require_POST
@needs("shipping:write")
def pick(request: PersonRequest, number: str) -> HttpResponse:
    """Make a pick list for this shipment."""
    found = find_shipment(request, number).shipment
    item = CreatePickListItem(location=found.location, shipment_ids=[found.id])
    outcomes = create_pick_lists([item], actor=request.access.actor)
    tell(request, outcomes, _("The pick list has been made."))
    return redirect(_page(number))


def _update(actor: Actor, item: dict[str, Any]) -> list[Outcome]:
    return update_shipments([convert(item, UpdateShipmentItem)], actor=actor)


def _save_typed(request: PersonRequest, detail: ShipmentDetail) -> HttpResponse | None:
    """Save what was typed on the shipment's page before it leaves; returns what to show where that cannot be."""
    if "tracking_code" not in request.POST:
        return None
    track, packages = _track_form(request, detail.shipment, request.POST), PackagesForm(request.POST, detail=detail)  # fmt: skip
    if not (track.has_changed() or packages.has_changed()):
        return None
    if not (track.is_valid() and packages.is_valid()):
        # The buttons stand far above the fields on a phone.
        messages.error(request, _("Nothing was done yet: correct the marked fields first."))
        return _show(request, detail, track, packages)
    key = str(detail.shipment.id)
    item = track.item(key)
    if packages.has_changed():
        item |= packages.item(key)
    saved = _save(request, detail, item, track)
    if saved is None:
        return redirect(_page(detail.shipment.number))
    return None if saved else _show(request, detail, track, packages)


def _save(
    request: PersonRequest,
    detail: ShipmentDetail,
    item: dict[str, Any],
    form: TrackForm | PackagesForm,
    done: str | Promise = "",
) -> bool | None:
    """Save; a refusal stands at the field that it is about, with what was typed.

    None: somebody else has changed the shipment since its page was drawn, and that is said.
    """
    if request.POST.get("seen") not in {None, str(detail.shipment.version)}:
        messages.error(
            request, _("Somebody has changed this shipment meanwhile. Look at it again.")
        )
        return None
    try:
        _update(request.access.actor, item)[0].require()
    except Refusal as refusal:
        show_refusal(form, refusal)
        return False
    if done:
        messages.success(request, str(done))
    return True


@require_POST
@needs("shipping:write")
def track(request: PersonRequest, number: str) -> HttpResponse:
    """Save track & trace."""
    detail = find_shipment(request, number)
    form = _track_form(request, detail.shipment, request.POST)
    if not form.is_valid():
        return _show(request, detail, track_form=form)
    item = form.item(str(detail.shipment.id))
    if _save(request, detail, item, form, _("Track & trace has been saved.")) is False:
        return _show(request, detail, track_form=form)
    return redirect(_page(number))


@require_POST
@needs("shipping:write")
def packages(request: PersonRequest, number: str) -> HttpResponse:
    """Save the parcels of the page's form."""
    detail = find_shipment(request, number)
    form = PackagesForm(request.POST, detail=detail)
    if not form.is_valid():
        return _show(request, detail, packages_form=form)
    item = form.item(str(detail.shipment.id))
    if _save(request, detail, item, form, _("The packages have been saved.")) is False:
        return _show(request, detail, packages_form=form)
    return redirect(_page(number))


@require_POST
@needs("shipping:write")
def package_count(request: PersonRequest, number: str) -> HttpResponse:
    """Set the number of parcels from the overview's row, and draw that row again."""
    found = find_shipment(request, number).shipment
    value = request.POST.get(f"packages-{number}", "")
    if value.isdecimal() and 1 <= int(value[:4]) <= 99:
        outcomes = _update(
            request.access.actor, {"shipment_id": str(found.id), "packages": int(value)}
        )
        tell(request, outcomes, _("%(number)s: packages saved.") % {"number": number})
    else:
        messages.error(request, _("Enter a number of packages from 1 to 99."))
    if not is_part(request):
        return redirect("shipments")
    fresh = find_shipment(request, number).shipment
    row = row_context(fresh, request.access.actor, may_ship=True)
    context = {"row": row, "listing": {"bulk": True}, "out_of_band": True}
    return render(request, "console/shipments/row_again.html", context)


@needs("shipping:write")
def part(request: PersonRequest, number: str) -> HttpResponse:
    """Ship a part; the rest stays in an open shipment."""
    detail = find_shipment(request, number)
    lines = [line for line in detail.parts.lines if line.is_live]
    articles = articles_by_serial(detail.shipment.id)
    form = PartForm(request.POST or None, lines=lines, articles=articles)

    def act(filled: PartForm) -> Outcome:
        item = {
            "shipment_id": str(detail.shipment.id),
            "notify": filled.cleaned_data["notify"],
            "lines": filled.chosen(),
            "serials": filled.pieces(),
        }
        named = [piece["serial"] for piece in item["serials"] or ()]
        try:
            wanted = convert(item, ShipItem)
            return ship_shipments([wanted], actor=request.access.actor)[0].require()
        except Refusal as refusal:
            if refusal.pointer.startswith("/serials"):
                refusal.message = piece_refused(refusal, named)
            return Outcome.refused(refusal)

    question = Question(
        _("Ship a part of %(number)s") % {"number": number},
        _("Ship this part"),
        _page(number),
        text=_("What stays behind waits in a new open shipment."),
    )
    return ask(request, question, form, act, _("The part has left."))


_UNDOES: dict[str, str | Promise] = {
    "waiting": _(
        "The goods are given back: they are free for other orders, and this order waits for stock again."
    ),
    "left": _(
        "Its going is undone: the goods are back in stock where they were, claimed by this order, and wait in "
        "a new open shipment. An e-mail that was sent cannot be called back."
    ),
}


@needs("shipping:write")
def reject(request: PersonRequest, number: str) -> HttpResponse:
    """Say that the location cannot send a shipment, and why."""
    found = find_shipment(request, number).shipment
    form = ReasonForm(request.POST or None)

    def act(filled: ReasonForm) -> Outcome:
        item = RejectShipmentItem(shipment_id=found.id, reason=filled.cleaned_data["reason"])
        return reject_shipments([item], actor=request.access.actor)[0]

    question = Question(
        _("%(number)s cannot be sent from here") % {"number": number},
        _("Look for another location"),
        "/shipments/",
        text=_(
            "Its goods are looked for at other locations at once; what none has waits for stock. "
            "What was picked goes back to its bins."
        ),
        danger=True,
    )
    return ask(request, question, form, act, _rejected)


def _rejected(outcome: Outcome) -> str:
    """Say what became of a rejected shipment's goods."""
    waiting = outcome.data["released"] - outcome.data["claimed"]
    if waiting <= 0:
        return gettext("Everything comes from another location now.")
    return ngettext(
        "%(n)s piece waits: no other location has it.",
        "%(n)s pieces wait: no other location has them.",
        waiting,
    ) % {"n": waiting}


@needs("shipping:write")
def cancel(request: PersonRequest, number: str) -> HttpResponse:
    """Cancel a shipment; says beforehand what that undoes."""
    found = find_shipment(request, number).shipment

    def act(form: CancelShipmentForm) -> Outcome:
        item = {"shipment_id": str(found.id), "reason": form.cleaned_data["reason"]}
        return cancel_shipments([convert(item, CancelShipmentItem)], actor=request.access.actor)[0]

    question = Question(
        _("Cancel shipment %(number)s") % {"number": number},
        _("Cancel the shipment"),
        _page(number),
        text=_UNDOES["waiting" if found.status in {"open", "announced"} else "left"],
        danger=True,
    )
    form = CancelShipmentForm(request.POST or None)
    return ask(request, question, form, act, _("The shipment has been cancelled."))


@needs("shipping:write")
def step(request: PersonRequest, number: str) -> HttpResponse:
    """Record a step of the parcel by hand."""
    found: ShipmentRow = find_shipment(request, number).shipment

    def act(form: StepForm) -> Outcome:
        item = {
            "shipment_id": str(found.id),
            "at": clock.now().isoformat(),
            **form.cleaned_data,
        }
        return track_shipments([convert(item, TrackItem)], actor=request.access.actor)[0]

    question = Question(_("A step on its way"), _("Record"), _page(number))
    run: Callable[[StepForm], Outcome] = act
    return ask(request, question, StepForm(request.POST or None), run, _("The step is recorded."))
