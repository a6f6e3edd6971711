"""Settings: by which rules each shop proposes carrier and service for a shipment, and in which boxes it packs."""

from collections.abc import Sequence
from typing import TypeVar

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from orderwerk.console.access import PersonRequest, needs
from orderwerk.console.doing import Question, ask, tell
from orderwerk.console.forms.shipping import BoxSizeForm, ShippingRuleForm
from orderwerk.core.decode import convert
from orderwerk.core.errors import NotFound
from orderwerk.core.outcome import Outcome
from orderwerk.shipments.box_queries import (
    BoxSizesFilters,
    BoxSizesRow,
    box_sizes_of_shop,
    box_sizes_page,
)
from orderwerk.shipments.carrier_queries import all_carriers
from orderwerk.shipments.commands.set_box_sizes import BoxSizeItem, BoxSizesItem, set_box_sizes
from orderwerk.shipments.commands.set_shipping_rules import (
    ShippingRuleItem,
    ShippingRulesItem,
    set_shipping_rules,
)
from orderwerk.shipments.label_queries import CarrierAccountFilters, carrier_account_page
from orderwerk.shipments.rule_queries import (
    ShippingRulesFilters,
    ShippingRulesRow,
    shipping_rules_of_shop,
    shipping_rules_page,
)
from orderwerk.shipments.tracking_links import READY

T = TypeVar("T")


@needs("settings:read")
def shipping(request: PersonRequest) -> HttpResponse:
    """Show the carriers, and every shop's shipping rules and boxes."""
    page = shipping_rules_page(request.access.actor, ShippingRulesFilters(), limit=200)
    packed = box_sizes_page(request.access.actor, BoxSizesFilters(), limit=200).items
    boxes = {row.id: row for row in packed}
    carriers = all_carriers(request.access.actor)
    there = {row.code for row in carriers}
    found = carrier_account_page(request.access.actor, CarrierAccountFilters(), limit=200).items
    accounts = {account.carrier: account for account in found}
    context = {
        "carriers": carriers,
        "connected": [(row, accounts.get(row.code)) for row in carriers],
        "ready": [each for each in READY if each.code not in there],
        "shops": [(row, boxes.get(row.id)) for row in page.items],
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
    carriers = all_carriers(request.access.actor)
    form = ShippingRuleForm(request.POST or None, rule=known, seen=row.version, carriers=carriers)

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
    row, seen = _find(request, code), _seen(request)
    rules = row.rules if seen != row.version else _moved(row.rules, index, verb)
    tell(request, [_keep(request, code, rules, seen)], _("Saved."))
    return redirect("shipping")


def _seen(request: PersonRequest) -> int:
    """Return the version that a list was shown at; another answer than a number is no form of ours."""
    seen = request.POST.get("seen", "")
    if not (seen.isascii() and seen.isdigit() and len(seen) < 10):
        raise Http404
    return int(seen)


def _moved(things: Sequence[T], index: int, verb: str) -> list[T]:
    """Return a list with one of its things a place earlier, or without it."""
    if index >= len(things) or verb not in {"up", "remove"}:
        raise Http404
    left = list(things)
    thing = left.pop(index)
    if verb == "up":
        left.insert(max(0, index - 1), thing)
    return left


def _boxes(request: PersonRequest, code: str) -> BoxSizesRow:
    try:
        return box_sizes_of_shop(request.access.actor, code)
    except NotFound as error:
        raise Http404 from error


def _keep_boxes(
    request: PersonRequest, code: str, boxes: Sequence[BoxSizeItem], seen: int
) -> Outcome:
    """Save boxes that were made of those of a version; refused where somebody was faster."""
    item = BoxSizesItem(shop=code, boxes=list(boxes), version=seen)
    return set_box_sizes([item], actor=request.access.actor)[0]


@needs("settings:write")
def box_new(request: PersonRequest, code: str) -> HttpResponse:
    """Add a box at the end."""
    return _edit_box(request, code, None)


@needs("settings:write")
def box_edit(request: PersonRequest, code: str, index: int) -> HttpResponse:
    """Change a box."""
    return _edit_box(request, code, index)


def _edit_box(request: PersonRequest, code: str, index: int | None) -> HttpResponse:
    row = _boxes(request, code)
    boxes, sent = row.boxes, request.POST.get("seen")
    # As with rules: of other boxes than the present ones nobody knows which is meant.
    stale = sent is not None and sent != str(row.version)
    if index is not None and index >= len(boxes) and not stale:
        raise Http404
    known = None if index is None or stale else boxes[index]
    form = BoxSizeForm(request.POST or None, box=known, seen=row.version)

    def act(filled: BoxSizeForm) -> Outcome:
        box = convert(filled.box(), BoxSizeItem)
        changed = [*boxes, box] if index is None else [*boxes[:index], box, *boxes[index + 1 :]]
        return _keep_boxes(request, code, changed, filled.cleaned_data["seen"])

    title = known.name if known else _("New box") if index is None else _("Box")
    question = Question(
        title, _("Save"), reverse("shipping"),
        text=_("Whoever packs chooses from these; its size and weight go with the package."),
    )  # fmt: skip
    return ask(request, question, form, act, _("Saved."))


@require_POST
@needs("settings:write")
def box_move(request: PersonRequest, code: str, index: int, verb: str) -> HttpResponse:
    """Move a box up, or take it out, of the boxes as they were seen."""
    row, seen = _boxes(request, code), _seen(request)
    boxes = row.boxes if seen != row.version else _moved(row.boxes, index, verb)
    tell(request, [_keep_boxes(request, code, boxes, seen)], _("Saved."))
    return redirect("shipping")
