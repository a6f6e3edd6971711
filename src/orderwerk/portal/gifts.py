"""What the buyer's own pages do not tell: that, and for what, whoever received a gift got a store credit for it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from msgspec import structs

from orderwerk.core import sql
from orderwerk.invoices.queries import InvoiceRow
from orderwerk.orders.rows import LineRow
from orderwerk.refunds.queries import RefundRow

_RETURNED = """
select b.id, k.order_line_id, k.quantity from return_requests_request q join returns_return b on b.request_id = q.id
join returns_line k on k.parent_id = b.id where q.order_id = %s and q.is_gift
"""
_OFFERED = """
select exists (select 1 from return_requests_policy p join shops_shop s on s.id = p.shop_id where p.gift_returns and s.return_portal)
"""


@dataclass(slots=True)
class Hidden:
    """The returns of an order that were of a gift, and the pieces that came back with them."""

    returns: set[UUID] = field(default_factory=set)
    pieces: Counter[UUID] = field(default_factory=Counter)

    def lines(self, rows: Sequence[LineRow]) -> list[LineRow]:
        """Return the order's lines as the buyer knows them."""
        return [structs.replace(x, returned=x.returned - self.pieces[x.id]) for x in rows]

    def papers(self, rows: Sequence[InvoiceRow]) -> list[InvoiceRow]:
        """Return the invoices that are the buyer's to read."""
        return [paper for paper in rows if paper.return_id not in self.returns]

    def refunds(self, rows: Sequence[RefundRow], papers: Sequence[InvoiceRow]) -> list[RefundRow]:
        """Return the refunds that are the buyer's, given all invoices of the order."""
        others = {paper.id for paper in papers if paper.return_id in self.returns}
        return [refund for refund in rows if refund.credit_id not in others]


def hidden_from_buyer(order_id: UUID) -> Hidden:
    """Return what of an order came back as a gift; one statement."""
    hidden = Hidden()
    for return_id, line_id, quantity in sql.fetch(_RETURNED, (order_id,)):
        hidden.returns.add(return_id)
        hidden.pieces[line_id] += quantity
    return hidden


def takes_gifts() -> bool:
    """Tell whether any shop takes gifts back in the portal; one statement."""
    return bool(sql.fetch(_OFFERED)[0][0])
