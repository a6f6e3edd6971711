"""Short forms that ask for one or two things before something is done."""

from collections.abc import Mapping
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _


class NoForm(forms.Form):
    """Nothing to fill in, only to confirm."""


class ReasonForm(forms.Form):
    """Why something is done; stands in the history."""

    reason = forms.CharField(label=_("Reason"), max_length=500)


REFUNDS = (
    ("whole", _("All of it")),
    ("part", _("A part")),
    ("none", _("Nothing")),
)


class CancelForm(ReasonForm):
    """Why something is cancelled, and how much of what was paid for it goes back."""

    refund = forms.ChoiceField(
        label=_("What goes back of the money"),
        choices=REFUNDS,
        widget=forms.RadioSelect,
        initial="whole",
        required=False,
        help_text=_("What does not go back stays on the invoice, and counts as paid."),
    )
    refund_amount = forms.CharField(
        label=_("The part that goes back, VAT included"), max_length=20, required=False
    )

    def __init__(self, *args: Any, is_paid: bool, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        if not is_paid:
            del self.fields["refund"], self.fields["refund_amount"]

    def choice(self) -> dict[str, Any]:
        """Return what the command takes besides the order and its lines."""
        return {"reason": self.cleaned_data["reason"], **refund_choice(self.cleaned_data)}


def refund_choice(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return what goes back, as the command takes it, from what a form or a page posted."""
    chosen = str(given.get("refund") or "whole")
    amount = str(given.get("refund_amount") or "").strip().replace(",", ".")
    return {"refund": chosen, "refund_amount": (amount or None) if chosen == "part" else None}


class NoteForm(forms.Form):
    """What was done about something; stands in the history."""

    note = forms.CharField(label=_("What was done"), max_length=500)


class HoldForm(ReasonForm):
    """A stop sign: why, and until when."""

    until = forms.DateField(
        label=_("Until"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("Left empty: until somebody releases it."),
    )

    def item(self, order_id: str, timezone: str) -> dict[str, Any]:
        """Return the command's item; a hold ends when its day begins in the shop's zone."""
        day = self.cleaned_data["until"]
        until = datetime.combine(day, time(), ZoneInfo(timezone)) if day else None
        return {
            "order_id": order_id,
            "reason": self.cleaned_data["reason"],
            "until": until.isoformat() if until else None,
        }


class TagForm(forms.Form):
    """One tag."""

    tag = forms.CharField(label=_("Tag"), max_length=60)


class TagsForm(forms.Form):
    """All tags of an order, and whether it is urgent."""

    tags = forms.CharField(
        label=_("Tags"), required=False, max_length=2000, help_text=_("Separated by commas.")
    )
    is_urgent = forms.BooleanField(
        label=_("Urgent"),
        required=False,
        help_text=_("First in line for stock that comes in, for pick lists and for waves."),
    )

    def priority(self, before: int) -> int:
        """Return the order's priority: the one it had, where it was urgent already."""
        return (before or 1) if self.cleaned_data["is_urgent"] else 0

    def names(self) -> list[str]:
        """Return the tags, each once."""
        words = (word.strip() for word in self.cleaned_data["tags"].split(","))
        return list(dict.fromkeys(word for word in words if word))


class CommentForm(forms.Form):
    """What the customer asked for."""

    comment = forms.CharField(
        label=_("The customer's comment"),
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 5}),
    )


class MemoForm(forms.Form):
    """A note for colleagues."""

    text = forms.CharField(
        label=_("New memo"),
        max_length=10000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_(
            "Customers never see memos. Write @ and a username, and that colleague is told."
        ),
    )


class GatherForm(forms.Form):
    """Where an order is gathered, and when the rest is expected there."""

    to = forms.ChoiceField(label=_("Leaves from"))
    expected_on = forms.DateField(
        label=_("Expected on"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
    )

    def __init__(self, *args: Any, places: list[tuple[str, str]], **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        self.fields["to"].choices = places  # type: ignore[attr-defined]


class PlaceForm(forms.Form):
    """One stock location."""

    location = forms.ChoiceField(label=_("Stock location"))

    def __init__(self, *args: Any, places: list[tuple[str, str]], **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        self.fields["location"].choices = places  # type: ignore[attr-defined]
