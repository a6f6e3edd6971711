"""The forms of lots: why one is blocked, and until which day it may be used."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


def day_field(*, required: bool = False, help_text: Any = "") -> forms.DateField:  # noqa: ANN401 - a lazy text
    """Return the field for the day that stands on a lot."""
    return forms.DateField(
        label=_("Use by"),
        required=required,
        help_text=help_text,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )


class BlockForm(forms.Form):
    """Why a lot must not leave."""

    reason = forms.CharField(label=_("Reason"), max_length=500)

    def item(self) -> dict[str, Any]:
        """Return what the command's item says beside the lot."""
        return {"blocked": True, "reason": self.cleaned_data["reason"]}


class FreeForm(forms.Form):
    """That a lot may leave again."""

    def item(self) -> dict[str, Any]:
        """Return what the command's item says beside the lot."""
        return {"blocked": False}


class DayForm(forms.Form):
    """The day until which a lot may be used."""

    expires_on = day_field(help_text=_("Left empty: it has no such day."))

    def item(self) -> dict[str, Any]:
        """Return what the command's item says beside the lot."""
        day = self.cleaned_data["expires_on"]
        return {"expires_on": day.isoformat() if day else None}
