"""Changes who an order is for and where it goes; names what a colleague changed meanwhile."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from orderwerk.console.access import PersonRequest, needs
from orderwerk.console.doing import Question, is_part, leave
from orderwerk.console.forms.addresses import AddressesForm
from orderwerk.console.forms.settings import show_refusal
from orderwerk.console.history import Entry, entries
from orderwerk.console.views.order import find_order, shop_of
from orderwerk.core.decode import convert
from orderwerk.core.errors import Refusal
from orderwerk.orders.commands.update import UpdateItem, update_orders
from orderwerk.orders.queries import order_events
from orderwerk.orders.rows import OrderDetail

_MOST_NAMED = 5


@needs("orders:write")
def address(request: PersonRequest, number: str) -> HttpResponse:
    """Show the form and save it; when somebody came first, say who changed what and keep what was typed."""
    detail = find_order(request, number)
    form = AddressesForm(request.POST or None, order=detail.order)
    conflict: list[Entry] = []
    if request.method == "POST" and form.is_valid():
        try:
            item = convert(form.item(), UpdateItem)
            update_orders([item], actor=request.access.actor)[0].require()
        except Refusal as refusal:
            if refusal.code == "stale_version":
                conflict = _since(request, detail, form.cleaned_data["version"])
                form = _again(request, detail)
            else:
                show_refusal(form, refusal)
        else:
            messages.success(request, _("The customer and the addresses have been saved."))
            return leave(request, f"/orders/{number}/general/")
    return _show(request, form, detail, conflict)


def _show(
    request: PersonRequest, form: AddressesForm, detail: OrderDetail, conflict: list[Entry]
) -> HttpResponse:
    number = detail.order.number
    question = Question(
        _("Customer and addresses"), _("Save"), f"/orders/{number}/general/", wide=True
    )
    context: dict[str, Any] = {
        "question": question,
        "form": form,
        "conflict": conflict,
        "here": request.path,
        "timezone": shop_of(request, detail).timezone,
        "frame": "console/parts/dialog.html" if is_part(request) else "console/dialog_page.html",
    }
    status = 409 if conflict and not is_part(request) else 422 if form.errors or conflict else 200
    return render(request, "console/orders/ask_address.html", context, status=status)


def _again(request: PersonRequest, detail: OrderDetail) -> AddressesForm:
    # What was typed stays; the version is the one that the reader sees now, beside what changed.
    typed = request.POST.copy()
    typed["version"] = str(detail.order.version)
    return AddressesForm(typed, order=detail.order)


def _since(request: PersonRequest, detail: OrderDetail, version: int) -> list[Entry]:
    events = order_events(request.access.actor, detail.order.id, limit=50)
    missed = max(1, detail.order.version - version)
    changes = [event for event in events.items if event.object_type == "order"][:missed]
    zone = shop_of(request, detail).timezone
    return entries(changes[:_MOST_NAMED], detail.order.currency, zone)
