"""The form that connects a shop to a payment provider."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from orderwerk.payments.account_queries import AccountRow
from orderwerk.payments.providers import PROVIDERS

_SECRET = {"autocomplete": "off", "spellcheck": "false"}


class AccountForm(forms.Form):
    """Credentials come in here and are never shown again; an empty field keeps what is stored."""

    key = forms.CharField(label=_("API key"), max_length=300, widget=forms.PasswordInput(_SECRET))
    signing_secret = forms.CharField(
        label=_("Signing secret of the webhook"),
        max_length=300,
        required=False,
        widget=forms.PasswordInput(_SECRET),
        help_text=_("Begins with whsec_. Without it no message is believed to be Stripe's."),
    )
    is_active = forms.BooleanField(
        label=_("In use"),
        required=False,
        initial=True,
        help_text=_("Switched off, refunds are paid by hand and messages are turned away."),
    )

    capture_on_shipment = forms.BooleanField(
        label=_("Capture when goods leave"),
        required=False,
        initial=True,
        help_text=_(
            "What customers have only authorised is taken as far as goods have left, and the rest is let go in the end. "
            "Switch it off where the webshop does so."
        ),
    )

    def __init__(self, *args: Any, provider: str, known: AccountRow | None, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        self.provider = provider
        if not PROVIDERS[provider].signs:
            del self.fields["signing_secret"]
        self.fields["key"].help_text = PROVIDERS[provider].key_hint
        if known is not None:
            self.fields["is_active"].initial = known.is_active
            self.fields["capture_on_shipment"].initial = known.capture_on_shipment
            self.fields["key"].required = False
            self.fields["key"].help_text = _("Stored encrypted and not shown. Leave empty to keep it.")  # fmt: skip
            if known.has_signing_secret:
                self.fields["signing_secret"].help_text = _("Stored encrypted and not shown. Leave empty to keep it.")  # fmt: skip

    def item(self, shop: str) -> dict[str, Any]:
        """Return the command's item."""
        values = self.cleaned_data
        item = {"shop": shop, "provider": self.provider}
        item |= {name: values[name] for name in ("is_active", "capture_on_shipment")}
        for name in ("key", "signing_secret"):
            if values.get(name):
                item[name] = values[name].strip()
        return item
