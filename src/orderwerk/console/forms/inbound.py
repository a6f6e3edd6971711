"""The forms of goods on their way: what is expected, what is sent, what came in, what will not come."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from orderwerk.console.forms.lots import day_field

_LINES_HELP = _(
    "One article a line: its SKU, then how many. Lines copied from a spreadsheet do as they are."
)


def read_lines(text: str) -> list[dict[str, Any]]:
    """Read lines of "sku quantity" (parted by spaces, a tab, comma or semicolon); refuses (ValidationError) others."""
    found: list[dict[str, Any]] = []
    for position, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        parts = line.replace(";", "\t").replace(",", "\t").rsplit(None, 1)
        if len(parts) != 2 or not parts[1].isascii() or not parts[1].isdigit():
            raise forms.ValidationError(
                _("Line %(position)s is not a SKU and a number: %(line)s"),
                params={"position": position, "line": line.strip()[:80]},
            )
        found.append({"sku": parts[0].strip(), "quantity": int(parts[1])})
    if not found:
        raise forms.ValidationError(_("Name at least one article."))
    return found


class _LinesForm(forms.Form):
    expected_on = forms.DateField(
        label=_("Expected on"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    reference = forms.CharField(label=_("Reference"), max_length=200, required=False)
    lines = forms.CharField(
        label=_("Articles"),
        max_length=100_000,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false"}),
        help_text=_LINES_HELP,
    )

    def clean_lines(self) -> list[dict[str, Any]]:
        """Return the lines as the command takes them."""
        return read_lines(self.cleaned_data["lines"])

    def values(self) -> dict[str, Any]:
        """Return what was filled in."""
        given = {k: v for k, v in self.cleaned_data.items() if v not in (None, "")}
        day = given.get("expected_on")
        return given | ({"expected_on": day.isoformat()} if day else {})


class PurchaseForm(_LinesForm):
    """A purchase order."""

    location = forms.ChoiceField(label=_("Comes to"))
    supplier = forms.CharField(label=_("Supplier"), max_length=200, required=False)
    number = forms.CharField(
        label=_("Number"),
        max_length=60,
        required=False,
        help_text=_("The number of your own purchase order. Left empty: the next one of ours."),
    )
    field_order = ("location", "supplier", "number", "expected_on", "reference", "lines")

    def __init__(self, *args: Any, places: list[tuple[str, str]], **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        self.fields["location"].choices = places  # type: ignore[attr-defined]


class SendForm(_LinesForm):
    """Goods that leave one location for another."""

    origin = forms.ChoiceField(label=_("From"))
    to = forms.ChoiceField(label=_("To"))
    field_order = ("origin", "to", "expected_on", "reference", "lines")

    def __init__(self, *args: Any, places: list[tuple[str, str]], **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        for name in ("origin", "to"):
            self.fields[name].choices = places  # type: ignore[attr-defined]
        if len(places) > 1:
            self.fields["to"].initial = places[1][0]

    def item(self) -> dict[str, Any]:
        """Return the command's item, which calls the origin `from`."""
        values = self.values()
        values["from"] = values.pop("origin")
        return values


class ReceiveForm(forms.Form):
    """How many came in, and the bin they go to."""

    quantity = forms.IntegerField(label=_("Pieces"), min_value=1, max_value=1_000_000)
    bin = forms.CharField(
        label=_("Bin"),
        max_length=60,
        required=False,
        help_text=_("Left empty: the location's default bin."),
    )
    lot = forms.CharField(label=_("Lot"), max_length=60)
    expires_on = day_field(help_text=_("Left empty: it has no such day, or the lot is known."))

    def __init__(self, *args: Any, by_lot: bool, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        if not by_lot:
            del self.fields["lot"], self.fields["expires_on"]

    def values(self) -> dict[str, Any]:
        """Return what was filled in."""
        given = {k: v for k, v in self.cleaned_data.items() if v not in (None, "")}
        day = given.get("expires_on")
        return given | ({"expires_on": day.isoformat()} if day else {})


class CloseForm(forms.Form):
    """Why the rest does not come."""

    reason = forms.CharField(label=_("Reason"), max_length=500)
    back_to_origin = forms.BooleanField(
        label=_("The rest lies at its origin again"),
        required=False,
        help_text=_("Without it these pieces are lost, and the reason stands in the history."),
    )

    def __init__(self, *args: Any, is_transfer: bool, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        if not is_transfer:
            del self.fields["back_to_origin"]
