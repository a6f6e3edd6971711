"""Counts what a flash sale has left behind, name by name, and sells the same by hand-written statements."""

import argparse
import os
import re
import subprocess
from pathlib import Path
from typing import Any

from orderwerk.config.pgbin import find_binaries
from orderwerk.core import sql

_STAND = """
select coalesce((select sum(quantity) from allocations_allocation where product_id = %s and status = 'allocated'), 0),
  (select count(*) from orders_order o where o.status = 'awaiting_stock'
    and exists (select 1 from orders_line l where l.order_id = o.id and l.product_id = %s)),
  (select coalesce(sum(greatest(allocated - on_hand, 0)), 0) from stock_level where product_id = %s)
"""
_NAMES = "select o.external_id, o.status from orders_order o join orders_line l on l.order_id = o.id where l.product_id = %s"
# What a buyer costs at least: the conditional update, and the rows of a paid order of one line with its claim, or of one that waits.
_FLOOR = """
create function bench_buy(shop uuid, place uuid, article uuid) returns void language plpgsql as $$
declare
  o uuid := gen_random_uuid(); s uuid := gen_random_uuid(); l uuid := gen_random_uuid(); a uuid := gen_random_uuid();
  e uuid[] := array[gen_random_uuid(), gen_random_uuid()]; opened uuid := gen_random_uuid(); n int;
  pay uuid := gen_random_uuid(); num text := nextval('orders_number')::text;
  address jsonb := '{"name": "Bench Person", "street": "Street", "house_number": "1", "postal_code": "1234 AB", "city": "Town", "country": "NL"}';
begin
  perform 1 from orders_order where shop_id = shop and external_id = 'F' || num;
  update stock_level set allocated = allocated + 1
  where product_id = article and location_id = place and on_hand - allocated >= 1;
  get diagnostics n = row_count;
  insert into orders_order (id, shop_id, external_id, number, document_sha256, placed_at, received_at, currency, locale,
    prices_include_tax, customer_email, customer_name, billing_address, delivery_address, country, postal_code, comment, tags, metadata,
    shipping_method, shipping_name, shipping_tax_rate, shipping_net_minor, shipping_tax_minor, discount_code, items_minor,
    discount_minor, shipping_minor, tax_minor, grand_total_minor, cancelled_minor, captured_minor, authorized_minor, invoiced_minor,
    credited_minor, refunded_minor, on_account, priority, holds_open, units_ordered, units_cancelled, units_allocated, units_picked,
    units_shipped, version)
  values (o, shop, 'F' || num, num, '\\x00', now(), now(), 'EUR', 'nl', true, 'bench@example.com', 'Bench Person', address,
    address, 'NL', '1234AB', '', '{}', '{}', '', '', 0, 0, 0, '', 1000, 0, 0, 174, 1000, 0, 1000, 0, 0, 0, 0, false, 0, 0, 1, 0, n, 0, 0, 1);
  insert into orders_line (id, shop_id, order_id, position, sku, name, product_id, quantity, unit_price_minor, discount_minor,
    order_discount_minor, tax_rate, net_minor, tax_minor, gross_minor, cancelled, allocated, picked, shipped, returned, credited)
  values (l, shop, o, 1, 'sku', 'Article', article, 1, 1000, 0, 0, 21, 826, 174, 1000, 0, n, 0, 0, 0, 0);
  insert into orders_search values (o, shop, now(), to_tsvector('simple', 'Bench Person Town'));
  insert into payments_payment (id, shop_id, order_id, currency, provider, method, reference, status, amount_minor, authorized_minor,
    captured_minor, refunded_minor, created_at, version)
  values (pay, shop, o, 'EUR', 'bench', '', 'F' || num, 'paid', 1000, 1000, 1000, 0, now(), 1);
  insert into core_event (id, at, kind, aggregate_type, aggregate_id, seq, order_id, shop_id, to_status, actor_kind, actor_name, payload)
  values (e[1], now(), 'order.placed', 'order', o, 1, o, shop, 'awaiting_shipment', 'system', 'floor', '{"lines": 1, "units": 1}'),
    (e[2], now(), 'payment.recorded', 'payment', pay, 1, o, shop, 'paid', 'system', 'floor', '{"amount_minor": 1000}');
  if n = 1 then
    insert into allocations_allocation (id, shop_id, order_id, order_line_id, product_id, location_id, quantity, picked, status, explanation, created_at)
    values (a, shop, o, l, article, place, 1, 0, 'allocated', '{"code": "whole_order", "lacks": {"A": 0}, "location": "A"}', now());
    insert into shipments_shipment (id, shop_id, order_id, location_id, number, status, carrier, service, tracking_code, tracking_url, created_at, version)
    values (s, shop, o, place, 'S' || nextval('shipments_number'), 'open', 'manual', '', '', '', now(), 1);
    insert into shipments_package (id, shipment_id, position, tracking_code) values (gen_random_uuid(), s, 1, '');
    insert into shipments_line (id, shop_id, order_id, location_id, shipment_id, allocation_id, order_line_id, product_id, quantity, is_live)
    values (gen_random_uuid(), shop, o, place, s, a, l, article, 1, true);
    insert into core_event (id, at, kind, aggregate_type, aggregate_id, seq, order_id, shop_id, to_status, actor_kind, actor_name, payload)
    values (opened, now(), 'shipment.opened', 'shipment', s, 1, o, shop, 'open', 'system', 'floor', '{"units": 1}');
    e := e || opened;
  end if;
  insert into core_outbox (created_at, event_ids) values (now(), e);
end $$;
"""


def stand(product: Any) -> dict[str, int]:
    """How many pieces are claimed, how many orders wait, and how much more is claimed than there is."""
    [(claimed, waiting, over)] = sql.fetch(_STAND, (product, product, product))
    return {"claimed": int(claimed), "waiting": waiting, "over": int(over)}


def names(product: Any) -> dict[str, str]:
    """The status of each order for an article, by the shopper's own name for it."""
    return dict(sql.fetch(_NAMES, (product,)))


def plant(product: Any) -> None:
    """Claim one piece more than there is, past every guard."""
    sql.execute("set session_replication_role = replica")
    sql.execute(
        "update allocations_allocation set quantity = quantity + 1 where id = "
        "(select id from allocations_allocation where product_id = %s order by id limit 1)",
        (product,),
    )
    sql.execute("reset session_replication_role")


def bare_floor(url: str, options: argparse.Namespace) -> float:
    """Sell as many pieces to as many buyers by conditional update and nothing else; returns buyers a second."""
    sql.execute("create table bench_shelf (id int primary key, on_hand int, allocated int check (allocated <= on_hand))")  # fmt: skip
    sql.execute("insert into bench_shelf values (1, %s, 0)", (options.pieces,))
    rate = _pgbench(url, options, "update bench_shelf set allocated = allocated + 1 where id = 1 and on_hand - allocated >= 1")  # fmt: skip
    [(sold,)] = sql.fetch("select allocated from bench_shelf")
    assert sold == options.pieces, f"the floor sold {sold}"
    return rate


def floor(url: str, world: Any, product: Any, options: argparse.Namespace) -> float:
    """Sell as many pieces of another article to as many buyers, with the rows of their orders; returns buyers a second."""
    sql.execute(_FLOOR)
    [(shop,)] = sql.fetch("select id from shops_shop limit 1")
    place = world.location_ids[world.locations[0]]
    rate = _pgbench(url, options, f"select bench_buy('{shop}', '{place}', '{product}')")
    sold = stand(product)
    wanted = {"claimed": options.pieces, "waiting": _each(options) * options.clients - options.pieces, "over": 0}  # fmt: skip
    assert sold == wanted, f"the floor: {sold}"
    return rate


def _each(options: argparse.Namespace) -> int:
    return max(1, int(options.buyers) // int(options.clients))


def _pgbench(url: str, options: argparse.Namespace, statement: str) -> float:
    script = Path(os.environ["ORDERWERK_DATA_DIR"]) / "sale.sql"
    script.write_text(f"{statement};\n", encoding="utf-8")
    done = subprocess.run(
        [find_binaries().program("pgbench"), "-n", "-M", "prepared", "-f", str(script), "-c", str(options.clients), "-j", "2", "-t", str(_each(options)), url],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    found = re.search(r"tps = ([0-9.]+)", done.stdout)
    assert found is not None, done.stdout + done.stderr
    return float(found.group(1))
