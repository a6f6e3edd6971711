"""Settings: which carrier brings each shop's returns, and whether it takes the credentials."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from orderwerk.console.access import PersonRequest, needs
from orderwerk.console.doing import Question, ask
from orderwerk.console.forms.return_carriers import CarrierForm
from orderwerk.console.refusals import sentence
from orderwerk.core.actor import Actor
from orderwerk.core.decode import convert
from orderwerk.core.errors import Refusal
from orderwerk.core.outcome import Outcome
from orderwerk.integrations.carriers.registry import RETURN_CARRIERS
from orderwerk.return_requests.carriers import CARRIERS
from orderwerk.return_requests.commands.set_carriers import ReturnCarrierItem, set_return_carriers
from orderwerk.return_requests.label_queries import (
    ReturnCarrierFilters,
    ReturnCarrierRow,
    return_carrier_page,
)
from orderwerk.return_requests.labelling import carrier_accounts
from orderwerk.shops.queries import ShopRow, all_shops

_TITLES = {"carrier": CARRIERS["postnl"].title}


def _find(actor: Actor, code: str) -> tuple[ShopRow, ReturnCarrierRow | None]:
    shop = next((row for row in all_shops(actor) if row.code == code), None)
    if shop is None:
        raise Http404
    return shop, next(iter(return_carrier_page(actor, ReturnCarrierFilters(shop=code)).items), None)


@needs("settings:write")
def return_carrier(request: PersonRequest, code: str) -> HttpResponse:
    """Connect a shop to the carrier, or change how."""
    actor = request.access.actor
    shop, known = _find(actor, code)
    form = CarrierForm(request.POST or None, known=known)

    def act(filled: CarrierForm) -> Outcome:
        return set_return_carriers([convert(filled.item(code), ReturnCarrierItem)], actor=actor)[0]

    question = Question(
        _("Return labels of %(carrier)s for %(shop)s") % {**_TITLES, "shop": shop.name},
        _("Save"),
        reverse("return_settings"),
        text=_("Customers of approved returns get a label of %(carrier)s, paid by you when it is used.") % _TITLES,
    )  # fmt: skip
    return ask(request, question, form, act, _("Saved. Test the connection now."))


@require_POST
@needs("settings:write")
def return_carrier_test(request: PersonRequest, code: str) -> HttpResponse:
    """Ask the carrier whether it takes the credentials: it is asked for a barcode, which costs nothing."""
    known = _find(request.access.actor, code)[1]
    if known is None or not known.is_active:
        raise Http404
    account = carrier_accounts([known.id]).get(known.id)
    if account is None:
        messages.error(request, _("The key of %(carrier)s can no longer be read: enter it again.") % _TITLES)  # fmt: skip
        return redirect("return_settings")
    try:
        RETURN_CARRIERS[known.carrier].reserve(account)
    except Refusal as refusal:
        why = {**_TITLES, "why": sentence(refusal)}
        messages.error(request, _("%(carrier)s does not answer as it should: %(why)s") % why)
    else:
        messages.success(request, _("%(carrier)s takes the credentials.") % _TITLES)
    return redirect("return_settings")
