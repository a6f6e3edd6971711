"""The sheet in the box: what comes back, to whom, and a code that the dock understands."""

import io
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from pypdf import PdfReader

from orderwerk.console.reads.returns import order_of_scan
from orderwerk.core import sql
from orderwerk.core.decode import convert
from orderwerk.core.errors import WrongState
from orderwerk.orders.links import guest_token
from orderwerk.return_requests.commands.decide import ApproveRequestItem, approve_return_requests
from orderwerk.return_requests.commands.set_policies import PolicyItem, set_return_policies
from orderwerk.return_requests.documents import return_slip
from orderwerk.return_requests.way_words import BRING, CLOSED, OWN
from tests import build

pytestmark = pytest.mark.django_db
LEGAL = {"name": "Winkel B.V.", "address": "Havenweg 1", "postal_code": "1234 AB", "city": "Stad", "country": "NL"}  # fmt: skip


def _text(content: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)


def test_a_slip_says_what_comes_back_to_whom_in_the_customers_language(client: Client) -> None:
    world = build.world(products=1, legal=LEGAL)
    how = {"shop": world.shop, "instructions": {"nl": "Breng het naar een servicepunt."}}
    set_return_policies([convert(how, PolicyItem)], actor=build.TESTER)[0].require()
    order = build.shipped(world, (world.skus[0], 2))
    asked = build.request(order, build.back(order, 2)).require()
    number = asked.data["number"]

    with pytest.raises(WrongState):
        return_slip(asked.id, actor=build.TESTER)  # type: ignore[arg-type]
    path = f"/track/{guest_token(order)}/returns/{number}/slip.pdf"
    early = client.get(path)
    leave = ApproveRequestItem(return_request_id=asked.id)  # type: ignore[arg-type]
    approve_return_requests([leave], actor=build.TESTER)[0].require()
    slip = return_slip(asked.id, actor=build.TESTER)  # type: ignore[arg-type]
    french = client.get(f"{path}?lang=fr")

    text = _text(slip.content)
    assert early.status_code == 409
    assert client.get(path.replace(number, "RQ0")).status_code == 404
    assert slip.name == f"retourbon-{number}.pdf"
    for part in (number, f"Article {world.skus[0]}", "Winkel B.V.", "Havenweg 1", "1234 AB Stad", "Breng het naar een servicepunt."):  # fmt: skip
        assert part in text
    assert "Bon de retour" in _text(french.content)
    # What the code says is what the dock scans.
    found = order_of_scan(build.TESTER, number)
    assert found == (build.order(order)["number"], number)


def _slip(way: dict[str, Any], *, closed: bool = False) -> str:
    """Return the text of the slip, on one line, of a return that comes this way; the shop's instructions tell how to post it."""
    world = build.world(products=1, legal=LEGAL)
    name, address = "De Hoek", '{"street": "Pleinweg", "house_number": "7", "postal_code": "5678 CD", "city": "Gouda"}'  # fmt: skip
    sql.execute("update stock_location set name = %s, address = %s::jsonb where code = %s", (name, address, world.locations[0]))  # fmt: skip
    item = {
        "shop": world.shop, "instructions": {"nl": "Op de post naar Antwoordnummer 9."}, "approve_at_once": True,
        "ways": ["own", "location"], "drop_locations": world.locations[:1],
    }  # fmt: skip
    set_return_policies([convert(item, PolicyItem)], actor=build.TESTER)[0].require()
    order = build.shipped(world, (world.skus[0], 1))
    if way["way"] == "location":
        way["bring_to"] = world.locations[0]
    request = build.request(order, **way).require().id
    assert isinstance(request, UUID)
    if closed:
        sql.execute("update stock_location set is_active = false where code = %s", (world.locations[0],))  # fmt: skip
    return " ".join(_text(return_slip(request, actor=build.TESTER).content).split())


def test_the_slip_of_what_is_brought_names_the_place_and_nothing_of_posting() -> None:
    text = _slip({"way": "location"})

    assert f"{BRING['nl']}: De Hoek Pleinweg 7, 5678 CD Gouda" in text
    # Once more on the part that is stuck onto the box, as an address.
    assert f"{BRING['nl']} De Hoek Pleinweg 7 5678 CD Gouda" in text
    for posted in ("Antwoordnummer", "Sturen naar", "Zo stuur je", "Havenweg", "1234 AB"):
        assert posted not in text


def test_the_slip_of_what_would_be_brought_to_a_place_that_has_closed_sends_it_nowhere() -> None:
    text = _slip({"way": "location"}, closed=True)

    assert CLOSED["nl"].format(place="De Hoek") in text
    for goal in (BRING["nl"], "Pleinweg", "Antwoordnummer", "Sturen naar", "Havenweg"):
        assert goal not in text


def test_the_slip_of_what_customers_post_themselves_says_so() -> None:
    text = _slip({"way": "own"})

    assert f"{OWN['nl']} Op de post naar Antwoordnummer 9." in text
    assert "Sturen naar" in text
    assert "Havenweg 1" in text
