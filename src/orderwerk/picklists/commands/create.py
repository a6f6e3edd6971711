"""Makes pick lists from open shipments of a location: one per shipment, or walks for several, in walking order."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from orderwerk.core import fields, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import Again, BadInput, NotFound, Refusal, WrongState
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import retrying, unit_of_work
from orderwerk.orders.counters import lock_orders
from orderwerk.picklists.batching import Caps
from orderwerk.picklists.making import Planned, ToMake, make_lists, walks_of
from orderwerk.picklists.proposing import CANDIDATES, Figures, Limits, Proposal, propose
from orderwerk.picklists.selection import (
    Claim,
    Waiting,
    Wish,
    lock_ready,
    orders_of,
    ready_shipments,
    waiting_claims,
)
from orderwerk.shipments.locking import waiting_for_transfers
from orderwerk.stock.shelves import Key, Shelf, lock_shelves, read_shelves

DEFAULT_LIMIT = 50
_Most = Annotated[int, msgspec.Meta(ge=1, le=10_000)]
_Names = Annotated[list[fields.Line], msgspec.Meta(min_length=1, max_length=100)]


class CreatePickListItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What to collect: named shipments of one location, or the oldest `limit` that are ready there, as filtered.

    `method` of a batch: `singles` (one-piece orders together), `totes` (sorted while walking, each order in its tote),
    `sort` (sorted afterwards). `max_…` are the most on one walk; what is more goes on further walks. `split_by` keeps
    what differs on walks of their own; `wave` names all that is made together. `max_units` (and `min_units`) of a batch: not the
    oldest, but orders that share aisles, of so many pieces together; urgent ones and those that are due go in first.
    """

    location: fields.Code
    shipment_ids: Annotated[list[UUID], msgspec.Meta(min_length=1, max_length=10_000)] | None = None
    limit: _Most = DEFAULT_LIMIT
    kind: Literal["single", "batch"] = "single"
    method: Literal["singles", "totes", "sort"] | None = None
    carrier: fields.Code | None = None
    service: fields.Line | None = None
    tags: _Names | None = None
    countries: Annotated[list[fields.Country], msgspec.Meta(min_length=1, max_length=250)] | None = None  # fmt: skip
    zones: _Names | None = None
    placed_before: datetime | None = None
    max_orders: _Most | None = None
    max_lines: _Most | None = None
    max_weight_grams: Annotated[int, msgspec.Meta(ge=1, le=100_000_000)] | None = None
    split_by: Literal["carrier", "service", "country", "zone", "cut_off"] | None = None
    wave: fields.Name | None = None
    min_units: fields.Quantity | None = None
    max_units: fields.Quantity | None = None


def create_pick_lists(items: Sequence[CreatePickListItem], *, actor: Actor) -> list[Outcome]:
    """Make pick lists: `single` one per shipment, `batch` one walk for all of an item, or several within its limits.

    Refuses with NotFound a location or shipment, with WrongState a shipment with nothing to pick (shipped, on a list
    already, on hold, not payable) or to which pieces still travel, with BadInput a batch's choices for single lists, or filters beside named shipments.
    Where the location is asked for what is ready and nothing is, or less than `min_units`: WrongState.
    """
    return retrying(lambda: _create(items, actor))


@dataclass(slots=True)
class _Asked:
    """One item with what it gets: its wave, its claims, or why it gets none."""

    item: CreatePickListItem
    refusal: Refusal | None = None
    wave: Proposal | None = None
    claims: list[Claim] = field(default_factory=list)
    planned: list[Planned] = field(default_factory=list)

    @property
    def named(self) -> list[UUID] | None:
        """The shipments that it is about; None: whatever is ready."""
        return self.wave.shipment_ids if self.wave is not None else self.item.shipment_ids


def _create(items: Sequence[CreatePickListItem], actor: Actor) -> list[Outcome]:
    shops = None if actor.shop_ids is None else sorted(actor.shop_ids)
    places = _places(items, actor)
    # Choosing waves takes a while, so it is done before anything is locked.
    asked = _ask(items, places, shops)
    with unit_of_work(actor) as unit:
        wishes = _wishes(asked)
        named = orders_of([key for one in asked for key in one.named or ()])
        orders = lock_orders(unit, [*named, *lock_ready(wishes, shops)])
        ready = ready_shipments(wishes, shops, orders)
        keys = [key for one in asked for key in one.item.shipment_ids or ()]
        waits = waiting_for_transfers(keys, orders, places.values())
        _claim(asked, places, ready, waiting_claims(orders, places), waits)
        wanted = [claim for one in asked for claim in one.claims]
        shelves = lock_shelves(unit, {(c.product_id, c.location_id) for c in wanted})
        to_make = [_to_make(one, places, shelves) for one in asked]
        made = make_lists(unit, [each for each in to_make if each is not None])
    outcomes = iter(made)
    return [
        Outcome.refused(one.refusal) if one.refusal is not None else _told(next(outcomes), one)
        for one in asked
    ]


def _told(outcome: Outcome, one: _Asked) -> Outcome:
    if one.wave is None:
        return outcome
    return replace(
        outcome, data={**outcome.data, "proposal": msgspec.to_builtins(one.wave.told(one.planned))}
    )


def propose_pick_lists(items: Sequence[CreatePickListItem], *, actor: Actor) -> list[Outcome]:
    """Say what items would make, of a wave also which shipments it would be of and how dense it is; nothing is made or locked.

    The id is the location's. Refuses as `create_pick_lists`.
    """
    return retrying(lambda: _propose(items, actor))


def _propose(items: Sequence[CreatePickListItem], actor: Actor) -> list[Outcome]:
    shops = None if actor.shop_ids is None else sorted(actor.shop_ids)
    places = _places(items, actor)
    asked = _ask(items, places, shops)
    ready = ready_shipments(_wishes(asked), shops)
    keys = {key for one in asked for key in one.named or ()} | {key for found in ready.values() for key in found}  # fmt: skip
    wanted = _look(asked, places, ready, orders_of(sorted(keys), shops))
    return [_proposed(one, make, places) for one, make in zip(asked, wanted, strict=True)]


def _proposed(one: _Asked, make: ToMake | None, places: Mapping[str, UUID]) -> Outcome:
    if one.refusal is not None or make is None:
        return Outcome.refused(one.refusal or _nothing_ready(one.item))
    told = msgspec.to_builtins(_preview(make))
    told["shipment_ids"] = list(dict.fromkeys(part.claim.shipment_id for part in make.planned))
    return _told(Outcome.done(places[one.item.location], **told), one)


class Preview(msgspec.Struct, frozen=True):
    """What an item would make now; `proposal` of a wave that was chosen."""

    lists: int
    shipments: int
    lines: int
    units: int
    proposal: Figures | None = None


def preview_pick_lists(item: CreatePickListItem, *, actor: Actor) -> Preview:
    """Say what a filter would make, without a lock and without making it; nothing ready is no refusal here."""
    return retrying(lambda: _previewed(item, actor))


def _previewed(item: CreatePickListItem, actor: Actor) -> Preview:
    shops = None if actor.shop_ids is None else sorted(actor.shop_ids)
    places = _places([item], actor)
    [one] = _ask([item], places, shops)
    ready = ready_shipments(_wishes([one]), shops)
    [wanted] = _look([one], places, ready, orders_of(one.named or ready.get(0, []), shops))
    if one.refusal is not None and one.refusal.code != "nothing_to_pick":
        raise one.refusal
    if wanted is None:
        return Preview(0, 0, 0, 0)
    proposal = None if one.wave is None else one.wave.told(one.planned)
    return msgspec.structs.replace(_preview(wanted), proposal=proposal)


def _preview(make: ToMake) -> Preview:
    claims = [planned.claim for planned in make.planned]
    return Preview(
        len(walks_of(make)),
        len({claim.shipment_id for claim in claims}),
        sum(len(planned.parts) for planned in make.planned),
        sum(claim.quantity for claim in claims),
    )


def _look(
    asked: Sequence[_Asked],
    places: Mapping[str, UUID],
    ready: Mapping[int, Sequence[UUID]],
    orders: Sequence[UUID],
) -> list[ToMake | None]:
    """Return what items would make, read without a lock."""
    _claim(asked, places, ready, waiting_claims(orders, places), {})
    shelves = read_shelves((c.product_id, c.location_id) for one in asked for c in one.claims)
    _check_there(asked, shelves)
    return [_to_make(one, places, shelves) for one in asked]


def _check_there(asked: Sequence[_Asked], shelves: Mapping[Key, Shelf]) -> None:
    """Refuse (Again) where claims and bins were read at different moments: somebody has made a list of the same pieces between."""
    claimed: Counter[Key] = Counter()
    for one in asked:
        for claim in one.claims:
            claimed[(claim.product_id, claim.location_id)] += claim.quantity
    for key, quantity in claimed.items():
        if sum(max(row.free, 0) for row in shelves[key].bins if row.kind == "pick" and not row.is_blocked) < quantity:  # fmt: skip
            raise Again("Somebody took of it meanwhile; try again.")


def _places(items: Sequence[CreatePickListItem], actor: Actor) -> dict[str, UUID]:
    """Return the ids of the locations that items name, as far as this actor may see them."""
    shops = None if actor.shop_ids is None else sorted(actor.shop_ids)
    rows = sql.fetch(
        "select l.code, l.id from stock_location l where l.code = any(%s) and (%s::uuid[] is null or l.id in "
        "(select location_id from shops_shop_location where shop_id = any(%s::uuid[])))",
        (sorted({i.location for i in items}), shops, shops),
    )
    return {row[0]: row[1] for row in rows if actor.may_see_location(row[1])}


def _ask(
    items: Sequence[CreatePickListItem],
    places: Mapping[str, UUID],
    shops: Sequence[UUID] | None,
) -> list[_Asked]:
    """Check what items ask for, and choose the waves of those that want one."""
    asked = [_Asked(item) for item in items]
    wanted: dict[int, tuple[Wish, Limits]] = {}
    for index, one in enumerate(asked):
        item = one.item
        try:
            _check_choices(item)
            if item.location not in places:
                raise _unknown(item.location)
        except Refusal as refusal:
            one.refusal = refusal
            continue
        if item.max_units is not None:
            limits = Limits(item.min_units or 1, item.max_units, item.limit, item.zones or ())
            wanted[index] = (_wish(index, item, CANDIDATES), limits)
    for index, answer in propose(wanted, shops).items():
        if isinstance(answer, Proposal):
            asked[index].wave = answer
        else:
            asked[index].refusal = answer
    return asked


def _wish(index: int, item: CreatePickListItem, most: int) -> Wish:
    return Wish(
        index, item.location, most, item.carrier, item.service, item.tags, item.countries, item.placed_before,
        item.method == "singles",
    )  # fmt: skip


def _wishes(asked: Sequence[_Asked]) -> list[Wish]:
    """Return what the items that name no shipments ask for."""
    wishes: list[Wish] = []
    most: dict[str, int] = defaultdict(int)
    for index, one in enumerate(asked):
        if one.refusal is None and one.named is None:
            # What earlier items take is gone for the next one.
            most[one.item.location] += one.item.limit
            wishes.append(_wish(index, one.item, most[one.item.location]))
    return wishes


def _claim(
    asked: Sequence[_Asked],
    places: Mapping[str, UUID],
    ready: Mapping[int, Sequence[UUID]],
    waiting: Waiting,
    waits: Mapping[UUID, str],
) -> None:
    for index, one in enumerate(asked):
        if one.refusal is not None:
            continue
        here = waiting[places[one.item.location]]
        chosen = one.named
        if one.wave is not None and any(key not in here for key in one.wave.shipment_ids):
            raise Again("Some of the orders that were chosen are taken meanwhile; try again.")
        try:
            if chosen is None:
                chosen = list(islice((key for key in ready.get(index, ()) if key in here), one.item.limit))  # fmt: skip
            else:
                _check_complete(chosen, waits)
                _check_named(one.item, chosen, here)
            # What one item takes is gone for the next.
            one.claims = [claim for key in dict.fromkeys(chosen) for claim in here.pop(key)]
            if not one.claims:
                raise _nothing_ready(one.item)
        except Refusal as refusal:
            one.refusal = refusal


def _check_choices(item: CreatePickListItem) -> None:
    """Refuse with BadInput choices that contradict each other."""
    narrowed = (item.carrier, item.service, item.tags, item.countries, item.placed_before, item.max_units)  # fmt: skip
    if item.shipment_ids is not None and any(value is not None for value in narrowed):
        raise BadInput(
            "Name shipments or filter them, not both.",
            code="named_and_filtered",
            pointer="/shipment_ids",
        )
    of_batch = {
        "method": item.method, "max_orders": item.max_orders, "max_lines": item.max_lines,
        "max_weight_grams": item.max_weight_grams, "split_by": item.split_by, "min_units": item.min_units,
        "max_units": item.max_units,
    }  # fmt: skip
    given = [name for name, value in of_batch.items() if value is not None]
    if item.kind == "single" and given:
        raise BadInput(
            f"{given[0]} is for a batch; a single list is one shipment's.",
            code="only_for_batches",
            pointer=f"/{given[0]}",
        )
    if item.min_units is not None and (item.max_units is None or item.max_units < item.min_units):
        raise BadInput(
            "The most pieces of a wave are at least as many as the least.",
            code="wave_limits",
            pointer="/max_units",
        )


def _unknown(location: str) -> NotFound:
    return NotFound(
        f"There is no stock location {location}.", code="unknown_location", pointer="/location"
    )


def _nothing_ready(item: CreatePickListItem) -> WrongState:
    """Return the refusal of an item for which nothing is ready."""
    return WrongState(
        f"Nothing is ready to be picked at {item.location}.",
        code="nothing_to_pick",
        pointer="/location",
    )


def _check_complete(named: Sequence[UUID], waits: Mapping[UUID, str]) -> None:
    told = [waits[key] for key in named if key in waits]
    if told:
        raise WrongState(
            f"{'; '.join(told)}: nothing of it is picked before.",
            code="waits_for_transfer",
            pointer="/shipment_ids",
        )


def _check_named(
    item: CreatePickListItem, named: Sequence[UUID], here: Mapping[UUID, object]
) -> None:
    lacking = [key for key in named if key not in here]
    if lacking:
        raise WrongState(
            f"{len(lacking)} of {len(named)} shipments have nothing to pick at {item.location}: "
            "unknown, shipped, on a pick list already, on hold or not paid.",
            code="nothing_to_pick",
            pointer="/shipment_ids",
            details={"shipment_ids": [str(key) for key in lacking]},
        )


def _to_make(
    one: _Asked, places: Mapping[str, UUID], shelves: Mapping[Key, Shelf]
) -> ToMake | None:
    if one.refusal is not None:
        return None
    item = one.item
    near = one.wave.bins if one.wave is not None else frozenset[UUID]()
    planned = one.planned = list(_plan(one.claims, shelves, item.zones or (), near))
    if not planned:
        one.refusal = _nothing_ready(item)
        return None
    caps = Caps(item.max_orders, item.max_lines, item.max_weight_grams)
    # A batch that says nothing else is sorted while walking, as its lines name their orders.
    method = item.method or ("totes" if item.kind == "batch" else "")
    return ToMake(places[item.location], item.kind, method, caps, item.split_by, item.wave, planned)


def _plan(
    claims: Sequence[Claim],
    shelves: Mapping[Key, Shelf],
    zones: Sequence[str],
    near: Collection[UUID],
) -> Iterator[Planned]:
    for claim in claims:
        shelf = shelves[(claim.product_id, claim.location_id)]
        parts = shelf.plan(claim.quantity, zones=zones, near=near)
        if parts:
            yield Planned(claim, parts)
