"""P11: setting a packing slip and a pick list as PDF, read from the database and all.

python -m bench.papers [--slips 200]
"""

import argparse
import statistics
from typing import Any

from bench.ground import fresh_database, memory_mb, seconds


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--slips", type=int, default=200)
    options = parser.parse_args()
    with fresh_database():
        _measure(options.slips)


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
    warm = sorted(times[1:])
    print(f"first packing slip of a process  {times[0]:8.1f} ms")
    print(
        f"packing slip, 6 lines, warm      {statistics.median(warm):8.1f} ms (95 % under {warm[int(len(warm) * 0.95)]:.1f})"
    )
    took, paper = seconds(lambda: packing_slips(shipments[:200], actor=build.TESTER))
    print(
        f"{min(count, 200)} packing slips in one file    {took * 1000:8.1f} ms, {len(paper.content) / 1e6:.1f} MB"
    )
    item = CreatePickListItem(location=world.locations[0], limit=200, kind="batch")
    walk = create_pick_lists([item], actor=build.TESTER)[0].require().id
    took, _ = seconds(lambda: pick_lists_pdf([walk], actor=build.TESTER) if walk else None)
    print(f"batch pick list, 1,200 lines     {took * 1000:8.1f} ms")
    big = build.shipments(world.place(lines=_many(skus), payments=[]))
    took, paper = seconds(lambda: packing_slips(big, actor=build.TESTER))
    print(
        f"packing slip of 2,000 lines      {took * 1000:8.1f} ms, memory after it {memory_mb(os.getpid()):.0f} MB"
    )


def _many(skus: list[str]) -> list[dict[str, Any]]:
    return [
        {"sku": skus[i % 50], "name": "W" * 500, "quantity": 1, "unit_price": "0", "tax_rate": "0"}
        for i in range(2000)
    ]


if __name__ == "__main__":
    main()
