"""Money that came in past the payment provider: booked by whoever sees it on the bank statement."""

from datetime import datetime, time
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django import forms
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from orderwerk.console.access import PersonRequest, needs
from orderwerk.console.doing import Question, ask, tell
from orderwerk.console.views.order import find_order, shop_of
from orderwerk.core import clock
from orderwerk.core.decode import convert
from orderwerk.core.errors import NotFound
from orderwerk.core.money import format_amount
from orderwerk.core.outcome import Outcome
from orderwerk.flows.record_payments import PaymentItem, record_payments
from orderwerk.payments.capture_queries import capture_detail
from orderwerk.payments.commands.retry_captures import RetryCaptureItem, retry_captures


class PaymentForm(forms.Form):
    """A payment as it stands on a statement."""

    amount = forms.CharField(label=_("Amount"), max_length=24)
    method = forms.ChoiceField(
        label=_("How"),
        choices=[
            ("bank_transfer", _("Bank transfer")),
            ("cash", _("Cash")),
            ("store_credit", _("Store credit")),
            ("other", _("Otherwise")),
        ],
    )
    reference = forms.CharField(
        label=_("Reference"),
        max_length=200,
        help_text=_(
            "From the statement; the same reference is booked once. Of a store credit its code."
        ),
    )
    received_on = forms.DateField(
        label=_("Received on"), widget=forms.DateInput(attrs={"type": "date"})
    )

    def __init__(self, data: QueryDict | None, initial: dict[str, Any]) -> None:
        super().__init__(data, initial=initial)

    def item(self, order_id: str, timezone: str) -> dict[str, Any]:
        """Return the command's item; the day is one of the shop's zone."""
        values = self.cleaned_data
        moment = datetime.combine(values["received_on"], time(12), ZoneInfo(timezone))
        return {
            "order_id": order_id,
            # The reference of a store credit is its code, of which the amount is spent.
            "provider": "store_credit" if values["method"] == "store_credit" else "manual",
            "method": values["method"],
            "reference": values["reference"],
            "status": "paid",
            "amount": values["amount"].strip().replace(",", "."),
            "received_at": moment.isoformat(),
        }


@needs("billing:write")
def payment(request: PersonRequest, number: str) -> HttpResponse:
    """Book a payment of an order by hand."""
    detail = find_order(request, number)
    order, zone = detail.order, shop_of(request, detail).timezone

    def act(form: PaymentForm) -> Outcome:
        item = convert(form.item(str(order.id), zone), PaymentItem)
        return record_payments([item], actor=request.access.actor)[0]

    due = max(0, order.due_minor)
    initial = {
        "amount": format_amount(due, order.currency) if due else "",
        "received_on": clock.business_date(clock.now(), zone),
    }
    question = Question(
        _("Record a payment of order %(number)s") % {"number": number},
        _("Record"),
        f"/orders/{number}/general/",
        text=_(
            "For money that no payment provider reports, in %(currency)s. Once paid in full, the order is "
            "allocated by itself."
        )
        % {"currency": order.currency},
        once=True,
    )
    form = PaymentForm(request.POST or None, initial)
    return ask(request, question, form, act, _("The payment has been recorded."))


@require_POST
@needs("billing:write")
def capture_again(request: PersonRequest, capture_id: UUID) -> HttpResponse:
    """Ask the provider once more for a capture or release that failed."""
    actor = request.access.actor
    try:
        row = capture_detail(actor, capture_id)
    except NotFound as error:
        raise Http404 from error
    outcomes = retry_captures([RetryCaptureItem(capture_id=row.id)], actor=actor)
    tell(request, outcomes, _("The payment provider is asked once more."))
    return redirect(f"/orders/{row.order_number}/general/")
