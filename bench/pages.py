"""P6 and P7: the console's pages on many orders; database time and server time, one client.

python -m bench.pages [--orders 100000] [--repeat 30]
"""

import argparse
import random
import statistics
from collections.abc import Callable
from functools import partial
from typing import Any

from bench.ground import fresh_database, seconds

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
    options = parser.parse_args()
    with fresh_database():
        took, world = seconds(lambda: _fill(options.orders))
        print(f"{options.orders} orders placed, most of them shipped, in {took:.0f} s")
        _measure(world, options.repeat)


def _fill(orders: int) -> Any:
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
    return world


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


def _measure(world: Any, repeat: int) -> None:
    from django.test import Client

    from orderwerk.accounts.commands.create_user import NewUser, create_users
    from orderwerk.accounts.models import User
    from orderwerk.core import sql
    from tests.build import TESTER

    made = create_users([NewUser(username="bench", name="Bench", role="owner")], actor=TESTER)[
        0
    ].require()
    client = Client(SERVER_NAME="localhost")
    client.force_login(
        User.objects.get(id=made.id), backend="allauth.account.auth_backends.AuthenticationBackend"
    )
    dice = random.Random(11)
    sample = sql.fetch(
        "select number, external_id, customer_email, customer_phone, postal_code, customer_name from orders_order "
        "order by md5(number) limit 400"
    )
    codes = [
        row[0]
        for row in sql.fetch(
            "select tracking_code from shipments_shipment where tracking_code <> '' order by md5(number) limit 400"
        )
    ]
    pages: dict[str, Callable[[], str]] = {
        "orders, all": lambda: "/orders/",
        **{
            f"orders, {s}": lambda s=s: f"/orders/?status={s}"
            for s in ("awaiting_payment", "awaiting_shipment", "shipped")
        },
        "search number": lambda: f"/orders/?q={dice.choice(sample)[0]}",
        "search external id": lambda: f"/orders/?q={dice.choice(sample)[1]}",
        "search e-mail": lambda: f"/orders/?q={dice.choice(sample)[2]}",
        "search name": lambda: f"/orders/?q={dice.choice(sample)[5]}",
        "search first name, common": lambda: "/orders/?q=Jansen",
        "search tracking code": lambda: f"/orders/?q={dice.choice(codes)}",
        "search sku": lambda: f"/orders/?q={dice.choice(world.skus)}",
        "search nothing": lambda: f"/orders/?q=zz{dice.randrange(10**9)}",
        "order, general": lambda: f"/orders/{dice.choice(sample)[0]}/general/",
        "order, articles": lambda: f"/orders/{dice.choice(sample)[0]}/articles/",
        "order, shipments": lambda: f"/orders/{dice.choice(sample)[0]}/shipments/",
        "allocations": lambda: "/allocations/",
        "shipments": lambda: "/shipments/",
        "pick lists": lambda: "/pick-lists/",
        "stock": lambda: "/stock/",
    }
    print(
        f"{'page':28s} {'server ms p50':>13s} {'p95':>7s} {'db ms p50':>10s} {'p95':>7s} {'statements':>10s}"
    )
    for name, address in pages.items():
        server, database, statements = [], [], 0
        for _ in range(repeat):
            url = address()
            with sql.count_statements() as count:
                took, response = seconds(partial(client.get, url))
            assert response.status_code == 200, (url, response.status_code)
            server.append(took * 1000)
            database.append(count.seconds * 1000)
            statements = count.total
        print(
            f"{name:28s} {_p(server, 50):13.1f} {_p(server, 95):7.1f} {_p(database, 50):10.1f} {_p(database, 95):7.1f} {statements:10d}"
        )


def _p(figures: list[float], percent: int) -> float:
    return statistics.quantiles(figures, n=100, method="inclusive")[percent - 1]


if __name__ == "__main__":
    main()
