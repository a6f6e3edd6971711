"""Setting a pick list aside on its page: it leaves what is to be done, says until when and why, and is woken there."""

from collections.abc import Callable
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from orderwerk.core import clock
from tests.console.test_deeds import one, picking, said

pytestmark = pytest.mark.django_db
Enter = Callable[..., Client]
ZONE = "Europe/Amsterdam"


def test_a_list_is_set_aside_until_a_moment_and_woken(enter: Enter) -> None:
    client, _order, number, _lines = picking(enter, 2)
    page, day = f"/pick-lists/{number}/", clock.business_date(clock.now(), ZONE) + timedelta(days=2)
    assert f'value="{(day - timedelta(days=1)).isoformat()}"' in said(client.get(f"{page}snooze/"))

    passed = client.post(f"{page}snooze/", {"day": "2020-01-01", "time": "08:00"})
    client.post(f"{page}snooze/", {"day": day.isoformat(), "time": "09:30", "note": "Lift is broken"})  # fmt: skip

    until = one("select snoozed_until from picklists_pick_list where number = %s", number)
    local = until.astimezone(ZoneInfo(ZONE))
    assert (passed.status_code, local.date(), local.strftime("%H:%M")) == (422, day, "09:30")
    shown = said(client.get(page))
    assert "This list is set aside until" in shown
    assert "Lift is broken" in shown
    assert "09:30" in shown
    assert f"{page}scan/" not in shown
    assert number not in said(client.get("/pick-lists/"))
    assert number in said(client.get("/pick-lists/?status=snoozed"))
    assert number in client.get("/pick-lists/?status=snoozed&file=csv").getvalue().decode()  # type: ignore[attr-defined]

    client.post(f"{page}do/wake/")

    assert "This list is set aside until" not in said(client.get(page))
    assert number in said(client.get("/pick-lists/"))
    assert number not in said(client.get("/pick-lists/?status=snoozed"))
    assert enter("finance").get(f"{page}snooze/").status_code == 403
