"""Another shop's or location's thing is not there: every command answers as if it did not exist, and changes nothing."""

from collections.abc import Callable
from typing import Any

import pytest

from orderwerk.core import clock, ids, sql
from orderwerk.core.actor import Actor
from orderwerk.core.outcome import Outcome
from orderwerk.flows.adjust_stock import AdjustItem, adjust_stock_levels
from orderwerk.flows.allocate_orders import AllocateItem, allocate_orders
from orderwerk.flows.cancel_orders import CancelItem, cancel_orders
from orderwerk.flows.cancel_pick_lists import CancelPickListItem, cancel_pick_lists
from orderwerk.flows.cancel_shipments import CancelShipmentItem, cancel_shipments
from orderwerk.flows.complete_pick_lists import CompleteItem, complete_pick_lists
from orderwerk.flows.count_stock import CountItem, count_stock_levels
from orderwerk.flows.move_allocations import MoveAllocationItem, move_allocations
from orderwerk.flows.move_shipments import MoveShipmentItem, move_shipments
from orderwerk.flows.pick_lines import PickItem, pick_lines
from orderwerk.flows.record_payments import PaymentItem, record_payments
from orderwerk.flows.reject_shipments import RejectShipmentItem, reject_shipments
from orderwerk.flows.release_allocations import ReleaseAllocationItem, release_allocations
from orderwerk.flows.release_orders import ReleaseOrderItem, release_orders
from orderwerk.flows.set_up_locations import LocationItem, set_up_locations
from orderwerk.flows.ship_shipments import ShipItem, ship_shipments
from orderwerk.memos.commands.create import MemoItem, create_memos
from orderwerk.orders.commands.hold import HoldItem, hold_orders
from orderwerk.orders.commands.update import UpdateItem, update_orders
from orderwerk.picklists.commands.assign import AssignItem, assign_pick_lists
from orderwerk.picklists.commands.create import CreatePickListItem, create_pick_lists
from orderwerk.shipments.commands.announce import AnnounceItem, announce_shipments
from orderwerk.shipments.commands.track import TrackItem, track_shipments
from orderwerk.shipments.commands.update import UpdateShipmentItem, update_shipments
from orderwerk.shops.commands.link_locations import LocationShops, link_locations
from orderwerk.stock.commands.transfer import TransferItem, transfer_stock_levels
from tests import build

pytestmark = pytest.mark.django_db

Case = tuple[Callable[..., list[Outcome]], Callable[[dict[str, Any]], Any]]
OF_A_SHOP: dict[str, Case] = {
    "allocate": (allocate_orders, lambda t: AllocateItem(order_id=t["order"])),
    "release": (
        release_allocations,
        lambda t: ReleaseAllocationItem(allocation_id=t["allocation"]),
    ),
    "move": (
        move_allocations,
        lambda t: MoveAllocationItem(allocation_id=t["allocation"], location=t["other"]),
    ),
    "cancel": (cancel_orders, lambda t: CancelItem(order_id=t["order"], reason="x")),
    "hold": (hold_orders, lambda t: HoldItem(order_id=t["order"], reason="x")),
    "unhold": (release_orders, lambda t: ReleaseOrderItem(order_id=t["order"])),
    "update": (update_orders, lambda t: UpdateItem(order_id=t["order"], comment="x")),
    "pay": (
        record_payments,
        lambda t: PaymentItem(
            order_id=t["order"], provider="p", reference="r", status="paid", amount="1.00"
        ),
    ),
    "memo": (create_memos, lambda t: MemoItem(order_id=t["order"], text="x")),
    "ship": (ship_shipments, lambda t: ShipItem(shipment_id=t["shipment"])),
    "announce": (announce_shipments, lambda t: AnnounceItem(shipment_id=t["shipment"])),
    "update shipment": (
        update_shipments,
        lambda t: UpdateShipmentItem(shipment_id=t["shipment"], packages=2),
    ),
    "cancel shipment": (cancel_shipments, lambda t: CancelShipmentItem(shipment_id=t["shipment"])),
    "reject": (
        reject_shipments,
        lambda t: RejectShipmentItem(shipment_id=t["shipment"], reason="x"),
    ),
    "track": (
        track_shipments,
        lambda t: TrackItem(shipment_id=t["shipment"], status="seen", at=clock.now()),
    ),
    "pick": (pick_lines, lambda t: PickItem(pick_line_id=t["pick_line"], picked=1)),
    "complete": (complete_pick_lists, lambda t: CompleteItem(pick_list_id=t["pick_list"])),
    "cancel list": (cancel_pick_lists, lambda t: CancelPickListItem(pick_list_id=t["pick_list"])),
    "assign": (assign_pick_lists, lambda t: AssignItem(pick_list_id=t["pick_list"], user=None)),
}
OF_A_LOCATION: dict[str, Case] = OF_A_SHOP | {
    "count": (
        count_stock_levels,
        lambda t: CountItem(sku=t["sku"], location=t["location"], quantity=5),
    ),
    "adjust": (
        adjust_stock_levels,
        lambda t: AdjustItem(sku=t["sku"], location=t["location"], difference=1, reason="x"),
    ),
    "transfer": (
        transfer_stock_levels,
        lambda t: TransferItem(sku=t["sku"], origin=t["location"], to=t["other"], quantity=1),
    ),
    "make list": (create_pick_lists, lambda t: CreatePickListItem(location=t["location"])),
}


def _things() -> dict[str, Any]:
    world = build.world(products=1, stock=50)
    waiting, picking = world.place((world.skus[0], 2)), world.place((world.skus[0], 2))
    made = create_pick_lists(
        [
            CreatePickListItem(
                location=world.locations[0], shipment_ids=[build.shipments(picking)[0]]
            )
        ],
        actor=build.TESTER,
    )[0].require()
    assert made.id is not None
    return {
        "order": waiting, "allocation": build.allocations(waiting)[0][0], "shipment": build.shipments(waiting)[0],
        "pick_list": made.id, "pick_line": build.pick_lines_of(made.id)[0][0], "sku": world.skus[0],
        "location": world.locations[0], "other": world.locations[1],
    }  # fmt: skip


def _unknown(things: dict[str, Any]) -> dict[str, Any]:
    fresh = {
        name: ids.new_id() for name in ("order", "allocation", "shipment", "pick_list", "pick_line")
    }
    return things | fresh | {"location": "nowhere"}


def _versions() -> list[Any]:
    return [
        sql.fetch("select id, version, status from orders_order order by id"),
        sql.fetch("select id, version, status from shipments_shipment order by id"),
        sql.fetch("select id, version, status from picklists_pick_list order by id"),
        sql.fetch("select id, on_hand, allocated from stock_level order by id"),
        sql.fetch("select count(*) from core_event"),
    ]


def _refused_like_unknown(case: Case, stranger: Actor) -> None:
    command, item = case
    things = _things()
    before = _versions()

    hidden = command([item(things)], actor=stranger)[0]
    missing = command([item(_unknown(things))], actor=stranger)[0]

    assert hidden.error is not None
    assert missing.error is not None
    assert (hidden.error.family, hidden.error.code) == (missing.error.family, missing.error.code)
    assert hidden.error.family == "not_found"
    assert _versions() == before


@pytest.mark.parametrize("name", sorted(OF_A_SHOP))
def test_another_shops_thing_is_not_there(name: str) -> None:
    _refused_like_unknown(
        OF_A_SHOP[name], Actor("token", "stranger", shop_ids=frozenset({ids.new_id()}))
    )


@pytest.mark.parametrize("name", sorted(OF_A_LOCATION))
def test_another_locations_thing_is_not_there(name: str) -> None:
    _refused_like_unknown(
        OF_A_LOCATION[name], Actor("user", "stranger", location_ids=frozenset({ids.new_id()}))
    )


def test_who_is_limited_to_a_shop_leaves_shared_locations_alone() -> None:
    world, other = build.world(locations=2), build.world()
    shared, own = world.locations
    link_locations([LocationShops(location=shared, shops=[world.shop, other.shop])], actor=build.TESTER)  # fmt: skip
    limited = Actor("token", "limited", shop_ids=frozenset({world.shop_id}))
    items = [LocationItem(code=code, name="Mine now", is_active=False) for code in (shared, own)]

    outcomes = set_up_locations(items, actor=limited)

    assert outcomes[0].error is not None
    assert outcomes[0].error.code == "shared_location"
    assert outcomes[1].ok
    rows = dict(sql.fetch("select code, is_active from stock_location where code = any(%s)", (world.locations,)))  # fmt: skip
    assert rows == {shared: True, own: False}


@pytest.mark.parametrize(
    ("command", "item"),
    [
        (move_allocations, lambda t, code: MoveAllocationItem(allocation_id=t["allocation"], location=code)),
        (move_shipments, lambda t, code: MoveShipmentItem(shipment_id=t["shipment"], location=code)),
    ],
    ids=["allocation", "shipment"],
)  # fmt: skip
def test_work_is_not_pushed_to_a_location_that_the_actor_does_not_see(
    command: Callable[..., list[Outcome]], item: Callable[[dict[str, Any], str], Any]
) -> None:
    things = _things()
    own = sql.fetch("select id from stock_location where code = %s", (things["location"],))[0][0]
    limited = Actor("user", "limited", location_ids=frozenset({own}))
    before = _versions()

    hidden = command([item(things, things["other"])], actor=limited)[0].error
    missing = command([item(things, "nowhere")], actor=limited)[0].error

    assert hidden is not None
    assert missing is not None
    assert (hidden.family, hidden.code, hidden.pointer) == ("not_found", "unknown_location", "/location")  # fmt: skip
    assert hidden.message.replace(things["other"], "nowhere") == missing.message
    assert _versions() == before
