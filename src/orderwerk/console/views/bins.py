"""The bins of a stock location, in walking order."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from orderwerk.console.access import PersonRequest, needs
from orderwerk.console.doing import Question, ask
from orderwerk.console.forms.goods import BinForm
from orderwerk.console.lists import Asked, Column, Listing
from orderwerk.console.paging import read_page
from orderwerk.core.decode import convert
from orderwerk.core.outcome import Outcome
from orderwerk.stock.bin_queries import BinFilters, bin_page
from orderwerk.stock.commands.set_bins import BinItem, set_bins
from orderwerk.stock.models import StockLocation

_COLUMNS = (
    Column("position", _("Place in the route"), "number"),
    Column("bin", _("Bin")),
    Column("zone", _("Zone")),
    Column("use", _("Use")),
    Column("products", _("Products"), "number"),
    Column("quantity", _("Pieces"), "number"),
    Column("actions", _("Actions"), hidden=True),
)


@needs("settings:read")
def bin_list(request: PersonRequest, code: str) -> HttpResponse:
    """Show the bins of a location as pickers walk them."""
    location = get_object_or_404(StockLocation, code=code)
    actor = request.access.actor
    asked, page = read_page(
        Asked.read(request, tabs=()),
        lambda a: bin_page(
            actor, BinFilters(location=code), cursor=a.cursor or None, limit=a.limit
        ),
        sort="",
    )
    listing = Listing(
        path=request.path,
        asked=asked,
        columns=_COLUMNS,
        rows=page.items,
        row_template="console/settings/bin_row.html",
        next_cursor=page.next,
        empty_icon="stack-2",
        empty_title=_("No bins"),
        empty_text=_("Add the shelves in the order in which somebody walks past them."),
    )
    context = {"listing": listing, "location": location, "tab": "locations"}
    return render(request, "console/settings/bins.html", context)


@needs("settings:write")
def bin_set(request: PersonRequest, code: str) -> HttpResponse:
    """Add a bin, or give one another place in the route."""
    location = get_object_or_404(StockLocation, code=code)
    known = request.GET.get("bin", "")
    names = ("bin", "position", "zone", "use", "aisle", "depth")
    initial = {name: request.GET[name] for name in names if name in request.GET}
    form = BinForm(request.POST or None, initial=initial)

    def act(filled: BinForm) -> Outcome:
        use = filled.cleaned_data["use"] or None
        item = convert({"location": location.code, **filled.cleaned_data, "use": use}, BinItem)
        return set_bins([item], actor=request.access.actor)[0]

    title = _("Place of a bin") if known else _("Add a bin")
    question = Question(title, _("Save"), reverse("bins", args=[code]), text=location.name)
    return ask(request, question, form, act, _("The bin has its place."))
