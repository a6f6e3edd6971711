"""The same for the commands of return requests and returns."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from orderwerk.core import clock, sql
from orderwerk.core.decode import convert
from orderwerk.flows.announce_returns import AnnouncedItem, announce_returns
from orderwerk.flows.decide_claims import DecideClaimItem, decide_claims
from orderwerk.flows.keep_returns import KeepItem, keep_returns
from orderwerk.flows.place_exchanges import ExchangeItem, place_exchanges
from orderwerk.flows.receive_repairs import ReceiveRepairItem, receive_repairs
from orderwerk.flows.ship_shipments import ShipItem, ship_shipments
from orderwerk.flows.withdraw import WithdrawalItem, state_withdrawals
from orderwerk.refunds.commands.expire_credits import ExpireCreditItem, expire_store_credits
from orderwerk.refunds.commands.redirect import RedirectRefundItem, redirect_refunds
from orderwerk.refunds.commands.stop_credits import StopCreditItem, stop_store_credits
from orderwerk.return_requests.commands.add_photos import PhotosItem, add_photos
from orderwerk.return_requests.commands.box import BoxItem, box_return_requests
from orderwerk.return_requests.commands.create import ReturnRequestItem, create_return_requests
from orderwerk.return_requests.commands.decide import (
    ApproveRequestItem,
    CancelRequestItem,
    RejectRequestItem,
    approve_return_requests,
    cancel_return_requests,
    reject_return_requests,
)
from orderwerk.return_requests.commands.order_labels import OrderLabelItem, order_return_labels
from orderwerk.return_requests.commands.report_labels import LabelNews, report_return_labels
from orderwerk.return_requests.commands.set_carriers import ReturnCarrierItem, set_return_carriers
from orderwerk.return_requests.commands.set_policies import PolicyItem, set_return_policies
from orderwerk.return_requests.commands.upsert_reasons import (
    ReasonItem,
    ReasonNames,
    upsert_return_reasons,
)
from orderwerk.return_requests.commands.withdraw import (
    WithdrawalRecord,
    WithdrawnLine,
    record_withdrawals,
)
from orderwerk.returns.commands.add_claim_photos import ClaimPhotosItem, add_claim_photos
from orderwerk.returns.commands.book_findings import FindingItem, book_findings
from orderwerk.returns.commands.create import ReturnItem, create_returns
from orderwerk.returns.commands.create_claims import ClaimItem, create_claims
from orderwerk.returns.commands.inspect import InspectItem, inspect_returns
from tests import build
from tests.bulk.scenarios import ALL, placed, scenario

__all__ = ["ALL"]


def _came(n: int) -> list[Any]:
    _, orders = placed(n)
    ship_shipments(
        [ShipItem(shipment_id=s) for key in orders for s in build.shipments(key)],
        actor=build.TESTER,
    )
    return orders


@scenario(upsert_return_reasons)
def _reasons(n: int) -> Sequence[Any]:
    return [ReasonItem(code=f"B{build.serial()}", names=ReasonNames(en="x")) for _ in range(n)]


@scenario(set_return_policies)
def _policies(n: int) -> Sequence[Any]:
    # What may be brought somewhere, and why, asks for the most that is to be read.
    worlds = [build.world(locations=1, stock=0) for _ in range(n)]
    return [
        PolicyItem(shop=w.shop, fee="1.00", ways=["location"], drop_locations=w.locations, free_reasons=["damaged"])
        for w in worlds
    ]  # fmt: skip


@scenario(create_return_requests)
def _requests(n: int) -> Sequence[Any]:
    came = _came(n)
    # To keep the goods, and to bring them somewhere, asks for the most that is to be read.
    [(place,)] = sql.fetch("select code from stock_location where is_active order by id limit 1")
    wish = {"outcome": "keep", "as_favour": True, "way": "location", "bring_to": place}
    return [
        convert({"order_id": str(key), "lines": [build.back(key)], **wish}, ReturnRequestItem)
        for key in came
    ]


def _announced(n: int) -> list[Any]:
    made = create_return_requests(_requests(n), actor=build.TESTER)
    return [o.require().id for o in made]


@scenario(approve_return_requests)
def _approve(n: int) -> Sequence[Any]:
    return [ApproveRequestItem(return_request_id=key) for key in _announced(n)]


@scenario(reject_return_requests)
def _reject(n: int) -> Sequence[Any]:
    return [RejectRequestItem(return_request_id=key, reason="used") for key in _announced(n)]


@scenario(cancel_return_requests)
def _cancel_requests(n: int) -> Sequence[Any]:
    return [CancelRequestItem(return_request_id=key) for key in _announced(n)]


def _invoiced(n: int) -> list[Any]:
    orders = placed(n)[1]
    for order in orders:
        build.invoice(order)
    return orders


@scenario(keep_returns)
def _kept(n: int) -> Sequence[Any]:
    world, orders = placed(n)
    ships = [ShipItem(shipment_id=s) for key in orders for s in build.shipments(key)]
    ship_shipments(ships, actor=build.TESTER)
    policy = PolicyItem(shop=world.shop, keep_up_to="100.00")
    set_return_policies([policy], actor=build.TESTER)[0].require()
    asked = [build.request(key).require().id for key in orders]
    return [KeepItem(return_request_id=key) for key in asked]


@scenario(receive_repairs)
def _repairs(n: int) -> Sequence[Any]:
    items = [
        convert({"order_id": str(key), "lines": [build.back(key)], "outcome": "repair", "as_favour": True}, ReturnRequestItem)
        for key in _came(n)
    ]  # fmt: skip
    made = create_return_requests(items, actor=build.TESTER)
    return [ReceiveRepairItem(return_request_id=o.require().id) for o in made]


@scenario(box_return_requests)
def _boxes(n: int) -> Sequence[Any]:
    made = []
    for _ in range(n):
        world = build.world(stock=10)
        order = build.shipped(world, (world.skus[0], 2))
        made.append([build.request(order).require().id for _ in range(2)])
    return [BoxItem(return_request_id=one, in_box_of=other) for one, other in made]


def _carried(n: int) -> list[Any]:
    """Requests of which each shop's carrier can make a label."""
    world, orders = placed(n)
    ships = [ShipItem(shipment_id=s) for key in orders for s in build.shipments(key)]
    ship_shipments(ships, actor=build.TESTER)
    set_return_carriers([_carrier(world.shop)], actor=build.TESTER)[0].require()
    wanted = [convert({"order_id": str(key), "lines": [build.back(key)]}, ReturnRequestItem) for key in orders]  # fmt: skip
    made = create_return_requests(wanted, actor=build.TESTER, at_once=True)
    return [o.require().id for o in made]


def _carrier(shop: str) -> ReturnCarrierItem:
    item = {
        "shop": shop, "key": "sandbox-key", "mode": "test", "customer_code": "DEVC", "customer_number": "1", "company": "Shop",
        "reply_number": "1", "postal_code": "1000 VV", "city": "Amsterdam",
    }  # fmt: skip
    return convert(item, ReturnCarrierItem)


@scenario(set_return_carriers)
def _carriers(n: int) -> Sequence[Any]:
    return [_carrier(build.world(stock=0).shop) for _ in range(n)]


@scenario(order_return_labels)
def _labels(n: int) -> Sequence[Any]:
    return [OrderLabelItem(return_request_id=key) for key in _carried(n)]


@scenario(report_return_labels)
def _label_news(n: int) -> Sequence[Any]:
    made = order_return_labels(_labels(n), actor=build.TESTER)
    keys = [o.require().id for o in made]
    rows = sql.fetch("select id, effect_id from return_requests_label where id = any(%s)", (keys,))
    return [LabelNews(*row, note="no") for row in rows]


_PICTURE = b"\x89PNG\r\n\x1a\n a picture"


@scenario(add_photos)
def _photos(n: int) -> Sequence[Any]:
    return [PhotosItem(return_request_id=key, photos=[_PICTURE] * 2) for key in _announced(n)]


@scenario(announce_returns)
def _announce(n: int) -> Sequence[Any]:
    return [AnnouncedItem(request=request, photos=[_PICTURE]) for request in _requests(n)]


@scenario(record_withdrawals)
def _records(n: int) -> Sequence[Any]:
    return [
        WithdrawalRecord(
            order_id=key,
            name="Test Customer",
            email="test@example.com",
            language="nl",
            lines=[
                WithdrawnLine(
                    order_line_id=UUID(build.back(key)["order_line_id"]),
                    sku="A",
                    name="A",
                    quantity=1,
                )
            ],
            in_time=True,
            received_at=clock.now(),
        )
        for key in _came(n)
    ]


@scenario(state_withdrawals)
def _withdraw(n: int) -> Sequence[Any]:
    return [
        # A moment that is told asks for the most that is to be read.
        WithdrawalItem(order_id=key, name="Test Customer", email="test@example.com", language="en", received_at=clock.now())
        for key in _came(n)
    ]  # fmt: skip


@scenario(create_returns)
def _returns(n: int) -> Sequence[Any]:
    orders = _came(n)
    made = create_return_requests(
        [
            convert({"order_id": str(key), "lines": [build.back(key)]}, ReturnRequestItem)
            for key in orders
        ],
        actor=build.TESTER,
    )
    return [
        convert(
            {
                "order_id": str(key), "return_request_id": str(o.require().id),
                "lines": [build.back(key, restock=True), build.back(key, index=1)],
            },
            ReturnItem,
        )
        for key, o in zip(orders, made, strict=True)
    ]  # fmt: skip


@scenario(inspect_returns)
def _inspect(n: int) -> Sequence[Any]:
    made = [build.give_back(key).require().id for key in _came(n)]
    rows = sql.fetch("select id from returns_line where parent_id = any(%s)", (made,))
    return [InspectItem(return_line_id=row[0], disposition="restock") for row in rows]


@scenario(redirect_refunds)
def _redirects(n: int) -> Sequence[Any]:
    keys = [build.refund(order, "1.00") for order in _invoiced(n)]
    return [RedirectRefundItem(refund_id=key, to="store_credit") for key in keys]


@scenario(expire_store_credits)
def _expiries(n: int) -> Sequence[Any]:
    world = build.world(stock=1000)
    days = PolicyItem(shop=world.shop, store_credit_days=1)
    set_return_policies([days], actor=build.TESTER)[0].require()
    made = [build.store_credit(world)[0] for _ in range(n)]
    sql.execute("set session_replication_role = replica")
    sql.execute("update refunds_store_credit set expires_on = '2020-01-01' where id = any(%s)", (made,))  # fmt: skip
    sql.execute("set session_replication_role = origin")
    return [ExpireCreditItem(store_credit_id=key) for key in made]


@scenario(stop_store_credits)
def _stops(n: int) -> Sequence[Any]:
    world = build.world(stock=1000)
    made = [build.store_credit(world)[0] for _ in range(n)]
    return [StopCreditItem(store_credit_id=key, reason="Paid out") for key in made]


@scenario(place_exchanges)
def _exchanges(n: int) -> Sequence[Any]:
    world = build.world(products=1)
    lines = [(key, build.back(key, wanted={"sku": world.skus[0]})) for key in _came(n)]
    made = [build.give_back(key, line).require().id for key, line in lines]
    rows = sql.fetch("select id from returns_exchange where parent_id = any(%s)", (made,))
    return [ExchangeItem(exchange_id=row[0]) for row in rows]


def _to_claim(n: int) -> list[dict[str, Any]]:
    return [
        {"order_id": str(key), "kind": "lost", "lines": [{"order_line_id": str(line), "quantity": 1} for line in build.order_lines(key)]}
        for key in _came(n)
    ]  # fmt: skip


@scenario(create_claims)
def _claims(n: int) -> Sequence[Any]:
    return [convert(item, ClaimItem) for item in _to_claim(n)]


@scenario(decide_claims)
def _decisions(n: int) -> Sequence[Any]:
    made = create_claims(
        [convert(item, ClaimItem) for item in _to_claim(3 * n)], actor=build.TESTER
    )
    return [
        DecideClaimItem(claim_id=o.require().id, outcome=outcome, note="x")  # type: ignore[arg-type]
        for o, outcome in zip(made, ("refunded", "replaced", "rejected") * n, strict=True)
    ]


@scenario(add_claim_photos)
def _claim_photos(n: int) -> Sequence[Any]:
    made = create_claims([convert(item, ClaimItem) for item in _to_claim(n)], actor=build.TESTER)
    return [ClaimPhotosItem(claim_id=o.require().id, photos=[_PICTURE] * 2) for o in made]  # type: ignore[arg-type]


@scenario(book_findings)
def _findings(n: int) -> Sequence[Any]:
    world = build.world()
    made = [build.give_back(key).require().id for key in _came(n)]
    into = {"sku": world.skus[0], "location": world.locations[0], "quantity": 1}
    named = [{"return_id": str(key), **part} for key in made for part in (into, {"text": "A glove", "quantity": 1})]  # fmt: skip
    return [convert(item, FindingItem) for item in named]
