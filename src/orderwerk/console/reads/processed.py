"""Which other systems an order went through, when, and why not: for the panel *Order processed*."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from orderwerk.core import sql
from orderwerk.core.actor import Actor
from orderwerk.core.keyset import Conditions
from orderwerk.orders.visibility import limit_to_locations


@dataclass(frozen=True, slots=True)
class Provider:
    """A payment provider of the order. `at`: when it was last called or answered; `note`: the newest thing that is not through."""

    name: str
    is_connected: bool
    at: datetime | None
    failed: int
    in_doubt: int
    note: str


@dataclass(frozen=True, slots=True)
class Carrier:
    """A carrier of the order's shipments, with its labels."""

    name: str
    is_connected: bool
    at: datetime | None
    made: int
    waiting: int
    failed: int
    note: str


@dataclass(frozen=True, slots=True)
class LastMessage:
    """The newest message to the customer, with what became of it."""

    status: str
    at: datetime
    note: str
    bounce: str | None


@dataclass(frozen=True, slots=True)
class Processed:
    """What is known of all of them."""

    providers: list[Provider]
    carriers: list[Carrier]
    message: LastMessage | None


_PROVIDERS = """
select p.provider, coalesce(a.is_active, false),
  greatest(t.at, (select max(k.last_at) from payments_payment y join payments_look k on k.account_id = a.id and k.reference = y.reference
                  where y.order_id = %s and y.provider = p.provider)),
  t.failed, t.in_doubt, coalesce(t.note, '')
from (select distinct shop_id, provider from payments_payment where order_id = %s and provider <> 'store_credit') p
left join payments_account a on a.shop_id = p.shop_id and a.provider = p.provider
cross join lateral (
  select max(x.at) as at, count(*) filter (where x.status = 'failed') as failed, count(*) filter (where x.doubt) as in_doubt,
    (array_agg(x.note order by x.id desc) filter (where x.note <> '' and (x.status = 'failed' or x.doubt)))[1] as note
  from (
    select c.id, c.status, coalesce(c.finished_at, e.called_at) as at, coalesce(nullif(c.note, ''), e.note, '') as note,
      c.status = 'submitted' and coalesce(e.status = 'in_doubt', false) as doubt
    from payments_capture c join payments_payment y on y.id = c.payment_id left join core_effect e on e.id = c.effect_id
    where c.order_id = %s and y.provider = p.provider
    union all
    select r.id, r.status, coalesce(r.finished_at, e.called_at), coalesce(nullif(r.note, ''), e.note, ''),
      r.status = 'submitted' and coalesce(e.status = 'in_doubt', false)
    from refunds_refund r left join core_effect e on e.id = r.effect_id where r.order_id = %s and r.via = p.provider
  ) x
) t
order by p.provider
"""
_CARRIERS = """
select s.carrier, coalesce(bool_or(a.is_active), false), max(coalesce(l.made_at, l.created_at)), count(*) filter (where l.status = 'made'),
  count(*) filter (where l.status = 'ordered'), count(*) filter (where l.status = 'failed'),
  coalesce((array_agg(l.note order by l.id desc) filter (where l.status = 'failed'))[1], '')
from shipments_shipment s left join shipments_carrier_account a on a.carrier = s.carrier
left join shipments_label l on l.shipment_id = s.id and l.status <> 'void'
where {} and s.status <> 'cancelled' and s.carrier not in ('', 'manual') group by s.carrier order by s.carrier
"""
_MESSAGE = """
select x.status, coalesce(x.sent_at, x.created_at), x.status_note,
  (select min(b.kind) from emails_bounce b where b.email_id = x.id)
from emails_email x where x.order_id = %s order by x.id desc limit 1
"""


def order_processed(actor: Actor, order_id: UUID, *, money: bool, goods: bool) -> Processed:
    """Return what became of an order elsewhere, for a caller that has read the order; three statements at most.

    Of carriers what is at the locations that the actor may see. `money`, `goods`: which of it the actor may read.
    """
    messages = sql.read(_MESSAGE, (order_id,))
    where = Conditions()
    where.add("s.order_id = %s", order_id)
    limit_to_locations(where, actor, "s.location_id")
    carriers = sql.read(_CARRIERS.format(where.where()), where.params) if goods else []
    return Processed(
        [Provider(*row) for row in (sql.read(_PROVIDERS, (order_id,) * 4) if money else [])],
        [Carrier(*row) for row in carriers],
        LastMessage(*messages[0]) if messages else None,
    )
