"""The forms of picking: make lists, say what was short, give a list to somebody."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

# Codes as picklists.rules reads them: damaged pieces leave the others beside them, anything else empties the bin.
REASONS = (
    ("missing", _("No more there")),
    ("damaged", _("Damaged")),
    ("wrong article", _("Another article lay in the bin")),
    ("other", _("Something else")),
)


class CreateForm(forms.Form):
    """Where to collect, for how many orders, one list each or one walk for all."""

    location = forms.ChoiceField(label=_("Stock location"))
    kind = forms.ChoiceField(
        label=_("Kind"),
        choices=[("single", _("One list per shipment")), ("batch", _("One walk for all of them"))],
        widget=forms.RadioSelect,
        initial="single",
    )
    limit = forms.IntegerField(
        label=_("At most so many shipments"),
        min_value=1,
        max_value=500,
        initial=20,
        help_text=_("The oldest orders that are ready come first."),
    )

    def __init__(self, *args: Any, places: list[tuple[str, str]], **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        self.fields["location"].choices = places  # type: ignore[attr-defined]


class ShortForm(forms.Form):
    """How many were found, and why not more."""

    picked = forms.IntegerField(label=_("Found"), min_value=0)
    reason = forms.ChoiceField(label=_("Why not all"), choices=REASONS)
    note = forms.CharField(label=_("Note"), max_length=200, required=False)

    def __init__(self, *args: Any, left: int, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        self.left = left
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
