"""A statement of withdrawal that came by letter, e-mail or telephone: a colleague keeps it for the customer."""

from collections.abc import Sequence
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _

from orderwerk.console.access import PersonRequest, needs
from orderwerk.console.doing import Question, ask
from orderwerk.console.views.order import find_order, shop_of
from orderwerk.core import clock
from orderwerk.core.decode import convert
from orderwerk.core.outcome import Outcome
from orderwerk.emails.texts import language_of
from orderwerk.flows.withdraw import WithdrawalItem, state_withdrawals
from orderwerk.orders.rows import LineRow, OrderRow

_LANGUAGES = (("nl", _("Dutch")), ("en", _("English")), ("de", _("German")), ("fr", _("French")))


class WithdrawalForm(forms.Form):
    """What the customer stated, and when it arrived; how many of which line, none: the whole order."""

    name = forms.CharField(label=_("Name"), max_length=200)
    email = forms.EmailField(
        label=_("E-mail"), max_length=254, help_text=_("The receipt goes there.")
    )
    language = forms.ChoiceField(label=_("Language of the receipt"), choices=_LANGUAGES)
    received_on = forms.DateField(
        label=_("Received on"), widget=forms.DateInput(attrs={"type": "date"})
    )

    def __init__(self, *args: Any, lines: Sequence[LineRow], **kwargs: Any) -> None:  # noqa: ANN401 - Django's signature
        super().__init__(*args, **kwargs)
        for line in lines:
            self.fields[f"quantity-{line.id}"] = forms.IntegerField(
                label=_("Pieces of %(name)s") % {"name": line.name},
                min_value=0,
                max_value=line.quantity - line.cancelled,
                required=False,
            )

    def item(self, order: OrderRow, timezone: str) -> dict[str, Any]:
        """Return the command's item; the day is one of the shop's zone, today's is this moment."""
        given = self.cleaned_data
        pieces = {name.removeprefix("quantity-"): n for name, n in given.items() if name.startswith("quantity-") and n}  # fmt: skip
        item = {
            "order_id": str(order.id),
            "name": given["name"],
            "email": given["email"],
            "language": given["language"],
            "lines": [{"order_line_id": key, "quantity": n} for key, n in pieces.items()],
        }
        day = given["received_on"]
        if day != clock.business_date(clock.now(), timezone):
            moment = datetime.combine(day, time(12), ZoneInfo(timezone))
            # On the day of the order itself it came after the order.
            is_first = day == clock.business_date(order.placed_at, timezone)
            item["received_at"] = (max(moment, order.placed_at) if is_first else moment).isoformat()
        return item


@needs("returns:write")
def withdrawal_new(request: PersonRequest, number: str) -> HttpResponse:
    """Keep a statement that a customer made otherwise than on the order's page."""
    detail = find_order(request, number)
    order, zone = detail.order, shop_of(request, detail).timezone

    def act(form: WithdrawalForm) -> Outcome:
        item = convert(form.item(order, zone), WithdrawalItem)
        return state_withdrawals([item], actor=request.access.actor)[0]

    initial = {
        "name": order.customer_name,
        "email": order.customer_email,
        "language": language_of(order.locale),
        "received_on": clock.business_date(clock.now(), zone),
    }
    question = Question(
        _("Withdrawal from order %(number)s") % {"number": number},
        _("Keep the statement"),
        f"/orders/{number}/return-requests/",
        text=_("For a letter, a message or a call. It is kept as it was made and never changes; what was sent becomes a return request, what was not sent yet is held. No pieces: the whole order."),
        wide=True,
    )  # fmt: skip
    lines = [line for line in detail.lines if line.quantity > line.cancelled]
    form = WithdrawalForm(request.POST or None, lines=lines, initial=initial)
    return ask(request, question, form, act, lambda done: _("Statement %(number)s has been kept.") % {"number": done.data["number"]})  # fmt: skip
