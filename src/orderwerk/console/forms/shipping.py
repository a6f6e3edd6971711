"""The forms of a shipping rule and of a box."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from orderwerk.console.forms.carriers import offer_carriers
from orderwerk.console.forms.seen import SeenForm
from orderwerk.shipments.carrier_queries import CarrierRow
from orderwerk.shipments.carriers import MANUAL
from orderwerk.shipments.commands.set_box_sizes import BoxSizeItem
from orderwerk.shipments.commands.set_shipping_rules import ShippingRuleItem

_LISTS = ("countries", "methods")
_PLAIN = ("min_weight_grams", "max_weight_grams", "min_value", "max_value")


class ShippingRuleForm(SeenForm):
    """One rule: which shipments it is for, and what it proposes."""

    name = forms.CharField(label=_("Name"), max_length=200)
    countries = forms.CharField(
        label=_("Countries"),
        max_length=1000,
        required=False,
        help_text=_("NL, BE: two letters each, separated by commas."),
    )
    methods = forms.CharField(
        label=_("Delivery methods"),
        max_length=1000,
        required=False,
        help_text=_("As the webshop calls them, separated by commas."),
    )
    min_weight_grams = forms.IntegerField(
        label=_("Weight from, in grams"), min_value=0, max_value=100_000_000, required=False
    )
    max_weight_grams = forms.IntegerField(
        label=_("Weight to, in grams"), min_value=0, max_value=100_000_000, required=False
    )
    min_value = forms.CharField(label=_("Value from"), max_length=20, required=False)
    max_value = forms.CharField(label=_("Value to"), max_length=20, required=False)
    carrier = forms.ChoiceField(label=_("Carrier"))
    service = forms.CharField(label=_("Service"), max_length=200, required=False)

    def __init__(
        self,
        *args: Any,  # noqa: ANN401 - Django's signature
        seen: int,
        carriers: Sequence[CarrierRow],
        rule: ShippingRuleItem | None = None,
        **kwargs: Any,  # noqa: ANN401 - Django's signature
    ) -> None:
        known = _initial(rule) if rule else {}
        super().__init__(*args, **{**kwargs, "initial": known | {"seen": seen}})
        offer_carriers(self, carriers, (rule.carrier, rule.service) if rule else (MANUAL, ""))

    def rule(self) -> dict[str, Any]:
        """Return the rule as the command takes it."""
        values = self.cleaned_data
        rule: dict[str, Any] = {name: values[name] for name in ("name", "carrier", "service")}
        for name in _LISTS:
            rule[name] = [word.strip() for word in values[name].split(",") if word.strip()]
        rule["countries"] = [code.upper() for code in rule["countries"]]
        for name in _PLAIN:
            if values[name] not in (None, ""):
                value = values[name]
                rule[name] = value.replace(",", ".") if isinstance(value, str) else value
        return rule


def _initial(rule: ShippingRuleItem) -> dict[str, Any]:
    plain = {name: getattr(rule, name) for name in ("name", "carrier", "service", *_PLAIN)}
    return plain | {name: ", ".join(getattr(rule, name)) for name in _LISTS}


class BoxSizeForm(SeenForm):
    """One box that people pack in."""

    name = forms.CharField(label=_("Name"), max_length=200)
    length_mm = forms.IntegerField(label=_("Length in mm"), min_value=1, max_value=100_000)
    width_mm = forms.IntegerField(label=_("Width in mm"), min_value=1, max_value=100_000)
    height_mm = forms.IntegerField(label=_("Height in mm"), min_value=1, max_value=100_000)
    weight_grams = forms.IntegerField(
        label=_("Weight of the empty box, in grams"), min_value=0, max_value=100_000, initial=0
    )
    max_weight_grams = forms.IntegerField(
        label=_("Most that goes into it, in grams"),
        min_value=1,
        max_value=100_000_000,
        required=False,
        help_text=_("The smallest box that bears what is packed is proposed."),
    )

    def __init__(
        self,
        *args: Any,  # noqa: ANN401 - Django's signature
        seen: int,
        box: BoxSizeItem | None = None,
        **kwargs: Any,  # noqa: ANN401 - Django's signature
    ) -> None:
        known = {name: getattr(box, name) for name in box.__struct_fields__} if box else {}
        super().__init__(*args, **{**kwargs, "initial": known | {"seen": seen}})

    def box(self) -> dict[str, Any]:
        """Return the box as the command takes it."""
        return {name: value for name, value in self.cleaned_data.items() if name != "seen"}
