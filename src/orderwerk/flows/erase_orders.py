"""Erases what orders tell of people: on request, or after the shop's time. Documents that the law wants kept stay as they are."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

import msgspec

from orderwerk.core import clock, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import NotFound, Refusal, WrongState
from orderwerk.core.idempotency import erase_answers
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import STILL, Subject, retrying, unit_of_work
from orderwerk.orders.counters import OrderState, lock_orders
from orderwerk.orders.events import ORDER_ERASED
from orderwerk.refunds.room import ROOM

_MOST = 500
# What keeps an order from being erased: somebody still has to send, collect, decide, write or invoice something.
_OPEN = f"""
o.status not in ('shipped', 'cancelled') or o.holds_open > 0
or (o.refund_reserved_minor < o.refundable_minor and exists (select 1 from payments_payment p
  where p.order_id = o.id and {ROOM} > 0))
or (o.status <> 'cancelled' and o.invoiced_minor < o.grand_total_minor - o.cancelled_minor)
or exists (select 1 from invoices_invoice v where v.order_id = o.id and v.kind = 'debit'
  and v.paid_minor < v.gross_minor - (v.credited_minor - v.refundable_minor))
or exists (select 1 from return_requests_request r where r.order_id = o.id and r.status in ('requested', 'approved'))
or exists (select 1 from returns_return r where r.order_id = o.id and r.status = 'to_inspect')
or exists (select 1 from returns_claim c where c.order_id = o.id and c.status = 'open')
or exists (select 1 from returns_exchange x where x.order_id = o.id and x.status = 'open')
or exists (select 1 from refunds_refund r where r.order_id = o.id and r.status in ('awaiting_approval', 'approved', 'submitted'))
or exists (select 1 from payments_payment p where p.order_id = o.id and p.status = 'authorized')
or exists (select 1 from shipments_exception x where x.order_id = o.id and x.status = 'open')
or exists (select 1 from emails_email e where e.order_id = o.id and e.status in ('queued', 'sending'))
"""

# What came to an order after it was erased: a late report, a statement of withdrawal, an answer. Where a table is small beside the
# orders, a count keeps the planner from reading it whole, as it may for `exists` beside an `or`.
_LEFT = """
exists (select 1 from memos_memo m where m.order_id = o.id and m.text <> 'erased')
or exists (select 1 from emails_email e left join emails_bounce b on b.email_id = e.id
  where e.order_id = o.id and (e.recipient not like 'erased-%%' or e.subject <> '' or e.body_text <> '' or b.reason <> ''))
or exists (select 1 from return_requests_request r where r.order_id = o.id and (r.comment <> '' or r.decision_note <> '' or r.receiver_name not in ('', 'erased') or r.receiver_email not in ('', 'erased@example.invalid')))
or exists (select 1 from return_requests_withdrawal w where w.order_id = o.id and (w.name <> 'erased' or w.email <> 'erased@example.invalid'))
or exists (select 1 from returns_return r join returns_finding f on f.parent_id = r.id
  where r.order_id = o.id and f.text not in ('', 'erased'))
or exists (select 1 from return_requests_request r join return_requests_label l on l.request_id = r.id
  where r.order_id = o.id and (l.note <> '' or octet_length(l.content) > 1))
or exists (select 1 from shipments_label l where l.order_id = o.id and (l.note <> '' or l.address <> '' or octet_length(l.content) > 1))
or exists (select 1 from orders_hold h where h.order_id = o.id and h.reason <> 'erased')
or exists (select 1 from shipments_exception x where x.order_id = o.id and (x.text <> '' or x.place <> ''))
or exists (select 1 from shipments_shipment s where s.order_id = o.id and (s.collected_by <> '' or s.collect_note <> ''))
or exists (select 1 from shipments_shipment s join shipments_tracking_event t on t.shipment_id = s.id
  where s.order_id = o.id and (t.text <> '' or t.place <> ''))
or exists (select 1 from refunds_refund r where r.order_id = o.id and (r.account_iban <> '' or (r.note <> '' and r.via <> 'exchange')))
or exists (select 1 from allocations_rejection j where j.order_id = o.id and j.reason <> 'erased')
or (select count(*) from core_idempotency_key k where k.order_id = o.id and k.response_body <> '') > 0
or (select count(*) from refunds_reversal x where x.order_id = o.id and x.note <> '') > 0
or (select count(*) from payments_payment p join refunds_difference d on d.payment_id = p.id
  where p.order_id = o.id and d.note not in ('', 'erased') and d.note !~ '^R[0-9]+$') > 0
or exists (select 1 from core_event v
  where v.order_id = o.id and v.payload ?| array['changes', 'subject', 'note', 'text', 'place', 'reason', 'email', 'name'])
"""


_ERASE_COUNTERS = "update shipments_shipment set collected_by = '', collect_note = '' where order_id = any(%s) and collected_by || collect_note <> ''"

# Kilometres from several locations tell where somebody lives.
_ERASE_DISTANCES = """
update allocations_allocation set explanation = explanation - 'km' - 'no_km'
where order_id = any(%s) and explanation ?| array['km', 'no_km']
"""

# The label shows who sent the parcel and from where; that there was one, and its barcode, stays.
_ERASE_LABELS = """
update return_requests_label set note = '', content = case when content is null then null else '\\x00'::bytea end
where request_id in (select id from return_requests_request where order_id = any(%s)) and (note <> '' or octet_length(content) > 1)
"""

_ERASE_PARCEL_LABELS = """
update shipments_label set note = '', address = '', content = case when content is null then null else '\\x00'::bytea end
where order_id = any(%s) and (note <> '' or address <> '' or octet_length(content) > 1)
"""


_ERASE_RECEIVERS = """
update return_requests_request set receiver_name = 'erased', receiver_email = 'erased@example.invalid'
where order_id = any(%s) and is_gift and (receiver_name <> 'erased' or receiver_email <> 'erased@example.invalid')
"""


class EraseItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An order of which everything that tells of people is to go."""

    order_id: UUID


class _Standing(NamedTuple):
    has_data: bool
    is_open: bool


def erase_orders(
    items: Sequence[EraseItem], *, actor: Actor, why: str = "asked for"
) -> list[Outcome]:
    """Erase the personal data of orders; what is erased already stays so, and what came to it since goes too.

    Names, addresses, contact, comments, messages, memos, photos, labels, statements of withdrawal, bank accounts, the free words of
    refunds, of differences and of the history go; quantities, amounts, statuses and the invoices with their documents stay. Refuses with NotFound, with
    WrongState an order of which something is still open.
    """
    return retrying(lambda: _erase(items, actor, why))


def _erase(items: Sequence[EraseItem], actor: Actor, why: str) -> list[Outcome]:
    outcomes: list[Outcome] = []
    with unit_of_work(actor) as unit:
        states = lock_orders(unit, [item.order_id for item in items])
        standing = {
            row[0]: _Standing(*row[1:])
            for row in sql.fetch(
                f"select o.id, o.erased_at is null or {_LEFT}, {_OPEN} from orders_order o where o.id = any(%s)",
                (list(states),),
            )
        }
        going: dict[UUID, OrderState] = {}
        for item in items:
            try:
                state = _check(item, states, standing)
            except Refusal as refusal:
                outcomes.append(Outcome.refused(refusal))
                continue
            if standing[state.id].has_data:
                going[state.id] = state
            outcomes.append(Outcome.done(state.id))
        rows = sql.fetch("select id, version from erase_orders(%s, %s)", (list(going), clock.now()))
        sql.execute(_ERASE_COUNTERS, (list(going),))
        sql.execute(_ERASE_DISTANCES, (list(going),))
        sql.execute(_ERASE_LABELS, (list(going),))
        sql.execute(_ERASE_PARCEL_LABELS, (list(going),))
        sql.execute(_ERASE_RECEIVERS, (list(going),))
        sql.execute("select erase_claim_photos(%s)", (list(going),))
        sql.execute("select erase_findings(%s)", (list(going),))
        sql.execute("select erase_words(%s)", (list(going),))
        erase_answers(list(going))
        for key, version in rows:
            subject = Subject("order", key, version, key, going[key].shop_id)
            unit.record(ORDER_ERASED, subject, STILL, {"why": why})
    return outcomes


def _check(
    item: EraseItem,
    states: dict[UUID, OrderState],
    standing: dict[UUID, _Standing],
) -> OrderState:
    state = states.get(item.order_id)
    if state is None:
        raise NotFound(f"There is no order {item.order_id}.", code="unknown_order", pointer="/order_id")  # fmt: skip
    if standing[state.id].has_data and standing[state.id].is_open:
        raise WrongState(
            f"Order {state.number} is not done with: goods, money, a return or a message are still on their way.",
            code="still_open",
        )
    return state


_AGED = """
s.erase_after_days is not null and o.placed_at < %s::timestamptz - make_interval(days => s.erase_after_days)
and not exists (select 1 from core_event e where e.order_id = o.id and e.at > %s::timestamptz - make_interval(days => s.erase_after_days))
"""
# A statement of withdrawal is taken of an erased order too, with a name and an address.
_DUE = f"""
(select o.id from orders_order o join shops_shop s on s.id = o.shop_id
 where o.erased_at is null and {_AGED} and not ({_OPEN}) order by o.placed_at limit %s)
union
(select o.id from return_requests_withdrawal w join orders_order o on o.id = w.order_id join shops_shop s on s.id = o.shop_id
 where o.erased_at is not null and (w.name <> 'erased' or w.email <> 'erased@example.invalid') and {_AGED} and not ({_OPEN}) limit %s)
"""
# An answer of the API that was read just before an order was erased may be kept just after. Found by the index of those that show an
# order, however old they are; answers are kept for a month. 410: taken already.
_LATE_ANSWERS = """
select distinct k.order_id from core_idempotency_key k join orders_order o on o.id = k.order_id
where k.order_id is not null and k.response_status <> 410 and o.erased_at is not null
"""


def erase_due(*, actor: Actor) -> int:
    """Erase the orders whose time has come, by their shops' settings, and what came to erased ones since; returns of how many."""
    now = clock.now()
    due = sql.fetch(_DUE, (now, now, _MOST) * 2)
    items = [EraseItem(order_id=row[0]) for row in due]
    done = sum(1 for o in erase_orders(items, actor=actor, why="after its time") if o.ok)
    return done + retrying(lambda: _erase_late_answers(actor))


def _erase_late_answers(actor: Actor) -> int:
    # By themselves: of an order that is open again, for money that goes back, nothing else can go now.
    with unit_of_work(actor):
        late = [row[0] for row in sql.fetch(_LATE_ANSWERS)]
        erase_answers(late)
    return len(late)


def orders_of_customer(actor: Actor, email: str, shop: str | None = None) -> list[tuple[UUID, str]]:
    """Return the orders (id, number) under an e-mail address, oldest first; one statement."""
    rows = sql.read(
        "select o.id, o.number, o.shop_id from orders_order o join shops_shop s on s.id = o.shop_id "
        "where o.customer_email = %s and (%s::text is null or s.code = %s) order by o.id",
        (email.strip().lower(), shop, shop),
    )
    return [(row[0], row[1]) for row in rows if actor.may_see_shop(row[2])]
