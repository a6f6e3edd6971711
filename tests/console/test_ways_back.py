"""Where a page leads back to is told by the browser: a path of ours, or it counts for nothing, and the deed stays done."""

from collections.abc import Callable

import pytest
from django.test import Client

from orderwerk.console.access import own_path
from tests import build
from tests.console.morning import Morning
from tests.console.test_deeds import DIALOG, fresh

pytestmark = pytest.mark.django_db
Enter = Callable[..., Client]
NOWHERE = ("0", "home", "orders/", "//evil.example", "/\\evil.example", "///evil.example", "http://evil.example/", "javascript:1", "http://[::1", "/" + "a" * 9_000)  # fmt: skip
BROKEN = {"HX-Request": "true", "HX-Current-URL": "http://[::1"}


@pytest.mark.parametrize("there", NOWHERE)
def test_only_a_path_of_ours_leads_back(enter: Enter, there: str) -> None:
    client = enter()
    order = fresh(Morning(build.world()))

    done = client.post(f"/orders/{order.number}/do/release/", {"next": there})
    kept = client.post("/account/preferences/", {"theme": "dark", "next": there})

    assert (done.status_code, done["Location"]) == (302, f"/orders/{order.number}/general/")
    assert (kept.status_code, kept["Location"]) == (302, "/")


def test_a_path_of_ours_is_taken_whole() -> None:
    assert own_path("/orders/?q=a%2Fb&tab=open#x") == "/orders/?q=a%2Fb&tab=open#x"


def test_a_page_whose_address_cannot_be_read_leads_to_the_first_page(enter: Enter) -> None:
    stranger = Client().get("/", headers=BROKEN)
    order = fresh(Morning(build.world()))
    hold = enter().post(f"/orders/{order.number}/do/hold/", {"reason": "Fraud?"}, headers=DIALOG | BROKEN)  # fmt: skip

    assert stranger["HX-Redirect"].endswith("?next=/")
    assert hold["HX-Redirect"].startswith(f"/orders/{order.number}/")
