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


class AccountForm(forms.Form):
    """Whose bank account it is to be transferred to."""

    holder = forms.CharField(label=_("Account holder"), max_length=140)
    iban = forms.CharField(
        label=_("IBAN"), max_length=50, widget=forms.TextInput({"autocomplete": "off"})
    )


class FailedForm(forms.Form):
    """The money could not go, and why."""

    note = forms.CharField(label=_("What went wrong"), max_length=500)
