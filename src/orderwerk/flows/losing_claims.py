"""Chooses the claims that give way when stock turns out to be less than what is promised: the latest orders first."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from orderwerk.core import sql
from orderwerk.core.errors import Again
from orderwerk.stock.corrections import Bin
from orderwerk.stock.shelves import Key


@dataclass(slots=True)
class Shortage:
    """What a shelf lacks: pieces that pick lists ask for in a bin, and pieces that are allocated and on no list."""

    unplanned: dict[Bin, int] = field(default_factory=lambda: defaultdict(int))
    released: int = 0

    @property
    def pieces(self) -> int:
        """All pieces that claims lose here."""
        return sum(self.unplanned.values()) + self.released


@dataclass(frozen=True, slots=True)
class Offer:
    """Pieces that a claim may lose: a whole one that is allocated, or (with `line_id`) what a pick line still asks for."""

    allocation_id: UUID
    order_id: UUID
    key: Key
    pieces: int
    line_id: UUID | None
    pick_list_id: UUID | None
    bin: Bin | None


@dataclass(slots=True)
class Losing:
    """Who loses what: pieces per allocation, and of them the ones on pick lines (their list, pieces)."""

    orders: set[UUID] = field(default_factory=set)
    claims: dict[UUID, int] = field(default_factory=lambda: defaultdict(int))
    lines: dict[UUID, tuple[UUID, int]] = field(default_factory=dict)


# Whoever is served first loses last: lowest priority, then latest order.
_OFFERS = """
with wanted as (
  select * from unnest(%s::uuid[], %s::uuid[]) as t(product_id, location_id)
), claim as (
  select a.id, a.order_id, a.product_id, a.location_id, a.quantity, a.status from wanted
  join allocations_allocation a using (product_id, location_id)
  where a.status in ('allocated', 'picking') and (%s::uuid[] is null or a.order_id = any(%s::uuid[]))
)
select c.id, c.order_id, c.product_id, c.location_id, coalesce(l.quantity - l.picked - l.short - l.cancelled, c.quantity),
  l.id, l.pick_list_id, l.bin_id, l.lot
from claim c join orders_order o on o.id = c.order_id
left join picklists_line l on l.allocation_id = c.id and l.is_open
where c.status = 'allocated' or l.id is not null
order by o.priority, o.placed_at desc, o.id desc, c.id desc, l.position desc
"""


def read_offers(keys: Collection[Key], orders: Collection[UUID] | None = None) -> list[Offer]:
    """Return what claims at some (product, location) pairs may lose, in the order in which they lose it.

    `orders` limits it to orders that are locked: then it stands still.
    """
    named = None if orders is None else list(orders)
    rows = sql.fetch(_OFFERS, ([k[0] for k in keys], [k[1] for k in keys], named, named))
    return [
        Offer(r[0], r[1], (r[2], r[3]), r[4], r[5], r[6], (r[7], r[8]) if r[5] else None)
        for r in rows
    ]


def choose(shortages: Mapping[Key, Shortage], offers: Sequence[Offer]) -> Losing:
    """Choose claims for every shortage; raises `Again` when the offers do not cover them: others claimed meanwhile."""
    losing = Losing()
    lacking = {key: s.released for key, s in shortages.items()}
    planned = {(key, place): n for key, s in shortages.items() for place, n in s.unplanned.items()}
    for offer in offers:
        if offer.bin is None:
            part = min(offer.pieces, lacking.get(offer.key, 0))
            lacking[offer.key] = lacking.get(offer.key, 0) - part
        else:
            part = min(offer.pieces, planned.get((offer.key, offer.bin), 0))
            planned[(offer.key, offer.bin)] = planned.get((offer.key, offer.bin), 0) - part
        if part > 0:
            _lose(losing, offer, part)
    if any(lacking.values()) or any(planned.values()):
        raise Again(
            "Orders claimed these goods at the same moment; send it again.", code="try_again"
        )
    return losing


def _lose(losing: Losing, offer: Offer, part: int) -> None:
    losing.orders.add(offer.order_id)
    losing.claims[offer.allocation_id] += part
    if offer.line_id is not None and offer.pick_list_id is not None:
        losing.lines[offer.line_id] = (offer.pick_list_id, part)
