"""P5 and P13 for money: invoices, returns, credits and refunds of many orders at once, against the same rows written by hand.

python -m bench.money [--items 10000] [--returns 1000] [--refunds 5000]

Prints seconds of the command and of its rows alone (`bench.again`), their ratio, and statements, which do not grow with the number.
"""

import argparse
import random
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from bench.again import measured
from bench.commands import documents, place
from bench.ground import fresh_database, keep_autovacuum_away


def main() -> None:
    """Measure and print one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    parser.add_argument("--items", type=int, default=10_000)
    parser.add_argument("--returns", type=int, default=1000)
    parser.add_argument("--refunds", type=int, default=5000)
    parser.add_argument(
        "--rows", action="store_true", help="also how many rows each wrote, by table"
    )
    options = parser.parse_args()
    with fresh_database() as url:
        keep_autovacuum_away()
        for name, command, items in _story(options.items, options.returns, options.refunds):
            _measure(url, name, command, items, rows=options.rows)


def _measure(url: str, name: str, command: Callable[..., Any], items: Sequence[Any], *, rows: bool) -> None:  # fmt: skip
    from orderwerk.core import sql
    from tests import build

    statements = []

    def run() -> None:
        with sql.count_statements() as count:
            outcomes = command(items, actor=build.TESTER)
        assert all(outcome.ok for outcome in outcomes), [o.error for o in outcomes if not o.ok][:3]
        statements.append(count.total)

    work = measured(url, run)
    print(
        f"{name:18s} {len(items):6d} items  {work.seconds:7.2f} s  rows alone {work.floor:7.2f} s  "
        f"ratio {work.floor / work.seconds:5.2f}  {statements[0]:3d} statements",
        flush=True,
    )
    if rows:
        for table, (new, changed) in work.rows.items():
            print(f"    {table:40s} {new:7d} new {changed:7d} changed")


def _ids(query: str, *parameters: Any) -> list[Any]:
    from orderwerk.core import sql

    return [row[0] for row in sql.fetch(query, parameters)]


def _story(items: int, returns: int, refunds: int) -> Iterator[tuple[str, Callable[..., Any], list[Any]]]:  # fmt: skip
    """Orders that were shipped: their invoices, boxes that come back, goodwill for the others, and the money on its way."""
    from orderwerk.core import decode, sql
    from orderwerk.flows.ship_shipments import ShipItem, ship_shipments
    from orderwerk.invoices.commands.credit import CreditItem, credit_invoices
    from orderwerk.invoices.commands.issue import IssueItem, issue_invoices
    from orderwerk.refunds.commands.approve import ApproveRefundItem, approve_refunds
    from orderwerk.refunds.commands.create import CreateRefundItem, create_refunds
    from orderwerk.refunds.commands.submit import SubmitRefundItem, submit_refunds
    from orderwerk.returns.commands.create import ReturnItem, create_returns
    from tests import build

    world = build.world(products=500, stock=10**6, locations=1)
    place(documents(world, items, random.Random(1)))
    ship_shipments([ShipItem(shipment_id=key) for key in _ids("select id from shipments_shipment")], actor=build.TESTER)  # fmt: skip
    yield "issue invoices", issue_invoices, [IssueItem(order_id=key) for key in _ids("select id from orders_order")]  # fmt: skip
    lines = sql.fetch(
        "select order_id, id from orders_line where position = 1 order by order_id limit %s",
        (returns,),
    )
    boxes = [
        {"order_id": str(order), "lines": [{"order_line_id": str(line), "quantity": 1, "reason": "damaged", "restock": True}]}
        for order, line in lines
    ]  # fmt: skip
    yield "create returns", create_returns, [decode.convert(box, ReturnItem) for box in boxes]
    debits = _ids(
        "select id from invoices_invoice where kind = 'debit' and credited_minor = 0 order by id limit %s", refunds
    )  # fmt: skip
    wanted = [CreditItem(invoice_id=key, reason="x", amount="1.00") for key in debits]
    yield "credit invoices", credit_invoices, wanted
    owed = _ids("select id from invoices_invoice where kind = 'credit' and refundable_minor > refund_reserved_minor order by id limit %s", refunds)  # fmt: skip
    yield "create refunds", create_refunds, [CreateRefundItem(invoice_id=key) for key in owed]
    made = _ids("select id from refunds_refund where status = 'awaiting_approval' order by id limit %s", refunds)  # fmt: skip
    yield "approve refunds", approve_refunds, [ApproveRefundItem(refund_id=key) for key in made]
    yield "submit refunds", submit_refunds, [SubmitRefundItem(refund_id=key) for key in made]


if __name__ == "__main__":
    main()
