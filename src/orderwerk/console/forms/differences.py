"""The forms that resolve a difference between a provider and us."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class ExplainForm(forms.Form):
    """What it is, in words; stands at the difference for ever."""

    note = forms.CharField(label=_("What it is"), max_length=500)


class MatchForm(forms.Form):
    """The refund of ours that it is."""

    refund_id = forms.ChoiceField(label=_("Our refund"))

    def __init__(self, *args: Any, refunds: list[tuple[str, str]], **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        self.fields["refund_id"].choices = refunds  # type: ignore[attr-defined]
