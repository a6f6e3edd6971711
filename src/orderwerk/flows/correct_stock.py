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
from orderwerk.core.errors import Again, BadInput, Conflict, Refusal
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import UnitOfWork
from orderwerk.flows.allocate_orders import claim_open
from orderwerk.flows.give_back import give_back
from orderwerk.flows.held import held_by_ids
from orderwerk.flows.intake_reads import read_shops
from orderwerk.flows.losing_claims import Losing, Offer, Shortage, choose, read_offers
from orderwerk.flows.release_allocations import book_given_back
from orderwerk.orders.counters import OrderState, lock_orders
from orderwerk.picklists.locking import lock_lists_of
from orderwerk.picklists.take_off import take_lines_off
from orderwerk.stock.corrections import Corrected, Target, correct
from orderwerk.stock.count_requests import close_requests
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


@dataclass(frozen=True, slots=True)
class Booked:
    """What a job came to: where, and how much lay there before."""

    job: Job
    key: Key
    before: int
    bin_id: UUID | None


@dataclass(slots=True)
class Decided:
    """All jobs decided over the same shelves: outcomes to come, movements, and what claims lose per shelf."""

    booked: list[Booked | Refusal] = field(default_factory=list)
    movements: list[Movement] = field(default_factory=list)
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
    older than one that is booked, with LimitExceeded fewer than are picked, or more than lies in a named bin.
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
    states, offers = _first_look(unit, jobs, names, keys)
    ensure_levels(keys)
    shelves = lock_shelves(unit, keys | _where_to_route(states, offers))
    decided = _decide(jobs, names, shelves)
    losing = choose(decided.shortages, offers)
    if losing is None:
        raise _moved()
    _write(unit, decided, losing, states)
    numbers: dict[Key, list[str]] = defaultdict(list)
    for key, order_id in dict.fromkeys(
        (o.key, o.order_id) for o in offers if o.allocation_id in losing.claims
    ):
        # The pieces are told to everybody, the orders only to who may see them.
        if unit.actor.may_see_shop(states[order_id].shop_id):
            numbers[key].append(states[order_id].number)
    lost = {key: shortage.pieces for key, shortage in decided.shortages.items()}
    return Corrections(decided.booked, read_levels(sorted(keys)), lost, numbers)


def _moved() -> Again:
    return Again("Orders claimed these goods at the same moment; send it again.", code="try_again")


def _first_look(
    unit: UnitOfWork, jobs: Sequence[Job], names: Names, keys: set[Key]
) -> tuple[dict[UUID, OrderState], list[Offer]]:
    """Find the orders that will lose claims, lock them and their pick lists; returns them and all that they may lose."""
    shortages = _decide(jobs, names, read_shelves(keys)).shortages
    if not shortages:
        return {}, []
    losing = choose(shortages, read_offers(shortages))
    if losing is None:
        raise _moved()
    # A fact about a shared location: it holds for the orders of every shop, also those that this actor does not see.
    states = lock_orders(unit, list(losing.orders), of_all_shops=True)
    offers = read_offers(shortages, losing.orders)
    lock_lists_of(unit, [offer.allocation_id for offer in offers if offer.line_id])
    return states, offers


def _where_to_route(states: Mapping[UUID, OrderState], offers: Sequence[Offer]) -> set[Key]:
    if not states:
        return set()
    shops, _ = read_shops([], [state.shop_id for state in states.values()])
    places = {place for policy in shops.values() for place in policy.locations}
    return {(offer.key[0], place) for offer in offers for place in places}


def _decide(jobs: Sequence[Job], names: Names, shelves: dict[Key, Shelf]) -> Decided:
    since = _moved_since(jobs, names)
    decided = Decided()
    touched: set[Key] = set()
    for index, job in enumerate(jobs):
        try:
            booked = _book(job, names, shelves, since.get(index, 0), decided)
        except Refusal as refusal:
            decided.booked.append(refusal)
            continue
        touched.add(booked.key)
        decided.booked.append(booked)
    for key in touched:
        over = shelves[key].level.allocated - shelves[key].level.on_hand
        if over > 0:
            decided.shortages[key].released = over
    return decided


def _book(
    job: Job, names: Names, shelves: dict[Key, Shelf], since: int, decided: Decided
) -> Booked:
    key = (names.product(job.sku), names.location(job.location))
    target = Target(
        names.bin(key[1], job.bin or DEFAULT_BIN), job.bin or DEFAULT_BIN, job.bin is not None
    )
    shelf = shelves.setdefault(key, Shelf(*key, Level(0, 0, 0)))
    row = shelf.bin(target.bin_id)
    before = shelf.level.on_hand if not target.is_named else row.quantity if row else 0
    difference = job.difference
    if job.counted is not None:
        _check_moment(job, shelf, row.counted_at if row and target.is_named else None)
        difference = job.counted - (before - since)
    done = correct(shelf, target, difference) if difference else Corrected()
    source = ids.new_id()
    decided.movements += [
        Movement(place, delta, job.kind, source, None, job.reason, job.at)
        for place, delta in done.changes.items()
        if delta
    ]
    for place, pieces in done.unplanned.items():
        decided.shortages[key].unplanned[place] += pieces
    return Booked(job, key, before, target.bin_id if target.is_named else None)


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


_SINCE = """
select t.item, coalesce(sum(m.delta), 0)
from unnest(%s::int[], %s::uuid[], %s::uuid[], %s::uuid[], %s::timestamptz[]) as t(item, product_id, location_id, bin_id, at)
join stock_movement m on m.product_id = t.product_id and m.location_id = t.location_id
  and (t.bin_id is null or m.bin_id = t.bin_id) and m.at > t.at
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
            job.at,
        )
        for index, job in enumerate(jobs)
        if job.at is not None and job.location in names.locations
    ]
    if not wanted:
        return {}
    rows = sql.fetch(_SINCE, [list(column) for column in zip(*wanted, strict=True)])
    return {row[0]: int(row[1]) for row in rows}


def _write(
    unit: UnitOfWork, decided: Decided, losing: Losing, states: dict[UUID, OrderState]
) -> None:
    take_lines_off(unit, losing.lines)
    held = held_by_ids(losing.claims) if losing.claims else []
    given = give_back(unit, held, losing.claims, reason=REASON, on_lists=False)
    write_movements(decided.movements, actor=unit.actor)
    _remember_counts(unit, [b for b in decided.booked if isinstance(b, Booked)])
    after = book_given_back(unit, given, states, REASON)
    claim_open(unit, after.values(), only={claim.product_id for claim in held})


_COUNTED = """
with t as (
  select * from unnest(%s::uuid[], %s::uuid[], %s::uuid[], %s::timestamptz[]) as t(product_id, location_id, bin_id, at)
), bins as (
  update stock_bin_stock b set counted_at = t.at from t
  where t.bin_id is not null and b.product_id = t.product_id and b.location_id = t.location_id and b.bin_id = t.bin_id
)
update stock_level l set counted_at = t.at from t
where t.bin_id is null and l.product_id = t.product_id and l.location_id = t.location_id
"""


def _remember_counts(unit: UnitOfWork, booked: Sequence[Booked]) -> None:
    counts = {
        (b.key, b.bin_id): b.job.at or clock.now() for b in booked if b.job.counted is not None
    }
    if counts:
        rows = [(*key, bin_id, at) for (key, bin_id), at in counts.items()]
        sql.execute(_COUNTED, [list(column) for column in zip(*rows, strict=True)])
        close_requests(counts, actor=unit.actor)
