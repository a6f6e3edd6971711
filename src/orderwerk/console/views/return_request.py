"""One return request: what was announced, deciding about it, and announcing one for a customer."""

from typing import Any, cast

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from orderwerk.console.access import PersonRequest, needs
from orderwerk.console.doing import Question, ask, tell
from orderwerk.console.forms.asking import ReasonForm
from orderwerk.console.forms.returns import LinesForm
from orderwerk.console.views.order import find_order, shop_of
from orderwerk.core.decode import convert
from orderwerk.core.errors import NotFound, Refusal
from orderwerk.core.outcome import Outcome
from orderwerk.flows.keep_returns import KeepItem, keep_returns
from orderwerk.flows.receive_repairs import ReceiveRepairItem, receive_repairs
from orderwerk.return_requests.boxes import BoxedRow, along_with
from orderwerk.return_requests.commands.box import BoxItem, box_return_requests
from orderwerk.return_requests.commands.create import ReturnRequestItem, create_return_requests
from orderwerk.return_requests.commands.decide import (
    ApproveRequestItem,
    CancelRequestItem,
    RejectRequestItem,
    approve_return_requests,
    cancel_return_requests,
    reject_return_requests,
)
from orderwerk.return_requests.commands.order_labels import OrderLabelItem, order_return_labels
from orderwerk.return_requests.facts import policies
from orderwerk.return_requests.label_queries import label_is_offered, label_of
from orderwerk.return_requests.queries import (
    ReturnRequestRow,
    all_reasons,
    return_request_by_number,
    return_request_lines,
)
from orderwerk.return_requests.rules import Policy
from orderwerk.return_requests.statuses import OPEN, Way
from orderwerk.return_requests.statuses import Outcome as Wish
from orderwerk.return_requests.ways import drop_locations
from orderwerk.return_requests.withdrawal_queries import photo_positions
from orderwerk.returns.claim_queries import repair_of
from orderwerk.shops.queries import all_shops


def find_request(request: PersonRequest, number: str) -> ReturnRequestRow:
    """Return the return request of a number, or a 404 when it is not there or not for this person."""
    try:
        return return_request_by_number(request.access.actor, number)
    except NotFound as error:
        raise Http404 from error


@needs("returns:read")
def return_request(request: PersonRequest, number: str) -> HttpResponse:
    """Show what was announced."""
    found = find_request(request, number)
    zones = {shop.code: shop.timezone for shop in all_shops(request.access.actor)}
    may_write = request.access.may("returns:write")
    label = label_of(request.access.actor, found.id)
    others = along_with(request.access.actor, found.id)
    may_keep = (
        found.outcome != "exchange" and not found.is_gift and found.keep_up_to_minor is not None
    )
    context = {
        "found": found,
        "lines": return_request_lines([found.id])[found.id],
        "photos": photo_positions(found.id),
        "timezone": zones.get(found.shop, "UTC"),
        "wish": Wish(found.outcome).label,
        "way": Way(found.way).label if found.way else "",
        "may_approve": may_write and found.status == "requested",
        "may_decide": may_write and found.status in OPEN,
        "repair": repair_of(request.access.actor, found.order_id, found.id)
        if found.outcome == "repair"
        else None,
        "along": [row for row in others if row.is_along],
        "may_box": may_write and found.status in OPEN and (bool(others) or found.box is not None),
        "label": label,
        "may_order_label": may_write
        and found.status == "approved"
        and (label is None or label.status == "failed")
        and label_is_offered(found.id),
        "may_keep": may_keep,
        "wants_to_keep": may_keep
        and may_write
        and (found.outcome, found.status) == ("keep", "requested"),
    }
    return render(request, "console/return_requests/page.html", context)


@require_POST
@needs("returns:write")
def approve(request: PersonRequest, number: str) -> HttpResponse:
    """Let the customer send the goods."""
    found = find_request(request, number)
    item = ApproveRequestItem(return_request_id=found.id)
    outcomes = approve_return_requests([item], actor=request.access.actor)
    tell(request, outcomes, _("Approved: the customer may send the goods."))
    return redirect("return_request", number)


@require_POST
@needs("returns:write")
def order_label(request: PersonRequest, number: str) -> HttpResponse:
    """Ask the carrier for a label, or once more for one that failed."""
    found = find_request(request, number)
    item = OrderLabelItem(return_request_id=found.id)
    outcomes = order_return_labels([item], actor=request.access.actor)
    tell(request, outcomes, _("The carrier is asked for the label; it is here in a moment."))
    return redirect("return_request", number)


@needs("returns:write")
def reject(request: PersonRequest, number: str) -> HttpResponse:
    """Tell the customer no, and why."""
    found = find_request(request, number)

    def act(form: ReasonForm) -> Outcome:
        item = {"return_request_id": str(found.id), "reason": form.cleaned_data["reason"]}
        items = [convert(item, RejectRequestItem)]
        return reject_return_requests(items, actor=request.access.actor)[0]

    question = Question(
        _("Reject return request %(number)s") % {"number": number},
        _("Reject"),
        f"/return-requests/{number}/",
        text=_("The customer reads the reason as you write it here."),
        danger=True,
    )
    return ask(request, question, ReasonForm(request.POST or None), act, _("Rejected."))


@needs("returns:write")
def cancel(request: PersonRequest, number: str) -> HttpResponse:
    """Note that the goods will not come."""
    found = find_request(request, number)

    def act(form: ReasonForm) -> Outcome:
        item = {"return_request_id": str(found.id), "reason": form.cleaned_data["reason"]}
        items = [convert(item, CancelRequestItem)]
        return cancel_return_requests(items, actor=request.access.actor)[0]

    question = Question(
        _("Cancel return request %(number)s") % {"number": number},
        _("The goods will not come"),
        f"/return-requests/{number}/",
        danger=True,
    )
    return ask(request, question, ReasonForm(request.POST or None), act, _("Cancelled."))


class _NoteForm(forms.Form):
    note = forms.CharField(label=_("Note to the customer"), max_length=500, required=False)


@needs("returns:write")
def keep(request: PersonRequest, number: str) -> HttpResponse:
    """Let the customer keep the goods, and give their worth back."""
    found = find_request(request, number)

    def act(form: forms.Form) -> Outcome:
        item = {"return_request_id": str(found.id), "note": form.cleaned_data["note"]}
        return keep_returns([convert(item, KeepItem)], actor=request.access.actor)[0]

    question = Question(
        _("Let the customer keep the goods of %(number)s") % {"number": number},
        _("Keep and give back"),
        f"/return-requests/{number}/",
        text=_("Nothing has to be sent; what it was sold for is credited and given back as the shop refunds."),
    )  # fmt: skip
    return ask(request, question, _NoteForm(request.POST or None), act, _("The customer keeps the goods."))  # fmt: skip


class _BoxForm(forms.Form):
    in_box_of = forms.ChoiceField(label=_("Travels in the box of"), required=False)

    def __init__(self, *args: Any, others: list[BoxedRow], **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        field = cast(forms.ChoiceField, self.fields["in_box_of"])
        named = [(str(row.id), f"{row.number} · {row.order_number}") for row in others]
        field.choices = [("", _("a box of its own")), *named]


@needs("returns:write")
def box(request: PersonRequest, number: str) -> HttpResponse:
    """Say in whose box the goods travel."""
    found = find_request(request, number)
    others = along_with(request.access.actor, found.id)
    initial = {"in_box_of": str(found.in_box_of or "")}
    form = _BoxForm(request.POST or None, others=others, initial=initial)

    def act(filled: forms.Form) -> Outcome:
        item = {"return_request_id": str(found.id), "in_box_of": filled.cleaned_data["in_box_of"] or None}  # fmt: skip
        return box_return_requests([convert(item, BoxItem)], actor=request.access.actor)[0]

    question = Question(
        _("In which box %(number)s travels") % {"number": number},
        _("Save"),
        f"/return-requests/{number}/",
        text=_("Several orders of one customer may come in one box: it has one label and one number to scan; each is booked with its own order."),
    )  # fmt: skip
    return ask(request, question, form, act, _("Saved."))


class _RepairForm(forms.Form):
    note = forms.CharField(label=_("What is to be repaired"), max_length=500, required=False)


@needs("returns:write")
def receive_repair(request: PersonRequest, number: str) -> HttpResponse:
    """Note that what was announced for repair is here."""
    found = find_request(request, number)

    def act(form: forms.Form) -> Outcome:
        item = {"return_request_id": str(found.id), "note": form.cleaned_data["note"]}
        return receive_repairs([convert(item, ReceiveRepairItem)], actor=request.access.actor)[0]

    question = Question(
        _("The goods of %(number)s are here for repair") % {"number": number},
        _("Take in"),
        f"/return-requests/{number}/",
        text=_("They stay the customer’s: nothing is restocked or credited. When they go back, note it at the claim."),
    )  # fmt: skip
    return ask(request, question, _RepairForm(request.POST or None), act, _("Taken in for repair."))


@needs("returns:write")
def request_new(request: PersonRequest, number: str) -> HttpResponse:
    """Announce a return for a customer who called or wrote."""
    detail = find_order(request, number)
    shop = shop_of(request, detail)
    form = LinesForm.read(request, detail.lines, {})
    if request.method == "POST":
        outcome = _announce(request, form, str(detail.order.id))
        if outcome is not None and outcome.ok:
            messages.success(request, _("Return request %(number)s has been made.") % {"number": outcome.data["number"]})  # fmt: skip
            return redirect("return_request", outcome.data["number"])
    context = {
        "order": detail.order,
        "shop": shop,
        "form": form,
        "reasons": [reason for reason in all_reasons(request.access.actor) if reason.is_active],
        "wishes": Wish.choices,
        "ways": _ways(policies([shop.id])[shop.id]),
        "with_fate": False,
    }
    status = 422 if form.is_wrong else 200
    return render(request, "console/return_requests/new.html", context, status=status)


def _ways(policy: Policy) -> list[tuple[str, str]]:
    """Return how goods may come, as the form names it: each place is a way of its own."""
    plain = [(way, str(Way(way).label)) for way in policy.ways if way != Way.LOCATION]
    places = drop_locations(policy.drop_locations)
    return plain + [(f"location:{p.code}", f"{Way.LOCATION.label}: {p.name}") for p in places]


def _announce(request: PersonRequest, form: LinesForm, order_id: str) -> Outcome | None:
    item: dict[str, Any] = {
        "order_id": order_id,
        "lines": [entry.item(with_fate=False) for entry in form.chosen],
        "comment": form.values.get("comment", "").strip(),
        "outcome": form.values.get("outcome") or "refund",
        "as_favour": bool(form.values.get("as_favour")),
    }
    way, _colon, place = form.values.get("way", "").partition(":")
    item |= {"way": way or None, "bring_to": place or None}
    if not item["lines"]:
        form.error = str(_("Enter how many pieces of a line come back."))
        return None
    if form.lacks_reasons():
        return None
    try:
        made = convert(item, ReturnRequestItem)
        actor = request.access.actor
        return create_return_requests([made], actor=actor, origin="console")[0].require()
    except Refusal as refusal:
        form.refuse(refusal)
        return None
