"""The databases that are measured: one with the year that is lived through, and a copy of it for each size."""

import argparse
import contextlib
from collections.abc import Iterator

import psycopg
from django.db import connection

from bench.ground import seconds
from bench.million.shapes import Shopper, read_shape
from bench.million.story import live
from orderwerk.core import sql
from orderwerk.orders.tab_counts import fold_tab_counts

_HASTE = ("fsync = off", "full_page_writes = off", "max_wal_size = '16GB'", "checkpoint_timeout = '1h'")  # fmt: skip


def lived_through(options: argparse.Namespace) -> Shopper:
    """Let the year be lived through in the database of the settings; returns who placed the orders."""
    shape = read_shape()
    shopper = Shopper(shape, articles=options.articles, retail=options.shape == "retail")
    took, _ = seconds(lambda: live(shopper, options.template))
    [(lines,)] = sql.fetch("select count(*) from orders_line")
    print(f"a year of {options.template:,} orders ({lines / options.template:.2f} lines each) after {shape.source}, lived through in {took:.0f} s", flush=True)  # fmt: skip
    connection.close()
    return shopper


@contextlib.contextmanager
def copy_of(url: str, name: str) -> Iterator[str]:
    """Make a copy of the database and work on it, writing in haste until `settle`; yields its URL."""
    base = url.rsplit("/", 1)[1]
    connection.close()
    with psycopg.connect(url.rsplit("/", 1)[0] + "/template1", autocommit=True) as admin:
        admin.execute(f"create database {name} template {base}")
        for setting in _HASTE:
            admin.execute(f"alter system set {setting}")
        admin.execute("select pg_reload_conf()")
    connection.settings_dict["NAME"] = name
    try:
        yield url.rsplit("/", 1)[0] + f"/{name}"
    finally:
        connection.close()
        connection.settings_dict["NAME"] = base
        with psycopg.connect(url.rsplit("/", 1)[0] + "/template1", autocommit=True) as admin:
            admin.execute(f"drop database {name} with (force)")


def settle() -> None:
    """Bring the database to the state of one that has run for long: analysed, on disk, every setting as the product has it."""
    fold_tab_counts()
    sql.execute("vacuum analyze")
    sql.execute("alter system reset all")
    sql.execute("select pg_reload_conf()")
    sql.execute("checkpoint")
    connection.close()


def say_how_large() -> str:
    """Return how many rows and how many bytes there are."""
    [(rows, size)] = sql.fetch(
        "select sum(reltuples)::bigint, pg_size_pretty(pg_database_size(current_database())) from pg_class "
        "where relkind = 'r' and relnamespace = 'public'::regnamespace"
    )
    return f"{rows:,} rows, {size}"
