"""Every list can be taken along as a file: all its rows, as filtered, and only what its reader may see."""

import csv
import io
import zipfile
from collections.abc import Callable

import pytest
from django.test import Client

from orderwerk.console import downloads
from tests import build
from tests.console.morning import morning

pytestmark = pytest.mark.django_db
Enter = Callable[..., Client]
LISTS = ("orders", "allocations", "pick-lists", "shipments", "stock", "inbound", "products")


def rows(client: Client, address: str) -> list[dict[str, str]]:
    response = client.get(address)
    assert response.status_code == 200
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    text = b"".join(response.streaming_content).decode()  # type: ignore[attr-defined]
    return list(csv.DictReader(io.StringIO(text)))


@pytest.mark.parametrize("name", LISTS)
def test_a_list_comes_as_csv_and_as_excel(name: str, enter: Enter) -> None:
    morning()
    client = enter()
    page = client.get(f"/{name}/").content.decode()

    found = rows(client, f"/{name}/?file=csv")
    book = client.get(f"/{name}/?file=xlsx")

    assert "file=csv" in page
    assert "file=xlsx" in page
    assert found
    assert not [c for c in found[0] if c == "id" or (c.endswith("_id") and "external" not in c)]
    with zipfile.ZipFile(io.BytesIO(b"".join(book.streaming_content))) as opened:  # type: ignore[attr-defined]
        assert opened.read("xl/worksheets/sheet1.xml").count(b"<row") == len(found) + 1


def test_a_file_has_every_page_as_filtered(enter: Enter, monkeypatch: pytest.MonkeyPatch) -> None:
    built = morning()
    monkeypatch.setattr(downloads, "MOST_ROWS", 2)
    client = enter()

    all_orders = rows(client, "/orders/?file=csv")
    shipped = rows(client, "/orders/?status=shipped&file=csv")
    one = rows(client, f"/orders/?q={built.orders[0]}&file=csv")

    assert len(all_orders) > 4
    assert {row["status"] for row in shipped} == {"shipped"}
    assert [row["number"] for row in one] == [built.orders[0]]
    assert (one[0]["grand_total"], one[0]["currency"]) == ("20.00", "EUR")
    assert one[0]["delivery_address_city"] == "Testdorp"
    assert one[0]["tags"] == "vip"


def test_a_file_never_calculates_and_never_shows_another_shop(enter: Enter) -> None:
    mine, other = build.world(), build.world()
    mine.place(customer={"name": "=HYPERLINK(1)", "email": "a@example.com"})
    other.place()
    client = enter("customer_service", shops=[mine.shop])

    found = rows(client, "/orders/?file=csv")

    assert [row["shop"] for row in found] == [mine.shop]
    assert found[0]["customer_name"] == "'=HYPERLINK(1)"


def test_an_old_address_gives_the_plain_list(enter: Enter) -> None:
    morning()
    client = enter()

    assert rows(client, "/orders/?cursor=nonsense&file=csv") == rows(client, "/orders/?file=csv")


def test_days_are_those_of_the_shop(enter: Enter) -> None:
    world = build.world(timezone="Europe/Amsterdam")
    late = world.place(placed_at="2026-11-20T23:30:00+01:00")
    next_day = world.place(placed_at="2026-11-21T00:30:00+01:00")
    client = enter()
    numbers = {key: build.order(key)["number"] for key in (late, next_day)}

    first = rows(client, "/orders/?from=2026-11-20&to=2026-11-20&file=csv")
    second = rows(client, "/orders/?from=2026-11-21&file=csv")

    assert [row["number"] for row in first] == [numbers[late]]
    assert [row["number"] for row in second] == [numbers[next_day]]
