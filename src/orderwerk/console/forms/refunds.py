"""The forms of a refund that is paid by hand."""

from django import forms
from django.utils.translation import gettext_lazy as _


class PaidForm(forms.Form):
    """The money has gone: how the bank calls it."""

    reference = forms.CharField(
        label=_("Reference of the bank"),
        max_length=200,
        required=False,
        help_text=_("Stands in the history, so that the transfer can be found."),
    )


class FailedForm(forms.Form):
    """The money could not go, and why."""

    note = forms.CharField(label=_("What went wrong"), max_length=500)
