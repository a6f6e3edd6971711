"""Erasing the personal data of an order, and of the same customer's others."""

from django import forms
from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _

from orderwerk.console.access import PersonRequest, needs
from orderwerk.console.doing import Question, ask
from orderwerk.console.views.order import find_order
from orderwerk.core.outcome import Outcome
from orderwerk.flows.erase_orders import EraseItem, erase_orders, orders_of_customer


class EraseForm(forms.Form):
    """Whether the customer's other orders go too."""

    others = forms.BooleanField(
        label=_("All orders under this e-mail address"),
        required=False,
        help_text=_("As far as nothing of them is still open."),
    )


@needs("settings:write")
def erase(request: PersonRequest, number: str) -> HttpResponse:
    """Erase what an order tells of people."""
    order, actor = find_order(request, number).order, request.access.actor

    def act(form: EraseForm) -> Outcome:
        keys = [order.id]
        if form.cleaned_data["others"] and order.customer_email:
            found = orders_of_customer(actor, order.customer_email)
            keys += [key for key, _number in found if key != order.id]
        return erase_orders([EraseItem(order_id=key) for key in keys], actor=actor)[0]

    question = Question(
        _("Erase the personal data of order %(number)s") % {"number": number},
        _("Erase for ever"),
        f"/orders/{number}/general/",
        text=_(
            "Names, addresses, contact, comments, messages, memos, photos and bank accounts go and do not come back. "
            "Quantities, amounts and the invoices with their documents stay, as the law wants."
        ),
        danger=True,
    )
    form = EraseForm(request.POST or None)
    return ask(request, question, form, act, _("The personal data has been erased."))
