"""A customer's yes against a cancellation, a parcel that leaves, and another yes: one of them wins, nothing is counted twice."""

from functools import partial

import pytest

from orderwerk.checks.run import ALL, run_checks
from orderwerk.core.outcome import Outcome
from orderwerk.flows.cancel_orders import CancelItem, CancelLine, cancel_orders
from orderwerk.flows.decide_substitutions import SubstitutionItem, accept_substitutions
from orderwerk.flows.propose_substitutions import ProposeSubstitutionItem, propose_substitutions
from orderwerk.flows.ship_shipments import ShipItem, ship_shipments
from tests import build
from tests.races.threads import together

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 3


def _outcomes(results: list[list[Outcome] | BaseException]) -> list[Outcome]:
    assert [r for r in results if isinstance(r, BaseException)] == []
    return [r[0] for r in results if not isinstance(r, BaseException)]


def test_a_yes_meets_a_cancellation_a_parcel_and_another_yes() -> None:
    for _ in range(ROUNDS):
        world = build.world(locations=1, products=2, stock=100)
        order = world.place((world.skus[0], 2))
        [line], [parcel] = build.order_lines(order), build.shipments(order)
        ask = ProposeSubstitutionItem(order_line_id=line, sku=world.skus[1], quantity=2)
        asked = together([partial(propose_substitutions, [ask], actor=build.TESTER)] * 3)
        [key] = [o.id for o in _outcomes(asked) if o.ok]
        assert key is not None
        yes = partial(accept_substitutions, [SubstitutionItem(substitution_id=key)], actor=build.TESTER)  # fmt: skip
        part = CancelItem(order_id=order, reason="x", lines=[CancelLine(order_line_id=line, quantity=1)])  # fmt: skip
        cancel = partial(cancel_orders, [part], actor=build.TESTER)
        ship = partial(ship_shipments, [ShipItem(shipment_id=parcel)], actor=build.TESTER)

        done = _outcomes(together([yes, cancel, ship, yes]))

        first, second = done[0], done[3]
        assert not (first.ok and second.ok)
        row = build.order(order)
        assert row["units_ordered"] == (4 if first.ok or second.ok else 2)
        if first.ok or second.ok:
            # What was replaced neither leaves nor is cancelled a second time.
            assert row["units_cancelled"] == 2
            assert not done[1].ok
        assert row["units_cancelled"] + row["units_allocated"] + row["units_shipped"] == row["units_ordered"]  # fmt: skip
    report = run_checks([i for i in ALL if i.id not in {"durable", "stuck-outbox"}])
    assert report.findings == []
