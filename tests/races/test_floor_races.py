"""Work between the dock and the shelves under real concurrency: no piece is moved twice, no bin asked for twice."""

from functools import partial

import pytest

from orderwerk.allocations.commands.set_channels import ChannelStockItem, set_channel_stocks
from orderwerk.core import sql
from orderwerk.core.ids import new_id
from orderwerk.core.outcome import Outcome
from orderwerk.flows.place_orders import place_orders
from orderwerk.flows.record_stock_scans import StockScanItem, record_stock_scans
from orderwerk.picklists.commands.create import CreatePickListItem, create_pick_lists
from orderwerk.stock.commands.relocate import RelocateItem, relocate_stock
from orderwerk.stock.commands.request_due_counts import DueCountItem, request_due_counts
from orderwerk.stock.commands.set_bins import BinItem, set_bins
from orderwerk.stock.commands.set_count_plans import CountPlanItem, set_count_plans
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
