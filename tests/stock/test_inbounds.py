"""Goods on their way: expected, sent, received in parts or blind, and never twice anywhere."""

from datetime import date

import pytest

from orderwerk.core import sql
from orderwerk.core.errors import Refusal
from orderwerk.stock.commands.close_inbounds import CloseInboundItem, close_inbounds
from orderwerk.stock.commands.receive import ReceiveItem, receive_stock
from orderwerk.stock.commands.send_transfers import SendItem, send_transfers
from orderwerk.stock.commands.upsert_inbounds import (
    InboundItem,
    InboundLineItem,
    upsert_inbounds,
)
from orderwerk.stock.inbound_queries import (
    InboundFilters,
    inbound_by_number,
    inbound_lines,
    inbound_page,
    incoming_of_product,
)
from orderwerk.stock.queries import levels_of_product, stock_history
from tests import build

pytestmark = pytest.mark.django_db


def _lines(**quantities: int) -> list[InboundLineItem]:
    return [InboundLineItem(sku=sku, quantity=n) for sku, n in quantities.items()]


def _order(world: build.World, *quantities: int, **fields: object) -> str:
    lines = [InboundLineItem(sku=s, quantity=n) for s, n in zip(world.skus, quantities, strict=False)]  # fmt: skip
    item = InboundItem(location=world.locations[0], lines=lines, **fields)  # type: ignore[arg-type]
    return str(upsert_inbounds([item], actor=build.TESTER)[0].require().data["number"])


def _send(world: build.World, quantity: int) -> str:
    item = SendItem(
        origin=world.locations[0],
        to=world.locations[1],
        lines=_lines(**{world.skus[0]: quantity}),
    )
    return str(send_transfers([item], actor=build.TESTER)[0].require().data["number"])


def _receive(
    world: build.World, quantity: int, inbound: str | None, place: int = 0, **fields: object
) -> Refusal | None:
    item = ReceiveItem(sku=world.skus[0], location=world.locations[place], quantity=quantity, inbound=inbound, **fields)  # type: ignore[arg-type]  # fmt: skip
    return receive_stock([item], actor=build.TESTER)[0].error


def _code(refusal: Refusal | None) -> str:
    assert refusal is not None
    return refusal.code


def test_a_purchase_order_comes_in_parts_and_is_finished_when_all_is_there() -> None:
    world = build.world(stock=0)
    number = _order(world, 10, 4, supplier="ACME", expected_on=date(2026, 12, 1))

    assert _receive(world, 6, number) is None
    half = inbound_by_number(build.TESTER, number)
    for sku, quantity in ((world.skus[0], 4), (world.skus[1], 4)):
        item = ReceiveItem(sku=sku, location=world.locations[0], quantity=quantity, inbound=number)
        receive_stock([item], actor=build.TESTER)[0].require()

    assert (half.status, half.units_open, half.supplier) == ("open", 8, "ACME")
    done = inbound_by_number(build.TESTER, number)
    assert (done.status, done.units_open, done.units_received) == ("received", 0, 14)
    assert world.levels()[(world.skus[0], world.locations[0])] == (10, 0)
    assert _code(_receive(world, 1, number)) == "inbound_finished"


def test_a_supplier_may_send_more_than_was_ordered() -> None:
    world = build.world(stock=0)
    number = _order(world, 2)

    assert _receive(world, 5, number) is None

    assert inbound_by_number(build.TESTER, number).status == "received"
    assert world.levels()[(world.skus[0], world.locations[0])] == (5, 0)


def test_goods_that_nobody_expected_come_in_blind() -> None:
    world = build.world(stock=0)

    assert _receive(world, 3, None, reference="a pallet without papers") is None

    assert world.levels()[(world.skus[0], world.locations[0])] == (3, 0)
    rows = sql.fetch("select kind, reason from stock_movement where product_id = %s", (world.product_ids[world.skus[0]],))  # fmt: skip
    assert rows == [("received", "a pallet without papers")]


def test_a_transfer_is_in_transit_until_it_is_received() -> None:
    world = build.world(stock=10)
    sku, product = world.skus[0], world.product_ids[world.skus[0]]

    number = _send(world, 7)

    assert world.levels()[(sku, world.locations[0])] == (3, 0)
    assert world.levels()[(sku, world.locations[1])] == (10, 0)
    assert [(x.number, x.open) for x in incoming_of_product(build.TESTER, product)] == [(number, 7)]
    levels = {x.location: x.incoming for x in levels_of_product(build.TESTER, product)}
    assert levels == {world.locations[0]: 0, world.locations[1]: 7}
    assert _code(_receive(world, 8, number, place=1)) == "more_than_sent"
    assert _code(_receive(world, 1, number, place=0)) == "other_location"
    assert _receive(world, 7, number, place=1) is None
    assert world.levels()[(sku, world.locations[1])] == (17, 0)
    assert inbound_by_number(build.TESTER, number).status == "received"


def test_what_orders_have_claimed_is_not_sent_away() -> None:
    world = build.world(stock=10)
    world.place((world.skus[0], 8))
    item = SendItem(origin=world.locations[0], to=world.locations[1], lines=_lines(**{world.skus[0]: 3}))  # fmt: skip

    outcome = send_transfers([item], actor=build.TESTER)[0]

    assert _code(outcome.error) == "not_enough_stock"
    assert world.levels()[(world.skus[0], world.locations[0])] == (10, 8)


@pytest.mark.parametrize(("back", "origin"), [(True, 7), (False, 3)])
def test_the_rest_of_a_transfer_goes_back_or_is_lost(back: bool, origin: int) -> None:
    world = build.world(stock=10)
    number = _send(world, 7)
    _receive(world, 3, number, place=1)
    key = inbound_by_number(build.TESTER, number).id
    item = CloseInboundItem(inbound_id=key, reason="the van broke down", back_to_origin=back)

    close_inbounds([item], actor=build.TESTER)[0].require()

    assert inbound_by_number(build.TESTER, number).status == "received"
    assert world.levels()[(world.skus[0], world.locations[0])] == (origin, 0)
    assert world.levels()[(world.skus[0], world.locations[1])] == (13, 0)
    assert _code(close_inbounds([item], actor=build.TESTER)[0].error) == "inbound_finished"


def test_a_purchase_order_that_never_came_is_cancelled() -> None:
    world = build.world(stock=0)
    number = _order(world, 5)
    key = inbound_by_number(build.TESTER, number).id

    close_inbounds([CloseInboundItem(inbound_id=key, reason="bankrupt")], actor=build.TESTER)

    assert inbound_by_number(build.TESTER, number).status == "cancelled"


def test_the_same_number_again_changes_what_is_expected() -> None:
    world = build.world(stock=0)
    number = _order(world, 5, 3, number="PO-1")
    _receive(world, 2, number)

    _order(world, 6, number="PO-1", expected_on=date(2026, 12, 24))

    found = inbound_by_number(build.TESTER, "PO-1")
    lines = inbound_lines([found.id])[found.id]
    assert found.expected_on == date(2026, 12, 24)
    assert [(x.expected, x.received, x.closed, x.open) for x in lines] == [(6, 2, 0, 4), (3, 0, 3, 0)]  # fmt: skip
    fewer = InboundItem(location=world.locations[0], number="PO-1", lines=_lines(**{world.skus[0]: 1}))  # fmt: skip
    assert _code(upsert_inbounds([fewer], actor=build.TESTER)[0].error) == "received_already"
    elsewhere = InboundItem(location=world.locations[1], number="PO-1", lines=_lines(**{world.skus[0]: 9}))  # fmt: skip
    assert _code(upsert_inbounds([elsewhere], actor=build.TESTER)[0].error) == "number_exists"


def test_an_order_reduced_to_what_has_come_is_finished() -> None:
    world = build.world(stock=0)
    number = _order(world, 5, number="PO-2")
    _receive(world, 2, number)

    _order(world, 2, number="PO-2")

    assert inbound_by_number(build.TESTER, "PO-2").status == "received"


def test_a_product_that_is_not_expected_or_stands_twice_is_refused() -> None:
    world = build.world(stock=0)
    number = _order(world, 5)
    item = ReceiveItem(sku=world.skus[2], location=world.locations[0], quantity=1, inbound=number)
    twice = InboundItem(location=world.locations[0], lines=[*_lines(**{world.skus[0]: 1}), *_lines(**{world.skus[0]: 1})])  # fmt: skip

    assert _code(receive_stock([item], actor=build.TESTER)[0].error) == "not_expected"
    assert _code(upsert_inbounds([twice], actor=build.TESTER)[0].error) == "duplicate_line"
    assert _code(_receive(world, 1, number, bin="STAGING")) == "staging_bin"
    assert world.levels()[(world.skus[0], world.locations[0])] == (0, 0)


def test_lists_show_what_the_reader_may_see() -> None:
    world, other = build.world(stock=0), build.world(stock=0)
    mine, _ = _order(world, 5, supplier="Ginkgo"), _order(other, 5, supplier="Ginkgo")

    found = inbound_page(build.limited(world.shop_id), InboundFilters(q="gink", status="open"))

    assert [row.number for row in found.items] == [mine]


def test_history_ends_at_what_lies_there_now() -> None:
    world = build.world(stock=10)
    world.count(world.locations[0], {world.skus[0]: 4})
    _send(world, 1)

    days = stock_history(build.TESTER, world.product_ids[world.skus[0]], days=30)

    assert len(days) == 30
    assert (days[0].on_hand, days[-1].on_hand) == (0, 13)
    assert (days[-1].came, days[-1].went) == (20, 7)


def test_a_number_of_ours_steps_over_those_that_somebody_gave() -> None:
    world = build.world(locations=2)
    last = int(_order(world, 1)[1:])
    given = [_order(world, 1, number=f"I{last + step}") for step in (1, 2, 4)]
    line = InboundLineItem(sku=world.skus[0], quantity=1)
    both = [InboundItem(location=world.locations[0], lines=[line], number=number) for number in (None, f"I{last + 5}")]  # fmt: skip

    sent = _send(world, 1)
    made = [o.require().data["number"] for o in upsert_inbounds(both, actor=build.TESTER)]

    assert given == [f"I{last + step}" for step in (1, 2, 4)]
    assert sent == f"I{last + 3}"
    assert made == [f"I{last + 6}", f"I{last + 5}"]
