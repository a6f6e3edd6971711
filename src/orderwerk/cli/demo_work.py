"""The demo's story: nine days of work that is done, and a morning's work that waits."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from uuid import UUID

from django.conf import settings

from orderwerk.cli.demo_floor import leave_floor_work
from orderwerk.cli.demo_money import give_back, invoice_day
from orderwerk.cli.demo_orders import Placed
from orderwerk.cli.demo_places import NORTH, STORE, WAREHOUSE, done
from orderwerk.cli.demo_returns import take_back
from orderwerk.core import clock, sql
from orderwerk.core.actor import Actor
from orderwerk.flows.cancel_orders import CancelItem, cancel_orders
from orderwerk.flows.complete_pick_lists import CompleteItem, complete_pick_lists
from orderwerk.flows.pick_lines import PickItem, pick_lines
from orderwerk.flows.place_orders import place_orders
from orderwerk.flows.ship_shipments import ShipItem, ship_shipments
from orderwerk.memos.commands.create import MemoItem, create_memos
from orderwerk.orders.commands.hold import HoldItem, hold_orders
from orderwerk.picklists.commands.assign import AssignItem, assign_pick_lists
from orderwerk.picklists.commands.create import CreatePickListItem, create_pick_lists
from orderwerk.shipments.commands.announce import AnnounceItem, announce_shipments
from orderwerk.shipments.commands.track import TrackItem, track_shipments

_MEMOS = (
    "Called about the colour; either is fine.",
    "Address checked with the customer, it is right as it stands.",
    "Wants everything in one parcel if that is possible by Friday.",
    "Promised to write when the backorder comes in.",
)
_HOLDS = (
    "Address looks wrong",
    "Check for fraud: third order today",
    "Customer wants to add an article",
)


def play(placed: Sequence[Placed], now: datetime, actor: Actor) -> None:
    """Place the orders day by day and do each day's work as it would have been done."""
    # What came in after the morning's work is placed after it, so that nothing is told of an order before it was there.
    morning = now - timedelta(minutes=50)
    late = [order for order in placed if order.document.placed_at > morning]
    for day, group in groupby(placed[: len(placed) - len(late)], key=lambda order: order.day):
        _place(group, actor)
        if day > 0:
            _work_off(day, now, actor)
            invoice_day(now - timedelta(days=day) + timedelta(hours=6), actor)
    with clock.told(morning):
        _stop_some(now, actor)
        asking = _prepare_lists(actor)
        _leave_notes(actor)
        leave_floor_work(now, asking, actor)
    invoice_day(now - timedelta(minutes=45), actor)
    with clock.told(now - timedelta(minutes=40)):
        give_back(actor)
    _place(late, actor)
    invoice_day(now - timedelta(minutes=3), actor)
    take_back(actor)


def _place(orders: Iterable[Placed], actor: Actor) -> None:
    for order in orders:
        with clock.told(order.document.placed_at):
            done(place_orders([order.document], actor=actor))


def _work_off(day: int, now: datetime, actor: Actor) -> None:
    """Pick and ship what is ready in the two warehouses; the store ships every third day only."""
    start = now - timedelta(days=day) + timedelta(hours=1)
    if day in {4, 7}:
        with clock.told(start - timedelta(hours=1)):
            _cancel(day, actor)
    for place in (WAREHOUSE, NORTH, STORE) if day % 3 == 0 else (WAREHOUSE, NORTH):
        ready = _ready(place)
        if not ready:
            continue
        with clock.told(start):
            item = CreatePickListItem(location=place, shipment_ids=ready, kind="batch")
            [made] = done(create_pick_lists([item], actor=actor))
        with clock.told(start + timedelta(hours=2)):
            done(complete_pick_lists([CompleteItem(pick_list_id=_id(made.id))], actor=actor))
        with clock.told(start + timedelta(hours=4)):
            _ship(ready, day, actor)
    _deliver(now - timedelta(days=day - 1), actor)


def _ship(shipments: Sequence[UUID], day: int, actor: Actor) -> None:
    # The last days' messages show how messages are kept; where mail really goes out, the demo writes none.
    notify = day <= 2 and not settings.ORDERWERK_MAIL_ENABLED
    items = [
        ShipItem(shipment_id=key, tracking_code=f"DEMO{day:02}{number:04}", notify=notify)
        for number, key in enumerate(shipments, start=1)
    ]
    done(ship_shipments(items, actor=actor))


def _deliver(until: datetime, actor: Actor) -> None:
    rows = sql.fetch(
        "select id, shipped_at from shipments_shipment where status = 'shipped' and shipped_at < %s order by id",
        (until - timedelta(hours=20),),
    )
    steps = [
        TrackItem(shipment_id=key, status=status, at=at + timedelta(hours=hours), place=place)
        for key, at in rows
        for status, hours, place in (
            ("in_transit", 5, "Demo sorting centre"),
            ("delivered", 18, ""),
        )
    ]
    with clock.told(until):
        done(track_shipments(steps, actor=actor))


def _ready(place: str) -> list[UUID]:
    rows = sql.fetch(
        "select s.id from shipments_shipment s join orders_order o on o.id = s.order_id "
        "join stock_location l on l.id = s.location_id where l.code = %s and s.status = 'open' and o.holds_open = 0 "
        "and o.status in ('awaiting_shipment', 'partially_shipped', 'awaiting_stock') and exists "
        "(select 1 from shipments_line k join allocations_allocation a on a.id = k.allocation_id "
        "where k.shipment_id = s.id and k.is_live and a.status = 'allocated') order by o.placed_at, s.id",
        (place,),
    )
    return [row[0] for row in rows]


def _orders(status: str, most: int, *, newest: bool = True) -> list[UUID]:
    rows = sql.fetch(
        "select id from (select id, row_number() over (order by placed_at) as n from orders_order where status = %s) t "
        "where n %% 3 = 1 order by n * %s limit %s",
        (status, -1 if newest else 1, most),
    )
    return [row[0] for row in rows]


def _cancel(day: int, actor: Actor) -> None:
    reason = "Customer changed their mind" if day == 7 else "Ordered twice"
    chosen = _orders("awaiting_shipment", 5)
    done(cancel_orders([CancelItem(order_id=key, reason=reason) for key in chosen], actor=actor))


def _stop_some(now: datetime, actor: Actor) -> None:
    held = [
        HoldItem(
            order_id=key,
            reason=_HOLDS[index % len(_HOLDS)],
            until=now + timedelta(days=1) if index % 3 == 2 else None,
        )
        for index, key in enumerate(_orders("awaiting_shipment", 7))
    ]
    done(hold_orders(held, actor=actor))


def _prepare_lists(actor: Actor) -> list[UUID]:
    """Leave pick lists in every status: one walk to be done, one half done with a short line, some picked.

    Returns those that nobody has begun.
    """
    north, main = _ready(NORTH), _ready(WAREHOUSE)
    items = [
        CreatePickListItem(location=WAREHOUSE, shipment_ids=main[0:10], kind="batch", wave="Noon"),
        CreatePickListItem(location=WAREHOUSE, shipment_ids=main[10:16], kind="batch"),
        CreatePickListItem(location=WAREHOUSE, shipment_ids=main[16:20]),
        CreatePickListItem(location=NORTH, shipment_ids=north[:4]),
    ]
    made = done(create_pick_lists(items, actor=actor))
    lists = [[_id(entry["id"]) for entry in outcome.data["pick_lists"]] for outcome in made]
    mine = [AssignItem(pick_list_id=lists[1][0], user="demo")]
    done(assign_pick_lists(mine, actor=actor))
    _pick_half(lists[1][0], actor)
    finished = [CompleteItem(pick_list_id=key) for key in lists[2][:3]]
    done(complete_pick_lists(finished, actor=actor))
    announced = [AnnounceItem(shipment_id=key) for key in main[20:24]]
    done(announce_shipments(announced, actor=actor))
    return [*lists[0], *lists[2][3:], *lists[3]]


def _pick_half(pick_list: UUID, actor: Actor) -> None:
    rows = sql.fetch(
        "select id, quantity from picklists_line where pick_list_id = %s order by position",
        (pick_list,),
    )
    half = rows[: len(rows) // 2]
    picks = [PickItem(pick_line_id=key, picked=quantity) for key, quantity in half]
    if half:
        key, quantity = half[-1]
        picks[-1] = PickItem(pick_line_id=key, picked=quantity - 1, short=1, reason="damaged")
    done(pick_lines(picks, actor=actor))


def _leave_notes(actor: Actor) -> None:
    chosen = [*_orders("awaiting_stock", 3, newest=False), *_orders("on_hold", 2)]
    memos = [
        MemoItem(order_id=key, text=_MEMOS[index % len(_MEMOS)]) for index, key in enumerate(chosen)
    ]
    done(create_memos(memos, actor=actor))


def _id(key: UUID | None) -> UUID:
    if key is None:
        raise AssertionError("a command that is done names what it made")
    return key
