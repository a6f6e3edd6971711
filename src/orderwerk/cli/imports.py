"""`orderwerk import orders|stock|products|postal-codes FILE`: loads files through the same commands as everything else."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import click

from orderwerk.catalog.commands.upsert import ProductItem, upsert_products
from orderwerk.cli.importing import Import, Report, Summary, carry, opened
from orderwerk.cli.session import connected
from orderwerk.core.actor import Actor
from orderwerk.flows.count_stock import CountItem, count_stock_levels
from orderwerk.flows.place_orders import place_orders
from orderwerk.integrations.document_lines import Rows, read_documents, read_items
from orderwerk.integrations.geonames import read_geonames
from orderwerk.integrations.incoming import Incoming
from orderwerk.integrations.online_retail import read_online_retail
from orderwerk.orders.document import OrderDocument
from orderwerk.stock.commands.upsert_postal_places import PostalPlaceItem, upsert_postal_places

_ACTOR = Actor.system("import")
_FORMATS = ("ndjson", "online-retail")
_FILE = click.Path(exists=True, dir_okay=False, readable=True, path_type=Path)
T = TypeVar("T")

_ORDERS = Import[OrderDocument](
    lambda items: place_orders(items, actor=_ACTOR), lambda item: len(item.lines)
)
_PRODUCTS = Import[ProductItem](lambda items: upsert_products(items, actor=_ACTOR), lambda _: 1)
_POSTAL_CODES = Import[PostalPlaceItem](
    lambda items: upsert_postal_places(items, actor=_ACTOR), lambda _: 1
)
_COUNTS = Import[CountItem](lambda items: count_stock_levels(items, actor=_ACTOR), lambda _: 1)


@click.group("import")
def import_() -> None:
    """Load orders, products, stock or postal codes from a file.

    gzip is read as it is. Refused lines are written to FILE.rejected.csv with line number and reason; all others go
    in. Importing the same file again changes nothing that went in before, so an import that was stopped is simply
    started again. Exit status 1 when a line was refused.
    """


@import_.command("orders")
@click.argument("file", type=_FILE)
@click.option(
    "--format",
    "file_format",
    type=click.Choice(_FORMATS),
    default="ndjson",
    show_default=True,
    help="ndjson: one order document per line. online-retail: invoice lines as CSV (UCI data set 352).",
)
@click.option(
    "--shop", help="The shop (its code) of orders that name none; online-retail needs it."
)
def import_orders(*, file: Path, file_format: str, shop: str | None) -> None:
    """Load orders from FILE."""
    if file_format == "online-retail" and shop is None:
        raise click.UsageError("--format online-retail needs --shop: the file names no shop.")
    report = Report(file)
    with opened(file) as source, connected():
        incoming = (
            read_online_retail(source.text, shop or "")
            if file_format == "online-retail"
            else read_documents(source.content, shop)
        )
        summary = carry(_ORDERS, incoming, source, report)
    _finish("order", summary, report)


@import_.command("products")
@click.argument("file", type=_FILE)
def import_products(file: Path) -> None:
    """Load products from a CSV FILE.

    Columns: sku and name; any of gtin, weight_grams, image_url, hs_code, origin_country, vat_exemption, vat_exemption_code. A known sku is changed; an
    empty cell leaves a value as it is.
    """
    _import_rows("product", file, _PRODUCTS, Rows(ProductItem, ("sku", "name")))


@import_.command("stock")
@click.argument("file", type=_FILE)
def import_stock(file: Path) -> None:
    """Load stock counts from a CSV FILE.

    Columns: sku, location and quantity; bin and counted_at (RFC 3339) where known. A quantity is what was counted: it
    replaces what was there, and what moved after counted_at stays as it moved.
    """
    _import_rows("count", file, _COUNTS, Rows(CountItem, ("sku", "location", "quantity")))


@import_.command("postal-codes")
@click.argument("file", type=_FILE)
@click.option(
    "--format",
    "file_format",
    type=click.Choice(("csv", "geonames")),
    default="csv",
    show_default=True,
    help="csv: columns country, postal_code, latitude and longitude. geonames: a file of postal codes as GeoNames gives it.",
)
def import_postal_codes(*, file: Path, file_format: str) -> None:
    """Load where postal codes lie, for routing rules that ask the nearest location first.

    A postal code may be the beginning of codes; the longest that fits counts. A known one is changed.
    """
    if file_format == "csv":
        rows = Rows(PostalPlaceItem, ("country", "postal_code", "latitude", "longitude"))
        _import_rows("postal code", file, _POSTAL_CODES, rows)
        return
    report = Report(file)
    with opened(file) as source, connected():
        summary = carry(_POSTAL_CODES, read_geonames(source.text), source, report)
    _finish("postal code", summary, report)


def _import_rows(noun: str, file: Path, job: Import[T], rows: Rows[T]) -> None:
    report = Report(file)
    with opened(file) as source, connected():
        incoming: Iterator[Incoming[T]] = read_items(source.text, rows)
        summary = carry(job, incoming, source, report)
    _finish(noun, summary, report)


def _finish(noun: str, summary: Summary, report: Report) -> None:
    total = summary.accepted + summary.refused
    click.echo(f"{total:,} lines: {summary.accepted:,} accepted, {summary.refused:,} refused.")
    click.echo(f"{summary.created:,} new {noun}s, {summary.known:,} known already.")
    if summary.refused:
        for code, count in sorted(summary.reasons.items(), key=lambda pair: -pair[1]):
            click.echo(f"  {count:>9,}  {code}")
        click.echo(f"Refused lines and reasons: {report.path}", err=True)
        sys.exit(1)
