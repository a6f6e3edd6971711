"""Return labels at a carrier: one for a request whatever breaks, asked for again under the same barcode, failing in sight."""

import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import jsonschema_rs
import pytest
from django.db import IntegrityError
from django.db.transaction import atomic
from django.test import Client

from orderwerk.checks.run import ALL, run_checks
from orderwerk.core import effects, sql
from orderwerk.core.decode import convert
from orderwerk.core.outcome import Outcome
from orderwerk.flows.attached_files import attached_files
from orderwerk.flows.erase_orders import EraseItem, erase_orders
from orderwerk.flows.write_emails import write_event_emails
from orderwerk.integrations.carriers.registry import RETURN_CARRIERS
from orderwerk.integrations.jobs import make_due_labels, make_ordered_labels, order_approved_labels
from orderwerk.orders.links import guest_token
from orderwerk.return_requests.commands.decide import (
    ApproveRequestItem,
    CancelRequestItem,
    approve_return_requests,
    cancel_return_requests,
)
from orderwerk.return_requests.commands.order_labels import OrderLabelItem, order_return_labels
from orderwerk.return_requests.commands.report_labels import LabelNews, report_return_labels
from orderwerk.return_requests.commands.set_carriers import ReturnCarrierItem, set_return_carriers
from orderwerk.return_requests.label_queries import return_label_document
from orderwerk.return_requests.labelling import MOST_CALLS, make_labels
from orderwerk.return_requests.ports import CarrierAccount, Declined, LabelOrder, Unclear
from tests import build
from tests.doubles.postnl import KEY, PDF, PostNLDouble
from tests.doubles.shop import hurry
from tests.doubles.wire import Reply, serving
from tests.portal.tokens import own_token
from tests.providers.test_sending import NOT_HEALTHY

ACCOUNT: dict[str, Any] = {
    "key": KEY, "mode": "test", "customer_code": "DEVC", "customer_number": "11223344", "company": "Example Shop",
    "reply_number": "1234", "postal_code": "1000 VV", "city": "Amsterdam",
}  # fmt: skip


class Shop:
    """A shop whose returns PostNL brings."""

    def __init__(self, double: PostNLDouble, **fields: Any) -> None:
        self.double = double
        self.world = build.world()
        self.set(**fields)

    def set(self, **fields: Any) -> Outcome:
        item = convert({"shop": self.world.shop, **ACCOUNT, **fields}, ReturnCarrierItem)
        return set_return_carriers([item], actor=build.TESTER)[0].require()

    def approved(self, pieces: int = 1, **fields: Any) -> UUID:
        order = build.shipped(self.world, (self.world.skus[0], 2), **fields)
        request = build.request(order, build.back(order, pieces)).require().id
        assert request is not None
        approve_return_requests([ApproveRequestItem(return_request_id=request)], actor=build.TESTER)[0].require()  # fmt: skip
        return request


@pytest.fixture
def shop(transactional_db: None, settings: Any) -> Iterator[Shop]:
    with serving(PostNLDouble()) as double:
        settings.ORDERWERK_PROVIDER_URLS = {"postnl": double.url}
        yield Shop(double)  # type: ignore[arg-type]


def ask(*requests: UUID) -> list[Outcome]:
    return order_return_labels([OrderLabelItem(return_request_id=key) for key in requests], actor=build.TESTER)  # fmt: skip


def code(outcome: Outcome) -> str:
    assert outcome.error is not None
    return outcome.error.code


def label(request: UUID) -> dict[str, Any]:
    names = (
        "l.id, l.status, l.attempts, l.barcode, l.asked, l.content, l.note, e.status, e.attempts"
    )
    [row] = sql.fetch(
        f"select {names} from return_requests_label l join core_effect e on e.id = l.effect_id where l.request_id = %s",
        (request,),
    )
    keys = ("id", "status", "attempts", "barcode", "asked", "content", "note", "effect", "calls")
    return dict(zip(keys, row, strict=True))


def healthy() -> None:
    report = run_checks([x for x in ALL if x.id not in NOT_HEALTHY])
    assert (report.findings, report.unchecked) == ([], {})


def events(kind: str) -> list[str]:
    return [str(row[0]) for row in sql.fetch("select id from core_event where kind = %s order by id", (kind,))]  # fmt: skip


def test_an_approved_request_gets_its_label_by_itself_and_the_customer_hears_of_it(
    shop: Shop,
) -> None:
    request = shop.approved()

    order_approved_labels(events("return_request.approved"))
    make_ordered_labels(events("return_label.ordered"))

    made = label(request)
    assert (made["status"], made["effect"], made["attempts"], made["asked"]) == (
        "made",
        "succeeded",
        1,
        1,
    )
    assert bytes(made["content"]) == PDF + made["barcode"].encode()
    assert shop.double.charged == [made["barcode"]]
    # Twice is once: the job again, the event again.
    order_approved_labels(events("return_request.approved"))
    make_due_labels(0)
    assert shop.double.charged == [made["barcode"]]
    written = write_event_emails([UUID(key) for key in events("return_label.made")])
    [(text,)] = sql.fetch("select body_text from emails_email where id = any(%s)", (written,))
    assert made["barcode"] in text
    assert "PostNL" in text
    [file] = attached_files(written[0]).files
    assert (file.content, file.media_type) == (PDF + made["barcode"].encode(), "application/pdf")
    healthy()


def test_what_is_asked_for_is_what_postnl_specifies(shop: Shop) -> None:
    shared = os.environ.get("ORDERWERK_SHARED_DATA")
    if not shared:
        pytest.skip("ORDERWERK_SHARED_DATA is not set: no specification to hold against")
    specification = json.loads((Path(shared) / "specs/postnl/openapi/Shipment.json").read_text())
    schema = specification["components"]["schemas"]["labellingRequest"]
    paperless = Shop(shop.double, is_paperless=True)
    requests = [shop.approved(2), paperless.approved()]
    ask(*requests)
    make_labels(RETURN_CARRIERS)

    validator = jsonschema_rs.validator_for(schema)
    bodies = [shop.double.parcels[label(key)["barcode"]] for key in requests]
    assert [list(validator.iter_errors(body)) for body in bodies] == [[], []]
    options = [body["Shipments"][0]["ProductOptions"][0]["Option"] for body in bodies]
    assert options == ["027", "025"]
    assert bodies[0]["Shipments"][0]["Addresses"][0]["Zipcode"] == "1000VV"


@pytest.mark.parametrize("fault", ["hang_before", "hang_after", "500_before", "500_after", "cut_before", "cut_after", "garbage_before", "garbage_after"])  # fmt: skip
def test_what_nobody_knows_is_asked_again_under_the_same_barcode(shop: Shop, fault: str) -> None:
    request = shop.approved()
    ask(request)
    shop.double.fail(fault, on="label")

    make_labels(RETURN_CARRIERS)

    first = label(request)
    assert (first["status"], first["effect"], first["asked"]) == ("ordered", "in_doubt", 1)
    assert make_labels(RETURN_CARRIERS) == 0  # not before its time
    hurry()
    make_labels(RETURN_CARRIERS)
    after = label(request)
    assert (after["status"], after["barcode"]) == ("made", first["barcode"])
    assert shop.double.charged == [first["barcode"]]
    healthy()


@pytest.mark.parametrize("fault", ["hang_after", "500_before", "cut_after", "garbage_after", "429"])
def test_a_barcode_that_did_not_come_is_asked_for_again(shop: Shop, fault: str) -> None:
    request = shop.approved()
    ask(request)
    shop.double.fail(fault, on="barcode")
    make_labels(RETURN_CARRIERS)
    assert (label(request)["barcode"], label(request)["status"]) == ("", "ordered")

    hurry()
    make_labels(RETURN_CARRIERS)

    assert label(request)["status"] == "made"
    assert shop.double.charged == [label(request)["barcode"]]


def test_too_many_at_once_and_refused_credentials_wait_and_the_account_is_left_alone(
    shop: Shop,
) -> None:
    requests = [shop.approved(), shop.approved()]
    ask(*requests)
    shop.double.fail("429", on="label")
    make_labels(RETURN_CARRIERS)
    assert [(label(r)["effect"], label(r)["asked"]) for r in requests] == [("intended", 0)] * 2
    shop.double.key = "another key of theirs"
    hurry()
    make_labels(RETURN_CARRIERS)
    assert [label(r)["status"] for r in requests] == ["ordered", "ordered"]
    assert shop.double.charged == []

    shop.double.key = KEY
    hurry()
    make_labels(RETURN_CARRIERS)
    assert [label(r)["status"] for r in requests] == ["made", "made"]
    healthy()


def test_a_pause_after_a_doubt_stays_in_doubt(shop: Shop) -> None:
    request = shop.approved()
    ask(request)
    shop.double.fail("cut_after", "429", on="label")
    make_labels(RETURN_CARRIERS)
    hurry()
    make_labels(RETURN_CARRIERS)
    assert (label(request)["effect"], label(request)["asked"]) == ("in_doubt", 1)
    hurry()
    make_labels(RETURN_CARRIERS)
    assert (label(request)["status"], len(shop.double.charged)) == ("made", 1)


def test_a_no_fails_in_sight_gives_the_barcode_up_and_is_asked_again(shop: Shop) -> None:
    request = shop.approved()
    shop.double.refuses = Reply(400, {"Errors": [{"Code": "1280202", "Description": "Incorrect address\x07"}]})  # fmt: skip
    ask(request)
    make_labels(RETURN_CARRIERS)
    failed = label(request)
    assert (failed["status"], failed["effect"], failed["barcode"]) == ("failed", "failed", "")
    assert failed["note"] == "1280202 Incorrect address"
    healthy()

    shop.double.refuses = None
    assert ask(request)[0].require().id == failed["id"]
    make_labels(RETURN_CARRIERS)

    assert (label(request)["status"], label(request)["attempts"]) == ("made", 2)
    assert len(shop.double.charged) == 1
    healthy()


def test_a_no_after_a_doubt_keeps_the_barcode(shop: Shop) -> None:
    request = shop.approved()
    ask(request)
    shop.double.fail("cut_after", on="label")
    make_labels(RETURN_CARRIERS)
    barcode = label(request)["barcode"]
    shop.double.refuses = Reply(200, {"ResponseShipments": [{"Barcode": barcode, "Labels": [], "Errors": [{"Code": "111", "Description": "No label available"}]}]})  # fmt: skip
    hurry()
    make_labels(RETURN_CARRIERS)
    assert (label(request)["status"], label(request)["barcode"]) == ("failed", barcode)

    shop.double.refuses = None
    ask(request)
    make_labels(RETURN_CARRIERS)
    assert (label(request)["status"], shop.double.charged) == ("made", [barcode])
    healthy()


def test_a_carrier_that_never_answers_fails_in_sight_in_the_end(shop: Shop) -> None:
    request = shop.approved()
    ask(request)
    shop.double.fail(*["500_after"] * MOST_CALLS, on="label")
    for _ in range(MOST_CALLS):
        hurry()
        make_labels(RETURN_CARRIERS)
    failed = label(request)
    assert (failed["status"], failed["calls"]) == ("failed", MOST_CALLS)
    assert failed["note"].startswith(f"No answer in {MOST_CALLS} calls")

    ask(request)
    make_labels(RETURN_CARRIERS)
    assert shop.double.charged == [failed["barcode"]] == [label(request)["barcode"]]


@pytest.mark.parametrize(
    "body",
    [
        [], {}, {"ResponseShipments": []}, {"ResponseShipments": [{"Labels": [{"Content": 7}]}]},
        {"ResponseShipments": [{"Labels": [{"Content": "é"}]}]},
        {"ResponseShipments": [{"Labels": [{"Content": "bm8gcGRm"}]}]},
        {"ResponseShipments": [{"Barcode": "3SDEVC999999999", "Labels": [{"Content": "JVBERi0="}]}]},
    ],
)  # fmt: skip
def test_an_answer_that_is_none_leaves_it_in_doubt(shop: Shop, body: Any) -> None:
    request = shop.approved()
    ask(request)
    shop.double.refuses = Reply(200, body)
    make_labels(RETURN_CARRIERS)
    assert (label(request)["status"], label(request)["effect"]) == ("ordered", "in_doubt")


def test_an_answer_as_postnl_records_it_is_understood(shop: Shop) -> None:
    shop.double.bare = True
    request = shop.approved()
    ask(request)
    make_labels(RETURN_CARRIERS)
    assert label(request)["status"] == "made"


def test_a_refusal_without_words_says_its_number(shop: Shop) -> None:
    request = shop.approved()
    ask(request)
    shop.double.refuses = Reply(405, "no")
    make_labels(RETURN_CARRIERS)
    assert label(request)["note"] == "PostNL refused with 405."


def test_a_barcode_that_is_none_is_no_barcode(shop: Shop) -> None:
    account = CarrierAccount(
        uuid4(), "postnl", "test", "DEVC", "1", "A", "1", "1000VV", "B", key=KEY
    )
    postnl = RETURN_CARRIERS["postnl"]
    shop.double.instead = {"Barcode": "<b>"}
    with pytest.raises(Unclear):
        postnl.reserve(account)
    shop.double.instead = None
    barcode = postnl.reserve(account)
    sender = {
        "name": "A",
        "street": "Dorpsstraat 12 bis",
        "postal_code": "1234 AB",
        "city": "B",
        "country": "NL",
    }
    order = LabelOrder(barcode, "RQ1", "1", sender, "", 0, is_paperless=False)
    assert postnl.label(account, order).barcode == barcode
    address = shop.double.parcels[barcode]["Customer"]["Address"]
    assert (address["Street"], address["HouseNr"], address["HouseNrExt"]) == (
        "Dorpsstraat",
        "12",
        "bis",
    )
    with pytest.raises(Declined, match="1280202"):
        postnl.label(account, LabelOrder(postnl.reserve(account), "RQ1", "1", {"street": "Kade"}, "a@example.com", 1, is_paperless=False))  # fmt: skip


def test_a_caller_that_was_killed_is_taken_over(shop: Shop) -> None:
    request = shop.approved()
    ask(request)
    sql.execute("update core_effect set status = 'called', called_at = now() - interval '1 hour' where kind = 'return_label'")  # fmt: skip
    make_labels(RETURN_CARRIERS)
    assert (label(request)["status"], len(shop.double.charged)) == ("made", 1)


def test_many_callers_at_once_make_one_label_each(shop: Shop) -> None:
    requests = [shop.approved() for _ in range(6)]
    ask(*requests)

    def work() -> None:
        make_labels(RETURN_CARRIERS)
        from django.db import connection  # noqa: PLC0415 - each thread closes its own

        connection.close()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [label(r)["status"] for r in requests] == ["made"] * 6
    assert shop.double.charged == sorted(label(r)["barcode"] for r in requests)
    healthy()


def test_a_request_that_ends_before_the_call_gets_no_label(shop: Shop) -> None:
    request = shop.approved()
    ask(request)
    cancelled = cancel_return_requests([CancelRequestItem(return_request_id=request)], actor=build.TESTER)  # fmt: skip
    cancelled[0].require()
    make_labels(RETURN_CARRIERS)
    assert (label(request)["status"], shop.double.calls) == ("failed", [])
    assert code(ask(request)[0]) == "return_request_cancelled"


def test_what_cannot_have_a_label_is_refused_and_changes_nothing(shop: Shop) -> None:
    there = shop.approved()
    order = build.shipped(shop.world, (shop.world.skus[0], 1))
    waiting = build.request(order).require().id
    german = {"name": "A", "street": "Weg 1", "postal_code": "12345", "city": "B", "country": "DE"}
    abroad = shop.approved(billing_address=german)
    assert waiting is not None
    ask(there)
    before = sql.fetch("select count(*) from core_event")

    refused = ask(there, waiting, uuid4(), abroad)

    codes = ["return_label_there", "return_request_not_approved", "unknown_return_request", "no_label_from_country"]  # fmt: skip
    assert [code(outcome) for outcome in refused] == codes
    assert sql.fetch("select count(*) from core_event") == before
    shop.set(is_active=False)
    again = shop.approved()
    assert code(ask(again)[0]) == "no_return_carrier"
    twice = Shop(shop.double)
    request = twice.approved()
    assert [o.ok for o in ask(request, request)] == [True, False]


def test_news_of_an_attempt_is_taken_once(shop: Shop) -> None:
    request = shop.approved()
    key = ask(request)[0].require().id
    [(effect,)] = sql.fetch("select effect_id from return_requests_label where id = %s", (key,))
    assert key is not None
    news = LabelNews(key, effect, note="no")
    first, second = report_return_labels([news, news], actor=build.TESTER)
    late = report_return_labels([news, LabelNews(uuid4(), effect)], actor=build.TESTER)
    assert first.ok
    assert code(second) == "attempt_over"
    assert [code(o) for o in late] == ["attempt_over", "unknown_return_label"]


def test_an_account_is_stored_encrypted_and_changes_by_what_is_given(shop: Shop) -> None:
    [(secret,)] = sql.fetch("select secret from return_requests_carrier")
    assert secret.startswith("enc1:")
    assert KEY not in secret
    count = sql.fetch("select count(*) from core_event where kind = 'return_carrier.saved'")
    shop.set(key=KEY)
    item = {"shop": shop.world.shop, **{k: v for k, v in ACCOUNT.items() if k != "key"}}
    assert set_return_carriers([convert(item, ReturnCarrierItem)], actor=build.TESTER)[0].ok
    after = sql.fetch("select count(*) from core_event where kind = 'return_carrier.saved'")
    # The key again is told as changed, nothing new is not told.
    assert after[0][0] == count[0][0] + 1
    other = {**item, "shop": build.world().shop}
    refused = set_return_carriers([convert(other, ReturnCarrierItem), convert({**other, "shop": "nowhere"}, ReturnCarrierItem)], actor=build.TESTER)  # fmt: skip
    assert [code(outcome) for outcome in refused] == ["key_required", "unknown_shop"]
    with pytest.raises(IntegrityError, match="secret_encrypted"), atomic():
        sql.execute("update return_requests_carrier set secret = 'plain'")


@pytest.mark.parametrize(
    "change",
    [
        "update return_requests_label set barcode = '3SDEVC1'",
        "update return_requests_label set content = 'x'",
        "update return_requests_label set status = 'ordered', content = null, made_at = null",
        "delete from return_requests_label",
    ],
)
def test_a_label_that_is_made_changes_no_more(shop: Shop, change: str) -> None:
    request = shop.approved()
    ask(request)
    make_labels(RETURN_CARRIERS)
    with pytest.raises(IntegrityError), atomic():
        sql.execute(change)
    assert label(request)["status"] == "made"


def test_the_customer_prints_the_label_or_shows_the_code(shop: Shop, client: Client) -> None:
    request = shop.approved()
    [(order, number)] = sql.fetch("select order_id, number from return_requests_request where id = %s", (request,))  # fmt: skip
    path = f"/track/{own_token(order)}/returns/{number}"
    assert client.get(f"{path}/label.pdf").status_code == 404
    ask(request)
    assert "The carrier is making your label" in client.get(f"{path}?lang=en").content.decode()
    assert client.get(f"{path}/label.pdf").status_code == 409
    make_labels(RETURN_CARRIERS)
    assert "Print the label" in client.get(f"{path}?lang=en").content.decode()
    paper = client.get(f"{path}/label.pdf")
    assert (paper.status_code, paper["Content-Type"]) == (200, "application/pdf")
    assert paper.content.startswith(PDF)
    # Who knows number and postal code alone does not read a whole address.
    guest = f"/track/{guest_token(order)}/returns/{number}"
    assert client.get(f"{guest}/label.pdf").status_code == 404
    assert "sent the link to it" in client.get(f"{guest}?lang=en").content.decode()

    sql.execute("update return_requests_label set is_paperless = true")
    assert "The code can be used from" in client.get(f"{path}?lang=en").content.decode()
    with atomic():
        sql.execute(
            "alter table return_requests_label disable trigger return_requests_label_frozen"
        )
        sql.execute("update return_requests_label set made_at = made_at - interval '11 minutes'")
        sql.execute("alter table return_requests_label enable trigger return_requests_label_frozen")
    assert label(request)["barcode"] in client.get(f"{path}?lang=nl").content.decode()

    cancel_return_requests([CancelRequestItem(return_request_id=request)], actor=build.TESTER)[0].require()  # fmt: skip
    assert client.get(f"{path}/label.pdf").status_code == 409
    assert client.get(f"/track/{own_token(order)}/returns/RQ0/label.pdf").status_code == 404


def test_what_is_erased_leaves_the_barcode_and_no_paper(shop: Shop) -> None:
    request = shop.approved()
    ask(request)
    make_labels(RETURN_CARRIERS)
    [(order,)] = sql.fetch("select order_id from return_requests_request where id = %s", (request,))
    build.invoice(order)
    written = write_event_emails([UUID(key) for key in events("return_label.made")])
    sql.execute("update emails_email set status = 'kept'")
    cancel_return_requests([CancelRequestItem(return_request_id=request)], actor=build.TESTER)[0].require()  # fmt: skip
    erased = erase_orders([EraseItem(order_id=order)], actor=build.TESTER)[0]
    assert erased.ok, erased.error
    assert bytes(label(request)["content"]) == b"\x00"
    assert label(request)["barcode"]
    attached = attached_files(written[0])
    assert attached.files == []
    assert "erased" in attached.missing[0].note
    with pytest.raises(Exception, match="erased"):
        return_label_document(label(request)["id"], actor=build.TESTER)


def test_somebody_who_was_faster_is_let_be(shop: Shop) -> None:
    request = shop.approved()
    ask(request)
    [(effect,)] = sql.fetch("select effect_id from return_requests_label")
    with atomic():
        effects.begin_call(effect)
    assert make_labels(RETURN_CARRIERS) == 0
    assert shop.double.calls == []
