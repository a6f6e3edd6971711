"""Takes names and addresses from documents that the law does not want kept any longer; number, figures, hash and chain stay."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

import msgspec

from orderwerk.core import clock, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import NotFound, Refusal, WrongState
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import STILL, Subject, retrying, unit_of_work
from orderwerk.invoices.events import INVOICE_BLANKED
from orderwerk.orders.counters import OrderState, lock_orders
from orderwerk.orders.erasure import erased_among
from orderwerk.shops.terms import FEWEST_YEARS

_MOST = 500
# The shortest term that any country knows.
_FEWEST_YEARS = min(FEWEST_YEARS.values())


class BlankItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An erased order whose documents are to tell of nobody any more."""

    order_id: UUID


# Whole years after the year of issue, by the shop's days.
_STILL_KEPT = """
select distinct v.order_id from invoices_invoice v join shops_shop s on s.id = v.shop_id
where v.order_id = any(%s) and v.blanked_at is null
  and invoices_kept_until(v.issue_date, v.content, s.fiscal_years) > (%s::timestamptz at time zone s.timezone)::date
"""
_BLANK = """
update invoices_invoice v set content = invoices_blanked(v.content), reason = '', blanked_at = %s, version = v.version + 1
from shops_shop s where v.order_id = any(%s) and v.blanked_at is null and s.id = v.shop_id
returning v.id, v.version, v.number, v.order_id, v.shop_id,
  (extract(year from invoices_kept_until(v.issue_date, v.content, s.fiscal_years)) - extract(year from v.issue_date) - 1)::int
"""
_DROP_FILES = "delete from invoices_document where invoice_id = any(%s)"


def blank_documents(items: Sequence[BlankItem], *, actor: Actor) -> list[Outcome]:
    """Take the buyer, the place of delivery and free words from all documents of orders, and their files.

    What was blanked stays so. Refuses with NotFound, with WrongState an order that is not erased, or one of which a document is to be
    kept still: documents of an order go together, a credit with its invoice.
    """
    return retrying(lambda: _blank(items, actor))


def _blank(items: Sequence[BlankItem], actor: Actor) -> list[Outcome]:
    outcomes: list[Outcome] = []
    moment = clock.now()
    with unit_of_work(actor) as unit:
        states = lock_orders(unit, [item.order_id for item in items])
        erased = erased_among(states)
        kept = {row[0] for row in sql.fetch(_STILL_KEPT, (list(states), moment))}
        going: list[UUID] = []
        for item in items:
            try:
                state = _check(item, states, erased, kept)
            except Refusal as refusal:
                outcomes.append(Outcome.refused(refusal))
                continue
            going.append(state.id)
            outcomes.append(Outcome.done(state.id))
        rows = sql.fetch(_BLANK, (moment, going))
        sql.execute(_DROP_FILES, ([row[0] for row in rows],))
        for key, version, number, order_id, shop_id, years in rows:
            subject = Subject("invoice", key, version, order_id, shop_id)
            unit.record(INVOICE_BLANKED, subject, STILL, {"number": number, "years": years})
    return outcomes


def _check(
    item: BlankItem, states: dict[UUID, OrderState], erased: frozenset[UUID], kept: set[UUID]
) -> OrderState:
    state = states.get(item.order_id)
    if state is None:
        raise NotFound(f"There is no order {item.order_id}.", code="unknown_order", pointer="/order_id")  # fmt: skip
    if state.id not in erased:
        raise WrongState(
            f"Order {state.number} is not erased: its own data goes first.",
            code="not_erased",
            pointer="/order_id",
        )
    if state.id in kept:
        raise WrongState(
            f"The law wants the documents of order {state.number} kept still.",
            code="still_kept",
            pointer="/order_id",
        )
    return state


_DUE = """
select v.order_id from invoices_invoice v join orders_order o on o.id = v.order_id join shops_shop s on s.id = v.shop_id
where v.blanked_at is null and v.issue_date < %s and o.erased_at is not null and not exists (
  select 1 from invoices_invoice w where w.order_id = v.order_id and w.blanked_at is null
    and invoices_kept_until(w.issue_date, w.content, s.fiscal_years) > (%s::timestamptz at time zone s.timezone)::date)
group by v.order_id limit %s
"""


def blank_due(*, actor: Actor) -> int:
    """Blank the documents of erased orders whose term is over, some at a time; returns of how many orders."""
    now = clock.now()
    newest = date(now.year - _FEWEST_YEARS, 1, 1)
    done = 0
    while keys := [row[0] for row in sql.fetch(_DUE, (newest, now, _MOST))]:
        outcomes = blank_documents([BlankItem(order_id=key) for key in keys], actor=actor)
        done += len([outcome.require() for outcome in outcomes])
    return done
