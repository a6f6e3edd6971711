"""Draws quantities over time as steps; the template shows the same figures as a list."""

from collections.abc import Sequence
from dataclasses import dataclass

from orderwerk.stock.queries import HistoryDay

WIDTH, HEIGHT = 900, 150
_TOP, _BOTTOM = 8, 2


@dataclass(frozen=True, slots=True)
class Mark:
    """A line across the plot with its quantity."""

    y: float
    quantity: int


@dataclass(frozen=True, slots=True)
class Plot:
    """A drawn history: the outline of the steps, the area below it, marks, and the days on which something moved."""

    outline: str
    area: str
    marks: list[Mark]
    days: Sequence[HistoryDay]
    moved: list[HistoryDay]
    width: int = WIDTH
    height: int = HEIGHT


def stock_plot(days: Sequence[HistoryDay]) -> Plot | None:
    """Draw what lay there at the end of each day; None where nothing ever lay or moved."""
    top = max((day.on_hand for day in days), default=0)
    moved = [day for day in days if day.came or day.went]
    if top == 0 and not moved:
        return None
    scale = max(top, 1)

    def y(quantity: int) -> float:
        return round(_TOP + (HEIGHT - _TOP - _BOTTOM) * (1 - quantity / scale), 1)

    step = WIDTH / len(days)
    points: list[str] = []
    for index, day in enumerate(days):
        points += [f"{round(index * step, 1)},{y(day.on_hand)}", f"{round((index + 1) * step, 1)},{y(day.on_hand)}"]  # fmt: skip
    outline = " ".join(points)
    area = f"0,{HEIGHT} {outline} {WIDTH},{HEIGHT}"
    marks = [Mark(y(n), n) for n in dict.fromkeys((scale, scale // 2)) if n]
    return Plot(outline, area, marks, days, list(reversed(moved)))
