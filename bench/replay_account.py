"""Accounts for every line of the replayed file: in the file, taken in or refused, and in the database."""

from collections import Counter
from typing import Any

from orderwerk.core import sql


def account(year: Any, taken: Counter[str]) -> bool:
    """Print where each line and piece is and say whether it all adds up."""
    print(f"lines in the file              {year.lines:>12,}")
    for name, count in sorted(taken.items(), key=lambda pair: -pair[1]):
        print(f"  {name:<29}{count:>12,}")
    ((orders, lines, ordered, shipped, cancelled, still_open),) = sql.fetch(
        "select (select count(*) from orders_order), count(*), sum(quantity), sum(shipped), sum(cancelled), "
        "sum(quantity - shipped - cancelled) from orders_line"
    )
    statuses = sql.fetch("select status, count(*) from orders_order group by 1 order by 2 desc")
    ((shipments, parcels),) = sql.fetch(
        "select count(*), count(*) filter (where status = 'shipped') from shipments_shipment"
    )
    print(
        f"order lines in the database    {lines:>12,}  (and {year.carriage:,} lines are delivery cost)"
    )
    print(
        f"orders in the database         {orders:>12,}  {', '.join(f'{s} {n:,}' for s, n in statuses)}"
    )
    print(
        f"pieces ordered                 {ordered:>12,}  shipped {shipped:,}, cancelled {cancelled:,}, open {still_open:,}"
    )
    print(f"shipments                      {shipments:>12,}  shipped {parcels:,}")
    proofs = {
        "accepted and refused lines are the file's lines": sum(taken.values()) == year.lines,
        "accepted lines are order lines and delivery cost": taken["accepted"]
        == lines + year.carriage,
        "every order is there": orders == year.orders,
        "every piece ordered is there": ordered == sum(year.wanted.values()),
        "every piece is shipped": shipped == ordered,
    }
    for name, holds in proofs.items():
        print(f"  {'yes' if holds else 'NO':<4}{name}")
    return all(proofs.values())
