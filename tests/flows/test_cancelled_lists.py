"""Pick lists that are given up after part of what was picked has gone another way: only what is still theirs goes back."""

from uuid import UUID

import pytest

from orderwerk.core import sql
from orderwerk.flows.cancel_orders import CancelItem, CancelLine, cancel_orders
from orderwerk.flows.cancel_pick_lists import CancelPickListItem, cancel_pick_lists
from orderwerk.flows.pick_lines import PickItem, pick_lines
from orderwerk.flows.split_shipments import SplitLine, SplitShipmentItem, split_shipments
from orderwerk.picklists.commands.create import CreatePickListItem, create_pick_lists
from tests import build
from tests.flows.test_regroup import lines
from tests.flows.test_short_picks import bins, shelves, sound

pytestmark = pytest.mark.django_db


def half_picked() -> tuple[build.World, UUID, UUID]:
    """Five of one article are picked, two of another are still to be picked on the same list."""
    world = build.world(locations=1, stock=10)
    order = world.place((world.skus[0], 5), (world.skus[1], 2))
    made = create_pick_lists([CreatePickListItem(location=world.locations[0])], actor=build.TESTER)[0].require().id  # fmt: skip
    assert made is not None
    [(line, _), _other] = build.pick_lines_of(made)
    pick_lines([PickItem(pick_line_id=line, picked=5)], actor=build.TESTER)[0].require()
    return world, order, made


def lying(world: build.World) -> dict[str, int]:
    """What lies of the first article, by the kind of bin."""
    rows = sql.fetch("select b.kind, s.quantity from stock_bin_stock s join stock_bin b on b.id = s.bin_id where s.product_id = %s and s.quantity > 0", (world.product_ids[world.skus[0]],))  # fmt: skip
    return {row[0]: row[1] for row in rows}


def give_up(pick_list: UUID) -> str:
    """Give a list up; returns how it stands then, which is what the outcome tells."""
    [outcome] = cancel_pick_lists([CancelPickListItem(pick_list_id=pick_list)], actor=build.TESTER)
    status: str = outcome.require().data["status"]
    assert sql.fetch("select status from picklists_pick_list where id = %s", (pick_list,)) == [(status,)]  # fmt: skip
    return status


def test_what_was_cancelled_after_it_was_picked_goes_back_once() -> None:
    world, order, pick_list = half_picked()
    one = CancelLine(order_line_id=build.order_lines(order)[0], quantity=1)
    cancel_orders([CancelItem(order_id=order, reason="x", lines=[one])], actor=build.TESTER)[0].require()  # fmt: skip
    assert lying(world) == {"pick": 6, "staging": 4}

    assert give_up(pick_list) == "picked"  # a piece of it was, though it lies in its bin again

    assert lying(world) == {"pick": 10}
    row = build.order(order)
    assert (row["units_picked"], row["units_allocated"], row["units_cancelled"]) == (0, 6, 1)
    sound()


def test_what_was_split_off_after_it_was_picked_stays_picked_until_it_is_cancelled_itself() -> None:
    world, order, pick_list = half_picked()
    [first] = build.shipments(order)
    part = [SplitLine(shipment_line_id=lines(first)[world.skus[0]][0], quantity=2)]
    split_shipments([SplitShipmentItem(shipment_id=first, lines=part)], actor=build.TESTER)[0].require()  # fmt: skip

    assert give_up(pick_list) == "picked"

    assert lying(world) == {"pick": 8, "staging": 2}
    assert (build.order(order)["units_picked"], build.order(order)["units_allocated"]) == (2, 7)
    sound()
    cancel_orders([CancelItem(order_id=order, reason="x")], actor=build.TESTER)[0].require()
    assert lying(world) == {"pick": 10}
    sound()


@pytest.mark.parametrize("splits", [(2,), (1, 1), (3, 1)], ids=str)
@pytest.mark.parametrize("cancelled", [(), (2,), (1, 1), (4,)], ids=str)
def test_every_piece_goes_back_to_the_bin_that_it_was_picked_from(
    splits: tuple[int, ...], cancelled: tuple[int, ...]
) -> None:
    world = shelves(A1=3, B1=3)
    order, other = world.place((world.skus[0], 5)), world.place((world.skus[0], 1))
    both = build.shipments(order, "open") + build.shipments(other, "open")
    item = CreatePickListItem(
        location=world.locations[0], shipment_ids=both, kind="batch", method="totes"
    )
    made = create_pick_lists([item], actor=build.TESTER)[0].require().id
    assert made is not None
    before = {code: quantity for code, (quantity, _) in bins(world).items()}
    rows = sql.fetch("select id, quantity from picklists_line where order_id = %s order by id", (order,))  # fmt: skip
    assert [n for _, n in rows] == [3, 2]
    for line, n in rows:
        pick_lines([PickItem(pick_line_id=line, picked=n)], actor=build.TESTER)[0].require()
    [first] = build.shipments(order)
    for n in splits:
        part = [SplitLine(shipment_line_id=lines(first)[world.skus[0]][0], quantity=n)]
        split_shipments([SplitShipmentItem(shipment_id=first, lines=part)], actor=build.TESTER)[0].require()  # fmt: skip
    for n in cancelled:
        gone = [CancelLine(order_line_id=build.order_lines(order)[0], quantity=n)]
        cancel_orders([CancelItem(order_id=order, reason="x", lines=gone)], actor=build.TESTER)[0].require()  # fmt: skip

    give_up(made)
    if sum(cancelled) < 5:
        cancel_orders([CancelItem(order_id=order, reason="x")], actor=build.TESTER)[0].require()

    assert {code: quantity for code, (quantity, _) in bins(world).items()} == before
    sound()
