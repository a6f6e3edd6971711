"""Settings: where postal codes lie, for routing rules that ask the nearest location first."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import ngettext

from orderwerk.console.access import PersonRequest, needs
from orderwerk.console.forms.postal_codes import PostalCodesForm
from orderwerk.console.forms.settings import show_refusal
from orderwerk.core.errors import Refusal
from orderwerk.core.outcome import Outcome
from orderwerk.integrations.incoming import Rejected
from orderwerk.stock.commands.upsert_postal_places import upsert_postal_places
from orderwerk.stock.postal_queries import known_postal_codes

_SHOWN = 5


@needs("settings:write")
def postal_codes(request: PersonRequest) -> HttpResponse:
    """Show of which countries postal codes are known, and take more in."""
    form = PostalCodesForm(request.POST, request.FILES) if request.method == "POST" else PostalCodesForm()  # fmt: skip
    if request.method == "POST" and form.is_valid():
        try:
            _take_in(request, form)
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            return redirect("postal_codes")
    context = {"form": form, "countries": known_postal_codes(), "tab": "locations"}
    status = 422 if form.errors else 200
    return render(request, "console/settings/postal_codes.html", context, status=status)


def _take_in(request: PersonRequest, form: PostalCodesForm) -> None:
    incoming = list(form.incoming())
    rejected = [line for part in incoming for line in part.rejected]
    good = [part for part in incoming if part.item is not None]
    outcomes = upsert_postal_places(
        [part.item for part in good if part.item is not None], actor=request.access.actor
    )
    for part, outcome in zip(good, outcomes, strict=True):
        if outcome.error is not None:
            rejected.append(Rejected.by(outcome.error, part.lines[0], part.reference))
    _tell(request, outcomes, rejected)


def _tell(request: PersonRequest, outcomes: list[Outcome], rejected: list[Rejected]) -> None:
    n = sum(outcome.ok for outcome in outcomes)
    if n or not rejected:
        told = ngettext("%(n)s postal code was taken in.", "%(n)s postal codes were taken in.", n)
        messages.success(request, told % {"n": n})
    if rejected:
        shown = "; ".join(f"{line.line}: {line.reason}" for line in rejected[:_SHOWN])
        left = ngettext(
            "%(n)s line was left out, with its number: %(lines)s",
            "%(n)s lines were left out. The first, with their numbers: %(lines)s",
            len(rejected),
        )
        messages.error(request, left % {"n": len(rejected), "lines": shown})
