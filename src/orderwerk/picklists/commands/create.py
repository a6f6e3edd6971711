"""Makes pick lists from open shipments of a location: one per shipment, or one for a batch, in walking order."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec

from orderwerk.core import clock, fields, ids, numbering, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import NotFound, Refusal, WrongState
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import STILL, Move, Subject, UnitOfWork, retrying, unit_of_work
from orderwerk.orders.counters import lock_orders
from orderwerk.picklists.events import ORDER_PICK_LISTED, PICK_LIST_CREATED
from orderwerk.stock.shelves import Shelf, lock_shelves

DEFAULT_LIMIT = 50


class CreatePickListItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What to collect: named shipments of one location, or the oldest `limit` that are ready there."""

    location: fields.Code
    shipment_ids: Annotated[list[UUID], msgspec.Meta(min_length=1, max_length=10_000)] | None = None
    limit: Annotated[int, msgspec.Meta(ge=1, le=10_000)] = DEFAULT_LIMIT
    kind: Literal["single", "batch"] = "single"


def create_pick_lists(items: Sequence[CreatePickListItem], *, actor: Actor) -> list[Outcome]:
    """Make pick lists: `single` one per shipment, `batch` one for all of an item.

    Refuses with NotFound a location or shipment, with WrongState a shipment with nothing to pick (shipped, on a list
    already, on hold, not payable). Where the location is asked for what is ready and nothing is: WrongState.
    """
    return retrying(lambda: _create(items, actor))


@dataclass(frozen=True, slots=True)
class Wanted:
    """One claim that is to be picked."""

    item: int
    shipment_id: UUID
    allocation_id: UUID
    shop_id: UUID
    order_id: UUID
    product_id: UUID
    location_id: UUID
    quantity: int


# Per location, per shipment that is ready: its claims, in the order in which orders are served.
Waiting = dict[UUID, dict[UUID, list[tuple[Any, ...]]]]

# Chooses and locks the orders in one step; orders that somebody else works on are passed over when not named.
_CHOOSE = """
select o.id from orders_order o
where o.id in (
  select s.order_id from shipments_shipment s join stock_location l on l.id = s.location_id
  join orders_order r on r.id = s.order_id
  where l.code = any(%s) and s.status in ('open', 'announced') and r.status in ('awaiting_shipment', 'partially_shipped', 'awaiting_stock')
    and exists (select 1 from shipments_line sl join allocations_allocation a on a.id = sl.allocation_id
                where sl.shipment_id = s.id and sl.is_live and a.status = 'allocated')
  order by r.priority desc, r.placed_at, r.id limit %s)
order by o.id for no key update skip locked
"""
_WANTED = """
select s.id, a.id, a.shop_id, a.order_id, a.product_id, a.location_id, a.quantity - a.picked
from shipments_shipment s
join orders_order o on o.id = s.order_id
join stock_location l on l.id = s.location_id
join shipments_line sl on sl.shipment_id = s.id and sl.is_live
join allocations_allocation a on a.id = sl.allocation_id and a.status = 'allocated'
where s.order_id = any(%s) and l.code = any(%s) and s.status in ('open', 'announced') and o.holds_open = 0
  and (o.on_account or o.captured_minor + o.authorized_minor >= o.grand_total_minor - o.cancelled_minor)
order by o.priority desc, o.placed_at, s.id, a.id
"""


def _create(items: Sequence[CreatePickListItem], actor: Actor) -> list[Outcome]:
    with unit_of_work(actor) as unit:
        named = [key for item in items for key in item.shipment_ids or ()]
        owners = {
            r[0]: r[1]
            for r in sql.fetch(
                "select id, order_id from shipments_shipment where id = any(%s)", (named,)
            )
        }
        places = _places(items, actor)
        free = [item for item in items if item.shipment_ids is None and item.location in places]
        chosen = (
            sql.fetch(_CHOOSE, ([i.location for i in free], sum(i.limit for i in free)))
            if free
            else []
        )
        orders = lock_orders(unit, [*owners.values(), *(row[0] for row in chosen)])
        waiting = _waiting(sql.fetch(_WANTED, (list(orders), list(places))))
        outcomes: list[Outcome] = []
        wanted: list[Wanted] = []
        for index, item in enumerate(items):
            try:
                mine = _claims_for(index, item, places, waiting)
            except Refusal as refusal:
                outcomes.append(Outcome.refused(refusal))
                continue
            wanted += mine
            outcomes.append(Outcome.done(ids.new_id()))
        made = _write(unit, items, wanted)
    return [
        Outcome.done(
            made[i][0]["id"], pick_lists=[{"id": m["id"], "number": m["number"]} for m in made[i]]
        )
        if o.ok
        else o
        for i, o in enumerate(outcomes)
    ]


def _places(items: Sequence[CreatePickListItem], actor: Actor) -> dict[str, UUID]:
    shops = None if actor.shop_ids is None else sorted(actor.shop_ids)
    rows = sql.fetch(
        "select l.code, l.id from stock_location l where l.code = any(%s) and (%s::uuid[] is null or l.id in "
        "(select location_id from shops_shop_location where shop_id = any(%s::uuid[])))",
        (sorted({i.location for i in items}), shops, shops),
    )
    return {row[0]: row[1] for row in rows if actor.may_see_location(row[1])}


def _waiting(rows: Sequence[tuple[Any, ...]]) -> Waiting:
    waiting: Waiting = defaultdict(lambda: defaultdict(list))
    for row in rows:
        waiting[row[5]][row[0]].append(row)
    return waiting


def _claims_for(
    index: int, item: CreatePickListItem, places: dict[str, UUID], waiting: Waiting
) -> list[Wanted]:
    if item.location not in places:
        raise NotFound(
            f"There is no stock location {item.location}.",
            code="unknown_location",
            pointer="/location",
        )
    here = waiting[places[item.location]]
    if item.shipment_ids is not None:
        _check_named(item, item.shipment_ids, here)
    elif not here:
        raise WrongState(
            f"Nothing is ready to be picked at {item.location}.",
            code="nothing_to_pick",
            pointer="/location",
        )
    chosen = list(islice(here, item.limit)) if item.shipment_ids is None else item.shipment_ids
    # What one item takes is gone for the next.
    return [Wanted(index, *row) for shipment in dict.fromkeys(chosen) for row in here.pop(shipment)]


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


_LIST = "id uuid, number text, location_id uuid, kind text, status text, assigned_name text, created_at timestamptz, version int"
_LINE = (
    "id uuid, shop_id uuid, pick_list_id uuid, order_id uuid, location_id uuid, shipment_id uuid, allocation_id uuid, "
    "product_id uuid, bin_id uuid, lot text, position int, part int, quantity int, picked int, short int, short_reason text, "
    "cancelled int, is_open boolean"
)
_START = """
with started as (
  update allocations_allocation set status = 'picking' where id = any(%s)
)
update stock_bin_stock b set planned = b.planned + t.n
from unnest(%s::uuid[], %s::uuid[], %s::uuid[], %s::text[], %s::int[]) as t(product_id, location_id, bin_id, lot, n)
where b.product_id = t.product_id and b.location_id = t.location_id and b.bin_id = t.bin_id and b.lot = t.lot
"""


def _write(
    unit: UnitOfWork, items: Sequence[CreatePickListItem], wanted: Sequence[Wanted]
) -> dict[int, list[dict[str, Any]]]:
    if not wanted:
        return {}
    shelves = lock_shelves(unit, {(w.product_id, w.location_id) for w in wanted})
    groups = list(dict.fromkeys(_group(items, w) for w in wanted))
    numbers = numbering.next_numbers("picklists_number", len(groups))
    moment = clock.now()
    lists: dict[tuple[int, UUID | None], dict[str, Any]] = {}
    for (index, shipment), number in zip(groups, numbers, strict=True):
        location = next(w.location_id for w in wanted if w.item == index)
        lists[(index, shipment)] = {
            "id": ids.new_id(), "number": f"P{number}", "location_id": location, "kind": items[index].kind, "status": "open",
            "assigned_name": "", "created_at": moment, "version": 1,
        }  # fmt: skip
    lines = _lines(items, wanted, shelves, lists)
    sql.insert_rows("picklists_pick_list", _LIST, list(lists.values()))
    sql.insert_rows("picklists_line", _LINE, lines)
    planned: dict[tuple[UUID, UUID, UUID, str], int] = defaultdict(int)
    for line in lines:
        planned[(line["product_id"], line["location_id"], line["bin_id"], line["lot"])] += line[
            "quantity"
        ]
    keys = list(planned)
    sql.execute(
        _START,
        (
            [w.allocation_id for w in wanted],
            *([k[i] for k in keys] for i in range(4)),
            list(planned.values()),
        ),
    )
    _record(unit, lists.values(), lines)
    made: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for (index, _), row in lists.items():
        made[index].append(row)
    return made


def _group(items: Sequence[CreatePickListItem], wanted: Wanted) -> tuple[int, UUID | None]:
    return wanted.item, wanted.shipment_id if items[wanted.item].kind == "single" else None


def _lines(
    items: Sequence[CreatePickListItem],
    wanted: Sequence[Wanted],
    shelves: dict[tuple[UUID, UUID], Shelf],
    lists: dict[tuple[int, UUID | None], dict[str, Any]],
) -> list[dict[str, Any]]:
    rows: list[tuple[tuple[int, str], dict[str, Any]]] = []
    for w in wanted:
        for part, (row, quantity) in enumerate(
            shelves[(w.product_id, w.location_id)].plan(w.quantity), start=1
        ):
            line = {
                "id": ids.new_id(), "shop_id": w.shop_id, "pick_list_id": lists[_group(items, w)]["id"], "order_id": w.order_id,
                "location_id": w.location_id, "shipment_id": w.shipment_id, "allocation_id": w.allocation_id,
                "product_id": w.product_id, "bin_id": row.bin_id, "lot": row.lot, "part": part, "quantity": quantity,
                "picked": 0, "short": 0, "short_reason": "", "cancelled": 0, "is_open": True,
            }  # fmt: skip
            rows.append(((row.position, row.code), line))
    rows.sort(key=lambda pair: pair[0])
    position: dict[UUID, int] = defaultdict(int)
    for _, line in rows:
        position[line["pick_list_id"]] += 1
        line["position"] = position[line["pick_list_id"]]
    return [line for _, line in rows]


def _record(
    unit: UnitOfWork, lists: Iterable[dict[str, Any]], lines: Sequence[dict[str, Any]]
) -> None:
    orders: dict[UUID, dict[UUID, UUID]] = defaultdict(dict)
    count: dict[UUID, list[int]] = defaultdict(list)
    for line in lines:
        orders[line["pick_list_id"]][line["order_id"]] = line["shop_id"]
        count[line["pick_list_id"]].append(line["quantity"])
    for row in lists:
        data = {
            "number": row["number"],
            "lines": len(count[row["id"]]),
            "units": sum(count[row["id"]]),
        }
        unit.record(PICK_LIST_CREATED, Subject("pick_list", row["id"], 1), Move(None, "open"), data)
        for order_id, shop_id in orders[row["id"]].items():
            unit.record(
                ORDER_PICK_LISTED,
                Subject("order", order_id, None, order_id, shop_id),
                STILL,
                {"number": row["number"]},
            )
