"""The part of a stock location's form that says what differs per weekday and on single days."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from babel.core import Locale
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from typing_extensions import override

from orderwerk.console.forms.seen import SeenForm
from orderwerk.stock.calendar import MOST_SPECIAL_DAYS

# So many more single days can be added at once.
_MORE = 3
_SPECIAL = re.compile(r"special(0|[1-9][0-9]{0,2})_on")
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


class CalendarForm(SeenForm):
    """Seven weekdays, and the single days that stand there with room for more.

    `days`: so many single days were there before; None where that is not known of what was sent.
    """

    def __init__(self, *args: Any, days: int | None, **kwargs: Any) -> None:  # noqa: ANN401 - Django's signature
        super().__init__(*args, **kwargs)
        self._days = days
        sent = sorted(int(found[1]) for name in self.data if (found := _SPECIAL.fullmatch(name)))
        # Every row that was sent is read, in the order of the page: what cannot be kept is refused, never left out.
        self._special = sent if self.is_bound else list(range((days or 0) + _MORE))
        for day in _WEEK:
            self._add(f"day{day}")
        for index in self._special:
            widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
            self.fields[f"special{index}_on"] = forms.DateField(label=_("Day"), required=False, widget=widget)  # fmt: skip
            self._add(f"special{index}")

    @override
    def clean(self) -> dict[str, Any]:
        """Refuse more days than a location can have, and a new row that says something of no day."""
        values = super().clean()
        named = sum(1 for index in self._special if values.get(f"special{index}_on"))
        if named > MOST_SPECIAL_DAYS:
            raise ValidationError(
                _("A stock location has %(most)s single days at most, and these are %(named)s: empty the dates of some."),
                params={"most": MOST_SPECIAL_DAYS, "named": named},
            )  # fmt: skip
        # A row that was there before and has lost its date is a day that was taken out.
        new = [] if self._days is None else [i for i in self._special if i >= self._days]
        for prefix in [f"special{index}" for index in new]:
            if values.get(f"{prefix}_on", "wrong") is None and self._said(prefix):
                self.add_error(f"{prefix}_on", _("Say which day this is, or leave the row empty."))
        return values

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
        capacity, cut_off = values.get(f"{prefix}_capacity"), values.get(f"{prefix}_cut_off")
        found: dict[str, Any] = {}
        if values.get(f"{prefix}_closed"):
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
