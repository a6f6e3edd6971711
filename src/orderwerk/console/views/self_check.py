"""The self-check of stock: what differs between counters, ledger and claims, and the repair of it."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from orderwerk.console.access import PersonRequest, needs
from orderwerk.console.doing import safe_next, tell
from orderwerk.core.decode import convert
from orderwerk.core.errors import Refusal
from orderwerk.core.outcome import Outcome
from orderwerk.flows.repair_stock import RepairItem, repair_stock_levels
from orderwerk.flows.self_check import wrong_levels
from orderwerk.stock.check_queries import last_check


@needs("stock:read")
def self_check(request: PersonRequest) -> HttpResponse:
    """Compare every level with its ledger, its claims and its pick lists, and show what differs."""
    context = {
        "checks": wrong_levels(request.access.actor),
        "last": last_check(),
        "may_change": request.access.may("stock:write"),
    }
    return render(request, "console/stock/self_check.html", context)


@require_POST
@needs("stock:write")
def repair(request: PersonRequest) -> HttpResponse:
    """Set the counters of one level to what its ledger and claims say."""
    named = {name: request.POST.get(name, "") for name in ("sku", "location")}
    try:
        outcomes = repair_stock_levels([convert(named, RepairItem)], actor=request.access.actor)
    except Refusal as refusal:
        outcomes = [Outcome.refused(refusal)]
    tell(request, outcomes, _("The counters are what the ledger says."))
    return redirect(safe_next(request, "/stock/do/self-check/"))
