"""The public shapes of holds and of the rules that put new orders on hold."""

from datetime import datetime
from uuid import UUID

import msgspec

from orderwerk.orders.hold_queries import HoldEntry
from orderwerk.orders.hold_rule_queries import HoldRulesRow
from orderwerk.orders.hold_rules import HoldRule


class Hold(msgspec.Struct, frozen=True):
    """A stop sign on an order; `owner` is the login name of who deals with it, `rule` the hold rule that put it on."""

    id: UUID
    order_id: UUID
    order_number: str
    shop: str
    status: str
    reason: str
    put_on_by: str
    rule: str | None
    owner: str | None
    until: datetime | None
    created_at: datetime
    released_at: datetime | None
    released_by: str | None


def hold(row: HoldEntry) -> Hold:
    """Return the public shape of a hold."""
    return Hold(
        id=row.id,
        order_id=row.order_id,
        order_number=row.order,
        shop=row.shop,
        status="open" if row.released_at is None else "released",
        reason=row.reason,
        put_on_by=row.put_on_by,
        rule=row.rule or None,
        owner=row.owner,
        until=row.until,
        created_at=row.created_at,
        released_at=row.released_at,
        released_by=row.released_by,
    )


class HoldRules(msgspec.Struct, frozen=True):
    """By which rules a shop puts new orders on hold, in the order in which they are asked; `id` is the shop's."""

    id: UUID
    shop: str
    rules: list[HoldRule]


def hold_rules(row: HoldRulesRow) -> HoldRules:
    """Return the public shape of a shop's hold rules."""
    return HoldRules(row.id, row.shop, row.rules)
