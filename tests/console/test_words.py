"""What pages say: days in one form, and reasons of ours in the reader's language."""

from datetime import date
from pathlib import Path

import pytest
from django.utils.translation import override, pgettext

from orderwerk.console.history import entries
from orderwerk.console.templatetags.console import day
from orderwerk.core import clock, typesetting
from orderwerk.core.ids import new_id
from orderwerk.orders.rows import EventRow


@pytest.mark.parametrize(
    ("language", "pattern", "written"),
    [
        ("en", "d MMM y", "26 Nov 2026"),
        ("nl", "d MMM y", "26 nov 2026"),
        ("en", "EEE d MMM", "Thu 26 Nov"),
        ("nl", "d MMM", "26 nov"),
    ],
)
def test_days_have_one_form(language: str, pattern: str, written: str) -> None:
    with override(language):
        assert day(date(2026, 11, 26), pattern).replace(".", "").replace(",", "") == written
        assert day(None) == ""


@pytest.mark.parametrize(
    ("cause", "said"), [("cancellation", "Geannuleerd"), ("request", "Cancelled")]
)
def test_a_credit_that_came_by_itself_says_why_in_the_readers_language(
    cause: str, said: str
) -> None:
    payload = {"number": "C1", "cause": cause, "reason": "Cancelled"}

    event = EventRow(
        id=new_id(), at=clock.now(), kind="invoice.credit_issued", object_type="invoice", object_id=new_id(), order_id=None,
        shop=None, from_status=None, to_status=None, actor_kind="job", actor_name="jobs", currency="EUR", payload=payload,
    )  # fmt: skip

    with override("nl"):
        [entry] = entries([event], "EUR", "Europe/Amsterdam")

    assert (entry.text, entry.detail) == ("Creditfactuur C1 uitgeschreven", said)


def test_that_an_order_was_put_on_hold_is_told_as_something_that_happened() -> None:
    event = EventRow(
        id=new_id(), at=clock.now(), kind="order.held", object_type="order", object_id=new_id(), order_id=None, shop=None,
        from_status="awaiting_shipment", to_status="on_hold", actor_kind="user", actor_name="demo", currency="EUR", payload={"reason": "Look"},
    )  # fmt: skip

    with override("nl"):
        [entry] = entries([event], "EUR", "Europe/Amsterdam")

    assert entry.text == "In de wacht gezet"


def test_no_page_writes_a_day_in_a_form_of_its_own() -> None:
    pages = sorted((Path(typesetting.ROOT) / "console" / "templates").rglob("*.html"))

    assert [page.name for page in pages if '|date:"' in page.read_text(encoding="utf-8")] == []


def test_a_return_request_has_one_name_in_dutch() -> None:
    words = Path(typesetting.ROOT) / "locale" / "nl" / "LC_MESSAGES" / "django.po"

    said = words.read_text(encoding="utf-8").lower()

    assert "retouraanvraag" in said
    assert [word for word in ("retouraanmelding", "retourverzoek", "betaalaanbieder") if word in said] == []  # fmt: skip


def test_what_is_to_be_done_reads_as_a_verb_in_dutch() -> None:
    with override("nl"):
        assert pgettext("what to do", "Refund") == "Terugbetalen"
        assert pgettext("what to do", "Repair") == "Herstellen"
