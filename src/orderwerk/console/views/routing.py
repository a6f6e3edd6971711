"""Settings: the routing rules of each shop, changed in a draft that is tried on real orders before it is put into force."""

from collections.abc import Sequence

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from orderwerk.allocations.commands.set_rules import RoutingItem, set_routing_rules
from orderwerk.allocations.rule_queries import RoutingRow, routing_of_shop, routing_page
from orderwerk.allocations.rules import Rule
from orderwerk.console.access import PersonRequest, needs
from orderwerk.console.doing import Question, ask, tell
from orderwerk.console.forms.routing import RuleForm
from orderwerk.console.lists import Asked, Column, Listing
from orderwerk.console.paging import read_page
from orderwerk.console.reads.choices import active_locations, place_choices
from orderwerk.core.decode import convert
from orderwerk.core.errors import NotFound
from orderwerk.core.outcome import Outcome
from orderwerk.flows.try_rules import try_routing_rules

_COLUMNS = (
    Column("shop", _("Shop")),
    Column("rules", _("Rules"), "number"),
    Column("draft", _("Draft")),
    Column("changed", _("Changed")),
)
_LAST = 200


@needs("settings:read")
def routing_list(request: PersonRequest) -> HttpResponse:
    """Show the shops with the number of their routing rules."""
    actor = request.access.actor
    asked, page = read_page(
        Asked.read(request, tabs=()),
        lambda a: routing_page(actor, all_shops=True, cursor=a.cursor or None, limit=a.limit),
        sort="",
    )
    listing = Listing(
        path=request.path,
        asked=asked,
        columns=_COLUMNS,
        rows=page.items,
        row_template="console/settings/routing_row.html",
        next_cursor=page.next,
        empty_icon="arrows-split-2",
        empty_title=_("No shops yet"),
        empty_text=_("Add a shop first."),
    )
    return render(request, "console/settings/routing_list.html", {"listing": listing, "tab": "routing"})  # fmt: skip


def _find(request: PersonRequest, code: str) -> RoutingRow:
    try:
        return routing_of_shop(request.access.actor, code)
    except NotFound as error:
        raise Http404 from error


def _shown(row: RoutingRow) -> list[Rule]:
    return row.rules if row.draft is None else row.draft


@needs("settings:read")
def routing(request: PersonRequest, code: str) -> HttpResponse:
    """Show a shop's rules: the draft where there is one."""
    row = _find(request, code)
    context = {
        "row": row,
        "rules": _shown(row),
        "tab": "routing",
        "may_change": request.access.may("settings:write"),
    }
    return render(request, "console/settings/routing.html", context)


def _keep(request: PersonRequest, code: str, rules: Sequence[Rule], *, draft: bool) -> Outcome:
    item = RoutingItem(shop=code, rules=list(rules), is_draft=draft)
    return set_routing_rules([item], actor=request.access.actor)[0]


@needs("settings:write")
def rule_new(request: PersonRequest, code: str) -> HttpResponse:
    """Add a rule at the end of the draft."""
    return _edit(request, code, None)


@needs("settings:write")
def rule_edit(request: PersonRequest, code: str, index: int) -> HttpResponse:
    """Change a rule of the draft."""
    return _edit(request, code, index)


def _edit(request: PersonRequest, code: str, index: int | None) -> HttpResponse:
    row = _find(request, code)
    rules = list(_shown(row))
    if index is not None and index >= len(rules):
        raise Http404
    known = None if index is None else rules[index]
    places = place_choices(
        [place for place in active_locations(request.access.actor) if code in place.shops]
    )
    form = RuleForm(request.POST or None, places=places, rule=known)

    def act(filled: RuleForm) -> Outcome:
        rule = convert(filled.rule(), Rule)
        changed = [*rules, rule] if index is None else [*rules[:index], rule, *rules[index + 1 :]]
        return _keep(request, code, changed, draft=True)

    title = known.name if known else _("New rule")
    question = Question(
        title, _("Into the draft"), reverse("routing", args=[code]), wide=True,
        text=_("Every filter that is filled has to fit; the first rule that fits an order decides."),
    )  # fmt: skip
    return ask(request, question, form, act, _("It stands in the draft."))


@require_POST
@needs("settings:write")
def rule_move(request: PersonRequest, code: str, index: int, verb: str) -> HttpResponse:
    """Move a rule of the draft up, or take it out."""
    rules = list(_shown(_find(request, code)))
    if index >= len(rules) or verb not in {"up", "remove"}:
        raise Http404
    rule = rules.pop(index)
    if verb == "up":
        rules.insert(max(0, index - 1), rule)
    tell(request, [_keep(request, code, rules, draft=True)], _("The draft has changed."))
    return redirect("routing", code)


@require_POST
@needs("settings:write")
def routing_apply(request: PersonRequest, code: str, verb: str) -> HttpResponse:
    """Put the draft into force, or throw it away."""
    row = _find(request, code)
    if row.draft is None or verb not in {"apply", "discard"}:
        raise Http404
    rules = row.draft if verb == "apply" else row.rules
    done = _("The rules are in force.") if verb == "apply" else _("The draft is gone.")
    tell(request, [_keep(request, code, rules, draft=False)], done)
    return redirect("routing", code)


@needs("settings:read")
def routing_try(request: PersonRequest, code: str) -> HttpResponse:
    """Show what the draft would make of the last orders."""
    row = _find(request, code)
    trial = try_routing_rules(code, _shown(row), last=_LAST, actor=request.access.actor)
    context = {"row": row, "trial": trial, "tab": "routing"}
    return render(request, "console/settings/routing_try.html", context)
