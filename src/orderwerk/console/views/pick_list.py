"""One pick list, in walking order: picked or short with one tap per line."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_POST

from orderwerk.console.access import PersonRequest, needs
from orderwerk.console.doing import Question, Words, ask, tell
from orderwerk.console.forms.asking import NoForm
from orderwerk.console.forms.picking import AssignForm, ShortForm, SnoozeForm
from orderwerk.console.reads.choices import pickers
from orderwerk.console.views.substitutes import offer_for_missing, substitutes_of
from orderwerk.core import clock
from orderwerk.core.actor import Actor
from orderwerk.core.decode import convert
from orderwerk.core.errors import NotFound
from orderwerk.core.outcome import Outcome
from orderwerk.flows.cancel_pick_lists import CancelPickListItem, cancel_pick_lists
from orderwerk.flows.complete_pick_lists import CompleteItem, complete_pick_lists
from orderwerk.flows.pick_lines import PickItem, pick_lines
from orderwerk.flows.release_pick_lists import ReleasePickListItem, release_pick_lists
from orderwerk.orders.cancel_queries import open_cancel_requests
from orderwerk.picklists.commands.assign import AssignItem, assign_pick_lists
from orderwerk.picklists.commands.pause import (
    PauseItem,
    ResumeItem,
    pause_pick_lists,
    resume_pick_lists,
)
from orderwerk.picklists.commands.prioritise import PrioritiseItem, prioritise_pick_lists
from orderwerk.picklists.commands.snooze import (
    SnoozeItem,
    WakeItem,
    snooze_pick_lists,
    wake_pick_lists,
)
from orderwerk.picklists.queries import (
    PickListDetail,
    held_lines,
    lying_in_bins,
    pick_list_detail_by_number,
    stopped_lines,
)
from orderwerk.picklists.selection import zone_of
from orderwerk.picklists.walks import Stop, by_order, stops


def find_pick_list(request: PersonRequest, number: str) -> PickListDetail:
    """Return the pick list of a number, or a 404 when it is not there or not for this person."""
    try:
        return pick_list_detail_by_number(request.access.actor, number)
    except NotFound as error:
        raise Http404 from error


@dataclass(frozen=True, slots=True)
class Step:
    """Something that is done to a list with one tap, and what is said then."""

    act: Callable[[UUID, Actor], list[Outcome]]
    done: Words


def _prioritise(*, urgent: bool) -> Callable[[UUID, Actor], list[Outcome]]:
    def act(key: UUID, actor: Actor) -> list[Outcome]:
        return prioritise_pick_lists([PrioritiseItem(pick_list_id=key, urgent=urgent)], actor=actor)

    return act


def _pause(key: UUID, actor: Actor) -> list[Outcome]:
    return pause_pick_lists([PauseItem(pick_list_id=key)], actor=actor)


def _resume(key: UUID, actor: Actor) -> list[Outcome]:
    return resume_pick_lists([ResumeItem(pick_list_id=key)], actor=actor)


def _wake(key: UUID, actor: Actor) -> list[Outcome]:
    return wake_pick_lists([WakeItem(pick_list_id=key)], actor=actor)


def _progress(detail: PickListDetail) -> dict[str, Any]:
    found = detail.pick_list
    return {
        "found": found,
        "unfinished": found.status in {"open", "picking"},
    }


def _page(number: str) -> str:
    return f"/pick-lists/{number}/"


@needs("shipping:read")
def pick_list(request: PersonRequest, number: str) -> HttpResponse:
    """Show one pick list."""
    detail = find_pick_list(request, number)
    found = detail.pick_list
    orders = list({line.order_id for line in detail.lines})
    asked = open_cancel_requests(request.access.actor, orders)
    walk = stops(found.method, detail.lines)
    wanted = stopped_lines(found.id) if asked else frozenset()
    held = held_lines(found.id)
    context = _progress(detail)
    may_change = context["unfinished"] and request.access.may("shipping:write")
    context |= {
        "cancel_requests": asked,
        "stopped": _marked(walk, wanted),
        "held": _marked(walk, held),
        "some_held": sorted({line.order_number for line in detail.lines if line.id in held}),
        "may_ship": request.access.may("shipping:write"),
        "stops": walk,
        "sorting": by_order(detail.lines) if found.method == "sort" else [],
        "may_change": may_change,
        "may_pick": may_change and found.paused_at is None and not found.is_snoozed,
        "zone": zone_of(found.location),
    }
    return render(request, "console/picklists/page.html", context)


def _marked(walk: Sequence[Stop], lines: frozenset[UUID]) -> set[UUID]:
    """Return the stops, by their first line, that collect any of these lines."""
    return {stop.line.id for stop in walk if any(line.id in lines for line in stop.lines)}


def _stop(request: PersonRequest, number: str, line_id: UUID) -> Stop:
    detail = find_pick_list(request, number)
    for stop in stops(detail.pick_list.method, detail.lines):
        if any(line.id == line_id for line in stop.lines):
            return stop
    raise Http404


def _typed(item: dict[str, Any]) -> PickItem:
    """Return a pick that somebody types in, perhaps from paper: nobody knows when it was since the list was made."""
    return convert({**item, "is_undated": True}, PickItem)


@require_POST
@needs("shipping:write")
def picked(request: PersonRequest, number: str, line_id: UUID) -> HttpResponse:
    """Book all that is left at a stop as picked."""
    stop = _stop(request, number, line_id)
    taken = stop.taken(stop.left) or [{"pick_line_id": str(line_id), "picked": 1}]
    outcomes = pick_lines([_typed(item) for item in taken], actor=request.access.actor)
    if any(outcome.error is not None for outcome in outcomes):
        tell(request, outcomes, "")
    elif outcomes[-1].data.get("pick_list_status") == "picked":
        messages.success(
            request, _("That was the last one: %(number)s is done.") % {"number": number}
        )
    return redirect(_page(number))


@needs("shipping:write")
def short(request: PersonRequest, number: str, line_id: UUID) -> HttpResponse:
    """Say that fewer were found, and why."""
    stop = _stop(request, number, line_id)
    line = stop.line

    def act(form: ShortForm) -> Outcome:
        taken = stop.taken(form.cleaned_data["picked"], form.reason_text())
        items = [_typed(item) for item in taken or [{"pick_line_id": str(line_id), "picked": 1}]]
        outcomes = pick_lines(items, actor=request.access.actor)
        told = next((outcome for outcome in outcomes if not outcome.ok), outcomes[-1])
        if told.ok and form.cleaned_data.get("substitute"):
            orders = list({each.order_id for each in stop.lines})
            sku = form.cleaned_data["substitute"]
            offer_for_missing(request.access.actor, orders, line.product_id, sku)
        return told

    question = Question(
        _("Short: %(name)s") % {"name": line.name},
        _("Book as short"),
        _page(number),
        text=_(
            "The missing pieces are looked for elsewhere at once, and a count of bin %(bin)s is asked for. Unless they "
            "are damaged, all that lies there by the books (%(n)s) and was not found is written off, whoever it is for."
        )
        % {
            "bin": line.bin,
            "n": lying_in_bins(request.access.actor, line.pick_list_id).get(line.id, 0),
        },
        danger=True,
    )
    may_offer = request.access.may("orders:write")
    listed = substitutes_of(request.access.actor, line.sku) if may_offer else ()
    form = ShortForm(request.POST or None, left=stop.left, substitutes=listed)
    return ask(request, question, form, act, _("Booked as short."))


@require_POST
@needs("shipping:write")
def complete(request: PersonRequest, number: str) -> HttpResponse:
    """Book all that is left of a list as picked."""
    found = find_pick_list(request, number).pick_list
    outcomes = complete_pick_lists(
        [CompleteItem(pick_list_id=found.id)], actor=request.access.actor
    )
    tell(request, outcomes, _("%(number)s is done.") % {"number": number})
    return redirect(_page(number))


@needs("shipping:write")
def cancel(request: PersonRequest, number: str) -> HttpResponse:
    """Give a list up."""
    found = find_pick_list(request, number).pick_list

    def act(_form: NoForm) -> Outcome:
        item = CancelPickListItem(pick_list_id=found.id)
        return cancel_pick_lists([item], actor=request.access.actor)[0]

    question = Question(
        _("Cancel pick list %(number)s") % {"number": number},
        _("Cancel the pick list"),
        _page(number),
        text=_(
            "What has been picked from it goes back to its bins, and the goods stay allocated: they can stand on "
            "a new list at once."
        ),
        danger=True,
    )
    form = NoForm(request.POST if request.method == "POST" else None)

    def told(outcome: Outcome) -> str | Promise:
        if outcome.data["status"] == "cancelled":
            return _("The pick list has been cancelled.")
        return _("The pick list is done: what was left of it is free again, the rest stays picked.")

    return ask(request, question, form, act, told)


@needs("shipping:write")
def assign(request: PersonRequest, number: str) -> HttpResponse:
    """Give a list to somebody, or take it back."""
    found = find_pick_list(request, number).pick_list
    form = AssignForm(
        request.POST if request.method == "POST" else None,
        people=pickers(),
        initial={"user": found.assigned_name},
    )

    def act(filled: AssignForm) -> Outcome:
        item = AssignItem(pick_list_id=found.id, user=filled.cleaned_data["user"] or None)
        return assign_pick_lists([item], actor=request.access.actor)[0]

    question = Question(_("Who picks %(number)s?") % {"number": number}, _("Save"), _page(number))
    return ask(request, question, form, act, _("Saved."))


@needs("shipping:write")
def snooze(request: PersonRequest, number: str) -> HttpResponse:
    """Set a list aside until a moment."""
    found = find_pick_list(request, number).pick_list
    zone = zone_of(found.location)

    def act(filled: SnoozeForm) -> Outcome:
        item = convert(filled.item(str(found.id), zone), SnoozeItem)
        return snooze_pick_lists([item], actor=request.access.actor)[0]

    question = Question(
        _("Set %(number)s aside") % {"number": number},
        pgettext_lazy("what to do", "Set aside"),
        _page(number),
        text=_(
            "It stands under Set aside until then and comes back by itself. What is on it stays allocated."
        ),
    )
    tomorrow = clock.business_date(clock.now(), zone) + timedelta(days=1)
    form = SnoozeForm(request.POST or None, initial={"day": tomorrow})
    return ask(request, question, form, act, _("It comes back by itself."))


STEPS: dict[str, Step] = {
    "urgent": Step(_prioritise(urgent=True), _("It stands first now.")),
    "ordinary": Step(_prioritise(urgent=False), _("It is an ordinary list again.")),
    "pause": Step(_pause, _("Paused.")),
    "resume": Step(_resume, _("It goes on.")),
    "wake": Step(_wake, _("It is among what is to be done again.")),
}


@require_POST
@needs("shipping:write")
def step(request: PersonRequest, number: str, verb: str) -> HttpResponse:
    """Make a list urgent or ordinary, pause or resume it, or take it up before its time."""
    found = find_pick_list(request, number).pick_list
    if verb not in STEPS:
        raise Http404
    tell(request, STEPS[verb].act(found.id, request.access.actor), STEPS[verb].done)
    return redirect(_page(number))


@needs("shipping:write")
def release(request: PersonRequest, number: str) -> HttpResponse:
    """End a walk early: the rest can stand on another list at once."""
    found = find_pick_list(request, number).pick_list

    def act(_form: NoForm) -> Outcome:
        item = ReleasePickListItem(pick_list_id=found.id)
        return release_pick_lists([item], actor=request.access.actor)[0]

    question = Question(
        _("Release the rest of %(number)s") % {"number": number},
        _("Release the rest"),
        _page(number),
        text=_(
            "What has been picked stays picked. What has not stays allocated and can stand on a new list at once."
        ),
    )
    form = NoForm(request.POST if request.method == "POST" else None)
    return ask(request, question, form, act, _("The rest is free for another list."))


@needs("shipping:read")
def progress(request: PersonRequest, number: str) -> HttpResponse:
    """Draw how far a list has come, for the page that shows it."""
    return render(
        request, "console/picklists/progress.html", _progress(find_pick_list(request, number))
    )
