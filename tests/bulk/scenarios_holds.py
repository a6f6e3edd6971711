"""The same for holds."""

from collections.abc import Sequence
from typing import Any

from orderwerk.accounts.commands.create_user import NewUser, create_users
from orderwerk.orders.commands.hand_over import HandOverItem, hand_over_holds
from orderwerk.orders.commands.hold import HoldItem, hold_orders
from orderwerk.orders.commands.set_hold_rules import HoldRulesItem, set_hold_rules
from orderwerk.orders.hold_rules import HoldRule
from tests import build
from tests.bulk.scenarios import ALL, placed, scenario

__all__ = ["ALL"]


def _person() -> str:
    name = f"p{build.serial()}"
    made = NewUser(username=name, name="Person", role="owner")
    create_users([made], actor=build.TESTER)[0].require()
    return name


@scenario(set_hold_rules)
def _rules(n: int) -> Sequence[Any]:
    rules = [HoldRule(name="Dear", min_value="500", owner=_person()), HoldRule(name="All")]
    return [HoldRulesItem(shop=build.world(locations=1, products=1, stock=0).shop, rules=rules) for _ in range(n)]  # fmt: skip


@scenario(hand_over_holds)
def _hand_over(n: int) -> Sequence[Any]:
    orders, owner = placed(n)[1], _person()
    hold_orders([HoldItem(order_id=key, reason="look") for key in orders], actor=build.TESTER)
    return [HandOverItem(order_id=key, owner=owner) for key in orders]
