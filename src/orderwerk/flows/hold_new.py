"""Puts orders on hold on their way in, where a hold rule of their shop fits; the first rule that fits decides."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from orderwerk.core import clock, sql
from orderwerk.core.money import parse_amount
from orderwerk.core.uow import Move, Subject, UnitOfWork
from orderwerk.flows.intake_reads import ShopPolicy
from orderwerk.orders.commands.place import NewOrder
from orderwerk.orders.events import ORDER_HELD
from orderwerk.orders.hold_rules import (
    HoldFacts,
    HoldRule,
    NewHold,
    amounts_of,
    asks_for_first,
    because,
    first_hold,
)
from orderwerk.orders.normalise import normal_email, normal_postal_code

# Whose order went wrong or still waits for a look is not known yet: two orders at once do not vouch for each other.
_KNOWN = """
select t.shop_id, t.email from unnest(%s::uuid[], %s::text[]) as t(shop_id, email)
where exists (
  select 1 from orders_order o
  where o.customer_email = t.email and o.shop_id = t.shop_id and o.status not in ('cancelled', 'on_hold') offset 0)
"""
_Buyer = tuple[UUID, str]


def hold_by_rules(orders: Sequence[tuple[NewOrder, ShopPolicy]]) -> None:
    """Note on each order the hold that a rule of its shop puts on it; at most one statement, none without such rules."""
    ruled = [(order, policy) for order, policy in orders if policy.hold_rules]
    known = _known_buyers([order for order, policy in ruled if asks_for_first(policy.hold_rules)])
    for order, policy in ruled:
        buyer = _buyer(order)
        facts = _facts(order, is_first=buyer is None or buyer not in known)
        amounts = {a: parse_amount(a, policy.currency) for a in amounts_of(policy.hold_rules)}
        rule = first_hold(policy.hold_rules, facts, amounts, policy.currency)
        if rule is not None:
            order.hold = _hold(rule, facts, policy.currency)
        elif buyer is not None:
            known.add(buyer)


def _known_buyers(orders: Sequence[NewOrder]) -> set[_Buyer]:
    buyers = sorted({buyer for order in orders if (buyer := _buyer(order)) is not None})
    if not buyers:
        return set()
    rows = sql.fetch(_KNOWN, ([shop for shop, _ in buyers], [email for _, email in buyers]))
    return {(row[0], row[1]) for row in rows}


def _buyer(order: NewOrder) -> _Buyer | None:
    email = normal_email(order.document.customer.email)
    return (order.shop_id, email) if email else None


def _facts(order: NewOrder, *, is_first: bool) -> HoldFacts:
    document = order.document
    delivery = document.delivery_address or document.billing_address
    email = normal_email(document.customer.email) or ""
    return HoldFacts(
        delivery.country,
        document.billing_address.country,
        normal_postal_code(delivery.postal_code),
        frozenset(document.tags),
        frozenset(line.sku for line in document.lines),
        frozenset(x for x in ((document.customer.external_id or "").lower(), email) if x),
        email.rpartition("@")[2],
        order.priced.grand_total,
        document.currency,
        is_first,
    )


def _hold(rule: HoldRule, facts: HoldFacts, currency: str) -> NewHold:
    until = None if rule.hours is None else clock.now() + timedelta(hours=rule.hours)
    reason = rule.reason.strip() or rule.name
    return NewHold(rule.name, reason, rule.owner, until, because(rule, facts, currency))


def record_hold(unit: UnitOfWork, order: NewOrder, status: str) -> None:
    """Tell in the history which rule put a new order on hold, and by what."""
    hold = order.hold
    if hold is None:
        return
    data = {"reason": hold.reason, "until": hold.until, "rule": hold.rule, "because": hold.because}
    data |= {"owner": hold.owner} if hold.owner else {}
    subject = Subject("order", order.id, order.version, order.id, order.shop_id)
    unit.record(ORDER_HELD, subject, Move(status, status), data)
