"""The forms of holds: the rule that puts new orders on hold, and who deals with a hold."""

from typing import Any

import msgspec
from django import forms
from django.utils.translation import gettext_lazy as _

from orderwerk.console.forms.seen import SeenForm
from orderwerk.console.reads.choices import hold_owner_choices
from orderwerk.orders.hold_rules import HoldRule

_LISTS = ("countries", "postal_codes", "tags", "skus", "customers", "domains")
_PLAIN = ("reason", "owner", "hours", "min_value", "max_value")
_BOXES = ("first_order", "countries_differ")


class HandOverForm(forms.Form):
    """Who deals with a hold from now on."""

    owner = forms.ChoiceField(
        label=_("Who deals with it"), required=False, choices=hold_owner_choices
    )


class HoldRuleForm(SeenForm):
    """One rule: which new orders it puts on hold, why, for whom and how long."""

    name = forms.CharField(label=_("Name"), max_length=200)
    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        required=False,
        help_text=_("What colleagues read on the order. Left empty: the name of the rule."),
    )
    owner = forms.ChoiceField(
        label=_("Who deals with it"), required=False, choices=hold_owner_choices
    )
    hours = forms.IntegerField(
        label=_("Released by itself after so many hours"),
        min_value=1,
        max_value=8760,
        required=False,
        help_text=_("Left empty: until somebody releases it."),
    )
    min_value = forms.CharField(label=_("Value from"), max_length=20, required=False)
    max_value = forms.CharField(label=_("Value to"), max_length=20, required=False)
    countries = forms.CharField(
        label=_("Delivery countries"),
        max_length=1000,
        required=False,
        help_text=_("NL, BE: two letters each, separated by commas."),
    )
    countries_differ = forms.BooleanField(
        label=_("The invoice goes to another country than the goods"), required=False
    )
    postal_codes = forms.CharField(
        label=_("Postal codes"),
        max_length=5000,
        required=False,
        help_text=_("Beginnings: 10, 11 for everything in Amsterdam."),
    )
    tags = forms.CharField(label=_("Tags"), max_length=5000, required=False)
    skus = forms.CharField(label=_("SKUs"), max_length=5000, required=False)
    first_order = forms.BooleanField(
        label=_("The first order of this e-mail address"),
        required=False,
        help_text=_("Orders that were cancelled or are on hold do not count."),
    )
    customers = forms.CharField(
        label=_("Customers"),
        max_length=5000,
        required=False,
        help_text=_("Their number at the webshop, or their e-mail."),
    )
    domains = forms.CharField(
        label=_("E-mail domains"),
        max_length=5000,
        required=False,
        help_text=_("What stands behind the @: example.com, also for names below it."),
    )

    def __init__(self, *args: Any, rule: HoldRule | None, seen: int, **kwargs: Any) -> None:  # noqa: ANN401 - Django's signature
        initial = {"seen": seen} | (_initial(rule) if rule else {})
        super().__init__(*args, **{**kwargs, "initial": initial})
        # Who has left meanwhile stays chosen until somebody chooses another: no rule loses its owner by being opened.
        owner = rule.owner if rule else None
        field = self.fields["owner"]
        known = {name for name, _label in field.choices}  # type: ignore[attr-defined]
        if owner and owner not in known:
            field.choices = [*field.choices, (owner, owner)]  # type: ignore[attr-defined]

    def rule(self) -> dict[str, Any]:
        """Return the rule as the command takes it."""
        values = self.cleaned_data
        rule: dict[str, Any] = {name: values[name] for name in ("name", *_BOXES)}
        for name in _LISTS:
            rule[name] = [word.strip() for word in values[name].split(",") if word.strip()]
        rule["countries"] = [code.upper() for code in rule["countries"]]
        for name in _PLAIN:
            if values[name] not in (None, ""):
                rule[name] = values[name]
        for name in ("min_value", "max_value"):
            if name in rule:
                rule[name] = rule[name].replace(",", ".")
        return rule


def _initial(rule: HoldRule) -> dict[str, Any]:
    values = {name: getattr(rule, name) for name in msgspec.structs.asdict(rule)}
    return values | {name: ", ".join(values[name]) for name in _LISTS}
