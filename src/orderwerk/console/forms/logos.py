"""The form that takes a shop's logo in."""

import base64

from django import forms
from django.utils.translation import gettext_lazy as _

_MOST_BYTES = 500_000


class LogoForm(forms.Form):
    """A picture, or none: sent without one, the logo is taken away."""

    png = forms.FileField(
        label=_("Picture"),
        required=False,
        widget=forms.ClearableFileInput({"accept": "image/png"}),
        help_text=_(
            "A PNG of at most 1600 by 800 pixels and 64 KB; on paper it becomes at most 6 cm wide. Sent without a picture, the logo is taken away."
        ),
    )

    def picture(self) -> str:
        """Return the picture as the command wants it; more than any logo has is cut off, and refused there."""
        file = self.cleaned_data["png"]
        return base64.b64encode(file.read(_MOST_BYTES)).decode() if file else ""
