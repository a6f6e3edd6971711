"""What customers hear by themselves, and what people write to them."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from orderwerk.core import clock, decode, sql
from orderwerk.emails.commands.set_automations import AutomationItem, set_automations
from orderwerk.emails.commands.upsert_templates import TemplateItem, upsert_templates
from orderwerk.flows.cancel_orders import CancelItem, CancelLine, cancel_orders
from orderwerk.flows.record_payments import PaymentItem, record_payments
from orderwerk.flows.send_emails import SendEmailItem, send_emails
from orderwerk.flows.ship_shipments import ShipItem, ShipLine, ship_shipments
from orderwerk.flows.write_emails import write_event_emails
from orderwerk.return_requests.commands.set_policies import PolicyItem, set_return_policies
from orderwerk.return_requests.way_words import BRING, CLOSED, COLON, OWN
from orderwerk.shipments.commands.track import TrackItem, track_shipments
from tests import build

pytestmark = pytest.mark.django_db


def now() -> str:
    return clock.now().isoformat()


def written(order_id: UUID) -> list[tuple[str, str, str]]:
    """Give every event to the job, twice, and return trigger, subject and text of the order's messages."""
    events = [row[0] for row in sql.fetch("select id from core_event where order_id = %s and kind in ('order.placed', 'order.payment_changed', 'order.cancelled', 'shipment.shipped', 'shipment.delivered')", (order_id,))]  # fmt: skip
    write_event_emails(events)
    assert write_event_emails(events) == []
    return sql.fetch(
        "select trigger, subject, body_text from emails_email where order_id = %s order by id",
        (order_id,),
    )  # type: ignore[return-value]


def test_a_new_order_is_confirmed_in_the_customers_language_and_an_old_one_is_not() -> None:
    world = build.world(sender_email="shop@example.com")
    dutch = world.place((world.skus[0], 2), placed_at=now(), locale="nl")
    german = world.place(placed_at=now(), locale="de-AT")
    polish = world.place(placed_at=now(), locale="pl")
    old = world.place(placed_at=(clock.now() - timedelta(days=3)).isoformat())
    silent = world.place(placed_at=now(), customer={"name": "No Address"})

    [(trigger, subject, text)] = written(dutch)
    assert trigger == "order.received"
    assert subject == f"We hebben je bestelling {build.order(dutch)['number']} ontvangen"
    assert f"- 2 × Article {world.skus[0]} – € 20,00" in text
    assert "Totaal: € 20,00" in text
    assert "Teststraat 1" in text
    assert "betaling" not in text
    assert written(german)[0][1].startswith("Wir haben Ihre Bestellung")
    assert written(polish)[0][1].startswith("We have received your order")
    assert written(old) == []
    assert written(silent) == []


def test_a_long_address_keeps_no_other_message_from_being_written() -> None:
    world = build.world()
    long = f"{'a' * 60}@{'b' * 60}.{'c' * 60}.{'d' * 60}.nl"
    orders = [
        world.place(placed_at=now(), customer={"name": "Test", "email": address})
        for address in ("short@example.com", long)
    ]
    events = [row[0] for row in sql.fetch("select id from core_event where kind = 'order.placed'")]

    assert len(write_event_emails(events)) == 2
    assert write_event_emails(events) == []
    assert {order: len(written(order)) for order in orders} == dict.fromkeys(orders, 1)


def test_money_that_comes_later_is_confirmed_once_it_is_all_there() -> None:
    world = build.world()
    order = world.place((world.skus[0], 3), placed_at=now(), payments=[])
    assert "Zodra je betaling binnen is" in written(order)[0][2]

    def pay(amount: str, reference: str) -> None:
        item = PaymentItem(order_id=order, provider="p", reference=reference, status="paid", amount=amount)  # fmt: skip
        record_payments([item], actor=build.TESTER)[0].require()

    pay("10.00", "a")
    assert [row[0] for row in written(order)] == ["order.received"]
    pay("20.00", "b")
    assert [row[0] for row in written(order)] == ["order.received", "order.paid"]
    assert "€ 30,00" in written(order)[1][2]


def test_a_part_on_its_way_says_that_the_rest_follows() -> None:
    world = build.world()
    order = world.place((world.skus[0], 2))
    [shipment] = build.shipments(order)
    [(line,)] = sql.fetch("select id from shipments_line where shipment_id = %s", (shipment,))
    part = ShipItem(shipment_id=shipment, notify=True, lines=[ShipLine(shipment_line_id=line, quantity=1)])  # fmt: skip
    ship_shipments([part], actor=build.TESTER)[0].require()
    first = written(order)
    [rest] = build.shipments(order, "open")
    ship_shipments([ShipItem(shipment_id=rest, notify=True)], actor=build.TESTER)[0].require()

    assert first[0][1].startswith("Een deel van je bestelling")
    assert "De rest volgt." in first[0][2]
    assert written(order)[1][1].endswith("is onderweg")
    assert not written(order)[1][1].startswith("Een deel")


def test_shipping_tells_by_itself_only_where_that_is_switched_on() -> None:
    quiet, loud = build.world(), build.world()
    switch = AutomationItem(shop=loud.shop, trigger="shipment.shipped", is_on=True)
    set_automations([switch], actor=build.TESTER)[0].require()

    def ship(world: build.World) -> UUID:
        order = world.place()
        item = ShipItem(shipment_id=build.shipments(order)[0], tracking_code=f"3S{order}")
        ship_shipments([item], actor=build.TESTER)[0].require()
        return order

    assert written(ship(quiet)) == []
    told = ship(loud)
    assert [row[0] for row in written(told)] == ["shipment.shipped"]

    report = TrackItem(tracking_code=f"3S{told}", status="delivered", at=clock.now())
    track_shipments([report], actor=build.TESTER)[0].require()
    assert [row[0] for row in written(told)] == ["shipment.shipped", "shipment.delivered"]


def test_a_switched_off_message_is_not_written() -> None:
    world = build.world()
    off = AutomationItem(shop=world.shop, trigger="order.received", is_on=False)
    set_automations([off], actor=build.TESTER)[0].require()

    assert written(world.place(placed_at=now())) == []


def test_each_cancellation_is_told_once() -> None:
    world = build.world()
    order = world.place((world.skus[0], 2), (world.skus[1], 1))
    line = build.order_lines(order)[0]

    def cancel(**what: Any) -> None:
        item = CancelItem(order_id=order, reason="sold out", **what)
        cancel_orders([item], actor=build.TESTER)[0].require()

    cancel(lines=[CancelLine(order_line_id=line, quantity=1)])
    part = written(order)
    cancel()
    whole = written(order)

    assert part[0][1].startswith("Een deel van je bestelling")
    assert f"- 1 × Article {world.skus[0]}" in part[0][2]
    assert len(whole) == 2
    assert whole[1][1].endswith("is geannuleerd")


def test_a_text_that_fails_with_real_data_gives_way_to_ours() -> None:
    world = build.world()
    good_on_sample = "{% for i in (1..100) %}{% for l in order.lines %}{% for x in (1..45) %}.{% endfor %}{% endfor %}{% endfor %}"  # fmt: skip
    item = TemplateItem(shop=world.shop, trigger="order.received", language="nl", subject="x", body=good_on_sample)  # fmt: skip
    upsert_templates([item], actor=build.TESTER)[0].require()
    order = world.place((world.skus[0], 1), (world.skus[1], 1), (world.skus[2], 1), placed_at=now())

    [(_, subject, _)] = written(order)

    assert subject.startswith("We hebben je bestelling")


def test_a_stranger_cannot_write_through_our_mail() -> None:
    world = build.world()
    name = "[Win now](https://evil.example/x) www.evil.example"
    order = world.place(placed_at=now(), customer={"name": name, "email": "victim@example.com"})
    written(order)

    [(page,)] = sql.fetch("select body_html from emails_email where order_id = %s", (order,))
    assert 'href="https://evil' not in page
    assert "www.evil" not in page


def test_somebody_writes_to_a_customer_by_hand() -> None:
    world = build.world(sender_email="shop@example.com", sender_name="Winkel")
    order, mute = world.place(), world.place(customer={"name": "x"})
    items = [
        SendEmailItem(order_id=order, subject="Over {{ order.number }}", body="Dag {{ customer.name }}"),
        SendEmailItem(order_id=order, template="order.received"),
        SendEmailItem(order_id=order),
        SendEmailItem(order_id=order, subject="x", body="x", template="order.received"),
        SendEmailItem(order_id=order, template="shipment.shipped"),
        SendEmailItem(order_id=order, subject="x", body="{{ x"),
        SendEmailItem(order_id=mute, subject="x", body="x"),
        SendEmailItem(order_id=world.shop_id, subject="x", body="x"),
    ]  # fmt: skip

    outcomes = send_emails(items, actor=build.TESTER)

    assert [o.error.code if o.error else None for o in outcomes] == [
        None, None, "nothing_written", "words_and_template", "unknown_template", "invalid_template", "no_email_address",
        "not_found",
    ]  # fmt: skip
    rows = sql.fetch("select id, sender, reply_to, subject, body_text, status from emails_email order by id")  # fmt: skip
    assert [row[0] for row in rows] == [outcomes[0].id, outcomes[1].id]
    number = build.order(order)["number"]
    assert rows[0][1:] == (
        "Winkel <shop@example.com>", "shop@example.com", f"Over {number}", "Dag Test Persoon\n", "queued",
    )  # fmt: skip


def test_what_concerns_no_order_is_told_to_nobody() -> None:
    world = build.world()
    events = [row[0] for row in sql.fetch("select id from core_event where order_id is null")]
    assert events
    assert write_event_emails(events) == []
    assert world.shop


RETURN_KINDS = "select id from core_event where order_id = %s and kind in ('return_request.received', 'return_request.approved', 'return.processed')"


def test_every_step_of_a_return_is_told() -> None:
    world = build.world(sender_email="shop@example.com")
    order = build.shipped(world, (world.skus[0], 2))
    build.request(order).require()
    build.give_back(order, notify=True).require()

    write_event_emails([row[0] for row in sql.fetch(RETURN_KINDS, (order,))])

    messages = sql.fetch("select trigger, body_text from emails_email where order_id = %s order by id", (order,))  # fmt: skip
    assert {row[0] for row in messages} >= {"return_request.received", "return.processed"}
    assert all(f"Article {world.skus[0]}" in row[1] for row in messages)


HEADINGS = {"nl": "Zo stuur je het terug", "en": "How to send it back", "de": "So senden", "fr": "Comment le renvoyer"}  # fmt: skip


def _told_to_send(locale: str, way: str, *, closed: bool = False) -> str:
    """Return the letter about an approved return that comes this way."""
    world = build.world(locale=locale)
    sql.execute("update stock_location set name = 'De Hoek', address = '{\"street\": \"Pleinweg\", \"house_number\": \"7\"}', is_active = true where code = %s", (world.locations[0],))  # fmt: skip
    rules = {
        "shop": world.shop, "ways": ["own", "location"], "drop_locations": world.locations[:1], "approve_at_once": True,
        "instructions": dict.fromkeys(HEADINGS, "Straat 1, 1234 AB Plaats"),
    }  # fmt: skip
    set_return_policies([decode.convert(rules, PolicyItem)], actor=build.TESTER)[0].require()
    order = build.shipped(world, (world.skus[0], 1))
    build.request(order, way=way, bring_to=world.locations[0] if way == "location" else None).require()  # fmt: skip
    if closed:
        sql.execute("update stock_location set is_active = false where code = %s", (world.locations[0],))  # fmt: skip
    write_event_emails([row[0] for row in sql.fetch(RETURN_KINDS, (order,))])
    [(text,)] = sql.fetch("select body_text from emails_email where order_id = %s and trigger = 'return_request.received'", (order,))  # fmt: skip
    return str(text)


@pytest.mark.parametrize("locale", ["nl", "en", "de", "fr"])
def test_a_letter_tells_the_way_back_that_the_customer_chose(locale: str) -> None:
    brought = _told_to_send(locale, "location")
    closed = _told_to_send(locale, "location", closed=True)
    own = _told_to_send(locale, "own")

    assert f"{BRING[locale]}{COLON[locale]}\nDe Hoek\nPleinweg 7" in brought
    assert CLOSED[locale].format(place="De Hoek") in closed
    assert "Pleinweg" not in closed
    for text in (brought, closed):
        assert HEADINGS[locale] not in text
        assert "Straat 1, 1234 AB" not in text
    assert HEADINGS[locale] in own
    assert f"{OWN[locale]}\n\nStraat 1, 1234 AB Plaats" in own
