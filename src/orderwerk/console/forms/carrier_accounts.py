"""The form that connects a carrier to the account that makes its labels."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from orderwerk.shipments.label_queries import CarrierAccountRow

_SECRET = {"autocomplete": "off", "spellcheck": "false"}
_KEPT = _("Stored encrypted and not shown. Leave empty to keep it.")


class CarrierAccountForm(forms.Form):
    """The account, and which of the carrier's products each service is; the key is never shown again, an empty field keeps it."""

    key = forms.CharField(label=_("API key"), max_length=300, widget=forms.PasswordInput(_SECRET))
    mode = forms.ChoiceField(
        label=_("Works with"),
        choices=[("live", _("real parcels")), ("test", _("the carrier’s sandbox"))],
    )
    customer_code = forms.CharField(
        label=_("Customer code"), max_length=6, help_text=_("Letters, as the contract has them.")
    )
    customer_number = forms.CharField(label=_("Customer number"), max_length=8)
    collection_location = forms.CharField(
        label=_("Collection location"),
        max_length=6,
        help_text=_("Six digits: where the carrier collects your parcels, as the contract has it."),
    )
    products = forms.CharField(
        label=_("Products"),
        max_length=3000,
        initial="3085",
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_(
            "One per line: your service's code, a space, and the carrier's product code. A product code alone is for shipments without a service."
        ),
    )
    is_automatic = forms.BooleanField(
        label=_("By itself"),
        required=False,
        initial=True,
        help_text=_(
            "Every parcel gets its label once it is announced or packed. Otherwise a colleague asks for it."
        ),
    )
    is_active = forms.BooleanField(label=_("In use"), required=False, initial=True)

    def __init__(self, *args: Any, known: CarrierAccountRow | None, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        if known is not None:
            for name, field in self.fields.items():
                field.initial = getattr(known, name, None)
            lines = [f"{each.service} {each.product}".strip() for each in known.products]
            self.fields["products"].initial = "\n".join(lines)
            self.fields["key"].required = False
            self.fields["key"].help_text = _KEPT

    def item(self, carrier: str) -> dict[str, Any]:
        """Return the command's item."""
        values = dict(self.cleaned_data)
        key = values.pop("key").strip()
        values["customer_code"] = values["customer_code"].strip().upper()
        lines = [line.strip().rpartition(" ") for line in values["products"].splitlines()]
        values["products"] = [
            {"service": service.strip(), "product": product}
            for service, _space, product in lines
            if product
        ]
        return {"carrier": carrier, **values, **({"key": key} if key else {})}
