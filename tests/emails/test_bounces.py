"""Messages that did not arrive are shown as such, from whatever report of a mail server, once."""

from contextlib import nullcontext
from pathlib import Path

import pytest
from click.testing import CliRunner
from django.db import IntegrityError
from django.db.transaction import atomic

from orderwerk.cli.mail import bounce
from orderwerk.core import sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import BadInput
from orderwerk.core.uow import unit_of_work
from orderwerk.emails.bounces import read_bounce
from orderwerk.emails.commands.queue import NewEmail, queue_emails
from orderwerk.emails.commands.report_bounces import BounceItem, report_bounces
from orderwerk.emails.queries import EmailFilters, email_page
from tests import build

# After RFC 3464, as mail servers write it: a note, the facts, the headers of what was sent.
REPORT = """From: MAILER-DAEMON@mx.example.net
To: shop@example.com
Subject: Undelivered Mail Returned to Sender
Message-ID: <report-1@mx.example.net>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

I am sorry.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net

Final-Recipient: rfc822; jan@example.com
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 {status} No such
 mailbox here

--b
Content-Type: text/rfc822-headers

From: shop@example.com
Message-ID: {message_id}
Subject: On its way

--b--
"""


def report(message_id: str, action: str = "failed", status: str = "5.1.1") -> bytes:
    return REPORT.format(message_id=message_id, action=action, status=status).encode()


def test_a_report_says_of_which_message_whether_for_good_and_why() -> None:
    found = read_bounce(report("<x@orderwerk>"))

    assert found is not None
    assert (found.message_id, found.kind, found.code) == ("<x@orderwerk>", "permanent", "5.1.1")
    assert found.reason == "550 5.1.1 No such mailbox here"
    late = read_bounce(report("<x@orderwerk>", "delayed", "4.4.1"))
    assert late is not None
    assert late.kind == "temporary"
    assert read_bounce(report("<x@orderwerk>", "delivered", "2.0.0")) is None


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "no_report"),
        (b"Subject: hello\n\nnice", "no_report"),
        (report("nothing"), "no_message_id"),
        (b"\xff\xfe" * 500, "no_report"),
        (b"x" * (2 * 1024 * 1024 + 1), "too_large"),
    ],
)
def test_what_is_no_report_is_refused(raw: bytes, code: str) -> None:
    with pytest.raises(BadInput) as caught:
        read_bounce(raw)

    assert caught.value.code == code


@pytest.mark.parametrize("broken", ["<", "<[", "<@", "", "<a@[", '<"', "a b <"])
def test_a_broken_message_id_of_the_report_hides_nothing(broken: str) -> None:
    whole = report("<x@orderwerk>")
    own = whole.replace(b"<report-1@mx.example.net>", broken.encode())
    block = whole.replace(b"Reporting-MTA:", f"Message-ID: {broken}\nReporting-MTA:".encode())
    lost = report("nothing").replace(b"<report-1@mx.example.net>", broken.encode())

    assert [getattr(read_bounce(raw), "message_id", "") for raw in (own, block)] == ["<x@orderwerk>"] * 2  # fmt: skip
    with pytest.raises(BadInput) as caught:
        read_bounce(lost)
    assert caught.value.code == "no_message_id"


def _sent() -> tuple[build.World, str]:
    world = build.world()
    order = world.place()
    with unit_of_work(build.TESTER) as unit:
        mail = NewEmail(world.shop_id, order, "t", order, "a@example.com", "b@example.com", "", "s", "b")  # fmt: skip
        [key] = queue_emails(unit, [mail])
    [(message_id,)] = sql.fetch("select message_id from emails_email where id = %s", (key,))
    return world, message_id


@pytest.mark.django_db
def test_a_bounce_is_noted_once_and_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("orderwerk.cli.mail.connected", nullcontext)
    _, message_id = _sent()
    file = tmp_path / "report.eml"
    file.write_bytes(report(message_id))

    runs = [CliRunner().invoke(bounce, [str(file)]) for _ in range(2)]
    unknown = CliRunner().invoke(bounce, ["-"], input=report("<y@orderwerk>"))
    nonsense = CliRunner().invoke(bounce, ["-"], input=b"hello")

    assert [run.exit_code for run in (*runs, unknown, nonsense)] == [0, 0, 1, 1], runs[0].output
    [found] = email_page(build.TESTER, EmailFilters(bounce="permanent")).items
    assert (found.bounce, found.bounce_note) == ("permanent", "5.1.1 550 5.1.1 No such mailbox here")  # fmt: skip
    assert sql.fetch("select count(*) from core_event where kind = 'email.bounced'") == [(1,)]
    with pytest.raises(IntegrityError), atomic():
        sql.execute("delete from emails_bounce")


@pytest.mark.django_db
def test_another_shops_message_is_not_there() -> None:
    _, message_id = _sent()
    stranger = Actor("token", "x", shop_ids=frozenset({build.world().shop_id}))

    outcome = report_bounces([BounceItem(message_id=message_id)], actor=stranger)[0]

    assert outcome.error is not None
    assert outcome.error.code == "unknown_email"
