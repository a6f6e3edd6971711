"""Settings: by which rules each shop puts new orders on hold."""

from collections.abc import Sequence

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from orderwerk.console.access import PersonRequest, needs
from orderwerk.console.doing import Question, ask, tell
from orderwerk.console.forms.holds import HoldRuleForm
from orderwerk.console.reads.choices import hold_owners
from orderwerk.core.decode import convert
from orderwerk.core.errors import NotFound
from orderwerk.core.outcome import Outcome
from orderwerk.orders.commands.set_hold_rules import HoldRulesItem, set_hold_rules
from orderwerk.orders.hold_rule_queries import (
    HoldRulesFilters,
    HoldRulesRow,
    hold_rules_of_shop,
    hold_rules_page,
)
from orderwerk.orders.hold_rules import HoldRule


@needs("settings:read")
def hold_rules(request: PersonRequest) -> HttpResponse:
    """Show every shop's hold rules."""
    page = hold_rules_page(request.access.actor, HoldRulesFilters(), limit=200)
    context = {
        "shops": page.items,
        "people": dict(hold_owners()),
        "tab": "holds",
        "may_change": request.access.may("settings:write"),
    }
    return render(request, "console/settings/hold_rules.html", context)


def _find(request: PersonRequest, code: str) -> HoldRulesRow:
    try:
        return hold_rules_of_shop(request.access.actor, code)
    except NotFound as error:
        raise Http404 from error


def _keep(
    request: PersonRequest, code: str, rules: Sequence[HoldRule], version: int | None
) -> Outcome:
    item = HoldRulesItem(shop=code, rules=list(rules), version=version)
    return set_hold_rules([item], actor=request.access.actor)[0]


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
    rules = row.rules
    if index is not None and index >= len(rules):
        raise Http404
    known = None if index is None else rules[index]
    form = HoldRuleForm(request.POST or None, rule=known, seen=row.version)

    def act(filled: HoldRuleForm) -> Outcome:
        rule = convert(filled.rule(), HoldRule)
        changed = [*rules, rule] if index is None else [*rules[:index], rule, *rules[index + 1 :]]
        return _keep(request, code, changed, filled.cleaned_data["seen"])

    question = Question(
        known.name if known else _("New hold rule"), _("Save"), reverse("hold_rules"), wide=True,
        text=_("Every filter that is filled has to fit; the first rule that fits a new order puts it on hold."),
    )  # fmt: skip
    return ask(request, question, form, act, _("Saved. It holds for orders that come in from now on."))  # fmt: skip


@require_POST
@needs("settings:write")
def rule_move(request: PersonRequest, code: str, index: int, verb: str) -> HttpResponse:
    """Move a rule up, or take it out, of the rules as they were seen: where it stands says which one is meant."""
    row, seen = _find(request, code), request.POST.get("seen", "")
    if verb not in {"up", "remove"} or not (seen.isascii() and seen.isdigit() and len(seen) < 10):
        raise Http404
    if int(seen) != row.version:
        tell(request, [_keep(request, code, row.rules, int(seen))], _("Saved."))
        return redirect("hold_rules")
    rules = list(row.rules)
    if index >= len(rules):
        raise Http404
    rule = rules.pop(index)
    if verb == "up":
        rules.insert(max(0, index - 1), rule)
    tell(request, [_keep(request, code, rules, row.version)], _("Saved."))
    return redirect("hold_rules")
