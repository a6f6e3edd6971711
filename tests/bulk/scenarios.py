"""For each command: how to prepare n items of it. A command without a scenario fails a test."""

from collections.abc import Callable, Sequence
from typing import Any

from orderwerk.accounts.commands.create_token import NewToken, create_tokens
from orderwerk.accounts.commands.create_user import NewUser, create_users
from orderwerk.accounts.commands.revoke_token import RevokeToken, revoke_tokens
from orderwerk.accounts.commands.set_password import NewPassword, set_passwords
from orderwerk.accounts.commands.update_user import UserChange, update_users
from orderwerk.allocations.commands.set_rules import RoutingItem, set_routing_rules
from orderwerk.allocations.rules import Rule
from orderwerk.catalog.commands.upsert import ProductItem, upsert_products
from orderwerk.core import clock, sql
from orderwerk.core.uow import unit_of_work
from orderwerk.emails.commands.queue import NewEmail, queue_emails
from orderwerk.emails.commands.resend import ResendItem, resend_emails
from orderwerk.emails.commands.reset_templates import ResetTemplateItem, reset_templates
from orderwerk.emails.commands.set_automations import AutomationItem, set_automations
from orderwerk.emails.commands.upsert_templates import TemplateItem, upsert_templates
from orderwerk.flows.adjust_stock import AdjustItem, adjust_stock_levels
from orderwerk.flows.allocate_orders import AllocateItem, allocate_orders
from orderwerk.flows.cancel_orders import CancelItem, cancel_orders
from orderwerk.flows.cancel_pick_lists import CancelPickListItem, cancel_pick_lists
from orderwerk.flows.cancel_shipments import CancelShipmentItem, cancel_shipments
from orderwerk.flows.complete_pick_lists import CompleteItem, complete_pick_lists
from orderwerk.flows.count_stock import CountItem, count_stock_levels
from orderwerk.flows.move_allocations import MoveAllocationItem, move_allocations
from orderwerk.flows.pick_lines import PickItem, pick_lines
from orderwerk.flows.place_orders import place_orders
from orderwerk.flows.preview_emails import PreviewItem, preview_templates
from orderwerk.flows.record_payments import PaymentItem, record_payments
from orderwerk.flows.reject_shipments import RejectShipmentItem, reject_shipments
from orderwerk.flows.release_allocations import ReleaseAllocationItem, release_allocations
from orderwerk.flows.release_orders import ReleaseOrderItem, release_orders
from orderwerk.flows.send_emails import SendEmailItem, send_emails
from orderwerk.flows.send_test_emails import TrialItem, send_test_emails
from orderwerk.flows.set_up_locations import LocationItem, set_up_locations
from orderwerk.flows.ship_shipments import ShipItem, ship_shipments
from orderwerk.invoices.commands.credit import CreditItem, credit_invoices
from orderwerk.invoices.commands.issue import IssueItem, issue_invoices
from orderwerk.memos.commands.create import MemoItem, create_memos
from orderwerk.memos.commands.pin import PinItem, pin_memos
from orderwerk.orders.commands.hold import HoldItem, hold_orders
from orderwerk.orders.commands.update import UpdateItem, update_orders
from orderwerk.picklists.commands.assign import AssignItem, assign_pick_lists
from orderwerk.picklists.commands.create import CreatePickListItem, create_pick_lists
from orderwerk.refunds.commands.approve import ApproveRefundItem, approve_refunds
from orderwerk.refunds.commands.create import CreateRefundItem, create_refunds
from orderwerk.refunds.commands.reject import RejectRefundItem, reject_refunds
from orderwerk.refunds.commands.retry import RetryRefundItem, retry_refunds
from orderwerk.refunds.commands.settle import SettleRefundItem, settle_refunds
from orderwerk.refunds.commands.submit import SubmitRefundItem, submit_refunds
from orderwerk.shipments.commands.announce import AnnounceItem, announce_shipments
from orderwerk.shipments.commands.track import TrackItem, track_shipments
from orderwerk.shipments.commands.update import UpdateShipmentItem, update_shipments
from orderwerk.shops.commands.link_locations import LocationShops, link_locations
from orderwerk.shops.commands.set_logos import LogoItem, set_logos
from orderwerk.shops.commands.upsert import ShopItem, upsert_shops
from orderwerk.stock.commands.close_inbounds import CloseInboundItem, close_inbounds
from orderwerk.stock.commands.receive import ReceiveItem, receive_stock
from orderwerk.stock.commands.send_transfers import SendItem, send_transfers
from orderwerk.stock.commands.set_bins import BinItem, set_bins
from orderwerk.stock.commands.set_safety import SafetyItem, set_safety_stocks
from orderwerk.stock.commands.transfer import TransferItem, transfer_stock_levels
from orderwerk.stock.commands.upsert_inbounds import (
    InboundItem,
    InboundLineItem,
    upsert_inbounds,
)
from orderwerk.stock.commands.upsert_locations import LocationData, upsert_locations
from orderwerk.stock.commands.upsert_postal_places import PostalPlaceItem, upsert_postal_places
from tests import build

ALL: dict[str, tuple[Callable[[int], Sequence[Any]], Callable[..., Any]]] = {}
Prepare = Callable[[int], Sequence[Any]]


def scenario(command: Callable[..., Any], case: str = "") -> Callable[[Prepare], Prepare]:
    """Register how to prepare n items of a command, in a case of its own where it has several."""

    def register(prepare: Prepare) -> Prepare:
        ALL[f"{command.__name__}{case and f', {case}'}"] = (prepare, command)
        return prepare

    return register


def placed(n: int, **fields: Any) -> tuple[build.World, list[Any]]:
    """Orders that wait to be shipped."""
    world = build.world(stock=1000)
    documents = [world.document((world.skus[0], 2), (world.skus[1], 1), **fields) for _ in range(n)]
    return world, [o.require().id for o in place_orders(documents, actor=build.TESTER)]


def _waiting(n: int) -> list[Any]:
    world = build.world(stock=0)
    placed = [
        o.require().id
        for o in place_orders(
            [world.document((world.skus[0], 2)) for _ in range(n)], actor=build.TESTER
        )
    ]
    world.count(world.locations[0], {world.skus[0]: 1000})
    return placed


def _shipments(n: int) -> tuple[build.World, list[Any]]:
    world, orders = placed(n)
    return world, [build.shipments(key)[0] for key in orders]


def lists(n: int) -> list[Any]:
    world, shipments = _shipments(n)
    items = [
        CreatePickListItem(location=world.locations[0], shipment_ids=[key]) for key in shipments
    ]
    return [o.require().id for o in create_pick_lists(items, actor=build.TESTER)]


@scenario(place_orders)
def _place(n: int) -> Sequence[Any]:
    world = build.world(stock=1000)
    return [world.document((world.skus[0], 2), (world.skus[1], 1)) for _ in range(n)]


@scenario(upsert_products)
def _products(n: int) -> Sequence[Any]:
    return [ProductItem(sku=f"B{build.serial()}", name="x") for _ in range(n)]


@scenario(upsert_locations)
def _locations(n: int) -> Sequence[Any]:
    return [LocationData(code=f"B{build.serial()}", name="x") for _ in range(n)]


@scenario(set_up_locations)
def _set_up(n: int) -> Sequence[Any]:
    world = build.world()
    return [LocationItem(code=f"B{build.serial()}", name="x", shops=[world.shop]) for _ in range(n)]


@scenario(upsert_shops)
def _shops(n: int) -> Sequence[Any]:
    return [
        ShopItem(code=f"B{build.serial()}", name="x", currency="EUR", locale="nl") for _ in range(n)
    ]


@scenario(link_locations)
def _links(n: int) -> Sequence[Any]:
    world = build.world(locations=n)
    return [LocationShops(location=code, shops=[world.shop]) for code in world.locations]


@scenario(adjust_stock_levels)
def _adjust(n: int) -> Sequence[Any]:
    world = build.world(products=n)
    return [
        AdjustItem(sku=sku, location=world.locations[0], difference=-1, reason="broken")
        for sku in world.skus
    ]


def _expected(n: int) -> tuple[build.World, list[Any]]:
    world = build.world(stock=0)
    items = [
        InboundItem(
            location=world.locations[0],
            lines=[InboundLineItem(sku=sku, quantity=5) for sku in world.skus],
        )
        for _ in range(n)
    ]
    return world, [o.require() for o in upsert_inbounds(items, actor=build.TESTER)]


@scenario(upsert_inbounds)
def _upsert_inbounds(n: int) -> Sequence[Any]:
    world, made = _expected(n)
    lines = [InboundLineItem(sku=sku, quantity=6) for sku in world.skus]
    return [InboundItem(location=world.locations[0], number=o.data["number"], lines=lines) for o in made]  # fmt: skip


@scenario(receive_stock)
def _receive(n: int) -> Sequence[Any]:
    world, made = _expected(n)
    return [
        ReceiveItem(sku=world.skus[0], location=world.locations[0], quantity=2, inbound=o.data["number"])
        for o in made
    ]  # fmt: skip


@scenario(send_transfers)
def _send(n: int) -> Sequence[Any]:
    world = build.world(stock=1000)
    lines = [InboundLineItem(sku=sku, quantity=2) for sku in world.skus]
    return [SendItem(origin=world.locations[0], to=world.locations[1], lines=lines)] * n


@scenario(close_inbounds)
def _close(n: int) -> Sequence[Any]:
    made = send_transfers(_send(n), actor=build.TESTER)
    return [CloseInboundItem(inbound_id=o.require().id, reason="x", back_to_origin=True) for o in made]  # fmt: skip


@scenario(set_routing_rules)
def _routing(n: int) -> Sequence[Any]:
    rule = Rule(name="Everything", split="never")
    return [RoutingItem(shop=build.world(locations=1, products=1, stock=0).shop, rules=[rule]) for _ in range(n)]  # fmt: skip


@scenario(count_stock_levels)
def _count(n: int) -> Sequence[Any]:
    world = build.world(products=n)
    return [CountItem(sku=sku, location=world.locations[0], quantity=7) for sku in world.skus]


@scenario(transfer_stock_levels)
def _transfer(n: int) -> Sequence[Any]:
    world = build.world(products=n)
    return [
        TransferItem(sku=sku, origin=world.locations[0], to=world.locations[1], quantity=1)
        for sku in world.skus
    ]


@scenario(set_safety_stocks)
def _safety(n: int) -> Sequence[Any]:
    world = build.world(products=n)
    return [SafetyItem(sku=sku, location=world.locations[0], safety_stock=3) for sku in world.skus]


@scenario(upsert_postal_places)
def _postal_places(n: int) -> Sequence[Any]:
    return [PostalPlaceItem(country="NL", postal_code=str(1000 + i), latitude=52.0, longitude=5.0) for i in range(n)]  # fmt: skip


@scenario(set_bins)
def _bins(n: int) -> Sequence[Any]:
    world = build.world()
    return [BinItem(location=world.locations[0], bin=f"A-{i}", position=i) for i in range(n)]


@scenario(allocate_orders)
def _allocate(n: int) -> Sequence[Any]:
    return [AllocateItem(order_id=key) for key in _waiting(n)]


@scenario(release_allocations)
def _release(n: int) -> Sequence[Any]:
    return [
        ReleaseAllocationItem(allocation_id=build.allocations(key)[0][0]) for key in placed(n)[1]
    ]


@scenario(move_allocations)
def _move(n: int) -> Sequence[Any]:
    world, orders = placed(n)
    return [
        MoveAllocationItem(allocation_id=build.allocations(key)[0][0], location=world.locations[1])
        for key in orders
    ]


@scenario(cancel_orders)
def _cancel(n: int) -> Sequence[Any]:
    part = {"refund": "part", "refund_amount": "5.00"}
    ways: list[dict[str, Any]] = [part, {}, {"refund": "none"}]
    return [CancelItem(order_id=key, reason="no longer wanted", **ways[i % 3]) for i, key in enumerate(placed(n)[1])]  # fmt: skip


@scenario(hold_orders)
def _hold(n: int) -> Sequence[Any]:
    return [HoldItem(order_id=key, reason="look at this") for key in placed(n)[1]]


@scenario(release_orders)
def _unhold(n: int) -> Sequence[Any]:
    orders = _waiting(n)
    hold_orders(
        [HoldItem(order_id=key, reason="look at this") for key in orders], actor=build.TESTER
    )
    return [ReleaseOrderItem(order_id=key) for key in orders]


@scenario(update_orders)
def _update(n: int) -> Sequence[Any]:
    return [UpdateItem(order_id=key, comment="ring twice", tags=["vip"]) for key in placed(n)[1]]


@scenario(record_payments)
def _pay(n: int) -> Sequence[Any]:
    _, orders = placed(n, payments=[])
    return [
        PaymentItem(
            order_id=key,
            provider="test",
            reference=f"B{build.serial()}",
            status="paid",
            amount="30.00",
        )
        for key in orders
    ]


@scenario(create_pick_lists)
def _create_lists(n: int) -> Sequence[Any]:
    world, shipments = _shipments(n)
    return [
        CreatePickListItem(
            location=world.locations[0],
            shipment_ids=[key],
            kind="batch",
            method="sort",
            wave="Noon",
        )
        for key in shipments
    ]


@scenario(assign_pick_lists)
def _assign(n: int) -> Sequence[Any]:
    name = f"picker{build.serial()}"
    create_users([NewUser(username=name, name="Picker", role="warehouse")], actor=build.TESTER)
    return [AssignItem(pick_list_id=key, user=name) for key in lists(n)]


@scenario(pick_lines)
def _pick(n: int) -> Sequence[Any]:
    # The last list is not named: its lines give way, since nothing is left in their bin.
    return [
        PickItem(pick_line_id=line, picked=0, short=quantity, reason="missing")
        for key in lists(n + 1)[:n]
        for line, quantity in build.pick_lines_of(key)
    ]


@scenario(complete_pick_lists)
def _complete(n: int) -> Sequence[Any]:
    return [CompleteItem(pick_list_id=key) for key in lists(n)]


@scenario(cancel_pick_lists)
def _cancel_lists(n: int) -> Sequence[Any]:
    chosen = lists(n)
    first = [PickItem(pick_line_id=build.pick_lines_of(key)[0][0], picked=1) for key in chosen]
    pick_lines(first, actor=build.TESTER)
    return [CancelPickListItem(pick_list_id=key) for key in chosen]


@scenario(update_shipments)
def _update_shipments(n: int) -> Sequence[Any]:
    return [
        UpdateShipmentItem(shipment_id=key, packages=2, tracking_code="3S1")
        for key in _shipments(n)[1]
    ]


@scenario(announce_shipments)
def _announce(n: int) -> Sequence[Any]:
    return [AnnounceItem(shipment_id=key) for key in _shipments(n)[1]]


@scenario(ship_shipments)
def _ship(n: int) -> Sequence[Any]:
    return [ShipItem(shipment_id=key, notify=True) for key in _shipments(n)[1]]


@scenario(cancel_shipments)
def _cancel_shipments(n: int) -> Sequence[Any]:
    _, shipments = _shipments(n)
    ship_shipments([ShipItem(shipment_id=key) for key in shipments], actor=build.TESTER)
    return [CancelShipmentItem(shipment_id=key) for key in shipments]


@scenario(reject_shipments)
def _reject_shipments(n: int) -> Sequence[Any]:
    _, shipments = _shipments(n)
    return [RejectShipmentItem(shipment_id=key, reason="x") for key in shipments]


@scenario(track_shipments)
def _track(n: int) -> Sequence[Any]:
    _, shipments = _shipments(n)
    ship_shipments([ShipItem(shipment_id=key) for key in shipments], actor=build.TESTER)
    return [TrackItem(shipment_id=key, status="delivered", at=clock.now()) for key in shipments]


@scenario(create_memos)
def _memos(n: int) -> Sequence[Any]:
    return [MemoItem(order_id=key, text="call back") for key in placed(n)[1]]


@scenario(pin_memos)
def _pins(n: int) -> Sequence[Any]:
    made = create_memos(_memos(n), actor=build.TESTER)
    return [PinItem(memo_id=o.require().id, pinned=True) for o in made]  # type: ignore[arg-type]


@scenario(resend_emails)
def _resend(n: int) -> Sequence[Any]:
    world, orders = placed(n)
    emails = [
        NewEmail(
            world.shop_id,
            key,
            "test",
            key,
            "to@example.com",
            "from@example.com",
            "",
            "Subject",
            "Body",
        )
        for key in orders
    ]
    with unit_of_work(build.TESTER) as unit:
        queue_emails(unit, emails)
    rows = sql.fetch("select id from emails_email where order_id = any(%s)", (orders,))
    return [ResendItem(email_id=row[0]) for row in rows]


@scenario(create_users)
def _users(n: int) -> Sequence[Any]:
    return [_user() for _ in range(n)]


@scenario(update_users)
def _update_users(n: int) -> Sequence[Any]:
    made = create_users([_user() for _ in range(n)], actor=build.TESTER)
    return [UserChange(user_id=o.require().id, name="Another name") for o in made]


@scenario(set_passwords)
def _passwords(n: int) -> Sequence[Any]:
    made = create_users([_user() for _ in range(n)], actor=build.TESTER)
    return [NewPassword(user_id=o.require().id, password="another-long-dummy-2") for o in made]


@scenario(create_tokens)
def _tokens(n: int) -> Sequence[Any]:
    return [_token() for _ in range(n)]


@scenario(revoke_tokens)
def _revoke(n: int) -> Sequence[Any]:
    made = create_tokens([_token() for _ in range(n)], actor=build.TESTER)
    return [RevokeToken(token_id=o.require().id) for o in made]


def _user() -> NewUser:
    return NewUser(username=f"user{build.serial()}", name="Somebody", role="warehouse")


def _token() -> NewToken:
    return NewToken(name=f"token {build.serial()}", scopes=("orders:read",))


@scenario(issue_invoices)
def _due(n: int) -> Sequence[Any]:
    _, orders = placed(n)
    return [IssueItem(order_id=key) for key in orders]


@scenario(credit_invoices)
def _creditable(n: int) -> Sequence[Any]:
    _, orders = placed(n)
    issue_invoices([IssueItem(order_id=key) for key in orders], actor=build.TESTER)
    debits = [build.invoices(key)[0]["id"] for key in orders]
    return [CreditItem(invoice_id=key, reason="x", amount="5.00") for key in debits]


def _texts(n: int) -> list[TemplateItem]:
    return [
        TemplateItem(
            shop=build.world(stock=0, products=1, locations=1).shop,
            trigger="order.received",
            language="nl",
            subject="Dank",
            body="Dag {{ customer.name }}",
        )
        for _ in range(n)
    ]


@scenario(upsert_templates)
def _write_texts(n: int) -> Sequence[Any]:
    return _texts(n)


@scenario(reset_templates)
def _reset_texts(n: int) -> Sequence[Any]:
    texts = _texts(n)
    upsert_templates(texts, actor=build.TESTER)
    return [ResetTemplateItem(shop=t.shop, trigger=t.trigger, language=t.language) for t in texts]


@scenario(set_automations)
def _switch(n: int) -> Sequence[Any]:
    return [
        AutomationItem(shop=text.shop, trigger="order.received", is_on=False) for text in _texts(n)
    ]


@scenario(send_emails)
def _write_emails(n: int) -> Sequence[Any]:
    _, orders = placed(n)
    for key in orders:
        build.invoice(key)
    return [
        SendEmailItem(
            order_id=key, subject="x", body="Dag", invoices=[build.invoices(key)[0]["id"]]
        )
        for key in orders
    ]


@scenario(preview_templates)
def _preview(n: int) -> Sequence[Any]:
    world, orders = placed(n)
    return [
        PreviewItem(shop=world.shop, trigger="shipment.shipped", language="nl", order_id=key)
        for key in orders
    ]


@scenario(send_test_emails)
def _send_tests(n: int) -> Sequence[Any]:
    world, orders = placed(n)
    me = f"user{build.serial()}"
    address = f"{me}@example.com"
    create_users([NewUser(username=me, name="Somebody", role="owner", email=address)], actor=build.TESTER)  # fmt: skip
    return [
        TrialItem(
            shop=world.shop,
            trigger="order.received",
            language="nl",
            order_id=key,
            recipient=address,
        )
        for key in orders
    ]


def _credits(n: int) -> list[Any]:
    made = credit_invoices(_creditable(n), actor=build.TESTER)
    return [o.require().id for o in made]


def _refunds(n: int) -> list[Any]:
    items = [CreateRefundItem(invoice_id=key) for key in _credits(n)]
    return [o.require().data["refunds"][0] for o in create_refunds(items, actor=build.TESTER)]


def _submitted(n: int) -> list[Any]:
    refunds = _refunds(n)
    approve_refunds([ApproveRefundItem(refund_id=key) for key in refunds], actor=build.TESTER)
    submit_refunds([SubmitRefundItem(refund_id=key) for key in refunds], actor=build.TESTER)
    return refunds


@scenario(set_logos)
def _logos(n: int) -> Sequence[Any]:
    return [LogoItem(shop=build.world(stock=0).shop, png=build.logo()) for _ in range(n)]


@scenario(create_refunds)
def _refundable(n: int) -> Sequence[Any]:
    return [CreateRefundItem(invoice_id=key) for key in _credits(n)]


@scenario(approve_refunds)
def _to_approve(n: int) -> Sequence[Any]:
    return [ApproveRefundItem(refund_id=key) for key in _refunds(n)]


@scenario(reject_refunds)
def _to_reject(n: int) -> Sequence[Any]:
    return [RejectRefundItem(refund_id=key, reason="x") for key in _refunds(n)]


@scenario(submit_refunds)
def _to_submit(n: int) -> Sequence[Any]:
    refunds = _refunds(n)
    approve_refunds([ApproveRefundItem(refund_id=key) for key in refunds], actor=build.TESTER)
    return [SubmitRefundItem(refund_id=key) for key in refunds]


@scenario(settle_refunds)
def _to_settle(n: int) -> Sequence[Any]:
    return [SettleRefundItem(refund_id=key, status="succeeded") for key in _submitted(n)]


@scenario(retry_refunds)
def _to_retry(n: int) -> Sequence[Any]:
    refunds = _submitted(n)
    failed = [SettleRefundItem(refund_id=key, status="failed") for key in refunds]
    settle_refunds(failed, actor=build.TESTER)
    return [RetryRefundItem(refund_id=key) for key in refunds]
