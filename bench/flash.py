"""P4: a flash sale: many buyers, few pieces of one article, through HTTP, against conditional updates in pgbench.

python -m bench.flash [--buyers 10000] [--pieces 1000] [--clients 64] [--web 2]

Each buyer sends one order of one piece and is answered; exactly as many pieces are claimed as there are, everybody else waits,
nobody is forgotten. In the end a claim too many is planted: the same count has to find it. The floor sells the same number of
pieces to the same number of buyers with `update … where on_hand - allocated >= 1`, and writes nothing else.
"""

import argparse
import http.client
import json
import signal
import threading
import time
from typing import Any
from uuid import uuid4

from bench.ground import fresh_database, seconds
from bench.intake import free_port, serve, wait

_MESSAGE = "{claimed:,} of {pieces:,} pieces claimed, {waiting:,} buyers wait, {answered:,} of {buyers:,} answered"


def main() -> None:
    """Sell, count, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--buyers", type=int, default=10_000)
    parser.add_argument("--pieces", type=int, default=1_000)
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--web", type=int, default=2)
    options = parser.parse_args()
    with fresh_database() as url:
        from bench.flash_count import floor, plant, stand
        from orderwerk.accounts.commands.create_token import NewToken, create_tokens
        from tests import build

        world = build.world(products=1, stock=options.pieces, locations=1)
        scopes = ("orders:read", "orders:write")
        made = create_tokens([NewToken(name="bench", scopes=scopes)], actor=build.TESTER)[0]
        token, port = str(made.require().data["token"]), free_port()
        server = serve(port, options.web, 0)
        try:
            wait(port)
            took, answers = seconds(lambda: _sell(port, token, world, options))
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(timeout=60)
        sold = stand(world)
        plant(world)
        found = stand(world)
        at_least = floor(url, options)
    waits = sorted(answers)
    print(f"{options.buyers:,} buyers, {options.pieces:,} pieces, {options.clients} clients, {options.web} web workers")  # fmt: skip
    print(_MESSAGE.format(**sold, pieces=options.pieces, buyers=options.buyers, answered=len(waits)))  # fmt: skip
    print(f"{options.buyers / took:.0f} orders a second; answered p50 {_at(waits, 50):.0f} ms, p95 {_at(waits, 95):.0f} ms, p99 {_at(waits, 99):.0f} ms")  # fmt: skip
    print(f"floor {at_least:.0f} buyers a second; ratio {options.buyers / took / at_least:.2f}")
    print(f"one claim too many, planted: {'found' if found != sold else 'NOT FOUND'}")
    right = {"claimed": options.pieces, "waiting": options.buyers - options.pieces, "over": 0}
    if sold != right or found == sold or len(waits) != options.buyers:
        raise SystemExit(f"the sale went wrong: {sold}")


def _at(waits: list[float], percent: int) -> float:
    return waits[min(len(waits) - 1, len(waits) * percent // 100)] * 1000


def _sell(port: int, token: str, world: Any, options: argparse.Namespace) -> list[float]:
    """Let the clients send the buyers' orders; returns how long each waited for its answer."""
    left = list(range(options.buyers))
    waits: list[float] = []
    lock = threading.Lock()

    def buy() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        while True:
            with lock:
                if not left:
                    break
                left.pop()
            body = json.dumps(world.json((world.skus[0], 1), external_id=f"F{uuid4()}", payments=[_paid()]))  # fmt: skip
            began = time.perf_counter()
            connection.request("POST", "/api/v1/orders", body, headers)
            answer = connection.getresponse()
            answer.read()
            took = time.perf_counter() - began
            if answer.status == 201:
                with lock:
                    waits.append(took)
        connection.close()

    threads = [threading.Thread(target=buy) for _ in range(options.clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return waits


def _paid() -> dict[str, str]:
    return {"provider": "bench", "reference": str(uuid4()), "status": "paid", "amount": "10.00"}


if __name__ == "__main__":
    main()
