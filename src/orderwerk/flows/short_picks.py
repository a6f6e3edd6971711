"""What follows from a short pick, at once: the bin is corrected, claims on what is not there give way, a count is asked for.

The rule: damaged pieces leave the stock and the others beside them stay. With any other reason what the picker took
is all there was: the bin is empty, whoever else was to take from it is looked for elsewhere, latest orders first. What is told
late was true of its moment: what came into the bin since lies there, and what was counted there since is right.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from orderwerk.core import ids, sql
from orderwerk.core.uow import UnitOfWork
from orderwerk.flows.give_back import GivenBack, give_back
from orderwerk.flows.held import held_by_ids
from orderwerk.flows.losing_claims import Losing, Offer, Shortage, choose, read_offers
from orderwerk.orders.counters import LineDelta
from orderwerk.picklists.locking import NOBODY, Following, LineState, read_lines
from orderwerk.picklists.rules import empties_bin
from orderwerk.picklists.take_off import take_lines_off
from orderwerk.stock.corrections import empty_bin
from orderwerk.stock.count_requests import ToCount, request_counts
from orderwerk.stock.movements import Movement, Place, write_movements
from orderwerk.stock.shelves import Key, Shelf, read_shelves

REASON = "short pick"


@dataclass(frozen=True, slots=True)
class Short:
    """So many pieces of a line were not to be had, and why; `at`: when somebody stood there (None: now)."""

    line: LineState
    pieces: int
    reason: str
    at: datetime | None = None

    @property
    def place(self) -> Place:
        """The bin that they were asked from."""
        return Place(self.line.product_id, self.line.location_id, self.line.bin_id, self.line.lot)


@dataclass(frozen=True, slots=True)
class Told:
    """What somebody says of one line, before it is looked at under lock."""

    line_id: UUID
    picked: int
    short: int
    reason: str
    bin: str | None
    lot: str | None = None


@dataclass(slots=True)
class Settled:
    """What short picks changed: counters to book, pieces lost per order, and what pick lines were relieved of."""

    deltas: dict[UUID, LineDelta] = field(default_factory=lambda: defaultdict(LineDelta))
    pieces: dict[UUID, int] = field(default_factory=lambda: defaultdict(int))
    off_lines: dict[UUID, int] = field(default_factory=dict)

    def add(self, given: GivenBack) -> None:
        """Take over what was given back."""
        for line_id, delta in given.deltas.items():
            self.deltas[line_id].allocated += delta.allocated
            self.deltas[line_id].picked += delta.picked
        for order_id, pieces in given.pieces.items():
            self.pieces[order_id] += pieces


def who_follows(told: Sequence[Told]) -> Following:
    """Look ahead, without a lock, for the orders and pick lists that lose pieces when bins turn out to be empty.

    Of what is told late fewer lose theirs: those are among them.
    """
    if not any(t.short and empties_bin(t.reason) for t in told):
        return NOBODY
    lines = {line.id: line for line in read_lines([t.line_id for t in told])}
    shelves = read_shelves((line.product_id, line.location_id) for line in lines.values())
    booked: dict[UUID, int] = defaultdict(int)
    places: set[Place] = set()
    for each in told:
        line = lines.get(each.line_id)
        if (
            line is None
            or each.picked + each.short > line.left
            or not (each.reason or not each.short)
        ):
            continue
        _book(shelves[(line.product_id, line.location_id)], line, each)
        booked[line.id] += each.picked + each.short
        if each.short and empties_bin(each.reason):
            places.add(Place(line.product_id, line.location_id, line.bin_id, line.lot))
    shortages, _ = _empty(dict.fromkeys(places, 0), shelves)
    losing = choose(shortages, _without(read_offers(shortages), booked)) if shortages else Losing()
    offers = read_offers(shortages, losing.orders) if losing.orders else []
    lists = {offer.pick_list_id for offer in offers if offer.pick_list_id}
    return Following(frozenset(losing.orders), frozenset(lists))


def _book(shelf: Shelf, line: LineState, told: Told) -> None:
    # What the call itself will book; what is really there is read again under the locks.
    planned = shelf.bin(line.bin_id, line.lot)
    place = (told.bin or (planned.code if planned else ""), told.lot or line.lot)
    taken = next((row for row in shelf.bins if (row.code, row.lot) == place), planned)
    if planned is not None and taken is not None:
        planned.planned -= told.picked + told.short
        taken.quantity -= told.picked
    shelf.level.allocated -= told.short
    line.picked += told.picked
    line.short += told.short


def _without(offers: Sequence[Offer], booked: Mapping[UUID, int]) -> list[Offer]:
    found = []
    for offer in offers:
        pieces = offer.pieces - (booked.get(offer.line_id, 0) if offer.line_id else 0)
        found.append(
            Offer(
                offer.allocation_id, offer.order_id, offer.key, max(0, pieces),
                offer.line_id, offer.pick_list_id, offer.bin,
            )
        )  # fmt: skip
    return found


def _empty(
    places: Mapping[Place, int], shelves: Mapping[Key, Shelf]
) -> tuple[dict[Key, Shortage], dict[Place, int]]:
    """Empty bins on their shelves but for so many; returns what claims lose, and how many pieces leave which bin."""
    shortages: dict[Key, Shortage] = defaultdict(Shortage)
    changes: dict[Place, int] = {}
    for place in sorted(places, key=lambda p: (p.product_id, p.location_id, p.bin_id, p.lot)):
        shelf = shelves[(place.product_id, place.location_id)]
        done = empty_bin(shelf, place.bin_id, place.lot, keep=places[place])
        changes.update(done.changes)
        for spot, pieces in done.unplanned.items():
            shortages[(place.product_id, place.location_id)].unplanned[spot] += pieces
    for key in {(place.product_id, place.location_id) for place in places}:
        if over := shelves[key].level.over:
            shortages[key].released = over
    return shortages, changes


def settle_shorts(
    unit: UnitOfWork, shorts: Sequence[Short], locked_orders: Collection[UUID]
) -> Settled:
    """Correct the bins, give claims back and ask for counts; the picks of the same call are written already.

    Everything is locked by the caller, with what `who_follows` told; raises Again when that has changed meanwhile.
    """
    settled = Settled()
    if not shorts:
        return settled
    own: dict[UUID, int] = defaultdict(int)
    for short in shorts:
        own[short.line.allocation_id] += short.pieces
    held = held_by_ids(own)
    settled.add(give_back(unit, held, own, reason=REASON, on_lists=False))
    changes: dict[Place, int] = defaultdict(int)
    emptied = _seen_empty([short for short in shorts if empties_bin(short.reason)])
    if emptied:
        _give_way(unit, emptied, locked_orders, settled, changes)
    for short in shorts:
        if short.place not in emptied:
            changes[short.place] -= short.pieces
    reasons = {short.place: short for short in reversed(shorts)}
    write_movements(
        [
            _movement(reasons[place], delta, emptied.get(place, reasons[place].at))
            for place, delta in changes.items()
        ],
        actor=unit.actor,
    )
    request_counts(
        unit,
        [ToCount(p.product_id, p.location_id, p.bin_id, s.reason) for p, s in reasons.items()],
    )
    return settled


def _give_way(
    unit: UnitOfWork,
    emptied: Mapping[Place, datetime | None],
    locked_orders: Collection[UUID],
    settled: Settled,
    changes: dict[Place, int],
) -> None:
    shelves = read_shelves((place.product_id, place.location_id) for place in emptied)
    shortages, taken = _empty(_staying(emptied, shelves), shelves)
    changes.update(taken)
    offers = read_offers(shortages, locked_orders)
    losing = choose(shortages, offers)
    take_lines_off(unit, losing.lines)
    held = held_by_ids(losing.claims)
    settled.add(give_back(unit, held, losing.claims, reason=REASON, on_lists=False))
    settled.off_lines = {line: pieces for line, (_, pieces) in losing.lines.items()}


def _movement(short: Short, delta: int, at: datetime | None) -> Movement:
    return Movement(
        short.place, delta, "short", ids.new_id(), short.line.order_id, short.reason, at
    )


def _seen_empty(shorts: Sequence[Short]) -> dict[Place, datetime | None]:
    """Return the bins that were empty, and when somebody saw that last."""
    seen: dict[Place, datetime | None] = {}
    for short in shorts:
        before = seen.get(short.place, short.at)
        seen[short.place] = None if before is None or short.at is None else max(before, short.at)
    return seen


_SINCE = """
select t.product_id, t.location_id, t.bin_id, t.lot, sum(m.delta)
from unnest(%s::uuid[], %s::uuid[], %s::uuid[], %s::text[], %s::timestamptz[]) as t(product_id, location_id, bin_id, lot, at)
join stock_movement m on m.product_id = t.product_id and m.location_id = t.location_id and m.bin_id = t.bin_id and m.lot = t.lot
  and m.at > t.at
group by 1, 2, 3, 4
"""


def _staying(
    emptied: Mapping[Place, datetime | None], shelves: Mapping[Key, Shelf]
) -> dict[Place, int]:
    """Return how many pieces lie in each of these bins although it was empty: what came since, or all where it was counted since."""
    late = [(p.product_id, p.location_id, p.bin_id, p.lot, at) for p, at in emptied.items() if at]
    columns = [list(column) for column in zip(*late, strict=True)]
    moved = {Place(*row[:4]): int(row[4]) for row in sql.fetch(_SINCE, columns)} if late else {}
    staying: dict[Place, int] = {}
    for place, at in emptied.items():
        row = shelves[(place.product_id, place.location_id)].bin(place.bin_id, place.lot)
        counted = row.counted_at if row is not None else None
        is_counted = at is not None and counted is not None and counted > at
        lies = row.quantity if row is not None and is_counted else moved.get(place, 0)
        staying[place] = max(0, lies)
    return staying
