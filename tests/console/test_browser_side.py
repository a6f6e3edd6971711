"""What the browser is told to allow, and what strangers' texts may do in it: nothing."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from orderwerk.core import clock
from orderwerk.memos.commands.create import MemoItem, create_memos
from orderwerk.orders.links import guest_token
from tests import build

pytestmark = pytest.mark.django_db
Enter = Callable[..., Client]
HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(2)>'


def test_pages_allow_nothing_from_elsewhere_and_no_cache_keeps_them(enter: Enter) -> None:
    build.world().place()
    client = enter("owner")

    for path in ("/orders/", "/orders/?q=x", "/settings/shops/", "/stock/"):
        answer = client.get(path)
        policy = answer.headers["Content-Security-Policy"]

        assert "default-src 'self'" in policy
        assert "script-src 'self'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert "no-store" in answer.headers["Cache-Control"]


def test_scan_pages_say_whose_they_are_and_their_worker_sees_all_pages(enter: Enter) -> None:
    client = enter("warehouse")

    page = client.get("/scan/").content.decode()
    worker = client.get("/scan/worker.js")

    assert f'data-person="{client.session["_auth_user_id"]}"' in page
    assert worker["Content-Type"] == "text/javascript; charset=utf-8"
    assert worker["Service-Worker-Allowed"] == "/"
    assert b"addEventListener" in worker.content
    assert Client().get("/scan/worker.js").status_code == 302
    assert "data-person" not in Client().get("/account/login/").content.decode()


def test_strangers_texts_are_shown_and_do_nothing(enter: Enter) -> None:
    world = build.world()
    address = {
        "name": HOSTILE, "street": HOSTILE, "house_number": "1", "postal_code": "1234AB", "city": HOSTILE, "country": "NL",
    }  # fmt: skip
    line = {"sku": world.skus[0], "name": HOSTILE, "quantity": 1, "unit_price": "10.00", "tax_rate": "21.00"}  # fmt: skip
    order_id = build.shipped(
        world,
        comment=HOSTILE,
        customer={"name": HOSTILE, "company": HOSTILE, "email": "test@example.com"},
        billing_address=address,
        shipping={"method": "x", "name": HOSTILE, "price": "0.00", "tax_rate": "21.00"},
        lines=[line],
        tags=[HOSTILE[:40]],
        metadata={"source": HOSTILE},
    )
    build.invoice(order_id)
    build.request(order_id, comment=HOSTILE).require()
    create_memos([MemoItem(order_id=order_id, text=HOSTILE)], actor=build.TESTER)[0].require()
    number = build.order(order_id)["number"]
    client = enter("owner")
    tabs = (
        "general", "articles", "allocations", "pick-lists", "shipments", "invoices", "return-requests", "returns", "refunds",
        "memo", "emails",
    )  # fmt: skip
    lists = ("/orders/", "/shipments/?status=shipped", "/invoices/", "/return-requests/", "/allocations/?status=all")  # fmt: skip
    shopper = f"/track/{guest_token(order_id)}"

    seen = 0
    for path in (*(f"/orders/{number}/{tab}/" for tab in tabs), *lists, shopper, f"{shopper}/return", f"{shopper}/withdraw"):  # fmt: skip
        text = client.get(path).content.decode()
        assert "<script>alert" not in text, path
        assert "<img src=x" not in text, path
        seen += "&lt;script&gt;alert(1)" in text

    assert seen >= 10


def test_no_deed_is_done_without_the_forms_secret(enter: Enter) -> None:
    world = build.world()
    order_id = world.place()
    number = build.order(order_id)["number"]
    person = enter("owner")
    client = Client(enforce_csrf_checks=True)
    client.cookies = person.cookies

    for path, headers in (
        (f"/orders/{number}/do/memo/", {}),
        (f"/orders/{number}/do/hold/", {"HX-Request": "true"}),
        ("/orders/bulk/hold/", {"HX-Request": "true"}),
        (f"/orders/{number}/do/memo/", {"Origin": "https://evil.example"}),
    ):
        answer = client.post(
            path, {"text": "x", "reason": "x", "id": str(order_id)}, headers=headers
        )
        assert answer.status_code == 403, path
    assert build.order(order_id)["status"] == "awaiting_shipment"


def test_another_host_is_not_spoken_for(client: Client) -> None:
    for headers in (
        {"Host": "evil.example"},
        {"Host": "localhost", "X-Forwarded-Host": "evil.example"},
    ):
        answer = client.get("/account/login/", headers=headers)

        assert b"evil.example" not in answer.content
        assert "evil.example" not in str(answer.headers)
    assert client.get("/account/login/", headers={"Host": "evil.example"}).status_code == 400


@pytest.mark.parametrize("path", ["/healthz", "/scan/", "/scan/scans/"])
def test_answers_say_how_our_clock_stands(enter: Enter, path: str) -> None:
    client = enter("warehouse")
    before = clock.now()

    answer = client.head(path) if path == "/healthz" else client.get(path)

    now = datetime.fromtimestamp(int(answer.headers["X-Orderwerk-Now"]) / 1000, UTC)
    assert before - timedelta(milliseconds=1) <= now <= clock.now()
