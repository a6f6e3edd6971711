"""Every address of the console, from its own table: looking costs the same however much there is, and changes nothing."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any

import pytest
from django.http import HttpResponseBase
from django.test import Client

from orderwerk.console import middleware
from orderwerk.core import sql
from tests.console.addresses import addresses
from tests.console.everything import Everything, everything

pytestmark = pytest.mark.django_db
Enter = Callable[..., Client]
MANY = 20
# Each row more than one takes so many bytes at least.
LEAST = 10 * (MANY - 1)
# These pages ask one question, or show one thing that does not grow.
FIXED = {
    "bin_set", "cancel_request_reject", "claim_decide", "claim_photo", "count_plan_set", "floor_find", "group_edit", "group_new", "delivery_problem_close", "difference_explain", "email_letter", "email_text",
    "email_text_preview", "inbound_close", "hold_rule_edit", "hold_rule_new", "inbound_receive", "lot_change", "order_address", "order_cancel", "order_comment", "order_erase", "order_hand_over", "order_hold",
    "order_payment", "order_tags", "pack_find", "pack_where", "payment_account", "pick_line_short", "pick_list_cancel", "pick_list_preview",
    "pick_list_progress", "postal_codes", "pick_list_release", "pick_list_snooze", "product_new", "reason_edit", "reason_new", "refund_account", "refund_failed",
    "refund_paid", "refund_reject", "return_carrier", "return_label", "return_request_box", "return_request_cancel", "return_request_keep", "return_request_photo", "return_request_reject", "return_request_repair",
    "return_scan", "scan_worker", "shipment_cancel", "shipment_collect", "shipment_reject", "shipment_step", "box_size_edit", "box_size_new", "carrier_new", "carrier_ready", "carrier_account", "shop", "shop_logo",
    "shop_new", "store_credit_stop", "substitute_decide", "substitute_propose", "transfer_file",
}  # fmt: skip
# Paper that does not grow, but whose size in bytes hangs on which letters and digits are on it.
PAPER = {"return_slip"}
# An invoice is drawn once, when somebody first asks for it, and kept.
DRAWN = {"invoice_file"}


def _body(answer: Any) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def _tabs(client: Client, every: Everything) -> dict[str, str]:
    """Every address, and of each list every tab and its files."""
    found = addresses(every)
    plain = dict(found)
    for name, address in plain.items():
        context = client.get(address).context
        listing = context.get("listing") if context else None
        for link in listing.tab_links() if listing else ():
            found[f"{name} {link['tab'].key}"] = link["url"]
        for link in listing.exports() if listing else ():
            found[f"{name} {link['label']}"] = link["url"]
    return found


def _look(client: Client, address: str) -> tuple[HttpResponseBase, list[str], int]:
    """The answer, its statements and its size."""
    with sql.count_statements() as counted:
        answer: Any = client.get(address)
        size = len(_body(answer))
    return answer, counted.statements, size


def _written() -> int:
    """How many rows this test has written so far, by the server's own count."""
    [(count,)] = sql.fetch("select sum(n_tup_ins + n_tup_upd + n_tup_del)::bigint from pg_stat_xact_user_tables where relname <> 'django_session'")  # fmt: skip
    return int(count)


@pytest.mark.slow
def test_looking_costs_the_same_for_one_row_and_for_twenty_and_changes_nothing(
    enter: Enter, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Whoever is at it for minutes has his session noted in between: that is no price of a page.
    monkeypatch.setattr(middleware, "_NOTED_EVERY", timedelta(days=1))
    client = enter()

    def prices(n: int) -> dict[str, tuple[int, int]]:
        found = {}
        for name, address in _tabs(client, everything(n)).items():
            before = _written()
            answer, statements, size = _look(client, address)
            assert answer.status_code in {200, 302, 405}, (name, address)
            assert size or answer.status_code != 200, name
            assert _written() == before or name in DRAWN, name
            if answer.status_code == 200 and "file=" not in address:
                found[name] = (len(statements), size)
        return found

    one, many = prices(1), prices(MANY)

    assert one.keys() == many.keys()
    assert {name: (one[name][0], many[name][0]) for name in one if one[name][0] != many[name][0]} == {}  # fmt: skip
    small = {name for name in one if many[name][1] - one[name][1] < LEAST}
    assert {name for name in small if " " not in name} - PAPER == FIXED


def test_nothing_is_taken_from_a_form_without_its_secret(enter: Enter) -> None:
    every = everything(1)
    person = enter()
    client = Client(enforce_csrf_checks=True)
    client.cookies = person.cookies

    for name, address in addresses(every).items():
        before = _written()
        assert client.post(address, {"x": "y"}).status_code == 403, name
        assert _written() == before, name


class _Reader(HTMLParser):
    """Reads a page as a browser does, as far as forms and names go."""

    def __init__(self) -> None:
        super().__init__()
        self.open_forms, self.inner, self.names = 0, 0, Counter[str]()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.update(value for name, value in attrs if name == "id" and value)
        if tag == "form":
            self.inner += self.open_forms > 0
            self.open_forms += 1

    def handle_endtag(self, tag: str) -> None:
        self.open_forms -= tag == "form"


def test_no_form_lies_in_another_and_no_name_stands_twice(enter: Enter) -> None:
    """A browser throws away a form within a form, and its button does nothing: only people would notice."""
    client = enter()
    wrong = {}
    for name, address in addresses(everything(2)).items():
        answer: Any = client.get(address)
        if answer.status_code != 200 or not answer["Content-Type"].startswith("text/html"):
            continue
        reader = _Reader()
        reader.feed(_body(answer).decode())
        twice = [key for key, count in reader.names.items() if count > 1]
        if reader.inner or reader.open_forms or twice:
            wrong[name] = (reader.inner, reader.open_forms, twice)

    assert wrong == {}
