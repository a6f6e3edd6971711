"""The sheet in the box: what comes back, to whom, and a code that the dock understands."""

import io

import pytest
from django.test import Client
from pypdf import PdfReader

from orderwerk.console.reads.returns import order_of_scan
from orderwerk.core.decode import convert
from orderwerk.core.errors import WrongState
from orderwerk.orders.links import guest_token
from orderwerk.return_requests.commands.decide import ApproveRequestItem, approve_return_requests
from orderwerk.return_requests.commands.set_policies import PolicyItem, set_return_policies
from orderwerk.return_requests.documents import return_slip
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
