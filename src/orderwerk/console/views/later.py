"""Sections whose work has not begun: overviews that say honestly that there is nothing, and why."""

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from orderwerk.console.access import PersonRequest, needs

Words = str | Promise


@dataclass(frozen=True, slots=True)
class Later:
    """What an empty section is called and says."""

    title: Words
    icon: str
    head: Words
    text: Words


_REQUESTS = Later(
    _("Return requests"),
    "inbox",
    _("No return requests yet"),
    _(
        "Customers cannot announce returns online in this version yet. What they announce will stand here, with "
        "what to expect back."
    ),
)
_RETURNS = Later(
    _("Returns"),
    "truck-return",
    _("No returns yet"),
    _(
        "Goods that come back cannot be booked in this version yet. Correct stock by hand meanwhile."
    ),
)


def _show(request: PersonRequest, later: Later) -> HttpResponse:
    return render(request, "console/later/page.html", {"later": later})


@needs("returns:read")
def return_requests(request: PersonRequest) -> HttpResponse:
    """Say that there are no return requests yet."""
    return _show(request, _REQUESTS)


@needs("returns:read")
def returns(request: PersonRequest) -> HttpResponse:
    """Say that there are no returns yet."""
    return _show(request, _RETURNS)
