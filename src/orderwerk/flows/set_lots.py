"""Blocks lots and lets them go, and corrects their days; claims on a lot that is blocked are routed again at once."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import msgspec
from django.db import IntegrityError

from orderwerk.core import clock, fields, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import BadInput, Refusal
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import UnitOfWork, retrying, unit_of_work
from orderwerk.flows.correct_stock import (
    first_look,
    let_go,
    route_again,
    where_to_route,
    who_lost,
)
from orderwerk.flows.losing_claims import Shortage, choose
from orderwerk.stock.corrections import block
from orderwerk.stock.lots import EXPIRED, LotBook, LotState, Name, is_over, record_lot
from orderwerk.stock.shelves import Key, Names, Shelf, lock_shelves, look_up, read_shelves

REASON = "lot was blocked"


class LotItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A lot that came in before; what is left out stays. Blocking one needs a reason, letting it go none.

    A lot whose day is over, or that has fewer days left than its product wants, is blocked by itself, and let go again when its
    day is corrected.
    """

    sku: fields.Sku
    lot: fields.Lot
    expires_on: date | msgspec.UnsetType | None = msgspec.UNSET
    blocked: bool | msgspec.UnsetType = msgspec.UNSET
    reason: fields.LongLine = ""


def set_lots(items: Sequence[LotItem], *, actor: Actor) -> list[Outcome]:
    """Change lots; what is claimed of a blocked one is given back and claimed elsewhere, the latest orders first.

    Pieces that are picked already stay in staging and cannot be shipped; the outcome's `picked` counts them. Refuses with
    NotFound, with BadInput a block without a reason, or letting go a lot that has too few days left, with NotAllowed letting go, or
    another day, by who is limited to shops or locations: the lot lies elsewhere too. Keeping one back is for everybody.
    """
    # Pieces of a lot may reach another location, and be claimed there, between the look for them and the blocking.
    return retrying(lambda: _set(items, actor), also=(IntegrityError,))


def block_expired_lots(*, actor: Actor, most: int = 500) -> int:
    """Block the lots whose day is over, or that have fewer days left than their product wants; returns how many."""
    rows = sql.fetch(
        "select p.sku, t.code from stock_lot t join catalog_product p on p.id = t.product_id "
        "where not t.is_blocked and t.expires_on - p.min_shelf_days < %s order by t.expires_on, t.id limit %s",
        (clock.now().date(), most),
    )
    # What a lot's own day says is done by looking at it.
    set_lots([LotItem(sku=sku, lot=code) for sku, code in rows], actor=actor)
    return len(rows)


def _set(items: Sequence[LotItem], actor: Actor) -> list[Outcome]:
    with unit_of_work(actor) as unit:
        names = look_up([i.sku for i in items], [], [], actor=actor)
        named = [(names.products[i.sku], i.lot) for i in items if i.sku in names.products]
        lots = LotBook(unit, named)
        outcomes: list[Outcome | Name] = []
        changed: dict[Name, tuple[LotState, str]] = {}
        to_block: dict[Name, None] = {}
        for item in items:
            try:
                lot, blocks = _change(item, names, lots, actor)
            except Refusal as refusal:
                outcomes.append(Outcome.refused(refusal))
                continue
            key = (lot.product_id, lot.code)
            changed[key] = (lot, item.sku)
            to_block = to_block | {key: None} if blocks else {k: None for k in to_block if k != key or lot.is_blocked}  # fmt: skip
            outcomes.append(key)
        lost, orders = _carry_out(unit, changed, to_block)
        staged = _staged([key for key in outcomes if isinstance(key, tuple)])
    return [
        o
        if isinstance(o, Outcome)
        else Outcome.done(
            o[0], blocked=changed[o][0].is_blocked, released=lost.get(o[0], 0),
            orders=orders.get(o[0], []), picked=staged.get(o, 0),
        )
        for o in outcomes
    ]  # fmt: skip


def _change(item: LotItem, names: Names, lots: LotBook, actor: Actor) -> tuple[LotState, bool]:
    """Change a lot as an item wants it; returns it, and whether it is blocked by that."""
    lot = lots.known(names.product(item.sku), item.lot)
    if item.blocked is False or item.expires_on is not msgspec.UNSET:
        actor.ensure_everything()
    day = lot.expires_on if isinstance(item.expires_on, msgspec.UnsetType) else item.expires_on
    if item.blocked is True and not item.reason.strip():
        raise BadInput("Say why it is blocked.", code="block_reason", pointer="/reason")
    if item.blocked is False and is_over(day, lot.min_days):
        raise BadInput(
            f"Lot {lot.code} has its day on {day}, too soon for it to leave; correct the day if that is wrong.",
            code="lot_expired",
            pointer="/blocked",
        )
    before, before_day, lot.expires_on = lot.is_blocked, lot.expires_on, day
    if item.blocked is True:
        lot.blocked_reason = item.reason.strip()
    elif item.blocked is False or (_by_its_day(lot, before_day) and not lot.is_over):
        lot.blocked_reason = ""
    elif lot.is_over and not before:
        lot.blocked_reason = EXPIRED
    lot.is_blocked = bool(lot.blocked_reason)
    return lot, lot.is_blocked and not before


def _by_its_day(lot: LotState, day: date | None) -> bool:
    # A person may give the same word as the reason.
    return lot.blocked_reason == EXPIRED and is_over(day, lot.min_days)


_PLACES = """
select distinct b.product_id, b.location_id from stock_bin_stock b
join unnest(%s::uuid[], %s::text[]) as t(product_id, lot) using (product_id, lot) where b.quantity > 0
"""
_WRITE = """
update stock_lot l set expires_on = t.expires_on, is_blocked = t.is_blocked, blocked_reason = t.reason
from unnest(%s::uuid[], %s::text[], %s::date[], %s::boolean[], %s::text[]) as t(product_id, code, expires_on, is_blocked, reason)
where l.product_id = t.product_id and l.code = t.code
"""


def _carry_out(
    unit: UnitOfWork, changed: Mapping[Name, tuple[LotState, str]], to_block: Mapping[Name, Any]
) -> tuple[dict[UUID, int], dict[UUID, list[str]]]:
    """Write lots; returns per product how many pieces were given back, and of which orders that this actor may see."""
    if not changed:
        return {}, {}
    wanted = ([name[0] for name in changed], [name[1] for name in changed])
    keys = {(row[0], row[1]) for row in sql.fetch(_PLACES, wanted)}
    states, offers = first_look(unit, _shortages(read_shelves(keys), to_block))
    shortages = _shortages(
        {
            key: shelf
            for key, shelf in lock_shelves(unit, keys | where_to_route(states, offers)).items()
            if key in keys
        },
        to_block,
    )
    losing = choose(shortages, offers)
    gone = let_go(unit, losing, REASON)
    states_ = [lot for lot, _ in changed.values()]
    sql.execute(
        _WRITE,
        (
            [s.product_id for s in states_], [s.code for s in states_], [s.expires_on for s in states_],
            [s.is_blocked for s in states_], [s.blocked_reason for s in states_],
        ),
    )  # fmt: skip
    for lot, sku in changed.values():
        record_lot(unit, lot, sku)
    route_again(unit, gone, states, REASON)
    lost: dict[UUID, int] = defaultdict(int)
    for key, shortage in shortages.items():
        lost[key[0]] += shortage.pieces
    orders: dict[UUID, list[str]] = defaultdict(list)
    for key, numbers in who_lost(unit, offers, losing, states).items():
        orders[key[0]] += numbers
    return lost, orders


def _shortages(shelves: Mapping[Key, Shelf], to_block: Mapping[Name, Any]) -> dict[Key, Shortage]:
    shortages: dict[Key, Shortage] = {}
    for key, shelf in shelves.items():
        shortage = Shortage()
        for product, code in to_block:
            if product == key[0]:
                for place, pieces in block(shelf, code).unplanned.items():
                    shortage.unplanned[place] += pieces
        shortage.released = shelf.level.over
        if shortage.pieces:
            shortages[key] = shortage
    return shortages


def _staged(names: Sequence[Name]) -> dict[Name, int]:
    rows = sql.fetch(
        "select b.product_id, b.lot, sum(b.quantity)::int from stock_bin_stock b join stock_bin k on k.id = b.bin_id "
        "and k.kind = 'staging' join unnest(%s::uuid[], %s::text[]) as t(product_id, lot) using (product_id, lot) group by 1, 2",
        ([name[0] for name in names], [name[1] for name in names]),
    )
    return {(row[0], row[1]): row[2] for row in rows}
