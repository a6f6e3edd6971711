"""Who is limited to shops or locations: where goods may be put, and what is told of orders that ship from elsewhere."""

from typing import Any
from uuid import UUID

import pytest

from orderwerk.allocations.promises import pegged_to_inbound
from orderwerk.core import clock, decode, ids, sql
from orderwerk.core.actor import Actor
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import unit_of_work
from orderwerk.emails.commands.queue import NewEmail, queue_emails
from orderwerk.emails.commands.report_bounces import BounceItem, report_bounces
from orderwerk.emails.commands.resend import ResendItem, resend_emails
from orderwerk.flows.move_allocations import MoveAllocationItem, move_allocations
from orderwerk.flows.move_shipments import MoveShipmentItem, move_shipments
from orderwerk.memos.commands.create import MemoItem, create_memos
from orderwerk.memos.commands.pin import PinItem, pin_memos
from orderwerk.payments.commands.set_accounts import AccountItem, set_payment_accounts
from orderwerk.refunds.commands.note_differences import Found, note_differences
from orderwerk.refunds.commands.resolve_differences import (
    ResolveDifferenceItem,
    resolve_differences,
)
from orderwerk.refunds.difference_queries import (
    DifferenceFilters,
    difference_page,
    difference_tab_counts,
)
from orderwerk.returns.commands.create import ReturnItem, create_returns
from orderwerk.returns.commands.inspect import InspectItem, inspect_returns
from orderwerk.stock.commands.close_inbounds import CloseInboundItem, close_inbounds
from orderwerk.stock.commands.send_transfers import SendItem, send_transfers
from orderwerk.stock.commands.upsert_inbounds import (
    InboundItem,
    InboundLineItem,
    upsert_inbounds,
)
from tests import build

pytestmark = pytest.mark.django_db


def code(outcome: Outcome) -> str | None:
    return outcome.error.code if outcome.error else None


def at(world: build.World, place: int) -> Actor:
    """Somebody who sees one location of a world."""
    where = world.location_ids[world.locations[place]]
    return Actor("user", "limited", location_ids=frozenset({where}))


def test_a_shop_limited_caller_puts_no_returns_where_its_shop_draws_nothing() -> None:
    mine, theirs = build.world(), build.world()
    order = build.shipped(mine, (mine.skus[0], 2))
    kept = build.give_back(order).require()
    [(line,)] = sql.fetch("select id from returns_line where parent_id = %s", (kept.id,))
    limited, there = build.limited(mine.shop_id), theirs.locations[0]
    before = theirs.levels()

    item = {"order_id": str(order), "lines": [build.back(order, restock=True, location=there)]}
    outcomes = [
        *create_returns([decode.convert(item, ReturnItem)], actor=limited),
        *inspect_returns([InspectItem(return_line_id=line, disposition="restock", location=there)], actor=limited),
    ]  # fmt: skip
    own = InspectItem(return_line_id=line, disposition="restock", location=mine.locations[1])

    assert [code(o) for o in outcomes] == ["unknown_location"] * 2
    assert inspect_returns([own], actor=limited)[0].ok
    assert theirs.levels() == before


def test_a_location_of_another_shop_is_no_place_to_move_to() -> None:
    mine, theirs = build.world(), build.world()
    order, limited = mine.place(), build.limited(mine.shop_id)
    claim, shipment = build.allocations(order)[0][0], build.shipments(order)[0]

    errors = [
        move([item], actor=limited)[0].error
        for place in (theirs.locations[0], "nowhere")
        for move, item in (
            (move_allocations, MoveAllocationItem(allocation_id=claim, location=place)),
            (move_shipments, MoveShipmentItem(shipment_id=shipment, location=place)),
        )
    ]

    assert {(e.family, e.code, e.pointer) for e in errors if e} == {("not_found", "unknown_location", "/location")}  # fmt: skip
    assert len([e for e in errors if e]) == 4


def _mail(world: build.World, order: UUID) -> tuple[UUID, str]:
    with unit_of_work(build.TESTER) as unit:
        mail = NewEmail(world.shop_id, order, "manual", ids.new_id(), "a@example.com", "b@example.com", "", "Hi", "Hi")  # fmt: skip
        queue_emails(unit, [mail])
    row = sql.fetch("select id, message_id from emails_email where order_id = %s", (order,))[0]
    return row[0], row[1]


@pytest.mark.parametrize("deed", ["resend", "bounced", "pin"])
def test_orders_that_ship_from_elsewhere_are_left_alone(deed: str) -> None:
    world = build.world()
    order = world.place()
    email, message = _mail(world, order)
    memo = create_memos([MemoItem(order_id=order, text="x")], actor=build.TESTER)[0].require().id
    assert memo is not None
    deeds: dict[str, Any] = {
        "resend": lambda actor: resend_emails([ResendItem(email_id=email)], actor=actor),
        "bounced": lambda actor: report_bounces([BounceItem(message_id=message)], actor=actor),
        "pin": lambda actor: pin_memos([PinItem(memo_id=memo, pinned=True)], actor=actor),
    }

    outcomes = [deeds[deed](at(world, place))[0] for place in (1, 0)]

    assert outcomes[0].error.family == "not_found"
    assert outcomes[1].ok


def test_nothing_goes_back_to_an_origin_that_the_caller_does_not_see() -> None:
    world = build.world()
    lines = [InboundLineItem(sku=world.skus[0], quantity=2)]
    item = SendItem(origin=world.locations[1], to=world.locations[0], lines=lines)
    sent = send_transfers([item], actor=build.TESTER)[0].require().id
    assert sent is not None
    before = world.levels()
    close = CloseInboundItem(inbound_id=sent, reason="x", back_to_origin=True)

    assert code(close_inbounds([close], actor=at(world, 0))[0]) == "unknown_location"
    assert world.levels() == before
    assert close_inbounds([close], actor=build.limited(world.shop_id))[0].ok


def test_differences_are_those_of_orders_that_ship_from_there() -> None:
    world = build.world()
    account = AccountItem(shop=world.shop, provider="mollie", key="test_0123456789abcdef")
    account_id = set_payment_accounts([account], actor=build.TESTER)[0].require().id
    assert account_id is not None
    [(payment,)] = sql.fetch("select id from payments_payment where order_id = %s", (world.place(),))  # fmt: skip
    made = Found(
        shop_id=world.shop_id, account_id=account_id, kind="payment_differs", reference="tr_1", currency="EUR",
        happened_at=clock.now(), payment_id=payment,
    )  # fmt: skip
    key = note_differences([made], actor=build.TESTER)[0].require().id
    assert key is not None

    for place, seen in ((1, 0), (0, 1)):
        actor = at(world, place)
        assert len(difference_page(actor, DifferenceFilters()).items) == seen
        assert difference_tab_counts(actor)["open"] == seen
        done = resolve_differences([ResolveDifferenceItem(difference_id=key, note="x")], actor=actor)  # fmt: skip
        assert done[0].ok == bool(seen)


def test_an_inbound_names_no_order_that_is_not_there_for_its_reader() -> None:
    world = build.world(stock=0)
    world.place((world.skus[0], 2))
    lines = [InboundLineItem(sku=world.skus[0], quantity=2)]
    item = InboundItem(location=world.locations[0], lines=lines)
    inbound = upsert_inbounds([item], actor=build.TESTER)[0].require().id
    assert inbound is not None

    assert len(pegged_to_inbound(build.TESTER, inbound)) == 1
    assert pegged_to_inbound(at(world, 0), inbound) == []
