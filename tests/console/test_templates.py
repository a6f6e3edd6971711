"""Every template of the project is drawn by a real request; one that nobody ever draws has no business on the disk."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test import Client
from django.test.signals import template_rendered

from orderwerk.core import clock, decode, sql, typesetting
from orderwerk.orders.links import gift_token, guest_token, track_token
from orderwerk.return_requests.commands.set_policies import PolicyItem, set_return_policies
from tests import build
from tests.console.addresses import addresses
from tests.console.conftest import PASSWORD
from tests.console.everything import PICTURE, Everything, everything
from tests.console.morning import numbers
from tests.invoices.test_norm import planted

pytestmark = pytest.mark.django_db
Enter = Callable[..., Client]
SOURCE = Path(typesetting.ROOT)
PART = {"HX-Request": "true", "HX-Target": "dialog-place"}
_IMPORTED = re.compile(r'#import "/?([^"@]+\.typ)"')


@pytest.fixture
def drawn() -> Iterator[set[str]]:
    """The names of the templates that are drawn from now on, those inside others too."""
    names: set[str] = set()

    def note(template: Any, **more: Any) -> None:
        names.add(str(template.name))

    template_rendered.connect(note)
    yield names
    template_rendered.disconnect(note)


def on_disk() -> set[str]:
    return {
        str(path.relative_to(folder))
        for folder in SOURCE.glob("*/templates")
        for path in folder.rglob("*")
        if path.is_file()
    }


def _daily(client: Client, every: Everything) -> None:
    """Every page, and what is answered where something was done to many rows or one part of a page changed."""
    for address in addresses(every).values():
        client.get(address)
    order = every.values["orders"]
    shipment = every.values["shipments-open"]["number"]
    for headers in ({}, PART):
        client.post("/orders/bulk/hold/", {"id": [str(order["id"])]}, headers=headers)
        client.get(f"/orders/{order['number']}/do/tags/", headers=headers)
        for path in ("/shipments/bulk/ship/", "/shipments/all/"):
            client.post(path, {"id": [str(order["id"])], "verb": "ship"}, headers=headers)
    client.post(
        f"/shipments/{shipment}/count/", {f"packages-{shipment}": "3"}, headers={"HX-Request": "true"}
    )  # fmt: skip
    # What was packed last, and which way it goes.
    client.get("/shipments/pack/", {"done": shipment})
    for case in ("kit", "waiting", "captured"):
        client.get(f"/orders/{every.values[case]['order']}/articles/")
    form = {"name": "ERP", "scopes": ["orders:read"], "all_shops": "yes", "all_locations": "yes"}
    assert client.post("/settings/tokens/new/", form).status_code == 200


def _door(client: Client) -> None:
    """Logging in and out, wrongly too, and a password that was forgotten."""
    for path in ("login/", "inactive/", "forgotten/", "forgotten/sent/", "forgotten/done/"):
        assert client.get(f"/account/{path}").status_code == 200, path
    client.post("/account/forgotten/", {"email": "olga@example.com"})
    link = next(word for word in mail.outbox[-1].body.split() if "/account/forgotten/" in word)
    assert client.get("/" + link.split("/", 3)[3], follow=True).status_code == 200
    for _ in range(9):
        last = client.post("/account/login/", {"login": "nobody", "password": "guess"})
    assert last.status_code == 429


def _second_factor(person: Client) -> None:
    """A person's own password and second factor: turned on, asked for, turned off."""
    login = {"login": person.user.username, "password": PASSWORD}  # type: ignore[attr-defined]
    client = Client()
    client.post("/account/login/", login)
    for path in ("", "logout/", "password/", "confirm/"):
        assert client.get(f"/account/{path}").status_code == 200, path
    client.post("/account/confirm/", {"password": PASSWORD})
    secret = client.get("/account/second-factor/activate/").context["form"].secret

    def code() -> str:
        return format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))

    # The clock stands still: a code that is a second old may be that of the half minute before.
    with time_machine.travel(clock.now(), tick=False):
        client.post("/account/second-factor/activate/", {"code": code()})
    for path in ("", "recovery-codes/", "recovery-codes/generate/", "second-factor/deactivate/"):
        assert client.get(f"/account/{path}").status_code == 200, path
    fresh = Client()
    fresh.post("/account/login/", login)
    assert fresh.get("/account/second-factor/enter/").status_code == 200
    with time_machine.travel(clock.now() + timedelta(seconds=60), tick=False) as traveller:
        fresh.post("/account/second-factor/enter/", {"code": code()})
        traveller.shift(4000)
        assert fresh.get("/account/second-factor/confirm/").status_code == 200
    # Somebody who was let in without a password is asked to choose one.
    sql.execute("update accounts_user set password = '!' where username = %s", (login["login"],))
    passwordless = Client()
    passwordless.force_login(
        type(person.user).objects.get(username=login["login"]),  # type: ignore[attr-defined]
        backend="allauth.account.auth_backends.AuthenticationBackend",
    )
    passwordless.get("/account/password/set/", follow=True)


def _shoppers(client: Client) -> None:
    """What a customer sees, from the number on the letter to the receipt of a withdrawal."""
    world = build.world()
    policy = {"shop": world.shop, "approve_at_once": True, "gift_returns": True}
    set_return_policies([decode.convert(policy, PolicyItem)], actor=build.TESTER)[0].require()
    order_id = build.shipped(world, (world.skus[0], 2))
    [number] = numbers("orders_order", [order_id])
    there = f"/track/{guest_token(order_id)}"
    assert client.get("/returns").status_code == 200
    for attempt in range(6):
        client.post("/returns", {"number": number, "proof": f"10{attempt}5ZZ"})
    for path in (there, f"{there}/return", f"{there}/withdraw"):
        assert client.get(path).status_code == 200, path
    line = build.order_lines(order_id)[0]
    photo = SimpleUploadedFile("photo.jpg", PICTURE, content_type="image/jpeg")
    form = {f"quantity-{line}": 1, f"reason-{line}": "damaged", "outcome": "refund", "photos": [photo]}  # fmt: skip
    sent = client.post(f"{there}/return", form)
    assert client.get(sent.headers["Location"]).status_code == 200
    said = {"name": "A", "email": "a@example.com", "scope": "all"}
    gift = client.post(f"/gift/{gift_token(order_id)}", {**form, "photos": [], **said})
    assert client.get(gift.headers["Location"]).status_code == 200
    assert client.get(f"/gift/{gift_token(order_id)}").status_code == 200
    client.post(f"{there}/withdraw", {**said, "step": "check"})
    stated = client.post(f"{there}/withdraw", {**said, "step": "confirm"})
    assert client.get(stated.headers["Location"]).status_code == 200
    assert client.get("/track/nothing").status_code == 404
    closed = build.world(withdrawal_portal=False)
    beside = f"/track/{guest_token(build.shipped(closed, (closed.skus[0], 1)))}/withdraw"
    assert client.get(beside).status_code == 404
    asked = build.offered(world)
    [(late, email)] = sql.fetch("select o.id, o.customer_email from orders_substitution x join orders_order o on o.id = x.order_id where x.id = %s", (asked,))  # fmt: skip
    question = f"/track/{track_token(late, email)}/substitutes/{asked}"
    assert client.get(question).status_code == 200
    _too_much(f"{there}/return")


def _too_much(path: str) -> None:
    kind = "multipart/form-data; boundary=x"
    size = str(22 * 1024 * 1024)
    answer = Client(enforce_csrf_checks=True).post(path, b"", content_type=kind, CONTENT_LENGTH=size)  # fmt: skip
    assert answer.status_code == 413


# As PostgreSQL says it when nothing more can be written.
_FULL_DISK = """
create function full_disk() returns boolean language plpgsql as
$$ begin raise exception 'could not extend file' using errcode = 'disk_full'; end $$
"""


def _mishaps(enter: Enter) -> None:
    """Each page that says what went wrong; the last one by a database that lost a table."""
    unservable = planted("{net}", "1.00")
    said = enter("finance").post("/invoices/chosen.zip", {"id": [str(unservable)]})
    assert said["Content-Type"].startswith("text/html")
    unlabelled = [str(row[0]) for row in sql.fetch("select id from shipments_shipment limit 2")]
    said = enter("warehouse").post("/shipments/labels.pdf", {"id": unlabelled})
    assert said["Content-Type"].startswith("text/html")
    person = enter("read_only")
    assert person.get("/settings/people/").status_code == 403
    assert person.get("/nothing/").status_code == 404
    assert person.get("/account/login/", headers={"Host": "evil.example"}).status_code == 400
    strict = Client(enforce_csrf_checks=True)
    assert strict.post("/account/login/", {"login": "x"}).status_code == 403
    _too_much("/account/login/")
    person.raise_request_exception = False
    lost = "alter table catalog_product rename to lost"
    assert _broken(person, "/products/", lost).status_code == 500
    full = f"{lost}; {_FULL_DISK}; create view catalog_product as select * from lost where (select full_disk())"
    assert _broken(person, "/products/", full)["Retry-After"] == "5"
    full = f"alter table orders_order rename to lost; {_FULL_DISK}; create view orders_order as select * from lost where (select full_disk())"
    token = track_token(uuid4(), "a@example.com")
    assert _broken(Client(raise_request_exception=False), f"/track/{token}", full).status_code == 503  # fmt: skip


def _broken(person: Client, path: str, statements: str) -> Any:
    """What is answered on a database to which something happened before."""
    before = transaction.savepoint()
    with connection.cursor() as cursor:
        cursor.execute(statements)
    answer = person.get(path)
    transaction.savepoint_rollback(before)
    return answer


@pytest.mark.parametrize(("path", "sheet"), [("/returns", "portal.css"), ("/returns/", "shell.css")])  # fmt: skip
def test_shoppers_and_colleagues_are_told_on_pages_of_their_own(db: None, path: str, sheet: str) -> None:  # fmt: skip
    kind = "multipart/form-data; boundary=x"
    answer = Client(enforce_csrf_checks=True).post(path, b"", content_type=kind, CONTENT_LENGTH=str(22 * 1024 * 1024))  # fmt: skip
    assert (answer.status_code, sheet in answer.content.decode()) == (413, True)


@pytest.mark.parametrize("language", ["en", "nl"])
def test_every_template_is_drawn(enter: Enter, drawn: set[str], language: str) -> None:
    owner = enter("owner", language=language, email="olga@example.com")

    _daily(owner, everything(1))
    _door(Client(headers={"Accept-Language": language}))
    _second_factor(enter("finance", language=language))
    _shoppers(Client())
    _mishaps(enter)

    assert on_disk() - drawn == set()


def test_every_paper_is_set_and_letters_have_their_layout(enter: Enter, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    every = everything(1)
    client = enter()
    used: set[str] = set()
    compile_paper = vars(typesetting)["_Pool"].compile

    def note(pool: Any, data: str) -> bytes:
        used.add(str(vars(pool)["_template"].relative_to(SOURCE)))
        made: bytes = compile_paper(pool, data)
        return made

    monkeypatch.setattr("orderwerk.core.typesetting._Pool.compile", note)
    at = addresses(every)
    pages = [
        client.get(at[name])
        for name in ("invoice_file", "pick_list_pdf", "packing_slip_pdf", "return_slip")
    ]
    chosen = sql.fetch("select id from picklists_pick_list limit 1")
    pages.append(client.post("/pick-lists/round.pdf", {"id": [str(chosen[0][0])]}))
    letter = client.get(at["email_text_preview"]).content.decode()

    assert [page["Content-Type"] for page in pages] == ["application/pdf"] * 5
    assert {str(path.relative_to(SOURCE)) for path in SOURCE.rglob("*.typ")} == _with_imports(used)
    assert [path.name for path in SOURCE.rglob("*.mjml")] == ["layout.mjml"]
    assert "<!doctype html>" in letter.lower()
    assert every.world.shop in letter


def _with_imports(papers: set[str]) -> set[str]:
    found: set[str] = set()
    open_ones = set(papers)
    while open_ones:
        name = open_ones.pop()
        found.add(name)
        open_ones |= set(_IMPORTED.findall((SOURCE / name).read_text())) - found
    return found
