"""The forms of picking: make lists, say what was short, give a list to somebody."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _

from orderwerk.console.forms.places import country_choices

# Codes as picklists.rules reads them: damaged pieces leave the others beside them, anything else empties the bin.
REASONS = (
    ("missing", _("No more there")),
    ("damaged", _("Damaged")),
    ("wrong article", _("Another article lay in the bin")),
    ("other", _("Something else")),
)


class CreateForm(forms.Form):
    """Where to collect, for which orders, on which walks."""

    location = forms.ChoiceField(label=_("Stock location"))
    kind = forms.ChoiceField(
        label=_("Walks"),
        choices=[
            ("single", _("One list per shipment")),
            ("singles", _("One-piece orders together")),
            ("totes", _("Several orders, sorted into totes while walking")),
            ("sort", _("Several orders, sorted at a station afterwards")),
        ],
        widget=forms.RadioSelect,
        initial="single",
    )
    limit = forms.IntegerField(
        label=_("At most so many shipments"),
        min_value=1,
        max_value=10_000,
        initial=20,
        help_text=_("The oldest orders that are ready come first."),
    )
    max_orders = forms.IntegerField(label=_("Orders on one walk"), min_value=1, max_value=10_000, required=False)  # fmt: skip
    max_lines = forms.IntegerField(label=_("Lines on one walk"), min_value=1, max_value=10_000, required=False)  # fmt: skip
    max_weight_grams = forms.IntegerField(label=_("Grams on one walk"), min_value=1, max_value=100_000_000, required=False)  # fmt: skip
    max_units = forms.IntegerField(label=_("Pieces of the wave, at most"), min_value=1, max_value=1_000_000, required=False)  # fmt: skip
    min_units = forms.IntegerField(label=_("At least"), min_value=1, max_value=1_000_000, required=False)  # fmt: skip
    split_by = forms.ChoiceField(
        label=_("Walks of their own per"),
        required=False,
        choices=[
            ("", _("No difference")),
            ("carrier", _("Carrier")),
            ("service", _("Service")),
            ("country", _("Country")),
            ("zone", _("Zone")),
            ("cut_off", _("Day of leaving")),
        ],
    )
    carrier = forms.CharField(label=_("Carrier"), max_length=60, required=False)
    service = forms.CharField(label=_("Service"), max_length=200, required=False)
    tag = forms.CharField(label=_("Tag"), max_length=60, required=False)
    country = forms.ChoiceField(label=_("Country"), required=False)
    zone = forms.ChoiceField(label=_("Zone"), required=False)
    before_cut_off = forms.BooleanField(
        label=_("Only what was ordered before the last cut-off"), required=False
    )
    wave = forms.CharField(
        label=_("Name of the wave"),
        max_length=200,
        required=False,
        help_text=_("Left empty: the lists are no wave."),
    )

    def __init__(self, *args: Any, places: list[tuple[str, str]], zones: list[str], **kwargs: Any) -> None:  # noqa: ANN401  # fmt: skip
        super().__init__(*args, **kwargs)
        self.fields["location"].choices = places  # type: ignore[attr-defined]
        self.fields["zone"].choices = [("", _("All")), *((z, z) for z in zones)]  # type: ignore[attr-defined]
        self.fields["country"].choices = [("", _("All")), *country_choices()[1:]]  # type: ignore[attr-defined]

    def item(self, cut_off: datetime | None) -> dict[str, Any]:
        """Return the command's item; what was left empty narrows nothing."""
        values = self.cleaned_data
        batch = values["kind"] != "single"
        item = {
            "location": values["location"],
            "kind": "batch" if batch else "single",
            "limit": values["limit"],
            "carrier": values["carrier"] or None,
            "service": values["service"] or None,
            "tags": [values["tag"]] if values["tag"] else None,
            "countries": [values["country"]] if values["country"] else None,
            "zones": [values["zone"]] if values["zone"] else None,
            "placed_before": cut_off.isoformat() if cut_off and values["before_cut_off"] else None,
            "wave": values["wave"] or None,
        }
        if batch:
            names = ("max_orders", "max_lines", "max_weight_grams", "split_by", "min_units", "max_units")  # fmt: skip
            item |= {"method": values["kind"], **{name: values[name] or None for name in names}}
        return item


class SnoozeForm(forms.Form):
    """Until when a list is set aside, on the clock of its location, and why."""

    day = forms.DateField(label=_("Until"), widget=forms.DateInput(attrs={"type": "date"}))
    time = forms.TimeField(
        label=_("Time"), initial="08:00", widget=forms.TimeInput(attrs={"type": "time"})
    )
    note = forms.CharField(label=_("Note"), max_length=200, required=False)

    def item(self, pick_list_id: str, zone: str) -> dict[str, Any]:
        """Return the command's item."""
        day, hour = self.cleaned_data["day"], self.cleaned_data["time"]
        until = datetime.combine(day, hour, ZoneInfo(zone))
        return {
            "pick_list_id": pick_list_id,
            "until": until.isoformat(),
            "note": self.cleaned_data["note"],
        }


class ShortForm(forms.Form):
    """How many were found, and why not more."""

    picked = forms.IntegerField(label=_("Found"), min_value=0)
    reason = forms.ChoiceField(label=_("Why not all"), choices=REASONS)
    note = forms.CharField(label=_("Note"), max_length=200, required=False)

    def __init__(
        self,
        *args: Any,  # noqa: ANN401 - Django's signature
        left: int,
        substitutes: Sequence[str] = (),
        **kwargs: Any,  # noqa: ANN401 - Django's signature
    ) -> None:
        super().__init__(*args, **kwargs)
        self.left = left
        if substitutes:
            self.fields["substitute"] = forms.ChoiceField(
                label=_("Offer the customer instead"),
                required=False,
                choices=[
                    ("", _("Nothing: look for it elsewhere")),
                    *((sku, sku) for sku in substitutes),
                ],
                help_text=_(
                    "Only for pieces that are found nowhere else; the customer says yes or no by e-mail."
                ),
            )
        self.fields["picked"].initial = 0
        self.fields["picked"].max_value = left - 1  # type: ignore[attr-defined]
        self.fields["picked"].widget.attrs["max"] = left - 1
        self.fields["picked"].help_text = _("of %(n)s asked for") % {"n": left}

    def clean_picked(self) -> int:
        """Refuse as many as were asked for: then nothing is short."""
        picked = int(self.cleaned_data["picked"])
        if picked >= self.left:
            raise forms.ValidationError(_("Then nothing is short; tap Picked instead."))
        return picked

    def reason_text(self) -> str:
        """Return the reason as it is stored."""
        values = self.cleaned_data
        return f"{values['reason']}: {values['note']}" if values["note"] else str(values["reason"])


class AssignForm(forms.Form):
    """Who picks a list."""

    user = forms.ChoiceField(label=_("Who picks it"), required=False)

    def __init__(self, *args: Any, people: list[tuple[str, str]], **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        self.fields["user"].choices = [("", _("Nobody")), *people]  # type: ignore[attr-defined]
