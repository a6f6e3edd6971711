"""Invoices, credits and refunds of many orders at once: seconds, and statements, which do not grow with the number.

python -m bench.money [--items 10000]
"""

import argparse
import random
from collections.abc import Callable, Sequence
from typing import Any

from bench.commands import documents, place
from bench.ground import fresh_database, seconds


def main() -> None:
    """Measure and print one table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=10_000)
    options = parser.parse_args()
    with fresh_database():
        for name, count, taken, statements in _figures(options.items):
            print(f"{name:10s} {count:6d} items  {taken:7.2f} s  {statements:3d} statements")


def _figures(items: int) -> list[tuple[str, int, float, int]]:
    from orderwerk.core import sql
    from orderwerk.invoices.commands.credit import CreditItem, credit_invoices
    from orderwerk.invoices.commands.issue import IssueItem, issue_invoices
    from orderwerk.refunds.commands.approve import ApproveRefundItem, approve_refunds
    from orderwerk.refunds.commands.create import CreateRefundItem, create_refunds
    from orderwerk.refunds.commands.submit import SubmitRefundItem, submit_refunds
    from tests import build

    world = build.world(products=500, stock=10**6, locations=1)
    place(documents(world, items, random.Random(1)))
    figures: list[tuple[str, int, float, int]] = []

    def measure(name: str, command: Callable[..., Any], made: Sequence[Any]) -> None:
        with sql.count_statements() as count:
            taken, _ = seconds(lambda: command(made, actor=build.TESTER))
        figures.append((name, len(made), taken, count.total))

    def ids(query: str) -> list[Any]:
        sql.execute("analyze")
        return [row[0] for row in sql.fetch(query)]

    measure(
        "issue", issue_invoices, [IssueItem(order_id=k) for k in ids("select id from orders_order")]
    )
    debits = ids("select id from invoices_invoice where kind = 'debit'")
    wanted = [CreditItem(invoice_id=key, reason="x", amount="1.00") for key in debits]
    measure("credit", credit_invoices, wanted)
    owed = ids("select id from invoices_invoice where kind = 'credit'")
    measure("refund", create_refunds, [CreateRefundItem(invoice_id=key) for key in owed])
    refunds = ids("select id from refunds_refund")
    measure("approve", approve_refunds, [ApproveRefundItem(refund_id=key) for key in refunds])
    measure("submit", submit_refunds, [SubmitRefundItem(refund_id=key) for key in refunds])
    return figures


if __name__ == "__main__":
    main()
