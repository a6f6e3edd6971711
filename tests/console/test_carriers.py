"""Carriers in the settings, in shipping rules and on the page of a shipment."""

import csv
import io
from collections.abc import Callable

import pytest
from django.test import Client

from orderwerk.shipments.carrier_queries import carrier_by_code
from orderwerk.shipments.queries import shipment_detail
from tests import build
from tests.console.morning import numbers

pytestmark = pytest.mark.django_db
Enter = Callable[..., Client]
LINK = "https://follow.example/{code}/{postal_code}"


def form(**values: str) -> dict[str, str]:
    """A carrier as its form sends it."""
    services = "door To the door\n\n box  Letter box \nplain"
    return {"name": "Follow", "tracking_link": LINK, "services": services, "is_active": "on", "seen": "0", **values}  # fmt: skip


def test_a_carrier_is_set_up_and_changed_and_nobody_overwrites_what_he_has_not_seen(
    enter: Enter,
) -> None:
    owner, code = enter(), f"carrier{build.serial()}"
    assert "jouw.postnl.nl" in owner.get("/settings/shipping/carriers/ready/postnl/").content.decode()  # fmt: skip
    assert "jouw" not in owner.get("/settings/shipping/carriers/new/").content.decode()

    assert owner.post("/settings/shipping/carriers/new/", form(code=code)).status_code == 302
    row = carrier_by_code(build.TESTER, code)
    assert [(s.code, s.name) for s in row.services] == [("door", "To the door"), ("box", "Letter box"), ("plain", "plain")]  # fmt: skip
    here = f"/settings/shipping/carriers/by/{code}/"
    assert "box Letter box" in owner.get(here).content.decode()
    assert owner.post("/settings/shipping/carriers/new/", form(code=code)).status_code == 422
    wrong = owner.post(here, form(seen="1", tracking_link="javascript:{code}"))
    assert (wrong.status_code, "https://" in wrong.content.decode()) == (422, True)
    assert owner.post(here, form(seen="1", is_active="")).status_code == 302
    assert owner.post(here, form(seen="1")).status_code == 422
    assert carrier_by_code(build.TESTER, code).is_active is False
    assert "switched off" in owner.get("/settings/shipping/").content.decode()
    assert owner.get("/settings/shipping/carriers/by/nothing/").status_code == 404
    assert enter("warehouse").get(here).status_code == 403


def test_a_shipment_is_given_a_carrier_and_leads_to_its_parcel(enter: Enter) -> None:
    owner, code = enter(), f"carrier{build.serial()}"
    owner.post("/settings/shipping/carriers/new/", form(code=code))
    world = build.world(locations=1)
    order = world.place((world.skus[0], 1))
    [key] = build.shipments(order)
    [number] = numbers("shipments_shipment", [key])
    here, floor = f"/shipments/{number}/", enter("warehouse")
    assert f'value="{code}"' in floor.get(here).content.decode()

    track = {"tracking_code": "3S 1", "tracking_url": "", "carrier": code}
    refused = floor.post(f"{here}track/", {**track, "service": "pallet"}, follow=True)
    # What was typed stays, beside what is wrong with it.
    assert (refused.status_code, refused.context["track_form"]["carrier"].value()) == (422, code)
    assert "has no service pallet" in refused.context["track_form"].errors["service"][0]
    shipped = floor.post(f"{here}ship/", {**track, "service": "pallet", "count": "1"})
    assert (shipped.status_code, shipment_detail(build.TESTER, key).shipment.status) == (422, "open")  # fmt: skip
    floor.post(f"{here}track/", {**track, "service": "box"})
    page = floor.get(here).content.decode()
    link = shipment_detail(build.TESTER, key).shipment.tracking_link
    assert link.startswith("https://follow.example/3S%201/")
    for text in (f'href="{link}"', "Follow · Letter box", "Empty: the link of its carrier."):
        assert text in page
    owner.post(f"/settings/shipping/carriers/by/{code}/", form(seen="1", is_active=""))
    floor.post(f"{here}ship/", {**track, "service": "box", "count": "1"})
    assert f'href="{link}"' in floor.get(here).content.decode()
    row = shipment_detail(build.TESTER, key).shipment
    assert (row.status, row.carrier, row.service, row.tracking_url) == ("shipped", code, "box", "")
    # Of what has left only track & trace is typed: the page has no fields for how it left.
    floor.post(f"{here}track/", {"tracking_code": "3S2", "tracking_url": ""})
    row = shipment_detail(build.TESTER, key).shipment
    assert (row.carrier, row.service, row.tracking_code) == (code, "box", "3S2")
    assert row.tracking_link in owner.get(f"/orders/{row.order_number}/shipments/").content.decode()
    file = owner.get("/shipments/", {"status": "all", "q": row.number, "file": "csv"})
    [listed] = csv.DictReader(io.StringIO(b"".join(file).decode("utf-8-sig")))
    assert listed["tracking_url"] == row.tracking_link
    assert "link_template" not in listed


def test_a_rule_offers_what_is_set_up_and_keeps_what_it_has(enter: Enter) -> None:
    owner, code = enter(), f"carrier{build.serial()}"
    owner.post("/settings/shipping/carriers/new/", form(code=code))
    world = build.world(locations=1)
    here = f"/settings/shipping/{world.shop}/rules"
    rule = {"name": "All", "carrier": code, "service": "door", "seen": "0"}
    assert "To the door" in owner.get(f"{here}/new/").content.decode()
    assert owner.post(f"{here}/new/", {**rule, "service": "x"}).status_code == 422
    assert owner.post(f"{here}/new/", rule).status_code == 302
    owner.post(f"/settings/shipping/carriers/by/{code}/", form(seen="1", is_active=""))
    assert "so this rule is passed over" in owner.get("/settings/shipping/").content.decode()
    assert f'<option value="{code}" selected>' in owner.get(f"{here}/0/").content.decode()
    assert f'value="{code}"' not in owner.get(f"{here}/new/").content.decode()
