"""Asks for bins to be counted and notes that they were: one open request per product and bin, all under the level's lock."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from orderwerk.core import clock, ids, sql
from orderwerk.core.actor import Actor
from orderwerk.core.uow import STILL, Subject, UnitOfWork
from orderwerk.stock.events import STOCK_COUNT_REQUESTED
from orderwerk.stock.shelves import Shelf

TOLD_LATE = "told after it was counted"


@dataclass(frozen=True, slots=True)
class ToCount:
    """A product in a bin that somebody should count, and why."""

    product_id: UUID
    location_id: UUID
    bin_id: UUID
    reason: str
    cause: str = "asked"


def count_again(
    shelf: Shelf, bins: Collection[UUID], at: datetime | None, *, changes_total: bool = False
) -> list[ToCount]:
    """Return the bins that were counted after `at`: that count may have seen what is only told now, or not.

    `changes_total`: pieces came to the location, so that a count of all of it counts too; what only moved within it was there.
    """
    if at is None:
        return []
    counted = {
        row.bin_id for row in shelf.bins if row.counted_at is not None and row.counted_at > at
    }
    whole = shelf.level.counted_at
    if changes_total and whole is not None and whole > at:
        counted |= set(bins)
    return [
        ToCount(shelf.product_id, shelf.location_id, each, TOLD_LATE)
        for each in sorted(counted & set(bins))
    ]


def count_bins_again(
    shelf: Shelf, bins: Collection[UUID], at: datetime | None, *, named: bool
) -> list[ToCount]:
    """Return the bins that are to be counted since pieces left the location at `at`, as is told only now.

    Where all of the location was counted since, what that count missed was taken off in any of its bins: all of them. Where one of
    its bins was, and nobody said which one the pieces left (not `named`): that one, and those that they are taken off in the books.
    """
    whole = shelf.level.counted_at
    if at is None:
        return []
    if whole is not None and whole > at:
        wanted = {r.bin_id for r in shelf.bins if r.kind == "pick" and (r.quantity or r.counted_at)}
        wanted |= {r.bin_id for r in shelf.bins if r.kind == "pick" and r.bin_id in bins}
    elif named:
        return count_again(shelf, bins, at)
    else:
        rows = [row for row in shelf.bins if row.kind == "pick"]
        wanted = {r.bin_id for r in rows if r.counted_at is not None and r.counted_at > at}
        wanted |= {r.bin_id for r in rows if wanted and r.bin_id in bins}
    return [
        ToCount(shelf.product_id, shelf.location_id, each, TOLD_LATE) for each in sorted(wanted)
    ]


_REQUEST = """
with made as (
  insert into stock_count_request (id, product_id, location_id, bin_id, reason, cause, requested_at, requested_by, closed_by)
  select t.id, t.product_id, t.location_id, t.bin_id, t.reason, t.cause, %s, %s, ''
  from unnest(%s::uuid[], %s::uuid[], %s::uuid[], %s::uuid[], %s::text[], %s::text[])
    as t(id, product_id, location_id, bin_id, reason, cause)
  on conflict (product_id, bin_id) where closed_at is null do nothing
  returning product_id, location_id, bin_id, reason
)
select m.location_id, m.product_id, p.sku, l.code, b.code, m.reason from made m join catalog_product p on p.id = m.product_id
join stock_location l on l.id = m.location_id join stock_bin b on b.id = m.bin_id
order by p.sku, b.code
"""


def request_counts(unit: UnitOfWork, wanted: Sequence[ToCount]) -> list[UUID]:
    """Ask for counts in one statement; a bin that is asked for already stays as it is. The levels are locked.

    Returns the location of each request that was made.
    """
    once = {(each.product_id, each.bin_id): each for each in wanted}
    if not once:
        return []
    rows = [once[key] for key in sorted(once)]
    made = sql.fetch(
        _REQUEST,
        (
            clock.now(), unit.actor.name, ids.new_ids(len(rows)), [r.product_id for r in rows],
            [r.location_id for r in rows], [r.bin_id for r in rows], [r.reason for r in rows],
            [r.cause for r in rows],
        ),
    )  # fmt: skip
    for _, product_id, sku, location, bin_code, reason in made:
        data = {"sku": sku, "location": location, "bin": bin_code, "reason": reason}
        unit.record(STOCK_COUNT_REQUESTED, Subject("product", product_id), STILL, data)
    return [row[0] for row in made]


_CLOSE = """
update stock_count_request r set closed_at = %s, closed_by = %s
from unnest(%s::uuid[], %s::uuid[], %s::uuid[], %s::timestamptz[]) as t(product_id, location_id, bin_id, at)
where r.closed_at is null and r.product_id = t.product_id and r.location_id = t.location_id
  and (t.bin_id is null or r.bin_id = t.bin_id) and r.requested_at <= t.at
  and (t.bin_id is null or not exists (select from stock_bin_stock b where b.product_id = r.product_id and b.location_id = r.location_id
    and b.bin_id = r.bin_id and b.lot <> '' and b.quantity > 0 and coalesce(b.counted_at, '-infinity') < r.requested_at))
"""


def close_requests(
    counts: Mapping[tuple[tuple[UUID, UUID], UUID | None], datetime], *, actor: Actor
) -> None:
    """Close what counts answer, in one statement: of one bin, or (None) of all bins of a location.

    A count that is true of a moment before the request answers nothing. Of lots all that lie there have to be counted.
    """
    rows = [(*key, bin_id, at) for (key, bin_id), at in counts.items()]
    columns = [list(column) for column in zip(*rows, strict=True)]
    sql.execute(_CLOSE, (clock.now(), actor.name, *columns))
