"""Settings: the carriers that can be chosen for shipments."""

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from orderwerk.console.access import PersonRequest, needs
from orderwerk.console.doing import Question, ask
from orderwerk.console.forms.carriers import CarrierForm
from orderwerk.core.decode import convert
from orderwerk.core.errors import NotFound
from orderwerk.core.outcome import Outcome
from orderwerk.shipments.carrier_queries import CarrierRow, carrier_by_code
from orderwerk.shipments.commands.upsert_carriers import CarrierItem, upsert_carriers
from orderwerk.shipments.tracking_links import READY


@needs("settings:write")
def carrier_new(request: PersonRequest, like: str = "") -> HttpResponse:
    """Set a carrier up; `like` names one whose link is known already."""
    ready = next((each for each in READY if each.code == like), None)
    form = CarrierForm(request.POST or None, ready=ready)
    return _ask(request, form, None)


@needs("settings:write")
def carrier_edit(request: PersonRequest, code: str) -> HttpResponse:
    """Change a carrier, or switch it off."""
    try:
        row = carrier_by_code(request.access.actor, code)
    except NotFound as error:
        raise Http404 from error
    return _ask(request, CarrierForm(request.POST or None, carrier=row), row)


def _ask(request: PersonRequest, form: CarrierForm, row: CarrierRow | None) -> HttpResponse:
    def act(filled: CarrierForm) -> Outcome:
        item = convert(filled.item(row.code if row else None), CarrierItem)
        return upsert_carriers([item], actor=request.access.actor)[0]

    question = Question(
        row.name if row else _("New carrier"), _("Save"), reverse("shipping"), wide=True,
        text=_("It can be chosen on shipments and proposed by shipping rules, in every shop. Switched off, it stays with the shipments that have it."),
    )  # fmt: skip
    return ask(request, question, form, act, _("Saved."))
