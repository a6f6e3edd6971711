"""The form that changes who an order is for and where it goes."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from typing_extensions import override

from orderwerk.console.forms.places import country_choices
from orderwerk.orders.normalise import is_dutch_postal_code
from orderwerk.orders.rows import OrderRow

_PARTS = (
    ("name", _("Name"), 200, True),
    ("company", _("Company"), 200, False),
    ("street", _("Street"), 200, True),
    ("house_number", _("Number"), 200, False),
    ("house_number_suffix", _("Addition"), 200, False),
    ("line2", _("Second line"), 200, False),
    ("postal_code", _("Postal code"), 20, False),
    ("city", _("City"), 200, True),
    ("region", _("Region"), 200, False),
)
# Of the company that is billed: it stands with the billing address.
_NUMBER = "company_number"
_CUSTOMER = ("name", "email", "phone", "company", "vat_number")


class AddressesForm(forms.Form):
    """Customer, delivery address and billing address, with the version that the reader has seen."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    customer_name = forms.CharField(label=_("Name"), max_length=200)
    customer_email = forms.EmailField(label=_("E-mail"), required=False)
    customer_phone = forms.CharField(label=_("Phone"), max_length=40, required=False)
    customer_company = forms.CharField(label=_("Company"), max_length=200, required=False)
    customer_vat_number = forms.CharField(label=_("VAT number"), max_length=200, required=False)
    company_number = forms.CharField(
        label=_("Chamber of Commerce number"), max_length=200, required=False
    )
    same = forms.BooleanField(
        label=_("The billing address is the same as the delivery address"), required=False
    )

    def __init__(self, *args: Any, order: OrderRow, **kwargs: Any) -> None:  # noqa: ANN401 - Django's signature
        super().__init__(*args, **{**kwargs, "initial": _initial(order)})
        self.order = order
        for kind in ("delivery", "billing"):
            for name, label, most, required in _PARTS:
                self.fields[f"{kind}_{name}"] = forms.CharField(
                    label=label, max_length=most, required=required and kind == "delivery"
                )
            choices = country_choices(self.initial.get(f"{kind}_country"))
            self.fields[f"{kind}_country"] = forms.ChoiceField(
                label=_("Country"), choices=choices, required=kind == "delivery"
            )

    @override
    def clean(self) -> dict[str, Any]:
        """Ask for a whole billing address unless it is the delivery address."""
        values = super().clean() or {}
        if not values.get("same"):
            for name in ("name", "street", "city", "country"):
                if not values.get(f"billing_{name}"):
                    self.add_error(f"billing_{name}", _("This field is required."))
        for kind in ("delivery",) if values.get("same") else ("delivery", "billing"):
            self._check_postal_code(kind, values)
        return values

    def _check_postal_code(self, kind: str, values: Mapping[str, Any]) -> None:
        """Refuse a Dutch postal code that cannot be one; what a webshop sent and nobody touched may stay."""
        code, country = (values.get(f"{kind}_{name}") for name in ("postal_code", "country"))
        stored = getattr(self.order, f"{kind}_address")
        is_new = (code, country) != (stored.get("postal_code"), stored.get("country"))
        if is_new and code and country == "NL" and not is_dutch_postal_code(code):
            words = _("A Dutch postal code has four digits and two letters, such as 1234 AB.")
            self.add_error(f"{kind}_postal_code", words)

    def _side(self, kind: str) -> dict[str, forms.BoundField]:
        return {name: self[f"{kind}_{name}"] for name in (*(part[0] for part in _PARTS), "country")}

    def delivery(self) -> dict[str, forms.BoundField]:
        """Return the fields of the delivery address."""
        return self._side("delivery")

    def billing(self) -> dict[str, forms.BoundField]:
        """Return the fields of the billing address."""
        return self._side("billing")

    def _address(self, kind: str) -> dict[str, str | None]:
        names = [name for name, *_rest in _PARTS] + ["country"]
        return {name: self.cleaned_data[f"{kind}_{name}"] or None for name in names}

    def item(self) -> dict[str, Any]:
        """Return the command's item: only what differs from what the order holds now."""
        values, order = self.cleaned_data, self.order
        delivery = self._address("delivery")
        # Some webshops tell the number with both addresses; only that of the billed one is asked for.
        carried = order.delivery_address.get(_NUMBER)
        item: dict[str, Any] = {"order_id": str(order.id), "version": values["version"]}
        delivered = {**delivery, _NUMBER: carried} if carried else delivery
        if not _same(delivered, order.delivery_address):
            item["delivery_address"] = delivered
        billing = delivery if values["same"] else self._address("billing")
        if values[_NUMBER]:
            billing = {**billing, _NUMBER: values[_NUMBER]}
        if not _same(billing, order.billing_address):
            item["billing_address"] = billing
        customer = {name: values[f"customer_{name}"] or None for name in _CUSTOMER}
        if any(
            customer[name] != (getattr(order, f"customer_{name}") or None) for name in _CUSTOMER
        ):
            item["customer"] = {**customer, "external_id": order.customer_external_id}
        return item


def _same(new: Mapping[str, Any], old: Mapping[str, Any]) -> bool:
    return all((new.get(name) or None) == (old.get(name) or None) for name in {*new, *old})


def _initial(order: OrderRow) -> dict[str, Any]:
    values: dict[str, Any] = {f"customer_{name}": getattr(order, f"customer_{name}") for name in _CUSTOMER}  # fmt: skip
    for kind in ("delivery", "billing"):
        address = getattr(order, f"{kind}_address")
        values |= {f"{kind}_{name}": value for name, value in address.items()}
    values["version"] = order.version
    number = order.billing_address.get(_NUMBER)
    values[_NUMBER] = number
    values["same"] = _same(order.billing_address, {**order.delivery_address, _NUMBER: number})
    return values
