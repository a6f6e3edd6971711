"""*Order processed* on an order's page: what each system behind was asked, when, and what did not get through."""

import re
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from orderwerk.core import sql
from orderwerk.core.uow import unit_of_work
from orderwerk.emails.commands.queue import NewEmail, queue_emails
from orderwerk.emails.commands.report_bounces import BounceItem, report_bounces
from orderwerk.flows.look_at_payments import look_at_payments
from orderwerk.integrations.payment_providers.registry import PROVIDERS
from orderwerk.payments.looks import ask_for_looks
from orderwerk.shipments.commands.report_labels import ShippingLabelNews, report_shipping_labels
from orderwerk.shipments.commands.update import UpdateShipmentItem, update_shipments
from tests import build
from tests.doubles.shop import Connected


def said(client: Client, order: UUID) -> str:
    """What stands in the panel, without its marks."""
    html = client.get(f"/orders/{build.order(order)['number']}/").content.decode()
    [panel] = re.findall(r"<h2>Order processed</h2>(.*?)</section>", html, re.DOTALL)
    return " ".join(re.sub("<[^>]+>", " ", panel).split())


def test_a_provider_says_when_it_was_asked_and_what_did_not_get_through(
    stripe: Connected, enter: Callable[..., Client]
) -> None:
    order, client = stripe.order(9), enter()
    assert "Stripe connected; not asked for anything yet E-mail" in said(client, order)

    [(reference,)] = sql.fetch("select reference from payments_payment where order_id = %s", (order,))  # fmt: skip
    ask_for_looks([(stripe.account_id, reference)])
    look_at_payments(PROVIDERS)
    assert re.search(r"Stripe last asked \d", said(client, order))

    stripe.double.fail("500_after", on="create_refunds")
    stripe.send(stripe.handed_over(order, "12.00"))
    text = said(client, order)
    assert "1 call is in doubt and is looked up" in text
    assert "failed" not in text

    stripe.double.next_status = "failed"
    stripe.send(stripe.handed_over(order, "5.00"))
    text = said(client, order)
    assert "1 call failed" in text
    [(note,)] = sql.fetch("select note from refunds_refund where status = 'failed'")
    assert note in text

    sql.execute("update payments_account set is_active = false")
    assert "Stripe not connected: the webshop reports what is paid" in said(client, order)


@pytest.mark.django_db
def test_a_carrier_says_what_became_of_its_labels(enter: Callable[..., Client]) -> None:
    world, client = build.world(locations=1, stock=50), enter()
    order = world.place((world.skus[0], 1))
    [shipment] = build.shipments(order)
    plain = build.parcel_carrier(world, account=False)
    update_shipments([UpdateShipmentItem(shipment_id=shipment, carrier=plain)], actor=build.TESTER)[0].require()  # fmt: skip
    assert f"{plain} not connected: labels and tracking codes come from elsewhere" in said(client, order)  # fmt: skip

    [first, second] = build.parcels_asked(world, shipment, packages=2)
    assert "2 labels on their way" in said(client, order)
    news = [ShippingLabelNews(*first, b"%PDF"), ShippingLabelNews(*second, None, "Postal code unknown")]  # fmt: skip
    for outcome in report_shipping_labels(news, actor=build.TESTER):
        outcome.require()
    text = said(client, order)
    assert re.search(r"1 label, \d.* 1 label refused Postal code unknown", text), text

    other = world.place((world.skus[0], 1))
    [(code,)] = sql.fetch("select carrier from shipments_shipment where id = %s", (shipment,))
    waits = UpdateShipmentItem(shipment_id=build.shipments(other)[0], carrier=code)
    update_shipments([waits], actor=build.TESTER)[0].require()
    assert "connected; no label has been asked for yet" in said(client, other)


@pytest.mark.django_db
def test_the_newest_message_says_what_became_of_it(
    enter: Callable[..., Client], settings: Any
) -> None:
    world, client = build.world(), enter()
    order = world.place()
    settings.ORDERWERK_MAIL_ENABLED = True
    assert "E-mail no message to the customer yet" in said(client, order)

    with unit_of_work(build.TESTER) as unit:
        queue_emails(unit, [NewEmail(world.shop_id, order, "t", order, "a@example.com", "b@example.com", "", "Dag", "Dag")])  # fmt: skip
    assert "E-mail Queued" in said(client, order)

    sql.execute("update emails_email set status = 'kept'")
    [(message,)] = sql.fetch("select message_id from emails_email")
    report_bounces([BounceItem(message_id=message, reason="no such mailbox")], actor=build.TESTER)
    assert "E-mail Bounced" in said(client, order)


def test_what_was_sent_and_is_in_doubt_was_asked(
    stripe: Connected, enter: Callable[..., Client]
) -> None:
    order, client = stripe.order(9), enter()
    stripe.double.fail("500_after", on="create_refunds")
    stripe.send(stripe.handed_over(order, "12.00"))
    text = said(client, order)
    assert re.search(r"Stripe last asked \d.* 1 call is in doubt", text), text
    # Whoever packs has no right to refunds.
    assert "Stripe" not in said(enter("warehouse"), order)


@pytest.mark.django_db
def test_carriers_of_other_locations_are_not_told(enter: Callable[..., Client]) -> None:
    world = build.world(locations=2, stock=1)
    order = world.place((world.skus[0], 2))
    here, there = build.shipments(order)
    codes = [build.parcel_carrier(world, account=False) for _ in range(2)]
    for key, code in zip((here, there), codes, strict=True):
        update_shipments([UpdateShipmentItem(shipment_id=key, carrier=code)], actor=build.TESTER)[0].require()  # fmt: skip
    [(name,)] = sql.fetch("select l.code from shipments_shipment h join stock_location l on l.id = h.location_id where h.id = %s", (here,))  # fmt: skip
    text = said(enter("warehouse", locations=(name,)), order)
    assert (codes[0] in text, codes[1] in text) == (True, False)
    assert all(code in said(enter(), order) for code in codes)
