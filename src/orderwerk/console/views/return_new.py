"""Books a box that came back, from its order or from what was announced."""

from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from orderwerk.console.access import PersonRequest, needs
from orderwerk.console.forms.returns import LinesForm
from orderwerk.console.reads.choices import active_locations, place_choices
from orderwerk.console.sent_once import Done, once
from orderwerk.console.views.order import find_order, shop_of
from orderwerk.core.actor import Actor
from orderwerk.core.decode import convert
from orderwerk.core.errors import Refusal
from orderwerk.core.money import format_amount
from orderwerk.core.outcome import Outcome
from orderwerk.return_requests.boxes import BoxedRow, along_with
from orderwerk.return_requests.queries import (
    ReturnRequestFilters,
    ReturnRequestRow,
    all_reasons,
    return_request_lines,
    return_request_page,
)
from orderwerk.return_requests.statuses import OPEN
from orderwerk.returns.commands.create import ReturnItem, create_returns
from orderwerk.returns.statuses import Disposition


@needs("returns:write")
def return_new(request: PersonRequest, number: str) -> HttpResponse:
    """Book what came back of an order."""
    actor = request.access.actor
    detail = find_order(request, number)
    open_requests = _open_requests(actor, detail.order.id)
    chosen = _chosen(request, open_requests)
    announced = _announced(chosen)
    form = LinesForm.read(request, detail.lines, announced)
    if request.method == "POST":
        done = _book(request, form, detail.order.id, chosen)
        if done is not None:
            if done.outcome is not None:
                _say(request, done.outcome)
            return redirect(_next_of_box(request, chosen) or done.url)
    elif chosen is not None:
        _wanted(form, chosen)
        # What the return costs the customer; whoever books may change it.
        if chosen.fee_minor:
            form.values["fee"] = format_amount(chosen.fee_minor, detail.order.currency)
    context = {
        "order": detail.order,
        "shop": shop_of(request, detail),
        "form": form,
        "reasons": [reason for reason in all_reasons(actor) if reason.is_active],
        "fates": Disposition.choices,
        "places": place_choices(active_locations(actor)),
        "requests": open_requests,
        "chosen": chosen,
        "along": _along(actor, chosen),
        "with_fate": True,
        "has_serials": any(entry.out for entry in form.entries),
        "first_time": request.method != "POST",
    }
    status = 422 if form.is_wrong else 200
    return render(request, "console/returns/new.html", context, status=status)


def _open_requests(actor: Actor, order_id: UUID) -> list[ReturnRequestRow]:
    page = return_request_page(actor, ReturnRequestFilters(order_id=order_id), limit=200)
    return [row for row in page.items if row.status in OPEN]


def _along(actor: Actor, chosen: ReturnRequestRow | None) -> list[BoxedRow]:
    """Return what else is still to be booked of the same box."""
    return [row for row in along_with(actor, chosen.id) if row.is_along] if chosen else []


def _next_of_box(request: PersonRequest, chosen: ReturnRequestRow | None) -> str:
    """Return where the next order of the same box is booked; empty where all of it is."""
    left = _along(request.access.actor, chosen)
    if not left:
        return ""
    messages.info(request, _("In the same box: %(number)s.") % {"number": left[0].number})
    return f"{reverse('return_new', args=[left[0].order_number])}?request={quote(left[0].number)}"


def _chosen(request: PersonRequest, found: list[ReturnRequestRow]) -> ReturnRequestRow | None:
    wanted = request.POST.get("request", "") if request.method == "POST" else request.GET.get("request", "")  # fmt: skip
    return next((row for row in found if row.number == wanted), None)


def _announced(chosen: ReturnRequestRow | None) -> dict[UUID, tuple[int, str]]:
    if chosen is None:
        return {}
    lines = return_request_lines([chosen.id])[chosen.id]
    return {line.order_line_id: (line.quantity, line.reason) for line in lines}


def _wanted(form: LinesForm, chosen: ReturnRequestRow) -> None:
    """Fill in what the customer would rather have."""
    if chosen.outcome != "exchange":
        return
    lines = {line.order_line_id: line for line in return_request_lines([chosen.id])[chosen.id]}
    for entry in form.entries:
        line = lines.get(entry.line.id)
        if line is not None and line.wanted_sku is not None:
            entry.wanted = line.wanted_sku
            if line.wanted_quantity != line.quantity:
                entry.wanted_quantity = str(line.wanted_quantity)


def _book(
    request: PersonRequest, form: LinesForm, order_id: UUID, chosen: ReturnRequestRow | None
) -> Done | None:
    item: dict[str, Any] = {
        "order_id": str(order_id),
        "lines": [entry.item(with_fate=True) for entry in form.chosen],
        "credit": bool(form.values.get("credit")),
        "refund_shipping": bool(form.values.get("refund_shipping")),
        "notify": bool(form.values.get("notify")),
        "comment": form.values.get("comment", "").strip(),
        "return_request_id": str(chosen.id) if chosen else None,
        # What stands in the form is what is given, also where it was taken out.
        "as_store_credit": bool(form.values.get("as_store_credit"))
        and bool(form.values.get("credit")),
        "fee": form.fee,
        "exchange": None if any(entry.wanted for entry in form.chosen) else False,
    }
    if not item["lines"]:
        form.error = str(_("Enter how many pieces of a line came back."))
        return None
    if form.lacks_reasons():
        return None
    try:
        booked = convert(item, ReturnItem)
        return once(
            request,
            lambda: create_returns([booked], actor=request.access.actor)[0],
            lambda outcome: reverse("return_one", args=[outcome.data["number"]]),
        )
    except Refusal as refusal:
        form.refuse(refusal)
        return None


def _say(request: PersonRequest, outcome: Outcome) -> None:
    numbers = ", ".join(c["number"] for c in outcome.data["credit_invoices"])
    words = _("Return %(number)s has been booked.") % {"number": outcome.data["number"]}
    if numbers:
        words += " " + _("Credit invoice: %(numbers)s.") % {"numbers": numbers}
    if outcome.data["exchange"]:
        words += " " + _("The new order for the exchange follows in a moment.")
    messages.success(request, words)
