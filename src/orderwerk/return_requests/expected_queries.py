"""What is to be expected back: what open return requests announce, by article and by day of announcing."""

from dataclasses import dataclass
from datetime import date, datetime

import msgspec

from orderwerk.core import sql
from orderwerk.core.actor import Actor
from orderwerk.core.keyset import Conditions
from orderwerk.orders.visibility import limit_to_orders


class ExpectedProduct(msgspec.Struct, frozen=True):
    """Pieces of one article that are announced and not here yet; `since`: when the first of them was announced."""

    sku: str
    name: str
    image_url: str | None
    units: int
    requests: int
    since: datetime


class ExpectedDay(msgspec.Struct, frozen=True):
    """What was announced on one day and is not here yet."""

    day: date
    units: int
    requests: int


class ExpectedTotals(msgspec.Struct, frozen=True):
    """All that is announced and not here yet, and of how many articles and days of announcing."""

    requests: int
    units: int
    articles: int
    days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedFilters:
    """What is expected back is narrowed to."""

    shop: str | None = None


_EVERY = ExpectedFilters()
_EXPECTED = """
from return_requests_line k join return_requests_request r on r.id = k.request_id
join orders_line l on l.id = k.order_line_id join shops_shop s on s.id = r.shop_id
left join catalog_product p on p.id = l.product_id
where r.status in ('requested', 'approved') and not (r.outcome = 'keep' and r.status = 'requested') and
"""


def _expected(actor: Actor, filters: ExpectedFilters) -> Conditions:
    where = Conditions()
    limit_to_orders(where, actor, order="r.order_id", shop="r.shop_id")
    where.narrow(filters, {"shop": "s.code = %s"})
    return where


def expected_products(
    actor: Actor, filters: ExpectedFilters = _EVERY, *, limit: int = 50
) -> list[ExpectedProduct]:
    """Return what is announced and not here yet, per article, most pieces first; one statement."""
    where = _expected(actor, filters)
    rows = sql.read(
        "select l.sku, max(l.name), max(p.image_url), sum(k.quantity)::int, count(distinct r.id)::int, min(r.created_at) "
        f"{_EXPECTED} {where.where()} group by l.sku order by 4 desc, l.sku limit %s",
        [*where.params, limit],
    )
    return [ExpectedProduct(*row) for row in rows]


def expected_days(
    actor: Actor, filters: ExpectedFilters = _EVERY, *, limit: int = 31
) -> list[ExpectedDay]:
    """Return what is announced and not here yet, per day of announcing in the shop's zone, newest first; one statement."""
    where = _expected(actor, filters)
    rows = sql.read(
        "select (r.created_at at time zone s.timezone)::date, sum(k.quantity)::int, count(distinct r.id)::int "
        f"{_EXPECTED} {where.where()} group by 1 order by 1 desc limit %s",
        [*where.params, limit],
    )
    return [ExpectedDay(*row) for row in rows]


def expected_totals(actor: Actor, filters: ExpectedFilters = _EVERY) -> ExpectedTotals:
    """Return how much is announced and not here yet in all; one statement."""
    where = _expected(actor, filters)
    rows = sql.read(
        "select count(distinct r.id)::int, coalesce(sum(k.quantity), 0)::int, count(distinct l.sku)::int, "
        f"count(distinct (r.created_at at time zone s.timezone)::date)::int {_EXPECTED} {where.where()}",
        where.params,
    )
    return ExpectedTotals(*rows[0])
