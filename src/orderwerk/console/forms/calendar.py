"""The part of a stock location's form that says what differs per weekday and on single days."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from babel.core import Locale
from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from orderwerk.stock.calendar import MOST_SPECIAL_DAYS

# So many more single days can be added at once.
_MORE = 3
_SPECIAL = re.compile(r"special[0-9]+_on")
_WEEK = range(1, 8)


class DayRow:
    """The fields of one day as they stand beside each other."""

    def __init__(self, form: forms.Form, prefix: str, title: str = "") -> None:
        self.title = title
        self.fields = [
            form[f"{prefix}_{name}"]
            for name in ("on", "closed", "capacity", "cut_off")
            if f"{prefix}_{name}" in form.fields
        ]


class CalendarForm(forms.Form):
    """Seven weekdays, and the single days that stand there with room for more."""

    def __init__(self, *args: Any, days: int = 0, **kwargs: Any) -> None:  # noqa: ANN401 - Django's signature
        super().__init__(*args, **kwargs)
        sent = sum(1 for name in self.data if _SPECIAL.fullmatch(name))
        self._special = range(min(sent, MOST_SPECIAL_DAYS) if self.is_bound else days + _MORE)
        for day in _WEEK:
            self._add(f"day{day}")
        for index in self._special:
            widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
            self.fields[f"special{index}_on"] = forms.DateField(label=_("Day"), required=False, widget=widget)  # fmt: skip
            self._add(f"special{index}")

    def _add(self, prefix: str) -> None:
        time = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
        self.fields |= {
            f"{prefix}_closed": forms.BooleanField(label=_("Closed"), required=False),
            f"{prefix}_capacity": forms.IntegerField(label=_("Parcels"), min_value=0, max_value=1_000_000, required=False),
            f"{prefix}_cut_off": forms.TimeField(label=_("Cut-off"), required=False, widget=time),
        }  # fmt: skip

    @property
    def week_rows(self) -> Iterator[DayRow]:
        """The weekdays with their names in the reader's language."""
        names = Locale.parse(get_language() or "en").days["stand-alone"]["wide"]
        return (DayRow(self, f"day{day}", str(names[day - 1]).capitalize()) for day in _WEEK)

    @property
    def special_rows(self) -> Iterator[DayRow]:
        """The single days."""
        return (DayRow(self, f"special{index}") for index in self._special)

    def calendar(self) -> dict[str, Any]:
        """Return the days as the command takes them: those that say something."""
        week = [{"day": day, **self._said(f"day{day}")} for day in _WEEK if self._said(f"day{day}")]
        values = self.cleaned_data
        special = [
            {"on": values[f"special{index}_on"].isoformat(), **self._said(f"special{index}")}
            for index in self._special
            if values.get(f"special{index}_on")
        ]
        return {"week": week, "special_days": sorted(special, key=lambda day: day["on"])}

    def _said(self, prefix: str) -> dict[str, Any]:
        values = self.cleaned_data
        capacity, cut_off = values[f"{prefix}_capacity"], values[f"{prefix}_cut_off"]
        found: dict[str, Any] = {}
        if values[f"{prefix}_closed"]:
            found["is_closed"] = True
        if capacity is not None:
            found["capacity"] = capacity
        if cut_off is not None:
            found["cut_off"] = f"{cut_off:%H:%M}"
        return found


def calendar_initial(
    week: Sequence[Mapping[str, Any]], special_days: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """Return stored days as the form shows them."""
    found: dict[str, Any] = {}
    named = [(f"day{day['day']}", day) for day in week]
    named += [(f"special{index}", day) for index, day in enumerate(special_days)]
    for prefix, day in named:
        found |= {
            f"{prefix}_on": day.get("on"),
            f"{prefix}_closed": day.get("is_closed", False),
            f"{prefix}_capacity": day.get("capacity"),
            f"{prefix}_cut_off": day.get("cut_off"),
        }
    return found
