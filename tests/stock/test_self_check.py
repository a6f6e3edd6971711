"""The self-check finds each difference between counters, ledger and claims, explains it, and repairs it with an event."""

from collections.abc import Callable
from uuid import UUID

import pytest
from django.db import IntegrityError
from django.db.transaction import atomic
from django.test import Client

from orderwerk.catalog.commands.upsert import ProductItem, upsert_products
from orderwerk.checks.run import ALL, run_checks
from orderwerk.core import sql
from orderwerk.core.actor import Actor
from orderwerk.core.outcome import Outcome
from orderwerk.flows.repair_stock import RepairItem, repair_stock_levels
from orderwerk.flows.self_check import LevelCheck, level_checks, wrong_levels
from orderwerk.flows.set_lots import LotItem, set_lots
from orderwerk.picklists.commands.create import CreatePickListItem, create_pick_lists
from orderwerk.stock.commands.receive import ReceiveItem, receive_stock
from orderwerk.stock.commands.set_bins import BinItem, set_bins
from tests import build
from tests.console.conftest import enter  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> build.World:
    """One location with ten of each; three are claimed and stand on a pick list."""
    built = build.world(locations=1, stock=10)
    built.place((built.skus[0], 3))
    create_pick_lists([CreatePickListItem(location=built.locations[0])], actor=build.TESTER)
    return built


def spoil(world: build.World, statement: str) -> None:
    """Change a counter of the first article past every guard, as a broken disk or a careless hand would."""
    with atomic():
        sql.execute("set constraints all immediate")
        sql.execute("set local session_replication_role = replica")
        sql.execute(f"{statement} and product_id = %s", (product(world),))
        sql.execute("set local session_replication_role = origin")


def product(world: build.World) -> UUID:
    """The first article."""
    found: UUID = world.product_ids[world.skus[0]]
    return found


def check(world: build.World) -> LevelCheck:
    """How the level of the first article stands."""
    [found] = level_checks(build.TESTER, product(world))
    return found


def repair(world: build.World, sku: str = "") -> Outcome:
    """Repair the level of the first article."""
    item = RepairItem(sku=sku or world.skus[0], location=world.locations[0])
    return repair_stock_levels([item], actor=build.TESTER)[0]


def test_a_level_that_is_right_says_so_and_is_left_alone(world: build.World) -> None:
    found = check(world)

    assert found.is_right
    assert (found.on_hand, found.ledger, found.claimed, found.listed) == (10, 10, 3, 3)
    assert (found.counted, found.moved_since) == (10, 0)
    assert repair(world).require().data["repaired"] is False
    assert wrong_levels(build.TESTER) == []


@pytest.mark.parametrize(
    ("statement", "differences", "bins"),
    [
        ("update stock_level set on_hand = 12 where true", {"on_hand": (12, 10)}, 0),
        ("update stock_level set allocated = 1 where true", {"allocated": (1, 3)}, 0),
        ("update stock_bin_stock set quantity = 11 where quantity = 10", {"in_bins": (11, 10)}, 1),
        ("update stock_bin_stock set planned = 0 where quantity = 10", {"planned": (0, 3)}, 1),
        ("update stock_level set blocked = 4 where true", {"blocked": (4, 0)}, 0),
    ],
)
def test_each_difference_is_found_explained_and_repaired(
    world: build.World, statement: str, differences: dict[str, tuple[int, int]], bins: int
) -> None:
    spoil(world, statement)

    found = check(world)
    assert (found.differences, found.bins_wrong, found.is_right) == (differences, bins, False)
    assert [w.sku for w in wrong_levels(build.TESTER)] == [world.skus[0]]
    done = repair(world).require()

    assert done.data["repaired"] is True
    assert check(world).is_right
    assert world.levels()[(world.skus[0], world.locations[0])] == (10, 3)
    [(before, after)] = sql.fetch("select payload -> 'before', payload -> 'after' from core_event where kind = 'stock.repaired' and aggregate_id = %s", (product(world),))  # fmt: skip
    assert before != after
    report = run_checks([i for i in ALL if i.id not in {"durable", "stuck-outbox"}])
    assert report.findings == []


def test_what_lies_of_blocked_lots_is_counted_and_repaired() -> None:
    world = build.world(locations=1, stock=0)
    upsert_products([ProductItem(sku=world.skus[0], name="Milk", tracking="lot")], actor=build.TESTER)[0].require()  # fmt: skip
    came = [ReceiveItem(sku=world.skus[0], location=world.locations[0], quantity=n, lot=lot) for n, lot in ((4, "A"), (3, "B"))]  # fmt: skip
    for outcome in receive_stock(came, actor=build.TESTER):
        outcome.require()
    set_lots([LotItem(sku=world.skus[0], lot="A", blocked=True, reason="recalled")], actor=build.TESTER)[0].require()  # fmt: skip
    assert check(world).is_right
    assert (check(world).blocked, check(world).kept_back) == (4, 4)
    spoil(world, "update stock_level set blocked = 1 where true")

    assert check(world).differences == {"blocked": (1, 4)}
    assert [w.sku for w in wrong_levels(build.TESTER)] == [world.skus[0]]
    done = repair(world).require()

    assert (done.data["before"]["blocked"], done.data["after"]["blocked"]) == (1, 4)
    assert check(world).is_right
    report = run_checks([i for i in ALL if i.id not in {"durable", "stuck-outbox"}])
    assert report.findings == []


def test_where_less_lies_than_is_claimed_somebody_has_to_count(world: build.World) -> None:
    spoil(world, "update stock_movement set delta = 2 where kind = 'counted'")

    refused = repair(world)

    assert refused.error is not None
    assert refused.error.code == "repair_needs_count"
    assert not check(world).can_be_repaired
    assert check(world).on_hand == 10


def test_where_a_bin_holds_less_than_is_listed_no_repair_is_offered(
    world: build.World,
    enter: Callable[..., Client],  # noqa: F811
) -> None:
    place = world.locations[0]
    set_bins([BinItem(location=place, bin="B-2", position=2)], actor=build.TESTER)[0].require()
    more = ReceiveItem(sku=world.skus[0], location=place, quantity=10, bin="B-2")
    receive_stock([more], actor=build.TESTER)[0].require()
    # In all enough is there: only the bin that the list goes to holds two of the three pieces.
    spoil(world, "update stock_movement set delta = 2 where kind = 'counted'")

    found, refused = check(world), repair(world)

    assert (found.ledger, found.claimed, found.bins_wrong, found.bins_short) == (12, 3, 1, 1)
    assert not found.can_be_repaired
    assert refused.error is not None
    assert (refused.error.code, "DEFAULT holds less" in refused.error.message) == ("repair_needs_count", True)  # fmt: skip
    text = enter("warehouse").get("/stock/do/self-check/").content.decode()
    assert "By its movements 1 bin holds less than pick lists ask of it: count it." in text
    assert "/stock/do/repair/" not in text


def test_a_repair_is_kept_for_ever_and_others_do_not_see_it(world: build.World) -> None:
    spoil(world, "update stock_level set on_hand = 12 where true")
    elsewhere = Actor("user", "x", location_ids=frozenset())
    assert wrong_levels(elsewhere) == []
    item = RepairItem(sku=world.skus[0], location=world.locations[0])
    assert repair_stock_levels([item], actor=elsewhere)[0].error is not None
    repair(world).require()

    with pytest.raises(IntegrityError), atomic():
        sql.execute("update stock_repair set actor_name = 'nobody'")
    unknown = repair(world, "nobody-knows-this").error
    assert unknown is not None
    assert unknown.code == "unknown_sku"


def test_the_console_explains_and_repairs(
    world: build.World,
    enter: Callable[..., Client],  # noqa: F811
) -> None:
    floor = enter("warehouse")
    assert "Everything agrees" in floor.get(f"/stock/{world.skus[0]}/").content.decode()
    spoil(world, "update stock_level set on_hand = 12 where true")

    for path in (f"/stock/{world.skus[0]}/", "/stock/do/self-check/"):
        text = floor.get(path).content.decode()
        assert "On hand says 12; the movements add up to 10." in text, path
    spoil(world, "update stock_level set blocked = 4 where true")
    assert "Blocked says 4; of blocked lots lie 0 here." in floor.get("/stock/do/self-check/").content.decode()  # fmt: skip
    form = {"sku": world.skus[0], "location": world.locations[0]}
    assert enter("finance").post("/stock/do/repair/", form).status_code == 403
    floor.post("/stock/do/repair/", {"sku": "", "location": "?"})
    floor.post("/stock/do/repair/", form)

    assert "Everything agrees" in floor.get("/stock/do/self-check/").content.decode()
