"""The public shape of what is to be expected back."""

from collections.abc import Sequence
from datetime import date, datetime

import msgspec

from orderwerk.return_requests.expected_queries import (
    ExpectedDay,
    ExpectedProduct,
    ExpectedTotals,
)


class ExpectedArticle(msgspec.Struct, frozen=True):
    """Pieces of one article that are announced and not here yet; `since`: when the first of them was announced."""

    sku: str
    name: str
    quantity: int
    requests: int
    since: datetime


class ExpectedOfDay(msgspec.Struct, frozen=True):
    """What was announced on one day of the shop and is not here yet."""

    day: date
    quantity: int
    requests: int


class ExpectedReturns(msgspec.Struct, frozen=True):
    """What open return requests let expect: by article, most pieces first, and by day of announcing, newest first.

    `requests` and `units` count all of it; `more`: there are more articles or days than are told here.
    """

    requests: int
    units: int
    more: bool
    articles: list[ExpectedArticle]
    days: list[ExpectedOfDay]


def expected_returns(
    totals: ExpectedTotals, articles: Sequence[ExpectedProduct], days: Sequence[ExpectedDay]
) -> ExpectedReturns:
    """Return the public shape of what is to be expected back."""
    return ExpectedReturns(
        totals.requests,
        totals.units,
        totals.articles > len(articles) or totals.days > len(days),
        [ExpectedArticle(a.sku, a.name, a.units, a.requests, a.since) for a in articles],
        [ExpectedOfDay(d.day, d.units, d.requests) for d in days],
    )
