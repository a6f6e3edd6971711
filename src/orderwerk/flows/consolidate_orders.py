"""Gathers an order at one location: what it has elsewhere travels there first, and the order leaves in one shipment."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

import msgspec

from orderwerk.allocations.events import ORDER_CONSOLIDATED
from orderwerk.allocations.transfer_pegs import NewPeg, open_pegs, peg_transfers
from orderwerk.core import fields, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import BadInput, NotFound, Refusal, WrongState
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import STILL, Subject, UnitOfWork, retrying, unit_of_work
from orderwerk.flows.give_back import give_back
from orderwerk.flows.held import Held, held_by_orders, lock_stock_of
from orderwerk.flows.move_allocations import Targets, find_targets
from orderwerk.flows.release_allocations import book_given_back
from orderwerk.orders.collecting import check_sent_orders, collected_among
from orderwerk.orders.counters import OrderState, check_not_held, lock_orders
from orderwerk.stock.shelves import Key, Shelf
from orderwerk.stock.transfers import Leaving, Sent, Transfer, may_go, send_off, take

REASON = "travels to one location"


class ConsolidateItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An order, the location from which all of it is to leave, and when what it has elsewhere is expected there."""

    order_id: UUID
    to: fields.Code
    expected_on: date | None = None


def consolidate_orders(items: Sequence[ConsolidateItem], *, actor: Actor) -> list[Outcome]:
    """Send what orders have claimed at other locations to one, by transfers of their own; nobody else gets these pieces.

    They are claimed for the order as they come in; its shipment there is neither picked nor sent as a whole before. What
    is being picked or picked elsewhere, or lies where the actor sees nothing, stays. Refuses with NotFound an order or
    location, with BadInput a location that the shop does not draw from, with WrongState an order on hold, collected, of
    which pieces travel to another location already, that the location has rejected, or with nothing to bring, and a lot
    whose day is over.
    """
    return retrying(lambda: _consolidate(items, actor))


@dataclass(slots=True)
class _Known:
    """What was read under the locks of the orders; `going_to`: where pieces of an order travel already."""

    states: Mapping[UUID, OrderState]
    targets: Targets
    collected: frozenset[UUID]
    held: dict[UUID, list[Held]] = field(default_factory=lambda: defaultdict(list))
    going_to: dict[UUID, UUID] = field(default_factory=dict)
    rejected: frozenset[tuple[UUID, UUID]] = frozenset()


_REJECTED = "select order_id, location_id from allocations_rejection where order_id = any(%s)"


@dataclass(slots=True)
class _Gathering:
    """One order on its way to one place: the claims that go, and the transfers that carry them."""

    order: OrderState
    claims: list[Held]
    leaving: list[Leaving]


def _consolidate(items: Sequence[ConsolidateItem], actor: Actor) -> list[Outcome]:
    with unit_of_work(actor) as unit:
        states = lock_orders(unit, [item.order_id for item in items])
        targets = find_targets([item.to for item in items], actor)
        known = _Known(states, targets, collected_among(states))
        for claim in held_by_orders(states):
            # What somebody has in his hands, or where the actor sees nothing, stays.
            if claim.status == "allocated" and actor.may_see_location(claim.location_id):
                known.held[claim.order_id].append(claim)
        known.going_to = {peg.order_id: peg.location_id for peg in open_pegs(states)}
        known.rejected = frozenset(
            (row[0], row[1]) for row in sql.fetch(_REJECTED, (list(states),))
        )
        free = [claim for claims in known.held.values() for claim in claims]
        shelves = lock_stock_of(unit, free)
        names = _names(free)
        gathered: dict[int, _Gathering] = {}
        outcomes: list[Outcome] = []
        for index, item in enumerate(items):
            try:
                gathered[index] = _gather(item, known, shelves, names)
            except Refusal as refusal:
                outcomes.append(Outcome.refused(refusal))
                continue
            outcomes.append(Outcome.done(item.order_id))
        sent = _carry_out(unit, list(gathered.values()), states)
    return [
        _told(item, sent[item.order_id]) if index in gathered else outcome
        for index, (item, outcome) in enumerate(zip(items, outcomes, strict=True))
    ]


def _told(item: ConsolidateItem, sent: Sequence[Sent]) -> Outcome:
    transfers = [
        {"id": each.id, "number": each.number, "from": each.transfer.origin[1], "units": each.transfer.units}
        for each in sent
    ]  # fmt: skip
    units = sum(each.transfer.units for each in sent)
    return Outcome.done(item.order_id, to=item.to, units=units, transfers=transfers)


def _names(claims: Sequence[Held]) -> dict[UUID, str]:
    """Return the codes of the locations and the skus of the products that claims name."""
    rows = sql.fetch(
        "select id, code from stock_location where id = any(%s) union all select id, sku from catalog_product where id = any(%s)",
        (list({c.location_id for c in claims}), list({c.product_id for c in claims})),
    )
    return {row[0]: row[1] for row in rows}


def _gather(
    item: ConsolidateItem, known: _Known, shelves: Mapping[Key, Shelf], names: Mapping[UUID, str]
) -> _Gathering:
    order, place = _check(item, known)
    claims = [c for c in known.held[order.id] if c.location_id != place]
    if not claims:
        raise WrongState(
            f"Order {order.number} has nothing elsewhere that could travel to {item.to}; what is being picked or picked stays.",
            code="nothing_elsewhere",
        )
    pieces: dict[Key, int] = defaultdict(int)
    for claim in claims:
        pieces[claim.key] += claim.quantity
    _check_days(pieces, shelves)
    wanted: dict[UUID, dict[UUID, int]] = defaultdict(dict)
    for (product, origin), n in sorted(pieces.items()):
        # They are the order's no longer, and leave at once.
        shelves[(product, origin)].level.allocated -= n
        wanted[origin][product] = n
    known.held[order.id] = []
    known.going_to[order.id] = place
    leaving = [
        take(
            Transfer(
                (origin, names[origin]), (place, item.to), goods, {key: names[key] for key in goods},
                item.expected_on, order.number, order.id,
            ),
            shelves,
        )
        for origin, goods in wanted.items()
    ]  # fmt: skip
    return _Gathering(order, claims, leaving)


def _check(item: ConsolidateItem, known: _Known) -> tuple[OrderState, UUID]:
    order = known.states.get(item.order_id)
    if order is None:
        raise NotFound(
            f"There is no order {item.order_id}.", code="unknown_order", pointer="/order_id"
        )
    check_not_held(order)
    check_sent_orders(order, known.collected)
    if item.to not in known.targets:
        raise NotFound(
            f"There is no active stock location {item.to}.", code="unknown_location", pointer="/to"
        )
    place, shops = known.targets[item.to]
    if order.shop_id not in shops:
        raise BadInput(
            f"The shop does not draw stock from {item.to}.",
            code="location_not_linked",
            pointer="/to",
        )
    if (order.id, place) in known.rejected:
        raise WrongState(
            f"{item.to} has said that it cannot send order {order.number}.",
            code="location_rejected",
            pointer="/to",
        )
    if known.going_to.get(order.id, place) != place:
        raise WrongState(
            f"Pieces of order {order.number} travel to another location already; receive or close those transfers first.",
            code="consolidated_elsewhere",
            pointer="/to",
        )
    return order, place


def _check_days(pieces: Mapping[Key, int], shelves: Mapping[Key, Shelf]) -> None:
    for key, n in pieces.items():
        shelf = shelves[key]
        shelf.level.allocated -= n
        fits = may_go(shelf) >= n
        shelf.level.allocated += n
        if not fits:
            raise WrongState(
                "The day of a lot in it is over; other pieces are looked for within minutes.",
                code="lot_blocked",
            )


def _carry_out(
    unit: UnitOfWork, gathered: Sequence[_Gathering], states: Mapping[UUID, OrderState]
) -> dict[UUID, list[Sent]]:
    """Give the claims back, send the pieces off and peg each to its line; returns the transfers of each order."""
    claims = [claim for each in gathered for claim in each.claims]
    take_all = {claim.id: claim.quantity for claim in claims}
    given = give_back(unit, claims, take_all, reason=REASON)
    book_given_back(unit, given, dict(states), REASON)
    sent: dict[UUID, list[Sent]] = defaultdict(list)
    going = [(one.order.id, leaving) for one in gathered for leaving in one.leaving]
    made = send_off(unit, [leaving for _, leaving in going])
    for (order_id, _), each in zip(going, made, strict=True):
        sent[order_id].append(each)
    peg_transfers(_pegs(gathered, sent))
    for one in gathered:
        for each in sent[one.order.id]:
            transfer = each.transfer
            subject = Subject("order", one.order.id, None, one.order.id, one.order.shop_id)
            data = {"transfer": each.number, "from": transfer.origin[1], "to": transfer.to[1], "units": transfer.units}  # fmt: skip
            unit.record(ORDER_CONSOLIDATED, subject, STILL, data)
    return sent


def _pegs(gathered: Sequence[_Gathering], sent: Mapping[UUID, Sequence[Sent]]) -> list[NewPeg]:
    pegs: list[NewPeg] = []
    for one in gathered:
        by_origin = {each.transfer.origin[0]: each for each in sent[one.order.id]}
        pieces: dict[tuple[UUID, UUID, UUID], int] = defaultdict(int)
        for claim in one.claims:
            pieces[(claim.location_id, claim.order_line_id, claim.product_id)] += claim.quantity
        pegs += [
            NewPeg(
                one.order.shop_id, one.order.id, line, product, by_origin[origin].transfer.to[0],
                by_origin[origin].lines[product], n,
            )
            for (origin, line, product), n in pieces.items()
        ]  # fmt: skip
    return pegs
