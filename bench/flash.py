"""P4: a flash sale: many buyers, few pieces of one article, through HTTP, against the same by hand in pgbench.

python -m bench.flash [--buyers 10000] [--pieces 1000] [--clients 64] [--web 2]

Each buyer sends one paid order of one piece and is told whether a piece is claimed for it or it waits: exactly as many are claimed
as there are, everybody else waits, nobody is forgotten. The buyers' own book of answers is compared with the tables name by name; in the
end faults are planted in both (a claim too many; a buyer forgotten, lost, made up, told otherwise), which the same comparison has to
find. The floor sells the same number of pieces to the same number of buyers by one PL/pgSQL call each: the conditional update, and the
rows of an order of one line. Beside it the bare update, `… where on_hand - allocated >= 1`, which writes nothing else.
"""

import argparse
import signal
from operator import itemgetter
from typing import Any
from uuid import uuid4

from bench.bounds import parsed
from bench.budgets import verdict
from bench.buyers import Book, send
from bench.ground import fresh_database, seconds
from bench.intake import free_port, serve, wait
from bench.names import differences, unseen

_CLAIMED, _WAITS = "awaiting_shipment", "awaiting_stock"
_TOLD = itemgetter("status")


def main() -> None:
    """Sell, count, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    parser.add_argument("--buyers", type=int, default=10_000)
    parser.add_argument("--pieces", type=int, default=1_000)
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--web", type=int, default=2)
    options = parsed(parser, minutes=15)
    with fresh_database() as url:
        _run(url, options)


def _run(url: str, options: argparse.Namespace) -> None:
    from bench.flash_count import bare_floor, floor, names, plant, stand
    from orderwerk.accounts.commands.create_token import NewToken, create_tokens
    from tests import build

    world = build.world(products=2, stock=options.pieces, locations=1)
    article, other = (world.product_ids[sku] for sku in world.skus)
    scopes = ("orders:read", "orders:write")
    made = create_tokens([NewToken(name="bench", scopes=scopes)], actor=build.TESTER)[0]
    token, port, book = str(made.require().data["token"]), free_port(), Book()
    buyers = [f"F{number}-{uuid4()}" for number in range(options.buyers)]
    server = serve(port, options.web, 0)
    try:
        wait(port)
        took, _ = seconds(lambda: send(port, token, buyers, lambda name: world.json((world.skus[0], 1), external_id=name, payments=[_paid()]), options.clients, book))  # fmt: skip
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(timeout=60)
    wrong = _judge(book, stand(article), names(article), options)
    plant(article)
    missed = [] if stand(article)["claimed"] != options.pieces else ["a claim too many"]
    missed += unseen(book.sent, book.told(_TOLD), names(article))
    rate, least, bare = options.buyers / took, floor(url, world, other, options), bare_floor(url, options)  # fmt: skip
    print(f"{rate:.0f} orders a second; {book.answered()}")
    print(f"floor {least:.0f} buyers a second with the rows of their orders; ratio {rate / least:.2f}, {verdict('P4', rate / least)}")  # fmt: skip
    print(f"the bare update alone {bare:.0f} buyers a second; ratio {rate / bare:.2f}")
    print(f"planted faults that were not found: {missed or 'none'}")
    if wrong or missed:
        raise SystemExit(f"the sale went wrong: {wrong}")


def _judge(book: Book, counted: dict[str, int], there: dict[str, str], options: argparse.Namespace) -> dict[str, Any]:  # fmt: skip
    """Say how the sale ended; returns what is wrong with it."""
    told = book.told(_TOLD)
    claimed, waiting = (sum(1 for what in told.values() if what == status) for status in (_CLAIMED, _WAITS))  # fmt: skip
    print(f"{options.buyers:,} buyers, {options.pieces:,} pieces, {options.clients} clients, {options.web} web workers")  # fmt: skip
    print(f"told by the answers: {claimed:,} claimed, {waiting:,} wait, of {len(book.sent):,} sent; in the tables: {counted}")  # fmt: skip
    wrong: dict[str, Any] = differences(book.sent, told, there)
    wrong |= {"without an answer": book.broken} if book.broken else {}
    right = {"claimed": options.pieces, "waiting": options.buyers - options.pieces, "over": 0}
    if counted != right or (claimed, waiting, len(book.sent)) != (options.pieces, options.buyers - options.pieces, options.buyers):  # fmt: skip
        wrong["counts"] = counted
    print(f"answers and tables, name by name: {wrong or 'the same'}")
    return wrong


def _paid() -> dict[str, str]:
    return {"provider": "bench", "reference": str(uuid4()), "status": "paid", "amount": "10.00"}


if __name__ == "__main__":
    main()
