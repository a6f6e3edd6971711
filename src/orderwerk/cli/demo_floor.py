"""What waits on the demo's floor this morning: goods at the dock and on their way, counts, questions, a lost parcel."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from orderwerk.allocations.commands.set_channels import ChannelStockItem, set_channel_stocks
from orderwerk.cli.demo_places import DOCK, NORTH, SHOP_UK, STORE, WAREHOUSE, done
from orderwerk.core import sql
from orderwerk.core.actor import Actor
from orderwerk.flows.cancel_orders import CancelItem, cancel_orders
from orderwerk.flows.collect_shipments import CollectShipmentItem, collect_shipments
from orderwerk.flows.pick_lines import PickItem, pick_lines
from orderwerk.flows.ready_shipments import ReadyShipmentItem, ready_shipments
from orderwerk.shipments.commands.track import TrackItem, track_shipments
from orderwerk.stock.commands.receive import ReceiveItem, receive_stock
from orderwerk.stock.commands.request_due_counts import DueCountItem, request_due_counts
from orderwerk.stock.commands.send_transfers import SendItem, send_transfers
from orderwerk.stock.commands.set_count_plans import CountPlanItem, set_count_plans
from orderwerk.stock.commands.upsert_inbounds import (
    InboundItem,
    InboundLineItem,
    upsert_inbounds,
)

# What orders wait for most, and what there is plenty of.
_WANTED = """
select p.sku, sum(l.quantity - l.allocated - l.shipped - l.cancelled)::int as n
from orders_line l join catalog_product p on p.id = l.product_id
where l.quantity > l.allocated + l.shipped + l.cancelled group by 1 order by 2 desc, 1 limit 6
"""
_PLENTY = """
select p.sku from stock_level s join catalog_product p on p.id = s.product_id join stock_location l on l.id = s.location_id
where l.code = %s and p.tracking = 'none' and s.on_hand - s.allocated - s.safety_stock > 20 order by s.on_hand desc, p.sku limit 4
"""


def leave_floor_work(now: datetime, picked: Sequence[UUID], actor: Actor) -> None:
    """Leave something of every kind to be done; `picked` are pick lists of the shop that asks the warehouse."""
    _goods_come(now, actor)
    _counts_are_due(actor)
    _something_went_wrong(now, picked, actor)
    _customers_come(actor)


def _goods_come(now: datetime, actor: Actor) -> None:
    wanted, plenty = sql.fetch(_WANTED), [row[0] for row in sql.fetch(_PLENTY, (WAREHOUSE,))]
    day = (now + timedelta(days=1)).date()
    lines = [InboundLineItem(sku=sku, quantity=2 * n + 12) for sku, n in wanted]
    today = [InboundLineItem(sku=sku, quantity=24) for sku in plenty[:3]]
    purchases = [
        InboundItem(location=WAREHOUSE, supplier="Demo Supplies", reference="DS-2041", expected_on=day, lines=lines),
        InboundItem(location=WAREHOUSE, supplier="Demo Toys", reference="DT-77", expected_on=now.date(), lines=today),
    ]  # fmt: skip
    made = done(upsert_inbounds(purchases, actor=actor))
    came = ReceiveItem(
        sku=plenty[0], location=WAREHOUSE, quantity=9, bin=DOCK, inbound=made[1].data["number"]
    )
    done(receive_stock([came], actor=actor))
    sent = [InboundLineItem(sku=sku, quantity=4) for sku in plenty[1:3]]
    done(send_transfers([SendItem(origin=WAREHOUSE, to=STORE, lines=sent)], actor=actor))
    kept = ChannelStockItem(sku=plenty[3], location=WAREHOUSE, shop=SHOP_UK, reserved=6)
    done(set_channel_stocks([kept], actor=actor))


def _counts_are_due(actor: Actor) -> None:
    plans = [
        CountPlanItem(location=WAREHOUSE, a_days=7, b_days=30, c_days=90, most_a_day=8),
        CountPlanItem(location=NORTH, a_days=14, b_days=60, c_days=180, most_a_day=5),
    ]
    done(set_count_plans(plans, actor=actor))
    done(request_due_counts([DueCountItem(location=WAREHOUSE)], actor=actor))


_BEING_PICKED = """
select k.id, k.order_id, k.quantity from picklists_line k join orders_order o on o.id = k.order_id
join shops_shop s on s.id = o.shop_id
where k.pick_list_id = any(%s) and k.is_open and s.code = %s and o.holds_open = 0 order by k.id limit 1
"""
_ON_ITS_WAY = (
    "select id from shipments_shipment where status = 'shipped' order by shipped_at, id limit 2"
)


def _something_went_wrong(now: datetime, picked: Sequence[UUID], actor: Actor) -> None:
    for line, order, quantity in sql.fetch(_BEING_PICKED, (list(picked), SHOP_UK)):
        done(pick_lines([PickItem(pick_line_id=line, picked=quantity)], actor=actor))
        asked = CancelItem(order_id=order, reason="Customer changed their mind")
        done(cancel_orders([asked], actor=actor))
    words = ("Not found in the depot", "Nobody knows this address")
    steps = [
        TrackItem(shipment_id=row[0], status=status, at=now - timedelta(hours=1), text=text)
        for row, status, text in zip(sql.fetch(_ON_ITS_WAY), ("lost", "address_problem"), words, strict=False)
    ]  # fmt: skip
    done(track_shipments(steps, actor=actor))


_AT_THE_COUNTER = """
select h.id, o.customer_name from shipments_shipment h join orders_order o on o.id = h.order_id
where o.collect_location_id = h.location_id and h.status = 'open' and o.status in ('awaiting_shipment', 'awaiting_stock')
order by o.status, o.placed_at, h.id
"""


def _customers_come(actor: Actor) -> None:
    found = sql.fetch(_AT_THE_COUNTER)
    ready = [ReadyShipmentItem(shipment_id=row[0]) for row in found[: 2 * len(found) // 3]]
    done(ready_shipments(ready, actor=actor))
    taken = [CollectShipmentItem(shipment_id=key, collected_by=name) for key, name in found[:2]]
    done(collect_shipments(taken, actor=actor))
