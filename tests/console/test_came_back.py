"""The Articles tab says per line what came back and what was credited: pieces and money, parts of kits too."""

import re
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from orderwerk.invoices.commands.credit import CreditItem, credit_invoices
from tests import build
from tests.flows.test_kits import kit

pytestmark = pytest.mark.django_db


def cells(client: Client, order: UUID, label: str) -> list[str]:
    """What the tab says under a heading, row by row, without its marks."""
    path = f"/orders/{build.order(order)['number']}/articles/"
    html = client.get(path).content.decode()
    found = re.findall(rf'<td class="[^"]*" data-label="{label}">(.*?)</td>', html, re.DOTALL)
    return [" ".join(re.sub("<[^>]+>", " ", cell).split()) for cell in found]


def _credit(order: UUID, **fields: Any) -> None:
    debit = next(row for row in build.invoices(order) if row["kind"] == "debit")
    item = CreditItem(invoice_id=debit["id"], reason="x", **fields)
    credit_invoices([item], actor=build.TESTER)[0].require()


def test_a_line_says_what_came_back_and_what_was_credited(enter: Callable[..., Client]) -> None:
    world = build.world(products=2, stock=10)
    order = build.shipped(world, (world.skus[0], 3), (world.skus[1], 2))
    client = enter()
    assert cells(client, order, "Returned") == cells(client, order, "Credited") == []

    build.give_back(order, build.back(order, 2, restock=True)).require()

    assert cells(client, order, "Returned") == ["2", "0"]
    assert cells(client, order, "Credited") == ["€20.00 2 pieces", "–"]

    # Money alone is credited without pieces; what is claimed does not come back.
    _credit(order, amount="1.50")
    build.claim(order, 1).require()
    shown = cells(client, order, "Credited")
    assert cells(client, order, "Returned") == ["2 1 claimed", "0"]
    assert [cell.split()[1:] for cell in shown] == [["2", "pieces"], []]
    assert sum(round(100 * float(cell.split()[0].lstrip("€"))) for cell in shown) == 2150


def test_the_parts_of_a_kit_come_back_with_it(enter: Callable[..., Client]) -> None:
    world = build.world(locations=1, stock=10)
    order = build.shipped(world, (kit(world, a=2, b=1), 3))

    build.give_back(order, build.back(order, 1, restock=True)).require()

    assert cells(enter(), order, "Returned") == ["1", "2", "1"]
    assert cells(enter(), order, "Credited") == ["€10.00 1 piece"]


def test_what_came_back_is_read_at_once_however_many_lines(enter: Callable[..., Client]) -> None:
    world = build.world(products=6, stock=10)
    client, counted = enter(), []
    for count in (1, 6):
        lines = [(sku, 2) for sku in world.skus[:count]]
        order = build.shipped(world, *lines)
        build.give_back(order, *[build.back(order, 1, index) for index in range(count)]).require()
        cells(client, order, "Returned")
        with CaptureQueriesContext(connection) as queries:
            assert cells(client, order, "Returned") == ["1"] * count
        counted.append(len(queries))

    assert counted[0] == counted[1]
