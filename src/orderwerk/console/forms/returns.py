"""What the forms of returns hold: lines of an order with pieces, reason and fate; reasons and rules of a shop."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from orderwerk.console.forms.seen import SeenForm
from orderwerk.console.forms.serials import piece_refused, typed_serials
from orderwerk.console.refusals import sentence
from orderwerk.core.errors import Refusal
from orderwerk.core.money import format_amount
from orderwerk.orders.rows import LineRow
from orderwerk.return_requests.queries import PolicyRow, ReasonRow
from orderwerk.return_requests.reasons import LANGUAGES
from orderwerk.return_requests.statuses import Outcome, Way, WhenShort
from orderwerk.returns.restock import LotsOf
from orderwerk.returns.serials import SerialsOf

# What can be chosen: its code, its name, and whether it is in use.
Choices = Sequence[tuple[str, str, bool]]
_TYPED = ("quantity", "reason", "fate", "location", "lot", "correction", "wanted", "wanted_quantity", "wanted_price")  # fmt: skip
# What the pages have where a shop has chosen none.
_DEFAULT_COLOUR = "#1f3a8a"
_WORDS = {"nl": _("Dutch"), "en": _("English"), "de": _("German"), "fr": _("French")}


@dataclass(slots=True)
class Entry:
    """One order line on the form, as it was filled in."""

    line: LineRow
    quantity: str = ""
    reason: str = ""
    fate: str = "restock"
    location: str = ""
    correction: str = ""
    lot: str = ""
    serials: str = ""
    wanted: str = ""
    wanted_price: str = ""
    wanted_quantity: str = ""
    announced: int = 0
    error: str = ""
    lots: Sequence[str] = ()
    out: Sequence[str] = ()

    @property
    def left(self) -> int:
        """Pieces that may still come back."""
        return self.line.shipped - self.line.returned - self.line.claimed

    def item(self, *, with_fate: bool) -> dict[str, Any]:
        """Return the line of the command's item."""
        pieces = int(self.quantity) if self.quantity.isdecimal() and len(self.quantity) < 9 else -1
        item: dict[str, Any] = {"order_line_id": str(self.line.id), "quantity": pieces, "reason": self.reason}  # fmt: skip
        if self.wanted:
            item["wanted"] = self._wanted()
        if not with_fate:
            return item
        if self.fate:
            item["disposition"] = self.fate
        if self.fate == "restock" and self.location:
            item["location"] = self.location
        if self.fate == "restock" and self.lot:
            item["lot"] = self.lot
        if self.serials:
            item["serials"] = typed_serials(self.serials)
        if self.correction:
            item["correction"] = self.correction.replace(",", ".").replace("−", "-")
        return item

    def _wanted(self) -> dict[str, Any]:
        wanted: dict[str, Any] = {"sku": self.wanted}
        if self.wanted_quantity:
            wanted["quantity"] = int(self.wanted_quantity) if self.wanted_quantity.isdecimal() and len(self.wanted_quantity) < 9 else -1  # fmt: skip
        if self.wanted_price:
            wanted["unit_price"] = self.wanted_price.replace(",", ".")
        return wanted


@dataclass(slots=True)
class LinesForm:
    """A form with an entry per order line that has something to come back, and a few switches."""

    entries: list[Entry]
    values: dict[str, str] = field(default_factory=dict)
    error: str = ""

    @staticmethod
    def read(
        request: HttpRequest, lines: Sequence[LineRow], announced: Mapping[Any, tuple[int, str]]
    ) -> "LinesForm":
        """Read what was posted; before that, what was announced is filled in."""
        entries = []
        lots = LotsOf([line.id for line in lines])
        left = SerialsOf([line.order_id for line in lines[:1]])
        for line in lines:
            if line.shipped - line.returned - line.claimed <= 0:
                continue
            pieces, reason = announced.get(line.id, (0, ""))
            entry = Entry(line, str(pieces or ""), reason, announced=pieces)
            if request.method == "POST":
                got = {name: request.POST.get(f"{name}-{line.id}", "").strip()[:100] for name in _TYPED}  # fmt: skip
                got["serials"] = request.POST.get(f"serials-{line.id}", "")[:130_000]
                entry = Entry(line, announced=pieces, **got)
            entry.lots, entry.out = lots.several(line.id), left.out(line.id)
            entries.append(entry)
        return LinesForm(entries, {name: request.POST.get(name, "")[:5000] for name in request.POST})  # fmt: skip

    @property
    def chosen(self) -> list[Entry]:
        """The lines of which pieces are entered."""
        return [e for e in self.entries if e.quantity not in {"", "0"}]

    @property
    def is_wrong(self) -> bool:
        """Whether something is said above the form or at a line."""
        return bool(self.error) or any(entry.error for entry in self.entries)

    @property
    def fee(self) -> str:
        """What returning costs the customer as it stands in the form: nothing where it was taken out, or without a credit."""
        typed = self.values.get("fee", "").strip().replace(",", ".")[:100]
        return typed if typed and self.values.get("credit") else "0"

    def lacks_reasons(self) -> bool:
        """Say at each chosen line without a reason that it needs one, and whether any does: none is made up."""
        lacking = [entry for entry in self.chosen if not entry.reason]
        for entry in lacking:
            entry.error = str(_("Choose a reason."))
        return bool(lacking)

    def refuse(self, refusal: Refusal) -> None:
        """Put a refusal at the line that it is about, else above the form."""
        parts = refusal.pointer.strip("/").split("/")
        words = sentence(refusal)
        chosen = self.chosen
        if parts[0] == "lines" and len(parts) > 1 and parts[1].isdecimal() and int(parts[1]) < len(chosen):  # fmt: skip
            entry = chosen[int(parts[1])]
            words = (
                piece_refused(refusal, typed_serials(entry.serials))
                if "serials" in parts
                else words
            )
            entry.error = words
        self.error = words


class ReasonForm(forms.Form):
    """One return reason: its code once, its names per language."""

    code = forms.CharField(
        label=_("Code"),
        max_length=60,
        help_text=_("Short, for the API: letters, digits and dashes. It does not change."),
    )
    position = forms.IntegerField(
        label=_("Place in the list"), min_value=0, max_value=10_000, required=False
    )
    is_active = forms.BooleanField(label=_("In use"), required=False, initial=True)
    field_order = ("code", *(f"name_{language}" for language in LANGUAGES), "position", "is_active")

    def __init__(self, *args: Any, known: ReasonRow | None = None, **kwargs: Any) -> None:  # noqa: ANN401 - Django's signature
        super().__init__(*args, **kwargs)
        for language in LANGUAGES:
            self.fields[f"name_{language}"] = forms.CharField(
                label=_("Name in %(language)s") % {"language": _WORDS[language]},
                max_length=200,
                required=False,
            )
        if known is not None:
            del self.fields["code"]
            self.initial = {"position": known.position, "is_active": known.is_active, **{f"name_{k}": v for k, v in known.names.items()}}  # fmt: skip
        self.order_fields(self.field_order)

    def item(self, code: str) -> dict[str, Any]:
        """Return the command's item."""
        names = {k: self.cleaned_data[f"name_{k}"] for k in LANGUAGES if self.cleaned_data[f"name_{k}"]}  # fmt: skip
        item = {"code": code or self.cleaned_data["code"], "names": names, "is_active": self.cleaned_data["is_active"]}  # fmt: skip
        if self.cleaned_data["position"] is not None:
            item["position"] = self.cleaned_data["position"]
        return item


class PolicyForm(SeenForm):
    """What a shop takes back."""

    outcomes = forms.MultipleChoiceField(
        label=_("Customers may ask for"),
        choices=Outcome.choices,
        widget=forms.CheckboxSelectMultiple,
    )
    fee = forms.CharField(
        label=_("What a return costs the customer"),
        max_length=20,
        help_text=_(
            "Shown to the customer, and taken off the credit invoice, VAT included. Orders in another currency than the shop's pay nothing."
        ),
    )
    exchange_short = forms.ChoiceField(
        label=_("An exchange whose article is not in stock"), choices=WhenShort.choices
    )
    keep_up_to = forms.CharField(
        label=_("Customers may keep what was sold for at most"),
        max_length=20,
        required=False,
        help_text=_(
            "For all of an order together. A colleague may then let them keep what they announced; customers ask for it where it is chosen above. Empty: nothing is kept."
        ),
    )
    store_credit_days = forms.IntegerField(
        label=_("Days that a store credit can be spent"),
        min_value=1,
        max_value=36_500,
        required=False,
        help_text=_("Empty: for ever."),
    )
    gift_returns = forms.BooleanField(
        label=_("Take gifts back from whoever received them"),
        required=False,
        help_text=_(
            "They announce it with order number and postal code, see no prices, and get the store credit; the buyer is not told."
        ),
    )
    free_reasons = forms.MultipleChoiceField(
        label=_("Reasons for which a return costs nothing"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("For a return with none but these reasons."),
    )
    photo_reasons = forms.MultipleChoiceField(
        label=_("Reasons that want a picture"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Customers announce it in the portal with a picture only."),
    )
    checked_reasons = forms.MultipleChoiceField(
        label=_("Reasons about which a colleague decides"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Also where requests are approved by themselves."),
    )
    ways = forms.MultipleChoiceField(
        label=_("How customers may send it back"),
        choices=Way.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_(
            "They choose among these. None: they get a label where the shop has a carrier for returns, and your instructions."
        ),
    )
    drop_locations = forms.MultipleChoiceField(
        label=_("Places to which they may bring it"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    approve_at_once = forms.BooleanField(
        label=_("Approve requests by themselves"),
        required=False,
        help_text=_("What is within the rules needs no colleague's approval."),
    )
    countries = forms.CharField(
        label=_("Countries"),
        required=False,
        max_length=1000,
        help_text=_("Codes such as NL, BE; empty: from everywhere."),
    )
    excluded_skus = forms.CharField(
        label=_("Articles that do not come back"),
        required=False,
        max_length=100_000,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
        help_text=_("One SKU a line."),
    )

    colour = forms.RegexField(
        r"^#[0-9a-fA-F]{6}$",
        label=_("Colour of the customer's pages"),
        required=False,
        widget=forms.TextInput(attrs={"type": "color"}),
    )

    def __init__(
        self, *args: Any, known: PolicyRow, reasons: Choices, places: Choices, **kwargs: Any # noqa: ANN401 - Django's signature
    ) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        fee = format_amount(known.fee_minor, known.currency)
        for name in ("free_reasons", "photo_reasons", "checked_reasons"):
            # One that is not in use any more stays until somebody takes it out.
            chosen = [(c, n) for c, n, active in reasons if active or c in getattr(known, name)]
            self.fields[name].choices = chosen  # type: ignore[attr-defined]
        self.fields["drop_locations"].choices = [(c, n) for c, n, active in places if active]  # type: ignore[attr-defined]
        for language in LANGUAGES:
            self.fields[f"how_{language}"] = forms.CharField(
                label=_("How to send it back, in %(language)s") % {"language": _WORDS[language]},
                required=False,
                max_length=2000,
                widget=forms.Textarea(attrs={"rows": 3}),
            )
        self.initial = {
            "seen": known.version,
            "colour": known.colour or _DEFAULT_COLOUR,
            "outcomes": known.outcomes, "fee": fee, "approve_at_once": known.approve_at_once,
            "exchange_short": known.exchange_short, "store_credit_days": known.store_credit_days,
            "gift_returns": known.gift_returns, "free_reasons": known.free_reasons, "photo_reasons": known.photo_reasons,
            "checked_reasons": known.checked_reasons, "ways": known.ways, "drop_locations": known.drop_locations,
            "keep_up_to": "" if known.keep_up_to_minor is None else format_amount(known.keep_up_to_minor, known.currency),
            "countries": ", ".join(known.countries), "excluded_skus": "\n".join(known.excluded_skus),
            **{f"how_{k}": v for k, v in known.instructions.items()},
        }  # fmt: skip

    def item(self, shop: str) -> dict[str, Any]:
        """Return the command's item."""
        given = self.cleaned_data
        return {
            "shop": shop,
            "outcomes": given["outcomes"],
            "fee": given["fee"].replace(",", "."),
            "approve_at_once": given["approve_at_once"],
            "gift_returns": given["gift_returns"],
            "free_reasons": given["free_reasons"],
            "photo_reasons": given["photo_reasons"],
            "checked_reasons": given["checked_reasons"],
            "ways": given["ways"],
            "drop_locations": given["drop_locations"],
            "exchange_short": given["exchange_short"],
            "store_credit_days": given["store_credit_days"],
            "keep_up_to": given["keep_up_to"].strip().replace(",", ".") or None,
            "countries": given["countries"].upper().replace(",", " ").split(),
            "excluded_skus": [x.strip() for x in given["excluded_skus"].splitlines() if x.strip()],
            "colour": given["colour"].lower(),
            "instructions": {k: given[f"how_{k}"] for k in LANGUAGES if given[f"how_{k}"]},
            "version": given["seen"],
        }


class FindingForm(forms.Form):
    """What lay in a box beside the order's goods."""

    sku = forms.CharField(label=_("Article (SKU)"), max_length=100, required=False)
    text = forms.CharField(
        label=_("Or in words"),
        max_length=500,
        required=False,
        help_text=_("For what is no article of ours."),
    )
    quantity = forms.IntegerField(label=_("Pieces"), min_value=1, max_value=1_000_000, initial=1)
    location = forms.ChoiceField(label=_("Put into stock at"), required=False)

    def __init__(self, *args: Any, places: Sequence[tuple[str, Any]], **kwargs: Any) -> None:  # noqa: ANN401 - Django's signature
        super().__init__(*args, **kwargs)
        self.fields["location"] = forms.ChoiceField(
            label=_("Put into stock at"),
            required=False,
            choices=[("", _("Not into stock")), *places],
        )

    def item(self) -> dict[str, Any]:
        """Return the command's item, without its return."""
        given = self.cleaned_data
        named = {name: given[name] for name in ("sku", "location") if given[name]}
        return {"quantity": given["quantity"], "text": given["text"], **named}
