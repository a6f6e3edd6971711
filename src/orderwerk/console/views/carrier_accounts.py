"""Settings: the account that makes a carrier's labels, and whether it takes the credentials."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from orderwerk.console.access import PersonRequest, needs
from orderwerk.console.doing import Question, ask
from orderwerk.console.forms.carrier_accounts import CarrierAccountForm
from orderwerk.console.refusals import sentence
from orderwerk.core.actor import Actor
from orderwerk.core.decode import convert
from orderwerk.core.errors import NotFound, Refusal
from orderwerk.core.outcome import Outcome
from orderwerk.integrations.carriers.registry import PARCEL_CARRIERS
from orderwerk.shipments.carrier_queries import CarrierRow, carrier_by_code
from orderwerk.shipments.commands.set_carrier_accounts import (
    CarrierAccountItem,
    set_carrier_accounts,
)
from orderwerk.shipments.label_carriers import LABEL_CARRIERS
from orderwerk.shipments.label_queries import (
    CarrierAccountFilters,
    CarrierAccountRow,
    carrier_account_page,
)
from orderwerk.shipments.labelling import parcel_accounts


def _find(actor: Actor, code: str) -> tuple[CarrierRow, CarrierAccountRow | None]:
    try:
        carrier = carrier_by_code(actor, code)
    except NotFound as error:
        raise Http404 from error
    found = carrier_account_page(actor, CarrierAccountFilters(carrier=code)).items
    return carrier, next(iter(found), None)


@needs("settings:write", everything=True)
def carrier_account(request: PersonRequest, code: str) -> HttpResponse:
    """Connect a carrier to its account, or change how."""
    actor = request.access.actor
    carrier, known = _find(actor, code)
    form = CarrierAccountForm(request.POST or None, known=known)

    def act(filled: CarrierAccountForm) -> Outcome:
        return set_carrier_accounts([convert(filled.item(code), CarrierAccountItem)], actor=actor)[
            0
        ]

    names = {"title": LABEL_CARRIERS["postnl"].title, "carrier": carrier.name}
    question = Question(
        _("Labels of %(carrier)s") % names, _("Save"), reverse("shipping"), wide=True,
        text=_("An account at %(title)s makes the label of every parcel that goes with %(carrier)s, within the Netherlands.") % names,
    )  # fmt: skip
    return ask(request, question, form, act, _("Saved. Test the connection now."))


@require_POST
@needs("settings:write", everything=True)
def carrier_account_test(request: PersonRequest, code: str) -> HttpResponse:
    """Ask the carrier for a barcode, which costs nothing, and say whether it takes the credentials."""
    carrier, known = _find(request.access.actor, code)
    if known is None or not known.is_active:
        raise Http404
    names = {"carrier": carrier.name}
    account = parcel_accounts([known.id]).get(known.id)
    if account is None:
        messages.error(request, _("The key of %(carrier)s can no longer be read: enter it again.") % names)  # fmt: skip
        return redirect("shipping")
    try:
        PARCEL_CARRIERS[known.speaks].reserve(account)
    except Refusal as refusal:
        why = {**names, "why": sentence(refusal)}
        messages.error(request, _("%(carrier)s does not answer as it should: %(why)s") % why)
    else:
        messages.success(request, _("%(carrier)s takes the credentials.") % names)
    return redirect("shipping")
