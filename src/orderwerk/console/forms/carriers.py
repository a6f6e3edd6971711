"""The form of a carrier, and the fields in which one is chosen."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from typing_extensions import override

from orderwerk.console.forms.seen import SeenForm
from orderwerk.shipments.carrier_queries import CarrierRow
from orderwerk.shipments.carriers import MANUAL
from orderwerk.shipments.tracking_links import Ready


class _Offered(forms.TextInput):
    """A field of text that offers what is set up; a script makes a choice of it where the carrier has services."""

    def __init__(self, offered: Mapping[str, Sequence[tuple[str, str]]]) -> None:
        super().__init__()
        self.offered = offered

    @override
    def render(
        self,
        name: str,
        value: Any,
        attrs: dict[str, Any] | None = None,
        renderer: Any = None,
    ) -> SafeString:
        key = f"{(attrs or {}).get('id', name)}-offered"
        data = {"list": key, "data-none": str(_("None chosen"))}
        field = super().render(name, value, {**(attrs or {}), **data}, renderer)
        options = format_html_join(
            "",
            '<option value="{}" data-carrier="{}">{}</option>',
            (
                (code, carrier, words)
                for carrier, pairs in self.offered.items()
                for code, words in pairs
            ),
        )
        return format_html('{}<datalist id="{}">{}</datalist>', field, key, options)


def offer_carriers(
    form: forms.Form, carriers: Sequence[CarrierRow], present: tuple[str, str] = (MANUAL, "")
) -> None:
    """Let the fields `carrier` and `service` of a form choose from what is set up and on, and from what is there already."""
    names = {MANUAL: str(_("By hand, no carrier connected"))}
    names |= {c.code: c.name for c in carriers if c.is_active or c.code == present[0]}
    names.setdefault(*([present[0]] * 2))
    form.fields["carrier"].choices = list(names.items())  # type: ignore[attr-defined]
    offered = {
        carrier.code: [
            (service.code, f"{carrier.name} · {service.name}") for service in carrier.services
        ]
        for carrier in carriers
        if carrier.is_active and carrier.services
    }
    if offered:
        form.fields["service"].widget = _Offered(offered)


class CarrierForm(SeenForm):
    """A carrier: what it is called, where its parcels are followed, which services it has."""

    code = forms.CharField(
        label=_("Code"),
        max_length=60,
        help_text=_("Letters, digits and hyphens; it cannot be changed."),
    )
    name = forms.CharField(label=_("Name"), max_length=200)
    tracking_link = forms.CharField(
        label=_("Tracking link"),
        max_length=500,
        required=False,
        help_text=_(
            "Starts with https://; {code} stands for the tracking code, {postal_code} and {country} for where the parcel goes."
        ),
    )
    services = forms.CharField(
        label=_("Services"),
        max_length=30_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_(
            "One per line: the carrier's code, a space, and what you call it. None: any text can be entered."
        ),
    )
    is_active = forms.BooleanField(label=_("It can be chosen"), required=False, initial=True)

    def __init__(
        self,
        *args: Any,  # noqa: ANN401 - Django's signature
        carrier: CarrierRow | None = None,
        ready: Ready | None = None,
        **kwargs: Any,  # noqa: ANN401 - Django's signature
    ) -> None:
        known: dict[str, Any] = {"seen": 0}
        if carrier:
            lines = [f"{service.code} {service.name}" for service in carrier.services]
            known = {
                "name": carrier.name, "tracking_link": carrier.tracking_link, "services": "\n".join(lines),
                "is_active": carrier.is_active, "seen": carrier.version,
            }  # fmt: skip
        elif ready:
            known |= {"code": ready.code, "name": ready.name, "tracking_link": ready.tracking_link}
        super().__init__(*args, **{**kwargs, "initial": known})
        if carrier:
            del self.fields["code"]

    def item(self, code: str | None) -> dict[str, Any]:
        """Return the carrier as the command takes it; `code` of one that is there."""
        values = self.cleaned_data
        lines = [line.split(None, 1) for line in values["services"].splitlines() if line.strip()]
        services = [{"code": words[0], "name": words[-1].strip()} for words in lines]
        return {
            "code": code or values["code"],
            "name": values["name"],
            "tracking_link": values["tracking_link"],
            "services": services,
            "is_active": values["is_active"],
            "version": values["seen"],
        }
