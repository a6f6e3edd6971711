"""Money that comes for what was credited before it came in: it goes back on the credit invoices that stand.

A credit that only cancelled an unpaid invoice gave nothing back. When the customer pays all the same, what came in beyond
what is owed would belong to nothing; no new document says so, for none of the figures changes: more of the credit may be
paid back than when it was issued. So it is with what a bank gives back that had charged a payment back.
"""

from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID

from orderwerk.core import sql
from orderwerk.core.uow import STILL, Subject, UnitOfWork
from orderwerk.invoices.book import Book
from orderwerk.invoices.events import INVOICE_REFUNDABLE_RAISED

# Of a shipment that did not leave after all the goods are invoiced again: what came in pays for them.
_CREDITS = """
select v.id, v.order_id, v.debit_id, v.gross_minor - v.refundable_minor from invoices_invoice v
where v.order_id = any(%s) and v.kind = 'credit' and v.refundable_minor < v.gross_minor and v.cause <> 'unshipped' order by v.id
"""
_RAISE = """
update invoices_invoice v set refundable_minor = v.refundable_minor + t.n, version = v.version + 1
from unnest(%s::uuid[], %s::bigint[]) as t(id, n) where v.id = t.id
returning v.id, v.version, v.number, v.order_id, v.shop_id, v.refundable_minor
"""
# Of a debit invoice it is that of its credits; its own change is told when what came in for it is spread.
_RAISE_DEBITS = """
update invoices_invoice v set refundable_minor = v.refundable_minor + t.n
from unnest(%s::uuid[], %s::bigint[]) as t(id, n) where v.id = t.id
"""
_RAISE_ORDERS = """
update orders_order o set refundable_minor = o.refundable_minor + t.n
from unnest(%s::uuid[], %s::bigint[]) as t(id, n) where o.id = t.id
"""


def late_money(book: Book) -> int:
    """Return what came in beyond what is owed and what may go back already, as far as credits gave too little back."""
    order = book.order
    beyond = order.received - order.refundable - max(0, book.owed)
    return max(0, min(beyond, order.credited - order.refundable))


def raise_refundable(unit: UnitOfWork, books: Iterable[Book]) -> None:
    """Let late money go back on the oldest credits first; at most four statements, none where nothing came late."""
    left = {book.order.id: (book, amount) for book in books if (amount := late_money(book))}
    if not left:
        return
    raised: dict[UUID, int] = {}
    debits: dict[UUID, int] = defaultdict(int)
    orders: dict[UUID, int] = defaultdict(int)
    for credit, order_id, debit_id, room in sql.fetch(_CREDITS, (list(left),)):
        book, amount = left[order_id]
        part = min(room, amount)
        if part:
            left[order_id] = (book, amount - part)
            raised[credit] = part
            debits[debit_id] += part
            orders[order_id] += part
            _count(book, debit_id, part)
    for statement, sums in ((_RAISE_DEBITS, debits), (_RAISE_ORDERS, orders)):
        sql.execute(statement, (list(sums), list(sums.values())))
    rows = sql.fetch(_RAISE, (list(raised), list(raised.values())))
    for key, version, number, order_id, shop_id, refundable in rows:
        subject = Subject("invoice", key, version, order_id, shop_id)
        data = {"number": number, "refundable_minor": refundable}
        unit.record(INVOICE_REFUNDABLE_RAISED, subject, STILL, data)


def _count(book: Book, debit_id: UUID, part: int) -> None:
    book.order.refundable += part
    for debit in book.debits:
        if debit.id == debit_id:
            debit.refundable += part
