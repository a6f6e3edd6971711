"""The core of the features, sentence by sentence, as the console shows it: S01 to S20 and S41."""

import re
from typing import Any

import pytest
from django.test import Client

from orderwerk.console.refusals import SENTENCES
from orderwerk.console.sections import SECTIONS
from orderwerk.console.urls import urlpatterns
from orderwerk.console.views.order import TABS
from orderwerk.core import sql
from orderwerk.orders.models import Order
from orderwerk.stock.commands.set_bins import BinItem, set_bins
from tests import build
from tests.console.morning import numbers
from tests.console.reading import page

pytestmark = pytest.mark.django_db


def order(world: build.World, *lines: tuple[str, int], **fields: Any) -> Order:
    """A new order of the shop."""
    return Order.objects.get(id=world.place(*lines, **fields))


def shipments(found: Order, *statuses: str) -> list[str]:
    """The numbers of an order's shipments."""
    return numbers("shipments_shipment", build.shipments(found.id, *statuses))


def two_places() -> tuple[build.World, Order]:
    """An order that no single location can serve."""
    world = build.world(stock=3)
    return world, order(world, (world.skus[0], 5))


def test_s01_every_section_has_an_overview_beside_the_tab(owner: Client) -> None:
    found = order(build.world())

    assert [section.slug for section in SECTIONS] == [
        "orders", "allocations", "pick-lists", "shipments", "invoices", "return-requests", "returns", "refunds",
    ]  # fmt: skip
    for section in SECTIONS:
        page(owner, section.path)
    for section in SECTIONS[1:]:
        page(owner, f"/orders/{found.number}/{section.slug}/")


def test_s02_a_placed_order_appears_by_itself(owner: Client) -> None:
    found = order(build.world())

    assert f">{found.number}<" in page(owner, "/orders/")


def test_s03_tabs_by_status_carry_exact_counts_and_there_is_all(owner: Client) -> None:
    world = build.world()
    order(world)
    order(world, payments=[])

    tabs = owner.get(f"/orders/?shop={world.shop}").context["listing"].tabs

    counts = {tab.key: tab.count for tab in tabs}
    assert (counts["all"], counts["awaiting_payment"], counts["awaiting_shipment"]) == (2, 1, 1)
    assert counts["shipped"] == 0


@pytest.mark.parametrize(
    "kind",
    ["number", "external_id", "customer_email", "phone", "postal", "name", "sku", "shipment", "tracking"],
)  # fmt: skip
def test_s03_one_box_finds_an_order_by_anything(owner: Client, kind: str) -> None:
    world = build.world()
    customer = {"name": "Xaviera Quint", "email": "xq@example.com", "phone": "+31612345678"}
    found = order(world, (world.skus[1], 1), customer=customer)
    order(world)
    shipment = shipments(found)[0]
    owner.post(f"/shipments/{shipment}/track/", {"tracking_code": "3SQUINT"})
    words = {
        "phone": "0612345678", "postal": "1234ab", "name": "quint", "sku": world.skus[1], "shipment": shipment,
        "tracking": "3squint",
    }  # fmt: skip

    text = words.get(kind) or str(getattr(found, kind))
    rows = owner.get("/orders/", {"q": text}).context["listing"].rows

    numbers_found = [row["order"].number for row in rows]
    assert found.number in numbers_found
    assert len(numbers_found) == (2 if kind == "postal" else 1)


def test_s04_an_order_has_eleven_tabs_each_with_an_address(owner: Client) -> None:
    found = order(build.world())

    links = owner.get(f"/orders/{found.number}/").context["tabs"]

    assert [link["url"].split("/")[3] for link in links] == [tab.slug for tab in TABS]
    assert len(links) == 11


def test_s05_general_shows_status_customer_products_delivery_and_payment(owner: Client) -> None:
    world = build.world()
    found = order(world, (world.skus[0], 2))

    text = page(owner, f"/orders/{found.number}/general/")

    for word in (
        "Awaiting shipment",
        "Test Persoon",
        f"Article {world.skus[0]}",
        "€20.00",
        "Testdorp",
        "Paid",
    ):
        assert word in text, word


def test_s06_order_processed_is_honest(owner: Client) -> None:
    found = order(build.world())

    text = page(owner, f"/orders/{found.number}/")

    assert "none connected, so the order has not been passed on" in text
    assert "not connected: the webshop reports what is paid" in text
    assert "no mail server: messages are kept here" in text


def test_s07_billing_and_delivery_address_can_be_changed(owner: Client) -> None:
    found = order(build.world())
    form = {"version": found.version, "customer_name": "New Name"}
    for kind, city in (("delivery", "Delft"), ("billing", "Breda")):
        form |= {f"{kind}_name": "N", f"{kind}_street": "S", f"{kind}_city": city, f"{kind}_country": "NL"}  # fmt: skip

    owner.post(f"/orders/{found.number}/do/address/", form)

    found.refresh_from_db()
    assert (found.delivery_address["city"], found.billing_address["city"]) == ("Delft", "Breda")
    assert found.customer_name == "New Name"


def test_s08_the_customers_comment_is_shown(owner: Client) -> None:
    found = order(build.world(), comment="Leave it with the neighbours")

    assert "Leave it with the neighbours" in page(owner, f"/orders/{found.number}/")


def test_s09_the_ordered_articles_are_listed_and_unknown_ones_marked(owner: Client) -> None:
    world = build.world()
    found = order(world, (world.skus[0], 2), ("never-heard-of", 1))

    text = page(owner, f"/orders/{found.number}/articles/")

    assert world.skus[0] in text
    assert "Not in the catalogue" in text
    assert "Add never-heard-of" in text


def test_s10_parts_of_a_quantity_can_be_cancelled(owner: Client) -> None:
    world = build.world()
    found = order(world, (world.skus[0], 4))
    [line] = build.order_lines(found.id)

    owner.post(f"/orders/{found.number}/do/cancel-lines/", {f"line-{line}": "3", "reason": "x"})

    assert build.order(found.id)["units_cancelled"] == 3


def test_s11_what_has_left_and_what_has_not_is_visible_per_line(owner: Client) -> None:
    world = build.world()
    found = order(world, (world.skus[0], 2), (world.skus[1], 1))
    number = shipments(found)[0]
    rows = sql.fetch("select l.id from shipments_line l join shipments_shipment s on s.id = l.shipment_id where s.number = %s order by l.id", (number,))  # fmt: skip

    owner.post(f"/shipments/{number}/part/", {f"line-{rows[0][0]}": "2", f"line-{rows[1][0]}": "0"})

    lines = owner.get(f"/orders/{found.number}/articles/").context["rows"]
    assert [row["line"].shipped for row in lines] == [2, 0]
    assert "Partially shipped" in page(owner, f"/orders/{found.number}/")


def test_s12_allocations_say_where_with_status_and_why(owner: Client) -> None:
    world, found = two_places()

    text = page(owner, f"/orders/{found.number}/allocations/")
    plain = order(build.world(use_allocation=False))

    assert all(place in text for place in world.locations)
    assert "fewest shipments" in text
    assert "one location serves everything" in page(owner, f"/orders/{plain.number}/allocations/")


def test_s13_s14_pick_lists_show_bins_and_are_picked_on_the_spot(owner: Client) -> None:
    world = build.world(stock=0)
    set_bins([BinItem(location=world.locations[0], bin="C-07", position=7)], actor=build.TESTER)
    owner.post(
        f"/stock/do/count/{world.skus[0]}/",
        {"location": world.locations[0], "quantity": "9", "bin": "C-07"},
    )
    found = order(world)
    owner.post(f"/orders/{found.number}/do/pick/")
    [(number, line)] = sql.fetch("select p.number, l.id from picklists_line l join picklists_pick_list p on p.id = l.pick_list_id where l.order_id = %s", (found.id,))  # fmt: skip

    text = page(owner, f"/pick-lists/{number}/")
    owner.post(f"/pick-lists/{number}/lines/{line}/picked/")

    assert "C-07" in text
    assert "C-07" in page(owner, f"/orders/{found.number}/pick-lists/")
    assert build.order(found.id)["units_picked"] == 1


def test_s15_s18_one_shipment_per_location_and_shipped_when_all_are(owner: Client) -> None:
    world, found = two_places()
    first, second = shipments(found)

    owner.post(f"/shipments/{first}/ship/")
    between = build.order(found.id)["status"]
    owner.post(f"/shipments/{second}/ship/")

    tab = page(owner, f"/orders/{found.number}/shipments/")
    assert all(place in tab for place in world.locations)
    assert (between, build.order(found.id)["status"]) == ("partially_shipped", "shipped")


def test_s16_not_shipped_is_searched_by_shipment_and_order_number(owner: Client) -> None:
    world = build.world()
    found, _other = order(world), order(world)
    [number] = shipments(found)

    for text in (number, found.number):
        rows = owner.get("/shipments/", {"q": text}).context["listing"].rows
        assert [row["shipment"].number for row in rows] == [number]
    owner.post(f"/shipments/{number}/count/", {f"packages-{number}": "3"})
    assert owner.get("/shipments/", {"q": number}).context["listing"].rows[0]["shipment"].package_count == 3  # fmt: skip


def test_s17_shipped_offers_paper_and_can_be_cancelled(owner: Client) -> None:
    found = order(build.world())
    [number] = shipments(found)
    owner.post(f"/shipments/{number}/ship/")

    text = page(owner, f"/shipments/{number}/")
    owner.post(f"/shipments/{number}/cancel/", {"reason": "Wrong parcel"})

    assert "packing-slip.pdf" in text
    assert number in page(owner, "/shipments/?status=cancelled")
    assert build.order(found.id)["status"] == "awaiting_shipment"


def test_s19_s20_a_shipment_has_its_own_page_with_tracking_and_buttons(owner: Client) -> None:
    found = order(build.world())
    [number] = shipments(found)

    text = page(owner, f"/shipments/{number}/")
    owner.post(f"/shipments/{number}/track/", {"tracking_code": "3SX", "tracking_url": "https://t.example/3SX"})  # fmt: skip

    assert all(word in text for word in ("Announce", "Ship and send e-mail", "Track & trace"))
    assert 'href="https://t.example/3SX"' in page(owner, f"/orders/{found.number}/shipments/")


def test_s41_memos_stay_inside(owner: Client) -> None:
    found = order(build.world())

    tab = f"/orders/{found.number}/memo/"
    [sent_to] = re.findall(r'<form method="post" action="(/orders/[^"]+)"', page(owner, tab))

    owner.post(sent_to, {"text": "Careful, called twice"})

    assert "Careful, called twice" in page(owner, tab)
    assert owner.post(tab, {"text": "Lost"}).status_code == 405
    assert "Careful" not in page(owner, f"/orders/{found.number}/")


def test_no_two_addresses_share_a_name() -> None:
    names = [pattern.name for pattern in urlpatterns]

    assert len(names) == len(set(names))


def test_a_dialog_leads_back_to_the_page_it_stands_on(owner: Client) -> None:
    world = build.world()
    here = f"http://testserver/stock/?q={world.skus[0]}"
    headers = {"HX-Request": "true", "HX-Target": "dialog-place", "HX-Current-URL": here}
    form = {"location": world.locations[0], "quantity": "5"}

    answer = owner.post(f"/stock/do/count/{world.skus[0]}/", form, headers=headers)
    elsewhere = owner.post(
        f"/stock/do/count/{world.skus[0]}/", form, headers={**headers, "HX-Current-URL": "https://evil.example/"}
    )  # fmt: skip

    assert answer["HX-Redirect"] == f"/stock/?q={world.skus[0]}"
    assert elsewhere["HX-Redirect"] == f"/stock/{world.skus[0]}/"


def test_a_session_that_ended_leads_to_the_login_and_back(db: None) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/pick-lists/P1/"}

    answer = Client().post("/pick-lists/P1/complete/", headers=headers)

    assert answer["HX-Redirect"] == "/account/login/?next=/pick-lists/P1/"


def test_every_refusal_has_a_sentence_in_both_languages() -> None:
    assert all(str(sentence).endswith(".") for sentence in SENTENCES.values())
    assert len(SENTENCES) >= 20
