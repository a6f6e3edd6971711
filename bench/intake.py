"""P1, P2 and P10: paid orders of three lines through HTTP, against pgbench writing the same rows by hand-written PL/pgSQL.

python -m bench.intake [--seconds 8] [--clients 8] [--web 1,2,4] [--jobs 0] [--rounds 3] [--capacity]

With `--capacity` the location has a number of parcels a day, which calls count down one after the other. Without job workers what orders set off later (invoices, messages) waits; with them both sides share the machine with it.
"""

import argparse
import http.client
import json
import os
import re
import signal
import socket
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

from bench.bounds import parsed
from bench.budgets import verdict
from bench.ground import fresh_database, memory_mb, spread
from bench.jobs import family

FLOOR = """
create function bench_place(shop uuid, place uuid, p uuid[]) returns void language plpgsql as $$
declare
  o uuid := gen_random_uuid(); s uuid := gen_random_uuid(); l uuid[] := array[gen_random_uuid(), gen_random_uuid(), gen_random_uuid()];
  a uuid[] := array[gen_random_uuid(), gen_random_uuid(), gen_random_uuid()]; e uuid[] := array[gen_random_uuid(), gen_random_uuid(), gen_random_uuid()];
  pay uuid := gen_random_uuid(); num text := nextval('orders_number')::text;
  address jsonb := '{"name": "Bench Person", "street": "Street", "house_number": "1", "postal_code": "1234 AB", "city": "Town", "country": "NL"}';
begin
  perform 1 from orders_order where shop_id = bench_place.shop and external_id = 'F' || num;
  perform 1 from stock_level where product_id = any(p) and location_id = place order by product_id for no key update;
  insert into orders_order (id, shop_id, external_id, number, document_sha256, placed_at, received_at, currency, locale,
    prices_include_tax, customer_email, customer_name, billing_address, delivery_address, country, postal_code, comment, tags, metadata,
    shipping_method, shipping_name, shipping_tax_rate, shipping_net_minor, shipping_tax_minor, discount_code, items_minor,
    discount_minor, shipping_minor, tax_minor, grand_total_minor, cancelled_minor, captured_minor, authorized_minor, invoiced_minor,
    credited_minor, refunded_minor, on_account, priority, holds_open, units_ordered, units_cancelled, units_allocated, units_picked,
    units_shipped, version)
  values (o, shop, 'F' || num, num, '\\x00', now(), now(), 'EUR', 'nl', true, 'bench@example.com', 'Bench Person', address,
    address, 'NL', '1234AB', '', '{}', '{}', '', '', 0, 0, 0, '', 3000, 0, 0, 521, 3000, 0, 3000, 0, 0, 0, 0, false, 0, 0, 3, 0, 3, 0, 0, 1);
  insert into orders_line (id, shop_id, order_id, position, sku, name, product_id, quantity, unit_price_minor, discount_minor,
    order_discount_minor, tax_rate, net_minor, tax_minor, gross_minor, cancelled, allocated, picked, shipped, returned, credited)
  select l[i], shop, o, i, 'sku' || i, 'Article', p[i], 1, 1000, 0, 0, 21, 826, 174, 1000, 0, 1, 0, 0, 0, 0 from generate_series(1, 3) i;
  insert into orders_search values (o, shop, now(), to_tsvector('simple', 'Bench Person Town'));
  insert into payments_payment (id, shop_id, order_id, currency, provider, method, reference, status, amount_minor, authorized_minor,
    captured_minor, refunded_minor, created_at, version)
  values (pay, shop, o, 'EUR', 'bench', '', 'F' || num, 'paid', 3000, 3000, 3000, 0, now(), 1);
  insert into allocations_allocation (id, shop_id, order_id, order_line_id, product_id, location_id, quantity, picked, status, explanation, created_at)
  select a[i], shop, o, l[i], p[i], place, 1, 0, 'allocated', '{"code": "whole_order", "lacks": {"A": 0}, "location": "A"}', now() from generate_series(1, 3) i;
  update stock_level set allocated = allocated + 1 where product_id = any(p) and location_id = place;
  insert into shipments_shipment (id, shop_id, order_id, location_id, number, status, carrier, service, tracking_code, tracking_url, created_at, version)
  values (s, shop, o, place, 'S' || nextval('shipments_number'), 'open', 'manual', '', '', '', now(), 1);
  insert into shipments_package (id, shipment_id, position, tracking_code) values (gen_random_uuid(), s, 1, '');
  insert into shipments_line (id, shop_id, order_id, location_id, shipment_id, allocation_id, order_line_id, product_id, quantity, is_live)
  select gen_random_uuid(), shop, o, place, s, a[i], l[i], p[i], 1, true from generate_series(1, 3) i;
  insert into core_event (id, at, kind, aggregate_type, aggregate_id, seq, order_id, shop_id, to_status, actor_kind, actor_name, payload)
  values (e[1], now(), 'order.placed', 'order', o, 1, o, shop, 'awaiting_shipment', 'system', 'floor', '{"lines": 3, "units": 3}'),
    (e[2], now(), 'payment.recorded', 'payment', pay, 1, o, shop, 'paid', 'system', 'floor', '{"amount_minor": 3000}'),
    (e[3], now(), 'shipment.opened', 'shipment', s, 1, o, shop, 'open', 'system', 'floor', '{"units": 3}');
  insert into core_outbox (created_at, event_ids) values (now(), e);
end $$;
"""


def main() -> None:
    """Measure both sides in turn and print rates and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=8)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument(
        "--web", default="2", help="web workers; several figures, one after the other"
    )
    parser.add_argument("--jobs", type=int, default=0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--capacity", action="store_true", help="the location has a number a day")
    options = parsed(parser, minutes=15)
    with fresh_database() as url:
        world, token = _prepare()
        if options.capacity:
            _bound()
        for web in (int(n) for n in options.web.split(",")):
            _measure(url, world, token, web, options)


def _measure(url: str, world: Any, token: str, web: int, options: argparse.Namespace) -> None:
    port = free_port()
    server = serve(port, web, options.jobs)
    try:
        wait(port)
        _load(port, token, world, 2, options.clients)
        _analyze()
        rates, floors = [], []
        for _ in range(options.rounds):
            floors.append(_pgbench(url, options.clients, options.seconds))
            rates.append(_load(port, token, world, options.seconds, options.clients))
        memory = max(memory_mb(pid) for pid in family(server.pid))
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(timeout=30)
    print(
        f"{options.clients} clients, {web} web workers, {options.jobs} job workers, {options.rounds} rounds of {options.seconds} s, client on the same machine"
    )
    print(
        f"product {spread([r[0] for r in rates])} orders/s, p50 {rates[-1][1]:.1f} ms, p95 {rates[-1][2]:.1f} ms; largest process {memory:.0f} MB"
    )
    print(f"floor   {spread(floors)} orders/s")
    ratios = [r[0] / f for r, f in zip(rates, floors, strict=True)]
    print(f"ratio   {spread(ratios)}{_budget(ratios, web, options)}; {verdict('P10', memory)}", flush=True)  # fmt: skip


def _budget(ratios: list[float], web: int, options: argparse.Namespace) -> str:
    """Two web workers have a budget, without job workers beside them and without a number of parcels a day."""
    if web != 2 or options.jobs or options.capacity or 8 < options.clients < 32:
        return ""
    return f", {verdict('P2' if options.clients >= 32 else 'P1', statistics.median(ratios))}"


def _bound() -> None:
    from orderwerk.core import sql

    sql.execute("update stock_location set daily_capacity = 1000000000")


def _analyze() -> None:
    """Count the rows, as autovacuum does within a minute; plans made for empty tables are made anew then."""
    from orderwerk.core import sql

    sql.execute("analyze")


def _prepare() -> tuple[Any, str]:
    from orderwerk.accounts.commands.create_token import NewToken, create_tokens
    from orderwerk.core import sql
    from tests import build

    world = build.world(products=500, stock=10**6, locations=1)
    made = create_tokens(
        [NewToken(name="bench", scopes=("orders:read", "orders:write"))], actor=build.TESTER
    )[0].require()
    sql.execute(FLOOR)
    return world, str(made.data["token"])


def serve(port: int, web: int, jobs: int) -> subprocess.Popen[bytes]:
    """Start the product on the database of this run."""
    command = [
        sys.executable,
        "-m",
        "orderwerk",
        "serve",
        "--port",
        str(port),
        "--web",
        str(web),
        "--jobs",
        str(jobs),
    ]
    return subprocess.Popen(command, env=os.environ, stdout=subprocess.DEVNULL)


def free_port() -> int:
    """Return a port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait(port: int) -> None:
    """Wait until the product answers, a minute at most."""
    for _ in range(600):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
            connection.request("GET", "/readyz")
            if connection.getresponse().status == 200:
                return
        except OSError:
            pass
        time.sleep(0.1)
    raise SystemExit("the server did not come up")


def _pgbench(url: str, clients: int, seconds: int) -> float:
    from orderwerk.config.pgbin import find_binaries
    from orderwerk.core import sql

    script = Path(os.environ["ORDERWERK_DATA_DIR"]) / "floor.sql"
    products = [
        str(row[0]) for row in sql.fetch("select id from catalog_product order by id limit 300")
    ]
    shop = sql.fetch("select id from shops_shop limit 1")[0][0]
    place = sql.fetch("select id from stock_location limit 1")[0][0]
    sql.execute("create table if not exists bench_product (n int primary key, id uuid)")
    sql.execute("truncate bench_product")
    sql.execute(
        "insert into bench_product select n, id from unnest(%s::uuid[]) with ordinality as t(id, n)",
        (products,),
    )
    script.write_text(
        f"\\set n random(1, {len(products) - 2})\n"
        f"select bench_place('{shop}', '{place}', array(select id from bench_product where n between :n and :n + 2 order by id));\n"
    )
    binary = find_binaries().program("pgbench")
    done = subprocess.run(
        [binary, "-n", "-M", "prepared", "-f", str(script), "-c", str(clients), "-j", "2", "-T", str(seconds), url],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    found = re.search(r"tps = ([0-9.]+)", done.stdout)
    assert found is not None, done.stdout + done.stderr
    return float(found.group(1))


def _load(
    port: int, token: str, world: Any, seconds: int, clients: int
) -> tuple[float, float, float]:
    until = time.monotonic() + seconds
    latencies: list[list[float]] = [[] for _ in range(clients)]
    threads = [
        threading.Thread(
            target=_client, args=(port, token, world, until, latencies[i], f"{until}-{i}")
        )
        for i in range(clients)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    flat = sorted(x for one in latencies for x in one)
    return len(flat) / seconds, statistics.median(flat) * 1000, flat[int(len(flat) * 0.95)] * 1000


def _client(
    port: int, token: str, world: Any, until: float, latencies: list[float], name: str
) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    template = world.json(*[(sku, 1) for sku in world.skus[:3]])
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    number = 0
    while time.monotonic() < until:
        number += 1
        first = hash((name, number)) % (len(world.skus) - 2)
        for line, sku in zip(template["lines"], world.skus[first : first + 3], strict=True):
            line["sku"] = sku
        template["external_id"] = f"{name}-{number}"
        template["payments"][0] |= {"reference": f"{name}-{number}", "amount": "30.00"}
        body = json.dumps(template)
        start = time.perf_counter()
        connection.request("POST", "/api/v1/orders", body, headers)
        response = connection.getresponse()
        answer = response.read()
        assert response.status == 201, answer
        latencies.append(time.perf_counter() - start)


if __name__ == "__main__":
    main()
