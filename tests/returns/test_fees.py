"""What returning costs the customer: in the shop's currency alone, and taken off the credit wherever it is booked."""

from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from orderwerk.core import sql
from orderwerk.flows.return_letters import returns_for_letters
from orderwerk.portal.words import WORDS
from orderwerk.return_requests.commands.set_policies import PolicyItem, set_return_policies
from tests import build
from tests.portal.tokens import own_token

pytestmark = pytest.mark.django_db


def charging(fee: str = "2.50", **shop: Any) -> build.World:
    """A shop that charges for returns."""
    world = build.world(products=2, **shop)
    policy = PolicyItem(shop=world.shop, fee=fee, approve_at_once=True)
    set_return_policies([policy], actor=build.TESTER)[0].require()
    return world


def fee_of(request: UUID) -> int:
    [(fee,)] = sql.fetch("select fee_minor from return_requests_request where id = %s", (request,))
    return int(fee)


@pytest.mark.parametrize(("currency", "fee"), [("EUR", 250), ("SEK", 0)])
def test_the_fee_says_nothing_of_an_order_in_another_currency(
    client: Client, currency: str, fee: int
) -> None:
    world = charging()
    order = build.shipped(world, (world.skus[0], 2), currency=currency)

    request = build.request(order).require().id

    assert request is not None
    assert fee_of(request) == fee
    letter = returns_for_letters([request])[request]["return_request"]
    assert bool(letter["fee"]) is bool(fee)
    page = client.get(f"/track/{own_token(order)}/return?lang=en").content.decode()
    assert (WORDS["en"]["fee"] in page) is bool(fee)
