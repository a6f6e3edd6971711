"""The form that connects a shop to the carrier that brings its returns."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from orderwerk.return_requests.label_queries import ReturnCarrierRow

_SECRET = {"autocomplete": "off", "spellcheck": "false"}
_KEPT = _("Stored encrypted and not shown. Leave empty to keep it.")


class CarrierForm(forms.Form):
    """The account and the address to which parcels come; the key is never shown again, an empty field keeps it."""

    key = forms.CharField(label=_("API key"), max_length=300, widget=forms.PasswordInput(_SECRET))
    mode = forms.ChoiceField(
        label=_("Works with"),
        choices=[("live", _("real parcels")), ("test", _("the carrier’s sandbox"))],
    )
    customer_code = forms.CharField(
        label=_("Customer code"), max_length=6, help_text=_("Letters, as the contract has them.")
    )
    customer_number = forms.CharField(label=_("Customer number"), max_length=8)
    company = forms.CharField(label=_("Name on the label"), max_length=35)
    reply_number = forms.CharField(
        label=_("Reply number"),
        max_length=5,
        help_text=_("The number of your business reply address (“antwoordnummer”)."),
    )
    postal_code = forms.CharField(label=_("Postal code"), max_length=7)
    city = forms.CharField(label=_("City"), max_length=35)
    is_paperless = forms.BooleanField(
        label=_("Without printing"),
        required=False,
        help_text=_(
            "Customers show a code where they hand the parcel in, and the label is printed there (Smart Returns)."
        ),
    )
    is_automatic = forms.BooleanField(
        label=_("By itself"),
        required=False,
        initial=True,
        help_text=_(
            "Every approved return gets its label at once. Otherwise a colleague asks for it."
        ),
    )
    is_active = forms.BooleanField(
        label=_("In use"),
        required=False,
        initial=True,
        help_text=_("Switched off, customers get your instructions and the return slip only."),
    )

    def __init__(self, *args: Any, known: ReturnCarrierRow | None, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        if known is not None:
            for name, field in self.fields.items():
                field.initial = getattr(known, name, None)
            self.fields["key"].required = False
            self.fields["key"].help_text = _KEPT

    def item(self, shop: str) -> dict[str, Any]:
        """Return the command's item."""
        values = dict(self.cleaned_data)
        key = values.pop("key").strip()
        for name in ("customer_code", "postal_code"):
            values[name] = values[name].strip().upper()
        return {"shop": shop, **values, **({"key": key} if key else {})}
