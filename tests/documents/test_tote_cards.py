"""Cards for totes: one per tote, with the code that the scanner asks for."""

from pathlib import Path

import pytest

from orderwerk.picklists.documents import pick_lists_pdf
from orderwerk.picklists.queries import pick_list_detail
from tests import build
from tests.documents.test_documents import pick_list, scanned, text_of

pytestmark = pytest.mark.django_db


def test_a_walk_with_totes_prints_a_card_per_tote_that_can_be_scanned(tmp_path: Path) -> None:
    world = build.world(locations=1)
    orders = [world.place((world.skus[0], 2), (world.skus[1], 1)) for _ in range(4)]
    key = pick_list(world, kind="batch", method="totes")
    number = pick_list_detail(build.TESTER, key).pick_list.number

    content = pick_lists_pdf([key], actor=build.TESTER, language="nl").content

    text = text_of(content)
    assert text.count("Kaartjes voor de kratten") == 1
    for tote, order in enumerate(orders, start=1):
        assert f"Krat {tote}" in text
        assert f"{number}-{tote}" in text
        assert build.order(order)["number"] in text
    assert {f"{number}-{tote}" for tote in range(1, 5)} <= {line.rpartition(":")[2] for line in scanned(content, tmp_path)}  # fmt: skip


def test_other_walks_have_no_cards() -> None:
    world = build.world(locations=1)
    world.place((world.skus[0], 2))
    world.place((world.skus[1], 1))

    content = pick_lists_pdf([pick_list(world, kind="batch", method="sort")], actor=build.TESTER).content  # fmt: skip

    assert "Cards for the totes" not in text_of(content)
