"""What pages say: days in one form, and reasons of ours in the reader's language."""

from datetime import date

import pytest
from django.utils.translation import override

from orderwerk.console.history import entries
from orderwerk.console.templatetags.console import day
from orderwerk.core import clock
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
