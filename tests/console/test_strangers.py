"""What attackers try at the console, after the list of attacks in docs/reference/attacks.md."""

import re
from collections.abc import Callable

import pytest
from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.core import mail
from django.test import Client

from orderwerk.core import clock, sql
from orderwerk.refunds.commands.approve import ApproveRefundItem, approve_refunds
from tests import build
from tests.api.conftest import caller
from tests.console.addresses import addresses
from tests.console.conftest import PASSWORD
from tests.console.everything import everything

pytestmark = pytest.mark.django_db
Enter = Callable[..., Client]
# Goods, places and what comes from suppliers belong to the installation: whoever has the scope sees them.
COMMON = ("/stock/", "/products/", "/inbound/", "/scan/", "/settings/")


def test_nothing_of_another_shop_can_be_reached_at_any_address(enter: Enter) -> None:
    every = everything(1)
    other = build.world()
    stranger = enter("owner", shops=(other.shop,))
    named = {
        name: address
        for name, address in addresses(every).items()
        if not address.startswith(COMMON) and any(str(v) in address.split("?")[0] for values in every.values.values() for v in values.values() if len(str(v)) > 3)
    }  # fmt: skip

    assert len(named) > 80
    for name, address in named.items():
        assert (name, stranger.get(address).status_code) in {(name, 404), (name, 405)}
        before = rows_written()
        status = stranger.post(address).status_code
        # Where a refusal is said on the page that follows, nothing was written.
        assert status in {404, 405} or (status == 302 and rows_written() == before), name


def rows_written() -> int:
    """How many rows this test has written so far, by the server's own count."""
    [(count,)] = sql.fetch("select sum(n_tup_ins + n_tup_upd + n_tup_del)::bigint from pg_stat_xact_user_tables where relname <> 'django_session'")  # fmt: skip
    return int(count)


def test_without_the_right_to_refund_there_is_no_way_to_do_it(enter: Enter) -> None:
    world = build.world(refund_mode="manual")
    order_id = world.place((world.skus[0], 3))
    build.invoice(order_id)
    key = build.refund(order_id, "5.00")
    person, token = enter("warehouse"), caller("orders:read", "orders:write", "refunds:read")

    answers = [
        token.post("/refunds/approve", {"items": [{"refund_id": str(key)}]}).status_code,
        person.post(f"/refunds/{key}/do/approve/").status_code,
        person.post(f"/refunds/{key}/do/approve/", headers={"HX-Request": "true"}).status_code,
        person.post("/refunds/bulk/approve/", {"id": [str(key)]}).status_code,
        person.get("/refunds/?file=csv").status_code,
    ]

    assert answers == [403] * 5
    assert sql.fetch("select status from refunds_refund") == [("awaiting_approval",)]
    approve_refunds([ApproveRefundItem(refund_id=key)], actor=build.TESTER)[0].require()


def test_a_session_is_new_after_login_and_dead_after_logout(enter: Enter) -> None:
    person = enter(username="olga")
    browser = Client()
    browser.cookies[settings.SESSION_COOKIE_NAME] = "a" * 32
    browser.post("/account/login/", {"login": "olga", "password": PASSWORD})
    given = browser.cookies[settings.SESSION_COOKIE_NAME].value
    thief = Client()
    thief.cookies[settings.SESSION_COOKIE_NAME] = given

    assert given != "a" * 32
    assert thief.get("/account/").status_code == 200
    browser.post("/account/logout/")
    assert thief.get("/account/").status_code == 302
    assert person.get("/account/").status_code == 200


def test_an_unknown_name_takes_as_long_as_a_wrong_password(
    enter: Enter, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Any but the cheapest, so that it shows where another cost is used.
    monkeypatch.setattr(Argon2PasswordHasher, "memory_cost", 1024)
    enter(username="olga")
    ran: list[tuple[int, int, int]] = []

    def note(hasher: Argon2PasswordHasher, encoded: str) -> None:
        found = hasher.decode(encoded)
        ran.append((found["memory_cost"], found["time_cost"], found["parallelism"]))

    encode, verify = Argon2PasswordHasher.encode, Argon2PasswordHasher.verify

    def encoding(self: Argon2PasswordHasher, password: str, salt: str) -> str:
        encoded = encode(self, password, salt)
        note(self, encoded)
        return encoded

    def verifying(self: Argon2PasswordHasher, password: str, encoded: str) -> bool:
        note(self, encoded)
        return verify(self, password, encoded)

    monkeypatch.setattr(Argon2PasswordHasher, "encode", encoding)
    monkeypatch.setattr(Argon2PasswordHasher, "verify", verifying)

    def hashes(login: str) -> list[tuple[int, int, int]]:
        ran.clear()
        Client().post("/account/login/", {"login": login, "password": "guess"})
        return list(ran)

    # The hash is what takes long, and what could be left out where there is nothing to compare with.
    assert hashes("olga") == hashes("nobody") == [(1024, 1, 1)]


def test_addresses_that_a_client_claims_move_no_limit_and_no_link(enter: Enter) -> None:
    enter(username="olga", email="olga@example.com")
    client = Client()

    # Within one quarter of the clock: tries are counted anew in each.
    with clock.told(clock.now().replace(minute=1, second=0)):
        tries = [
            client.post(
                "/returns",
                {"number": f"X{k}", "proof": "1111AA"},
                headers={"X-Forwarded-For": f"192.0.2.{k}"},
            ).status_code
            for k in range(25)
        ]
    client.post(
        "/account/forgotten/",
        {"email": "olga@example.com"},
        headers={"Host": "localhost", "X-Forwarded-Host": "evil.example"},
    )

    assert tries == [422] * 20 + [429] * 5
    assert f"{settings.ORDERWERK_BASE_URL}/account/forgotten/" in mail.outbox[0].body
    assert "evil" not in mail.outbox[0].body


def test_nothing_is_open_that_only_builders_need(enter: Enter) -> None:
    person = enter("owner")

    assert not settings.DEBUG
    for path in ("/static/", "/static/console/", "/admin/", "/__debug__/", "/.env", "/.git/config"):
        assert person.get(path).status_code == 404, path
    for path in ("/orders/", "/account/", "/returns", "/healthz", "/api/v1/orders"):
        assert person.generic("TRACE", path).status_code == 405, path
    for text in ("' or 1=1 --", "%27;drop table orders_order", "\\", "{}", "%s", "(", "a" * 5000):
        for path in ("/orders/", "/shipments/", "/stock/", "/products/", "/invoices/", "/refunds/"):
            assert person.get(path, {"q": text, "sort": text, "shop": text}).status_code == 200


def test_what_awaits_approval_is_not_shown_as_paid_back(enter: Enter) -> None:
    world = build.world(refund_mode="manual")
    order_id = world.place((world.skus[0], 3))
    build.invoice(order_id)
    build.refund(order_id, "5.00")
    number, client = build.order(order_id)["number"], enter()

    page = client.get(f"/orders/{number}/refunds/").content.decode()

    facts = " ".join(re.sub("<[^>]+>", " ", page.split('class="facts amounts"')[1]).split())
    assert re.search(r"Awaiting approval \D*5[.,]00 Refunded or approved to be \D*0[.,]00", facts)
    assert "prepared" in client.get(f"/orders/{number}/").content.decode()
