"""Lists and single objects over HTTP."""

import re
from dataclasses import dataclass, fields, make_dataclass
from typing import Any, get_type_hints
from uuid import UUID

from orderwerk.allocations.rule_queries import routing_detail
from orderwerk.api.call import Call
from orderwerk.api.endpoint import Answer, Handler
from orderwerk.api.resource import Asked, Resource
from orderwerk.api.resources import history
from orderwerk.api.stock_resources import READ_STOCK
from orderwerk.core.decode import check_instant
from orderwerk.core.errors import BadInput, NotFound
from orderwerk.core.keyset import MOST_ROWS, Page, check_limit
from orderwerk.flows.explain_waiting import explain_waiting
from orderwerk.flows.try_rules import MOST_ORDERS, try_routing_rules
from orderwerk.orders.queries import order_detail
from orderwerk.return_requests.expected_queries import (
    ExpectedFilters,
    expected_days,
    expected_products,
    expected_totals,
)
from orderwerk.schemas.expected_returns import expected_returns
from orderwerk.schemas.trials import trial_shape
from orderwerk.schemas.waiting import order_waiting

DEFAULT_LIMIT = 50
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Which page of a list."""

    limit: int = DEFAULT_LIMIT
    cursor: str | None = None


def parameters(resource: Resource) -> type[Any]:
    """Return the dataclass of all query parameters of a list: its filters, its place, and its sort if it has one."""
    hints = get_type_hints(resource.filters)
    columns = [(f.name, hints[f.name], None) for f in fields(resource.filters)]
    sort: list[Any] = [("sort", str, resource.sorts[1])] if resource.sorts else []
    return make_dataclass(
        f"{resource.filters.__name__}Query",
        [*columns, *sort, ("limit", int, DEFAULT_LIMIT), ("cursor", str | None, None)],
        frozen=True,
    )


def list_handler(resource: Resource) -> Handler:
    """Return the handler of one list."""
    kind = parameters(resource)
    names = [f.name for f in fields(resource.filters)]

    def get(call: Call) -> Answer:
        call.need(resource.scopes)
        query = call.query(kind)
        filters = resource.filters(**{name: getattr(query, name) for name in names})
        _check_words(resource, filters)
        _check_instants(filters)
        asked = Asked(
            call.access, filters, query.limit, query.cursor or None, getattr(query, "sort", "")
        )
        return _page(resource.page(asked))

    return get


def _page(page: Page[Any]) -> Answer:
    return Answer.of({"items": page.items, "next": page.next})


def _check_words(resource: Resource, filters: object) -> None:
    for name, words in resource.words.items():
        value = getattr(filters, name)
        if value is not None and value not in words:
            raise BadInput(
                f"{name} is one of {', '.join(words)}.",
                code="invalid_parameter",
                pointer=f"/{name}",
            )


def _check_instants(filters: object) -> None:
    for name in ("placed_after", "placed_before"):
        check_instant(getattr(filters, name, None), f"/{name}")


def id_of(key: str) -> UUID:
    """Return the id in an address; refuses (NotFound) what is none."""
    if not _ID.fullmatch(key):
        raise NotFound("There is no such object.", code="not_found")
    return UUID(key)


def one_handler(resource: Resource) -> Handler:
    """Return the handler of single objects."""
    one = resource.one

    def get(call: Call, key: str) -> Answer:
        call.need(resource.scopes)
        call.no_query()
        if one is None:
            raise NotFound("There is no such object.", code="not_found")
        return Answer.of(one(call.actor, id_of(key)))

    return get


def order_history(call: Call, key: str) -> Answer:
    """Answer one page of an order's history, newest first."""
    call.need(("orders:read",))
    query = call.query(Place)
    page = history(call.actor, id_of(key), cursor=query.cursor or None, limit=query.limit)
    return _page(page)


def order_why_waiting(call: Call, key: str) -> Answer:
    """Answer why pieces of an order wait, as routing sees it now; changes nothing."""
    call.need(READ_STOCK)
    call.no_query()
    detail = order_detail(call.actor, id_of(key))
    return Answer.of(order_waiting(explain_waiting(detail.order.id, call.actor)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Last:
    """How many of the last orders are looked at."""

    limit: int = MOST_ROWS


def up_to(value: int, most: int, name: str) -> int:
    """Return a number from 1 to so many; refuses (BadInput) another."""
    if not 1 <= value <= most:
        raise BadInput(
            f"{name} is a whole number from 1 to {most}.",
            code="invalid_parameter",
            pointer=f"/{name}",
        )
    return value


def routing_trial(call: Call, key: str) -> Answer:
    """Answer what a shop's draft (without one: its rules in force) would make of its last orders; changes nothing."""
    call.need(("settings:read",))
    last = up_to(call.query(Last).limit, MOST_ORDERS, "limit")
    row = routing_detail(call.actor, id_of(key))
    trial = try_routing_rules(row.shop, row.shown, last=last, actor=call.actor)
    return Answer.of(trial_shape(trial))


@dataclass(frozen=True, slots=True, kw_only=True)
class Expecting:
    """Whose returns are expected, and how many articles and days are told at most."""

    shop: str | None = None
    limit: int = DEFAULT_LIMIT


def returns_to_expect(call: Call) -> Answer:
    """Answer what open return requests let expect, by article and by day of announcing."""
    call.need(("returns:read",))
    query = call.query(Expecting)
    limit, filters = check_limit(query.limit), ExpectedFilters(shop=query.shop)
    totals = expected_totals(call.actor, filters)
    articles = expected_products(call.actor, filters, limit=limit)
    days = expected_days(call.actor, filters, limit=limit)
    return Answer.of(expected_returns(totals, articles, days))


def nothing_here(call: Call, rest: str = "") -> Answer:  # noqa: ARG001 - a handler's signature
    """Refuse an address that is none."""
    raise NotFound("There is nothing at this address.", code="not_found")
