"""The same for substitutes."""

from collections.abc import Sequence
from typing import Any

from orderwerk.core import sql
from orderwerk.flows.decide_substitutions import (
    SubstitutionItem,
    accept_substitutions,
    decline_substitutions,
    expire_substitutions,
    withdraw_substitutions,
)
from orderwerk.flows.place_orders import place_orders
from orderwerk.flows.propose_substitutions import ProposeSubstitutionItem, propose_substitutions
from tests import build
from tests.bulk.scenarios import ALL, scenario

__all__ = ["ALL"]


@scenario(propose_substitutions)
def _propose(n: int) -> Sequence[Any]:
    world = build.world(stock=0)
    world.count(world.locations[0], {world.skus[1]: 1000, world.skus[0]: 10})
    documents = [world.document((world.skus[0], 2)) for _ in range(n)]
    orders = [o.require().id for o in place_orders(documents, actor=build.TESTER)]
    lines = sql.fetch("select id from orders_line where order_id = any(%s)", (orders,))
    return [
        ProposeSubstitutionItem(order_line_id=row[0], sku=world.skus[1], quantity=2)
        for row in lines
    ]


def _asked(n: int) -> list[SubstitutionItem]:
    made = propose_substitutions(_propose(n), actor=build.TESTER)
    keys = [o.require().id for o in made]
    return [SubstitutionItem(substitution_id=key) for key in keys if key]


@scenario(accept_substitutions)
def _accept(n: int) -> Sequence[Any]:
    return _asked(n)


@scenario(decline_substitutions)
def _decline(n: int) -> Sequence[Any]:
    return _asked(n)


@scenario(withdraw_substitutions)
def _withdraw(n: int) -> Sequence[Any]:
    return _asked(n)


@scenario(expire_substitutions)
def _expire(n: int) -> Sequence[Any]:
    items = _asked(n)
    # What was offered never changes: their time is over as if they had been asked long ago.
    sql.execute("set local session_replication_role = replica")
    sql.execute(
        "update orders_substitution set created_at = now() - interval '2 days', expires_at = now() - interval '1 day'"
    )
    sql.execute("set local session_replication_role = origin")
    return items
