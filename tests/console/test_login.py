"""Logging in: by name or address, with lock-out, without telling who exists; sessions end when they should."""

from datetime import timedelta

import pytest
import time_machine
from allauth.mfa.adapter import get_adapter
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.core import mail
from django.test import Client

from orderwerk.accounts.commands.create_user import NewUser, create_users
from orderwerk.accounts.commands.set_password import NewPassword, set_passwords
from orderwerk.accounts.commands.update_user import UserChange, update_users
from orderwerk.accounts.models import User
from orderwerk.core import clock
from orderwerk.core.actor import Actor

PASSWORD = "correct horse battery"
CLI = Actor.system("test")
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def olga() -> User:
    item = NewUser(
        username="olga", name="Olga", role="owner", email="olga@example.com", password=PASSWORD
    )
    return User.objects.get(id=create_users([item], actor=CLI)[0].require().id)


def log_in(client: Client, login: str = "olga", password: str = PASSWORD) -> int:
    return client.post("/account/login/", {"login": login, "password": password}).status_code


@pytest.mark.parametrize(
    "login", ["olga", "OLGA", "olga@example.com", "Olga@Example.com", " olga "]
)
def test_a_person_logs_in_by_name_or_address(client: Client, login: str) -> None:
    assert log_in(client, login) == 302
    assert client.get("/account/").status_code == 200


def test_who_is_not_logged_in_is_led_to_the_login_and_back(client: Client) -> None:
    answer = client.get("/settings/people/")

    assert answer.status_code == 302
    assert answer["Location"] == "/account/login/?next=/settings/people/"
    posted = client.post(
        "/account/login/?next=/settings/people/", {"login": "olga", "password": PASSWORD}
    )
    assert posted["Location"] == "/settings/people/"


def test_a_foreign_address_after_login_is_not_followed(client: Client) -> None:
    posted = client.post(
        "/account/login/?next=//evil.example/", {"login": "olga", "password": PASSWORD}
    )

    assert posted["Location"] == "/"


def test_a_wrong_password_and_an_unknown_name_get_the_same_answer(client: Client) -> None:
    wrong = client.post("/account/login/", {"login": "olga", "password": "x"}).content.decode()
    unknown = client.post("/account/login/", {"login": "nobody", "password": "x"}).content.decode()

    assert "not correct" in wrong
    assert "not correct" in unknown


def test_guessing_locks_the_name_even_for_the_right_password_and_other_spellings(
    client: Client,
) -> None:
    for _ in range(8):
        log_in(client, password="guess")

    assert log_in(client) == 429
    assert log_in(client, "OLGA") == 429
    with time_machine.travel(clock.now() + timedelta(minutes=16)):
        assert log_in(client) == 302


def test_guesses_from_many_addresses_count_together(client: Client) -> None:
    for number in range(8):
        client.post(
            "/account/login/",
            {"login": "olga", "password": "guess"},
            REMOTE_ADDR=f"192.0.2.{number + 1}",
        )

    assert log_in(client) == 429


def test_guesses_by_name_and_by_address_count_together(client: Client, olga: User) -> None:
    for number in range(8):
        log_in(client, olga.email.upper() if number % 2 else "olga", password="guess")

    assert log_in(client) == 429
    assert log_in(client, olga.email) == 429


def test_many_people_behind_one_address_do_not_lock_each_other_out(client: Client) -> None:
    for number in range(31):
        log_in(client, f"somebody{number}", password="guess")

    assert log_in(client) == 302


def test_the_code_of_a_second_factor_is_not_guessed(client: Client, olga: User) -> None:
    TOTP.activate(olga, secret := generate_totp_secret())
    client.post("/account/login/", {"login": "olga", "password": PASSWORD})

    for number in range(10):
        client.post("/account/second-factor/enter/", {"code": f"{number:06}"})
    right = format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))
    answer = client.post("/account/second-factor/enter/", {"code": right})

    assert answer.status_code == 200
    assert "Too many" in answer.content.decode()
    assert client.get("/account/").status_code == 302


def test_a_deactivated_person_is_out_at_once_and_cannot_come_in(client: Client, olga: User) -> None:
    create_users([NewUser(username="other", name="Other", role="owner")], actor=CLI)
    log_in(client)

    update_users([UserChange(user_id=olga.id, is_active=False)], actor=CLI)

    assert client.get("/account/").status_code == 302
    assert "_auth_user_id" not in Client().session
    update_users([UserChange(user_id=olga.id, is_active=True)], actor=CLI)
    assert client.get("/account/").status_code == 302


def test_a_new_password_ends_open_sessions(client: Client, olga: User) -> None:
    log_in(client)

    set_passwords([NewPassword(user_id=olga.id, password="another horse battery")], actor=CLI)

    assert client.get("/account/").status_code == 302


def test_changing_the_own_password_keeps_this_session_and_ends_the_others(client: Client) -> None:
    elsewhere = Client()
    log_in(client)
    log_in(elsewhere)
    form = {
        "oldpassword": PASSWORD,
        "password1": "another horse battery",
        "password2": "another horse battery",
    }

    assert client.post("/account/password/", form).status_code == 302

    assert client.get("/account/").status_code == 200
    assert elsewhere.get("/account/").status_code == 302


@pytest.mark.parametrize(("hours", "step"), [(9, 9), (15, 1)])
def test_a_session_ends_when_idle_and_when_old(client: Client, hours: int, step: int) -> None:
    start = clock.now()
    log_in(client)

    for hour in range(0, hours, step):
        with time_machine.travel(start + timedelta(hours=hour)):
            assert client.get("/account/").status_code == 200
    with time_machine.travel(start + timedelta(hours=hours)):
        assert client.get("/account/").status_code == 302


def test_nobody_signs_up(client: Client) -> None:
    assert client.get("/account/signup/").status_code == 404


def test_a_forgotten_password_tells_nobody_who_exists(client: Client) -> None:
    known = client.post("/account/forgotten/", {"email": "olga@example.com"})
    unknown = client.post("/account/forgotten/", {"email": "nobody@example.com"})

    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    assert [message.to for message in mail.outbox] == [["olga@example.com"]]


def test_the_link_in_the_mail_sets_a_new_password(client: Client, olga: User) -> None:
    client.post("/account/forgotten/", {"email": "olga@example.com"})
    link = next(word for word in mail.outbox[0].body.split() if "/account/forgotten/" in word)
    page = client.get("/" + link.split("/", 3)[3], follow=True)
    form = {"password1": "another horse battery", "password2": "another horse battery"}

    client.post(page.redirect_chain[-1][0], form)

    olga.refresh_from_db()
    assert olga.check_password("another horse battery")


def test_the_second_factor_is_asked_for_once_it_is_on(client: Client) -> None:
    log_in(client)
    assert client.get("/account/second-factor/activate/")["Location"].startswith(
        "/account/confirm/"
    )
    client.post("/account/confirm/", {"password": PASSWORD})
    page = client.get("/account/second-factor/activate/")
    secret = page.context["form"].secret

    def code() -> str:
        return format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))

    # The clock stands still: a code that is a second old may be that of the half minute before.
    with time_machine.travel(clock.now(), tick=False):
        answer = client.post("/account/second-factor/activate/", {"code": code()})
    assert answer.status_code == 302
    assert "Recovery codes" in client.get("/account/recovery-codes/").content.decode()

    fresh = Client()
    answer = fresh.post("/account/login/", {"login": "olga", "password": PASSWORD})
    assert answer["Location"] == "/account/second-factor/enter/"
    assert fresh.get("/account/").status_code == 302
    with time_machine.travel(clock.now() + timedelta(seconds=60), tick=False):
        assert fresh.post("/account/second-factor/enter/", {"code": code()}).status_code == 302
        assert fresh.get("/account/").status_code == 200


@pytest.mark.django_db
def test_the_secret_of_a_second_factor_is_stored_encrypted() -> None:
    adapter = get_adapter()

    stored = adapter.encrypt("JBSWY3DPEHPK3PXP")

    assert stored.startswith("enc1:")
    assert "JBSWY3DPEHPK3PXP" not in stored
    assert adapter.decrypt(stored) == "JBSWY3DPEHPK3PXP"
