"""One series of invoices under a thousand invoices from many connections, some of which fail after they have their number."""

from functools import partial
from uuid import UUID

import pytest

from orderwerk.checks.run import ALL, run_checks
from orderwerk.core import sql
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import unit_of_work
from orderwerk.flows.place_orders import place_orders
from orderwerk.invoices.commands.issue import IssueItem, issue_invoices
from tests import build
from tests.races.threads import THREADS, together

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
_INVOICES = 1000
# So often one fails first, and is issued after that.
_EVERY = 7


class _Abort(Exception):
    """Something that goes wrong after a number was taken and before it is kept."""


def _issue(order: UUID) -> list[Outcome]:
    return issue_invoices([IssueItem(order_id=order)], actor=build.TESTER)


def _in_vain(order: UUID) -> None:
    with unit_of_work(build.TESTER):
        assert _issue(order)[0].require().data["invoices"]
        raise _Abort


def _issue_all(orders: list[UUID]) -> list[str]:
    numbers = []
    for count, order in enumerate(orders):
        if count % _EVERY == 0:
            with pytest.raises(_Abort):
                _in_vain(order)
        numbers += _issue(order)[0].require().data["invoices"]
    return numbers


def test_a_thousand_invoices_from_many_connections_have_every_number_once() -> None:
    world = build.world(locations=1, products=1, stock=_INVOICES)
    # The first one opens the series: that two open it at once is another race.
    build.invoice(world.place())
    wanted = [world.document() for _ in range(_INVOICES - 1)]
    orders = [outcome.require().id for outcome in place_orders(wanted, actor=build.TESTER)]
    hands = [partial(_issue_all, [key for key in orders[start::THREADS] if key]) for start in range(THREADS)]  # fmt: skip

    results = together(hands)

    assert [r for r in results if isinstance(r, BaseException)] == []
    told = [number for numbers in results if isinstance(numbers, list) for number in numbers]
    assert len(set(told)) == len(told) == _INVOICES - 1
    rows = sql.fetch("select sequence from invoices_invoice where shop_id = %s order by sequence", (world.shop_id,))  # fmt: skip
    assert [row[0] for row in rows] == list(range(1, _INVOICES + 1))
    # Number, date and hash follow each other.
    report = run_checks([x for x in ALL if x.id.startswith("invoice-")])
    assert (report.findings, report.unchecked) == ([], {})
