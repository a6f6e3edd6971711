"""Reads of the next run of shops that send refunds periodically: what waits for a decision, and what goes."""

from dataclasses import dataclass
from datetime import datetime

from orderwerk.core import clock, sql
from orderwerk.core.actor import Actor
from orderwerk.core.keyset import Conditions
from orderwerk.orders.visibility import limit_to_orders
from orderwerk.refunds.rules import next_run


@dataclass(frozen=True, slots=True)
class RefundRun:
    """The next run of a shop in one currency: refunds and minor units that wait, and those that are approved for it.

    `at`: when the first of those that are approved go (decided when they were), else when the next ones would.
    """

    shop: str
    name: str
    timezone: str
    at: datetime
    currency: str
    waiting: int
    waiting_minor: int
    approved: int
    approved_minor: int


_RUNS = """
select s.code, s.name, s.timezone, s.refund_schedule, r.currency,
  count(*) filter (where r.status = 'awaiting_approval'), coalesce(sum(r.amount_minor) filter (where r.status = 'awaiting_approval'), 0)::bigint,
  count(*) filter (where r.status = 'approved'), coalesce(sum(r.amount_minor) filter (where r.status = 'approved'), 0)::bigint,
  min(r.due_at) filter (where r.status = 'approved')
from refunds_refund r join shops_shop s on s.id = r.shop_id
where r.status in ('awaiting_approval', 'approved') and r.mode = 'periodic' and {}
group by s.id, r.currency order by s.name, r.currency
"""


def refund_runs(actor: Actor, shop: str | None = None) -> list[RefundRun]:
    """Return the next run of each periodic shop that has refunds open, by shop and currency; one statement."""
    where = Conditions()
    limit_to_orders(where, actor, order="r.order_id", shop="r.shop_id")
    if shop is not None:
        where.add("s.code = %s", shop)
    now = clock.now()
    rows = sql.read(_RUNS.format(where.where()), where.params)
    return [
        RefundRun(code, name, zone, due or next_run(now, schedule, zone), *figures)
        for code, name, zone, schedule, *figures, due in rows
    ]
