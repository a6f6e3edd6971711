"""A morning's work for tests of pages: orders in every status, lists, shipments, memos, e-mails."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from orderwerk.allocations.commands.set_rules import RoutingItem, set_routing_rules
from orderwerk.allocations.rules import Rule
from orderwerk.catalog.commands.upsert import ProductItem, upsert_products
from orderwerk.catalog.kits import ComponentItem
from orderwerk.core import sql
from orderwerk.core.ids import new_id
from orderwerk.core.uow import unit_of_work
from orderwerk.emails.commands.queue import NewEmail, queue_emails
from orderwerk.flows.complete_pick_lists import CompleteItem, complete_pick_lists
from orderwerk.flows.move_allocations import MoveAllocationItem, move_allocations
from orderwerk.flows.pick_lines import PickItem, pick_lines
from orderwerk.flows.ship_shipments import ShipItem, ship_shipments
from orderwerk.flows.withdraw import WithdrawalItem, state_withdrawals
from orderwerk.invoices.commands.credit import CreditItem, credit_invoices
from orderwerk.memos.commands.create import MemoItem, create_memos
from orderwerk.orders.commands.hold import HoldItem, hold_orders
from orderwerk.orders.commands.set_hold_rules import HoldRulesItem, set_hold_rules
from orderwerk.orders.hold_rules import HoldRule
from orderwerk.picklists.commands.create import CreatePickListItem, create_pick_lists
from orderwerk.refunds.commands.approve import ApproveRefundItem, approve_refunds
from orderwerk.refunds.commands.create import CreateRefundItem, create_refunds
from orderwerk.refunds.commands.reject import RejectRefundItem, reject_refunds
from orderwerk.refunds.commands.submit import SubmitRefundItem, submit_refunds
from orderwerk.return_requests.commands.add_photos import PhotosItem, add_photos
from orderwerk.shipments.commands.set_shipping_rules import (
    ShippingRuleItem,
    ShippingRulesItem,
    set_shipping_rules,
)
from orderwerk.stock.commands.receive import ReceiveItem, receive_stock
from orderwerk.stock.commands.upsert_inbounds import InboundItem, InboundLineItem, upsert_inbounds
from tests import build


@dataclass
class Morning:
    """What was built, by the names that pages use."""

    world: build.World
    orders: list[str] = field(default_factory=list)
    order_ids: list[UUID] = field(default_factory=list)
    shipments: list[str] = field(default_factory=list)
    pick_lists: list[str] = field(default_factory=list)
    wave: str = ""
    sorted_list: str = ""
    inbound: str = ""
    kit: str = ""
    waiting: str = ""
    kit_order: str = ""
    inbound_line: UUID | None = None
    request: str = ""
    cancel_request: UUID | None = None
    claim: UUID | None = None
    problem: UUID | None = None
    substitution: UUID | None = None
    returned: str = ""
    return_line: UUID | None = None
    invoices: list[str] = field(default_factory=list)
    credits: list[str] = field(default_factory=list)
    refunds: list[UUID] = field(default_factory=list)


def numbers(table: str, ids: list[Any]) -> list[str]:
    """The numbers of rows, in the order of the ids."""
    rows = dict(sql.fetch(f"select id, number from {table} where id = any(%s)", (ids,)))
    return [rows[key] for key in ids]


def picked_orders(morning: Morning, count: int, *, lines: int = 1) -> None:
    """Add orders with one pick list and one shipment each: the first half shipped, with a memo and an e-mail."""
    world = morning.world
    wanted = [(sku, 2) for sku in world.skus[:lines]]
    ids = [world.place(*wanted, tags=["vip"], comment="Ring twice") for _ in range(count)]
    shipments = [build.shipments(order_id)[0] for order_id in ids]
    made = [
        create_pick_lists(
            [CreatePickListItem(location=world.locations[0], shipment_ids=[shipment])],
            actor=build.TESTER,
        )[0].require()
        for shipment in shipments
    ]
    lists = [outcome.data["pick_lists"][0]["id"] for outcome in made]
    half = (count + 1) // 2
    for pick_list, shipment in zip(lists[:half], shipments[:half], strict=True):
        complete_pick_lists([CompleteItem(pick_list_id=pick_list)], actor=build.TESTER)
        ship_shipments([ShipItem(shipment_id=shipment)], actor=build.TESTER)[0].require()
    create_memos([MemoItem(order_id=key, text="Called.") for key in ids], actor=build.TESTER)
    with unit_of_work(build.TESTER) as unit:
        queue_emails(
            unit,
            [NewEmail(world.shop_id, key, "test", new_id(), "a@example.com", "b@example.com", "", "Hello", "Text") for key in ids],
        )  # fmt: skip
    morning.order_ids += ids
    morning.orders += numbers("orders_order", ids)
    morning.shipments += numbers("shipments_shipment", shipments)
    morning.pick_lists += numbers("picklists_pick_list", lists)


def morning(count: int = 2, *, lines: int = 1) -> Morning:
    """A shop with orders that were picked and half of them shipped, one on hold, one that waits, one unmapped."""
    built = Morning(build.world(products=lines + 2))
    picked_orders(built, count, lines=lines)
    for key in built.order_ids:
        built.invoices += build.invoice(key)
    debit = build.invoices(built.order_ids[0])[0]["id"]
    goodwill = CreditItem(invoice_id=debit, reason="Too late", amount="1.00")
    built.credits += [
        str(credit_invoices([goodwill], actor=build.TESTER)[0].require().data["number"])
    ]
    refund_some(built)
    world = built.world
    held = world.place((world.skus[-2], 1))
    hold_orders([HoldItem(order_id=held, reason="Fraud?")], actor=build.TESTER)[0].require()
    built.waiting = numbers("orders_order", [world.place((world.skus[-1], 5000))])[0]
    world.place(("nobody-knows-this", 1))
    sell_kit(built)
    world.place(payments=[])
    expect(built)
    looks = [HoldRule(name="Dear", min_value="10000.00"), HoldRule(name="Far", countries=["JP"])]
    set_hold_rules([HoldRulesItem(shop=world.shop, rules=looks)], actor=build.TESTER)[0].require()
    rules = [
        Rule(name="Heavy", countries=["BE"], min_weight_grams=1000, locations=[world.locations[1]], sort=["near", "cost"]),
        Rule(name="Careful", split="fewest", most_shipments=2, least_value="15.00", otherwise="ask"),
    ]  # fmt: skip
    set_routing_rules(
        [
            RoutingItem(shop=world.shop, rules=rules[:1]),
            RoutingItem(shop=world.shop, rules=rules, is_draft=True),
        ],
        actor=build.TESTER,
    )
    come_back(built)
    find_too_few(built)
    walk_together(built)
    ship = ShippingRuleItem(name="Abroad", countries=["BE"], methods=["std"], min_weight_grams=1, min_value="1.00", service="World")  # fmt: skip
    set_shipping_rules([ShippingRulesItem(shop=world.shop, rules=[ship])], actor=build.TESTER)
    built.cancel_request = build.asked_back(world)
    built.problem = build.lost(world)
    built.substitution = build.offered(world)
    return built


def walk_together(built: Morning) -> None:
    """Add a wave of one walk for two orders that are sorted afterwards."""
    world = built.world
    orders = [world.place((world.skus[0], 1)) for _ in range(2)]
    shipments = [build.shipments(order)[0] for order in orders]
    item = CreatePickListItem(location=world.locations[0], shipment_ids=shipments, kind="batch", method="sort", wave="Noon")  # fmt: skip
    made = create_pick_lists([item], actor=build.TESTER)[0].require()
    built.wave = made.data["wave"]["number"]
    built.sorted_list = made.data["pick_lists"][0]["number"]


def find_too_few(built: Morning) -> None:
    """Add a pick that came up short, so that its bin waits to be counted; and one whose bin was counted since."""
    world = built.world
    place = world.locations[1]
    for sku in (world.skus[0], world.skus[1]):
        move = MoveAllocationItem(allocation_id=build.allocations(world.place((sku, 1)))[0][0], location=place)  # fmt: skip
        move_allocations([move], actor=build.TESTER)[0].require()
        made = create_pick_lists([CreatePickListItem(location=place)], actor=build.TESTER)[0].require()  # fmt: skip
        [(line, _)] = build.pick_lines_of(made.id)  # type: ignore[arg-type]
        item = PickItem(pick_line_id=line, picked=0, short=1, reason="damaged")
        pick_lines([item], actor=build.TESTER)[0].require()
    world.count(place, {world.skus[0]: 100})


def come_back(built: Morning) -> None:
    """Add a request for a piece of the first order, and a return of it whose fate is open."""
    order = built.order_ids[0]
    announced = build.request(order).require()
    built.request = str(announced.data["number"])
    built.claim = build.claim(build.shipped(build.world(products=1))).require().id
    picture = PhotosItem(return_request_id=announced.id, photos=[b"\xff\xd8\xff a picture"])  # type: ignore[arg-type]
    add_photos([picture], actor=build.TESTER)[0].require()
    stated = WithdrawalItem(order_id=order, name="A", email="a@example.com", language="nl")
    state_withdrawals([stated], actor=build.TESTER)[0].require()
    came = build.give_back(order).require()
    built.returned = str(came.data["number"])
    rows = sql.fetch("select id from returns_line where parent_id = %s", (came.id,))
    built.return_line = rows[0][0]


def expect(built: Morning) -> None:
    """Add a purchase order of which a part has come."""
    world = built.world
    lines = [InboundLineItem(sku=world.skus[0], quantity=10)]
    item = InboundItem(location=world.locations[0], lines=lines, supplier="Supplier", expected_on=date(2026, 1, 2))  # fmt: skip
    made = upsert_inbounds([item], actor=build.TESTER)[0].require()
    built.inbound = made.data["number"]
    came = ReceiveItem(sku=world.skus[0], location=world.locations[0], quantity=4, inbound=built.inbound)  # fmt: skip
    receive_stock([came], actor=build.TESTER)[0].require()
    rows = sql.fetch("select id from stock_inbound_line where inbound_id = %s", (made.id,))
    built.inbound_line = rows[0][0]


def sell_kit(built: Morning) -> None:
    """Add an order of a kit."""
    world = built.world
    built.kit = f"KIT{build.serial()}"
    parts = [ComponentItem(sku=sku, quantity=2) for sku in world.skus[:2]]
    made = ProductItem(sku=built.kit, name="Gift set", components=parts)
    upsert_products([made], actor=build.TESTER)[0].require()
    built.kit_order = numbers("orders_order", [world.place((built.kit, 1))])[0]


def refund_some(built: Morning) -> None:
    """Add a refund in every status, for one more shop's order."""
    order = built.order_ids[0]
    debit = build.invoices(order)[0]["id"]
    for _ in range(4):
        goodwill = CreditItem(invoice_id=debit, reason="Too late", amount="0.50")
        credit = credit_invoices([goodwill], actor=build.TESTER)[0].require().id
        item = CreateRefundItem(invoice_id=credit)  # type: ignore[arg-type]
        built.refunds += create_refunds([item], actor=build.TESTER)[0].require().data["refunds"]
    _, second, third, fourth = built.refunds
    go = [ApproveRefundItem(refund_id=key) for key in (second, third)]
    approve_refunds(go, actor=build.TESTER)
    submit_refunds([SubmitRefundItem(refund_id=third)], actor=build.TESTER)[0].require()
    reject_refunds([RejectRefundItem(refund_id=fourth, reason="No")], actor=build.TESTER)
