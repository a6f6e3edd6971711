"""The form of a plan for cycle counts."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

BASES = [
    ("pieces", _("Pieces that left")),
    ("visits", _("How often something left")),
    ("value", _("What it was sold for")),
]


class CountPlanForm(forms.Form):
    """Every how many days each class is counted, and how classes are made."""

    a_days = forms.IntegerField(
        label=_("Class A, every so many days"),
        min_value=1,
        max_value=730,
        required=False,
        help_text=_("What makes the first 80% of what left. Empty: not counted by turns."),
    )
    b_days = forms.IntegerField(
        label=_("Class B, every so many days"),
        min_value=1,
        max_value=730,
        required=False,
        help_text=_("What makes the next 15%."),
    )
    c_days = forms.IntegerField(
        label=_("Class C, every so many days"),
        min_value=1,
        max_value=730,
        required=False,
        help_text=_("All the rest."),
    )
    basis = forms.ChoiceField(label=_("Classes by"), choices=BASES, widget=forms.RadioSelect)
    look_back_days = forms.IntegerField(label=_("Looking back, in days"), min_value=1, max_value=730)  # fmt: skip
    most_a_day = forms.IntegerField(
        label=_("At most a day"),
        min_value=1,
        max_value=2000,
        help_text=_("So many bins are asked for early each morning, the most overdue first."),
    )

    def values(self) -> dict[str, Any]:
        """Return the plan as the command takes it."""
        return dict(self.cleaned_data)
