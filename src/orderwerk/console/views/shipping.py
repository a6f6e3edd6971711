"""Settings: by which rules each shop proposes carrier and service for a shipment."""

from collections.abc import Sequence

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from orderwerk.console.access import PersonRequest, needs
from orderwerk.console.doing import Question, ask, tell
from orderwerk.console.forms.shipping import ShippingRuleForm
from orderwerk.core.decode import convert
from orderwerk.core.errors import NotFound
from orderwerk.core.outcome import Outcome
from orderwerk.shipments.commands.set_shipping_rules import (
    ShippingRuleItem,
    ShippingRulesItem,
    set_shipping_rules,
)
from orderwerk.shipments.rule_queries import (
    ShippingRulesFilters,
    ShippingRulesRow,
    shipping_rules_of_shop,
    shipping_rules_page,
)


@needs("settings:read")
def shipping(request: PersonRequest) -> HttpResponse:
    """Show every shop's shipping rules."""
    page = shipping_rules_page(request.access.actor, ShippingRulesFilters(), limit=200)
    context = {
        "shops": page.items,
        "tab": "shipping",
        "may_change": request.access.may("settings:write"),
    }
    return render(request, "console/settings/shipping.html", context)


def _find(request: PersonRequest, code: str) -> ShippingRulesRow:
    try:
        return shipping_rules_of_shop(request.access.actor, code)
    except NotFound as error:
        raise Http404 from error


def _keep(
    request: PersonRequest, code: str, rules: Sequence[ShippingRuleItem], seen: int
) -> Outcome:
    """Save rules that were made of those of a version; refused where somebody was faster."""
    item = ShippingRulesItem(shop=code, rules=list(rules), version=seen)
    return set_shipping_rules([item], actor=request.access.actor)[0]


@needs("settings:write")
def rule_new(request: PersonRequest, code: str) -> HttpResponse:
    """Add a rule at the end."""
    return _edit(request, code, None)


@needs("settings:write")
def rule_edit(request: PersonRequest, code: str, index: int) -> HttpResponse:
    """Change a rule."""
    return _edit(request, code, index)


def _edit(request: PersonRequest, code: str, index: int | None) -> HttpResponse:
    row = _find(request, code)
    rules, sent = row.rules, request.POST.get("seen")
    # Of other rules than the present ones nobody knows which is meant; what was typed stays, and is refused.
    stale = sent is not None and sent != str(row.version)
    if index is not None and index >= len(rules) and not stale:
        raise Http404
    known = None if index is None or stale else rules[index]
    form = ShippingRuleForm(request.POST or None, rule=known, seen=row.version)

    def act(filled: ShippingRuleForm) -> Outcome:
        rule = convert(filled.rule(), ShippingRuleItem)
        changed = [*rules, rule] if index is None else [*rules[:index], rule, *rules[index + 1 :]]
        return _keep(request, code, changed, filled.cleaned_data["seen"])

    title = known.name if known else _("New shipping rule") if index is None else _("Shipping rule")
    question = Question(
        title, _("Save"), reverse("shipping"), wide=True,
        text=_("Every filter that is filled has to fit; the first rule that fits a shipment decides when it is opened."),
    )  # fmt: skip
    return ask(request, question, form, act, _("Saved."))


@require_POST
@needs("settings:write")
def rule_move(request: PersonRequest, code: str, index: int, verb: str) -> HttpResponse:
    """Move a rule up, or take it out, of the rules as they were seen: where it stands says which one is meant."""
    row, seen = _find(request, code), request.POST.get("seen", "")
    if verb not in {"up", "remove"} or not (seen.isascii() and seen.isdigit() and len(seen) < 10):
        raise Http404
    if int(seen) != row.version:
        tell(request, [_keep(request, code, row.rules, int(seen))], _("Saved."))
        return redirect("shipping")
    rules = list(row.rules)
    if index >= len(rules):
        raise Http404
    rule = rules.pop(index)
    if verb == "up":
        rules.insert(max(0, index - 1), rule)
    tell(request, [_keep(request, code, rules, row.version)], _("Saved."))
    return redirect("shipping")
