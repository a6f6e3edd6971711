"""P5 and P13 for money: invoices, returns, credits and refunds of many orders at once, against the same rows written by hand.

python -m bench.money [--items 10000] [--returns 10000] [--refunds 10000] [--rounds 3]

Prints seconds of the command and of its rows alone (`bench.again`), their ratio with its spread, and statements, which do not grow with
the number. Each round has a shop and orders of its own.
"""

import argparse
import random
import statistics
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from bench.again import Work, measured
from bench.bounds import parsed
from bench.budgets import verdict
from bench.commands import documents, place
from bench.ground import fresh_database, keep_autovacuum_away, spread


def main() -> None:
    """Measure and print one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    parser.add_argument("--items", type=int, default=10_000)
    parser.add_argument("--returns", type=int, default=10_000)
    parser.add_argument("--refunds", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--rows", action="store_true", help="also how many rows each wrote, by table"
    )
    options = parsed(parser, minutes=45)
    figures: dict[str, list[tuple[Work, int]]] = {}
    with fresh_database() as url:
        keep_autovacuum_away()
        for number in range(options.rounds):
            for name, command, items in _story(number, options):
                took = _measure(url, command, items)
                figures.setdefault(name, []).append(took)
                print(f"round {number + 1}: {name:18s} {len(items):6d} items  {took[0].seconds:7.2f} s  rows alone {took[0].floor:7.2f} s", flush=True)  # fmt: skip
    print(f"{options.rounds} rounds: seconds, of the rows alone, ratio = rows alone / product, statements")  # fmt: skip
    for name, every in figures.items():
        _print(name, every, rows=options.rows)


def _measure(url: str, command: Callable[..., Any], items: Sequence[Any]) -> tuple[Work, int]:
    """Run a command once; returns what it took, and its statements."""
    from orderwerk.core import sql
    from tests import build

    statements = []

    def run() -> None:
        with sql.count_statements() as count:
            outcomes = command(items, actor=build.TESTER)
        assert all(outcome.ok for outcome in outcomes), [o.error for o in outcomes if not o.ok][:3]
        statements.append(count.total)

    return measured(url, run), statements[0]


def _print(name: str, every: list[tuple[Work, int]], *, rows: bool) -> None:
    ratios, counts = [work.floor / work.seconds for work, _ in every], {count for _, count in every}
    print(
        f"{name:18s} {spread([work.seconds for work, _ in every]):24s} {spread([work.floor for work, _ in every]):24s} "
        f"{spread(ratios):24s} {verdict('P5', statistics.median(ratios))} "
        f"{' or '.join(str(n) for n in sorted(counts))}, {verdict('P13', len(counts))}",
        flush=True,
    )
    if rows:
        for table, (new, changed) in every[-1][0].rows.items():
            print(f"    {table:40s} {new:7d} new {changed:7d} changed")


def _story(number: int, options: argparse.Namespace) -> Iterator[tuple[str, Callable[..., Any], list[Any]]]:  # fmt: skip
    """Orders of a shop of its own that were shipped: their invoices, boxes that come back, goodwill, and the money on its way."""
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
    place(documents(world, options.items, random.Random(number)))

    def mine(query: str, most: int = options.items) -> list[Any]:
        return [row[0] for row in sql.fetch(f"{query} and shop_id = %s order by id limit %s", (world.shop_id, most))]  # fmt: skip

    ship_shipments([ShipItem(shipment_id=key) for key in mine("select id from shipments_shipment where status = 'open'")], actor=build.TESTER)  # fmt: skip
    yield "issue invoices", issue_invoices, [IssueItem(order_id=key) for key in mine("select id from orders_order where invoiced_minor = 0")]  # fmt: skip
    lines = sql.fetch(
        "select order_id, id from orders_line where position = 1 and shop_id = %s order by order_id limit %s",
        (world.shop_id, options.returns),
    )  # fmt: skip
    boxes = [
        {"order_id": str(order), "lines": [{"order_line_id": str(line), "quantity": 1, "reason": "damaged", "restock": True}]}
        for order, line in lines
    ]  # fmt: skip
    yield "create returns", create_returns, [decode.convert(box, ReturnItem) for box in boxes]
    debits = mine("select id from invoices_invoice where kind = 'debit'", options.refunds)
    wanted = [CreditItem(invoice_id=key, reason="x", amount="1.00") for key in debits]
    yield "credit invoices", credit_invoices, wanted
    owed = mine("select id from invoices_invoice where kind = 'credit' and refundable_minor > refund_reserved_minor", options.refunds)  # fmt: skip
    yield "create refunds", create_refunds, [CreateRefundItem(invoice_id=key) for key in owed]
    made = mine("select id from refunds_refund where status = 'awaiting_approval'", options.refunds)
    yield "approve refunds", approve_refunds, [ApproveRefundItem(refund_id=key) for key in made]
    yield "submit refunds", submit_refunds, [SubmitRefundItem(refund_id=key) for key in made]


if __name__ == "__main__":
    main()
