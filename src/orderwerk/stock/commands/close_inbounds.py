"""Ends the wait for goods on their way: the rest will not come, or goes back to where it was sent from."""

from collections.abc import Collection, Iterable, Sequence
from uuid import UUID

import msgspec

from orderwerk.core import fields, ids, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import BadInput, NotFound, Refusal
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import Move, Subject, UnitOfWork, retrying, unit_of_work
from orderwerk.stock.events import INBOUND_CLOSED
from orderwerk.stock.inbounds import (
    InboundLineState,
    InboundState,
    LineChange,
    change_inbounds,
    check_open,
    lock_inbounds,
)
from orderwerk.stock.lots import on_the_way
from orderwerk.stock.movements import Movement, Place, write_movements
from orderwerk.stock.shelves import DEFAULT_BIN, ensure_levels, lock_shelves, look_up_bins


class CloseInboundItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An inbound of which nothing more will come; `back_to_origin`: a transfer's rest lies at its origin again."""

    inbound_id: UUID
    reason: fields.Reason
    back_to_origin: bool = False


def close_inbounds(items: Sequence[CloseInboundItem], *, actor: Actor) -> list[Outcome]:
    """Close what is still open of each; pieces of a transfer that do not go back are lost, with the reason.

    What was sent for an order is closed by the flow `close_expected`, which routes the order again.

    Refuses with NotFound, also an origin that the actor does not see, with WrongState one that is finished, with BadInput a purchase that has no origin.
    """
    return retrying(lambda: _close(items, actor))


def _close(items: Sequence[CloseInboundItem], actor: Actor) -> list[Outcome]:
    with unit_of_work(actor) as unit:
        known = {
            s.id: s for s in lock_inbounds(unit, ids=[item.inbound_id for item in items]).values()
        }
        origins = _seen_origins(known.values(), actor)
        chosen: dict[UUID, tuple[InboundState, CloseInboundItem, int]] = {}
        changes: dict[UUID, LineChange] = {}
        back: list[tuple[InboundState, InboundLineState]] = []
        outcomes: list[Outcome] = []
        for item in items:
            try:
                state = _check(item, known, origins)
            except Refusal as refusal:
                outcomes.append(Outcome.refused(refusal))
                continue
            chosen[state.id] = (state, item, state.open_units)
            for line in state.lines.values():
                if line.open:
                    changes[line.id] = LineChange(closed=line.open)
                    back += [(state, line)] if item.back_to_origin else []
                    line.closed += line.open
            known.pop(state.id)
            outcomes.append(Outcome.done(state.id, number=state.number))
        _put_back(unit, back)
        states = [state for state, _, _ in chosen.values()]
        for key, (version, status) in change_inbounds(states, changes).items():
            state, item, units = chosen[key]
            data = {"number": state.number, "units": units, "reason": item.reason, "back_to_origin": item.back_to_origin}  # fmt: skip
            unit.record(INBOUND_CLOSED, Subject("inbound", key, version), Move("open", status), data)  # fmt: skip
    return outcomes


def _seen_origins(inbounds: Iterable[InboundState], actor: Actor) -> set[UUID]:
    """Return the origins at which this actor may raise stock."""
    shops = None if actor.shop_ids is None else sorted(actor.shop_ids)
    rows = sql.fetch(
        "select l.id from stock_location l where l.id = any(%s) and (%s::uuid[] is null or l.id in ("
        "select location_id from shops_shop_location where shop_id = any(%s::uuid[])))",
        ([i.origin_id for i in inbounds if i.origin_id is not None], shops, shops),
    )
    return {row[0] for row in rows if actor.may_see_location(row[0])}


def _check(
    item: CloseInboundItem, known: dict[UUID, InboundState], origins: Collection[UUID]
) -> InboundState:
    state = check_open(known.get(item.inbound_id))
    if item.back_to_origin and state.origin_id is None:
        raise BadInput(
            "A purchase order has no origin of ours.", code="no_origin", pointer="/back_to_origin"
        )
    if item.back_to_origin and state.origin_id not in origins:
        raise NotFound(
            "There is no such stock location to go back to.", code="unknown_location", pointer="/back_to_origin"
        )  # fmt: skip
    return state


def _put_back(unit: UnitOfWork, back: Sequence[tuple[InboundState, InboundLineState]]) -> None:
    lines = [(line.id, line.product_id, s.origin_id) for s, line in back if s.origin_id is not None]
    if not lines:
        return
    ensure_levels((product, origin) for _, product, origin in lines)
    lock_shelves(unit, [(product, origin) for _, product, origin in lines])
    bins = look_up_bins([(origin, DEFAULT_BIN) for _, _, origin in lines])
    lots = on_the_way([line for line, _, _ in lines])
    places = [
        (product, origin, lot, n)
        for line, product, origin in lines
        for lot, n in lots[line].items()
        if n
    ]
    write_movements(
        [
            Movement(
                Place(product, origin, bins[(origin, DEFAULT_BIN)], lot),
                n,
                "transferred_in",
                ids.new_id(),
                None,
                "back to origin",
            )
            for product, origin, lot, n in places
        ],
        actor=unit.actor,
    )
