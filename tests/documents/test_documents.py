import io
import re
import shutil
import subprocess
import threading
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from pypdf import PdfReader

from orderwerk.core import ids, sql
from orderwerk.core.actor import Actor
from orderwerk.core.barcodes import code_128
from orderwerk.core.errors import LimitExceeded, NotFound, WrongState
from orderwerk.core.typesetting import breakable, typeset
from orderwerk.flows.cancel_shipments import CancelShipmentItem, cancel_shipments
from orderwerk.flows.count_stock import CountItem, count_stock_levels
from orderwerk.flows.pick_lines import PickItem, pick_lines
from orderwerk.picklists.commands.create import CreatePickListItem, create_pick_lists
from orderwerk.picklists.documents import pick_lists_pdf
from orderwerk.picklists.queries import pick_list_detail
from orderwerk.shipments.documents import address_lines, packing_slips
from orderwerk.shipments.queries import shipment_detail
from orderwerk.stock.commands.set_bins import BinItem, set_bins
from tests import build

pytestmark = pytest.mark.django_db
HOSTILE = '#emph[x] [b] $x^2$ *bold* _it_ <label> @ref // c \\u{1F600} `raw` = head "q" שלום 😀 #panic("x")'


def pages(content: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(io.BytesIO(content)).pages]


def text_of(content: bytes) -> str:
    return re.sub(r"\s+", " ", " ".join(pages(content))).replace("\u200b", "")


def scanned(content: bytes, folder: Path) -> list[str]:
    if shutil.which("zbarimg") is None or shutil.which("pdftoppm") is None:
        pytest.skip("needs zbarimg and pdftoppm")
    (folder / "x.pdf").write_bytes(content)
    subprocess.run(["pdftoppm", "-r", "200", "-png", "x.pdf", "x"], cwd=folder, check=True)
    found = subprocess.run(
        ["zbarimg", "-q", "--raw", *sorted(p.name for p in folder.glob("x*.png"))],
        cwd=folder, check=True, capture_output=True, text=True,
    )  # fmt: skip
    return found.stdout.split("\n")[:-1]


def pick_list(world: build.World, **fields: Any) -> UUID:
    item = CreatePickListItem(location=world.locations[0], **fields)
    made = create_pick_lists([item], actor=build.TESTER)[0].require().id
    assert made is not None
    return made


def test_a_packing_slip_says_what_is_in_this_parcel_only_in_the_language_of_the_order() -> None:
    world = build.world(products=2, stock=0, sender_name="De Winkel", sender_email="w@example.com")
    world.count(world.locations[0], {world.skus[0]: 5})
    world.count(world.locations[1], {world.skus[1]: 5})
    order_id = world.place((world.skus[0], 2), (world.skus[1], 3), comment="Bij de buren\nook goed")
    first, second = build.shipments(order_id)

    slip = text_of(packing_slips([first], actor=build.TESTER).content)

    number = shipment_detail(build.TESTER, first).shipment.number
    assert f"Pakbon {number}" in slip
    assert "De Winkel" in slip
    assert "Bezorgen bij Test Persoon Teststraat 1 1234 AB Testdorp Nederland" in slip
    assert build.order(order_id)["number"] in slip
    assert "20 november 2026" in slip
    assert "Bij de buren ook goed" in slip
    assert world.skus[0] in slip
    assert world.skus[1] not in slip
    assert "Andere artikelen van deze bestelling komen in een apart pakket." in slip
    both = pages(packing_slips([second, first], actor=build.TESTER).content)
    assert [world.skus[1] in both[0], world.skus[0] in both[1], len(both)] == [True, True, 2]
    assert "Pagina 1 / 1" in both[1]


def test_an_english_order_has_an_english_slip() -> None:
    world = build.world()
    order_id = world.place((world.skus[0], 1), locale="en-GB")

    slip = text_of(packing_slips(build.shipments(order_id), actor=build.TESTER).content)

    assert "Packing slip" in slip
    assert "Netherlands" in slip
    assert re.search(r"\b1 piece, 1 line\b", slip)
    assert "separate parcel" not in slip


def test_the_codes_on_paper_can_be_scanned(tmp_path: Path) -> None:
    world = build.world(locations=1)
    order_id = world.place((world.skus[0], 1), (world.skus[1], 2))
    shipment_id = build.shipments(order_id)[0]
    list_id = pick_list(world)

    slip = scanned(packing_slips([shipment_id], actor=build.TESTER).content, tmp_path)
    walk = scanned(pick_lists_pdf([list_id], actor=build.TESTER).content, tmp_path)

    assert slip == [shipment_detail(build.TESTER, shipment_id).shipment.number]
    number = pick_list_detail(build.TESTER, list_id).pick_list.number
    assert sorted(walk) == sorted([number, world.skus[0], world.skus[1]])


def test_a_batch_pick_list_walks_the_bins_in_order_and_names_the_order_of_each_line() -> None:
    world = build.world(locations=1, products=3, stock=10)
    place = world.locations[0]
    bins = [BinItem(location=place, bin=f"B{i}", position=10 - i) for i in range(3)]
    set_bins(bins, actor=build.TESTER)
    world.count(place, dict.fromkeys(world.skus, 0))
    world_bins = zip(world.skus, ("B0", "B1", "B2"), strict=True)
    count_in_bins(place, dict(world_bins))
    first = world.place((world.skus[0], 1), (world.skus[2], 2))
    second = world.place((world.skus[1], 3))
    list_id = pick_list(world, kind="batch")

    walk = text_of(pick_lists_pdf([list_id], actor=build.TESTER, language="nl").content)

    assert "Picklijst" in walk
    assert walk.index("B2") < walk.index("B1") < walk.index("B0")
    assert {build.order(first)["number"] in walk, build.order(second)["number"] in walk} == {True}


def test_a_pick_list_tells_the_time_of_its_place_and_reasons_in_words() -> None:
    world = build.world(locations=1, timezone="Asia/Tokyo")
    world.place((world.skus[0], 2))
    list_id = pick_list(world)
    sql.execute("update picklists_pick_list set created_at = '2026-05-01 20:15Z' where id = %s", (list_id,))  # fmt: skip
    [line] = sql.fetch("select id from picklists_line where pick_list_id = %s", (list_id,))[0]
    pick_lines([PickItem(pick_line_id=line, picked=1, short=1, reason="missing: behind B2")], actor=build.TESTER)[0].require()  # fmt: skip

    english, dutch = (text_of(pick_lists_pdf([list_id], actor=build.TESTER, language=each).content) for each in ("en", "nl"))  # fmt: skip

    assert "2 May 05:15" in english
    assert "short 1: no more there: behind B2" in " ".join(english.split())
    assert "1 tekort: ligt er niet meer: behind B2" in " ".join(dutch.split())


def count_in_bins(place: str, bins: dict[str, str]) -> None:
    from_rows = [
        CountItem(sku=sku, location=place, quantity=10, bin=code) for sku, code in bins.items()
    ]
    for outcome in count_stock_levels(from_rows, actor=build.TESTER):
        outcome.require()


def test_hostile_text_stays_text() -> None:
    world = build.world(locations=1, sender_name=HOSTILE[:90])
    address = {"name": HOSTILE, "street": "W" * 200, "city": "[b] #c", "country": "NL"}
    line = {
        "sku": world.skus[0],
        "name": HOSTILE,
        "quantity": 1,
        "unit_price": "0",
        "tax_rate": "0",
    }
    order_id = world.place(
        lines=[line], billing_address=address, comment=HOSTILE + "\n" + "x" * 3000, payments=[]
    )

    slip = text_of(packing_slips(build.shipments(order_id), actor=build.TESTER).content)

    plain = '#emph[x] [b] $x^2$ *bold* _it_ <label> @ref // c \\u{1F600} `raw` = head "q"'
    assert slip.count(plain) == 4  # sender, address, article, comment
    assert "W" * 18 in slip
    assert "שלום" in slip or "םולש" in slip


def test_a_text_that_no_barcode_can_hold_has_none() -> None:
    assert code_128("") == ""
    assert code_128("é") == ""
    assert code_128("x" * 33) == ""
    assert code_128('A<"&>').startswith("<svg")


def test_long_words_may_break_and_short_ones_do_not() -> None:
    assert breakable("a b " + "x" * 21) == "a b " + "x" * 21
    assert breakable("x" * 40) == "x" * 18 + "\u200b" + "x" * 18 + "\u200b" + "x" * 4


def test_two_thousand_lines_are_set_on_pages_that_count() -> None:
    world = build.world(locations=1, stock=10_000)
    line = {
        "sku": world.skus[0],
        "name": "W" * 80,
        "quantity": 1,
        "unit_price": "0",
        "tax_rate": "0",
    }
    order_id = world.place(lines=[line] * 2000, payments=[])

    found = pages(packing_slips(build.shipments(order_id), actor=build.TESTER).content)

    assert len(found) > 50
    assert f"/ {len(found)}" in found[0]
    assert sum(page.count(world.skus[0]) for page in found) == 2000


def test_what_an_actor_may_not_see_is_not_there() -> None:
    world, other = build.world(), build.world()
    shipment_id = build.shipments(world.place())[0]
    list_id = pick_list(world)
    stranger = Actor(kind="token", name="x", shop_ids=frozenset([other.shop_id]))
    elsewhere = Actor(
        kind="user", name="x", location_ids=frozenset([world.location_ids[world.locations[1]]])
    )

    for actor in (stranger, elsewhere):
        with pytest.raises(NotFound):
            packing_slips([shipment_id], actor=actor)
        with pytest.raises(NotFound):
            pick_lists_pdf([list_id], actor=actor)
    with pytest.raises(NotFound):
        packing_slips([], actor=build.TESTER)
    with pytest.raises(NotFound):
        pick_lists_pdf([ids.new_id()], actor=build.TESTER)
    with pytest.raises(LimitExceeded):
        packing_slips([ids.new_id() for _ in range(201)], actor=build.TESTER)


def test_a_cancelled_shipment_has_no_slip() -> None:
    world = build.world()
    shipment_id = build.shipments(world.place())[0]
    cancel_shipments([CancelShipmentItem(shipment_id=shipment_id)], actor=build.TESTER)[0].require()

    with pytest.raises(WrongState):
        packing_slips([shipment_id], actor=build.TESTER)


def test_an_address_without_the_usual_parts_has_no_empty_lines() -> None:
    address = {"name": "A", "street": "S", "city": "C", "country": "ZZ", "postal_code": None}

    assert address_lines(address, "nl")[:3] == ["A", "S", "C"]


def test_threads_set_documents_at_the_same_time() -> None:
    failures: list[BaseException] = []

    def work(n: int) -> None:
        try:
            for i in range(5):
                lists = [{**EMPTY_LIST, "title": f"T{n}-{i}"}]
                data = {"title": "x", "language": "en", "words": WORDS, "lists": lists}
                assert f"T{n}-{i}" in pages(typeset("picklists/pick_list.typ", data))[0]
        except BaseException as error:  # noqa: BLE001 - a thread's failure is the test's
            failures.append(error)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []


WORDS = {"bin": "b", "article": "a", "order": "o", "quantity": "q", "page": "p"}
EMPTY_LIST = {"number": "P1", "barcode": "", "batch": True, "facts": [["a", "b"]] * 5, "lines": []}
