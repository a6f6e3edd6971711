"""P11: setting a packing slip, an invoice and a pick list as PDF, read from the database and all.

An invoice is made twice: of a shop that may send electronic ones, with the XML that machines read (Factur-X), and of one that may not.

python -m bench.papers [--slips 200]
"""

import argparse
import io
import logging
import statistics
from typing import Any

from bench.bounds import parsed
from bench.budgets import verdict
from bench.ground import fresh_database, memory_mb, seconds

SELLER = {
    "name": "Bench B.V.", "street": "Teststraat 1", "postal_code": "1234 AB", "city": "Testdorp", "country": "NL",
    "vat_number": "NL123456782B90", "company_number": "12345678", "iban": "NL02ABNA0123456789",
}  # fmt: skip


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--slips", type=int, default=200)
    options = parsed(parser, minutes=10)
    # One line for each electronic invoice says nothing of time.
    logging.getLogger("factur-x").setLevel(logging.WARNING)
    with fresh_database():
        _measure(options.slips)
        for what, legal in (("without its electronic part", {}), ("with it", SELLER)):
            _invoices(options.slips, what, legal)


def _measure(count: int) -> None:
    import os

    from orderwerk.flows.place_orders import place_orders
    from orderwerk.picklists.commands.create import CreatePickListItem, create_pick_lists
    from orderwerk.picklists.documents import pick_lists_pdf
    from orderwerk.shipments.documents import packing_slips
    from tests import build

    world = build.world(locations=1, products=50, stock=10**6)
    skus = world.skus
    documents = [
        world.document(*((skus[(n + i) % 50], 1 + i) for i in range(6))) for n in range(count)
    ]
    orders = [outcome.require().id for outcome in place_orders(documents, actor=build.TESTER)]
    shipments = [build.shipments(order)[0] for order in orders if order is not None]
    times = [
        seconds(lambda k=key: packing_slips([k], actor=build.TESTER))[0] * 1000  # type: ignore[misc]
        for key in shipments
    ]
    print(f"first packing slip of a process                  {times[0]:8.1f} ms")
    _print("packing slip, 6 lines, warm", times[1:])
    took, paper = seconds(lambda: packing_slips(shipments[:200], actor=build.TESTER))
    print(
        f"{min(count, 200)} packing slips in one file{'':20s} {took * 1000:8.1f} ms, {len(paper.content) / 1e6:.1f} MB"
    )
    item = CreatePickListItem(location=world.locations[0], limit=200, kind="batch")
    walk = create_pick_lists([item], actor=build.TESTER)[0].require().id
    took, _ = seconds(lambda: pick_lists_pdf([walk], actor=build.TESTER) if walk else None)
    print(f"batch pick list, 1,200 lines                     {took * 1000:8.1f} ms")
    big = build.shipments(world.place(lines=_many(skus), payments=[]))
    took, paper = seconds(lambda: packing_slips(big, actor=build.TESTER))
    print(
        f"packing slip of 2,000 lines                      {took * 1000:8.1f} ms, memory after it {memory_mb(os.getpid()):.0f} MB"
    )


def _print(what: str, times: list[float]) -> None:
    ordered = sorted(times)
    most = ordered[int(len(ordered) * 0.95)]
    print(f"{what:48s} {statistics.median(ordered):8.1f} ms (95 % under {most:.1f}); {verdict('P11', most)}")  # fmt: skip


def _invoices(count: int, what: str, legal: dict[str, str]) -> None:
    """Issue invoices of six lines, and ask for each as a person does."""
    from pypdf import PdfReader

    from orderwerk.core import sql
    from orderwerk.flows.place_orders import place_orders
    from orderwerk.invoices.commands.issue import IssueItem, issue_invoices
    from orderwerk.invoices.documents import invoice_document
    from tests import build

    world = build.world(locations=1, products=50, stock=10**6, legal=legal)
    documents = [
        world.document(*((world.skus[(n + i) % 50], 1 + i) for i in range(6))) for n in range(count)
    ]
    orders = [outcome.require().id for outcome in place_orders(documents, actor=build.TESTER)]
    for outcome in issue_invoices([IssueItem(order_id=k) for k in orders if k], actor=build.TESTER):
        outcome.require()
    rows = sql.fetch("select id from invoices_invoice where shop_id = %s", (world.shop_id,))
    times = [
        seconds(lambda k=key: invoice_document(k, "pdf", actor=build.TESTER))[0] * 1000  # type: ignore[misc]
        for (key,) in rows
    ]
    paper = invoice_document(rows[0][0], "pdf", actor=build.TESTER).content
    assert bool(PdfReader(io.BytesIO(paper)).attachments) is bool(legal), what
    _print(f"invoice, 6 lines, {what}, warm", times[1:])


def _many(skus: list[str]) -> list[dict[str, Any]]:
    return [
        {"sku": skus[i % 50], "name": "W" * 500, "quantity": 1, "unit_price": "0", "tax_rate": "0"}
        for i in range(2000)
    ]


if __name__ == "__main__":
    main()
