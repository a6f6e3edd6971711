"""The year that is lived through once: every status and every document, made by the product's own commands."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from django.test import override_settings
from procrastinate.contrib.django import app

from bench.million.shapes import Shopper
from orderwerk.catalog.commands.upsert import ProductItem, upsert_products
from orderwerk.core import clock, routing, sql
from orderwerk.core.actor import Actor
from orderwerk.core.decode import convert
from orderwerk.core.outcome import Outcome
from orderwerk.emails.commands.set_automations import AutomationItem, set_automations
from orderwerk.emails.triggers import TRIGGERS, WITHOUT_SWITCH
from orderwerk.flows.cancel_orders import CancelItem, cancel_orders
from orderwerk.flows.complete_pick_lists import CompleteItem, complete_pick_lists
from orderwerk.flows.count_stock import CountItem, count_stock_levels
from orderwerk.flows.pick_lines import PickItem, pick_lines
from orderwerk.flows.place_orders import place_orders
from orderwerk.flows.set_up_locations import LocationItem, set_up_locations
from orderwerk.flows.ship_shipments import ShipItem, ship_shipments
from orderwerk.memos.commands.create import MemoItem, create_memos
from orderwerk.orders.commands.hold import HoldItem, hold_orders
from orderwerk.orders.document import OrderDocument
from orderwerk.picklists.commands.create import CreatePickListItem, create_pick_lists
from orderwerk.refunds.commands.approve import ApproveRefundItem, approve_refunds
from orderwerk.refunds.commands.reject import RejectRefundItem, reject_refunds
from orderwerk.refunds.commands.settle import SettleRefundItem, settle_refunds
from orderwerk.return_requests.commands.create import (
    RequestLine,
    ReturnRequestItem,
    create_return_requests,
)
from orderwerk.return_requests.commands.decide import (
    ApproveRequestItem,
    RejectRequestItem,
    approve_return_requests,
    reject_return_requests,
)
from orderwerk.returns.commands.create import ReturnItem, ReturnLineItem, create_returns
from orderwerk.shipments.commands.announce import AnnounceItem, announce_shipments
from orderwerk.shipments.commands.track import TrackItem, track_shipments
from orderwerk.shops.commands.upsert import ShopItem, upsert_shops

T = TypeVar("T")
SHOPS = ("nl", "be")
_MAIN, _SECOND = "MAIN", "SECOND"
_ACTOR = Actor.system("bench")
_REASON = "damaged"
WEEKS = 52
# Of the orders, those of the last two days: the work that is open.
_OPEN = 0.08


def live(shopper: Shopper, orders: int) -> None:
    """Let shops live through a year, week by week, then leave two days' work open in every status."""
    now = clock.now().replace(minute=0, second=0, microsecond=0)
    start = now - timedelta(weeks=WEEKS, days=2)
    with override_settings(
        ORDERWERK_MAIL_ENABLED=True, EMAIL_BACKEND="django.core.mail.backends.dummy.EmailBackend"
    ):
        with clock.told(start - timedelta(days=1)):
            _set_up(shopper)
        past = round(orders * (1 - _OPEN))
        for week in range(WEEKS):
            share = past * (week + 1) // WEEKS - past * week // WEEKS
            _week(shopper, start + timedelta(weeks=week), share)
        _last_days(shopper, now, orders - past)


def _set_up(shopper: Shopper) -> None:
    shops = [
        ShopItem(code=code, name=f"Demo {code}", currency="EUR", locale="nl", number_prefix=code.upper(), refund_mode="manual")
        for code in SHOPS
    ]  # fmt: skip
    _done(upsert_shops(shops, actor=_ACTOR))
    # Of the letters only the one that says that goods are on their way: every one of them is a page of text.
    silent = [AutomationItem(shop=shop, trigger=name, is_on=name == "shipment.shipped") for shop in SHOPS for name in TRIGGERS.keys() - WITHOUT_SWITCH]  # fmt: skip
    _done(set_automations(silent, actor=_ACTOR))
    places = [
        LocationItem(code=code, name=code.title(), priority=n, country="NL", shops=list(SHOPS))
        for n, code in enumerate((_MAIN, _SECOND), start=1)
    ]
    _done(set_up_locations(places, actor=_ACTOR))
    _done(upsert_products([ProductItem(sku=sku, name=f"Article {sku}") for sku in shopper.skus], actor=_ACTOR))  # fmt: skip
    # Every fiftieth article is never there: who wants it waits.
    there = [sku for n, sku in enumerate(shopper.skus) if n % 50 != 49]
    counts = [CountItem(sku=sku, location=_SECOND if n % 4 == 3 else _MAIN, quantity=2000) for n, sku in enumerate(there)]  # fmt: skip
    _done(count_stock_levels(counts, actor=_ACTOR))


def _week(shopper: Shopper, begin: datetime, orders: int) -> None:
    end = begin + timedelta(days=7)
    with clock.told(end):
        made = _place(shopper, sorted(shopper.moment(begin) for _ in range(orders)))
        _done(cancel_orders([CancelItem(order_id=key, reason="Changed their mind") for key in made[::40]], actor=_ACTOR))  # fmt: skip
    with clock.told(end + timedelta(hours=2)):
        for place in (_MAIN, _SECOND):
            _collect(place)
        left = _ids("select id from shipments_shipment where status = 'open' and exists (select 1 from shipments_line l "
                    "join allocations_allocation a on a.id = l.allocation_id where l.shipment_id = shipments_shipment.id and a.status = 'picked')")  # fmt: skip
        _ship(left)
        _do_jobs()
    with clock.told(end + timedelta(hours=30)):
        steps = [("in_transit", 10), ("delivered", 28)]
        _done(track_shipments([TrackItem(shipment_id=key, status=s, at=end + timedelta(hours=h)) for key in left for s, h in steps], actor=_ACTOR))  # fmt: skip
        _give_back(made[5::23], settled=True)
        _do_jobs()


def _place(shopper: Shopper, moments: Sequence[datetime]) -> list[UUID]:
    documents = [
        convert(shopper.order(SHOPS[n % 10 == 9], at), OrderDocument)
        for n, at in enumerate(moments)
    ]
    made = [key for some in _parts(documents) for key in _done(place_orders(some, actor=_ACTOR))]  # fmt: skip
    _do_jobs()
    return made


def _collect(place: str, *, most: int = 10_000) -> list[UUID]:
    ready = _ids(
        "select s.id from shipments_shipment s join orders_order o on o.id = s.order_id join stock_location k on k.id = s.location_id "
        "where s.status = 'open' and o.holds_open = 0 and o.status in ('awaiting_shipment', 'partially_shipped', 'awaiting_stock') "
        "and k.code = %s and exists (select 1 from shipments_line l join allocations_allocation a on a.id = l.allocation_id "
        "where l.shipment_id = s.id and l.is_live and a.status = 'allocated') order by s.id limit %s",
        place, most,
    )  # fmt: skip
    if not ready:
        return []
    item = CreatePickListItem(location=place, shipment_ids=ready, kind="batch", max_orders=25)
    _done(create_pick_lists([item], actor=_ACTOR))
    lists = _ids("select distinct pick_list_id from picklists_line where shipment_id = any(%s) and is_open", ready)  # fmt: skip
    if most == 10_000:
        _done(complete_pick_lists([CompleteItem(pick_list_id=key) for key in lists], actor=_ACTOR))
    return lists


def _ship(shipments: Sequence[UUID]) -> None:
    items = [ShipItem(shipment_id=key, tracking_code=f"3SDEMO{key.hex[-12:]}") for key in shipments]
    _done(ship_shipments(items, actor=_ACTOR))


_SOLD = """
select l.order_id, l.id from orders_line l join orders_order o on o.id = l.order_id
where l.order_id = any(%s) and l.shipped > 0 and l.position = 1 and o.status = 'shipped'
  and not exists (select 1 from return_requests_request q where q.order_id = o.id)
  and not exists (select 1 from returns_return b where b.order_id = o.id) order by l.id
"""


def _give_back(orders: Sequence[UUID], *, settled: bool) -> None:
    """Announce some returns, book them, and pay back what is credited."""
    sold = sql.fetch(_SOLD, (list(orders),))
    asked = [
        ReturnRequestItem(order_id=order, lines=[RequestLine(order_line_id=line, quantity=1, reason=_REASON)])
        for order, line in sold[::2]
    ]  # fmt: skip
    requests = _done(create_return_requests(asked, actor=_ACTOR))
    _done(reject_return_requests([RejectRequestItem(return_request_id=key, reason="Used") for key in requests[3::4]], actor=_ACTOR))  # fmt: skip
    _done(approve_return_requests([ApproveRequestItem(return_request_id=key) for n, key in enumerate(requests) if n % 4 != 3], actor=_ACTOR))  # fmt: skip
    if not settled:
        return
    boxes = [
        ReturnItem(
            order_id=order,
            return_request_id=requests[n // 2] if n % 2 == 0 and n // 2 % 4 != 3 else None,
            lines=[ReturnLineItem(order_line_id=line, quantity=1, reason=_REASON, disposition="restock")],
        )
        for n, (order, line) in enumerate(sold)
    ]  # fmt: skip
    _done(create_returns(boxes, actor=_ACTOR))
    _do_jobs()
    waiting = _ids(
        "select id from refunds_refund where status = 'awaiting_approval' order by number"
    )
    _done(reject_refunds([RejectRefundItem(refund_id=key, reason="A voucher was sent") for key in waiting[5::9]], actor=_ACTOR))  # fmt: skip
    _done(approve_refunds([ApproveRefundItem(refund_id=key) for n, key in enumerate(waiting) if n % 9 != 5], actor=_ACTOR))  # fmt: skip
    _do_jobs()
    sent = _ids("select id from refunds_refund where status = 'submitted' order by number")
    ends = [SettleRefundItem(refund_id=key, status="succeeded", reference="BENCH") for n, key in enumerate(sent) if n % 12 != 7]  # fmt: skip
    ends += [SettleRefundItem(refund_id=key, status="failed", note="Account is closed") for key in sent[7::12]]  # fmt: skip
    _done(settle_refunds(ends, actor=_ACTOR))


def _last_days(shopper: Shopper, now: datetime, orders: int) -> None:
    with clock.told(now - timedelta(hours=3)):
        first = now - timedelta(days=2)
        moments = [first + (now - first - timedelta(hours=4)) * n / orders for n in range(orders)]
        made = _place(shopper, moments)
        _done(hold_orders([HoldItem(order_id=key, reason="Address looks wrong") for key in made[::30]], actor=_ACTOR))  # fmt: skip
        _done(create_memos([MemoItem(order_id=key, text="Called, will be at home.") for key in made[::25]], actor=_ACTOR))  # fmt: skip
        lists = _collect(_MAIN, most=len(made) // 3)
        _pick_some(lists)
        announced = _ids("select id from shipments_shipment where status = 'open' order by id desc limit %s", len(made) // 20)  # fmt: skip
        _done(announce_shipments([AnnounceItem(shipment_id=key) for key in announced], actor=_ACTOR))  # fmt: skip
    with clock.told(now - timedelta(hours=1)):
        _give_back(_ids("select id from orders_order where status = 'shipped' order by placed_at desc limit %s", max(4, orders // 8)), settled=False)  # fmt: skip
        _do_jobs()


def _pick_some(lists: Sequence[UUID]) -> None:
    """Leave a third of the walks untouched, a third begun, a third done and sent in part."""
    begun = sql.fetch("select id, quantity from picklists_line where pick_list_id = any(%s) and position <= 5 order by id", (list(lists[1::3]),))  # fmt: skip
    _done(pick_lines([PickItem(pick_line_id=key, picked=n) for key, n in begun], actor=_ACTOR))
    _done(complete_pick_lists([CompleteItem(pick_list_id=key) for key in lists[2::3]], actor=_ACTOR))  # fmt: skip
    packed = _ids("select distinct shipment_id from picklists_line where pick_list_id = any(%s)", list(lists[2::3]))  # fmt: skip
    _ship(packed[::2])


def _do_jobs() -> None:
    """Do what the events have set off, here and now, until nothing is left."""
    app.perform_import_paths()
    while events := sql.fetch(
        "with taken as (delete from core_outbox returning id, event_ids) select e.kind, e.id from taken "
        "cross join lateral unnest(event_ids) as w(event_id) join core_event e on e.id = w.event_id order by taken.id, e.id"
    ):
        jobs: dict[str, list[str]] = {}
        for kind, key in events:
            for job in routing.jobs_for(kind):
                jobs.setdefault(job, []).append(str(key))
        for job, keys in jobs.items():
            run: Callable[[list[str]], None] = app.tasks[job]
            for some in _parts(keys):
                run(some)


def _parts(items: Sequence[T], most: int = 500) -> list[Sequence[T]]:
    return [items[n : n + most] for n in range(0, len(items), most)]


def _done(outcomes: Sequence[Outcome]) -> list[Any]:
    """Return the ids of what was done; the bench's own input is never refused."""
    return [outcome.require().id for outcome in outcomes]


def _ids(query: str, *params: Any) -> list[UUID]:
    return [row[0] for row in sql.fetch(query, tuple(list(p) if isinstance(p, tuple) else p for p in params))]  # fmt: skip
