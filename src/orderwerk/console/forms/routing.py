"""The forms of a routing rule and of a group of them."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from orderwerk.allocations.explain import SORTS
from orderwerk.allocations.groups import Group
from orderwerk.allocations.rule_filters import Filters
from orderwerk.allocations.rules import Rule
from orderwerk.console.forms.seen import SeenForm

OTHERWISE = (
    ("backorder", _("wait for stock")),
    ("hold", _("put the order on hold")),
    ("ask", _("ask a person")),
)
_LISTS = ("countries", "postal_codes", "tags", "skus", "customers")
_BOUNDS = (
    "min_weight_grams",
    "max_weight_grams",
    "min_value",
    "max_value",
    "from_day",
    "until_day",
)
_PLAIN = (*_BOUNDS, "most_shipments", "least_value", "most_cost_percent")


def _words(label: Any, help_text: Any = "") -> forms.CharField:  # noqa: ANN401 - translated words
    return forms.CharField(label=label, max_length=5_000, required=False, help_text=help_text)


def _amount(label: Any) -> forms.CharField:  # noqa: ANN401 - translated words
    return forms.CharField(label=label, max_length=20, required=False)


def _grams(label: Any) -> forms.IntegerField:  # noqa: ANN401 - translated words
    return forms.IntegerField(label=label, min_value=0, max_value=100_000_000, required=False)


def _day(label: Any) -> forms.DateField:  # noqa: ANN401 - translated words
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, required=False, widget=widget)


class FilterForm(SeenForm):
    """Which orders something is for."""

    name = forms.CharField(label=_("Name"), max_length=200)
    countries = _words(_("Countries"), _("NL, BE: two letters each, separated by commas."))
    postal_codes = _words(_("Postal codes"), _("Beginnings: 10, 11 for everything in Amsterdam."))
    tags = _words(_("Tags"))
    skus = _words(_("SKUs"))
    customers = _words(_("Customers"), _("Their number at the webshop, or their e-mail."))
    min_weight_grams = _grams(_("Weight from, in grams"))
    max_weight_grams = _grams(_("Weight to, in grams"))
    min_value = _amount(_("Value from"))
    max_value = _amount(_("Value to"))
    from_day = _day(_("Placed from"))
    until_day = _day(_("Placed until"))

    def filters(self) -> dict[str, Any]:
        """Return the name and the filters as the command takes them."""
        return {"name": self.cleaned_data["name"]} | _words_of(self) | _filled(self, _BOUNDS)


def _words_of(form: forms.Form) -> dict[str, Any]:
    found = {
        name: [word.strip() for word in form.cleaned_data[name].split(",") if word.strip()]
        for name in _LISTS
    }
    return found | {"countries": [code.upper() for code in found["countries"]]}


def _filled(form: forms.Form, names: Sequence[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in names:
        value = form.cleaned_data[name]
        if value not in (None, ""):
            found[name] = value.isoformat() if hasattr(value, "isoformat") else value
    for name in ("min_value", "max_value", "least_value"):
        if name in found:
            found[name] = found[name].replace(",", ".")
    return found


class GroupForm(FilterForm):
    """A group of rules: which orders it is for."""

    def __init__(
        self,
        *args: Any,  # noqa: ANN401 - Django's signature
        seen: int,
        group: Group | None = None,
        **kwargs: Any,  # noqa: ANN401 - Django's signature
    ) -> None:
        known = _initial(group) if group else {}
        super().__init__(*args, **{**kwargs, "initial": known | {"seen": seen}})

    def group(self) -> dict[str, Any]:
        """Return the group as the command takes it, without its rules."""
        return self.filters()


class RuleForm(FilterForm):
    """One rule: which orders it is for, where they may be sent from, and how far they may be split."""

    group = forms.ChoiceField(label=_("Group"))
    locations = forms.MultipleChoiceField(
        label=_("Only from"), required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_("None chosen: every location of the shop."),
    )  # fmt: skip
    avoid = forms.MultipleChoiceField(
        label=_("Never from"), required=False, widget=forms.CheckboxSelectMultiple
    )
    first = forms.ChoiceField(
        label=_("Ask first"), choices=[("", "–"), *SORTS.items()], required=False
    )
    second = forms.ChoiceField(label=_("then"), choices=[("", "–"), *SORTS.items()], required=False)
    third = forms.ChoiceField(label=_("then"), choices=[("", "–"), *SORTS.items()], required=False)
    split = forms.ChoiceField(
        label=_("Splitting"),
        choices=[
            ("fewest", _("Over the fewest locations")),
            ("gather", _("Over the fewest locations, then gathered at one by transfer")),
            ("never", _("Never: everything from one location")),
        ],
        widget=forms.RadioSelect,
        initial="fewest",
    )
    most_shipments = forms.IntegerField(
        label=_("At most so many parcels"),
        min_value=1,
        max_value=50,
        required=False,
        help_text=_("The rest that would wait counts as one."),
    )
    least_value = forms.CharField(
        label=_("Each part is worth at least"),
        max_length=20,
        required=False,
        help_text=_("The rest that would wait as well."),
    )
    most_cost_percent = forms.IntegerField(
        label=_("Further parcels cost at most, in % of the order's value"),
        min_value=0,
        max_value=100,
        required=False,
        help_text=_(
            "What a parcel costs stands at each stock location. The cheapest parcel goes in any case; the others count, and "
            "the rest that would wait counts as one."
        ),
    )
    otherwise = forms.ChoiceField(
        label=_("If nothing fits"),
        choices=OTHERWISE,
        help_text=_(
            "For an order of which nothing can be claimed, also for lack of stock. What is left of an order that was claimed in "
            "part waits for stock."
        ),
    )

    def __init__(
        self,
        *args: Any,  # noqa: ANN401 - Django's signature
        seen: int,
        places: list[tuple[str, str]],
        groups: Sequence[str],
        group: str,
        rule: Rule | None = None,
        **kwargs: Any,  # noqa: ANN401 - Django's signature
    ) -> None:
        known = _initial(rule) | _sorts(rule) if rule else {}
        super().__init__(*args, **{**kwargs, "initial": known | {"group": group, "seen": seen}})
        self._groups = groups
        self.fields["group"].choices = [(name, name) for name in groups]  # type: ignore[attr-defined]
        if len(groups) == 1:
            del self.fields["group"]
        for name in ("locations", "avoid"):
            self.fields[name].choices = places  # type: ignore[attr-defined]

    def place(self) -> int:
        """Return which group the rule is wanted in."""
        return self._groups.index(self.cleaned_data.get("group", self._groups[0]))

    def rule(self) -> dict[str, Any]:
        """Return the rule as the command takes it."""
        values = self.cleaned_data
        rule = {name: values[name] for name in ("locations", "avoid", "split", "otherwise")}
        sorts = [values[name] for name in ("first", "second", "third") if values[name]]
        return self.filters() | rule | _filled(self, _PLAIN) | {"sort": list(dict.fromkeys(sorts))}


def _initial(known: Filters) -> dict[str, Any]:
    values = {name: getattr(known, name) for name in known.__struct_fields__}
    return values | {name: ", ".join(values[name]) for name in _LISTS}


def _sorts(rule: Rule) -> dict[str, Any]:
    return dict(zip(("first", "second", "third"), rule.sort, strict=False))
