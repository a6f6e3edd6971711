"""The forms of a shipment: parcels, track & trace, a part of it, a step on its way."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from typing_extensions import override

from orderwerk.console.statuses import STEPS
from orderwerk.shipments.commands.update import MAX_PACKAGES
from orderwerk.shipments.queries import ShipmentDetail, ShipmentLineRow


class TrackForm(forms.Form):
    """Track & trace, typed by hand."""

    tracking_code = forms.CharField(label=_("Tracking code"), max_length=100, required=False)
    tracking_url = forms.URLField(
        label=_("Tracking link"), max_length=1000, required=False, assume_scheme="https"
    )


class PackagesForm(forms.Form):
    """The parcels of a shipment: how many, and the weight of each."""

    count = forms.IntegerField(label=_("Packages"), min_value=1, max_value=MAX_PACKAGES)

    def __init__(self, *args: Any, detail: ShipmentDetail, **kwargs: Any) -> None:  # noqa: ANN401
        packages = detail.parts.packages
        super().__init__(*args, **{**kwargs, "initial": {"count": len(packages)}})
        self.packages = packages
        for package in packages:
            self.fields[f"weight-{package.position}"] = forms.IntegerField(
                label=_("Weight of package %(n)s in grams") % {"n": package.position},
                min_value=0,
                max_value=1_000_000,
                required=False,
                initial=package.weight_grams,
            )

    def item(self, shipment_id: str) -> dict[str, Any]:
        """Return the command's item: every parcel, those added without a weight."""
        wanted = []
        for index in range(self.cleaned_data["count"]):
            known = self.packages[index] if index < len(self.packages) else None
            weight = self.cleaned_data.get(f"weight-{index + 1}")
            wanted.append(
                {"weight_grams": weight, "tracking_code": known.tracking_code if known else ""}
            )
        return {"shipment_id": shipment_id, "packages": wanted}


class PartForm(forms.Form):
    """How many pieces of each line leave now."""

    notify = forms.BooleanField(label=_("Send the customer an e-mail"), required=False)

    def __init__(self, *args: Any, lines: list[ShipmentLineRow], **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        self.lines = lines
        for line in lines:
            self.fields[f"line-{line.id}"] = forms.IntegerField(
                label=f"{line.name} ({line.sku})",
                min_value=0,
                max_value=line.quantity,
                initial=line.quantity,
                help_text=_("of %(n)s") % {"n": line.quantity},
            )

    def chosen(self) -> list[dict[str, Any]]:
        """Return the lines that leave with their quantities."""
        found = []
        for line in self.lines:
            quantity = self.cleaned_data.get(f"line-{line.id}") or 0
            if quantity:
                found.append({"shipment_line_id": str(line.id), "quantity": quantity})
        return found

    @override
    def clean(self) -> dict[str, Any]:
        """Ask for at least one piece."""
        values = super().clean() or {}
        if not self.errors and not self.chosen():
            raise forms.ValidationError(_("Nothing would leave: enter at least one piece."))
        return values


class StepForm(forms.Form):
    """A step of a parcel on its way."""

    status = forms.ChoiceField(
        label=_("What happened"),
        choices=list(STEPS.items()),
    )
    place = forms.CharField(label=_("Place"), max_length=200, required=False)
    text = forms.CharField(label=_("Note"), max_length=500, required=False)


class CancelShipmentForm(forms.Form):
    """Why a shipment does not go."""

    reason = forms.CharField(label=_("Reason"), max_length=200, required=False)
