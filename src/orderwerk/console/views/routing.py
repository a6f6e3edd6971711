"""Settings: the groups of routing rules of each shop, changed in a draft that is tried on real orders before it is put into force."""

from collections.abc import Sequence
from typing import TypeVar

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from msgspec import structs

from orderwerk.allocations.commands.set_rules import RoutingItem, set_routing_rules, stale_rules
from orderwerk.allocations.groups import DEFAULT, Group
from orderwerk.allocations.rule_queries import RoutingRow, routing_of_shop, routing_page
from orderwerk.allocations.rules import Rule
from orderwerk.console.access import PersonRequest, needs
from orderwerk.console.doing import Question, ask, tell
from orderwerk.console.forms.routing import GroupForm, RuleForm
from orderwerk.console.lists import Asked, Column, Listing
from orderwerk.console.paging import read_page
from orderwerk.console.reads.choices import active_locations, place_choices
from orderwerk.core.decode import convert
from orderwerk.core.errors import NotFound
from orderwerk.core.outcome import Outcome
from orderwerk.flows.try_rules import MOST_ORDERS, try_routing_rules

_COLUMNS = (
    Column("shop", _("Shop")),
    Column("groups", _("Groups"), "number"),
    Column("rules", _("Rules"), "number"),
    Column("draft", _("Draft")),
    Column("changed", _("Changed")),
)
_LAST = 200
_CHOICES = {str(n): n for n in (10, 50, 100, _LAST, MOST_ORDERS)}
T = TypeVar("T")


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


@needs("settings:read")
def routing(request: PersonRequest, code: str) -> HttpResponse:
    """Show a shop's groups of rules: the draft where there is one."""
    row = _find(request, code)
    context = {
        "row": row,
        "groups": row.shown,
        "tab": "routing",
        "may_change": request.access.may("settings:write"),
    }
    return render(request, "console/settings/routing.html", context)


def _keep(
    request: PersonRequest, row: RoutingRow, groups: Sequence[Group], *, draft: bool
) -> Outcome:
    """Save groups that were made of this row; refused where somebody was faster."""
    item = RoutingItem(shop=row.shop, groups=list(groups), is_draft=draft, version=row.version)
    return set_routing_rules([item], actor=request.access.actor)[0]


def _is_stale(request: PersonRequest, row: RoutingRow) -> bool:
    """Tell whether a form is about other rules than the present ones: what it means by a place among them is not known."""
    sent = request.POST.get("seen")
    return sent is not None and sent != str(row.version)


@needs("settings:write")
def group_new(request: PersonRequest, code: str) -> HttpResponse:
    """Add a group at the end of the draft."""
    return _edit_group(request, code, None)


@needs("settings:write")
def group_edit(request: PersonRequest, code: str, group: int) -> HttpResponse:
    """Change which orders a group of the draft is for."""
    return _edit_group(request, code, group)


def _edit_group(request: PersonRequest, code: str, place: int | None) -> HttpResponse:
    row = _find(request, code)
    groups, stale = list(row.shown), _is_stale(request, row)
    known = None if place is None or stale else _at(groups, place)
    form = GroupForm(request.POST or None, group=known, seen=row.version)

    def act(filled: GroupForm) -> Outcome:
        if stale:
            return Outcome.refused(stale_rules(row.version))
        kept = {"rules": known.rules, "is_active": known.is_active} if known else {}
        made = structs.replace(convert(filled.group(), Group), **kept)
        changed = [*groups, made] if place is None else [*groups[:place], made, *groups[place + 1 :]]  # fmt: skip
        return _keep(request, row, changed, draft=True)

    title = known.name if known else _("New group") if place is None else _("Group")
    question = Question(
        title, _("Into the draft"), reverse("routing", args=[code]), wide=True,
        text=_("Every filter that is filled has to fit. The first group that fits an order and has a rule for it decides."),
    )  # fmt: skip
    return ask(request, question, form, act, _("It stands in the draft."))


def _at(items: Sequence[T], place: int) -> T:
    if place >= len(items):
        raise Http404
    return items[place]


@require_POST
@needs("settings:write")
def group_move(request: PersonRequest, code: str, group: int, verb: str) -> HttpResponse:
    """Move a group of the draft up or down, switch it on or off, or take it out."""
    row = _find(request, code)
    if _refused(request, row):
        return redirect("routing", code)
    groups = list(row.shown)
    found = _at(groups, group)
    if verb in {"on", "off"}:
        groups[group] = structs.replace(found, is_active=verb == "on")
    else:
        _move(groups, group, verb)
    tell(request, [_keep(request, row, groups, draft=True)], _("The draft has changed."))
    return redirect("routing", code)


def _refused(request: PersonRequest, row: RoutingRow) -> bool:
    """Tell whether a button was pressed on other rules than the present ones, and say so in a toast."""
    sent = request.POST.get("seen", "")
    if not (sent.isascii() and sent.isdigit()):
        raise Http404
    stale = _is_stale(request, row)
    if stale:
        tell(request, [Outcome.refused(stale_rules(row.version))], "")
    return stale


def _move(items: list[T], place: int, verb: str) -> None:
    """Move one of them up or down, or take it out."""
    if verb not in {"up", "down", "remove"}:
        raise Http404
    moved = items.pop(place)
    if verb != "remove":
        items.insert(max(0, place - 1 if verb == "up" else place + 1), moved)


@needs("settings:write")
def rule_new(request: PersonRequest, code: str, group: int) -> HttpResponse:
    """Add a rule at the end of a group of the draft."""
    return _edit(request, code, group, None)


@needs("settings:write")
def rule_edit(request: PersonRequest, code: str, group: int, index: int) -> HttpResponse:
    """Change a rule of the draft, or put it into another group."""
    return _edit(request, code, group, index)


def _edit(request: PersonRequest, code: str, group: int, index: int | None) -> HttpResponse:
    # The first rule of a shop needs no group of its own making.
    row = _find(request, code)
    groups, stale = list(row.shown) or [Group(name=DEFAULT)], _is_stale(request, row)
    known = None if index is None or stale else _at(_at(groups, group).rules, index)
    places = place_choices(
        [place for place in active_locations(request.access.actor) if code in place.shops]
    )
    names = [found.name for found in groups]
    if stale:
        # The group that was chosen stays chosen, even where it is gone.
        names = list(dict.fromkeys([*names, request.POST.get("group") or names[0]]))
    form = RuleForm(
        request.POST or None, places=places, rule=known, groups=names, seen=row.version,
        group=names[0] if stale else _at(names, group),
    )  # fmt: skip

    def act(filled: RuleForm) -> Outcome:
        if stale:
            return Outcome.refused(stale_rules(row.version))
        rule = convert(filled.rule(), Rule)
        return _keep(request, row, _put(groups, rule, group, index, filled.place()), draft=True)

    title = known.name if known else _("New rule") if index is None else _("Rule")
    question = Question(
        title, _("Into the draft"), reverse("routing", args=[code]), wide=True,
        text=_("Every filter that is filled has to fit; the first rule of a group that fits an order decides."),
    )  # fmt: skip
    return ask(request, question, form, act, _("It stands in the draft."))


def _put(groups: list[Group], rule: Rule, here: int, index: int | None, there: int) -> list[Group]:
    """Return the groups with a rule in its old place, or at the end of the group where it is wanted."""
    rules = [list(group.rules) for group in groups]
    if index is None or here != there:
        rules[there].append(rule)
    if index is not None:
        rules[here][index : index + 1] = [rule] if here == there else []
    return [structs.replace(group, rules=rules[place]) for place, group in enumerate(groups)]


@require_POST
@needs("settings:write")
def rule_move(request: PersonRequest, code: str, group: int, index: int, verb: str) -> HttpResponse:
    """Move a rule of the draft up or down in its group, or take it out."""
    row = _find(request, code)
    if _refused(request, row):
        return redirect("routing", code)
    groups = list(row.shown)
    rules = list(_at(groups, group).rules)
    _at(rules, index)
    _move(rules, index, verb)
    groups[group] = structs.replace(groups[group], rules=rules)
    tell(request, [_keep(request, row, groups, draft=True)], _("The draft has changed."))
    return redirect("routing", code)


@require_POST
@needs("settings:write")
def routing_apply(request: PersonRequest, code: str, verb: str) -> HttpResponse:
    """Put the draft into force, or throw it away."""
    row = _find(request, code)
    if _refused(request, row):
        return redirect("routing", code)
    if row.draft is None or verb not in {"apply", "discard"}:
        raise Http404
    groups = row.draft if verb == "apply" else row.groups
    done = _("The rules are in force.") if verb == "apply" else _("The draft is gone.")
    tell(request, [_keep(request, row, groups, draft=False)], done)
    return redirect("routing", code)


@needs("settings:read")
def routing_try(request: PersonRequest, code: str) -> HttpResponse:
    """Show what the draft would make of the last orders."""
    row = _find(request, code)
    asked = request.GET.get("last", "")
    last = int(asked) if asked in _CHOICES else _LAST
    trial = try_routing_rules(code, row.shown, last=last, actor=request.access.actor)
    context = {"row": row, "trial": trial, "last": last, "choices": _CHOICES.values(), "tab": "routing"}  # fmt: skip
    return render(request, "console/settings/routing_try.html", context)
