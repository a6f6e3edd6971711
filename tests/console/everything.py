"""Something for every page of the console to show: n rows in each list, n rows inside each thing that has a page."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from orderwerk.accounts.commands.create_token import NewToken, create_tokens
from orderwerk.accounts.commands.create_user import NewUser, create_users
from orderwerk.allocations.commands.set_channels import ChannelStockItem, set_channel_stocks
from orderwerk.allocations.commands.set_rules import RoutingItem, set_routing_rules
from orderwerk.allocations.rules import Rule
from orderwerk.catalog.commands.upsert import ProductItem, upsert_products
from orderwerk.catalog.kits import ComponentItem
from orderwerk.core import clock, decode, sql
from orderwerk.core.ids import new_id
from orderwerk.core.uow import unit_of_work
from orderwerk.emails.commands.queue import NewEmail, queue_emails
from orderwerk.emails.commands.upsert_templates import TemplateItem, upsert_templates
from orderwerk.emails.triggers import TRIGGERS
from orderwerk.flows.capture_payments import CaptureItem, capture_payments
from orderwerk.flows.collect_shipments import CollectShipmentItem, collect_shipments
from orderwerk.flows.complete_pick_lists import CompleteItem, complete_pick_lists
from orderwerk.flows.count_stock import CountItem, count_stock_levels
from orderwerk.flows.move_allocations import MoveAllocationItem, move_allocations
from orderwerk.flows.pack_shipments import PackItem, pack_shipments
from orderwerk.flows.pick_lines import PickItem, pick_lines
from orderwerk.flows.place_orders import place_orders
from orderwerk.flows.ready_shipments import ReadyShipmentItem, ready_shipments
from orderwerk.flows.reconcile_payments import reconcile_day
from orderwerk.flows.set_lots import LotItem, set_lots
from orderwerk.flows.ship_shipments import ShipItem, ship_shipments
from orderwerk.flows.split_shipments import SplitLine, SplitShipmentItem, split_shipments
from orderwerk.flows.withdraw import WithdrawalItem, state_withdrawals
from orderwerk.invoices.commands.credit import CreditItem, credit_invoices
from orderwerk.memos.commands.create import MemoItem, create_memos
from orderwerk.orders.commands.hold import HoldItem, hold_orders
from orderwerk.orders.commands.set_hold_rules import HoldRulesItem, set_hold_rules
from orderwerk.orders.hold_rules import HoldRule
from orderwerk.payments.accounts import accounts_in_use
from orderwerk.payments.commands.set_accounts import AccountItem, set_payment_accounts
from orderwerk.picklists.commands.assign import AssignItem, assign_pick_lists
from orderwerk.picklists.commands.create import CreatePickListItem, create_pick_lists
from orderwerk.refunds.commands.approve import ApproveRefundItem, approve_refunds
from orderwerk.refunds.commands.create import CreateRefundItem, create_refunds
from orderwerk.refunds.commands.create_batches import BankTransferItem, create_transfer_batches
from orderwerk.refunds.commands.note_differences import Found, note_differences
from orderwerk.refunds.commands.set_accounts import RefundAccountItem, set_refund_accounts
from orderwerk.return_requests.commands.add_photos import PhotosItem, add_photos
from orderwerk.return_requests.commands.decide import ApproveRequestItem, approve_return_requests
from orderwerk.return_requests.commands.set_carriers import ReturnCarrierItem, set_return_carriers
from orderwerk.return_requests.commands.upsert_reasons import ReasonItem, upsert_return_reasons
from orderwerk.returns.commands.add_claim_photos import ClaimPhotosItem, add_claim_photos
from orderwerk.shipments.commands.record_serials import RecordSerialsItem, record_serials
from orderwerk.shipments.commands.set_box_sizes import BoxSizeItem, BoxSizesItem, set_box_sizes
from orderwerk.shipments.commands.set_shipping_rules import (
    ShippingRuleItem,
    ShippingRulesItem,
    set_shipping_rules,
)
from orderwerk.shipments.commands.track import TrackItem, track_shipments
from orderwerk.shipments.commands.upsert_carriers import (
    CarrierItem,
    CarrierService,
    upsert_carriers,
)
from orderwerk.shipments.queries import shipment_detail
from orderwerk.shipments.serials import SerialPiece
from orderwerk.shops.commands.link_locations import LocationShops, link_locations
from orderwerk.stock.commands.receive import ReceiveItem, receive_stock
from orderwerk.stock.commands.set_bins import BinItem, set_bins
from orderwerk.stock.commands.set_count_plans import CountPlanItem, set_count_plans
from orderwerk.stock.commands.upsert_inbounds import InboundItem, InboundLineItem, upsert_inbounds
from orderwerk.stock.commands.upsert_locations import LocationData, upsert_locations
from tests import build
from tests.console.morning import numbers
from tests.console.parcel_labels import parcel_labels

SELLER = {"name": "Test B.V.", "iban": "NL20INGB0001234567", "country": "NL"}
PICTURE = b"\xff\xd8\xff a picture"


class NothingThere:
    """A payment provider at which nothing has happened."""

    def refunds_since(self, account: Any, since: Any) -> list[Any]:
        return []

    def payments_since(self, account: Any, since: Any) -> list[Any]:
        return []


@dataclass
class Everything:
    """What was built: the values that addresses of pages are made of, by section and name of the value."""

    n: int
    world: build.World
    values: dict[str, dict[str, Any]] = field(default_factory=dict)

    def note(self, section: str, **values: Any) -> None:
        """Say what a section's addresses are made of."""
        self.values.setdefault(section, {}).update(values)


def _all(outcomes: list[Any]) -> list[Any]:
    return [outcome.require() for outcome in outcomes]


def everything(n: int) -> Everything:
    """Build n of everything, and one thing of each kind that has n of whatever its page shows."""
    # Counted so long ago that each bin's turn has come.
    with clock.told(clock.now() - timedelta(days=10)):
        world = build.world(
            locations=n + 1, products=n, stock=1000, legal=SELLER, refund_mode="manual"
        )
    every = Everything(n, world)
    for add in (
        _counter, _accounts, _people, _lots, _serials, _one_large_order, _orders_of_the_day, _walks, _shipments, _parts, _requests_to_stop, _goods, _bins_to_count,
        _inbounds, _coming_back, _money_back, _stored, _captures, _providers, _turns, _kept, _settings, parcel_labels,
    ):  # fmt: skip
        add(every)
    # As the server itself does from time to time: plans made for empty tables are forgotten. By name, since without names the
    # tables that all databases of a server share are analysed too, and tests run beside each other would wait for those.
    [(tables,)] = sql.fetch(
        "select string_agg(tablename, ', ') from pg_tables where schemaname = 'public'"
    )
    sql.execute(f"analyze {tables}")
    return every


def _place(every: Everything, count: int, *lines: tuple[str, int], **fields: Any) -> list[UUID]:
    documents = [every.world.document(*lines, **fields) for _ in range(count)]
    return [done.id for done in _all(place_orders(documents, actor=build.TESTER))]


def _each(every: Everything) -> list[tuple[str, int]]:
    return [(sku, 2) for sku in every.world.skus]


def _one_large_order(every: Everything) -> None:
    """An order of n lines, each of which left from a place of its own; with n of whatever its tabs show."""
    world, n = every.world, every.n
    [order_id] = _place(every, 1, *_each(every), tags=["vip"], comment="Ring twice")
    moves = [
        MoveAllocationItem(allocation_id=key, location=place)
        for (key, *_), place in zip(build.allocations(order_id), world.locations[1:], strict=True)
    ]
    _all(move_allocations(moves, actor=build.TESTER))
    shipments = build.shipments(order_id, "open")
    places = dict(sql.fetch("select id, location_id from shipments_shipment where order_id = %s", (order_id,)))  # fmt: skip
    codes = {key: code for code, key in world.location_ids.items()}
    items = [CreatePickListItem(location=codes[places[key]], shipment_ids=[key]) for key in shipments]  # fmt: skip
    lists = [done.id for done in _all(create_pick_lists(items, actor=build.TESTER))]
    _all(complete_pick_lists([CompleteItem(pick_list_id=key) for key in lists], actor=build.TESTER))
    _all(ship_shipments([ShipItem(shipment_id=key) for key in shipments], actor=build.TESTER))
    build.invoice(order_id)
    owners = [
        row[0] for row in sql.fetch("select username from accounts_user where role = 'owner'")
    ]
    text = " ".join(["Called.", *(f"@{name}" for name in owners)])
    memos = _all(create_memos([MemoItem(order_id=order_id, text=text)] * n, actor=build.TESTER))
    every.note("mentions", memo_id=memos[0].id)
    _write(every, order_id)
    debit = build.invoices(order_id)[0]
    goodwill = CreditItem(invoice_id=debit["id"], reason="Too late", amount="0.10")
    given = [done.id for done in _all(credit_invoices([goodwill] * n, actor=build.TESTER))]
    _all(create_refunds([CreateRefundItem(invoice_id=key) for key in given], actor=build.TESTER))
    for line in range(n):
        build.request(order_id, build.back(order_id, index=line)).require()
        build.give_back(order_id, build.back(order_id, index=line)).require()
    [number] = numbers("orders_order", [order_id])
    [(email,)] = sql.fetch("select id from emails_email where order_id = %s limit 1", (order_id,))
    every.note("orders", number=number, email_id=email, id=order_id)
    offers = [build.offered(every.world) for _ in range(n)]
    every.note("orders", line_id=build.order_lines(order_id)[0], substitution_id=offers[0])
    every.note("invoices", number=debit["number"], ending="pdf")


def _write(every: Everything, order_id: UUID) -> None:
    with unit_of_work(build.TESTER) as unit:
        queue_emails(
            unit,
            [
                NewEmail(every.world.shop_id, order_id, "test", new_id(), "a@example.com", "b@example.com", "", "Hello", "Text")
                for _ in range(every.n)
            ],
        )  # fmt: skip


def _orders_of_the_day(every: Everything) -> None:
    """N orders that wait to be picked, and n on hold, unpaid or without stock."""
    waiting = _place(every, every.n, (every.world.skus[0], 1))
    _place(every, every.n, payments=[])
    held = _place(every, every.n, (every.world.skus[0], 1))
    holds = [HoldItem(order_id=key, reason="Look") for key in held]
    _all(hold_orders(holds, actor=build.TESTER))
    gone = f"GONE{build.serial()}"
    _all(upsert_products([ProductItem(sku=gone, name="Sold out")], actor=build.TESTER))
    late = _place(every, every.n, (gone, 1))
    on_its_way = InboundItem(
        location=every.world.locations[0], lines=[InboundLineItem(sku=gone, quantity=1000)],
        expected_on=clock.business_date(clock.now(), "Europe/Amsterdam") + timedelta(days=3),
    )  # fmt: skip
    _all(upsert_inbounds([on_its_way], actor=build.TESTER))
    every.note("waiting", order=numbers("orders_order", late[:1])[0])
    _place(every, every.n, ("nobody-knows-this", 1))
    [(claim, *_)] = build.allocations(waiting[0])
    every.note("allocations", allocation_id=claim)


def _walks(every: Everything) -> None:
    """One walk of n orders, sorted afterwards, and n waves of one walk each."""
    world = every.world
    keys = [build.shipments(key)[0] for key in _place(every, every.n, (world.skus[0], 1))]
    one = CreatePickListItem(location=world.locations[0], shipment_ids=keys, kind="batch", method="sort", wave="Noon")  # fmt: skip
    [made] = _all(create_pick_lists([one], actor=build.TESTER))
    pick_list = made.data["pick_lists"][0]
    keys = [build.shipments(key)[0] for key in _place(every, every.n, (world.skus[0], 1))]
    waves = [
        CreatePickListItem(location=world.locations[0], shipment_ids=[key], kind="batch", wave=f"Wave {build.serial()}")
        for key in keys
    ]  # fmt: skip
    lists = [
        done.data["pick_lists"][0]["id"]
        for done in _all(create_pick_lists(waves, actor=build.TESTER))
    ]
    pickers = [
        NewUser(username=f"p{build.serial()}", name="Picker", role="warehouse") for _ in keys
    ]
    _all(create_users(pickers, actor=build.TESTER))
    turns = [AssignItem(pick_list_id=key, user=who.username) for key, who in zip(lists, pickers, strict=True)]  # fmt: skip
    _all(assign_pick_lists(turns, actor=build.TESTER))
    line = build.pick_lines_of(pick_list["id"])[0][0]
    every.note("pick-lists", number=pick_list["number"], line_id=line)


def _shipments(every: Everything) -> None:
    """A shipment of n lines in n packages that was followed in n steps, and n for one door."""
    world = every.world
    [order_id] = _place(every, 1, *_each(every))
    [shipment] = build.shipments(order_id)
    rows = sql.fetch(
        "select id from shipments_line where shipment_id = %s order by id", (shipment,)
    )
    packed = {
        "shipment_id": str(shipment),
        "contents": [{"sku": sku, "quantity": 2} for sku in world.skus],
        "packages": [
            {"weight_grams": 100, "contents": [{"shipment_line_id": str(key), "quantity": 2}]}
            for (key,) in rows
        ],
    }
    list_of_it = CreatePickListItem(location=world.locations[0], shipment_ids=[shipment])
    [made] = _all(create_pick_lists([list_of_it], actor=build.TESTER))
    _all(complete_pick_lists([CompleteItem(pick_list_id=made.id)], actor=build.TESTER))
    _all(pack_shipments([decode.convert(packed, PackItem)], actor=build.TESTER))
    steps = [
        TrackItem(shipment_id=shipment, status="lost" if k == 0 else "under_way", at=clock.now() - timedelta(minutes=k), text=f"Step {k}")
        for k in range(every.n)
    ]  # fmt: skip
    _all(track_shipments(steps, actor=build.TESTER))
    customer = {"name": "One Door", "email": "door@example.com"}
    doors = _place(every, every.n + 1, customer=customer)
    every.note("shipments", number=numbers("shipments_shipment", [shipment])[0])
    every.note("shipments-door", number=numbers("shipments_shipment", build.shipments(doors[0]))[0])


def _parts(every: Everything) -> None:
    """A shipment of n lines that nobody has touched, and one that was split into n beside it."""
    whole, apart = _place(every, 2, *_each(every), (every.world.skus[0], 3))
    [key] = build.shipments(whole)
    every.note("shipments-open", number=numbers("shipments_shipment", [key])[0])
    [key] = build.shipments(apart)
    rows = sql.fetch(
        "select id from shipments_line where shipment_id = %s and quantity = 2", (key,)
    )
    for (line,) in rows:
        part = SplitShipmentItem(
            shipment_id=key, lines=[SplitLine(shipment_line_id=line, quantity=2)]
        )
        _all(split_shipments([part], actor=build.TESTER))
    every.note("shipments-parts", number=numbers("shipments_shipment", [key])[0])


def _requests_to_stop(every: Everything) -> None:
    """N questions to the warehouse whether goods can be stopped, and n parcels that are lost."""
    asked = [build.asked_back(every.world) for _ in range(every.n)]
    lost = [build.lost(every.world) for _ in range(every.n)]
    every.note("cancel-requests", request_id=asked[0])
    every.note("delivery-problems", exception_id=lost[0])


def _counter(every: Everything) -> None:
    """N orders that customers come for, n that lie ready for too long, n that were handed over."""
    shipping = {"collect_at": every.world.locations[-1]}
    orders = _place(every, 3 * every.n, (every.world.skus[0], 1), shipping=shipping)
    shipments = [build.shipments(key)[0] for key in orders]
    late, taken = shipments[: every.n], shipments[every.n : 2 * every.n]
    with clock.told(clock.now() - timedelta(days=20)):
        _all(
            ready_shipments(
                [ReadyShipmentItem(shipment_id=key) for key in late], actor=build.TESTER
            )
        )
    items = [CollectShipmentItem(shipment_id=key, collected_by="Test Buur") for key in taken]
    _all(collect_shipments(items, actor=build.TESTER))
    every.note("shipments-collect", number=numbers("shipments_shipment", late)[0])


def _goods(every: Everything) -> None:
    """A product with n movements in n bins of n places; a kit of n components."""
    world = every.world
    place = world.locations[0]
    bins = [BinItem(location=place, bin=f"BIN-{k}", position=k) for k in range(every.n)]
    _all(set_bins(bins, actor=build.TESTER))
    counts = [CountItem(sku=world.skus[0], location=place, quantity=5, bin=item.bin) for item in bins]  # fmt: skip
    _all(count_stock_levels(counts, actor=build.TESTER))
    kit = f"KIT{build.serial()}"
    parts = [ComponentItem(sku=sku, quantity=2) for sku in world.skus]
    kits = [ProductItem(sku=kit, name="Gift set", components=parts)]
    _all(upsert_products(kits, actor=build.TESTER))
    [order_id] = _place(every, 1, (kit, 1))
    every.note("stock", sku=world.skus[0], verb="count")
    every.note("products", sku=kit)
    every.note("kit", order=numbers("orders_order", [order_id])[0], sku=kit)
    # Counters that were changed past every guard, for the self-check to find.
    sql.execute("set session_replication_role = replica")
    sql.execute(
        "update stock_level set on_hand = on_hand + 1 where product_id = any(%s) and location_id = %s",
        (list(world.product_ids.values()), world.location_ids[world.locations[-1]]),
    )
    sql.execute("set session_replication_role = origin")


def _lots(every: Everything) -> None:
    """A lot in n bins that n orders got, and n other lots of which nobody got any."""
    world, sku = every.world, f"LOT{build.serial()}"
    _all(upsert_products([ProductItem(sku=sku, name="Vaccine", tracking="lot")], actor=build.TESTER))  # fmt: skip
    bins = [BinItem(location=world.locations[0], bin=f"LOT-{k}", position=k) for k in range(every.n)]  # fmt: skip
    _all(set_bins(bins, actor=build.TESTER))
    came = [
        ReceiveItem(sku=sku, location=world.locations[0], quantity=9, bin=f"LOT-{k}", lot=lot)
        for k in range(every.n)
        for lot in ("L", f"L{k}")
    ]
    _all(receive_stock(came, actor=build.TESTER))
    dated = [LotItem(sku=sku, lot="L", expires_on=clock.now().date() + timedelta(days=30))]
    _all(set_lots(dated, actor=build.TESTER))
    orders = _place(every, every.n, (sku, 1))
    leaving = [ShipItem(shipment_id=key) for order in orders for key in build.shipments(order)]
    _all(ship_shipments(leaving, actor=build.TESTER))
    [(lot_id,)] = sql.fetch("select t.id from stock_lot t join catalog_product p on p.id = t.product_id where p.sku = %s and t.code = 'L'", (sku,))  # fmt: skip
    every.note("stock", lot_id=lot_id)


def _serials(every: Everything) -> None:
    """A shipment of n pieces that are recorded by serial number and wait to leave."""
    world, sku = every.world, f"PHONE{build.serial()}"
    _all(upsert_products([ProductItem(sku=sku, name="Phone", tracking="serial")], actor=build.TESTER))  # fmt: skip
    world.count(world.locations[0], {sku: every.n})
    [shipment] = build.shipments(world.place((sku, every.n)))
    add = [SerialPiece(sku=sku, serial=f"SN-{k:010}") for k in range(every.n)]
    _all(record_serials([RecordSerialsItem(shipment_id=shipment, add=add)], actor=build.TESTER))
    every.note("shipments-serials", number=shipment_detail(build.TESTER, shipment).shipment.number)


def _kept(every: Everything) -> None:
    """Pieces that n places keep for the shop."""
    world = every.world
    kept = [
        ChannelStockItem(sku=world.skus[0], location=place, shop=world.shop, reserved=1)
        for place in world.locations[1:]
    ]
    _all(set_channel_stocks(kept, actor=build.TESTER))


def _bins_to_count(every: Everything) -> None:
    """N picks that came up short, each in a place of its own: their bins wait to be counted."""
    world = every.world
    orders = _place(every, every.n, (world.skus[0], 1))
    moves = [
        MoveAllocationItem(allocation_id=build.allocations(order)[0][0], location=place)
        for order, place in zip(orders, world.locations[1:], strict=True)
    ]
    _all(move_allocations(moves, actor=build.TESTER))
    lists = _all(
        create_pick_lists(
            [
                CreatePickListItem(location=place, shipment_ids=build.shipments(order, "open"))
                for order, place in zip(orders, world.locations[1:], strict=True)
            ],
            actor=build.TESTER,
        )
    )
    lines = [build.pick_lines_of(made.id)[0][0] for made in lists]
    items = [PickItem(pick_line_id=key, picked=0, short=1, reason="damaged") for key in lines]
    _all(pick_lines(items, actor=build.TESTER))


def _inbounds(every: Everything) -> None:
    """N purchase orders of n lines."""
    world = every.world
    lines = [InboundLineItem(sku=sku, quantity=10) for sku in world.skus]
    today = clock.business_date(clock.now(), "Europe/Amsterdam")
    items = [
        InboundItem(location=world.locations[0], lines=lines, supplier="Supplier", expected_on=today)
        for _ in range(every.n)
    ]  # fmt: skip
    made = _all(upsert_inbounds(items, actor=build.TESTER))
    number = made[0].data["number"]
    came = [ReceiveItem(sku=sku, location=world.locations[0], quantity=4, inbound=number) for sku in world.skus]  # fmt: skip
    _all(receive_stock(came, actor=build.TESTER))
    [(line,)] = sql.fetch("select id from stock_inbound_line where inbound_id = %s limit 1", (made[0].id,))  # fmt: skip
    every.note("inbound", number=number, line_id=line)


def _coming_back(every: Everything) -> None:
    """N requests that were approved and n statements of withdrawal; a request and a return of n lines."""
    world, n = every.world, every.n
    order_id = build.shipped(world, *_each(every))
    lines = [build.back(order_id, index=k) for k in range(n)]
    announced = build.request(order_id, *lines).require()
    photos = PhotosItem(return_request_id=announced.id, photos=[PICTURE] * min(n, 5))  # type: ignore[arg-type]
    _all(add_photos([photos], actor=build.TESTER))
    came = build.give_back(order_id, *lines).require()
    [(line,)] = sql.fetch("select id from returns_line where parent_id = %s limit 1", (came.id,))
    for sku in world.skus:
        other = build.shipped(world, (sku, 1))
        asked = build.request(other).require()
        leave = ApproveRequestItem(return_request_id=asked.id)  # type: ignore[arg-type]
        _all(approve_return_requests([leave], actor=build.TESTER))
        every.note("return-requests-approved", number=asked.data["number"])
        stated = WithdrawalItem(order_id=other, name="A", email="a@example.com", language="nl")
        _all(state_withdrawals([stated], actor=build.TESTER))
        _label(every, asked.id, asked.data["number"])
    bad = build.shipped(world, *_each(every))
    wrong = [{"order_line_id": str(key), "quantity": 1} for key in build.order_lines(bad)]
    broken = [build.claim(bad, lines=[line]).require() for line in wrong]
    pictures = ClaimPhotosItem(claim_id=broken[0].id, photos=[PICTURE])
    _all(add_claim_photos([pictures], actor=build.TESTER))
    every.note("return-requests", number=announced.data["number"], position=1)
    every.note(
        "returns", number=came.data["number"], line_id=line, claim_id=broken[0].id, position=1
    )


def _label(every: Everything, request: Any, number: str) -> None:
    """The carrier's label of a request."""
    build.label_return(request)
    every.note("return-requests-labelled", number=number)


def _money_back(every: Everything) -> None:
    """N files for the bank, of one refund each."""
    orders = _place(every, every.n, (every.world.skus[0], 1))
    refunds = []
    for order_id in orders:
        build.invoice(order_id)
        refunds.append(build.refund(order_id, "1.00"))
    _all(approve_refunds([ApproveRefundItem(refund_id=key) for key in refunds], actor=build.TESTER))
    for key in refunds:
        holder = {"refund_id": str(key), "holder": "A", "iban": "NL91ABNA0417164300"}
        _all(set_refund_accounts([decode.convert(holder, RefundAccountItem)], actor=build.TESTER))
        _all(create_transfer_batches([BankTransferItem(refund_id=key)], actor=build.TESTER))
    [(batch,)] = sql.fetch("select id from refunds_batch limit 1")
    waiting = sql.fetch("select id from refunds_refund where status = 'awaiting_approval' limit 1")
    every.note("refunds", refund_id=waiting[0][0], batch_id=batch)
    every.note("refunds-out", refund_id=refunds[0])


def _stored(every: Everything) -> None:
    """N store credits, and one of which n orders were paid."""
    for _ in range(every.n):
        build.store_credit(every.world, "2.00")
    key, code = build.store_credit(every.world, "25.00")
    paid = {"provider": "store_credit", "reference": code, "status": "paid", "amount": "1.00"}
    _place(every, every.n, (every.world.skus[0], 1), payments=[paid])
    every.note("refunds", store_credit_id=key)


def _captures(every: Everything) -> None:
    """An order whose n authorised payments are captured because its goods have left."""
    references = [f"tr_{build.serial()}" for _ in range(every.n)]
    paid = [{"provider": "mollie", "reference": r, "status": "authorized", "amount": "10.00"} for r in references]  # fmt: skip
    order_id = build.shipped(every.world, (every.world.skus[0], every.n), payments=paid)
    _all(capture_payments([CaptureItem(order_id=order_id)], actor=build.TESTER))
    rows = sql.fetch("select id from payments_capture where order_id = %s", (order_id,))
    every.note("captures", capture_id=rows[0][0])
    every.note("captured", order=numbers("orders_order", [order_id])[0])


def _turns(every: Everything) -> None:
    """A plan of counts for each place, by which every bin is due."""
    plans = [CountPlanItem(location=code, c_days=1) for code in every.world.locations]
    _all(set_count_plans(plans, actor=build.TESTER))
    every.note("stock", location=every.world.locations[0])
    every.note("scan", location=every.world.locations[0])


def _accounts(every: Everything) -> None:
    """An account at a provider."""
    _connect(every.world.shop)


def _connect(*shops: str) -> None:
    key = "test_abcdefghijklmnopqrstuvwxyz"
    items = [{"shop": shop, "provider": "mollie", "key": key} for shop in shops]
    accounts = [decode.convert(item, AccountItem) for item in items]
    _all(set_payment_accounts(accounts, actor=build.TESTER))
    contract = {
        "key": "sandbox-key", "mode": "test", "customer_code": "DEVC", "customer_number": "1", "company": "Shop",
        "reply_number": "1", "postal_code": "1000 VV", "city": "Amsterdam",
    }  # fmt: skip
    carriers = [decode.convert({"shop": shop, **contract}, ReturnCarrierItem) for shop in shops]
    _all(set_return_carriers(carriers, actor=build.TESTER))


def _providers(every: Everything) -> None:
    """N differences with a payment provider and n days that were compared."""
    world = every.world
    [(account,)] = sql.fetch("select id from payments_account where shop_id = %s", (world.shop_id,))
    # The payment of the many refunds, so that each difference may be any of them.
    payments = sql.fetch("select payment_id from refunds_refund where shop_id = %s and amount_minor = 10 order by id", (world.shop_id,))  # fmt: skip
    found = [
        Found(
            shop_id=world.shop_id, account_id=account, kind="unknown_refund", reference=f"re_{build.serial()}", currency="EUR",
            happened_at=clock.now(), payment_id=payments[0][0], theirs_minor=10,
        )
        for _ in range(every.n)
    ]  # fmt: skip
    made = _all(note_differences(found, actor=build.TESTER))
    today = clock.business_date(clock.now(), "Europe/Amsterdam")
    there = accounts_in_use([account])[account]
    for days in range(1, every.n + 1):
        reconcile_day(NothingThere(), there, today - timedelta(days=days), "Europe/Amsterdam")  # type: ignore[arg-type]
    every.note("refunds", difference_id=made[0].id)


def _people(every: Everything) -> None:
    """N shops and n places, n people who see them, and n tokens."""
    others = [build.world(locations=1, products=1, stock=0) for _ in range(every.n)]
    shops = tuple(other.shop for other in others)
    places = tuple(other.locations[0] for other in others)
    _connect(*shops)
    routes = [RoutingItem(shop=shop, rules=[Rule(name="Near", sort=["near"])]) for shop in shops]
    _all(set_routing_rules(routes, actor=build.TESTER))
    people = [
        NewUser(username=f"p{build.serial()}", name="Person", role="warehouse", shops=shops, locations=places)
        for _ in range(every.n)
    ]  # fmt: skip
    made = _all(create_users(people, actor=build.TESTER))
    tokens = [NewToken(name="ERP", scopes=("orders:read",), shops=shops, locations=places)] * every.n  # fmt: skip
    keys = _all(create_tokens(tokens, actor=build.TESTER))
    here = LocationShops(location=every.world.locations[0], shops=[every.world.shop, *shops])
    _all(link_locations([here], actor=build.TESTER))
    every.note("settings", user_id=made[0].id, token_id=keys[0].id)


def _settings(every: Everything) -> None:
    """N reasons, n rules for routes and n for shipping."""
    build.postal_places(every.n)
    world, n = every.world, every.n
    names = {"nl": "Anders", "en": "Other"}
    items = [{"code": f"reason-{build.serial()}", "names": names} for _ in range(n)]
    reasons = [decode.convert(item, ReasonItem) for item in items]
    _all(upsert_return_reasons(reasons, actor=build.TESTER))
    places = [LocationData(code=f"extra-{build.serial()}", name="Extra") for _ in range(n)]
    _all(upsert_locations(places, actor=build.TESTER))
    rules = [
        Rule(name=f"Rule {k}", countries=["BE"], min_weight_grams=1000 + k, locations=world.locations[:n], sort=["near"])
        for k in range(n)
    ]  # fmt: skip
    keys = [(trigger, language) for language in ("nl", "en", "de") for trigger in TRIGGERS][:n]
    words = [TemplateItem(shop=world.shop, trigger=key, language=language, subject="Hello", body="Text") for key, language in keys]  # fmt: skip
    _all(upsert_templates(words, actor=build.TESTER))
    elsewhere = Rule(name="Elsewhere", locations=world.locations[1:2])
    _all(
        set_routing_rules(
            [
                RoutingItem(shop=world.shop, rules=rules),
                RoutingItem(shop=world.shop, rules=[*rules, elsewhere], is_draft=True),
            ],
            actor=build.TESTER,
        )
    )  # fmt: skip
    kinds = [CarrierService(code=f"kind-{k}", name=f"Kind {k}") for k in range(n)]
    codes = [f"carrier-{build.serial()}" for _ in range(n)]
    carriers = [CarrierItem(code=code, name=f"Carrier {code}", tracking_link="https://x.example/{code}", services=kinds) for code in codes]  # fmt: skip
    _all(upsert_carriers(carriers, actor=build.TESTER))
    ways = [ShippingRuleItem(name=f"Way {k}", countries=["BE"], min_weight_grams=k + 1, carrier=codes[k], service="kind-0") for k in range(n)]  # fmt: skip
    looks = [HoldRule(name=f"Look {k}", tags=["never"], min_value=str(k)) for k in range(n)]
    _all(set_hold_rules([HoldRulesItem(shop=world.shop, rules=looks)], actor=build.TESTER))
    boxes = [BoxSizeItem(name=f"Box {k}", length_mm=300 + k, width_mm=200, height_mm=100) for k in range(n)]  # fmt: skip
    _all(set_box_sizes([BoxSizesItem(shop=world.shop, boxes=boxes)], actor=build.TESTER))
    _all(set_shipping_rules([ShippingRulesItem(shop=world.shop, rules=ways)], actor=build.TESTER))
    every.note(
        "settings", code=world.shop, key="order.received", language="nl", index=0, provider="mollie", group=0, location=world.locations[0],
        reason=reasons[0].code, verb="up", carrier=codes[0],
    )  # fmt: skip
