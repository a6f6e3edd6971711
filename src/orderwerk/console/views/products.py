"""Products: the list, and the form that adds or changes one."""

from functools import partial

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from orderwerk.catalog.commands.upsert import ProductItem, upsert_products
from orderwerk.catalog.queries import ProductFilters, ProductRow, product_page
from orderwerk.console.access import PersonRequest, needs
from orderwerk.console.doing import Question, ask
from orderwerk.console.downloads import download
from orderwerk.console.forms.goods import ProductForm
from orderwerk.console.lists import Asked, Column, Listing
from orderwerk.console.paging import read_page
from orderwerk.console.views.stock import find_product
from orderwerk.core.actor import Actor
from orderwerk.core.decode import convert
from orderwerk.core.errors import Conflict
from orderwerk.core.keyset import Page
from orderwerk.core.outcome import Outcome

_COLUMNS = (
    Column("sku", _("Product"), sortable=True),
    Column("gtin", _("GTIN")),
    Column("weight", _("Weight"), "number"),
    Column("on_hand", _("On hand"), "number"),
    Column("allocated", _("Allocated"), "number"),
    Column("updated_at", _("Changed"), sortable=True),
)


@needs("stock:read")
def product_list(request: PersonRequest) -> HttpResponseBase:
    """Show the catalogue."""
    actor = request.access.actor
    asked = Asked.read(request, tabs=(), sort="sku")
    read = partial(_read, actor)
    if asked.file:
        return download("products", ProductRow, asked, read)
    asked, page = read_page(asked, read, sort="sku")
    listing = Listing(
        path=request.path,
        asked=asked,
        columns=_COLUMNS,
        rows=page.items,
        row_template="console/products/row.html",
        search=_("SKU, name or GTIN"),
        next_cursor=page.next,
        is_exportable=True,
        empty_icon="box",
        empty_title=_("No products yet"),
        empty_text=_(
            "Add products here or through the API. Orders with articles that are not here come in as well."
        ),
    )
    context = {"listing": listing, "may_change": request.access.may("stock:write")}
    return render(request, "console/products/list.html", context)


def _read(actor: Actor, asked: Asked) -> Page[ProductRow]:
    filters = ProductFilters(q=asked.q or None)
    return product_page(
        actor, filters, sort=asked.sort or "sku", cursor=asked.cursor or None, limit=asked.limit
    )


def _save(request: PersonRequest, form: ProductForm) -> Outcome:
    item = convert(form.item(), ProductItem)
    if form.product is None and _exists(request, item.sku):
        return Outcome.refused(
            Conflict(f"There is a product {item.sku} already.", code="sku_taken", pointer="/sku")
        )
    return upsert_products([item], actor=request.access.actor)[0]


def _exists(request: PersonRequest, sku: str) -> bool:
    found = product_page(request.access.actor, ProductFilters(sku=sku), limit=1)
    return bool(found.items)


@needs("stock:write")
def product_new(request: PersonRequest) -> HttpResponse:
    """Add a product."""
    form = ProductForm(request.POST or None, initial={"sku": request.GET.get("sku", "")[:100]})
    question = Question(_("Add a product"), _("Add"), reverse("products"))
    return ask(request, question, form, lambda f: _save(request, f), _("The product is there now."))


@needs("stock:write")
def product(request: PersonRequest, sku: str) -> HttpResponse:
    """Change a product."""
    found: ProductRow = find_product(request, sku)
    form = ProductForm(request.POST or None, product=found)
    question = Question(
        found.name, _("Save"), reverse("stock_item", args=[found.sku]), text=found.sku
    )
    return ask(request, question, form, lambda f: _save(request, f), _("Saved."))
