"""All shipments of the list as it is filtered: asked about once, then shipped in parts with a bar that fills, or printed in parts."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import render

from orderwerk.console.access import PersonRequest, needs
from orderwerk.console.doing import MOST_CHOSEN, chosen_ids, is_part
from orderwerk.console.lists import Asked
from orderwerk.console.reads.shipments import shipments_by_id, with_their_parcels
from orderwerk.console.refusals import sentence
from orderwerk.console.views.shipments import BACK, FILTERS, TABS, VERBS, filters_of
from orderwerk.shipments.queries import shipment_ids

# So many at once; whoever has more narrows the list, rather than that some are left out without a word.
MOST_OF_ALL = 1_000
# So many in a request: nobody waits long for the bar to move, nor for the orders that it locks.
_PART = 100
_OFFERED = ("announce", "ship", "notify")


@needs("shipping:read")
def shipments_all(request: PersonRequest) -> HttpResponse:
    """Ask what is to be done with all that the list shows; posted: do it with the first of them, and say how many are left."""
    if not request.access.may("shipping:write"):
        raise PermissionDenied
    if request.method == "POST":
        return _go_on(request)
    asked = Asked.read(request, tabs=TABS, filters=FILTERS)
    if asked.tab != "not_shipped":
        raise Http404
    # One more than may be chosen tells that there are too many.
    found = shipment_ids(request.access.actor, filters_of(asked), most=MOST_OF_ALL + 1)
    # What lies in the parcel of one of these is announced and leaves with it, and is none that is refused, nor counted for itself.
    ids = with_their_parcels(found)
    context: dict[str, Any] = {
        "too_many": len(found) > MOST_OF_ALL,
        "most": MOST_OF_ALL,
        "ids": ids,
        "inside": len(found) - len(ids),
        "verbs": [(verb, VERBS[verb][0]) for verb in _OFFERED],
        "back": BACK,
        "slips": [
            (at + 1, min(at + MOST_CHOSEN, len(found)), found[at : at + MOST_CHOSEN])
            for at in range(0, len(found), MOST_CHOSEN)
        ],
    }
    return _shown(request, "console/shipments/all_ask.html", context)


def _go_on(request: PersonRequest) -> HttpResponse:
    verb = request.POST.get("verb", "")
    if verb not in _OFFERED:
        raise Http404
    ids = chosen_ids(request, most=MOST_OF_ALL)
    part, rest = ids[:_PART], ids[_PART:]
    title, run = VERBS[verb]
    rows = shipments_by_id(request.access.actor, part)
    outcomes = run(rows, request.access.actor)
    refused = request.POST.getlist("refused")[:MOST_OF_ALL]
    refused += [
        f"{row.number}: {sentence(outcome.error)}"
        for row, outcome in zip(rows, outcomes, strict=True)
        if outcome.error is not None
    ]
    done = _count(request, "done") + sum(outcome.ok for outcome in outcomes)
    context = {
        "title": title,
        "verb": verb,
        "rest": rest,
        "refused": refused,
        "done": done,
        "through": done + len(refused),
        "total": done + len(refused) + len(rest),
        "back": BACK,
    }
    return _shown(request, "console/shipments/all_done.html", context)


def _count(request: PersonRequest, name: str) -> int:
    text = request.POST.get(name, "0")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0


def _shown(request: PersonRequest, part: str, context: dict[str, Any]) -> HttpResponse:
    if is_part(request):
        return render(request, part, context)
    return render(request, "console/shipments/all.html", {**context, "part": part})
