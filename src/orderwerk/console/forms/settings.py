"""The forms of the settings: people and API tokens."""

from collections.abc import Collection
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _
from typing_extensions import override

from orderwerk.accounts.models import Language, Role, User
from orderwerk.accounts.rules import AREAS
from orderwerk.console.refusals import sentence
from orderwerk.core.errors import Refusal

Codes = tuple[str, ...]
_SCOPE_WORDS = {
    "orders": _("Orders"),
    "stock": _("Stock"),
    "shipping": _("Shipping"),
    "billing": _("Billing"),
    "returns": _("Returns"),
    "refunds": _("Refunds"),
    "settings": _("Settings"),
}


def show_refusal(form: forms.Form, refusal: Refusal) -> None:
    """Put a command's refusal at the field that it names, or above the form."""
    form.add_error(field_of(refusal.pointer, form.fields), sentence(refusal))


def field_of(pointer: str, names: Collection[str]) -> str | None:
    """Return the field that a place in a command's item is typed in; None where no field is.

    A form is flat: `/customer/phone` is `customer_phone`, `/delivery_address/city` is `delivery_city`, `/address/city` is
    `city`.
    """
    parts = pointer.strip("/").split("/")
    whole = "_".join(parts)
    tries = (whole, whole.replace("_address_", "_"), parts[0], parts[-1])
    return next((name for name in tries if name in names), None)


class PlacesForm(forms.Form):
    """The part that limits somebody to shops and stock locations."""

    all_shops = forms.TypedChoiceField(
        label=_("Shops"),
        choices=[("yes", _("All shops")), ("no", _("Only these"))],
        widget=forms.RadioSelect,
        initial="yes",
    )
    shops = forms.MultipleChoiceField(
        label=_("Which shops"), required=False, widget=forms.CheckboxSelectMultiple
    )
    all_locations = forms.TypedChoiceField(
        label=_("Stock locations"),
        choices=[("yes", _("All locations")), ("no", _("Only these"))],
        widget=forms.RadioSelect,
        initial="yes",
    )
    locations = forms.MultipleChoiceField(
        label=_("Which locations"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, places: dict[str, list[tuple[str, str]]], **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        for name in ("shops", "locations"):
            choice = self.fields[name]
            choice.choices = places[name]  # type: ignore[attr-defined]
            choice.when = f"all_{name}=no"  # type: ignore[attr-defined]

    def codes(self, name: str) -> Codes | None:
        """Return the chosen codes; None for all."""
        return None if self.cleaned_data[f"all_{name}"] == "yes" else tuple(self.cleaned_data[name])


class PersonForm(PlacesForm):
    """A person as the owner sees it."""

    name = forms.CharField(label=_("Name"), max_length=120)
    username = forms.CharField(
        label=_("Username"), max_length=64, help_text=_("To log in with; lower case.")
    )
    email = forms.EmailField(
        label=_("E-mail"), required=False, help_text=_("For a forgotten password.")
    )
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices, initial=Role.CUSTOMER_SERVICE)
    language = forms.ChoiceField(label=_("Language"), choices=Language.choices)
    password = forms.CharField(
        label=_("Password"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least 10 characters. The person can change it after logging in."),
    )

    field_order = ("name", "username", "email", "role", "language", "password")

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        for name in ("all_locations", "locations"):
            self.fields[name].when = getattr(self.fields[name], "when", "") or "role=warehouse"  # type: ignore[attr-defined]

    @override
    def clean(self) -> dict[str, Any]:
        """Forget limits to locations for anybody but warehouse people."""
        values = super().clean() or {}
        if values.get("role") != Role.WAREHOUSE:
            values["all_locations"] = "yes"
        return values


class PersonEditForm(PersonForm):
    """A person who exists: the username stays, an empty password stays too."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        del self.fields["username"]
        self.fields["password"].required = False
        self.fields["password"].label = _("New password")
        self.fields["password"].help_text = _(
            "Leave empty to keep it. A new one ends open sessions."
        )


def person_initial(user: User) -> dict[str, Any]:
    """Return what the form shows of a person."""
    return {
        "name": user.name,
        "email": user.email,
        "role": user.role,
        "language": user.language,
        "all_shops": "yes" if user.all_shops else "no",
        "shops": [limit.shop.code for limit in user.shop_limits.all()],
        "all_locations": "yes" if user.all_locations else "no",
        "locations": [limit.location.code for limit in user.location_limits.all()],
    }


class TokenForm(PlacesForm):
    """A new API token."""

    name = forms.CharField(
        label=_("Name"),
        max_length=120,
        help_text=_("Which program uses it, for example: webshop, ERP."),
    )
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"), widget=forms.CheckboxSelectMultiple
    )
    expires_on = forms.DateField(
        label=_("Ends on"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("The last day on which it works; empty for no end."),
    )

    field_order = ("name", "scopes", "expires_on")

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        self.fields["scopes"].choices = [  # type: ignore[attr-defined]
            (f"{area}:{verb}", f"{area}:{verb}") for area in AREAS for verb in ("read", "write")
        ]

    def scope_rows(self) -> list[tuple[Any, str, str]]:
        """Return the table of scopes: word, reading, writing."""
        return [(_SCOPE_WORDS[area], f"{area}:read", f"{area}:write") for area in AREAS]

    def chosen_scopes(self) -> list[str]:
        """Return what is ticked, also after an error."""
        return list(self["scopes"].value() or [])

    def expires_at(self) -> datetime | None:
        """Return the end of the chosen day."""
        day = self.cleaned_data["expires_on"]
        return (
            None
            if day is None
            else datetime.combine(day, time(23, 59, 59), tzinfo=ZoneInfo("Europe/Amsterdam"))
        )
