"""The settings pages: people, tokens, shops and stock locations."""

import re
from collections.abc import Callable

import pytest
from django.test import Client

from orderwerk.accounts.models import ApiToken, User
from orderwerk.accounts.queries import access_for_token
from orderwerk.core import sql
from orderwerk.shops.models import Shop, ShopLocation
from orderwerk.stock.models import StockLocation
from tests import build

pytestmark = pytest.mark.django_db
Enter = Callable[..., Client]
PAGES = (
    "/settings/people/", "/settings/people/new/", "/settings/tokens/", "/settings/tokens/new/",
    "/settings/shops/", "/settings/shops/new/", "/settings/locations/", "/settings/locations/new/",
)  # fmt: skip


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize(
    ("role", "status"),
    [("owner", 200), ("customer_service", 403), ("warehouse", 403), ("read_only", 403)],
)
def test_only_owners_reach_the_settings(
    enter: Enter, places: None, path: str, role: str, status: int
) -> None:
    enter()

    assert enter(role).get(path).status_code == status


def test_an_owner_lets_a_warehouse_person_in(enter: Enter, places: None) -> None:
    form = {
        "name": "Wim", "username": "wim", "role": "warehouse", "language": "nl", "password": "correct horse battery",
        "all_shops": "no", "shops": ["one"], "all_locations": "no", "locations": ["AMS"],
    }  # fmt: skip

    answer = enter().post("/settings/people/new/", form)

    assert answer.status_code == 302
    wim = User.objects.get(username="wim")
    assert (wim.all_shops, wim.all_locations, wim.language) == (False, False, "nl")
    assert [limit.shop.code for limit in wim.shop_limits.all()] == ["one"]


def test_a_form_that_is_refused_says_why_at_the_field(enter: Enter) -> None:
    client = enter()
    form = {"name": "X", "username": client.user.username, "role": "owner", "language": "en", "password": "correct horse battery", "all_shops": "yes", "all_locations": "yes"}  # type: ignore[attr-defined]  # fmt: skip

    answer = client.post("/settings/people/new/", form)

    assert answer.status_code == 422
    assert "is taken" in answer.content.decode()
    assert answer.context["form"].errors.keys() == {"username"}


def test_a_code_of_a_location_that_cannot_be_is_refused_at_its_field(enter: Enter) -> None:
    answer = enter().post("/settings/locations/new/", {"seen": "0", "code": "new loc", "name": "N", "priority": "1"})  # fmt: skip

    assert answer.context["form"].errors.keys() == {"code"}
    assert "no spaces" in answer.content.decode()


@pytest.mark.parametrize("name", ["shops", "locations"])
def test_a_person_limited_to_nothing_is_refused_at_the_field(
    enter: Enter, places: None, name: str
) -> None:
    form = {
        "name": "Wim", "username": "wim", "role": "warehouse", "language": "nl", "password": "correct horse battery",
        "all_shops": "yes", "all_locations": "yes", f"all_{name}": "no",
    }  # fmt: skip

    answer = enter().post("/settings/people/new/", form)

    assert answer.context["form"].errors.keys() == {name}
    assert "Choose at least one" in answer.content.decode()
    assert not User.objects.filter(username="wim").exists()


def test_the_only_owner_cannot_be_deactivated_and_the_page_says_so(enter: Enter) -> None:
    client = enter()

    answer = client.post(
        f"/settings/people/{client.user.id}/active/", {"is_active": "no"}, follow=True
    )  # type: ignore[attr-defined]

    assert "There must be at least one active owner." in answer.content.decode()
    assert User.objects.get().is_active


def test_a_person_is_changed_deactivated_and_activated(enter: Enter) -> None:
    owner, other = enter(), enter("finance")
    page = f"/settings/people/{other.user.id}/"  # type: ignore[attr-defined]
    form = {
        "name": "New name",
        "role": "read_only",
        "language": "en",
        "all_shops": "yes",
        "all_locations": "yes",
        "email": "",
    }

    assert owner.post(page, form).status_code == 302
    assert other.get("/account/").status_code == 200
    owner.post(page + "active/", {"is_active": "no"})
    assert other.get("/account/").status_code == 302
    owner.post(page + "active/", {"is_active": "yes"})

    changed = User.objects.get(id=other.user.id)  # type: ignore[attr-defined]
    assert (changed.name, changed.role, changed.is_active) == ("New name", "read_only", True)
    assert owner.get("/settings/people/01890000-0000-7000-8000-000000000000/").status_code == 404


def test_a_token_is_shown_once_works_and_is_revoked(enter: Enter, places: None) -> None:
    client = enter()
    form = {
        "name": "ERP",
        "scopes": ["orders:read"],
        "all_shops": "no",
        "shops": ["one"],
        "all_locations": "yes",
    }

    page = client.post("/settings/tokens/new/", form)
    raw = re.findall(r"owt_[A-Za-z0-9_-]{43}", page.content.decode())
    listed = client.get("/settings/tokens/").content.decode()

    assert len(raw) == 1
    assert "no-store" in page["Cache-Control"]
    assert raw[0] not in listed
    assert raw[0][:10] in listed
    access = access_for_token(raw[0])
    assert access is not None
    assert access.actor.shop_ids == {Shop.objects.get(code="one").id}
    client.post(f"/settings/tokens/{ApiToken.objects.get().id}/revoke/")
    assert access_for_token(raw[0]) is None
    assert client.get(f"/settings/tokens/{ApiToken.objects.get().id}/revoke/").status_code == 405


def test_a_shop_is_added_and_changed(enter: Enter, db: None) -> None:
    client = enter()
    form = {
        "code": "demo", "name": "Demo", "currency": "EUR", "locale": "nl", "timezone": "Europe/Amsterdam",
        "invoice_when": "paid", "refund_mode": "manual", "return_window_days": "30", "use_allocation": "on",
        "legal_name": "Demo B.V.", "on_account_methods": "invoice, terms",
    }  # fmt: skip

    made = client.post("/settings/shops/new/", form)
    assert made.status_code == 302, made.context["form"].errors
    assert (
        client.post(
            "/settings/shops/edit/demo/", {**form, "name": "Other", "code": "x", "currency": "USD"}
        ).status_code
        == 302
    )

    shop = Shop.objects.get()
    assert (shop.code, shop.currency, shop.name, shop.use_pick_lists) == (
        "demo",
        "EUR",
        "Other",
        False,
    )
    assert shop.legal["name"] == "Demo B.V."
    assert "one_stop_shop" not in shop.legal
    again = {**form, "code": "x", "legal_one_stop_shop": "on"}
    assert client.post("/settings/shops/edit/demo/", again).status_code == 302
    assert Shop.objects.get().legal["one_stop_shop"] is True
    shown = client.get("/settings/shops/edit/demo/").context["form"]
    assert shown["legal_one_stop_shop"].value() is True
    assert shop.on_account_methods == ["invoice", "terms"]


def test_a_dutch_shop_is_told_what_keeps_it_from_nlcius(enter: Enter, db: None) -> None:
    named = {"name": "Test B.V.", "country": "NL", "vat_number": "NL123456782B90"}  # fmt: skip
    full = {**named, "company_number": "12345678", "street": "Weg 1", "postal_code": "1234 AB", "city": "Breda", "iban": "NL02ABNA0123456789"}  # fmt: skip
    client = enter()
    said = {}
    for name, legal in (("named", named), ("full", full), ("belgian", {**named, "country": "BE"}), ("nothing", {})):  # fmt: skip
        shop = build.world(legal=legal).shop
        said[name] = client.get(f"/settings/shops/edit/{shop}/").content.decode()

    asked = "asks for Chamber of Commerce number, Street and number, Postal code, City, IBAN in its legal identity"
    assert [asked in said[name] for name in said] == [True, False, False, False]
    assert ["NLCIUS" in said[name] for name in said] == [True, False, False, False]


def test_a_bank_account_and_a_dutch_number_that_cannot_be_are_said_beside_their_field(
    enter: Enter, db: None
) -> None:
    world = build.world(legal={"name": "Test B.V.", "country": "NL"})
    sql.execute(
        'update shops_shop set legal = legal || \'{"iban": "old"}\' where code = %s', (world.shop,)
    )
    client, here = enter(), f"/settings/shops/edit/{world.shop}/"
    kept = {
        "name": "Test", "locale": "nl", "timezone": "Europe/Amsterdam", "invoice_when": "paid", "refund_mode": "manual",
        "return_window_days": "30", "legal_name": "Test B.V.", "legal_country": "NL",
    }  # fmt: skip

    def save(**fields: str) -> str:
        answer = client.post(here, {**kept, **fields})
        return answer.content.decode() if answer.status_code == 422 else str(answer.status_code)

    assert "is no IBAN" in save(legal_iban="NL91ABNA0417164301")
    assert "(eight digits)" in save(legal_company_number="1234")
    # What stood there before is let stand, so that the rest can be changed.
    assert save(legal_iban="old", legal_company_number="1234 5678") == "302"
    assert save(legal_iban="NL91 ABNA 0417 1643 00", legal_company_number="0000 0003 1234 5678 0000") == "302"  # fmt: skip
    assert save(legal_country="BE", legal_company_number="0776.091.951") == "302"
    assert "(eight digits)" in save(legal_country="NL", legal_company_number="0776.091.951")


def test_a_location_is_added_with_its_shops(enter: Enter, places: None) -> None:
    client = enter()
    form = {
        "seen": "0",
        "code": "UTR",
        "name": "Utrecht",
        "priority": "2",
        "is_active": "on",
        "shops": ["two"],
        "country": "NL",
        "city": "Utrecht",
    }

    assert client.post("/settings/locations/new/", form).status_code == 302
    assert client.get("/settings/locations/edit/UTR/").status_code == 200

    location = StockLocation.objects.get(code="UTR")
    assert (location.priority, location.country, location.address["city"]) == (2, "NL", "Utrecht")
    assert list(
        ShopLocation.objects.filter(location=location).values_list("shop__code", flat=True)
    ) == ["two"]
    bad = client.post("/settings/locations/new/", {**form, "code": "with space"})
    assert bad.status_code == 422
    assert StockLocation.objects.count() == 3


def test_an_owner_of_one_shop_sees_and_changes_only_that_one(enter: Enter, places: None) -> None:
    client = enter(shops=("one",))

    assert [row.code for row in client.get("/settings/shops/").context["listing"].rows] == ["one"]
    assert client.get("/settings/shops/edit/two/").status_code == 404
    assert client.get("/settings/shops/edit/one/").status_code == 200


def test_language_and_theme_are_the_persons_own(enter: Enter) -> None:
    client = enter()

    client.post("/account/preferences/", {"language": "nl", "next": "/settings/people/"})
    answer = client.post("/account/preferences/", {"theme": "dark", "next": "//evil.example"})

    page = client.get("/settings/people/").content.decode()
    assert 'lang="nl"' in page
    assert 'data-theme="dark"' in page
    assert answer["Location"] == "/"


def test_an_owner_of_one_shop_does_not_see_people_and_tokens(enter: Enter, places: None) -> None:
    enter()
    limited = enter(shops=(Shop.objects.values_list("code", flat=True)[0],))

    assert limited.get("/settings/shops/").status_code == 200
    assert "API tokens" not in limited.get("/settings/shops/").content.decode()
    for path in ("/settings/people/", "/settings/people/new/", "/settings/tokens/"):
        assert limited.get(path).status_code == 403, path
