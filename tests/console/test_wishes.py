"""Wishes to keep the goods, in the console's list of return requests."""

from collections.abc import Callable

import pytest
from django.test import Client

from orderwerk.core import sql
from orderwerk.return_requests.boxes import along_with
from orderwerk.return_requests.commands.set_policies import PolicyItem, set_return_policies
from tests import build

pytestmark = pytest.mark.django_db
Enter = Callable[..., Client]


def test_a_wish_to_keep_is_not_approved_with_others_and_is_no_box_for_them(enter: Enter) -> None:
    world = build.world()
    policy = PolicyItem(shop=world.shop, keep_up_to="20.00", outcomes=["refund", "keep"])
    set_return_policies([policy], actor=build.TESTER)[0].require()
    order = build.shipped(world, (world.skus[0], 3))
    wish = build.request(order, build.back(order, 1), outcome="keep").require().id
    back = build.request(order, build.back(order, 1)).require().id
    assert back is not None
    numbers = [row[0] for row in sql.fetch("select number from return_requests_request where order_id = %s", (order,))]  # fmt: skip
    chosen = {"id": [str(wish), str(back)]}

    page = enter().post("/return-requests/bulk/approve/", chosen, follow=True).content.decode()

    assert "open the return request and decide" in page
    assert all(f"/return-requests/{number}/" in page for number in numbers)
    found = sql.fetch("select id, status from return_requests_request where order_id = %s", (order,))  # fmt: skip
    assert dict(found) == {wish: "requested", back: "approved"}
    assert along_with(build.TESTER, back) == []
