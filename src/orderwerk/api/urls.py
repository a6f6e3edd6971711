"""The addresses of the API, generated from the tables of commands and resources."""

from django.urls import URLPattern, URLResolver, path, re_path

from orderwerk.api.bulk import bulk_handler
from orderwerk.api.commands import COMMANDS
from orderwerk.api.endpoint import endpoint
from orderwerk.api.incoming import incoming
from orderwerk.api.intake import place_order
from orderwerk.api.overviews import OVERVIEWS, overview_handler
from orderwerk.api.papers import GATHERED, PAPERS, gathered_handler, paper_handler
from orderwerk.api.reads import (
    list_handler,
    nothing_here,
    one_handler,
    order_history,
    order_why_waiting,
    returns_to_expect,
    routing_trial,
)
from orderwerk.api.reference import reference
from orderwerk.api.resources import RESOURCES


def _lists() -> list[URLPattern]:
    return [
        path(
            f"v1/{resource.plural}",
            endpoint(GET=list_handler(resource), POST=place_order)
            if resource.plural == "orders"
            else endpoint(GET=list_handler(resource)),
            name=f"api-{resource.plural}",
        )
        for resource in RESOURCES
    ]


_COMMANDS = [
    path(
        f"v1/{command.plural}/{command.verb}",
        endpoint(POST=bulk_handler(command)),
        name=f"api-{command.plural}-{command.verb}",
    )
    for command in COMMANDS
]
_SINGLES = [
    path(
        f"v1/{resource.plural}/<str:key>",
        endpoint(GET=one_handler(resource)),
        name=f"api-{resource.plural}-one",
    )
    for resource in RESOURCES
]
_PAPERS = [
    path(
        f"v1/{paper.plural}/<str:key>{paper.ending}",
        endpoint(GET=paper_handler(paper)),
        name=f"api-{paper.plural}-paper",
    )
    for paper in PAPERS
]
_ANY = endpoint(GET=nothing_here, POST=nothing_here, PUT=nothing_here, PATCH=nothing_here, DELETE=nothing_here)  # fmt: skip

_GATHERED = [
    path(
        f"v1/{gathered.address}",
        endpoint(GET=gathered_handler(gathered)),
        name=f"api-{gathered.name}",
    )
    for gathered in GATHERED
]

# Before the single objects, whose addresses they would be some of.
_EXPECTED = path("v1/return-requests/expected", endpoint(GET=returns_to_expect), name="api-returns-expected")  # fmt: skip

_OVERVIEWS = [
    path(
        f"v1/{overview.address.replace('{id}', '<str:key>')}",
        endpoint(GET=overview_handler(overview)),
        name=f"api-{overview.name}",
    )
    for overview in OVERVIEWS
]

urlpatterns: list[URLPattern | URLResolver] = [
    *_lists(),
    *_COMMANDS,
    *_PAPERS,
    *_GATHERED,
    _EXPECTED,
    *_OVERVIEWS,
    *_SINGLES,
    path("v1/orders/<str:key>/events", endpoint(GET=order_history), name="api-order-events"),
    path("v1/orders/<str:key>/waiting", endpoint(GET=order_why_waiting), name="api-order-waiting"),
    path("v1/routing-rules/<str:key>/try", endpoint(GET=routing_trial), name="api-routing-try"),
    path("v1/incoming/<str:provider>/<str:token>", incoming),
    path("v1/", _ANY),
    path("v1/", reference.urls),
    re_path(r"^.*$", _ANY),
]
