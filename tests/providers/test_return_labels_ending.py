"""Return labels whose request, box, carrier, key or order ends while they are asked for, and what a waiting one says."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from orderwerk.core import crypto, sql
from orderwerk.flows.erase_orders import EraseItem, erase_orders
from orderwerk.flows.write_emails import write_event_emails
from orderwerk.integrations.carriers.registry import RETURN_CARRIERS
from orderwerk.return_requests.commands.box import BoxItem, box_return_requests
from orderwerk.return_requests.commands.decide import CancelRequestItem, cancel_return_requests
from orderwerk.return_requests.commands.report_labels import LabelNews, report_return_labels
from orderwerk.return_requests.label_queries import label_of
from orderwerk.return_requests.labelling import MOST_CALLS, make_labels
from orderwerk.return_requests.ports import CarrierAccount, LabelOrder, MadeLabel
from tests import build
from tests.doubles.postnl import KEY, PostNLDouble
from tests.doubles.shop import hurry
from tests.doubles.wire import serving
from tests.portal.tokens import own_token
from tests.providers.test_return_labels import Shop, ask, events, healthy, label


@pytest.fixture
def shop(transactional_db: None, settings: Any) -> Iterator[Shop]:
    with serving(PostNLDouble()) as double:
        settings.ORDERWERK_PROVIDER_URLS = {"postnl": double.url}
        yield Shop(double)  # type: ignore[arg-type]


class Meanwhile:
    """The carrier, and what happens elsewhere while it is asked for a label, once."""

    def __init__(self, happens: Callable[[], Any]) -> None:
        self.happens: list[Callable[[], Any]] = [happens]

    def reserve(self, account: CarrierAccount) -> str:
        return RETURN_CARRIERS["postnl"].reserve(account)

    def label(self, account: CarrierAccount, order: LabelOrder) -> MadeLabel:
        made = RETURN_CARRIERS["postnl"].label(account, order)
        while self.happens:
            self.happens.pop()()
        return made


def cancel(request: UUID) -> None:
    cancel_return_requests([CancelRequestItem(return_request_id=request)], actor=build.TESTER)[0].require()  # fmt: skip


def test_what_is_cancelled_or_boxed_while_others_are_made_gets_none(shop: Shop) -> None:
    customer = {"name": "Test Persoon", "email": "same@example.com"}
    first, second, third = (shop.approved(customer=customer) for _ in range(3))
    ask(first, second, third)

    def happens() -> None:
        cancel(second)
        box_return_requests([BoxItem(return_request_id=third, in_box_of=first)], actor=build.TESTER)[0].require()  # fmt: skip

    # The first is asked for first.
    sql.execute("update core_effect e set next_attempt_at = now() - interval '1 hour' from return_requests_label l where l.effect_id = e.id and l.request_id <> %s", (first,))  # fmt: skip
    sql.execute("update core_effect e set next_attempt_at = now() - interval '2 hours' from return_requests_label l where l.effect_id = e.id and l.request_id = %s", (first,))  # fmt: skip
    make_labels({"postnl": Meanwhile(happens)})

    assert [label(r)["status"] for r in (first, second, third)] == ["made", "failed", "failed"]
    assert "finished" in label(second)["note"]
    assert "box" in label(third)["note"]
    assert shop.double.charged == [label(first)["barcode"]]
    healthy()


def test_a_label_of_what_is_cancelled_by_now_is_not_mailed(shop: Shop) -> None:
    request = shop.approved()
    ask(request)
    make_labels({"postnl": Meanwhile(lambda: cancel(request))})
    assert label(request)["status"] == "made"
    assert write_event_emails([UUID(key) for key in events("return_label.made")]) == []


def test_a_doubt_ends_when_the_request_is_finished_and_keeps_its_barcode(shop: Shop) -> None:
    request = shop.approved()
    ask(request)
    shop.double.fail("cut_after", on="label")
    make_labels(RETURN_CARRIERS)
    barcode = label(request)["barcode"]
    cancel(request)
    hurry()
    make_labels(RETURN_CARRIERS)
    assert (label(request)["status"], label(request)["barcode"]) == ("failed", barcode)
    assert shop.double.charged == [barcode]
    healthy()


def test_a_carrier_that_is_switched_off_ends_what_waits_in_sight(shop: Shop) -> None:
    asked, waiting = shop.approved(), shop.approved()
    ask(asked)
    shop.double.fail("cut_after", on="label")
    make_labels(RETURN_CARRIERS)
    barcode = label(asked)["barcode"]
    ask(waiting)
    shop.set(is_active=False)
    hurry()

    make_labels(RETURN_CARRIERS)

    assert [(label(r)["status"], label(r)["barcode"]) for r in (asked, waiting)] == [("failed", barcode), ("failed", "")]  # fmt: skip
    assert label(waiting)["note"] == "The carrier is not in use any more."
    healthy()
    shop.set(is_active=True)
    ask(asked, waiting)
    make_labels(RETURN_CARRIERS)
    assert [label(r)["status"] for r in (asked, waiting)] == ["made", "made"]
    assert len(shop.double.charged) == 2


def test_a_key_that_cannot_be_read_stops_its_own_shop_alone(shop: Shop) -> None:
    other = Shop(shop.double)
    mine, theirs = shop.approved(), other.approved()
    ask(mine, theirs)
    secret = crypto.encrypt(KEY, "another secret key")
    sql.execute("update return_requests_carrier set secret = %s where shop_id = %s", (secret, shop.world.shop_id))  # fmt: skip

    make_labels(RETURN_CARRIERS)

    assert [label(r)["status"] for r in (mine, theirs)] == ["failed", "made"]
    assert "enter it again" in label(mine)["note"]
    shop.set()
    ask(mine)
    make_labels(RETURN_CARRIERS)
    assert label(mine)["status"] == "made"


def test_why_a_label_waits_is_shown_while_it_waits(shop: Shop) -> None:
    request = shop.approved()
    ask(request)
    shop.double.key = "another key of theirs"
    make_labels(RETURN_CARRIERS)
    waiting = label_of(build.TESTER, request)
    assert waiting is not None
    assert waiting.status == "ordered"
    assert waiting.note
    shop.double.key = KEY
    hurry()
    make_labels(RETURN_CARRIERS)
    made = label_of(build.TESTER, request)
    assert made is not None
    assert (made.status, made.note) == ("made", "")


def test_what_is_put_off_is_no_silence(shop: Shop) -> None:
    request = shop.approved()
    ask(request)
    shop.double.fail(*["429"] * MOST_CALLS, "500_after", on="label")
    for _ in range(MOST_CALLS + 1):
        hurry()
        make_labels(RETURN_CARRIERS)
    assert (label(request)["status"], label(request)["asked"]) == ("ordered", 1)


def test_a_barcode_that_never_comes_fails_in_sight(shop: Shop) -> None:
    request = shop.approved()
    ask(request)
    shop.double.fail(*["500_before"] * MOST_CALLS, on="barcode")
    for _ in range(MOST_CALLS):
        hurry()
        make_labels(RETURN_CARRIERS)
    assert label(request)["status"] == "failed"
    assert label(request)["note"].startswith(f"No barcode in {MOST_CALLS} tries")


@pytest.mark.parametrize("ends", ["made", "failed"])
def test_an_order_that_is_erased_under_way_keeps_no_paper_and_no_words(
    shop: Shop, ends: str
) -> None:
    request = shop.approved()
    [(order,)] = sql.fetch("select order_id from return_requests_request where id = %s", (request,))
    build.invoice(order)
    key = ask(request)[0].require().id
    assert key is not None
    [(effect,)] = sql.fetch("select effect_id from return_requests_label where id = %s", (key,))

    def erase() -> None:
        cancel(request)
        sql.execute("update emails_email set status = 'kept'")
        erased = erase_orders([EraseItem(order_id=order)], actor=build.TESTER)[0]
        assert erased.ok, erased.error

    if ends == "made":
        make_labels({"postnl": Meanwhile(erase)})
        assert bytes(label(request)["content"]) == b"\x00"
        assert label(request)["barcode"]
    else:
        erase()
        news = LabelNews(key, effect, note="Dorpsstraat 12 is no address")
        report_return_labels([news], actor=build.TESTER)[0].require()
        assert sql.fetch("select payload ? 'reason' from core_event where kind = 'return_label.failed'") == [(False,)]  # fmt: skip
    assert (label(request)["status"], label(request)["note"]) == (ends, "")
    # Nothing is left to be erased.
    before = sql.fetch("select version from orders_order where id = %s", (order,))
    assert erase_orders([EraseItem(order_id=order)], actor=build.TESTER)[0].ok
    assert sql.fetch("select version from orders_order where id = %s", (order,)) == before
    healthy()


def test_a_label_of_its_own_is_not_offered_in_another_ones_box(shop: Shop, client: Client) -> None:
    customer = {"name": "Test Persoon", "email": "same@example.com"}
    head, other = shop.approved(customer=customer), shop.approved(customer=customer)
    ask(other)
    make_labels(RETURN_CARRIERS)
    [(order, number)] = sql.fetch("select order_id, number from return_requests_request where id = %s", (other,))  # fmt: skip
    path = f"/track/{own_token(order)}/returns/{number}"
    assert "Print the label" in client.get(f"{path}?lang=en").content.decode()

    box_return_requests([BoxItem(return_request_id=other, in_box_of=head)], actor=build.TESTER)[0].require()  # fmt: skip

    assert "Print the label" not in client.get(f"{path}?lang=en").content.decode()
    assert client.get(f"{path}/label.pdf").status_code == 409
    # Taken out again, it is the one that was made.
    box_return_requests([BoxItem(return_request_id=other, in_box_of=None)], actor=build.TESTER)[0].require()  # fmt: skip
    assert client.get(f"{path}/label.pdf").status_code == 200
