"""Builds what tests need through the product's own commands; state other than default where the test is about it."""

import base64
import itertools
import struct
import zlib
from datetime import datetime
from typing import Any
from uuid import UUID

from orderwerk.catalog.commands.upsert import ProductItem, upsert_products
from orderwerk.core import clock, decode, sql
from orderwerk.core.actor import Actor
from orderwerk.core.outcome import Outcome
from orderwerk.flows.cancel_orders import CancelItem, cancel_orders
from orderwerk.flows.complete_pick_lists import CompleteItem, complete_pick_lists
from orderwerk.flows.count_stock import CountItem, count_stock_levels
from orderwerk.flows.place_orders import place_orders
from orderwerk.flows.propose_substitutions import ProposeSubstitutionItem, propose_substitutions
from orderwerk.flows.report_payments import PaymentNews, report_payments
from orderwerk.flows.ship_shipments import ShipItem, ship_shipments
from orderwerk.invoices.commands.credit import CreditItem, credit_invoices
from orderwerk.invoices.commands.issue import IssueItem, issue_invoices
from orderwerk.orders.document import OrderDocument
from orderwerk.picklists.commands.create import CreatePickListItem, create_pick_lists
from orderwerk.refunds.commands.approve import ApproveRefundItem, approve_refunds
from orderwerk.refunds.commands.create import CreateRefundItem, create_refunds
from orderwerk.refunds.commands.redirect import RedirectRefundItem, redirect_refunds
from orderwerk.refunds.commands.submit import SubmitRefundItem, submit_refunds
from orderwerk.return_requests.commands.create import ReturnRequestItem, create_return_requests
from orderwerk.return_requests.commands.decide import ApproveRequestItem, approve_return_requests
from orderwerk.return_requests.commands.order_labels import OrderLabelItem, order_return_labels
from orderwerk.return_requests.commands.report_labels import LabelNews, report_return_labels
from orderwerk.return_requests.commands.set_carriers import ReturnCarrierItem, set_return_carriers
from orderwerk.returns.commands.create import ReturnItem, create_returns
from orderwerk.returns.commands.create_claims import ClaimItem, create_claims
from orderwerk.shipments.commands.announce import AnnounceItem, announce_shipments
from orderwerk.shipments.commands.order_labels import OrderShippingLabelsItem, order_shipping_labels
from orderwerk.shipments.commands.report_labels import ShippingLabelNews, report_shipping_labels
from orderwerk.shipments.commands.set_carrier_accounts import (
    CarrierAccountItem,
    set_carrier_accounts,
)
from orderwerk.shipments.commands.track import TrackItem, track_shipments
from orderwerk.shipments.commands.update import UpdateShipmentItem, update_shipments
from orderwerk.shipments.commands.upsert_carriers import CarrierItem, upsert_carriers
from orderwerk.shops.commands.link_locations import LocationShops, link_locations
from orderwerk.shops.commands.upsert import ShopItem, upsert_shops
from orderwerk.stock.commands.upsert_locations import LocationData, upsert_locations
from orderwerk.stock.commands.upsert_postal_places import PostalPlaceItem, upsert_postal_places

PLACED_AT = datetime.fromisoformat("2026-11-20T10:15:00+01:00")
TESTER = Actor.system("test")
_numbers = itertools.count(1)


def serial() -> int:
    """A number that no other call of this process gets."""
    return next(_numbers)


def world(*, locations: int = 2, products: int = 3, stock: int = 100, **shop: Any) -> "World":
    """A shop with its own locations and products, so that tests do not see each other's stock."""
    n = serial()
    built = World(
        f"shop{n}",
        [f"loc{n}-{i}" for i in range(1, locations + 1)],
        [f"sku{n}-{i}" for i in range(1, products + 1)],
    )
    values = {"name": built.shop, "currency": "EUR", "locale": "nl", **shop}
    built.shop_id = (
        upsert_shops([decode.convert({"code": built.shop, **values}, ShopItem)], actor=TESTER)[0]
        .require()
        .id
    )
    made = upsert_locations(
        [
            LocationData(code=code, name=code, priority=i)
            for i, code in enumerate(built.locations, start=1)
        ],
        actor=TESTER,
    )
    built.location_ids = {
        code: o.require().id for code, o in zip(built.locations, made, strict=True)
    }
    link_locations(
        [LocationShops(location=code, shops=[built.shop]) for code in built.locations], actor=TESTER
    )
    made = upsert_products(
        [ProductItem(sku=sku, name=f"Article {sku}") for sku in built.skus], actor=TESTER
    )
    built.product_ids = {sku: o.require().id for sku, o in zip(built.skus, made, strict=True)}
    if stock:
        for code in built.locations:
            built.count(code, dict.fromkeys(built.skus, stock))
    return built


def shared_worlds() -> tuple["World", "World"]:
    """Two shops that draw from the same location and sell the same product."""
    mine, theirs = world(locations=1, products=1, stock=0), world(locations=1, stock=0)
    items = [LocationShops(location=mine.locations[0], shops=[mine.shop, theirs.shop])]
    link_locations(items, actor=TESTER)[0].require()
    theirs.locations, theirs.skus = mine.locations, mine.skus
    return mine, theirs


class World:
    """One shop's world of a test."""

    def __init__(self, shop: str, locations: list[str], skus: list[str]) -> None:
        self.shop = shop
        self.locations = locations
        self.skus = skus
        self.shop_id: Any = None
        self.location_ids: dict[str, Any] = {}
        self.product_ids: dict[str, Any] = {}

    def count(self, location: str, quantities: dict[str, int]) -> None:
        """Set what lies at a location."""
        items = [CountItem(sku=sku, location=location, quantity=n) for sku, n in quantities.items()]
        for outcome in count_stock_levels(items, actor=TESTER):
            outcome.require()

    def document(self, *lines: tuple[str, int], **fields: Any) -> OrderDocument:
        """An order document of this shop; paid in full unless `payments` says otherwise."""
        return decode.convert(self.json(*lines, **fields), OrderDocument)

    def json(self, *lines: tuple[str, int], **fields: Any) -> dict[str, Any]:
        """The same as plain JSON."""
        n = serial()
        wanted = lines or ((self.skus[0], 1),)
        total = sum(10 * quantity for _, quantity in wanted)
        address = {
            "name": "Test Persoon", "street": "Teststraat", "house_number": "1", "postal_code": "1234 AB", "city": "Testdorp",
            "country": "NL",
        }  # fmt: skip
        return {
            "shop": self.shop,
            "external_id": f"T{n}",
            # No order is placed in the future, also where a test tells an earlier time.
            "placed_at": min(PLACED_AT, clock.now()).isoformat(),
            "currency": "EUR",
            "prices_include_tax": True,
            "customer": {"name": "Test Persoon", "email": f"test{n}@example.com"},
            "billing_address": address,
            "lines": [
                {
                    "sku": sku,
                    "name": f"Article {sku}",
                    "quantity": quantity,
                    "unit_price": "10.00",
                    "tax_rate": "21.00",
                }
                for sku, quantity in wanted
            ],
            "payments": [
                {
                    "provider": "test",
                    "reference": f"pay{n}",
                    "status": "paid",
                    "amount": f"{total}.00",
                }
            ],
            **fields,
        }

    def place(self, *lines: tuple[str, int], **fields: Any) -> UUID:
        """Place an order and return its id."""
        order_id = place_orders([self.document(*lines, **fields)], actor=TESTER)[0].require().id
        assert order_id is not None
        return order_id

    def levels(self) -> dict[tuple[str, str], tuple[int, int]]:
        """On hand and allocated per (sku, location)."""
        rows = sql.fetch(
            "select p.sku, l.code, s.on_hand, s.allocated from stock_level s join catalog_product p on p.id = s.product_id "
            "join stock_location l on l.id = s.location_id where l.code = any(%s)",
            (self.locations,),
        )
        return {(row[0], row[1]): (row[2], row[3]) for row in rows}


def order(order_id: UUID) -> dict[str, Any]:
    """The header counters of an order."""
    names = "number, status, version, units_ordered, units_cancelled, units_allocated, units_picked, units_shipped, cancelled_minor"
    row = sql.fetch(f"select {names} from orders_order where id = %s", (order_id,))[0]
    return dict(zip(names.split(", "), row, strict=True))


def order_lines(order_id: UUID) -> list[UUID]:
    """The ids of an order's lines, in order."""
    return [
        row[0]
        for row in sql.fetch(
            "select id from orders_line where order_id = %s order by position", (order_id,)
        )
    ]


def allocations(order_id: UUID, *statuses: str) -> list[tuple[UUID, str, int, str]]:
    """Id, status, quantity and location code of an order's allocations (of some statuses)."""
    rows = sql.fetch(
        "select a.id, a.status, a.quantity, l.code from allocations_allocation a join stock_location l on l.id = a.location_id "
        "where a.order_id = %s order by a.id",
        (order_id,),
    )
    return [(row[0], row[1], row[2], row[3]) for row in rows if not statuses or row[1] in statuses]


def shipments(order_id: UUID, *statuses: str) -> list[UUID]:
    """The ids of an order's shipments (of some statuses)."""
    rows = sql.fetch(
        "select id, status from shipments_shipment where order_id = %s order by id", (order_id,)
    )
    return [row[0] for row in rows if not statuses or row[1] in statuses]


def pick_lines_of(pick_list_id: UUID) -> list[tuple[UUID, int]]:
    """Id and quantity of the open lines of a pick list."""
    return [
        (row[0], row[1])
        for row in sql.fetch(
            "select id, quantity - picked - short - cancelled from picklists_line where pick_list_id = %s and is_open order by position",
            (pick_list_id,),
        )
    ]


def limited(*shop_ids: UUID) -> Actor:
    """Somebody who sees these shops alone."""
    return Actor("token", "limited", shop_ids=frozenset(shop_ids))


def invoice(order_id: UUID) -> list[str]:
    """Bring an order's invoices up to date, as the job does, and return the numbers of the new ones."""
    made = issue_invoices([IssueItem(order_id=order_id)], actor=TESTER)[0].require()
    return list(made.data["invoices"])


_INVOICE = (
    "id, kind, number, status, credit_status, net_minor, tax_minor, gross_minor, paid_minor, credited_minor, refundable_minor, "
    "cause, debit_id, trigger_key"
)


def invoices(order_id: UUID) -> list[dict[str, Any]]:
    """The invoices of an order, oldest first."""
    rows = sql.fetch(
        f"select {_INVOICE} from invoices_invoice where order_id = %s order by issued_at, id",
        (order_id,),
    )
    return [dict(zip(_INVOICE.split(", "), row, strict=True)) for row in rows]


def money(order_id: UUID) -> tuple[int, int, int]:
    """What an order counts as invoiced, credited and refundable."""
    names = "invoiced_minor, credited_minor, refundable_minor"
    row = sql.fetch(f"select {names} from orders_order where id = %s", (order_id,))[0]
    return row[0], row[1], row[2]


def refund(order_id: UUID, amount: str) -> UUID:
    """Credit an amount of an order's first invoice and make the refund of it."""
    item = CreditItem(invoice_id=invoices(order_id)[0]["id"], reason="Broken", amount=amount)
    credit = credit_invoices([item], actor=TESTER)[0].require().id
    assert credit is not None
    made = create_refunds([CreateRefundItem(invoice_id=credit)], actor=TESTER)[0].require()
    return UUID(str(made.data["refunds"][0]))


def png(
    width: int = 48,
    height: int = 24,
    *,
    head: bytes = b"",
    extra: bytes = b"",
    rows: bytes | None = None,
) -> bytes:
    """A PNG in one colour; `head` replaces what follows the size in its header, `rows` its packed pixels."""

    def chunk(name: bytes, data: bytes) -> bytes:
        whole = name + data
        return struct.pack(">I", len(data)) + whole + struct.pack(">I", zlib.crc32(whole))

    size = struct.pack(">II", width, height) + (head or bytes((8, 2, 0, 0, 0)))
    pixels = rows if rows is not None else zlib.compress((b"\0" + b"\x0a\x7b\x61" * width) * height)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", size)
        + extra
        + chunk(b"IDAT", pixels)
        + chunk(b"IEND", b"")
    )


def logo(content: bytes | None = None) -> str:
    """A logo as the command takes it."""
    return base64.b64encode(png() if content is None else content).decode()


def store_credit(world: World, amount: str = "12.00") -> tuple[UUID, str]:
    """A store credit that a refund of an order of this world gave; its id and code."""
    order_id = world.place((world.skus[0], 3))
    invoice(order_id)
    key = refund(order_id, amount)
    redirect_refunds([RedirectRefundItem(refund_id=key, to="store_credit")], actor=TESTER)[0].require()  # fmt: skip
    approve_refunds([ApproveRefundItem(refund_id=key)], actor=TESTER)
    submit_refunds([SubmitRefundItem(refund_id=key)], actor=TESTER)[0].require()
    [(found, code)] = sql.fetch("select id, code from refunds_store_credit where refund_id = %s", (key,))  # fmt: skip
    return found, code


def charge_back(order_id: UUID, amount: int) -> None:
    """Let the provider say how much of what an order was paid with the bank has taken back; nothing: it is over."""
    rows = sql.fetch(
        "select shop_id, provider, reference, currency, amount_minor, captured_minor from payments_payment where order_id = %s", (order_id,)
    )  # fmt: skip
    news = [PaymentNews(shop, order_id, provider, reference, "paid", currency, whole, captured, min(amount, captured)) for shop, provider, reference, currency, whole, captured in rows]  # fmt: skip
    for outcome in report_payments(news, actor=TESTER):
        outcome.require()


def shipped(world: World, *lines: tuple[str, int], **fields: Any) -> UUID:
    """An order that has left whole."""
    order_id = world.place(*lines, **fields)
    items = [ShipItem(shipment_id=key) for key in shipments(order_id)]
    for outcome in ship_shipments(items, actor=TESTER):
        outcome.require()
    return order_id


def back(
    order_id: UUID, quantity: int = 1, index: int = 0, reason: str = "damaged", **fields: Any
) -> dict[str, Any]:
    """A line of a return or a return request, as plain JSON."""
    line_id = str(order_lines(order_id)[index])
    return {"order_line_id": line_id, "quantity": quantity, "reason": reason, **fields}


def request(order_id: UUID, *lines: dict[str, Any], **fields: Any) -> Outcome:
    """Announce a return (one piece of the first line unless said otherwise)."""
    item = {"order_id": str(order_id), "lines": list(lines) or [back(order_id)], **fields}
    return create_return_requests([decode.convert(item, ReturnRequestItem)], actor=TESTER)[0]


def give_back(order_id: UUID, *lines: dict[str, Any], **fields: Any) -> Outcome:
    """Book a return (one piece of the first line unless said otherwise)."""
    item = {"order_id": str(order_id), "lines": list(lines) or [back(order_id)], **fields}
    return create_returns([decode.convert(item, ReturnItem)], actor=TESTER)[0]


def returned(world: World) -> UUID:
    """An order of which two pieces were announced; one went into stock again, one was disposed of."""
    order_id = shipped(world, (world.skus[0], 3))
    announced = request(order_id, back(order_id, 2)).require()
    give_back(
        order_id,
        back(order_id, restock=True),
        back(order_id, disposition="dispose"),
        return_request_id=str(announced.id),
    ).require()
    return order_id


def asked_back(world: World) -> UUID:
    """A cancel request for a piece that is picked; the world's shop asks the warehouse from then on."""
    shop = decode.convert({"code": world.shop, "name": world.shop, "currency": "EUR", "locale": "nl", "cancel_while_picking": "ask"}, ShopItem)  # fmt: skip
    upsert_shops([shop], actor=TESTER)[0].require()
    order_id = world.place((world.skus[0], 1))
    wanted = CreatePickListItem(location=world.locations[0], shipment_ids=shipments(order_id))
    made = create_pick_lists([wanted], actor=TESTER)[0].require()
    complete_pick_lists([decode.convert({"pick_list_id": str(made.id)}, CompleteItem)], actor=TESTER)[0].require()  # fmt: skip
    asked = cancel_orders([CancelItem(order_id=order_id, reason="Changed his mind")], actor=TESTER)
    request_id: UUID = asked[0].require().data["cancel_request_id"]
    return request_id


def offered(world: World) -> UUID:
    """A substitute that is offered for a piece that waits: the world's first article instead."""
    short = f"short{serial()}"
    upsert_products([ProductItem(sku=short, name="Sold out")], actor=TESTER)[0].require()
    [line] = order_lines(world.place((short, 1)))
    wanted = ProposeSubstitutionItem(order_line_id=line, sku=world.skus[0], quantity=1)
    asked = propose_substitutions([wanted], actor=TESTER)[0].require().id
    assert asked is not None
    return asked


def claim(order_id: UUID, *quantities: int, **fields: Any) -> Outcome:
    """Claim pieces of an order's lines, one of the first unless said otherwise."""
    lines = [
        {"order_line_id": str(key), "quantity": n}
        for key, n in zip(order_lines(order_id), quantities or (1,), strict=False)
    ]
    item = {"order_id": str(order_id), "kind": "damaged", "lines": lines, **fields}
    return create_claims([decode.convert(item, ClaimItem)], actor=TESTER)[0]


def lost(world: World) -> UUID:
    """A delivery problem: a parcel that is lost."""
    order_id = shipped(world, (world.skus[0], 1))
    [key] = shipments(order_id)
    step = TrackItem(shipment_id=key, status="lost", at=clock.now(), text="Not found in the depot")
    track_shipments([step], actor=TESTER)[0].require()
    found: UUID = sql.fetch("select id from shipments_exception where shipment_id = %s", (key,))[0][0]  # fmt: skip
    return found


def return_carrier(world: World) -> None:
    """The carrier of a world's shop for what comes back."""
    contract = {
        "shop": world.shop, "key": "sandbox-key", "mode": "test", "customer_code": "DEVC", "customer_number": "1",
        "company": "Shop", "reply_number": "1", "postal_code": "1000 VV", "city": "Amsterdam",
    }  # fmt: skip
    set_return_carriers([decode.convert(contract, ReturnCarrierItem)], actor=TESTER)[0].require()


def labelled(world: World) -> UUID:
    """An approved return request whose label the carrier has made; returns the request's id."""
    return_carrier(world)
    asked = request(shipped(world, (world.skus[1], 1))).require().id
    assert asked is not None
    approve_return_requests([ApproveRequestItem(return_request_id=asked)], actor=TESTER)[0].require()  # fmt: skip
    label_return(asked)
    return asked


def label_return(request_id: UUID) -> None:
    """The carrier's label of an approved request."""
    made = order_return_labels([OrderLabelItem(return_request_id=request_id)], actor=TESTER)[0].require()  # fmt: skip
    assert made.id is not None
    [(effect,)] = sql.fetch(
        "update return_requests_label set barcode = %s where id = %s returning effect_id",
        (f"3SDEVC{serial():09d}", made.id),
    )
    report_return_labels([LabelNews(made.id, effect, b"%PDF")], actor=TESTER)[0].require()


def parcel_carrier(world: World, *, account: bool = True) -> str:
    """A carrier that makes labels of what leaves a world's first location; returns its code."""
    code = f"postnl-{serial()}"
    upsert_carriers([CarrierItem(code=code, name="PostNL")], actor=TESTER)[0].require()
    here = {"street": "Kade", "house_number": "1", "postal_code": "3511 AA", "city": "Utrecht"}
    place = LocationData(code=world.locations[0], name=world.locations[0], address=here, country="NL")  # fmt: skip
    upsert_locations([place], actor=TESTER)[0].require()
    contract = {
        "carrier": code, "key": "sandbox-key", "mode": "test", "customer_code": "DEVC", "customer_number": "1",
        "collection_location": "123456", "products": [{"product": "3085"}],
    }  # fmt: skip
    if account:
        set_carrier_accounts([decode.convert(contract, CarrierAccountItem)], actor=TESTER)[0].require()  # fmt: skip
    return code


def parcels_asked(world: World, *shipment_ids: UUID, packages: int = 1) -> list[tuple[UUID, UUID]]:
    """Announced shipments whose carrier is asked for the labels of their packages; returns the labels with their effects."""
    code, keys = parcel_carrier(world), list(shipment_ids)
    changes = [UpdateShipmentItem(shipment_id=key, carrier=code, packages=packages) for key in keys]
    for outcome in (
        *update_shipments(changes, actor=TESTER),
        *announce_shipments([AnnounceItem(shipment_id=key) for key in keys], actor=TESTER),
        *order_shipping_labels(
            [OrderShippingLabelsItem(shipment_id=x) for x in keys], actor=TESTER
        ),
    ):
        outcome.require()
    rows = sql.fetch("select id, effect_id from shipments_label where shipment_id = any(%s) order by position", (keys,))  # fmt: skip
    for key, _ in rows:
        sql.execute("update shipments_label set barcode = %s where id = %s", (f"3SDEVC{serial():09d}", key))  # fmt: skip
    return [(key, effect) for key, effect in rows]


def postal_places(n: int) -> None:
    """N postal codes whose place is known."""
    items = [PostalPlaceItem(country="NL", postal_code=f"Z{serial()}", latitude=52, longitude=5) for _ in range(n)]  # fmt: skip
    for outcome in upsert_postal_places(items, actor=TESTER):
        outcome.require()


def parcel_labelled(world: World, packages: int = 1, paper: bytes = b"%PDF") -> UUID:
    """An announced shipment whose labels the carrier has made."""
    [key] = shipments(world.place((world.skus[0], 1)))
    news = [ShippingLabelNews(*each, paper) for each in parcels_asked(world, key, packages=packages)]  # fmt: skip
    for outcome in report_shipping_labels(news, actor=TESTER):
        outcome.require()
    return key
