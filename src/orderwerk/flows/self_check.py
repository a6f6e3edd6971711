"""Looks whether what stock counts is what its ledger, its claims and its pick lists say, and tells each difference."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from orderwerk.core import sql
from orderwerk.core.actor import Actor
from orderwerk.stock.visibility import limit_to_places

Key = tuple[UUID, UUID]

MOST_FOUND = 200


class LevelCheck(msgspec.Struct, frozen=True):
    """One stock level: its counters beside what they should be, and what its last whole count means today.

    `ledger` adds up the movements, `in_bins` the bins, `claimed` the open allocations, `listed` what open pick lists ask for,
    `kept_back` what by the movements lies of blocked lots in pick bins: what `blocked` says. `bins_wrong` bins differ from their own movements or pick lines;
    by the movements `bins_short` of them hold less than pick lists ask of them. `counted` pieces were there at `counted_at`.
    """

    product_id: UUID
    location_id: UUID
    sku: str
    name: str
    location: str
    location_name: str
    on_hand: int
    ledger: int
    in_bins: int
    allocated: int
    claimed: int
    planned: int
    listed: int
    bins_wrong: int
    counted_at: datetime | None
    moved_since: int
    blocked: int
    kept_back: int
    bins_short: int

    @property
    def is_right(self) -> bool:
        """Whether every counter is what it should be."""
        return not self.differences and not self.bins_wrong

    @property
    def differences(self) -> dict[str, tuple[int, int]]:
        """Each counter that is wrong: what it says, and what it should say."""
        pairs = {
            "on_hand": (self.on_hand, self.ledger),
            "in_bins": (self.in_bins, self.ledger),
            "allocated": (self.allocated, self.claimed),
            "planned": (self.planned, self.listed),
            "blocked": (self.blocked, self.kept_back),
        }
        return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}

    @property
    def counted(self) -> int:
        """Pieces that the last count found, as far as the ledger tells."""
        return self.ledger - self.moved_since

    @property
    def can_be_repaired(self) -> bool:
        """Whether the counters can follow the ledger; else less may leave than is claimed or listed, and somebody has to count."""
        return self.ledger >= max(self.claimed + self.kept_back, 0) and not self.bins_short


_CHECK = """
with place as (
  select s.* from stock_level s {which}
), ledger as (
  select m.product_id, m.location_id, m.bin_id, m.lot, sum(m.delta) as n,
    sum(m.delta) filter (where p.counted_at is not null and m.at > p.counted_at) as since
  from stock_movement m join place p using (product_id, location_id) group by 1, 2, 3, 4
), listed as (
  select l.product_id, l.location_id, l.bin_id, l.lot, sum(l.quantity - l.picked - l.short - l.cancelled) as n
  from picklists_line l join place p using (product_id, location_id) where l.is_open group by 1, 2, 3, 4
), bin as (
  select product_id, location_id, bin_id, lot, coalesce(g.n, 0) as ledger, coalesce(g.since, 0) as since,
    coalesce(b.quantity, 0) as quantity, coalesce(b.planned, 0) as planned, coalesce(k.n, 0) as listed
  from ledger g full join (select b.* from stock_bin_stock b join place p using (product_id, location_id)) b
    using (product_id, location_id, bin_id, lot)
  full join listed k using (product_id, location_id, bin_id, lot)
), total as (
  select product_id, location_id, sum(ledger) as ledger, sum(since) as since, sum(quantity) as quantity, sum(planned) as planned,
    sum(listed) as listed, count(*) filter (where quantity <> ledger or planned <> listed) as wrong,
    count(*) filter (where (quantity <> ledger or planned <> listed) and ledger < listed) as short,
    sum(ledger) filter (where lot <> '' and exists (select from stock_lot t where t.product_id = bin.product_id and t.code = bin.lot
      and t.is_blocked) and exists (select from stock_bin k where k.id = bin.bin_id and k.kind = 'pick')) as kept_back
  from bin group by 1, 2
), claim as (
  select a.product_id, a.location_id, sum(a.quantity) as n from allocations_allocation a join place p using (product_id, location_id)
  where a.status in ('allocated', 'picking', 'picked') group by 1, 2
)
select p.product_id, p.location_id, c.sku, c.name, l.code, l.name, p.on_hand, coalesce(t.ledger, 0)::int,
  coalesce(t.quantity, 0)::int, p.allocated, coalesce(k.n, 0)::int, coalesce(t.planned, 0)::int, coalesce(t.listed, 0)::int,
  coalesce(t.wrong, 0)::int, p.counted_at, coalesce(t.since, 0)::int, p.blocked, coalesce(t.kept_back, 0)::int, coalesce(t.short, 0)::int
from place p join catalog_product c on c.id = p.product_id join stock_location l on l.id = p.location_id
left join total t using (product_id, location_id) left join claim k using (product_id, location_id)
where {places} and (%s or p.on_hand <> coalesce(t.ledger, 0) or p.allocated <> coalesce(k.n, 0) or coalesce(t.wrong, 0) > 0
  or p.blocked <> coalesce(t.kept_back, 0))
order by l.code, c.sku limit %s
"""


_OF_PRODUCT = "where s.product_id = %s"
_NAMED = "join unnest(%s::uuid[], %s::uuid[]) as t(product_id, location_id) using (product_id, location_id)"


def level_checks(actor: Actor, product_id: UUID) -> list[LevelCheck]:
    """Return how the levels of one product stand, right or wrong; one statement."""
    return _read(actor, _OF_PRODUCT, (product_id,), everything=True)


def wrong_levels(actor: Actor) -> list[LevelCheck]:
    """Return the levels of all products that are not what they should be, two hundred at most; reads the whole ledger."""
    return _read(actor, "", (), most=MOST_FOUND)


def checks_of(actor: Actor, keys: Sequence[Key]) -> list[LevelCheck]:
    """Return the wrong ones among these levels; one statement."""
    return _read(actor, _NAMED, ([k[0] for k in keys], [k[1] for k in keys]))


def _read(
    actor: Actor,
    which: str,
    values: Sequence[Any],
    *,
    everything: bool = False,
    most: int | None = None,
) -> list[LevelCheck]:
    where = limit_to_places(actor, "p.location_id")
    rows = sql.read(
        _CHECK.format(which=which, places=where.where()),
        (*values, *where.params, everything, most),
    )
    return [LevelCheck(*row) for row in rows]
