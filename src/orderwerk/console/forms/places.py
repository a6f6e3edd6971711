"""The forms of the settings: shops and stock locations."""

from typing import Any

from babel.core import Locale
from django import forms
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from orderwerk.console.forms.calendar import CalendarForm
from orderwerk.core.clock import time_zones
from orderwerk.core.countries import VAGUE, countries

_FIRST_CURRENCIES = ("EUR", "GBP", "USD", "CHF", "DKK", "NOK", "SEK", "PLN", "CZK", "HUF", "RON")
_CODE_HELP = _("Short, for files and the API: letters, digits and dashes. It does not change.")


def _locale() -> Locale:
    return Locale.parse(get_language() or "en")


def currency_choices() -> list[tuple[str, str]]:
    """Return the currencies of the world, those of Europe first."""
    words = {str(code): str(word) for code, word in _locale().currencies.items()}
    codes = [
        code
        for code in words
        if len(code) == 3 and code.isalpha() and code not in _FIRST_CURRENCIES
    ]
    return [
        (code, f"{code} – {words.get(code, code)}") for code in (*_FIRST_CURRENCIES, *sorted(codes))
    ]


def country_choices(*stored: str | None) -> list[tuple[str, str]]:
    """Return the countries by name, with an empty first choice; `stored`: what is there already and may stay, whatever it is."""
    words = {str(code): str(word) for code, word in _locale().territories.items()}
    # A part of the United Kingdom that trades with the European Union: the Unicode data has no word for it.
    words["XI"] = gettext("Northern Ireland (XI)")
    offered = countries() - VAGUE | set(filter(None, stored))
    named = [(code, words.get(code, code)) for code in offered]
    return [("", "–"), *sorted(named, key=lambda pair: pair[1])]


def hours_of(text: str) -> dict[str, int]:
    """Read "ideal=2, other=48" as hours per payment method; refuses what cannot be read."""
    found: dict[str, int] = {}
    for part in (piece.strip() for piece in text.split(",") if piece.strip()):
        method, _equals, hours = (piece.strip() for piece in part.rpartition("="))
        if not method or not hours.isdecimal() or not 1 <= int(hours[:6]) <= 8784:
            raise forms.ValidationError(
                _("“%(part)s” is not a payment method with its hours, such as ideal=2."),
                params={"part": part},
            )
        found[method] = int(hours)
    return found


_LEGAL = (
    "name", "address", "vat_number", "company_number", "iban", "street", "postal_code", "city", "country",
    "one_stop_shop", "vat_exemption",
)  # fmt: skip


class ShopForm(forms.Form):
    """A shop with its sender, legal identity and policies."""

    code = forms.CharField(label=_("Code"), max_length=60, help_text=_CODE_HELP)
    name = forms.CharField(label=_("Name"), max_length=200)
    currency = forms.ChoiceField(label=_("Currency"), help_text=_("It does not change."))
    locale = forms.ChoiceField(
        label=_("Language for customers"),
        choices=[("nl", "Nederlands"), ("en", "English"), ("de", "Deutsch"), ("fr", "Français")],
    )
    timezone = forms.ChoiceField(label=_("Time zone"), initial="Europe/Amsterdam")
    number_prefix = forms.CharField(
        label=_("Prefix of numbers"),
        max_length=20,
        required=False,
        help_text=_("In front of order and invoice numbers."),
    )
    sender_name = forms.CharField(label=_("Sender's name"), max_length=200, required=False)
    sender_email = forms.EmailField(
        label=_("Sender's e-mail"), required=False, help_text=_("Answers of customers go here.")
    )
    legal_name = forms.CharField(label=_("Company"), max_length=200, required=False)
    legal_address = forms.CharField(
        label=_("Address"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    legal_street = forms.CharField(
        label=_("Street and number"),
        max_length=200,
        required=False,
        help_text=_("Electronic invoices want the address in its parts."),
    )
    legal_postal_code = forms.CharField(label=_("Postal code"), max_length=20, required=False)
    legal_city = forms.CharField(label=_("City"), max_length=200, required=False)
    legal_country = forms.ChoiceField(label=_("Country"), required=False)
    legal_vat_number = forms.CharField(label=_("VAT number"), max_length=200, required=False)
    legal_company_number = forms.CharField(
        label=_("Chamber of Commerce number"), max_length=200, required=False
    )
    legal_iban = forms.CharField(label=_("IBAN"), max_length=200, required=False)
    legal_one_stop_shop = forms.BooleanField(
        label=_("Declares VAT of other member states through the one-stop shop (OSS)"),
        required=False,
        help_text=_("Invoices to consumers in other countries of the EU then say so."),
    )
    legal_vat_exemption = forms.CharField(
        label=_("Why the shop charges no VAT at all"),
        max_length=200,
        required=False,
        help_text=_(
            "Only for a shop that is exempt as a whole, as a small business may be: the ground in the law. It stands on every invoice without VAT."
        ),
    )
    invoice_when = forms.ChoiceField(
        label=_("An order is invoiced when it is"),
        choices=[("placed", _("placed")), ("paid", _("paid")), ("shipped", _("shipped"))],
        initial="paid",
    )
    refund_mode = forms.ChoiceField(
        label=_("Refunds are sent"),
        choices=[
            ("automatic", _("by themselves")),
            ("periodic", _("periodically, after approval")),
            ("manual", _("one by one, after approval")),
        ],
        initial="manual",
        help_text=_("Of refunds from now on; those that wait already are sent as they were made."),
    )
    refund_schedule = forms.RegexField(
        r"^([01][0-9]|2[0-3]):[0-5][0-9]$",
        label=_("Time of the periodic run"),
        required=False,
        strip=True,
        help_text=_(
            "Such as 16:00, which it is when left empty. Refunds that were approved by then are sent."
        ),
    )
    four_eyes_above = forms.RegexField(
        r"^[0-9]{1,13}([.,][0-9]{1,6})?$",
        label=_("Four eyes above"),
        required=False,
        help_text=_(
            "What goes back of a larger credit, or of one in another currency, is approved by somebody else than who caused it. Empty: no limit."
        ),
    )
    return_window_days = forms.IntegerField(
        label=_("Days to return"), min_value=0, max_value=3650, initial=30
    )
    on_account_methods = forms.CharField(
        label=_("Payment methods on account"),
        required=False,
        max_length=400,
        help_text=_("May be shipped before they are paid; separated by commas."),
    )
    erase_after_days = forms.IntegerField(
        label=_("Erase personal data after days"), min_value=30, max_value=36500, required=False,
        help_text=_("After an order was placed and last touched. Invoices stay. Empty: only on request."),
    )  # fmt: skip
    fiscal_years = forms.IntegerField(
        label=_("Keep documents for years"), min_value=5, max_value=30, initial=7, required=False,
        help_text=_("Whole years after the year of issue. Then name and address go from invoices of orders that were erased, and names and accounts from files for the bank. Of the one-stop shop: ten at least."),
    )  # fmt: skip
    fewer_years = forms.BooleanField(
        label=_("Keep them for fewer years than until now: what goes cannot be had back"),
        required=False,
    )
    use_allocation = forms.BooleanField(
        label=_("Allocate orders over stock locations"), required=False, initial=True,
        help_text=_("Without it one location serves everything."),
    )  # fmt: skip
    use_pick_lists = forms.BooleanField(
        label=_("Ship only what has been picked"),
        required=False,
        help_text=_("Without it a shipment may go without a pick list."),
    )
    cancel_while_picking = forms.ChoiceField(
        label=_("Cancelling what is being picked"),
        choices=[
            ("at_once", _("at once: the goods go back")),
            ("ask", _("the warehouse decides")),
        ],
        initial="at_once",
        required=False,
    )

    unpaid_hours = forms.CharField(
        label=_("Hours to pay"),
        required=False,
        max_length=1000,
        help_text=_(
            "By payment method, such as ideal=2, bank transfer=336, other=48. Unpaid orders expire then and free what "
            "they hold. Empty: never."
        ),
    )
    late_payment = forms.ChoiceField(
        label=_("A payment after that"),
        choices=[
            ("revive", _("brings the order back")),
            ("refund", _("is paid back")),
        ],
        initial="revive",
        required=False,
    )

    backorder_release = forms.ChoiceField(
        label=_("Stock for orders that wait"),
        choices=[
            ("automatic", _("by itself, in turn")),
            ("by_hand", _("allocated by hand")),
        ],
        initial="automatic",
        required=False,
        help_text=_("In turn: by priority, then first come."),
    )
    substitute_price = forms.ChoiceField(
        label=_("Price of a substitute"),
        choices=[
            ("lower", _("the lower of both prices")),
            ("ordered", _("that of the ordered article")),
        ],
        initial="lower",
        required=False,
        help_text=_("The customer never pays more than for what was ordered."),
    )
    substitute_hours = forms.IntegerField(
        label=_("Hours to answer about a substitute"),
        min_value=1,
        max_value=2160,
        initial=72,
        required=False,
        help_text=_("Without an answer the order goes on waiting."),
    )
    collect_days = forms.IntegerField(
        label=_("Days that goods lie ready to be collected"),
        min_value=1,
        max_value=365,
        required=False,
        help_text=_("Afterwards somebody is asked to look at it."),
    )
    substitute_when_short = forms.BooleanField(
        label=_("Offer substitutes by itself"),
        required=False,
        help_text=_("After a short pick, the first substitute of the product that is in stock."),
    )

    def clean_unpaid_hours(self) -> dict[str, int]:
        """Read the hours of each method."""
        return hours_of(self.cleaned_data["unpaid_hours"])

    return_portal = forms.BooleanField(
        label=_("Customers announce returns themselves"),
        required=False,
        initial=True,
        help_text=_("On the return portal and on their order's page."),
    )
    withdrawal_portal = forms.BooleanField(
        label=_("Customers withdraw themselves"),
        required=False,
        initial=True,
        help_text=_(
            "The statement that European law gives consumers, whatever else the shop takes back. Off only for a shop that sells to none."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - Django's signature
        super().__init__(*args, **kwargs)
        self.fields["currency"].choices = currency_choices()  # type: ignore[attr-defined]
        self.fields["legal_country"].choices = country_choices(self.initial.get("legal_country"))  # type: ignore[attr-defined]
        self.fields["timezone"].choices = [(zone, zone) for zone in sorted(time_zones())]  # type: ignore[attr-defined]

    def item(self, code: str, currency: str) -> dict[str, Any]:
        """Return the command's item; code and currency come along for a shop that exists."""
        values = dict(self.cleaned_data)
        legal = {name: values.pop(f"legal_{name}") for name in _LEGAL}
        del values["fewer_years"]
        values["four_eyes_above"] = values["four_eyes_above"].replace(",", ".")
        for name in (
            "cancel_while_picking",
            "late_payment",
            "backorder_release",
            "substitute_price",
            "substitute_hours",
            "collect_days",
            "fiscal_years",
        ):
            if not values[name]:
                del values[name]
        if not values["sender_email"]:
            # The command takes an address or nothing at all.
            del values["sender_email"]
        methods = [word.strip() for word in values["on_account_methods"].split(",") if word.strip()]
        given = {"code": code or values["code"], "currency": currency or values["currency"]}
        return {**values, "legal": legal, "on_account_methods": methods, **given}


class LocationForm(CalendarForm):
    """A place that holds stock."""

    code = forms.CharField(label=_("Code"), max_length=60, help_text=_CODE_HELP)
    name = forms.CharField(label=_("Name"), max_length=200)
    priority = forms.IntegerField(
        label=_("Priority"),
        min_value=1,
        max_value=999,
        initial=1,
        help_text=_("1 is asked first when an order is allocated."),
    )
    is_active = forms.BooleanField(
        label=_("Active"),
        required=False,
        initial=True,
        help_text=_(
            "An inactive location gets no new allocations, and what nobody has begun to pick there goes from elsewhere."
        ),
    )
    daily_capacity = forms.IntegerField(
        label=_("Parcels a day"),
        min_value=0,
        max_value=1_000_000,
        required=False,
        help_text=_("A location that has so many for a day is asked last. Left empty: no limit."),
    )
    cut_off = forms.TimeField(
        label=_("Cut-off"),
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        help_text=_("What is allocated later counts for the next day."),
    )
    handling_cost_minor = forms.IntegerField(
        label=_("Cost of a parcel, in cents"),
        min_value=0,
        max_value=1_000_000,
        required=False,
        initial=0,
        help_text=_("For routing rules that ask the cheapest location first."),
    )
    handling_cost_currency = forms.ChoiceField(
        label=_("Currency of the cost"),
        required=False,
        help_text=_(
            "Left empty: that of each shop. Shops in another currency do not know the cost and ask this location after "
            "those whose cost they know."
        ),
    )
    shops = forms.MultipleChoiceField(
        label=_("Shops that may draw from it"), required=False, widget=forms.CheckboxSelectMultiple
    )
    street = forms.CharField(label=_("Street"), max_length=200, required=False)
    house_number = forms.CharField(label=_("House number"), max_length=20, required=False)
    postal_code = forms.CharField(label=_("Postal code"), max_length=20, required=False)
    city = forms.CharField(label=_("City"), max_length=200, required=False)
    country = forms.ChoiceField(label=_("Country"), required=False)
    latitude = forms.FloatField(
        label=_("Latitude"), min_value=-90, max_value=90, required=False,
        help_text=_("In degrees, such as 52.37; for rules that ask the nearest location first. Left empty: where its postal code lies."),
    )  # fmt: skip
    longitude = forms.FloatField(
        label=_("Longitude"), min_value=-180, max_value=180, required=False
    )

    ADDRESS = ("street", "house_number", "postal_code", "city")

    def __init__(self, *args: Any, shops: list[tuple[str, str]], **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        self.fields["shops"].choices = shops  # type: ignore[attr-defined]
        self.fields["country"].choices = country_choices(self.initial.get("country"))  # type: ignore[attr-defined]
        currencies = [("", "–"), *currency_choices()]
        self.fields["handling_cost_currency"].choices = currencies  # type: ignore[attr-defined]

    def item(self, code: str) -> dict[str, Any]:
        """Return the command's item; the code comes along for a location that exists."""
        values = self.cleaned_data
        address: dict[str, str | None] = {
            name: values[name] for name in self.ADDRESS if values[name]
        }
        if address:
            address["name"] = values["name"]
            address["country"] = values["country"] or None
        return {
            "code": code or values["code"],
            "version": values["seen"],
            "name": values["name"],
            "priority": values["priority"],
            "is_active": values["is_active"],
            "daily_capacity": values["daily_capacity"],
            "cut_off": values["cut_off"] and f"{values['cut_off']:%H:%M}",
            "handling_cost_minor": values["handling_cost_minor"] or 0,
            "handling_cost_currency": values["handling_cost_currency"] or None,
            "country": values["country"] or None,
            "latitude": values["latitude"],
            "longitude": values["longitude"],
            "address": address or None,
            **self.calendar(),
        }
