"""Work between the dock and the shelves under real concurrency: no piece is moved twice, no bin asked for twice."""

from functools import partial

import pytest
from django.db.transaction import atomic

from orderwerk.allocations.commands.set_channels import ChannelStockItem, set_channel_stocks
from orderwerk.core import sql
from orderwerk.core.ids import new_id
from orderwerk.core.outcome import Outcome
from orderwerk.flows.allocate_orders import AllocateItem, allocate_orders
from orderwerk.flows.cancel_orders import CancelItem, cancel_orders
from orderwerk.flows.place_orders import place_orders
from orderwerk.flows.receive_goods import receive_goods
from orderwerk.flows.record_stock_scans import StockScanItem, record_stock_scans
from orderwerk.flows.release_allocations import ReleaseAllocationItem, release_allocations
from orderwerk.flows.repair_stock import RepairItem, repair_stock_levels
from orderwerk.flows.ship_shipments import ShipItem, ship_shipments
from orderwerk.picklists.commands.create import CreatePickListItem, create_pick_lists
from orderwerk.stock.commands.receive import ReceiveItem
from orderwerk.stock.commands.relocate import RelocateItem, relocate_stock
from orderwerk.stock.commands.request_due_counts import DueCountItem, request_due_counts
from orderwerk.stock.commands.set_bins import BinItem, set_bins
from orderwerk.stock.commands.set_count_plans import CountPlanItem, set_count_plans
from orderwerk.stock.commands.set_safety import SafetyItem, set_safety_stocks
from tests import build
from tests.races.test_shipments import _healthy, _outcomes
from tests.races.threads import together

pytestmark = pytest.mark.django_db(transaction=True)


def shelved(stock: int, products: int = 1) -> build.World:
    world = build.world(locations=1, products=products, stock=stock)
    set_bins([BinItem(location=world.locations[0], bin="A-1")], actor=build.TESTER)[0].require()
    return world


def test_movers_pickers_and_devices_that_send_twice_share_what_lies_there() -> None:
    world = shelved(10)
    order = world.place((world.skus[0], 4))
    move = RelocateItem(sku=world.skus[0], location=world.locations[0], origin="DEFAULT", to="A-1", quantity=3)  # fmt: skip
    scan = StockScanItem(key=new_id(), flow="move", location=world.locations[0], sku=world.skus[0], origin="DEFAULT", bin="A-1", quantity=2)  # fmt: skip
    walk = CreatePickListItem(location=world.locations[0], shipment_ids=build.shipments(order))

    results = together([
        *[partial(relocate_stock, [move], actor=build.TESTER)] * 3,
        *[partial(record_stock_scans, [scan], actor=build.TESTER)] * 3,
        partial(create_pick_lists, [walk], actor=build.TESTER),
    ])  # fmt: skip

    outcomes = _outcomes(results)
    assert len({(o.ok, o.error.code if o.error else "") for o in outcomes[3:6]}) == 1
    moved = sql.fetch("select coalesce(sum(delta) filter (where delta > 0), 0)::int from stock_movement where kind = 'moved'")[0][0]  # fmt: skip
    assert moved == 3 * sum(o.ok for o in outcomes[:3]) + 2 * outcomes[3].ok
    assert sql.fetch("select count(*) from stock_scan") == [(1,)]
    assert world.levels()[(world.skus[0], world.locations[0])] == (10, 4)
    _healthy()


def test_what_is_due_is_asked_for_once_by_whoever_asks_first() -> None:
    world = shelved(5, products=6)
    plan = CountPlanItem(location=world.locations[0], c_days=1, most_a_day=4)
    set_count_plans([plan], actor=build.TESTER)[0].require()
    sql.execute("update stock_level set counted_at = now() - interval '9 days'")
    ask = partial(request_due_counts, [DueCountItem(location=world.locations[0])], actor=build.TESTER)  # fmt: skip

    outcomes: list[Outcome] = _outcomes(together([ask] * 4))

    assert sorted(o.data["requested"] for o in outcomes) == [0, 0, 0, 4]
    _healthy()


def test_nobody_gets_what_is_kept_for_another_shop_in_a_flash_sale() -> None:
    mine, theirs = build.shared_worlds()
    mine.count(mine.locations[0], {mine.skus[0]: 12})
    kept = ChannelStockItem(sku=mine.skus[0], location=mine.locations[0], shop=mine.shop, reserved=5)  # fmt: skip
    set_channel_stocks([kept], actor=build.TESTER)[0].require()
    documents = [theirs.document((theirs.skus[0], 2)) for _ in range(6)] + [mine.document((mine.skus[0], 1)) for _ in range(6)]  # fmt: skip

    placed = _outcomes(together([partial(place_orders, [d], actor=build.TESTER) for d in documents]))  # fmt: skip

    claimed = [build.order(o.require().id)["units_allocated"] for o in placed]  # type: ignore[arg-type]
    assert sum(claimed) == 12
    assert sum(claimed[:6]) <= 7
    assert sum(claimed[6:]) >= 5
    _healthy()


def test_waves_that_are_chosen_at_once_share_no_order() -> None:
    world = shelved(40)
    wave = CreatePickListItem(location=world.locations[0], kind="batch", min_units=2, max_units=2)
    for _ in range(2):
        shipments = [build.shipments(world.place((world.skus[0], 1)))[0] for _ in range(6)]

        results = together([partial(create_pick_lists, [wave], actor=build.TESTER)] * 3)

        assert [o.ok for o in _outcomes(results)] == [True] * 3
        rows = sql.fetch("select shipment_id, count(distinct pick_list_id) from picklists_line where shipment_id = any(%s) group by 1", (shipments,))  # fmt: skip
        assert [row[1] for row in rows] == [1] * 6
    _healthy()


def test_the_self_check_repairs_once_what_is_wrong_while_goods_come_and_go() -> None:
    world = build.world(locations=1, products=1, stock=100)
    [sku], [place] = world.skus, world.locations
    come = partial(receive_goods, [ReceiveItem(sku=sku, location=place, quantity=3)], actor=build.TESTER)  # fmt: skip
    mend = partial(repair_stock_levels, [RepairItem(sku=sku, location=place)], actor=build.TESTER)
    on_hand = 100
    for wrong in (0, 0, 7, 5):
        # As a broken disk or a careless hand would: no command can do it.
        with atomic():
            sql.execute("set local session_replication_role = replica")
            sql.execute("update stock_level set on_hand = on_hand + %s where product_id = %s", (wrong, world.product_ids[sku]))  # fmt: skip
            sql.execute("update stock_bin_stock set quantity = quantity + %s where product_id = %s", (wrong, world.product_ids[sku]))  # fmt: skip
        keys = [build.shipments(world.place((sku, 2)))[0] for _ in range(4)]
        leave = [partial(ship_shipments, [ShipItem(shipment_id=key)], actor=build.TESTER) for key in keys]  # fmt: skip

        outcomes = _outcomes(together([*[come] * 4, *leave, *[mend] * 8]))

        assert [o.error for o in outcomes if o.error] == []
        assert sum(o.data["repaired"] for o in outcomes[8:]) == (1 if wrong else 0)
        on_hand += 4 * 3 - 4 * 2
        assert world.levels()[(sku, place)] == (on_hand, 0)
        _healthy()


def test_what_is_kept_back_while_others_claim_is_never_claimed_afterwards() -> None:
    world = build.world(locations=1, products=1, stock=12)
    [sku], [place] = world.skus, world.locations
    for _ in range(4):
        world.count(place, {sku: 12})
        orders = [world.place((sku, 2)) for _ in range(6)]
        claims = [build.allocations(order)[0][0] for order in orders]
        release_allocations([ReleaseAllocationItem(allocation_id=key) for key in claims], actor=build.TESTER)  # fmt: skip
        keep = partial(set_safety_stocks, [SafetyItem(sku=sku, location=place, safety_stock=5)], actor=build.TESTER)  # fmt: skip
        claim = [partial(allocate_orders, [AllocateItem(order_id=key)], actor=build.TESTER) for key in orders]  # fmt: skip

        outcomes = _outcomes(together([*claim, *[keep] * 4, *claim]))

        assert [o.error for o in outcomes if o.error] == []
        # Seven are free of what is kept back; whoever came before that was said may have had the others.
        assert 7 <= world.levels()[(sku, place)][1] <= 12
        again = allocate_orders([AllocateItem(order_id=key) for key in orders], actor=build.TESTER)
        assert [o.require().data["allocated"] for o in again] == [0] * 6
        _healthy()
        cancel_orders([CancelItem(order_id=key, reason="x") for key in orders], actor=build.TESTER)
        set_safety_stocks([SafetyItem(sku=sku, location=place, safety_stock=0)], actor=build.TESTER)
