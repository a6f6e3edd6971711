"""P6 and P7: the console's pages on many orders; database time and server time, one client.

python -m bench.pages [--orders 100000] [--repeat 30]
"""

import argparse
import random
from typing import Any

from bench.bounds import parsed
from bench.ground import fresh_database, seconds
from bench.page_times import addresses, deep, owner, print_pages, time_pages

_NAMES = (
    "Jansen",
    "de Vries",
    "Bakker",
    "Visser",
    "Smit",
    "Meijer",
    "Mulder",
    "Bos",
    "Vos",
    "Peters",
)


def main() -> None:
    """Fill, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=100_000)
    parser.add_argument("--repeat", type=int, default=30)
    options = parsed(parser, minutes=30)
    with fresh_database():
        took, _ = seconds(lambda: _fill(options.orders))
        print(f"{options.orders} orders placed, most of them shipped, in {took:.0f} s")
        client = owner()
        times = time_pages(client, addresses(random.Random(11)) | deep(client), options.repeat)
        print_pages(times, orders=options.orders)


def _fill(orders: int) -> None:
    from django.core.management import call_command

    from orderwerk.core import sql
    from orderwerk.flows.place_orders import place_orders
    from orderwerk.flows.ship_shipments import ShipItem, ship_shipments
    from tests import build

    dice = random.Random(7)
    world = build.world(products=2000, stock=10**6, locations=2)
    for start in range(0, orders, 2000):
        documents = [_document(world, n, dice) for n in range(start, min(start + 2000, orders))]
        for outcome in place_orders(documents, actor=build.TESTER):
            outcome.require()
        open_ones = [
            row[0]
            for row in sql.fetch(
                "select id from shipments_shipment where status = 'open' order by id"
            )
        ]
        leaving = open_ones[: int(len(open_ones) * 0.9)]
        for outcome in ship_shipments(
            [
                ShipItem(shipment_id=key, tracking_code=f"3S{start}{i}")
                for i, key in enumerate(leaving)
            ],
            actor=build.TESTER,
        ):
            outcome.require()
    sql.execute("delete from core_outbox")
    from orderwerk.orders.tab_counts import fold_tab_counts

    fold_tab_counts()
    sql.execute("vacuum analyze")
    call_command("collectstatic", interactive=False, verbosity=0)


def _document(world: Any, number: int, dice: random.Random) -> Any:
    lines = [
        (sku, dice.randint(1, 3))
        for sku in dice.sample(world.skus, 1 if dice.random() < 0.85 else dice.randint(2, 5))
    ]
    name = f"Demo{dice.randrange(5000)} {dice.choice(_NAMES)}"
    paid = dice.random() < 0.97
    return world.document(
        *lines,
        customer={
            "name": name,
            "email": f"{name.split(maxsplit=1)[0].lower()}@example.com",
            "phone": f"06{dice.randrange(10**8):08d}",
        },
        payments=[
            {"provider": "bench", "reference": f"p{number}", "status": "paid", "amount": "999.00"}
        ]
        if paid
        else [],
        placed_at=f"2026-{1 + number % 10:02d}-{1 + number % 28:02d}T{number % 24:02d}:{number % 60:02d}:00+00:00",
    )


if __name__ == "__main__":
    main()
