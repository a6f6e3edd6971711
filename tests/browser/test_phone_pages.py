"""Every page of the console on a phone: none is wider than the screen, and the pages of goods keep axe's rules."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.browser.test_worker import go
from tests.console.addresses import addresses
from tests.console.everything import everything

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
# Pages of goods that no other test opens on a phone.
LOOKED_AT = {
    "inbounds", "inbound", "inbound_new", "inbound_send", "inbound_close", "self_check", "lots", "lot", "lot_change", "count_requests",
    "count_plans", "count_plan", "serials", "delivery_problems", "collecting", "shipments_all", "shipping", "shipping_rule_new", "hold_rules",
    "postal_codes", "waves", "bins",
}  # fmt: skip


def test_no_page_is_wider_than_a_phone(open_page: Callable[..., Page], check_page: Callable[[Page], None]) -> None:  # fmt: skip
    every = everything(2)
    page = open_page("/", size="phone")
    origin = page.url.split("/", 3)[2]
    wide, seen = {}, set()
    for name, address in addresses(every).items():
        # What stands in a frame of another page, without scripts.
        if name == "email_text_preview":
            continue
        answer = page.request.get(f"http://{origin}{address}", max_redirects=0)
        if answer.status != 200 or "<html" not in answer.text()[:2000]:
            continue
        go(page, address)
        page.wait_for_load_state("load")
        seen.add(name)
        over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")  # fmt: skip
        if over > 0:
            wide[name] = over
        if name in LOOKED_AT:
            check_page(page)

    assert wide == {}
    assert seen >= LOOKED_AT
    assert len(seen) > 100
