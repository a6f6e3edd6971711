"""What lay in a box and never was of its order is booked with the return, and touches neither order nor credits."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from orderwerk.catalog.commands.upsert import ProductItem, upsert_products
from orderwerk.checks.run import ALL
from orderwerk.core import decode, sql
from orderwerk.core.outcome import Outcome
from orderwerk.flows.erase_orders import EraseItem, erase_orders
from orderwerk.returns.commands.book_findings import FindingItem, book_findings
from orderwerk.returns.queries import return_findings
from tests import build

pytestmark = pytest.mark.django_db


def returned() -> tuple[build.World, UUID, UUID]:
    """A world, an order of it and a return."""
    world = build.world()
    order = build.shipped(world, (world.skus[0], 2))
    build.invoice(order)
    key = build.give_back(order).require().id
    assert key is not None
    return world, order, key


def book(*items: dict[str, Any]) -> list[Outcome]:
    found = [decode.convert({"quantity": 1, **item}, FindingItem) for item in items]
    return book_findings(found, actor=build.TESTER)


def why(outcome: Outcome) -> tuple[str, str]:
    assert outcome.error is not None
    return outcome.error.code, outcome.error.pointer


def test_an_article_goes_into_stock_and_words_do_not() -> None:
    world, order, key = returned()
    place, sku = world.locations[0], world.skus[1]
    before = (world.levels()[(sku, place)][0], build.invoices(order), build.order(order))

    done = book(
        {"return_id": str(key), "sku": sku, "quantity": 3, "location": place},
        {"return_id": str(key), "sku": sku, "text": "Broken"},
        {"return_id": str(key), "text": "A glove"},
    )

    assert [o.ok for o in done] == [True, True, True]
    assert world.levels()[(sku, place)][0] == before[0] + 3
    assert (build.invoices(order), build.order(order)) == before[1:]
    rows = [(x.sku, x.name, x.quantity, x.location) for x in return_findings([key])[key]]
    assert rows == [(sku, f"Article {sku}", 3, place), (sku, "Broken", 1, None), (None, "A glove", 1, None)]  # fmt: skip
    assert [sql.fetch(x.sql) for x in ALL if x.id in {"return-findings", "stock-on-hand"}][-1] == []


def test_what_cannot_be_booked_is_refused_and_leaves_the_others_alone() -> None:
    world, _, key = returned()
    lots = f"lot-{build.serial()}"
    upsert_products([decode.convert({"sku": lots, "name": "Vaccine", "tracking": "lot"}, ProductItem)], actor=build.TESTER)[0].require()  # fmt: skip
    place = world.locations[0]
    done = book(
        {"return_id": str(uuid4()), "text": "x"},
        {"return_id": str(key)},
        {"return_id": str(key), "sku": "no-such-sku"},
        {"return_id": str(key), "text": "A glove", "location": place},
        {"return_id": str(key), "sku": world.skus[0], "location": "nowhere"},
        {"return_id": str(key), "sku": lots, "location": place},
        {"return_id": str(key), "sku": lots},
    )
    assert [why(o) for o in done[:6]] == [
        ("unknown_return", "/return_id"), ("finding_unnamed", "/text"), ("unknown_sku", "/sku"),
        ("finding_not_stock", "/location"), ("unknown_location", "/location"), ("lot_required", "/lot"),
    ]  # fmt: skip
    done[6].require()
    assert len(return_findings([key])[key]) == 1


def test_erasing_the_order_takes_the_words_away() -> None:
    world = build.world()
    order = build.shipped(world, (world.skus[0], 2))
    build.invoice(order)
    key = (
        build.give_back(order, build.back(order, disposition="dispose"), credit=False).require().id
    )
    assert key is not None
    book({"return_id": str(key), "text": "A letter"}, {"return_id": str(key), "sku": world.skus[1]})

    erase_orders([EraseItem(order_id=order)], actor=build.TESTER)[0].require()

    assert [x.name for x in return_findings([key])[key]] == ["erased", f"Article {world.skus[1]}"]
    assert [sql.fetch(x.sql) for x in ALL if x.id == "erased-orders"] == [[]]
