"""Reads of plans for cycle counts: per location, with how it stands."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec

from orderwerk.core import keyset, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import NotFound
from orderwerk.core.keyset import Page, Select
from orderwerk.stock.count_plans import due_counts
from orderwerk.stock.visibility import limit_to_places


class CountPlanRow(msgspec.Struct, frozen=True):
    """A location's plan (no id: it has none), with the cycle counts that are open and those that were done lately."""

    id: UUID | None
    location: str
    location_name: str
    a_days: int | None
    b_days: int | None
    c_days: int | None
    basis: str
    look_back_days: int
    most_a_day: int
    updated_at: datetime | None
    version: int
    open_count: int
    counted_30_days: int


class DueRow(msgspec.Struct, frozen=True):
    """A product in a bin that is due to be counted, or soon will be."""

    sku: str
    name: str
    image_url: str | None
    bin: str
    abc: str
    days: int
    counted_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CountPlanFilters:
    """What a list of plans is narrowed to."""

    location: str | None = None
    shop: str | None = None


_COLUMNS = (
    "p.id, l.code, l.name, p.a_days, p.b_days, p.c_days, coalesce(p.basis, 'pieces'), coalesce(p.look_back_days, 90), "
    "coalesce(p.most_a_day, 50), p.updated_at, coalesce(p.version, 0), n.open, n.counted"
)
_COUNTS = (
    " cross join lateral (select count(*) filter (where r.closed_at is null) as open, "
    "count(*) filter (where r.closed_at > now() - interval '30 days') as counted "
    "from stock_count_request r where r.location_id = l.id and r.cause = 'cycle' and r.requested_at > now() - interval '1 year') n"
)
_CONDITIONS = {
    "location": "l.code = %s",
    "shop": "l.id in (select x.location_id from shops_shop_location x join shops_shop s on s.id = x.shop_id where s.code = %s)",
}
_SORT = keyset.sortings(code=(("l.code", "text"),))["code"]


def count_plan_page(
    actor: Actor,
    filters: CountPlanFilters,
    *,
    all_places: bool = False,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[CountPlanRow]:
    """Return one page of plans by location, or with `all_places` also active locations without one; one statement."""
    where = limit_to_places(actor, "l.id")
    where.narrow(filters, _CONDITIONS)
    if all_places:
        where.add("l.is_active")
    join = "left join" if all_places else "join"
    source = f"stock_location l {join} stock_count_plan p on p.location_id = l.id{_COUNTS}"
    rows, more = keyset.fetch_page(Select(_COLUMNS, source, where), _SORT, cursor, limit)
    return Page([CountPlanRow(*row) for row in rows], more)


def count_plan_of(actor: Actor, location: str) -> CountPlanRow:
    """Return the plan of a location, empty where there is none; one statement. Refuses with NotFound."""
    found = count_plan_page(actor, CountPlanFilters(location=location), all_places=True, limit=1)
    if not found.items:
        raise NotFound(f"There is no stock location {location[:60]}.", code="unknown_location")
    return found.items[0]


def count_plan_detail(actor: Actor, plan_id: UUID) -> CountPlanRow:
    """Return one plan; one statement. Refuses with NotFound."""
    where = limit_to_places(actor, "l.id")
    where.add("p.id = %s", plan_id)
    source = f"stock_location l join stock_count_plan p on p.location_id = l.id{_COUNTS}"
    rows = sql.read(f"select {_COLUMNS} from {source} where {where.where()}", where.params)
    if not rows:
        raise NotFound(f"There is no count plan {plan_id}.", code="unknown_count_plan")
    return CountPlanRow(*rows[0])


def due_list(actor: Actor, location: str, *, most: int = 100) -> list[DueRow]:
    """Return what is due at a location by its plan and not asked for yet, the most overdue first; three statements."""
    where = limit_to_places(actor, "l.id")
    where.add("l.code = %s", location)
    places = sql.read(f"select l.id from stock_location l where {where.where()}", where.params)
    due = due_counts([row[0] for row in places], most=most)
    names = sql.read(
        "select t.n, p.sku, p.name, p.image_url, b.code from unnest(%s::int[], %s::uuid[], %s::uuid[]) as t(n, product_id, bin_id) "
        "join catalog_product p on p.id = t.product_id join stock_bin b on b.id = t.bin_id order by t.n",
        [list(range(len(due))), [d.product_id for d in due], [d.bin_id for d in due]],
    )
    return [
        DueRow(sku, name, image, bin_code, due[n].abc, due[n].days, due[n].last_at)
        for n, sku, name, image, bin_code in names
    ]


def locations_with_plan() -> list[str]:
    """Return the active locations that have a plan, for the daily job; one statement."""
    rows = sql.fetch(
        "select l.code from stock_count_plan p join stock_location l on l.id = p.location_id where l.is_active order by l.code"
    )
    return [row[0] for row in rows]
