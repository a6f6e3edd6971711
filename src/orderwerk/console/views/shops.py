"""Settings: the webshops whose orders come here."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _

from orderwerk.console.access import PersonRequest, needs
from orderwerk.console.forms.logos import LogoForm
from orderwerk.console.forms.places import ShopForm
from orderwerk.console.forms.settings import show_refusal
from orderwerk.console.lists import Asked, Column, Listing
from orderwerk.console.refusals import sentence
from orderwerk.core.actor import Actor
from orderwerk.core.decode import convert
from orderwerk.core.errors import Refusal
from orderwerk.invoices import nlcius
from orderwerk.shops.commands.set_logos import LogoItem, set_logos
from orderwerk.shops.commands.upsert import ShopItem, upsert_shops
from orderwerk.shops.models import Shop
from orderwerk.shops.queries import shop_page

_COLUMNS = (
    Column("name", _("Name")),
    Column("currency", _("Currency")),
    Column("invoice", _("Invoices")),
    Column("refund", _("Refunds")),
    Column("ways", _("Ways of working")),
)


def visible_shops(actor: Actor) -> QuerySet[Shop]:
    """Return the shops that an actor may see, by name."""
    found = Shop.objects.order_by("name", "id")
    return found if actor.shop_ids is None else found.filter(id__in=actor.shop_ids)


@needs("settings:read")
def shop_list(request: PersonRequest) -> HttpResponse:
    """Show the shops with their policies."""
    listing = Listing(
        path=request.path,
        asked=Asked(),
        columns=_COLUMNS,
        rows=visible_shops(request.access.actor),
        row_template="console/settings/shop_row.html",
        empty_icon="building-store",
        empty_title=_("No shops yet"),
        empty_text=_("Add your first webshop; its orders can come in right after that."),
    )
    may_add = request.access.may("settings:write") and request.access.actor.shop_ids is None
    return render(
        request,
        "console/settings/shops.html",
        {"listing": listing, "tab": "shops", "may_add": may_add},
    )


@needs("settings:write")
def shop_new(request: PersonRequest) -> HttpResponse:
    """Add a shop."""
    return _edit(request, None)


@needs("settings:write")
def shop(request: PersonRequest, code: str) -> HttpResponse:
    """Show a shop and change it."""
    return _edit(request, get_object_or_404(visible_shops(request.access.actor), code=code))


def _edit(request: PersonRequest, found: Shop | None) -> HttpResponse:
    form = ShopForm(request.POST or None, initial=_initial(found))
    if found is not None:
        del form.fields["code"], form.fields["currency"]
    if request.method == "POST" and form.is_valid() and _is_meant(form, found):
        fixed = (found.code, found.currency) if found else ("", "")
        try:
            item = convert(form.item(*fixed), ShopItem)
            upsert_shops([item], actor=request.access.actor)[0].require()
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(request, _("Saved."))
            return redirect("shops")
    return _page(request, form, found)


def _is_meant(form: ShopForm, found: Shop | None) -> bool:
    # The night after it, names are gone for ever.
    years = form.cleaned_data["fiscal_years"]
    if (
        found is None
        or not years
        or years >= found.fiscal_years
        or form.cleaned_data["fewer_years"]
    ):
        return True
    form.add_error("fewer_years", _("Tick this when it is meant."))
    return False


@needs("settings:write")
def shop_logo(request: PersonRequest, code: str) -> HttpResponse:
    """Show a shop's logo; take another one in, or away."""
    get_object_or_404(visible_shops(request.access.actor), code=code)
    found = next(row for row in shop_page(request.access.actor, code=code).items)
    form = LogoForm(request.POST, request.FILES) if request.method == "POST" else LogoForm()
    if request.method == "POST" and form.is_valid():
        try:
            item = convert({"shop": code, "png": form.picture()}, LogoItem)
            set_logos([item], actor=request.access.actor)[0].require()
        except Refusal as refusal:
            form.add_error("png", sentence(refusal))
        else:
            messages.success(request, _("Saved."))
            return redirect("shop_logo", code)
    context = {"form": form, "shop": found, "tab": "shops"}
    return render(request, "console/settings/logo.html", context, status=422 if form.errors else 200)  # fmt: skip


def _initial(found: Shop | None) -> dict[str, Any]:
    if found is None:
        return {}
    values = {name: getattr(found, name) for name in ShopForm.base_fields if hasattr(found, name)}
    legal = {f"legal_{name}": value for name, value in found.legal.items()}
    hours = ", ".join(f"{method}={n}" for method, n in found.unpaid_hours.items())
    methods = ", ".join(found.on_account_methods)
    return {**values, **legal, "on_account_methods": methods, "unpaid_hours": hours}


def _is_named(found: Shop) -> bool:
    # What an invoice must say of the seller (Directive 2006/112/EC, article 226) and an electronic one cannot do without.
    return all(found.legal.get(name) for name in ("name", "country", "vat_number"))


def _lacks_for_nlcius(form: ShopForm, found: Shop | None) -> list[str]:
    if found is None or not _is_named(found):
        return []
    return [str(form.fields[f"legal_{name}"].label) for name in nlcius.lacks(found.legal)]


def _page(request: HttpRequest, form: ShopForm, found: Shop | None) -> HttpResponse:
    status = 422 if form.errors else 200
    return render(
        request,
        "console/settings/shop.html",
        {
            "form": form,
            "shop": found,
            "tab": "shops",
            "lacks": found is not None and not _is_named(found),
            "nlcius_lacks": _lacks_for_nlcius(form, found),
        },
        status=status,
    )
