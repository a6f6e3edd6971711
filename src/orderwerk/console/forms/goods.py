"""The forms of stock and products."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from typing_extensions import override

from orderwerk.catalog.queries import ProductRow
from orderwerk.console.forms.inbound import read_lines
from orderwerk.console.forms.lots import day_field
from orderwerk.console.forms.places import country_choices


class _StockForm(forms.Form):
    """A product at a location, both given by where the form is opened or chosen here."""

    location = forms.ChoiceField(label=_("Stock location"))

    def __init__(
        self,
        *args: Any,  # noqa: ANN401
        places: list[tuple[str, str]],
        by_lot: bool = False,
        **kwargs: Any,  # noqa: ANN401
    ) -> None:
        super().__init__(*args, **kwargs)
        for name in () if by_lot else ("lot", "expires_on"):
            self.fields.pop(name, None)
        if by_lot and "bin" in self.fields:
            self.fields["bin"].help_text = ""
        for name in ("location", "to"):
            if name in self.fields:
                self.fields[name].choices = places  # type: ignore[attr-defined]

    def item(self, sku: str) -> dict[str, Any]:
        """Return the command's item; fields left empty are left out."""
        given = {
            name: value.isoformat() if isinstance(value, date) else value
            for name, value in self.cleaned_data.items()
            if value not in (None, "")
        }
        return {"sku": sku, **given}


class CountForm(_StockForm):
    """What was counted."""

    quantity = forms.IntegerField(label=_("Counted"), min_value=0, max_value=100_000_000)
    bin = forms.CharField(
        label=_("Bin"),
        max_length=60,
        required=False,
        help_text=_("Left empty: the whole location was counted."),
    )
    lot = forms.CharField(label=_("Lot"), max_length=60)


class AdjustForm(_StockForm):
    """A difference with a reason."""

    difference = forms.IntegerField(label=_("Difference"), help_text=_("3 for found, -3 for gone."))
    reason = forms.CharField(label=_("Reason"), max_length=500)
    bin = forms.CharField(label=_("Bin"), max_length=60, required=False)
    lot = forms.CharField(label=_("Lot"), max_length=60)


class ReceiveBlindForm(_StockForm):
    """Pieces that came in and that nobody expected."""

    quantity = forms.IntegerField(label=_("Pieces"), min_value=1, max_value=1_000_000)
    bin = forms.CharField(
        label=_("Bin"),
        max_length=60,
        required=False,
        help_text=_("Left empty: the location's default bin."),
    )
    lot = forms.CharField(label=_("Lot"), max_length=60)
    expires_on = day_field(help_text=_("Left empty: it has no such day, or the lot is known."))
    reference = forms.CharField(
        label=_("Reference"),
        max_length=200,
        required=False,
        help_text=_("What stands on the papers that came along."),
    )


class TransferForm(_StockForm):
    """Pieces that go from one location to another."""

    to = forms.ChoiceField(label=_("To"))
    quantity = forms.IntegerField(label=_("Pieces"), min_value=1, max_value=1_000_000)

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        self.fields["location"].label = _("From")

    @override
    def item(self, sku: str) -> dict[str, Any]:
        """Return the command's item, which calls the first location `from`."""
        values = self.cleaned_data
        return {
            "sku": sku,
            "from": values["location"],
            "to": values["to"],
            "quantity": values["quantity"],
        }


class SafetyForm(_StockForm):
    """Pieces kept back from sale."""

    safety_stock = forms.IntegerField(
        label=_("Safety stock"),
        min_value=0,
        max_value=100_000_000,
        help_text=_("So many pieces are kept back from sale."),
    )


class ChannelForm(_StockForm):
    """What is kept for a shop's orders, and what is not offered to it."""

    shop = forms.ChoiceField(label=_("Shop"))
    reserved = forms.IntegerField(
        label=_("Reserved"),
        min_value=0,
        max_value=100_000_000,
        initial=0,
        help_text=_(
            "Other shops leave so many pieces, less those that this shop's orders hold already."
        ),
    )
    safety_stock = forms.IntegerField(
        label=_("Safety stock"),
        min_value=0,
        max_value=100_000_000,
        initial=0,
        help_text=_("So many pieces are not offered to this shop."),
    )


class ProductForm(forms.Form):
    """A product as the merchant knows it."""

    sku = forms.CharField(label=_("SKU"), max_length=100, help_text=_("It does not change."))
    name = forms.CharField(label=_("Name"), max_length=200)
    gtin = forms.CharField(
        label=_("GTIN"), max_length=20, required=False, help_text=_("The number under the barcode.")
    )
    weight_grams = forms.IntegerField(
        label=_("Weight in grams"), min_value=0, max_value=100_000_000, required=False
    )
    image_url = forms.URLField(
        label=_("Image"), max_length=1000, required=False, assume_scheme="https"
    )
    hs_code = forms.CharField(label=_("HS code"), max_length=20, required=False)
    origin_country = forms.ChoiceField(label=_("Country of origin"), required=False)
    vat_exemption = forms.CharField(
        label=_("Why it is exempt from VAT"),
        max_length=200,
        required=False,
        help_text=_("In words, for invoices; for what is sold at 0 %. Empty: it is not exempt."),
    )
    vat_exemption_code = forms.CharField(
        label=_("Code of the reason"),
        max_length=30,
        required=False,
        help_text=_("Of the list VATEX, such as VATEX-EU-F for second-hand goods."),
    )
    tracking = forms.ChoiceField(
        label=_("Kept by"),
        choices=[("none", _("Article alone")), ("lot", _("Lot")), ("serial", _("Serial number"))],
        widget=forms.RadioSelect,
        initial="none",
        required=False,
        help_text=_(
            "By lot: received, counted and picked by lot, first expired first out; that begins and ends only while none are there. "
            "By serial number: the number of each piece is scanned as it leaves and as it comes back."
        ),
    )
    min_shelf_days = forms.IntegerField(
        label=_("Days that a lot must have left"),
        min_value=0,
        max_value=3650,
        required=False,
        help_text=_(
            "With fewer, its pieces are neither claimed nor picked. 0: until the day itself."
        ),
    )
    substitutes = forms.CharField(
        label=_("Substitutes"),
        required=False,
        max_length=2500,
        help_text=_(
            "SKUs that may be offered in its place when it is short, best first, separated by commas."
        ),
    )
    components = forms.CharField(
        label=_("Consists of"),
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
        help_text=_("Only for a kit: one article a line, its SKU, then how many go into one kit."),
    )

    def __init__(self, *args: Any, product: ProductRow | None = None, **kwargs: Any) -> None:  # noqa: ANN401
        names = (
            "name",
            "gtin",
            "weight_grams",
            "image_url",
            "hs_code",
            "origin_country",
            "vat_exemption",
            "vat_exemption_code",
            "tracking",
            "min_shelf_days",
        )
        known = {name: getattr(product, name) for name in names} if product else {}
        if product:
            known["substitutes"] = ", ".join(product.substitutes)
            known["components"] = "\n".join(f"{x.sku} {x.quantity}" for x in product.components)
        super().__init__(*args, **{**kwargs, "initial": {**kwargs.get("initial", {}), **known}})
        self.fields["origin_country"].choices = country_choices()  # type: ignore[attr-defined]
        self.product = product
        if product:
            del self.fields["sku"]

    def clean_substitutes(self) -> list[str]:
        """Return the skus, each once."""
        words = (word.strip() for word in self.cleaned_data["substitutes"].split(","))
        return list(dict.fromkeys(word for word in words if word))

    def clean_components(self) -> list[dict[str, Any]]:
        """Return the components as the command takes them: none for an article that is no kit."""
        text = self.cleaned_data["components"]
        return read_lines(text) if text.strip() else []

    def item(self) -> dict[str, Any]:
        """Return the command's item; an emptied field is forgotten."""
        values = {name: value if value != "" else None for name, value in self.cleaned_data.items()}
        for name in ("tracking", "min_shelf_days"):
            if values[name] is None:
                del values[name]
        return {"sku": self.product.sku, **values} if self.product else values


class BinForm(forms.Form):
    """A bin, its place in the walking route, its zone and its use."""

    bin = forms.CharField(label=_("Bin"), max_length=60)
    position = forms.IntegerField(
        label=_("Place in the route"),
        min_value=0,
        max_value=999_999,
        initial=0,
        help_text=_("Pickers walk bins by ascending place."),
    )
    zone = forms.CharField(
        label=_("Zone"),
        max_length=60,
        required=False,
        help_text=_("A part of the location that can have walks of its own."),
    )
    use = forms.ChoiceField(
        label=_("Use"),
        choices=[("face", _("Pick face")), ("bulk", _("Bulk")), ("receiving", _("Receiving"))],
        widget=forms.RadioSelect,
        initial="face",
        required=False,
        help_text=_(
            "Bulk is asked only for what the pick faces lack; receiving, where goods come in and wait to be put away, last of all."
        ),
    )
    aisle = forms.IntegerField(
        label=_("Aisle"),
        min_value=0,
        max_value=999,
        required=False,
        help_text=_("Counted from where walks begin; with the depth it tells how far a walk is."),
    )
    depth = forms.IntegerField(label=_("Depth in the aisle"), min_value=0, max_value=1_000_000, required=False)  # fmt: skip
