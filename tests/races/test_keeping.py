"""Two requests to keep goods of one order at the same moment: the shop's limit is for both together."""

from functools import partial

import pytest

from orderwerk.core import sql
from orderwerk.flows.keep_returns import KeepItem, keep_returns
from orderwerk.return_requests.commands.set_policies import PolicyItem, set_return_policies
from tests import build
from tests.races.test_shipments import _healthy
from tests.races.threads import THREADS, together

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 6
# Three pieces for 10.00 each, of which two are too much.
MOST = "15.00"


def test_two_wishes_at_once_do_not_pass_the_limit_together() -> None:
    world = build.world(stock=1000)
    policy = PolicyItem(shop=world.shop, keep_up_to=MOST, outcomes=["refund", "keep"])
    set_return_policies([policy], actor=build.TESTER)[0].require()
    for _ in range(ROUNDS):
        order = build.shipped(world, (world.skus[0], 3))
        made = together([partial(build.request, order, outcome="keep")] * THREADS)

        assert [x for x in made if isinstance(x, BaseException)] == []
        codes = sorted(x.error.code if x.error else "" for x in made if not isinstance(x, BaseException))  # fmt: skip
        assert codes == ["", *["too_dear_to_keep"] * (THREADS - 1)]
        found = sql.fetch("select count(*) from return_requests_request where order_id = %s", (order,))  # fmt: skip
        assert found == [(1,)]
    _healthy()


def test_two_requests_kept_at_once_do_not_pass_the_limit_together() -> None:
    world = build.world(stock=1000)
    policy = PolicyItem(shop=world.shop, keep_up_to=MOST)
    set_return_policies([policy], actor=build.TESTER)[0].require()
    for _ in range(ROUNDS):
        order = build.shipped(world, (world.skus[0], 3))
        build.invoice(order)
        keys = [build.request(order).require().id for _ in range(2)]
        items = [KeepItem(return_request_id=key) for key in keys if key is not None]

        done = together(
            [partial(keep_returns, [item], actor=build.TESTER) for item in items * (THREADS // 2)]
        )

        assert [x for x in done if isinstance(x, BaseException)] == []
        codes = sorted(o.error.code if o.error else "" for x in done if not isinstance(x, BaseException) for o in x)  # fmt: skip
        # One of them is kept once; the other never, however often both are asked for.
        assert codes.count("") == 1
        assert codes.count("too_dear_to_keep") == THREADS // 2
        assert set(codes) == {"", "return_request_completed", "too_dear_to_keep"}
        assert [v["gross_minor"] for v in build.invoices(order) if v["kind"] == "credit"] == [1000]
    _healthy()
