"""Decides what becomes of goods that came back, once somebody has looked at them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import msgspec

from orderwerk.core import clock, fields, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import BadInput, NotFound, Refusal, WrongState
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import STILL, Move, Subject, UnitOfWork, retrying, unit_of_work
from orderwerk.orders.counters import lock_orders_of
from orderwerk.returns.commands.create import Fate
from orderwerk.returns.events import RETURN_INSPECTED
from orderwerk.returns.facts import product_of
from orderwerk.returns.restock import LotsOf, Restock, Spot, Spots, TakenLots, put_back


class InspectItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What becomes of one return line; into stock at `location` (left out: where it left from).

    `lot` where the order left with several lots of it.
    """

    return_line_id: UUID
    disposition: Fate
    location: fields.Code | None = None
    bin: fields.Code | None = None
    lot: fields.Lot | None = None


@dataclass(slots=True)
class _Line:
    id: UUID
    return_id: UUID
    number: str
    order_id: UUID
    shop_id: UUID
    order_line_id: UUID
    name: str
    sku: str
    product_id: UUID | None
    quantity: int
    disposition: str | None
    origin: str | None
    lots: dict[UUID, str] = field(default_factory=dict)


_READ = """
select k.id, r.id, r.number, k.order_id, k.shop_id, l.id, l.name, l.sku, l.product_id, k.quantity, k.disposition, (
  select c.code from shipments_line s join shipments_shipment h on h.id = s.shipment_id join stock_location c on c.id = h.location_id
  where s.order_line_id = l.id and s.is_live and h.status in ('shipped', 'delivered') order by h.shipped_at desc, h.id desc limit 1)
from returns_line k join returns_return r on r.id = k.parent_id join orders_line l on l.id = k.order_line_id
where k.id = any(%s)
"""


def inspect_returns(items: Sequence[InspectItem], *, actor: Actor) -> list[Outcome]:
    """Decide the fate of return lines, each once; the return is processed when all of its lines are decided.

    Refuses with NotFound, with WrongState a line that is decided or an article that the catalogue does not know, with
    BadInput no location to restock at, no lot where several left, or a place for goods that are not restocked, with
    LimitExceeded more pieces of a lot than left.
    """
    return retrying(lambda: _inspect(items, actor))


def _inspect(items: Sequence[InspectItem], actor: Actor) -> list[Outcome]:
    with unit_of_work(actor) as unit:
        keys = [item.return_line_id for item in items]
        orders = lock_orders_of(unit, "returns_line", keys)
        lines = {row[0]: _Line(*row) for row in sql.fetch(_READ, (keys,)) if row[3] in orders}
        codes = [x.origin for x in lines.values() if x.origin] + [i.location for i in items if i.location]  # fmt: skip
        spots = Spots(codes, [i.bin for i in items if i.bin], actor)
        lots = LotsOf([line.order_line_id for line in lines.values()])
        chosen: list[tuple[_Line, InspectItem, Spot | None]] = []
        outcomes: list[Outcome] = []
        for item in items:
            try:
                line = _check(item, lines)
                spot = _spot(item, line, spots)
                taken: TakenLots = Counter()
                line.lots = lots.choose(line.order_line_id, item.lot, line.quantity, taken, "") if spot else {}  # fmt: skip
            except Refusal as refusal:
                outcomes.append(Outcome.refused(refusal))
                continue
            lots.use(taken)
            chosen.append((line, item, spot))
            line.disposition = item.disposition
            outcomes.append(Outcome.done(line.id, return_id=line.return_id, disposition=item.disposition))  # fmt: skip
        _write(unit, chosen, spots)
    return outcomes


def _check(item: InspectItem, lines: dict[UUID, _Line]) -> _Line:
    line = lines.get(item.return_line_id)
    if line is None:
        raise NotFound(
            "There is no such return line.", code="unknown_return_line", pointer="/return_line_id"
        )
    if line.disposition is not None:
        raise WrongState(f"It has been decided already: {line.disposition}.", code="inspected")
    return line


def _spot(item: InspectItem, line: _Line, spots: Spots) -> Spot | None:
    if item.disposition != "restock":
        if item.location is not None or item.lot is not None:
            raise BadInput(
                "Only what goes into stock has a location.",
                code="not_restocked",
                pointer="/location" if item.location is not None else "/lot",
            )
        return None
    product_of(line.product_id, line.name, "/return_line_id")
    return spots.spot(item.location or line.origin, item.bin, "")


_DECIDE = """
update returns_line k set disposition = t.disposition, location_id = t.location_id, product_id = t.product_id,
  decided_at = %s, decided_by = %s
from unnest(%s::uuid[], %s::text[], %s::uuid[], %s::uuid[]) as t(id, disposition, location_id, product_id)
where k.id = t.id and k.disposition is null
"""
_FINISH = """
update returns_return r set version = r.version + 1,
  status = case when p.open then r.status else 'processed' end, processed_at = case when p.open then null else %s end
from (select parent_id, bool_or(disposition is null) as open from returns_line where parent_id = any(%s) group by parent_id) p
where r.id = p.parent_id
returning r.id, r.version, r.status
"""


def _write(
    unit: UnitOfWork, chosen: Sequence[tuple[_Line, InspectItem, Spot | None]], spots: Spots
) -> None:
    if not chosen:
        return
    parameters: tuple[Any, ...] = (
        clock.now(), unit.actor.name, [x.id for x, _, _ in chosen], [i.disposition for _, i, _ in chosen],
        [s.location_id if s else None for _, _, s in chosen], [x.product_id for x, _, _ in chosen],
    )  # fmt: skip
    sql.execute(_DECIDE, parameters)
    by_return: dict[UUID, list[_Line]] = {}
    for line, _, _ in chosen:
        by_return.setdefault(line.return_id, []).append(line)
    for key, version, status in sql.fetch(_FINISH, (clock.now(), list(by_return))):
        mine = by_return[key]
        subject = Subject("return", key, version, mine[0].order_id, mine[0].shop_id)
        move = Move("to_inspect", "processed") if status == "processed" else STILL
        data = {"number": mine[0].number, "units": sum(x.quantity for x in mine)}
        unit.record(RETURN_INSPECTED, subject, move, data)
    put_back(
        unit,
        [
            Restock(
                x.id,
                x.order_line_id,
                x.product_id,
                x.sku,
                x.quantity,
                spot,
                x.order_id,
                x.shop_id,
                x.number,
                x.lots,
            )
            for x, _, spot in chosen
            if spot is not None and x.product_id is not None
        ],
        spots,
    )
