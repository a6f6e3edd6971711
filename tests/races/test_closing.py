"""A location is closed while somebody claims there: what he writes afterwards is routed away as well."""

import threading
import time

import pytest

from orderwerk.core import sql
from orderwerk.core.uow import unit_of_work
from orderwerk.flows import jobs
from orderwerk.flows.intake_reads import read_stock
from orderwerk.flows.leave_locations import leave_closed_locations
from orderwerk.flows.set_up_locations import LocationItem, set_up_locations
from tests import build
from tests.flows.test_short_picks import sound
from tests.races.threads import together

pytestmark = pytest.mark.django_db(transaction=True)
_WAITING = "select 1 from pg_stat_activity where datname = current_database() and cardinality(pg_blocking_pids(pid)) > 0"


def _wait_for_a_waiter() -> None:
    for _ in range(1200):
        if sql.fetch(_WAITING):
            return
        time.sleep(0.05)
    raise AssertionError("nobody waits")


def test_a_claim_that_was_on_its_way_when_its_location_closed_is_routed_away() -> None:
    world = build.world(locations=2, products=1)
    code = world.locations[0]
    held, closed = threading.Event(), threading.Event()

    def hold() -> None:
        """Keep the stock until the location is closed and whoever stood there has been routed away."""
        with unit_of_work(build.TESTER) as unit:
            read_stock(unit, [(world.product_ids[world.skus[0]], world.location_ids[code])])
            held.set()
            assert closed.wait(30)

    def place() -> object:
        assert held.wait(60)
        return world.place()

    def close() -> None:
        assert held.wait(60)
        _wait_for_a_waiter()
        item = LocationItem(code=code, name="Closed", is_active=False)
        set_up_locations([item], actor=build.TESTER)[0].require()
        told = [row[0] for row in sql.fetch("select id from core_event where kind = 'location.updated'")]  # fmt: skip
        assert leave_closed_locations(told) == 0
        closed.set()

    _, order, _ = together([hold, place, close])
    assert [a[3] for a in build.allocations(order)] == [code]  # type: ignore[arg-type]

    jobs.sweep_closed(0)

    standing = build.allocations(order, "allocated")  # type: ignore[arg-type]
    assert [a[3] for a in standing] == [world.locations[1]]
    assert leave_closed_locations() == 0
    sound()
