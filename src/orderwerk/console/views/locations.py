"""Settings: the places that hold stock."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _

from orderwerk.console.access import PersonRequest, needs
from orderwerk.console.forms.calendar import calendar_initial
from orderwerk.console.forms.places import LocationForm
from orderwerk.console.forms.settings import show_refusal
from orderwerk.console.lists import Asked, Column, Listing
from orderwerk.console.views.shops import visible_shops
from orderwerk.core.decode import convert
from orderwerk.core.errors import Refusal
from orderwerk.core.uow import unit_of_work
from orderwerk.shops.commands.link_locations import LocationShops, link_locations
from orderwerk.shops.models import ShopLocation
from orderwerk.stock.commands.upsert_locations import LocationData, upsert_locations
from orderwerk.stock.models import StockLocation

_COLUMNS = (
    Column("name", _("Name")),
    Column("priority", _("Priority"), "number"),
    Column("country", _("Country")),
    Column("shops", _("Shops")),
    Column("status", _("Status")),
)

_PLAIN = (
    "name", "priority", "is_active", "country", "daily_capacity", "cut_off", "handling_cost_minor",
    "handling_cost_currency",
    "latitude",
    "longitude",
)  # fmt: skip


@needs("settings:read")
def location_list(request: PersonRequest) -> HttpResponse:
    """Show the stock locations in the order in which allocation asks them."""
    links: dict[Any, list[str]] = {}
    for location_id, code in ShopLocation.objects.order_by("shop__code").values_list(
        "location_id", "shop__code"
    ):
        links.setdefault(location_id, []).append(code)
    rows = [
        {"location": found, "shops": links.get(found.id, [])}
        for found in StockLocation.objects.order_by("-is_active", "priority", "code")
    ]
    listing = Listing(
        path=request.path,
        asked=Asked(),
        columns=_COLUMNS,
        rows=rows,
        row_template="console/settings/location_row.html",
        empty_icon="building-warehouse",
        empty_title=_("No stock locations yet"),
        empty_text=_("Add the warehouse or store from which you ship."),
    )
    return render(
        request, "console/settings/locations.html", {"listing": listing, "tab": "locations"}
    )


@needs("settings:write")
def location_new(request: PersonRequest) -> HttpResponse:
    """Add a stock location."""
    return _edit(request, None)


@needs("settings:write")
def location(request: PersonRequest, code: str) -> HttpResponse:
    """Show a stock location and change it."""
    return _edit(request, get_object_or_404(StockLocation, code=code))


def _edit(request: PersonRequest, found: StockLocation | None) -> HttpResponse:
    shops = list(visible_shops(request.access.actor).values_list("code", "name"))
    initial = _initial(found, shops)
    # What was sent of another version is refused; until then nobody knows which of its days were there before.
    is_known = request.POST.get("seen") in {None, str(initial["seen"])}
    days = len(found.special_days) if found else 0
    form = LocationForm(
        request.POST or None, initial=initial, shops=shops, days=days if is_known else None
    )
    if found is not None:
        del form.fields["code"]
    if request.method == "POST" and form.is_valid():
        try:
            _save(form, found, request)
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(request, _("Saved."))
            return redirect("locations")
    status = 422 if form.errors else 200
    context = {"form": form, "location": found, "tab": "locations"}
    return render(request, "console/settings/location.html", context, status=status)


def _initial(found: StockLocation | None, shops: list[tuple[str, str]]) -> dict[str, Any]:
    if found is None:
        return {"shops": [code for code, _name in shops], "seen": 0}
    linked = ShopLocation.objects.filter(location=found).values_list("shop__code", flat=True)
    values = {name: getattr(found, name) for name in _PLAIN}
    days = calendar_initial(found.week, found.special_days)
    return {**(found.address or {}), **values, **days, "shops": list(linked), "seen": found.version}


def _save(form: LocationForm, found: StockLocation | None, request: PersonRequest) -> None:
    actor = request.access.actor
    item = convert(form.item(found.code if found else ""), LocationData)
    with unit_of_work(actor):
        upsert_locations([item], actor=actor)[0].require()
        links = LocationShops(location=item.code, shops=form.cleaned_data["shops"])
        link_locations([links], actor=actor)[0].require()
