"""A form that knows which version of a thing was looked at, so that nobody overwrites what he has not seen."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from typing_extensions import override


class SeenForm(forms.Form):
    """What is sent back with it: the version of what it was opened with; 0 where nothing was there."""

    seen = forms.IntegerField(min_value=0, max_value=2**31 - 1, widget=forms.HiddenInput)

    @override
    def clean(self) -> dict[str, Any]:
        """Say above the form what is wrong with the version: nobody sees the field itself."""
        if "seen" in self.errors:
            del self.errors["seen"]
            raise ValidationError(
                _(
                    "Open this page again and repeat the change: the form does not say which version it was opened with."
                )
            )
        return self.cleaned_data
