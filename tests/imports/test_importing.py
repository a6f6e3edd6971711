import csv
import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from orderwerk.catalog.commands.upsert import ProductItem, upsert_products
from orderwerk.catalog.models import Product
from orderwerk.cli.importing import Import, Report, Summary, Unreadable, carry, opened
from orderwerk.core.errors import Malformed
from orderwerk.flows.count_stock import CountItem, count_stock_levels
from orderwerk.flows.place_orders import place_orders
from orderwerk.integrations.document_lines import Rows, read_documents, read_items
from orderwerk.orders.document import OrderDocument
from orderwerk.orders.models import Order
from tests import build

pytestmark = pytest.mark.django_db

ORDERS = Import[OrderDocument](
    lambda items: place_orders(items, actor=build.TESTER), lambda item: len(item.lines)
)


def import_orders(path: Path, shop: str | None = None) -> Summary:
    with opened(path) as source:
        return carry(ORDERS, read_documents(source.content, shop), source, Report(path))


def rejected(path: Path) -> list[dict[str, str]]:
    report = path.with_name(path.name + ".rejected.csv")
    with report.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def lines(*documents: Any) -> bytes:
    return b"".join(
        (d if isinstance(d, bytes) else json.dumps(d).encode()) + b"\n" for d in documents
    )


def test_good_documents_go_in_bad_ones_are_reported_and_the_sum_is_the_file(tmp_path: Path) -> None:
    world = build.world()
    file = tmp_path / "orders.ndjson"
    good = [world.json() for _ in range(3)]
    bad = world.json(lines=[])
    file.write_bytes(
        lines(
            good[0], b"{", bad, b"", {**good[0], "comment": "other"}, good[1], b"\xff\xfe", b"[1]",
            {**world.json(), "external_id": "=1+1", "typo": 1}, b'{"a":1,"a":2}', good[2],
        )
    )  # fmt: skip

    summary = import_orders(file)

    assert (summary.accepted, summary.refused, summary.created) == (3, 8, 3)
    assert [(r["line"], r["code"]) for r in rejected(file)] == [
        ("2", "invalid_json"),
        ("3", "invalid_value"),
        ("4", "empty_line"),
        ("5", "external_id_exists"),
        ("7", "invalid_encoding"),
        ("8", "invalid_value"),
        ("9", "unknown_field"),
        ("10", "duplicate_key"),
    ]
    assert Order.objects.filter(shop_id=world.shop_id).count() == 3


def test_the_same_file_again_changes_nothing(tmp_path: Path) -> None:
    world = build.world()
    file = tmp_path / "orders.ndjson.gz"
    file.write_bytes(gzip.compress(lines(*(world.json() for _ in range(5)))))
    import_orders(file)

    summary = import_orders(file)

    assert (summary.accepted, summary.refused, summary.created, summary.known) == (5, 0, 0, 5)
    assert Order.objects.filter(shop_id=world.shop_id).count() == 5
    assert not (tmp_path / "orders.ndjson.gz.rejected.csv").exists()


def test_the_shop_may_be_named_once_for_a_file(tmp_path: Path) -> None:
    world = build.world()
    file = tmp_path / "orders.ndjson"
    without = {name: value for name, value in world.json().items() if name != "shop"}
    file.write_bytes(lines(without, {**without, "shop": "other"}))

    summary = import_orders(file, world.shop)

    assert (summary.accepted, summary.refused) == (1, 1)
    assert rejected(file)[0]["code"] == "other_shop"


def test_a_damaged_archive_keeps_what_could_be_read_and_says_so(tmp_path: Path) -> None:
    world = build.world(stock=0)
    file = tmp_path / "orders.gz"
    whole = gzip.compress(lines(*(world.json(lines=many_lines(world)) for _ in range(60))), 0)
    file.write_bytes(whole[: len(whole) - 20])

    with pytest.raises(Unreadable, match="went in and stay"):
        import_orders(file)

    assert Order.objects.filter(shop_id=world.shop_id).count() == 50


def many_lines(world: build.World) -> list[dict[str, Any]]:
    return [
        {"sku": world.skus[0], "name": "x", "quantity": 1, "unit_price": "0", "tax_rate": "0"}
    ] * 1000


def test_a_document_beyond_the_limit_costs_one_line(tmp_path: Path) -> None:
    world = build.world()
    file = tmp_path / "orders.ndjson"
    file.write_bytes(lines(b'"' + b"x" * 6_000_000 + b'"', world.json()))

    summary = import_orders(file)

    assert (summary.accepted, summary.refused) == (1, 1)
    assert rejected(file)[0]["code"] == "too_large"


def test_products_come_from_rows_and_an_empty_cell_leaves_a_value(tmp_path: Path) -> None:
    file = tmp_path / "products.csv"
    file.write_bytes(
        "\ufeffsku,name,weight_grams,gtin\nI-1,Één,250,\nI-2,,,\nI-3,Drie,1.5,\n".encode()
        + b"I-4,a\xff,1,\nI-5,Vijf\nI-6,Zes,,4006381333931\nI-7,Zeven,,4006381333932\n=9,x,-1,\n"
    )
    job = Import[ProductItem](lambda items: upsert_products(items, actor=build.TESTER), lambda _: 1)

    with opened(file) as source:
        rows = read_items(source.text, Rows(ProductItem, ("sku", "name")))
        summary = carry(job, rows, source, Report(file))

    assert (summary.accepted, summary.refused) == (2, 6)
    assert {r["line"]: (r["reference"], r["code"]) for r in rejected(file)} == {
        "3": ("I-2", "invalid_value"),
        "4": ("I-3", "invalid_value"),
        "5": ("I-4", "forbidden_characters"),
        "6": ("", "wrong_columns"),
        "8": ("I-7", "invalid_gtin"),
        "9": ("'=9", "invalid_value"),
    }
    assert Product.objects.get(sku="I-1").weight_grams == 250


def test_counts_come_from_rows(tmp_path: Path) -> None:
    world = build.world(stock=0)
    file = tmp_path / "stock.csv"
    place = world.locations[0]
    file.write_text(
        f"sku,location,quantity\n{world.skus[0]},{place},7\n{world.skus[1]},nowhere,1\n{world.skus[2]},{place},-1\n"
    )
    job = Import[CountItem](
        lambda items: count_stock_levels(items, actor=build.TESTER), lambda _: 1
    )

    with opened(file) as source:
        rows = read_items(source.text, Rows(CountItem, ("sku", "location", "quantity")))
        summary = carry(job, rows, source, Report(file))

    assert (summary.accepted, summary.refused) == (1, 2)
    assert world.levels()[(world.skus[0], place)] == (7, 0)


@pytest.mark.parametrize("header", ["sku,sku,name", "sku,name, sku", "sku,name,name"])
def test_a_header_that_names_a_column_twice_is_refused(header: str) -> None:
    with pytest.raises(Malformed) as caught:
        list(read_items([f"{header}\n", "a,b,c\n"], Rows(ProductItem, ("sku", "name"))))

    assert caught.value.code == "wrong_header"


def test_a_first_line_that_is_no_csv_is_refused() -> None:
    with pytest.raises(Malformed) as caught:
        list(read_items([f"{'x' * 200_000},name\n"], Rows(ProductItem, ("sku", "name"))))

    assert caught.value.code == "wrong_header"
