"""Messages leave at most once, whatever the mail server does; the exact copy is kept."""

import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP
from django.db import IntegrityError

from orderwerk.core import ids, sql
from orderwerk.core.actor import Actor
from orderwerk.core.uow import unit_of_work
from orderwerk.emails.commands.queue import NewEmail, queue_emails
from orderwerk.emails.commands.resend import ResendItem, resend_emails
from orderwerk.emails.queries import EmailFilters, email_page
from orderwerk.emails.sending import Attached, File, give_up_on_stuck, send_due
from orderwerk.flows.attachable import documents_of_order
from orderwerk.flows.attached_files import attached_files
from orderwerk.flows.send_emails import DocumentItem, SendEmailItem, send_emails
from orderwerk.flows.ship_shipments import ShipItem, ship_shipments
from orderwerk.flows.write_emails import write_event_emails
from orderwerk.invoices.commands.credit import CreditItem, credit_invoices
from orderwerk.return_requests.commands.decide import CancelRequestItem, cancel_return_requests
from tests import build
from tests.api.conftest import caller

pytestmark = pytest.mark.django_db(transaction=True)


class Sink:
    """A mail server with moods; it counts what it really took."""

    def __init__(self) -> None:
        self.mood = "good"
        self.taken: list[tuple[str, str]] = []

    async def handle_RCPT(  # noqa: N802 - aiosmtpd calls it so
        self, server: SMTP, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        if self.mood == "unknown recipient":
            return "550 no such user"
        if self.mood == "greylisting":
            return "451 try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:  # noqa: N802
        self.taken.append((envelope.rcpt_tos[0], envelope.content.decode()))
        if self.mood == "dies after DATA":
            server.transport.close()  # type: ignore[union-attr]
        return "250 OK"


@pytest.fixture
def sink(settings: Any) -> Iterator[Sink]:
    sink = Sink()
    controller = Controller(sink, hostname="127.0.0.1", port=0, ready_timeout=60)
    controller.port = _free_port()
    controller.start()
    settings.ORDERWERK_MAIL_ENABLED = True
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", controller.port
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    yield sink
    controller.stop()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _shipped() -> list[Any]:
    world = build.world(sender_email="shop@example.com", sender_name="Testwinkel")
    order = world.place((world.skus[0], 2))
    ship_shipments(
        [
            ShipItem(
                shipment_id=build.shipments(order)[0],
                tracking_code="3SABC",
                tracking_url="https://example.com/t",
                notify=True,
            )
        ],
        actor=build.TESTER,
    )[0].require()
    return [
        row[0] for row in sql.fetch("select id from core_event where kind = 'shipment.shipped'")
    ]


def _statuses() -> list[str]:
    return [row[0] for row in sql.fetch("select status from emails_email order by id")]


def test_ship_and_email_sends_one_message_and_keeps_it(sink: Sink) -> None:
    events = _shipped()

    assert len(write_event_emails(events)) == 1
    assert write_event_emails(events) == []
    send_due()
    send_due()

    assert _statuses() == ["sent"]
    [(recipient, content)] = sink.taken
    assert recipient.endswith("@example.com")
    assert "3SABC" in content
    assert "From: Testwinkel <shop@example.com>" in content
    assert "Content-Type: text/html" in content
    subject, body, page = sql.fetch("select subject, body_text, body_html from emails_email")[0]
    assert '<a href="https://example.com/t"' in page
    assert subject.startswith("Je bestelling")
    assert "2 × Article" in body


def test_without_a_mail_server_nothing_leaves(settings: Any) -> None:
    settings.ORDERWERK_MAIL_ENABLED = False
    write_event_emails(_shipped())

    send_due()

    assert _statuses() == ["kept"]


def test_a_server_that_dies_after_the_message_leaves_it_unknown_and_is_not_asked_again(
    sink: Sink,
) -> None:
    sink.mood = "dies after DATA"
    write_event_emails(_shipped())

    send_due()
    sink.mood = "good"
    send_due()

    assert _statuses() == ["unknown"]
    assert len(sink.taken) == 1
    assert sql.fetch("select status from core_effect") == [("in_doubt",)]


@pytest.mark.parametrize(
    ("mood", "status", "effect"),
    [("unknown recipient", "failed", "failed"), ("greylisting", "queued", "intended")],
)
def test_a_refusal_is_final_or_tried_later(sink: Sink, mood: str, status: str, effect: str) -> None:
    sink.mood = mood
    write_event_emails(_shipped())

    send_due()

    assert _statuses() == [status]
    assert sql.fetch("select status from core_effect") == [(effect,)]
    assert sink.taken == []


def test_a_server_that_is_not_there_is_tried_later(settings: Any, sink: Sink) -> None:
    settings.EMAIL_PORT = _free_port()
    write_event_emails(_shipped())

    send_due()

    assert _statuses() == ["queued"]
    assert sql.fetch("select next_attempt_at is not null from core_effect") == [(True,)]
    assert sink.taken == []


def _hang_up(greeting: bytes) -> int:
    """Serve one caller: greet (or not), hear what it says, hang up; returns the port."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with listener, listener.accept()[0] as caller:
            caller.sendall(greeting)
            if greeting:
                caller.recv(100)

    threading.Thread(target=serve, daemon=True).start()
    return int(listener.getsockname()[1])


def _no_such_name(settings: Any) -> None:
    settings.EMAIL_HOST = "mail.invalid"


def _impossible_name(settings: Any) -> None:
    settings.EMAIL_HOST = "m" * 70


def _no_tls(settings: Any) -> None:
    settings.EMAIL_PORT, settings.EMAIL_USE_SSL = _hang_up(b"220 here\r\n"), True


def _no_greeting(settings: Any) -> None:
    settings.EMAIL_PORT = _hang_up(b"")


def _not_today(settings: Any) -> None:
    settings.EMAIL_PORT = _hang_up(b"554 no service\r\n")


def _hangs_up_at_ehlo(settings: Any) -> None:
    settings.EMAIL_PORT = _hang_up(b"220 here\r\n")


@pytest.mark.parametrize(
    "outage",
    [_no_such_name, _impossible_name, _no_tls, _no_greeting, _not_today, _hangs_up_at_ehlo],
)
def test_an_outage_before_the_handing_over_is_tried_later(
    settings: Any, sink: Sink, outage: Callable[[Any], None]
) -> None:
    host, port = settings.EMAIL_HOST, settings.EMAIL_PORT
    outage(settings)
    write_event_emails(_shipped())

    send_due()

    assert _statuses() == ["queued"]
    assert sql.fetch("select status, next_attempt_at > now() from core_effect") == [
        ("intended", True)
    ]
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_SSL = host, port, False
    sql.execute("update core_effect set next_attempt_at = now() - interval '1 second'")
    send_due()
    assert _statuses() == ["sent"]
    assert len(sink.taken) == 1


def test_a_sender_that_was_killed_leaves_the_message_to_a_person(sink: Sink) -> None:
    write_event_emails(_shipped())
    sql.execute("update core_effect set status = 'called', called_at = now() - interval '1 hour'")
    sql.execute("update emails_email set status = 'sending'")

    send_due()
    assert give_up_on_stuck() == 1

    assert _statuses() == ["unknown"]
    assert sink.taken == []


def test_hostile_names_do_not_reach_the_headers(sink: Sink) -> None:
    world = build.world(sender_email="shop@example.com", sender_name='A "quoted" shop')
    order = world.place(customer={"name": "{shop.__class__} {number}", "email": "to@example.com"})
    with unit_of_work(build.TESTER) as unit:
        queue_emails(
            unit,
            [
                NewEmail(
                    world.shop_id,
                    order,
                    "t",
                    order,
                    "to@example.com",
                    "shop@example.com",
                    "",
                    "Hi",
                    "{x}",
                )
            ],
        )
    ship_shipments(
        [ShipItem(shipment_id=build.shipments(order)[0], notify=True)], actor=build.TESTER
    )
    events = [
        row[0] for row in sql.fetch("select id from core_event where kind = 'shipment.shipped'")
    ]
    write_event_emails(events)

    send_due()

    assert _statuses() == ["sent", "sent"]
    assert any("{shop.__class__} {number}" in content for _, content in sink.taken)


def test_an_invoice_goes_along_and_again_with_a_copy(sink: Sink) -> None:
    world = build.world(sender_email="shop@example.com")
    order, other = world.place(), world.place()
    build.invoice(order)
    build.invoice(other)
    mine, theirs = build.invoices(order)[0], build.invoices(other)[0]
    words = {"subject": "Factuur", "body": "Dag"}
    items = [
        SendEmailItem(order_id=order, invoices=[mine["id"]], **words),  # type: ignore[arg-type]
        SendEmailItem(order_id=order, invoices=[theirs["id"]], **words),  # type: ignore[arg-type]
    ]

    sent, refused = send_emails(items, actor=build.TESTER)
    resend_emails([ResendItem(email_id=sent.id)], actor=build.TESTER)[0].require()  # type: ignore[arg-type]
    send_due(files=attached_files)

    assert refused.error is not None
    assert (refused.error.code, refused.error.pointer) == ("unknown_invoice", "/invoices/0")
    assert _statuses() == ["sent", "sent"]
    for _, content in sink.taken:
        assert "Content-Type: application/pdf" in content
        assert f'filename="{mine["number"]}.pdf"' in content
    assert sql.fetch("select count(distinct name), count(*) from emails_attachment") == [(1, 2)]


def _with_papers() -> tuple[Any, list[DocumentItem]]:
    """An order that was shipped, invoiced and credited in part, and a return of it with its label; and all its papers."""
    world = build.world(sender_email="shop@example.com")
    request = build.labelled(world)
    [(order,)] = sql.fetch("select order_id from return_requests_request where id = %s", (request,))
    build.invoice(order)
    [invoice] = build.invoices(order)
    credit_invoices([CreditItem(invoice_id=invoice["id"], reason="x", amount="1.00")], actor=build.TESTER)[0].require()  # fmt: skip
    return order, [
        DocumentItem(kind=it.kind, id=it.id) for it in documents_of_order(order, build.TESTER)
    ]  # type: ignore[arg-type]


def test_every_paper_of_an_order_may_go_along(sink: Sink) -> None:
    order, papers = _with_papers()

    item = SendEmailItem(order_id=order, subject="x", body="x", documents=papers)
    send_emails([item], actor=build.TESTER)[0].require()
    send_due(files=attached_files)

    assert [paper.kind for paper in papers] == ["invoice", "invoice", "packing_slip", "return_label", "return_slip"]  # fmt: skip
    [(_, content)] = sink.taken
    assert content.count("Content-Type: application/pdf") == 5
    [email] = email_page(build.TESTER, EmailFilters(order_id=order)).items
    assert [kind for kind, _ in email.attached] == [paper.kind for paper in papers]
    assert (email.left_out, email.status_note) == ([], "")


def test_what_cannot_go_along_is_refused_alone_and_changes_nothing() -> None:
    order, papers = _with_papers()
    world = build.world()
    other = world.place()
    [shipment] = build.shipments(other)
    asked = build.request(build.shipped(world)).require().id
    [(asker,)] = sql.fetch("select order_id from return_requests_request where id = %s", (asked,))
    words = {"subject": "x", "body": "x"}

    def about(about: Any, *papers: DocumentItem) -> SendEmailItem:
        return SendEmailItem(order_id=about, documents=list(papers), **words)  # type: ignore[arg-type]

    outcomes = send_emails(
        [
            about(other, papers[2]),
            about(order, papers[0], DocumentItem(kind="return_slip", id=ids.new_id())),
            about(other, DocumentItem(kind="packing_slip", id=shipment)),
            about(asker, DocumentItem(kind="return_slip", id=asked)),
            SendEmailItem(order_id=order, invoices=[ids.new_id() for _ in range(9)], documents=papers[:2], **words),  # type: ignore[arg-type]
            about(order, papers[3], papers[3]),
        ],
        actor=build.TESTER,
    )  # fmt: skip

    assert [(o.error.code, o.error.pointer) if o.error else None for o in outcomes] == [
        ("unknown_document", "/documents/0"),
        ("unknown_document", "/documents/1"),
        ("not_shipped", "/documents/0"),
        ("return_request_not_approved", "/documents/0"),
        ("too_many_attachments", "/documents"),
        None,
    ]
    assert sql.fetch("select count(*) from emails_email where trigger = 'written'") == [(1,)]
    assert sql.fetch("select kind from emails_attachment") == [("return_label",)]


def test_papers_go_along_only_for_who_may_read_them() -> None:
    order, papers = _with_papers()
    body = {"order_id": str(order), "subject": "x", "body": "x"}
    named = [{"kind": paper.kind, "id": str(paper.id)} for paper in papers]
    lacking = {"billing:read": named[0], "shipping:read": named[2], "returns:read": named[3]}
    scopes = ("orders:write", *lacking)

    for scope, paper in lacking.items():
        answer = caller(*(each for each in scopes if each != scope)).post(
            "/emails/send", {"items": [body, {**body, "documents": [paper]}]}
        )
        assert (answer.status_code, answer.json()["type"].split(":")[-1]) == (403, "missing_scope")
        assert scope in answer.json()["detail"]
    assert sql.fetch("select count(*) from emails_email where trigger = 'written'") == [(0,)]
    answer = caller(*scopes).post("/emails/send", {"items": [{**body, "documents": named}]})
    assert answer.json()["results"][0]["ok"]


def test_who_is_limited_to_a_location_sends_no_slip_of_another() -> None:
    world = build.world()
    order = build.shipped(world, (world.skus[0], 150))
    mine, theirs = build.shipments(order)
    [(place,)] = sql.fetch("select location_id from shipments_shipment where id = %s", (mine,))
    limited = Actor("user", "limited", location_ids=frozenset({place}))

    def slip(key: Any) -> SendEmailItem:
        paper = DocumentItem(kind="packing_slip", id=key)
        return SendEmailItem(order_id=order, subject="x", body="x", documents=[paper])

    outcomes = send_emails([slip(mine), slip(theirs)], actor=limited)

    assert [o.error.code if o.error else None for o in outcomes] == [None, "unknown_document"]
    assert [it.id for it in documents_of_order(order, limited) if it.kind == "packing_slip"] == [
        mine
    ]


@pytest.mark.parametrize("mood", ["good", "dies after DATA"])
def test_a_paper_that_is_gone_is_left_out_and_the_message_says_so(sink: Sink, mood: str) -> None:
    order, papers = _with_papers()
    item = SendEmailItem(order_id=order, subject="x", body="x", documents=papers[2:])
    send_emails([item], actor=build.TESTER)[0].require()
    # Its request is closed meanwhile: there is nothing to be sent with the slip.
    request = papers[-1].id
    cancel_return_requests([CancelRequestItem(return_request_id=request)], actor=build.TESTER)[0].require()  # fmt: skip
    sink.mood = mood

    send_due(files=attached_files)

    [(_, content)] = sink.taken
    assert content.count("Content-Type: application/pdf") == 2
    [email] = email_page(build.TESTER, EmailFilters(order_id=order)).items
    assert [kind for kind, _ in email.attached] == ["packing_slip", "return_label"]
    assert [name.startswith("return-slip-") for name in email.left_out] == [True]
    told = sql.fetch("select payload ->> 'note' from core_event where kind = 'email.incomplete'")
    if mood == "good":
        assert email.status == "sent"
        assert email.status_note.startswith(f"{email.left_out[0]} did not go along: ")
        assert told == [(email.status_note,)]
    else:
        assert (email.status, told) == ("unknown", [])
    for change in ("left_out = false", "name = 'x'", "left_out = true, name = 'x'"):
        with pytest.raises(IntegrityError):
            sql.execute(f"update emails_attachment set {change}")
    # A copy tries with all of them again.
    resend_emails([ResendItem(email_id=email.id)], actor=build.TESTER)[0].require()
    assert sql.fetch("select count(*) from emails_attachment where not left_out") == [(5,)]


def test_one_message_that_breaks_stops_no_other_and_fails_in_sight_in_the_end(sink: Sink) -> None:
    order, papers = _with_papers()
    item = SendEmailItem(order_id=order, subject="x", body="x", documents=papers[2:])
    keys = [send_emails([item], actor=build.TESTER)[0].require().id for _ in range(2)]

    def files(email_id: UUID) -> Attached:
        if email_id == keys[0]:
            raise AttributeError
        return attached_files(email_id)

    assert send_due(files=files) == 2
    assert send_due(files=files) == 0  # not before its time
    assert dict(sql.fetch("select id, status from emails_email where id = any(%s)", (keys,))) == {keys[0]: "queued", keys[1]: "sent"}  # fmt: skip
    for _ in range(11):
        sql.execute("update core_effect set next_attempt_at = now() where next_attempt_at is not null")  # fmt: skip
        send_due(files=files)
    [(status, note)] = sql.fetch("select status, status_note from emails_email where id = %s", (keys[0],))  # fmt: skip
    assert (status, note) == ("failed", "It broke in an unforeseen way (AttributeError).")
    assert len(sink.taken) == 1


def test_a_message_that_breaks_while_it_is_handed_over_is_unknown(sink: Sink) -> None:
    order, _ = _with_papers()
    item = SendEmailItem(order_id=order, subject="x", body="x")
    for _ in range(2):
        send_emails([item], actor=build.TESTER)[0].require()
    name = File("x.pdf", None, "application/pdf")  # type: ignore[arg-type]
    send_due(files=lambda _: Attached([name]))
    assert _statuses()[-2:] == ["unknown", "unknown"]
    assert sink.taken == []
