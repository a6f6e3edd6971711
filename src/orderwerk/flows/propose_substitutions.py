"""Asks customers whether another article may come in the place of one that is short."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import msgspec

from orderwerk.core import clock, fields, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import BadInput, LimitExceeded, NotFound, Refusal, WrongState
from orderwerk.core.money import parse_amount
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import retrying, unit_of_work
from orderwerk.flows.cancelling import CancellingLine, read_book
from orderwerk.flows.inherited_rates import EXEMPT_ALONE, orders_without_vat
from orderwerk.orders.counters import OrderState, lock_orders_of
from orderwerk.orders.substitution_rules import Replaced, price_substitute, unit_price
from orderwerk.orders.substitutions import NewSubstitution, insert_substitutions

_MOST_PERCENT = 100


class ProposeSubstitutionItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):  # fmt: skip
    """Another article for so many pieces of a line.

    `unit_price`: what the substitute costs in the shop, in the order's price mode; left out, it goes for the price of the ordered
    article. `tax_rate`: the substitute's; left out, that of the line, unless the line is exempt and the substitute is not.
    """

    order_line_id: UUID
    sku: fields.Sku
    quantity: fields.Quantity
    unit_price: fields.Amount | None = None
    tax_rate: fields.Rate | None = None


def propose_substitutions(
    items: Sequence[ProposeSubstitutionItem], *, actor: Actor
) -> list[Outcome]:
    """Ask the customers of lines whether a substitute may be sent, for the hours of their shop.

    The price is the lower of both, or that of the ordered article, as the shop rules; never more. Refuses with NotFound a line
    or product, with BadInput the article itself, a price or rate that is none or is missing, with LimitExceeded more pieces than are open,
    with WrongState a line of which a question is open.
    """
    return retrying(lambda: _propose(items, actor))


@dataclass(frozen=True, slots=True)
class _Facts:
    """What a line, its order and its shop say of what may be offered."""

    sku: str
    unit_price: int
    net: int
    rate: Decimal
    currency: str
    prices_include_tax: bool
    rule: str
    hours: int


@dataclass(slots=True)
class _Known:
    """All that was read under the locks; `asked`: lines of which a question is open; `bearing`: lines that are exempt, and
    skus in their place that are not."""

    lines: Mapping[UUID, CancellingLine]
    orders: Mapping[UUID, OrderState]
    facts: Mapping[UUID, _Facts]
    products: Mapping[str, UUID]
    asked: set[UUID]
    bearing: set[tuple[UUID, str]]


_FACTS = """
select l.id, l.sku, l.unit_price_minor, l.net_minor, l.tax_rate, o.currency, o.prices_include_tax, s.substitute_price,
  s.substitute_hours
from orders_line l join orders_order o on o.id = l.order_id join shops_shop s on s.id = l.shop_id where l.id = any(%s)
"""
_ASKED = "select order_line_id from orders_substitution where order_line_id = any(%s) and status = 'proposed'"
_PRODUCTS = "select sku, id from catalog_product where sku = any(%s)"

_BEARING = f"""
select l.id, c.sku, l.order_id from unnest(%s::uuid[], %s::text[]) as t(line_id, sku)
join orders_line l on l.id = t.line_id join catalog_product c on c.sku = t.sku where {EXEMPT_ALONE}
"""


def _propose(items: Sequence[ProposeSubstitutionItem], actor: Actor) -> list[Outcome]:
    with unit_of_work(actor) as unit:
        keys = [item.order_line_id for item in items]
        states = lock_orders_of(unit, "orders_line", keys)
        known = _Known(
            read_book(states).lines,
            states,
            {row[0]: _Facts(*row[1:]) for row in sql.fetch(_FACTS, (keys,))},
            {row[0]: row[1] for row in sql.fetch(_PRODUCTS, ([item.sku for item in items],))},
            {row[0] for row in sql.fetch(_ASKED, (keys,))},
            _bearing(keys, [item.sku for item in items], list(states)),
        )
        wanted: list[NewSubstitution] = []
        refused: dict[int, Refusal] = {}
        for index, item in enumerate(items):
            try:
                wanted.append(_offer(item, known))
            except Refusal as refusal:
                refused[index] = refusal
            else:
                known.asked.add(item.order_line_id)
        made = iter(zip(insert_substitutions(unit, wanted), wanted, strict=True))
    return [
        Outcome.refused(refused[index]) if index in refused else _told(*next(made))
        for index in range(len(items))
    ]


def _bearing(
    lines: Sequence[UUID], skus: Sequence[str], order_ids: Sequence[UUID]
) -> set[tuple[UUID, str]]:
    without = orders_without_vat(order_ids)
    rows = sql.fetch(_BEARING, (lines, skus))
    return {(line, sku) for line, sku, order_id in rows if order_id not in without}


def _told(key: UUID, new: NewSubstitution) -> Outcome:
    return Outcome.done(key, status="proposed", order_id=new.order_id, expires_at=new.expires_at)


def _offer(item: ProposeSubstitutionItem, known: _Known) -> NewSubstitution:
    line = known.lines.get(item.order_line_id)
    if line is None:
        raise NotFound(
            "There is no such order line.", code="unknown_order_line", pointer="/order_line_id"
        )
    facts = known.facts[line.id]
    product = _product(item, facts, known)
    if line.id in known.asked:
        raise WrongState(
            "The customer has been asked about this line already; withdraw that question first.",
            code="substitution_open",
        )
    if item.quantity > line.open:
        raise LimitExceeded(
            f"Only {line.open} of this line are open.",
            code="too_many_to_substitute",
            pointer="/quantity",
        )
    if item.tax_rate is None and (line.id, item.sku) in known.bearing:
        raise BadInput(
            f"Say the VAT rate of {item.sku}: {facts.sku} is exempt, and of {item.sku} nothing says so.",
            code="tax_rate_required",
            pointer="/tax_rate",
        )
    rate = facts.rate if item.tax_rate is None else _rate(item.tax_rate)
    unit = unit_price(facts.unit_price, _price(item, facts), rule=facts.rule)
    replaced = Replaced(
        line.quantity, line.cancelled, item.quantity, facts.unit_price, facts.net, line.gross,
        facts.prices_include_tax,
    )  # fmt: skip
    return NewSubstitution(
        known.orders[line.order_id].shop_id, line.order_id, line.id, product, item.sku, facts.sku, item.quantity, unit,
        price_substitute(replaced, unit, rate).gross, rate, clock.now() + timedelta(hours=facts.hours),
    )  # fmt: skip


def _product(item: ProposeSubstitutionItem, facts: _Facts, known: _Known) -> UUID:
    if item.sku == facts.sku:
        raise BadInput("This is the article itself.", code="same_article", pointer="/sku")
    if item.sku not in known.products:
        raise NotFound(f"There is no product {item.sku}.", code="unknown_sku", pointer="/sku")
    return known.products[item.sku]


def _price(item: ProposeSubstitutionItem, facts: _Facts) -> int | None:
    if item.unit_price is None:
        return None
    try:
        return parse_amount(item.unit_price, facts.currency)
    except Refusal as refusal:
        refusal.pointer = "/unit_price"
        raise


def _rate(text: str) -> Decimal:
    rate = Decimal(text)
    if rate > _MOST_PERCENT:
        raise BadInput(
            f"A tax rate of {text} percent is above 100.",
            code="invalid_tax_rate",
            pointer="/tax_rate",
        )
    return rate
