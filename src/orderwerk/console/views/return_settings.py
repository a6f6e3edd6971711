"""Settings of returns: the merchant's reasons, and what each shop takes back."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from orderwerk.console.access import PersonRequest, needs
from orderwerk.console.doing import Question, ask
from orderwerk.console.forms.returns import PolicyForm, ReasonForm
from orderwerk.console.forms.settings import show_refusal
from orderwerk.console.lists import Asked, Column, Listing
from orderwerk.core.decode import convert
from orderwerk.core.errors import Refusal
from orderwerk.core.outcome import Outcome
from orderwerk.return_requests.carriers import CARRIERS
from orderwerk.return_requests.commands.set_policies import PolicyItem, set_return_policies
from orderwerk.return_requests.commands.upsert_reasons import ReasonItem, upsert_return_reasons
from orderwerk.return_requests.label_queries import ReturnCarrierFilters, return_carrier_page
from orderwerk.return_requests.queries import PolicyFilters, PolicyRow, all_reasons, policy_page
from orderwerk.return_requests.reasons import named
from orderwerk.stock.queries import all_locations

_REASONS = (
    Column("position", _("Place"), "number"),
    Column("name", _("Reason")),
    Column("languages", _("Languages")),
    Column("status", _("Status")),
    Column("actions", _("Actions"), hidden=True),
)


@needs("settings:read")
def return_settings(request: PersonRequest) -> HttpResponse:
    """Show the return reasons in their order, and the rules of each shop."""
    actor = request.access.actor
    listing = Listing(
        path=request.path,
        asked=Asked(),
        columns=_REASONS,
        rows=all_reasons(actor),
        row_template="console/settings/reason_row.html",
        empty_icon="truck-return",
        empty_title=_("No return reasons"),
        empty_text=_("Add the reasons that customers and colleagues choose from."),
    )
    policies = policy_page(actor, PolicyFilters(), limit=200).items
    carriers = {row.shop: row for row in return_carrier_page(actor, ReturnCarrierFilters(), limit=200).items}  # fmt: skip
    context = {
        "listing": listing,
        "policies": [(row, carriers.get(row.shop)) for row in policies],
        "carrier_title": CARRIERS["postnl"].title,
        "tab": "returns",
    }
    return render(request, "console/settings/returns.html", context)


@needs("settings:write")
def reason_new(request: PersonRequest) -> HttpResponse:
    """Add a return reason."""
    return _edit(request, "")


@needs("settings:write")
def reason_edit(request: PersonRequest, code: str) -> HttpResponse:
    """Rename a return reason, move it, or take it out of use."""
    return _edit(request, code)


def _edit(request: PersonRequest, code: str) -> HttpResponse:
    actor = request.access.actor
    known = next((r for r in all_reasons(actor) if r.code == code), None) if code else None
    if code and known is None:
        raise Http404
    form = ReasonForm(request.POST or None, known=known)

    def act(filled: ReasonForm) -> Outcome:
        item = convert(filled.item(code), ReasonItem)
        return upsert_return_reasons([item], actor=actor)[0]

    title = _("Return reason %(code)s") % {"code": code} if code else _("Add a return reason")
    question = Question(title, _("Save"), reverse("return_settings"))
    return ask(request, question, form, act, _("Saved."))


@needs("settings:write")
def policy(request: PersonRequest, code: str) -> HttpResponse:
    """Show what a shop takes back, and change it."""
    actor = request.access.actor
    found = next(iter(policy_page(actor, PolicyFilters(shop=code), limit=1).items), None)
    if found is None:
        raise Http404
    language = get_language() or "en"
    form = PolicyForm(
        request.POST or None,
        known=found,
        reasons=[(r.code, named(r.names, language), r.is_active) for r in all_reasons(actor)],
        places=[(x.code, x.name, x.is_active) for x in all_locations(actor)],
    )
    if request.method == "POST" and form.is_valid():
        try:
            set_return_policies([convert(form.item(code), PolicyItem)], actor=actor)[0].require()
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(request, _("Saved."))
            return redirect("return_settings")
    return render(request, "console/settings/return_policy.html", _context(form, found), status=422 if form.errors else 200)  # fmt: skip


def _context(form: PolicyForm, found: PolicyRow) -> dict[str, Any]:
    texts = [form[name] for name in form.fields if name.startswith("how_")]
    return {"form": form, "policy": found, "texts": texts, "tab": "returns"}
