"""The same for the commands around shipments: cancel requests and what follows from them."""

from collections.abc import Sequence
from typing import Any

from orderwerk.core import clock, sql
from orderwerk.core.decode import convert
from orderwerk.flows.cancel_orders import CancelItem, cancel_orders
from orderwerk.flows.collect_shipments import CollectShipmentItem, collect_shipments
from orderwerk.flows.complete_pick_lists import CompleteItem, complete_pick_lists
from orderwerk.flows.decide_cancel_requests import (
    AcceptCancelRequestItem,
    RejectCancelRequestItem,
    accept_cancel_requests,
    reject_cancel_requests,
)
from orderwerk.flows.expire_orders import ExpireItem, expire_orders
from orderwerk.flows.merge_shipments import MergeShipmentsItem, merge_shipments
from orderwerk.flows.move_shipments import MoveShipmentItem, move_shipments
from orderwerk.flows.place_orders import place_orders
from orderwerk.flows.ready_shipments import ReadyShipmentItem, ready_shipments
from orderwerk.flows.repair_stock import RepairItem, repair_stock_levels
from orderwerk.flows.ship_shipments import ShipItem, ship_shipments
from orderwerk.flows.split_shipments import SplitLine, SplitShipmentItem, split_shipments
from orderwerk.picklists.commands.create import CreatePickListItem, create_pick_lists
from orderwerk.shipments.commands.close_exceptions import (
    CloseExceptionItem,
    close_delivery_exceptions,
)
from orderwerk.shipments.commands.combine import (
    CombineShipmentsItem,
    SeparateShipmentItem,
    combine_shipments,
    separate_shipments,
)
from orderwerk.shipments.commands.order_labels import OrderShippingLabelsItem, order_shipping_labels
from orderwerk.shipments.commands.report_labels import ShippingLabelNews, report_shipping_labels
from orderwerk.shipments.commands.set_box_sizes import BoxSizeItem, BoxSizesItem, set_box_sizes
from orderwerk.shipments.commands.set_carrier_accounts import (
    CarrierAccountItem,
    set_carrier_accounts,
)
from orderwerk.shipments.commands.set_shipping_rules import (
    ShippingRuleItem,
    ShippingRulesItem,
    set_shipping_rules,
)
from orderwerk.shipments.commands.track import TrackItem, track_shipments
from orderwerk.shipments.commands.update import UpdateShipmentItem, update_shipments
from orderwerk.shipments.commands.upsert_carriers import (
    CarrierItem,
    CarrierService,
    upsert_carriers,
)
from orderwerk.shipments.commands.void_labels import VoidShippingLabelItem, void_shipping_labels
from orderwerk.shipments.packing import PackageItem, PackedItem
from tests import build
from tests.bulk.scenarios import ALL, placed, scenario

__all__ = ["ALL"]


def _asked(n: int) -> list[Any]:
    """Cancel requests for picked goods."""
    world = build.world(stock=1000, cancel_while_picking="ask")
    documents = [world.document((world.skus[0], 2), (world.skus[1], 1)) for _ in range(n)]
    orders = [o.require().id for o in place_orders(documents, actor=build.TESTER)]
    made = create_pick_lists([CreatePickListItem(location=world.locations[0])], actor=build.TESTER)
    items = [CompleteItem(pick_list_id=x["id"]) for x in made[0].require().data["pick_lists"]]
    complete_pick_lists(items, actor=build.TESTER)
    cancels = [CancelItem(order_id=key, reason="x") for key in orders if key]
    return [o.require().data["cancel_request_id"] for o in cancel_orders(cancels, actor=build.TESTER)]  # fmt: skip


@scenario(accept_cancel_requests)
def _accept(n: int) -> Sequence[Any]:
    return [AcceptCancelRequestItem(cancel_request_id=key) for key in _asked(n)]


@scenario(reject_cancel_requests)
def _reject(n: int) -> Sequence[Any]:
    return [RejectCancelRequestItem(cancel_request_id=key, reason="x") for key in _asked(n)]


@scenario(expire_orders)
def _expire(n: int) -> Sequence[Any]:
    world = build.world(stock=1000, unpaid_hours={"other": 1})
    orders = [world.place(payments=[]) for _ in range(n)]
    sql.execute("update orders_order set received_at = received_at - interval '1 day' where id = any(%s)", (orders,))  # fmt: skip
    return [ExpireItem(order_id=key) for key in orders]


def _collected(n: int) -> list[Any]:
    world = build.world(stock=1000)
    shipping = {"collect_at": world.locations[0]}
    documents = [
        world.document((world.skus[0], 1), (world.skus[1], 2), shipping=shipping) for _ in range(n)
    ]
    placed_now = [o.require().id for o in place_orders(documents, actor=build.TESTER)]
    return [build.shipments(key)[0] for key in placed_now if key]


@scenario(ready_shipments)
def _ready(n: int) -> Sequence[Any]:
    return [ReadyShipmentItem(shipment_id=key) for key in _collected(n)]


@scenario(collect_shipments)
def _collect(n: int) -> Sequence[Any]:
    return [CollectShipmentItem(shipment_id=key, collected_by="x") for key in _collected(n)]


@scenario(split_shipments)
def _split(n: int) -> Sequence[Any]:
    _, orders = placed(n)
    items = []
    for key in orders:
        [shipment] = build.shipments(key)
        rows = sql.fetch("select id, quantity from shipments_line where shipment_id = %s order by quantity", (shipment,))  # fmt: skip
        # One line goes whole, of the other one piece.
        lines = [SplitLine(shipment_line_id=row[0], quantity=1) for row in rows]
        items.append(SplitShipmentItem(shipment_id=shipment, lines=lines))
    return items


@scenario(merge_shipments)
def _merge(n: int) -> Sequence[Any]:
    made = [o.require() for o in split_shipments(_split(n), actor=build.TESTER)]
    return [
        MergeShipmentsItem(shipment_ids=[o.data["from_shipment_id"], o.id]) for o in made if o.id
    ]


@scenario(move_shipments)
def _move(n: int) -> Sequence[Any]:
    world, orders = placed(n)
    return [
        MoveShipmentItem(shipment_id=build.shipments(key)[0], location=world.locations[1])
        for key in orders
    ]


@scenario(combine_shipments)
def _combine(n: int) -> Sequence[Any]:
    world = build.world(stock=1000)
    items = []
    for _ in range(n):
        customer = {"name": "x", "email": f"c{build.serial()}@example.com"}
        pair = [build.shipments(world.place(customer=customer))[0] for _ in range(2)]
        items.append(CombineShipmentsItem(shipment_ids=pair))
    return items


@scenario(update_shipments, "contents of shared parcels")
def _contents(n: int) -> Sequence[Any]:
    items = _combine(n)
    combine_shipments(items, actor=build.TESTER)
    lines = dict(sql.fetch("select shipment_id, id from shipments_line where is_live"))
    return [
        UpdateShipmentItem(
            shipment_id=first,
            packages=[
                PackageItem(contents=[PackedItem(shipment_line_id=lines[key], quantity=1)])
                for key in (first, second)
            ],
        )
        for first, second in (item.shipment_ids for item in items)
    ]


@scenario(separate_shipments)
def _separate(n: int) -> Sequence[Any]:
    items = _combine(n)
    combine_shipments(items, actor=build.TESTER)
    return [SeparateShipmentItem(shipment_id=item.shipment_ids[1]) for item in items]


@scenario(close_delivery_exceptions)
def _close(n: int) -> Sequence[Any]:
    _, orders = placed(n)
    keys = [build.shipments(order)[0] for order in orders]
    ship_shipments([ShipItem(shipment_id=key) for key in keys], actor=build.TESTER)
    steps = [TrackItem(shipment_id=key, status="lost", at=clock.now()) for key in keys]
    track_shipments(steps, actor=build.TESTER)
    rows = sql.fetch("select id from shipments_exception where shipment_id = any(%s)", (keys,))
    return [CloseExceptionItem(delivery_exception_id=row[0], note="x") for row in rows]


@scenario(upsert_carriers)
def _carriers(n: int) -> Sequence[Any]:
    services = [CarrierService(code="door", name="Door"), CarrierService(code="shop", name="Shop")]
    return [
        CarrierItem(code=f"c{build.serial()}", name="Carrier", tracking_link="https://x.example/{code}", services=services)
        for _ in range(n)
    ]  # fmt: skip


@scenario(set_carrier_accounts)
def _carrier_accounts(n: int) -> Sequence[Any]:
    contract = {
        "key": "sandbox-key", "customer_code": "DEVC", "customer_number": "1", "collection_location": "123456",
        "products": [{"product": "3085"}, {"service": "x", "product": "3189"}],
    }  # fmt: skip
    world = build.world(stock=0)
    codes = [build.parcel_carrier(world, account=False) for _ in range(n)]
    return [convert({"carrier": code, **contract}, CarrierAccountItem) for code in codes]


@scenario(order_shipping_labels)
def _order_labels(n: int) -> Sequence[Any]:
    world, orders = placed(n)
    keys = [build.shipments(key)[0] for key in orders]
    build.parcels_asked(world, *keys, packages=2)
    # Asked for again, as those that failed are.
    rows = sql.fetch("select id, effect_id from shipments_label where shipment_id = any(%s)", (keys,))  # fmt: skip
    news = [ShippingLabelNews(*row, note="no") for row in rows]
    report_shipping_labels(news, actor=build.TESTER)
    return [OrderShippingLabelsItem(shipment_id=key) for key in keys]


@scenario(report_shipping_labels)
def _report_labels(n: int) -> Sequence[Any]:
    world, orders = placed(n)
    keys = [build.shipments(key)[0] for key in orders]
    return [ShippingLabelNews(*row, b"%PDF") for row in build.parcels_asked(world, *keys)]


@scenario(void_shipping_labels)
def _void_labels(n: int) -> Sequence[Any]:
    news = _report_labels(n)
    report_shipping_labels(news, actor=build.TESTER)
    return [VoidShippingLabelItem(shipping_label_id=each.label_id) for each in news]


@scenario(set_box_sizes)
def _box_sizes(n: int) -> Sequence[Any]:
    boxes = [BoxSizeItem(name=name, length_mm=300, width_mm=200, height_mm=100) for name in ("S", "M")]  # fmt: skip
    return [BoxSizesItem(shop=build.world(stock=0).shop, boxes=boxes) for _ in range(n)]


@scenario(set_shipping_rules)
def _shipping_rules(n: int) -> Sequence[Any]:
    rules = [ShippingRuleItem(name="x", service="a"), ShippingRuleItem(name="y")]
    return [ShippingRulesItem(shop=build.world(stock=0).shop, rules=rules) for _ in range(n)]


@scenario(repair_stock_levels)
def _repair(n: int) -> Sequence[Any]:
    world = build.world(locations=1, products=n, stock=5)
    keys = list(world.product_ids.values())
    sql.execute("update stock_level set allocated = 1 where product_id = any(%s)", (keys,))
    return [RepairItem(sku=sku, location=world.locations[0]) for sku in world.skus]
