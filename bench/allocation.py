"""Allocation of real orders to made-up stock, against the proven optimum of each instance.

    ORDERWERK_SHARED_DATA=… python -m bench.allocation

Places every instance's orders through the product and counts shipments: one after another in the order of the file (an
order is allocated in the transaction that places it, so it cannot know the later ones), and all of them allocated as one
batch, as when stock comes in. The optimum knows all orders at once. Exit status 1 when an allocation is not feasible (more
than the stock, or demand left open though there is stock), or a batch needs more than 1.01 times the shipments of the optimum.
"""

import argparse
import csv
import json
import os
import sys
from pathlib import Path
from typing import Any

from bench.bounds import parsed
from bench.ground import fresh_database, seconds

_MOST = 1.01


def main() -> None:
    """Run every instance and print one table."""
    parsed(argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter), minutes=15)  # fmt: skip
    folder = Path(os.environ["ORDERWERK_SHARED_DATA"]) / "allocation"
    with (folder / "values.csv").open(newline="", encoding="utf-8") as file:
        values = list(csv.DictReader(file))
    rows = []
    with fresh_database():
        for number, value in enumerate(values):
            instance = json.loads((folder / value["instance"]).read_text(encoding="utf-8"))
            for way, run in (("one by one", _run), ("batch", together)):
                took, (shipments, feasible) = seconds(lambda r=run, n=number, i=instance: r(n, i))  # type: ignore[misc]
                rows.append((value, way, shipments, feasible, took))
    print(
        f"{'instance':<28}{'':<12}{'orders':>7}{'lines':>7}{'naive':>7}{'greedy':>8}{'ours':>6}{'optimum':>9}{'above':>8}  feasible"
    )
    for value, way, shipments, feasible, took in rows:
        optimum = int(value["optimum"])
        print(
            f"{value['instance']:<28}{way:<12}{value['orders']:>7}{value['lines']:>7}{value['naive']:>7}{value['greedy']:>8}"
            f"{shipments:>6}{optimum:>9}{(shipments / optimum - 1) * 100:>7.1f}%  {'yes' if feasible else 'NO'} ({took:.2f} s)"
        )
    near = all(row[2] <= _MOST * int(row[0]["optimum"]) for row in rows if row[1] == "batch")
    sys.exit(0 if near and all(row[3] for row in rows) else 1)


def together(number: int, instance: dict[str, Any]) -> tuple[int, bool]:
    """Allocate all orders of an instance as one batch: they are placed before there is stock."""
    from orderwerk.core.actor import Actor
    from orderwerk.flows.allocate_orders import AllocateItem, allocate_orders
    from orderwerk.flows.place_orders import place_orders

    actor, shop = Actor.system("bench"), f"batch{number}"
    _set_up(shop, {**instance, "stock": {place: {} for place in instance["locations"]}}, actor)
    made = place_orders([_document(shop, order) for order in instance["orders"]], actor=actor)
    _fill(shop, instance, actor)
    items = [AllocateItem(order_id=o.require().id) for o in made if o.id]
    for outcome in allocate_orders(items, actor=actor):
        outcome.require()
    return _measure(shop, instance)


def _run(number: int, instance: dict[str, Any]) -> tuple[int, bool]:
    from orderwerk.core.actor import Actor
    from orderwerk.flows.place_orders import place_orders

    actor = Actor.system("bench")
    shop = f"shop{number}"
    _set_up(shop, instance, actor)
    for order in instance["orders"]:
        place_orders([_document(shop, order)], actor=actor)[0].require()
    return _measure(shop, instance)


def _set_up(shop: str, instance: dict[str, Any], actor: Any) -> None:
    from orderwerk.catalog.commands.upsert import ProductItem, upsert_products
    from orderwerk.flows.set_up_locations import LocationItem, set_up_locations
    from orderwerk.shops.commands.upsert import ShopItem, upsert_shops

    outcomes = upsert_shops(
        [ShopItem(code=shop, name=shop, currency="GBP", locale="en")], actor=actor
    )
    places = [
        LocationItem(code=f"{shop}-{place}", name=place, priority=priority, shops=[shop])
        for priority, place in enumerate(instance["locations"], start=1)
    ]
    outcomes += set_up_locations(places, actor=actor)
    skus = sorted({sku for order in instance["orders"] for sku, _ in order["lines"]})
    products = [ProductItem(sku=f"{shop}-{sku}", name=sku) for sku in skus]
    outcomes += upsert_products(products, actor=actor)
    for outcome in outcomes:
        outcome.require()
    _fill(shop, instance, actor)


def _fill(shop: str, instance: dict[str, Any], actor: Any) -> None:
    from orderwerk.flows.count_stock import CountItem, count_stock_levels

    counts = [
        CountItem(sku=f"{shop}-{sku}", location=f"{shop}-{place}", quantity=quantity)
        for place, stock in instance["stock"].items()
        for sku, quantity in stock.items()
    ]
    for outcome in count_stock_levels(counts, actor=actor):
        outcome.require()


def _document(shop: str, order: dict[str, Any]) -> Any:
    from orderwerk.core.decode import convert
    from orderwerk.orders.document import OrderDocument

    address = {"name": "Bench", "street": "Unknown", "city": "Unknown", "country": "GB"}
    lines = [
        {"sku": f"{shop}-{sku}", "name": sku, "quantity": quantity, "unit_price": "0", "tax_rate": "0"}
        for sku, quantity in order["lines"]
    ]  # fmt: skip
    return convert(
        {
            "shop": shop, "external_id": order["order"], "placed_at": "2011-12-01T12:00:00Z", "currency": "GBP",
            "prices_include_tax": False, "customer": {"name": "Bench"}, "billing_address": address, "lines": lines,
        },
        OrderDocument,
    )  # fmt: skip


def _measure(shop: str, instance: dict[str, Any]) -> tuple[int, bool]:
    from orderwerk.core import sql

    ((shipments,),) = sql.fetch(
        "select count(*) from shipments_shipment h join shops_shop s on s.id = h.shop_id where s.code = %s",
        (shop,),
    )
    used = sql.fetch(
        "select l.code, p.sku, sum(a.quantity)::int from allocations_allocation a join shops_shop s on s.id = a.shop_id "
        "join stock_location l on l.id = a.location_id join catalog_product p on p.id = a.product_id "
        "where s.code = %s group by 1, 2",
        (shop,),
    )
    cut = len(shop) + 1
    within = all(instance["stock"][place[cut:]].get(sku[cut:], 0) >= n for place, sku, n in used)
    wanted = sum(quantity for order in instance["orders"] for _, quantity in order["lines"])
    return int(shipments), within and sum(n for _, _, n in used) == wanted


if __name__ == "__main__":
    main()
