"""Books what is really there: stock follows a count or a difference, and claims that no longer fit are routed again.

The one piece behind counting and correcting. It decides twice with the same code: without locks, to know which orders
will lose claims, and again under the locks of those orders and of the stock.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from orderwerk.core import clock, ids, sql
from orderwerk.core.errors import BadInput, Conflict, Refusal
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import UnitOfWork
from orderwerk.flows.allocate_orders import claim_open
from orderwerk.flows.give_back import GivenBack, give_back
from orderwerk.flows.held import Held, held_by_ids
from orderwerk.flows.intake_reads import read_shops
from orderwerk.flows.losing_claims import Losing, Offer, Shortage, choose, read_offers
from orderwerk.flows.release_allocations import book_given_back
from orderwerk.orders.counters import OrderState, lock_orders
from orderwerk.picklists.locking import lock_lists_of
from orderwerk.picklists.take_off import take_lines_off
from orderwerk.stock.corrections import Corrected, Target, correct, note_count
from orderwerk.stock.count_requests import close_requests
from orderwerk.stock.lots import LotBook
from orderwerk.stock.movements import Level, Movement, read_levels, write_movements
from orderwerk.stock.shelves import (
    DEFAULT_BIN,
    Key,
    Names,
    Shelf,
    ensure_levels,
    lock_shelves,
    look_up,
    read_shelves,
)

REASON = "stock was corrected"


@dataclass(frozen=True, slots=True)
class Job:
    """One correction asked for: a counted quantity (true at `at`, None: now) or, where that is None, a difference."""

    sku: str
    location: str
    bin: str | None
    kind: str
    counted: int | None = None
    at: datetime | None = None
    difference: int = 0
    reason: str = ""
    lot: str | None = None


@dataclass(frozen=True, slots=True)
class Booked:
    """What a job came to: where, and how much lay there before."""

    job: Job
    key: Key
    before: int
    bin_id: UUID | None
    lot: str = ""


@dataclass(slots=True)
class Decided:
    """All jobs decided over the same shelves: outcomes to come, movements (`made` per shelf), and what claims lose there."""

    booked: list[Booked | Refusal] = field(default_factory=list)
    movements: list[Movement] = field(default_factory=list)
    made: dict[Key, list[Movement]] = field(default_factory=lambda: defaultdict(list))
    shortages: dict[Key, Shortage] = field(default_factory=lambda: defaultdict(Shortage))


@dataclass(frozen=True, slots=True)
class Corrections:
    """What became of the jobs, the levels afterwards, and per level how many pieces which orders lost."""

    booked: list[Booked | Refusal]
    levels: dict[Key, Level]
    lost: dict[Key, int]
    orders: dict[Key, list[str]]

    def outcome(self, booked: Booked | Refusal) -> Outcome:
        """Return what a caller is told of one job."""
        if isinstance(booked, Refusal):
            return Outcome.refused(booked)
        level = self.levels[booked.key]
        return Outcome.done(
            booked.key[0],
            on_hand=level.on_hand,
            allocated=level.allocated,
            available=level.available,
            released=self.lost.get(booked.key, 0),
            orders=self.orders.get(booked.key, []),
        )


def correct_stock(unit: UnitOfWork, jobs: Sequence[Job]) -> Corrections:
    """Book jobs in their order; each is booked or refused by itself.

    Refuses a job with NotFound, with BadInput a count from the future or of the staging bin, with Conflict a count
    older than one that is booked, with LimitExceeded fewer than are picked, or more than lies in a named bin. Of a product
    that is kept by lot, bin and lot are named (BadInput); a lot that never came in is not found.
    """
    names = look_up(
        [j.sku for j in jobs],
        [j.location for j in jobs],
        [j.bin for j in jobs if j.bin],
        actor=unit.actor,
    )
    keys = {
        (names.products[j.sku], names.locations[j.location])
        for j in jobs
        if j.sku in names.products and j.location in names.locations
    }
    named = [(names.products[j.sku], j.lot) for j in jobs if j.lot and j.sku in names.products]
    desk = _Desk(jobs, names, LotBook(unit, named))
    states, offers = first_look(unit, desk.decide(read_shelves(keys)).shortages)
    ensure_levels(keys)
    shelves = lock_shelves(unit, keys | where_to_route(states, offers))
    decided = desk.decide(shelves)
    losing = choose(decided.shortages, offers)
    gone = let_go(unit, losing)
    write_movements(decided.movements, actor=unit.actor)
    _remember_counts(unit, [b for b in decided.booked if isinstance(b, Booked)])
    route_again(unit, gone, states)
    lost = {key: shortage.pieces for key, shortage in decided.shortages.items()}
    return Corrections(
        decided.booked, read_levels(sorted(keys)), lost, who_lost(unit, offers, losing, states)
    )


def who_lost(
    unit: UnitOfWork,
    offers: Sequence[Offer],
    losing: Losing,
    states: Mapping[UUID, OrderState],
) -> dict[Key, list[str]]:
    """Return per level the numbers of the orders that lost pieces, as far as this actor may see them."""
    numbers: dict[Key, list[str]] = defaultdict(list)
    for key, order_id in dict.fromkeys(
        (o.key, o.order_id) for o in offers if o.allocation_id in losing.claims
    ):
        # The pieces are told to everybody, the orders only to who may see them.
        if unit.actor.may_see_shop(states[order_id].shop_id):
            numbers[key].append(states[order_id].number)
    return numbers


def first_look(
    unit: UnitOfWork, shortages: Mapping[Key, Shortage]
) -> tuple[dict[UUID, OrderState], list[Offer]]:
    """Find the orders that will lose claims, lock them and their pick lists; returns them and all that they may lose."""
    if not shortages:
        return {}, []
    losing = choose(shortages, read_offers(list(shortages)))
    # A fact about a shared location: it holds for the orders of every shop, also those that this actor does not see.
    states = lock_orders(unit, list(losing.orders), of_all_shops=True)
    offers = read_offers(list(shortages), losing.orders)
    lock_lists_of(unit, [offer.allocation_id for offer in offers if offer.line_id])
    return states, offers


def where_to_route(states: Mapping[UUID, OrderState], offers: Sequence[Offer]) -> set[Key]:
    """Return the levels where pieces that are lost may be claimed instead: to be locked with the others."""
    if not states:
        return set()
    shops, _ = read_shops([], [state.shop_id for state in states.values()])
    places = {place for policy in shops.values() for place in policy.locations}
    return {(offer.key[0], place) for offer in offers for place in places}


@dataclass(frozen=True, slots=True)
class _Desk:
    """The jobs of a call with what they name."""

    jobs: Sequence[Job]
    names: Names
    lots: LotBook

    def decide(self, shelves: dict[Key, Shelf]) -> Decided:
        """Book all jobs over these shelves, in their order."""
        since = _moved_since(self.jobs, self.names)
        decided = Decided()
        touched: set[Key] = set()
        for index, job in enumerate(self.jobs):
            try:
                booked = self._book(job, shelves, since.get(index, 0), decided)
            except Refusal as refusal:
                decided.booked.append(refusal)
                continue
            touched.add(booked.key)
            decided.booked.append(booked)
        for key in touched:
            if over := shelves[key].level.over:
                decided.shortages[key].released = over
        return decided

    def _target(self, job: Job, key: Key) -> Target:
        lot = self.names.check_lot(key[0], job.lot)
        bin_id = self.names.bin(key[1], job.bin or DEFAULT_BIN)
        if not lot:
            return Target(bin_id, job.bin or DEFAULT_BIN, job.bin is not None)
        if job.bin is None:
            raise BadInput("Name the bin.", code="bin_required", pointer="/bin")
        return Target(bin_id, job.bin, True, lot, self.lots.known(key[0], lot).is_blocked)  # noqa: FBT003

    def _book(self, job: Job, shelves: dict[Key, Shelf], since: int, decided: Decided) -> Booked:
        key = (self.names.product(job.sku), self.names.location(job.location))
        target = self._target(job, key)
        shelf = shelves.setdefault(key, Shelf(*key, Level(0, 0, 0)))
        row = shelf.bin(target.bin_id, target.lot)
        before = shelf.level.on_hand if not target.is_named else row.quantity if row else 0
        difference = job.difference
        if job.counted is not None:
            _check_moment(job, shelf, row.counted_at if row and target.is_named else None)
            later = since + _made_since(job.at, target, decided.made[key])
            difference = job.counted - (before - later)
        done = correct(shelf, target, difference) if difference else Corrected()
        if job.counted is not None:
            note_count(shelf, target, job.at or clock.now())
        source = ids.new_id()
        made = [
            Movement(place, delta, job.kind, source, None, job.reason, job.at)
            for place, delta in done.changes.items()
            if delta
        ]
        decided.movements += made
        decided.made[key] += made
        for place, pieces in done.unplanned.items():
            decided.shortages[key].unplanned[place] += pieces
        return Booked(job, key, before, target.bin_id if target.is_named else None, target.lot)


def _check_moment(job: Job, shelf: Shelf, bin_counted_at: datetime | None) -> None:
    if job.at is None:
        return
    if job.at > clock.now():
        raise BadInput(
            "The count is from the future.", code="counted_in_future", pointer="/counted_at"
        )
    later = [at for at in (shelf.level.counted_at, bin_counted_at) if at and at > job.at]
    if later:
        raise Conflict(
            f"A count of {max(later).isoformat()} is booked already; an older one cannot overrule it.",
            code="count_outdated",
            pointer="/counted_at",
        )


def _made_since(at: datetime | None, target: Target, made: Sequence[Movement]) -> int:
    """Return what earlier jobs of this call moved after a count's moment, which the ledger does not know yet."""
    if at is None:
        return 0
    return sum(
        m.delta
        for m in made
        if (m.at is None or m.at > at)
        and (not target.is_named or (m.place.bin_id, m.place.lot) == (target.bin_id, target.lot))
    )


_SINCE = """
select t.item, coalesce(sum(m.delta), 0)
from unnest(%s::int[], %s::uuid[], %s::uuid[], %s::uuid[], %s::text[], %s::timestamptz[]) as t(item, product_id, location_id, bin_id, lot, at)
join stock_movement m on m.product_id = t.product_id and m.location_id = t.location_id
  and (t.bin_id is null or m.bin_id = t.bin_id) and (t.lot is null or m.lot = t.lot) and m.at > t.at
group by t.item
"""


def _moved_since(jobs: Sequence[Job], names: Names) -> dict[int, int]:
    # A count is the truth of its own moment: what moved since then is added on top, not wiped.
    wanted = [
        (
            index,
            names.products.get(job.sku),
            names.locations[job.location],
            names.bins.get((names.locations[job.location], job.bin)) if job.bin else None,
            job.lot,
            job.at,
        )
        for index, job in enumerate(jobs)
        if job.at is not None and job.location in names.locations
    ]
    if not wanted:
        return {}
    rows = sql.fetch(_SINCE, [list(column) for column in zip(*wanted, strict=True)])
    return {row[0]: int(row[1]) for row in rows}


def let_go(unit: UnitOfWork, losing: Losing, reason: str = REASON) -> tuple[list[Held], GivenBack]:
    """Take what claims lose off their pick lists and give it back; the counters of the orders are still to be booked."""
    take_lines_off(unit, losing.lines)
    held = held_by_ids(losing.claims) if losing.claims else []
    return held, give_back(unit, held, losing.claims, reason=reason, on_lists=False)


def route_again(
    unit: UnitOfWork,
    gone: tuple[list[Held], GivenBack],
    states: dict[UUID, OrderState],
    reason: str = REASON,
) -> None:
    """Book what was let go at its orders, and claim it elsewhere at once."""
    held, given = gone
    after = book_given_back(unit, given, states, reason)
    claim_open(unit, after.values(), only={claim.product_id for claim in held})


_COUNTED = """
with t as (
  select * from unnest(%s::uuid[], %s::uuid[], %s::uuid[], %s::text[], %s::timestamptz[]) as t(product_id, location_id, bin_id, lot, at)
), bins as (
  update stock_bin_stock b set counted_at = t.at from t
  where t.bin_id is not null and b.product_id = t.product_id and b.location_id = t.location_id and b.bin_id = t.bin_id
    and b.lot = t.lot
)
update stock_level l set counted_at = t.at from t
where t.bin_id is null and l.product_id = t.product_id and l.location_id = t.location_id
"""


def _remember_counts(unit: UnitOfWork, booked: Sequence[Booked]) -> None:
    counts = {
        (b.key, b.bin_id, b.lot): b.job.at or clock.now()
        for b in booked
        if b.job.counted is not None
    }
    if counts:
        rows = [(*key, bin_id, lot, at) for (key, bin_id, lot), at in counts.items()]
        sql.execute(_COUNTED, [list(column) for column in zip(*rows, strict=True)])
        bins: dict[tuple[Key, UUID | None], datetime] = {}
        for (key, bin_id, _), at in counts.items():
            bins[(key, bin_id)] = max(at, bins.get((key, bin_id), at))
        close_requests(bins, actor=unit.actor)
