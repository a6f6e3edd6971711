"""What exchanges ask for, and the order documents that they come to."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_noop

from orderwerk.core import sql
from orderwerk.core.money import format_amount, round_half_away
from orderwerk.flows.follow_up_orders import Origin, follow_up, origins
from orderwerk.flows.inherited_rates import EXEMPT_ALONE, orders_without_vat
from orderwerk.orders.document import OrderDocument

# By how much shares of VAT and of a line's rest may differ from an even part of it, in minor units.
_ROUNDING = 2
# Why an exchange cannot be, as its note; the console says it in the reader's language.
NOT_IN_STOCK = gettext_noop("The wanted article is not in stock.")
BEARS_VAT = gettext_noop(
    "The wanted article bears VAT, and what came back was exempt: sell it with an order of its own."
)


@dataclass(frozen=True, slots=True)
class _Line:
    """An article that is wanted for `came` pieces of a line; the line's own amounts, and what this return credited of it.

    `exemption`: why the same article bore no VAT, words and code; None for another article, of which the catalogue says that.
    `bears_vat`: what came back was exempt, and what is wanted is not.
    """

    exchange_id: UUID
    order_line_id: UUID
    sku: str
    name: str
    quantity: int
    unit_price: int | None
    rate: Decimal
    exemption: list[str] | None
    bears_vat: bool
    came: int
    came_of_line: int
    ordered: int
    gross: int
    net: int
    credited_gross: int
    credited_net: int

    def worth(self, *, gross: bool) -> int:
        """Return what the pieces that came were sold for; to the cent what they were credited for, where that is the same.

        A correction does not make the new article cheaper, nor does money that was given back before.
        """
        sold = round_half_away((self.gross if gross else self.net) * self.came, self.ordered)
        credited = self.credited_gross if gross else self.credited_net
        part = round_half_away(credited * self.came, self.came_of_line)
        return part if abs(part - sold) <= _ROUNDING else sold


@dataclass(slots=True)
class Asked:
    """An exchange with the order that it comes from, and why it cannot be, if so."""

    id: UUID
    status: str
    order_id: UUID
    shop_id: UUID
    return_id: UUID
    return_number: str
    created_at: datetime
    currency: str
    hindrance: str
    origin: Origin
    lines: list[_Line] = field(default_factory=list)


_ASKED = f"""
select x.id, x.status, x.order_id, x.shop_id, x.parent_id, r.number, x.created_at, x.currency,
  case when o.erased_at is not null then 'The personal data of the order was erased.'
    when p.exchange_short = 'refund' and exists (
      select 1 from (
        select coalesce(c.product_id, k.product_id) as product_id, sum(k.quantity * coalesce(c.quantity, 1)) as needed
        from returns_exchange_line k left join catalog_component c on c.kit_id = k.product_id
        where k.exchange_id = x.id group by 1) w
      where w.needed > (
        select coalesce(sum(greatest(0, l.on_hand - l.allocated - l.blocked - l.safety_stock)), 0)
        from stock_level l join shops_shop_location t on t.location_id = l.location_id and t.shop_id = x.shop_id
        join stock_location d on d.id = l.location_id and d.is_active where l.product_id = w.product_id))
    then '{NOT_IN_STOCK}' else '' end
from returns_exchange x join returns_return r on r.id = x.parent_id join orders_order o on o.id = x.order_id
left join return_requests_policy p on p.shop_id = x.shop_id
where x.id = any(%s) and x.order_id = any(%s)
"""
_LINES = f"""
select k.exchange_id, t.order_line_id, c.sku, c.name, k.quantity, k.unit_price_minor, l.tax_rate,
  case when c.id = l.product_id then array[l.vat_exemption, l.vat_exemption_code] end, {EXEMPT_ALONE}, t.quantity,
  b.came::int, l.quantity, l.gross_minor, l.net_minor, coalesce(g.gross, 0)::bigint, coalesce(g.net, 0)::bigint
from returns_exchange_line k join returns_exchange x on x.id = k.exchange_id join returns_line t on t.id = k.return_line_id
join orders_line l on l.id = t.order_line_id join catalog_product c on c.id = k.product_id
cross join lateral (
  select sum(z.quantity) as came from returns_line z
  where z.parent_id = t.parent_id and z.order_line_id = t.order_line_id) b
left join lateral (
  select sum(i.gross_minor) as gross, sum(i.net_minor) as net
  from invoices_invoice v join invoices_line i on i.invoice_id = v.id
  where v.return_id = x.parent_id and v.order_id = x.order_id and i.order_line_id = t.order_line_id) g on true
where k.exchange_id = any(%s) order by k.exchange_id, t.position
"""


def asked_for(exchange_ids: Sequence[UUID], order_ids: Sequence[UUID]) -> dict[UUID, Asked]:
    """Return exchanges of locked orders with what they ask for; four statements."""
    before = origins(order_ids)
    found: dict[UUID, Asked] = {}
    for row in sql.fetch(_ASKED, (list(exchange_ids), list(order_ids))):
        found[row[0]] = Asked(*(*row, before[row[2]]))
    for row in sql.fetch(_LINES, (list(found),)):
        found[row[0]].lines.append(_Line(*row))
    without = orders_without_vat(order_ids, sent=True)
    for asked in found.values():
        if asked.order_id not in without and any(line.bears_vat for line in asked.lines):
            asked.hindrance = asked.hindrance or BEARS_VAT
    return found


def document_of(asked: Asked) -> OrderDocument:
    """Return the new order of an exchange, unpaid; its external id is the return's, so that there is one for ever.

    An article without a price of its own costs what the goods that came back were worth: then prices include VAT, so that
    an even exchange comes to the cent to what was credited. Refuses with BadInput what no document may say.
    """
    origin = asked.origin
    gross = origin.includes_tax or all(line.unit_price is None for line in asked.lines)
    lines = [_line(line, asked.currency, gross=gross) for line in asked.lines]
    about = {"exchange_of": origin.number, "return": asked.return_number}
    return follow_up(
        origin, f"exchange-{asked.return_number}", asked.created_at, lines, prices_include_tax=gross, metadata=about
    )  # fmt: skip


def _line(line: _Line, currency: str, *, gross: bool) -> dict[str, Any]:
    if line.unit_price is None:
        worth = line.worth(gross=gross)
        price = -(-worth // line.quantity)
        discount = price * line.quantity - worth
    else:
        price, discount = line.unit_price, 0
    return {
        "external_id": str(line.order_line_id),
        "sku": line.sku,
        "name": line.name,
        "quantity": line.quantity,
        "unit_price": format_amount(price, currency),
        "discount": format_amount(discount, currency),
        "tax_rate": f"{line.rate:f}",
        **_exemption(line),
    }


def _exemption(line: _Line) -> dict[str, str]:
    # Also that it had no ground: else the catalogue would say today's.
    return dict(zip(("vat_exemption", "vat_exemption_code"), line.exemption or (), strict=False))
