"""What can be done with one order: hold, hand over, release, cancel, change, note, allocate, pick."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from orderwerk.console.access import PersonRequest, needs
from orderwerk.console.doing import Question, ask, asked_of_the_warehouse, safe_next, tell
from orderwerk.console.forms.asking import (
    CancelForm,
    CommentForm,
    HoldForm,
    MemoForm,
    TagsForm,
    refund_choice,
)
from orderwerk.console.forms.emails import MessageForm
from orderwerk.console.forms.holds import HandOverForm
from orderwerk.console.reads.orders import email_of, open_shipments_of
from orderwerk.console.refusals import sentence
from orderwerk.console.sent_once import once
from orderwerk.console.views.order import find_order, may_allocate, shop_of
from orderwerk.core.decode import convert
from orderwerk.core.errors import Refusal
from orderwerk.core.outcome import Outcome
from orderwerk.emails.commands.resend import ResendItem, resend_emails
from orderwerk.flows.allocate_orders import AllocateItem, allocate_orders
from orderwerk.flows.attachable import READ_WITH, documents_of_order
from orderwerk.flows.cancel_orders import CancelItem, cancel_orders
from orderwerk.flows.release_orders import ReleaseOrderItem, release_orders
from orderwerk.flows.send_emails import SendEmailItem, send_emails
from orderwerk.memos.commands.create import MemoItem, create_memos, names_in
from orderwerk.memos.commands.pin import PinItem, pin_memos
from orderwerk.orders.commands.hand_over import HandOverItem, hand_over_holds
from orderwerk.orders.commands.hold import HoldItem, hold_orders
from orderwerk.orders.commands.update import UpdateItem, update_orders
from orderwerk.orders.rows import OrderRow
from orderwerk.picklists.commands.create import CreatePickListItem, create_pick_lists


def _page(number: str, tab: str = "general") -> str:
    return f"/orders/{number}/{tab}/"


@needs("orders:write")
def hold(request: PersonRequest, number: str) -> HttpResponse:
    """Put a hold on an order."""
    detail = find_order(request, number)
    zone = shop_of(request, detail).timezone

    def act(form: HoldForm) -> Outcome:
        item = convert(form.item(str(detail.order.id), zone), HoldItem)
        return hold_orders([item], actor=request.access.actor)[0]

    question = Question(
        _("Put the order on hold"),
        _("Put on hold"),
        _page(number),
        text=_("Nothing of it is allocated, picked or shipped until the hold is released."),
    )
    return ask(request, question, HoldForm(request.POST or None), act, _("The order is on hold."))


@needs("orders:write")
def hand_over(request: PersonRequest, number: str) -> HttpResponse:
    """Hand the hold on an order over to somebody else, or to nobody."""
    detail = find_order(request, number)
    owners = [hold.owner for hold in detail.holds if hold.released_at is None and hold.owner]
    form = HandOverForm(
        request.POST if request.method == "POST" else None,
        initial={"owner": owners[0] if owners else ""},
    )

    def act(filled: HandOverForm) -> Outcome:
        item = HandOverItem(order_id=detail.order.id, owner=filled.cleaned_data["owner"] or None)
        return hand_over_holds([item], actor=request.access.actor)[0]

    question = Question(_("Hand the hold over"), _("Hand it over"), _page(number))
    return ask(request, question, form, act, _("The hold has been handed over."))


@require_POST
@needs("orders:write")
def release(request: PersonRequest, number: str) -> HttpResponse:
    """Release the holds on an order."""
    order = find_order(request, number).order
    outcomes = release_orders([ReleaseOrderItem(order_id=order.id)], actor=request.access.actor)
    tell(request, outcomes, _("The hold has been released."))
    return redirect(safe_next(request, _page(number)))


@require_POST
@needs("orders:read")
def allocate(request: PersonRequest, number: str) -> HttpResponse:
    """Claim stock for what waits."""
    if not may_allocate(request):
        raise PermissionDenied
    order = find_order(request, number).order
    [outcome] = allocate_orders([AllocateItem(order_id=order.id)], actor=request.access.actor)
    pieces = outcome.data.get("allocated", 0)
    if outcome.ok and not pieces:
        messages.warning(request, _("Nothing that this order waits for is in stock now."))
    else:
        tell(request, [outcome], _("%(n)s pieces have been allocated.") % {"n": pieces})
    return redirect(safe_next(request, _page(number, "allocations")))


@needs("orders:write")
def cancel(request: PersonRequest, number: str) -> HttpResponse:
    """Cancel all of an order that can still be cancelled."""
    order = find_order(request, number).order

    def act(form: CancelForm) -> Outcome:
        item = {"order_id": str(order.id), **form.choice()}
        return cancel_orders([convert(item, CancelItem)], actor=request.access.actor)[0]

    question = Question(
        _("Cancel order %(number)s") % {"number": number},
        _("Cancel the order"),
        _page(number),
        text=_(
            "Everything that has not been shipped is cancelled: claims on stock, pick lines and open "
            "shipments go with it. Where the shop asks the warehouse first, what is being picked waits for its answer."
        ),
        danger=True,
    )
    form = CancelForm(request.POST or None, is_paid=order.captured_minor > 0)
    return ask(
        request,
        question,
        form,
        act,
        lambda o: asked_of_the_warehouse(o) or _("The order has been cancelled."),
    )


def _lines_item(request: PersonRequest, order: OrderRow) -> dict[str, Any]:
    lines = []
    for name in request.POST:
        value = request.POST.get(name, "").strip()
        if name.startswith("line-") and value not in {"", "0"}:
            quantity = int(value) if value.isdecimal() and len(value) < 9 else -1
            lines.append({"order_line_id": name[5:], "quantity": quantity})
    return {
        "order_id": str(order.id),
        "reason": request.POST.get("reason", "").strip(),
        "lines": lines,
        **refund_choice(request.POST),
    }


@require_POST
@needs("orders:write")
def cancel_lines(request: PersonRequest, number: str) -> HttpResponse:
    """Cancel the pieces entered beside the lines."""
    order = find_order(request, number).order
    item = _lines_item(request, order)
    if not item["lines"]:
        messages.error(request, _("Enter how many pieces of a line are to be cancelled."))
    elif not item["reason"]:
        messages.error(request, _("Say why the pieces are cancelled."))
    else:
        outcome = _once(
            request,
            lambda: cancel_orders([convert(item, CancelItem)], actor=request.access.actor)[0],
        )
        if outcome is not None:
            waiting = asked_of_the_warehouse(outcome)
            tell(request, [outcome], waiting or _("The pieces have been cancelled."))
    return redirect(_page(number, "articles"))


def _once(request: PersonRequest, act: Callable[[], Outcome]) -> Outcome | None:
    """Run a command once for its form; None when it had been run for this form before, which is said already."""
    try:
        return once(request, act, lambda _outcome: request.path).outcome
    except Refusal as refusal:
        return Outcome.refused(refusal)


def _update(request: PersonRequest, order: OrderRow, **changes: object) -> Outcome:
    item = convert({"order_id": str(order.id), **changes}, UpdateItem)
    return update_orders([item], actor=request.access.actor)[0]


@needs("orders:write")
def tags(request: PersonRequest, number: str) -> HttpResponse:
    """Change an order's tags, and whether it is urgent."""
    order = find_order(request, number).order
    question = Question(_("Tags of the order"), _("Save"), _page(number))
    initial = {"tags": ", ".join(order.tags), "is_urgent": order.priority > 0}
    form = TagsForm(request.POST or None, initial=initial)
    return ask(
        request,
        question,
        form,
        lambda f: _update(request, order, tags=f.names(), priority=f.priority(order.priority)),
        _("The tags have been changed."),
    )


@needs("orders:write")
def comment(request: PersonRequest, number: str) -> HttpResponse:
    """Change the customer's comment, as the customer asks."""
    order = find_order(request, number).order
    question = Question(_("The customer's comment"), _("Save"), _page(number))
    form = CommentForm(request.POST or None, initial={"comment": order.comment})
    return ask(
        request,
        question,
        form,
        lambda f: _update(request, order, comment=f.cleaned_data["comment"]),
        _("The comment has been changed."),
    )


def _say_who_was_not_told(request: PersonRequest, names: list[str]) -> None:
    if names:
        messages.warning(
            request,
            _("Not told: %(names)s. Nobody of that name works here, or may see this shop.")
            % {"names": ", ".join(f"@{name}" for name in names)},
        )


@require_POST
@needs("orders:write")
def memo(request: PersonRequest, number: str) -> HttpResponse:
    """Leave a note."""
    order = find_order(request, number).order
    form = MemoForm(request.POST)
    if form.is_valid():
        item = {"order_id": str(order.id), "text": form.cleaned_data["text"]}
        outcome = _once(
            request, lambda: create_memos([convert(item, MemoItem)], actor=request.access.actor)[0]
        )
        if outcome is not None and tell(request, [outcome], _("The memo has been added.")):
            told = outcome.data["mentioned"]
            _say_who_was_not_told(request, sorted({*names_in(item["text"])} - {*told}))
    else:
        messages.error(request, _("Write something first."))
    return redirect(_page(number, "memo"))


@require_POST
@needs("orders:write")
def memo_pin(request: PersonRequest, number: str) -> HttpResponse:
    """Pin a note to its order, or take it off."""
    find_order(request, number)
    item = {"memo_id": request.POST.get("memo", ""), "pinned": request.POST.get("pinned") == "1"}
    try:
        pin_memos([convert(item, PinItem)], actor=request.access.actor)[0].require()
    except Refusal as refusal:
        messages.error(request, sentence(refusal))
    return redirect(_page(number, "memo"))


@needs("orders:write")
def email_write(request: PersonRequest, number: str) -> HttpResponse:
    """Write to the customer about an order, in own words or with one of the shop's texts."""
    order = find_order(request, number).order

    def act(form: MessageForm) -> Outcome:
        item = convert(form.item(str(order.id)), SendEmailItem)
        return send_emails([item], actor=request.access.actor)[0]

    question = Question(
        _("Write to %(address)s") % {"address": order.customer_email or _("nobody: no address")},
        _("Send"),
        _page(number, "emails"),
        text=_("It comes from the shop's own address, and the answer goes there."),
        wide=True,
        once=True,
    )
    may = request.access.may
    papers = documents_of_order(order.id, request.access.actor)
    found = [row for row in papers if may(READ_WITH[row.kind])]
    form = MessageForm(request.POST or None, [(f"{row.kind}:{row.id}", row.name) for row in found])
    return ask(request, question, form, act, _("The message is on its way."))


@require_POST
@needs("orders:write")
def email_resend(request: PersonRequest, number: str, email_id: UUID) -> HttpResponse:
    """Send a stored message again."""
    order = find_order(request, number).order
    if not email_of(order.id, email_id):
        raise Http404
    outcomes = resend_emails([ResendItem(email_id=email_id)], actor=request.access.actor)
    tell(request, outcomes, _("A copy is on its way."))
    return redirect(_page(number, "emails"))


@require_POST
@needs("shipping:write")
def pick(request: PersonRequest, number: str) -> HttpResponse:
    """Make a pick list for each of the order's shipments that has goods to collect."""
    order = find_order(request, number).order
    actor = request.access.actor
    found = open_shipments_of(actor, [order.id]).get(order.id, [])
    items = [CreatePickListItem(location=code, shipment_ids=[shipment]) for shipment, code in found]
    if items:
        outcomes = create_pick_lists(items, actor=actor)
        tell(request, outcomes, _("The pick lists have been made."))
    else:
        messages.warning(request, _("Everything that is allocated stands on a pick list already."))
    return redirect(_page(number, "pick-lists"))
