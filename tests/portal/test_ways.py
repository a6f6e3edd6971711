"""What the portal asks and says before a return is announced: how it comes, a picture, and what its costs leave over."""

import html
from typing import Any
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from orderwerk.core import decode, sql
from orderwerk.orders.links import gift_token, guest_token
from orderwerk.portal.words import WORDS
from orderwerk.return_requests.commands.set_policies import PolicyItem, set_return_policies
from orderwerk.return_requests.way_words import BRING, CLOSED
from tests import build
from tests.portal.tokens import own_token

pytestmark = pytest.mark.django_db
EN = WORDS["en"]
POSTED = "Post it to Example Street 1"


def shop(**policy: Any) -> build.World:
    world = build.world(products=2)
    if policy.pop("brought", False):
        policy |= {"ways": ["label", "own", "location"], "drop_locations": world.locations, "instructions": dict.fromkeys(WORDS, POSTED)}  # fmt: skip
    item = decode.convert({"shop": world.shop, "approve_at_once": True, **policy}, PolicyItem)
    set_return_policies([item], actor=build.TESTER)[0].require()
    return world


def typed(order: UUID, pieces: int = 1, **fields: Any) -> dict[str, Any]:
    line = build.order_lines(order)[0]
    return {f"quantity-{line}": pieces, f"reason-{line}": "damaged", "outcome": "refund", **fields}


def says(answer: Any, word: str, **named: str) -> bool:
    return html.escape(EN[word].format(**named)) in answer.content.decode()


def chosen() -> list[tuple[Any, ...]]:
    return sql.fetch("select r.way, g.code from return_requests_request r left join stock_location g on g.id = r.bring_to_id order by r.id")  # fmt: skip


def test_a_customer_brings_it_to_a_shop_and_reads_where(client: Client) -> None:
    world = shop(brought=True)
    place = world.locations[1]
    sql.execute("update stock_location set name = 'De Winkel', address = '{\"street\": \"Havenweg\", \"house_number\": \"1\", \"city\": \"Stad\"}' where code = %s", (place,))  # fmt: skip
    order = build.shipped(world, (world.skus[0], 3))
    path = f"/track/{own_token(order)}"

    form = client.get(f"{path}/return?lang=en")
    sent = client.post(f"{path}/return?lang=en", typed(order, way=f"location:{place}"))
    page = client.get(sent.headers["Location"])

    assert says(form, "way")
    assert says(form, "way_location", place="De Winkel, Havenweg 1, Stad")
    # No carrier of the shop's comes: its label is not offered.
    assert not says(form, "way_label")
    assert chosen() == [("location", place)]
    assert "Bring it to:<br>De Winkel<br>Havenweg 1, Stad" in page.content.decode()
    assert says(page, "how_to_bring")
    assert POSTED not in page.content.decode()
    own = client.post(f"{path}/return?lang=en", typed(order, way="own"))
    told = client.get(own.headers["Location"])
    assert says(told, "how_to_return")
    assert (
        f"You send it with a carrier of your own choice.<br><br>{POSTED}" in told.content.decode()
    )


@pytest.mark.parametrize("language", ["en", "nl", "de", "fr"])
def test_a_place_that_has_closed_since_is_named_with_what_to_do(
    client: Client, language: str
) -> None:
    world = shop(brought=True)
    order = build.shipped(world, (world.skus[0], 1))
    sent = client.post(f"/track/{own_token(order)}/return?lang={language}", typed(order, way=f"location:{world.locations[0]}"))  # fmt: skip
    sql.execute("update stock_location set name = 'De Winkel', is_active = false where code = %s", (world.locations[0],))  # fmt: skip

    page = client.get(sent.headers["Location"]).content.decode()

    assert html.escape(CLOSED[language].format(place="De Winkel")) in page
    assert BRING[language] not in page
    assert POSTED not in page


@pytest.mark.parametrize("way", ["", "label", "location:nowhere", "a boat"])
def test_what_is_not_offered_is_not_taken_from_the_form(client: Client, way: str) -> None:
    world = shop(brought=True)
    order = build.shipped(world, (world.skus[0], 1))
    client.post(f"/track/{own_token(order)}/return?lang=en", typed(order, way=way))
    assert chosen() == [("own", None)]


def test_one_way_is_told_and_a_label_where_the_carrier_comes(client: Client) -> None:
    world = shop(ways=["label"])
    order = build.shipped(world, (world.skus[0], 1))
    path = f"/track/{own_token(order)}/return?lang=en"
    without = client.get(path)
    build.return_carrier(world)

    told = client.get(path)
    client.post(path, typed(order))

    assert not says(without, "way")
    assert says(told, "way_label")
    assert 'name="way"' not in told.content.decode()
    assert chosen()[-1] == ("label", None)


def test_what_the_fee_would_eat_is_said_before_and_after_and_not_taken(client: Client) -> None:
    world = shop(fee="15.00", free_reasons=["faulty"])
    order = build.shipped(world, (world.skus[0], 2))
    path = f"/track/{own_token(order)}/return?lang=en"

    form = client.get(path)
    few = client.post(path, typed(order, 1))

    assert says(form, "fee_note")
    assert says(form, "free_note", reasons="Does not work")
    assert few.status_code == 422
    assert says(few, "fee_eats_all")
    assert chosen() == []
    assert client.post(path, typed(order, 2)).status_code == 302


def test_where_the_fee_eats_all_of_an_order_the_buyer_reads_it_and_a_guest_only_the_rule(
    client: Client,
) -> None:
    world = shop(fee="15.00", gift_returns=True)
    order = build.shipped(world, (world.skus[0], 1))

    own = client.get(f"/track/{own_token(order)}/return?lang=en")
    guest = client.get(f"/track/{guest_token(order)}/return?lang=en")
    gift = client.get(f"/gift/{gift_token(order)}?lang=en")

    assert says(own, "fee_is_all")
    assert not says(own, "fee_note")
    for page in (guest, gift):
        assert says(page, "fee_note")
        assert not says(page, "fee_is_all")


def test_a_reason_that_wants_a_picture_says_so_and_whoever_got_a_gift_can_send_one(
    client: Client,
) -> None:
    world = shop(photo_reasons=["damaged"], gift_returns=True)
    order = build.shipped(world, (world.skus[0], 2))
    own, gift = f"/track/{own_token(order)}/return?lang=en", f"/gift/{gift_token(order)}?lang=en"
    receiver = {"name": "Robin", "email": "robin@example.org"}

    for path in (own, gift):
        assert says(client.get(path), "photo_note", reasons="Damaged")
        refused = client.post(path, typed(order, **receiver))
        assert refused.status_code == 422
        assert says(refused, "photo_wanted")
    assert chosen() == []
    for path in (own, gift):
        photo = SimpleUploadedFile("x.png", b"\x89PNG\r\n\x1a\n a picture", "image/png")
        assert client.post(path, typed(order, photos=[photo], **receiver)).status_code == 302
    assert sql.fetch("select count(*) from return_requests_photo") == [(2,)]


def test_pictures_of_a_gift_that_are_too_large_together_are_refused(
    client: Client, settings: Any
) -> None:
    world = shop(gift_returns=True)
    order = build.shipped(world, (world.skus[0], 2))
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10

    answer = client.post(f"/gift/{gift_token(order)}?lang=en", typed(order, name="Robin", email="robin@example.org"))  # fmt: skip

    assert answer.status_code == 422
    assert says(answer, "body_too_large")
    assert chosen() == []


def gift_form(order: UUID, way: str) -> dict[str, Any]:
    return typed(order, name="Robin", email="robin@example.org", way=way)


def test_whoever_got_a_gift_chooses_among_the_ways_but_the_label(client: Client) -> None:
    world = shop(brought=True, gift_returns=True)
    build.return_carrier(world)
    order, place = build.shipped(world, (world.skus[0], 4)), world.locations[0]
    path = f"/gift/{gift_token(order)}?lang=en"

    form = client.get(path)
    pages = [client.get(client.post(path, gift_form(order, way)).headers["Location"]) for way in (f"location:{place}", "own", "label")]  # fmt: skip

    assert says(form, "way_own")
    assert says(form, "way_location", place=place)
    # It shows the buyer's address.
    assert not says(form, "way_label")
    assert chosen() == [("location", place), ("own", None), ("own", None)]
    assert f"Bring it to:<br>{place}" in pages[0].content.decode()
    assert POSTED not in pages[0].content.decode()
    assert "You send it with a carrier of your own choice." in pages[1].content.decode()
    sql.execute("update stock_location set is_active = false where code = %s", (place,))
    again = client.get(client.post(path, gift_form(order, f"location:{place}")).headers["Location"])
    # What is not offered any more is not taken: what stands first is.
    assert chosen()[-1] == ("own", None)
    assert again.status_code == 200


def test_a_gift_of_a_shop_that_offers_labels_alone_is_sent_by_the_slip(client: Client) -> None:
    world = shop(ways=["label"], gift_returns=True)
    build.return_carrier(world)
    order = build.shipped(world, (world.skus[0], 1))
    path = f"/gift/{gift_token(order)}?lang=en"

    assert not says(client.get(path), "way")
    client.post(path, gift_form(order, "label"))

    assert chosen() == [("", None)]
