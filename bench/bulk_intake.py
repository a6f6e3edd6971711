"""P3: the API of 1,000 orders a request and the importer, as others call them, against COPY of the same rows.

Paid orders of three lines. Server, client, importer and database are processes of their own on this machine; job workers
are off. The importer's figure holds its start as a process; with few orders that is much of it:

    python -m bench.bulk_intake [--orders 10000] [--rounds 2]
"""

import argparse
import http.client
import json
import os
import random
import signal
import statistics
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from bench.bounds import parsed
from bench.budgets import verdict
from bench.commands import copy_again, empty
from bench.ground import fresh_database, keep_autovacuum_away, seconds, spread
from bench.intake import free_port, serve, wait

_BATCH = 1000


def main() -> None:
    """Measure both ways in turn and print them with their ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=2)
    options = parsed(parser, minutes=15)
    figures: dict[str, list[tuple[float, float]]] = {"API": [], "importer": []}
    with fresh_database():
        keep_autovacuum_away()
        from tests import build

        world, token = build.world(products=500, stock=10**6, locations=1), _token()
        port = free_port()
        server = serve(port, 1, 0)
        try:
            wait(port)
            for number in range(options.rounds):
                wanted = _documents(world, options.orders, random.Random(number))
                figures["API"].append(_against_copy(partial(_send, port, token, wanted)))
                figures["importer"].append(_against_copy(partial(_import, wanted)))
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(timeout=30)
    print(
        f"{options.orders} orders, {options.rounds} rounds: seconds, of COPY, ratio = COPY / product"
    )
    for name, pairs in figures.items():
        ours, floors = [p[0] for p in pairs], [p[1] for p in pairs]
        ratios = [b / a for a, b in pairs]
        print(f"{name:9s} {spread(ours):24s} {spread(floors):24s} {spread(ratios):24s} {verdict('P3', statistics.median(ratios))}")  # fmt: skip


def _token() -> str:
    from orderwerk.accounts.commands.create_token import NewToken, create_tokens
    from tests.build import TESTER

    asked = NewToken(name="bench", scopes=("orders:read", "orders:write"))
    return str(create_tokens([asked], actor=TESTER)[0].require().data["token"])


def _documents(world: Any, orders: int, dice: random.Random) -> list[dict[str, Any]]:
    return [
        world.json(*[(sku, dice.randint(1, 3)) for sku in dice.sample(world.skus, 3)])
        for _ in range(orders)
    ]


def _against_copy(work: Callable[[], int]) -> tuple[float, float]:
    from orderwerk.core import sql

    empty()
    taken, count = seconds(work)
    assert sql.fetch("select count(*) from orders_order") == [(count,)]
    floor = copy_again()
    empty()
    return taken, floor


def _send(port: int, token: str, wanted: list[dict[str, Any]]) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    for start in range(0, len(wanted), _BATCH):
        body = json.dumps({"items": wanted[start : start + _BATCH]}).encode()
        connection.request("POST", "/api/v1/orders/create", body, headers)
        response = connection.getresponse()
        answer = json.loads(response.read())
        assert all(result["ok"] for result in answer["results"]), answer
    connection.close()
    return len(wanted)


def _import(wanted: list[dict[str, Any]]) -> int:
    file = Path(os.environ["ORDERWERK_DATA_DIR"]) / "orders.ndjson"
    file.write_text("".join(json.dumps(order) + "\n" for order in wanted))
    subprocess.run(
        [sys.executable, "-m", "orderwerk", "import", "orders", str(file)],
        env=os.environ, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    return len(wanted)


if __name__ == "__main__":
    main()
