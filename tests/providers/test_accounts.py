"""Credentials of providers: encrypted, never shown, tested on demand."""

import json
from contextlib import nullcontext
from typing import Any
from uuid import uuid4

import pytest
from click.testing import CliRunner
from django.db import IntegrityError
from django.db.transaction import atomic

from orderwerk.cli.doctor import doctor
from orderwerk.core import sql
from orderwerk.core.decode import convert
from orderwerk.core.errors import BadInput
from orderwerk.integrations.jobs import check_accounts
from orderwerk.payments.account_queries import AccountFilters, account_page
from orderwerk.payments.accounts import accounts_in_use
from orderwerk.payments.commands.check_accounts import CheckAccountItem, check_payment_accounts
from orderwerk.payments.commands.set_accounts import AccountItem, set_payment_accounts
from orderwerk.payments.hooks import account_of, hook_token
from tests import build
from tests.doubles.shop import Connected

KEY = "test_0123456789abcdefCANARY"


def _set(**values: Any) -> Any:
    return set_payment_accounts([convert(values, AccountItem)], actor=build.TESTER)[0]


@pytest.mark.django_db
def test_credentials_are_stored_encrypted_and_stand_nowhere_else() -> None:
    world = build.world(stock=0)

    made = _set(shop=world.shop, provider="mollie", key=KEY).require()

    [(stored,)] = sql.fetch("select secret from payments_account")
    assert stored.startswith("enc1:")
    assert "CANARY" not in stored
    assert accounts_in_use([made.id])[made.id].key == KEY
    assert "CANARY" not in repr(accounts_in_use([made.id]))
    told = json.dumps([row[0] for row in sql.fetch("select payload::text from core_event")])
    assert "CANARY" not in told
    with pytest.raises(IntegrityError), atomic():
        sql.execute("update payments_account set secret = 'plain'")


@pytest.mark.django_db
def test_what_is_left_out_stays_and_the_same_again_changes_nothing() -> None:
    world = build.world(stock=0)
    first = _set(shop=world.shop, provider="stripe", key="rk_live_0123456789abcdef", signing_secret="whsec_1")  # fmt: skip

    again = _set(shop=world.shop, provider="stripe", is_active=False)
    _set(shop=world.shop, provider="stripe", is_active=False)

    assert again.id == first.id
    [row] = account_page(build.TESTER, AccountFilters(shop=world.shop)).items
    assert (row.mode, row.is_active, row.has_signing_secret) == ("live", False, True)
    assert len(sql.fetch("select 1 from core_event where kind = 'payment_account.saved'")) == 2
    assert accounts_in_use([row.id]) == {}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"provider": "mollie"}, "invalid_key"),
        ({"provider": "mollie", "key": "sk_live_0123456789abcdef"}, "invalid_key"),
        ({"provider": "stripe", "key": KEY}, "invalid_key"),
        ({"provider": "stripe", "key": "pk_live_0123456789abcdef"}, "invalid_key"),
        ({"provider": "mollie", "key": KEY, "shop": "nowhere"}, "unknown_shop"),
    ],
)
def test_wrong_credentials_are_refused_and_nothing_is_stored(values: dict[str, str], code: str) -> None:  # fmt: skip
    outcome = _set(**{"shop": build.world(stock=0).shop, **values})

    assert outcome.error.code == code
    assert sql.fetch("select 1 from payments_account") == []


@pytest.mark.django_db
def test_another_shops_account_is_not_there() -> None:
    one, other = build.world(stock=0), build.world(stock=0)
    made = _set(shop=one.shop, provider="mollie", key=KEY).require()
    stranger = build.limited(other.shop_id)

    item = AccountItem(shop=one.shop, provider="mollie", is_active=False)
    refused = set_payment_accounts([item], actor=stranger)[0]
    unseen = check_payment_accounts([CheckAccountItem(account_id=made.id)], actor=stranger)[0]

    assert refused.error is not None
    assert unseen.error is not None
    assert account_page(stranger, AccountFilters()).items == []


@pytest.mark.django_db
def test_under_another_secret_key_the_credentials_are_to_be_entered_again(settings: Any) -> None:
    made = _set(shop=build.world(stock=0).shop, provider="mollie", key=KEY).require()
    settings.SECRET_KEY = "another-" * 6

    with pytest.raises(BadInput, match="enter it again"):
        accounts_in_use([made.id])


def test_an_address_is_the_accounts_own_and_cannot_be_made_up() -> None:
    secret, mine, other = "s" * 40, uuid4(), uuid4()

    assert account_of(hook_token(mine, secret), secret) == mine
    assert account_of(hook_token(mine, secret), "t" * 40) is None
    assert account_of(hook_token(other, secret), secret) == other


def _checked(account: Any) -> tuple[Any, ...]:
    return sql.fetch("select check_ok, check_note from payments_account where id = %s", (account,))[0]  # fmt: skip


@pytest.mark.hangs
def test_the_connection_is_tested_by_the_provider(shop: Connected) -> None:
    asked = check_payment_accounts([CheckAccountItem(account_id=shop.account_id)], actor=build.TESTER)  # fmt: skip
    asked[0].require()
    events = sql.fetch("select id from core_event where kind = 'payment_account.check_asked'")

    check_accounts([str(row[0]) for row in events])
    assert _checked(shop.account_id)[0] is True

    shop.double.key = "other"
    check_accounts([str(row[0]) for row in events])
    assert _checked(shop.account_id) == (False, "The provider refuses the credentials.")
    shop.double.fail("hang_before")
    check_accounts([str(row[0]) for row in events])
    assert _checked(shop.account_id)[0] is False


def test_doctor_says_which_provider_answers(shop: Connected, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    monkeypatch.setattr("orderwerk.cli.doctor.connected", nullcontext)

    good = CliRunner().invoke(doctor, []).output
    shop.double.key = "other"
    bad = CliRunner().invoke(doctor, []).output

    assert f"ok   payments    {shop.provider} for {shop.world.shop} (test): takes" in good
    assert f"BAD  payments    {shop.provider} for {shop.world.shop} (test): The provider refuses" in bad  # fmt: skip
