"""What the daily pages do when asked: the deed is done, or the refusal is said where it belongs."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from orderwerk.console.history import entries, known_kinds
from orderwerk.core import clock, sql
from orderwerk.core.events import KINDS
from orderwerk.core.ids import new_id
from orderwerk.flows.cancel_orders import CancelItem, CancelLine, cancel_orders
from orderwerk.orders.commands.hold import HoldItem, hold_orders
from orderwerk.orders.models import Hold, Order
from orderwerk.orders.queries import order_detail_by_number
from orderwerk.orders.rows import EventRow
from tests import build
from tests.console.morning import Morning, morning, numbers

pytestmark = pytest.mark.django_db
Enter = Callable[..., Client]
DIALOG = {"HX-Request": "true", "HX-Target": "dialog-place"}


def said(answer: Any) -> str:
    """The text of an answer, after a redirect."""
    return str(answer.content.decode())


def fresh(built: Morning, *lines: tuple[str, int], **fields: Any) -> Order:
    """A new order of the shop."""
    return Order.objects.get(id=built.world.place(*lines, **fields))


def one(query: str, *params: Any) -> Any:
    """The single value of a query."""
    [(value,)] = sql.fetch(query, params)
    return value


def test_an_order_is_put_on_hold_and_released(enter: Enter) -> None:
    client = enter("customer_service")
    order = fresh(Morning(build.world()))
    page = f"/orders/{order.number}/do/hold/"

    empty = client.post(page, {"reason": ""}, headers=DIALOG)
    done = client.post(page, {"reason": "Fraud?", "until": "2031-01-02"}, headers=DIALOG)

    assert empty.status_code == 422
    assert done["HX-Redirect"] == f"/orders/{order.number}/general/"
    assert Hold.objects.get().until.isoformat() == "2031-01-01T23:00:00+00:00"
    assert "Fraud?" in said(client.get(f"/orders/{order.number}/"))
    client.post(f"/orders/{order.number}/do/release/")
    again = client.post(f"/orders/{order.number}/do/release/", follow=True)
    assert "is not on hold" in said(again)
    past = client.post(page, {"reason": "x", "until": "2001-01-02"})
    assert past.status_code == 422
    assert "until" in past.context["form"].errors


def test_parts_of_lines_are_cancelled_with_a_reason(enter: Enter) -> None:
    client = enter("customer_service")
    built = Morning(build.world())
    order = fresh(built, (built.world.skus[0], 5), (built.world.skus[1], 1))
    first, _second = build.order_lines(order.id)
    page = f"/orders/{order.number}/do/cancel-lines/"

    none = client.post(page, {"reason": "x"}, follow=True)
    no_reason = client.post(page, {f"line-{first}": "2"}, follow=True)
    too_many = client.post(page, {f"line-{first}": "6", "reason": "x"}, follow=True)
    odd = client.post(page, {f"line-{first}": "-1", "reason": "x"}, follow=True)
    done = client.post(page, {f"line-{first}": "2", "reason": "Changed his mind"}, follow=True)

    assert "Enter how many pieces" in said(none)
    assert "Say why" in said(no_reason)
    assert "toast-line error" in said(too_many)
    assert "toast-line error" in said(odd)
    assert "The pieces have been cancelled." in said(done)
    assert build.order(order.id)["units_cancelled"] == 2
    assert "2 pieces cancelled" in said(client.get(f"/orders/{order.number}/"))
    client.post(f"/orders/{order.number}/do/cancel/", {"reason": "All of it"})
    assert build.order(order.id)["status"] == "cancelled"


def test_tags_comment_and_memo_are_changed(enter: Enter) -> None:
    client = enter("customer_service")
    order = fresh(Morning(build.world()))
    base = f"/orders/{order.number}/do"

    client.post(f"{base}/tags/", {"tags": "vip", "is_urgent": "on"})
    assert "Urgent" in said(client.get(f"/orders/{order.number}/"))
    order.refresh_from_db()
    assert order.priority == 1
    client.post(f"{base}/tags/", {"tags": "vip, gift, vip"})
    client.post(f"{base}/comment/", {"comment": "Please <b>ring</b>"})
    client.post(f"{base}/memo/", {"text": "Called.\nNo answer."})
    empty = client.post(f"{base}/memo/", {"text": " "}, follow=True)

    order.refresh_from_db()
    assert (order.tags, order.priority) == (["vip", "gift"], 0)
    assert "Please &lt;b&gt;ring" in said(client.get(f"/orders/{order.number}/"))
    assert "No answer." in said(client.get(f"/orders/{order.number}/memo/"))
    key = str(
        sql.fetch("select id from memos_memo where text like 'Called.%%' order by id desc limit 1")[
            0
        ][0]
    )
    for number in range(2):
        client.post(f"{base}/memo-pin/", {"memo": key, "pinned": "1"})
        assert "No answer." in said(client.get(f"/orders/{order.number}/articles/")), number
    client.post(f"{base}/memo-pin/", {"memo": key, "pinned": "0"})
    assert "No answer." not in said(client.get(f"/orders/{order.number}/articles/"))
    wrong = client.post(f"{base}/memo-pin/", {"memo": "x", "pinned": "1"}, follow=True)
    assert wrong.status_code == 200
    kinds = sql.fetch(
        "select kind, count(*) from core_event where kind like 'memo.%%pinned' group by 1 order by 1"
    )
    assert kinds == [("memo.pinned", 1), ("memo.unpinned", 1)]
    assert "Write something first." in said(empty)


def address(order: Order, **changes: Any) -> dict[str, Any]:
    """What the address form sends."""
    values = {f"delivery_{k}": v or "" for k, v in order.delivery_address.items()}
    return {
        "version": order.version, "customer_name": order.customer_name, "customer_email": order.customer_email or "", "same": "on",
        **values, **changes,
    }  # fmt: skip


def test_an_address_is_changed_and_a_conflict_names_what_changed(enter: Enter) -> None:
    kees, olga = enter("customer_service"), enter("owner", name="Olga")
    order = fresh(Morning(build.world()))
    page = f"/orders/{order.number}/do/address/"

    olga.post(page, address(order, delivery_city="Utrecht"))
    conflict = kees.post(page, address(order, delivery_street="Kerkstraat"), headers=DIALOG)

    assert conflict.status_code == 422
    assert "Somebody changed this order while you were typing" in said(conflict)
    assert "Olga" in said(conflict)
    assert "Utrecht" in said(conflict)
    assert "Kerkstraat" in said(conflict)
    order.refresh_from_db()
    assert order.delivery_address["street"] == "Teststraat"
    kees.post(
        page, address(order, delivery_street="Kerkstraat", version=conflict.context["form"]["version"].value())
    )  # fmt: skip
    order.refresh_from_db()
    assert order.delivery_address["street"] == "Kerkstraat"
    assert order.billing_address == order.delivery_address
    bad = kees.post(page, address(order, delivery_city="", same=""))
    assert bad.context["form"].errors.keys() >= {"delivery_city", "billing_street"}


def test_a_value_that_cannot_be_is_refused_at_its_field_in_the_readers_language(
    enter: Enter,
) -> None:
    world = build.world()
    page = f"/orders/{(order := fresh(Morning(world))).number}/do/address/"
    form = address(order, customer_phone="abc")

    english = enter("customer_service").post(page, form)
    dutch = enter("customer_service", language="nl").post(page, form)
    bad_city = enter("customer_service").post(page, address(order, delivery_city="Am\u200bs"))

    assert english.context["form"].errors.keys() == {"customer_phone"}
    assert "This is not a phone number" in said(english)
    assert "Dit is geen telefoonnummer" in said(dutch)
    assert bad_city.context["form"].errors.keys() == {"delivery_city"}


def test_the_number_of_the_company_that_is_billed_is_noted_and_taken_away(enter: Enter) -> None:
    client, order = enter("customer_service"), fresh(Morning(build.world()))
    page = f"/orders/{order.number}/do/address/"

    assert client.post(page, address(order, company_number="1234 5678")).status_code == 302
    order.refresh_from_db()
    assert order.billing_address["company_number"] == "1234 5678"
    assert "company_number" not in order.delivery_address
    form = client.get(page).context["form"]
    assert (form["company_number"].value(), form["same"].value()) == ("1234 5678", True)
    assert "1234 5678" in said(client.get(f"/orders/{order.number}/general/"))
    order.refresh_from_db()
    assert client.post(page, address(order)).status_code == 302
    order.refresh_from_db()
    assert "company_number" not in order.billing_address


def test_a_number_that_came_with_both_addresses_stays_where_it_is(enter: Enter) -> None:
    both = {
        "name": "K", "company": "Koper B.V.", "street": "Weg", "house_number": "2", "postal_code": "4811 AA", "city": "Breda", "country": "NL",
        "company_number": "12345678",
    }  # fmt: skip
    order = fresh(Morning(build.world()), billing_address=both, delivery_address=both)
    before = order.delivery_address
    filled = address(order, company_number="12345678", customer_phone="+31612345678")

    answer = enter("customer_service").post(f"/orders/{order.number}/do/address/", filled)

    assert answer.status_code == 302
    order.refresh_from_db()
    assert (order.customer_phone, order.delivery_address, order.billing_address) == ("+31612345678", before, before)  # fmt: skip
    changed = one("select payload -> 'changes' from core_event where order_id = %s and kind = 'order.updated'", order.id)  # fmt: skip
    assert "address" not in changed


def test_a_dutch_postal_code_has_its_form_unless_it_came_so(enter: Enter) -> None:
    client, order = enter("customer_service"), fresh(Morning(build.world()))
    page = f"/orders/{order.number}/do/address/"

    for code in ("99", "0123 AB", "1234 A"):
        bad = client.post(page, address(order, delivery_postal_code=code))
        assert bad.context["form"].errors.keys() == {"delivery_postal_code"}
    saved = client.post(page, address(order, delivery_postal_code="1234 ab"))
    order.refresh_from_db()
    abroad = client.post(page, address(order, delivery_postal_code="99", delivery_country="IS"))
    order.refresh_from_db()
    order.delivery_address["country"] = order.billing_address["country"] = "NL"
    order.save()
    untouched = client.post(page, address(order, customer_phone="0612345678"))

    assert [answer.status_code for answer in (saved, abroad, untouched)] == [302, 302, 302]


def test_what_was_cancelled_is_taken_from_what_is_shown(enter: Enter) -> None:
    client, world = enter(), build.world()
    line = {"sku": world.skus[0], "name": "x", "quantity": 3, "unit_price": "12.10", "tax_rate": "21"}  # fmt: skip
    order = Order.objects.get(id=world.place(lines=[line], payments=[]))
    [row] = order_detail_by_number(build.TESTER, order.number).lines
    part = CancelLine(order_line_id=row.id, quantity=1)
    cancel_orders([CancelItem(order_id=order.id, reason="x", lines=[part])], actor=build.TESTER)

    listed, general, articles = (
        said(client.get(path))
        for path in ("/orders/", f"/orders/{order.number}/general/", f"/orders/{order.number}/articles/")
    )  # fmt: skip

    for page in (listed, general, articles):
        assert "36.30" in page
        assert "24.20" in page
    assert "4.20" in general


def test_a_memo_says_whom_it_did_not_reach(enter: Enter) -> None:
    client, order = enter(username="olga"), fresh(Morning(build.world()))
    page = f"/orders/{order.number}/do/memo/"

    told = said(client.post(page, {"text": "@olga look"}, follow=True))
    missed = said(client.post(page, {"text": "@olga and @nobody, look"}, follow=True))

    assert "Not told" not in told
    assert "Not told: @nobody." in missed


def test_many_orders_at_once_get_a_result_each(enter: Enter) -> None:
    client = enter()
    built = morning()
    ids = [str(key) for key in built.order_ids]

    tagged = client.post("/orders/bulk/tag/", {"id": ids, "tag": "late", "asked": "1"})
    held = client.post("/orders/bulk/hold/", {"id": ids, "reason": "x", "asked": "1"})
    cancelled = client.post("/orders/bulk/cancel/", {"id": ids, "reason": "x", "asked": "1"})
    picked = client.post("/orders/bulk/pick/", {"id": ids})
    nothing = client.post("/orders/bulk/release/", {}, follow=True)

    assert [row["ok"] for row in tagged.context["results"]] == [True, True]
    assert sorted(row["ok"] for row in held.context["results"]) == [False, True]
    assert cancelled.context["done_count"] == 1
    assert picked.context["refused_count"] == 2
    assert "Choose at least one row first." in said(nothing)
    assert all("late" in tags for tags in Order.objects.filter(id__in=ids).values_list("tags", flat=True))  # fmt: skip


def test_claims_are_moved_released_and_claimed_again(enter: Enter) -> None:
    client = enter("customer_service")
    built = Morning(build.world())
    order = fresh(built)
    [claim] = build.allocations(order.id)

    client.post(f"/allocations/{claim[0]}/move/", {"location": built.world.locations[1]})
    [moved] = build.allocations(order.id, "allocated")
    released = client.post(f"/allocations/{moved[0]}/release/", follow=True)
    page = said(client.get(f"/orders/{order.number}/allocations/"))

    assert moved[3] == built.world.locations[1]
    assert "has been given back" in said(released)
    assert f"Moved to {moved[3]} by hand." in page
    assert "Waiting without stock" in page
    client.post(f"/orders/{order.number}/do/allocate/")
    assert len(build.allocations(order.id, "allocated")) == 1


def picking(enter: Enter, *lines: int) -> tuple[Client, Order, str, list[Any]]:
    """A warehouse person with a pick list of one order."""
    client = enter("warehouse")
    built = Morning(build.world())
    order = fresh(built, *[(built.world.skus[i], n) for i, n in enumerate(lines)])
    client.post("/pick-lists/new/", {"location": built.world.locations[0], "kind": "single", "limit": "5"})  # fmt: skip
    list_id = one("select pick_list_id from picklists_line where order_id = %s limit 1", order.id)
    return client, order, numbers("picklists_pick_list", [list_id])[0], build.pick_lines_of(list_id)


def test_a_list_is_picked_line_by_line_and_short_is_routed_again(enter: Enter) -> None:
    client, order, number, lines = picking(enter, 2, 3)
    base = f"/pick-lists/{number}"

    assert "Everything that is left (2 lines)" in said(client.get(f"{base}/"))
    client.post(f"{base}/lines/{lines[0][0]}/picked/")
    assert "Everything that is left (1 line)" in said(client.get(f"{base}/"))
    all_found = client.post(f"{base}/lines/{lines[1][0]}/short/", {"picked": lines[1][1], "reason": "damaged"})  # fmt: skip
    client.post(f"{base}/lines/{lines[1][0]}/short/", {"picked": "1", "reason": "damaged", "note": "wet"})  # fmt: skip
    twice = client.post(f"{base}/lines/{lines[0][0]}/picked/", follow=True)

    assert all_found.status_code == 422
    assert "toast-line error" in said(twice)
    assert build.order(order.id)["units_picked"] == lines[0][1] + 1
    page = said(client.get(f"{base}/"))
    assert "Damaged: wet" in page
    units = lines[0][1] + lines[1][1]
    assert f'<span class="strong">{lines[0][1] + 1}</span> / {units} pieces' in page
    assert f'value="{lines[0][1] + 1}" max="{units}"' in page
    assert "This list is done." in page
    assert "missing" in said(client.get(f"/orders/{order.number}/"))


def test_scans_of_a_device_are_answered_by_key_and_one_that_cannot_be_read_stops_no_other(enter: Enter) -> None:  # fmt: skip
    client, order, number, lines = picking(enter, 2)
    good, bad = str(new_id()), str(new_id())
    scans = [
        {"key": bad, "code": "a\u202eb", "expected": "x"},
        {"key": good, "pick_line_id": str(lines[0][0]), "picked": 1},
    ]

    def send(body: object) -> Any:
        return client.post(f"/pick-lists/{number}/scans/", json.dumps(body), content_type="application/json")  # fmt: skip

    first, again = send({"scans": scans}).json(), send({"scans": scans}).json()

    assert {r["key"]: r["ok"] for r in first["results"]} == {bad: False, good: True}
    assert first["left"] == again["left"] == {str(lines[0][0]): lines[0][1] - 1}
    assert build.order(order.id)["units_picked"] == 1
    assert [send(body).status_code for body in ({}, {"scans": []}, {"scans": [1]}, [], {"scans": [{}] * 101})] == [400] * 5  # fmt: skip
    assert client.post(f"/pick-lists/{number}/scans/", "nonsense", content_type="text/plain").status_code == 400  # fmt: skip


def test_a_list_is_given_to_somebody_completed_or_cancelled(enter: Enter) -> None:
    client, order, number, _lines = picking(enter, 1)
    wim = client.user.username  # type: ignore[attr-defined]

    client.post(f"/pick-lists/{number}/assign/", {"user": wim})
    given = said(client.get(f"/pick-lists/{number}/"))
    client.post(f"/pick-lists/{number}/cancel/")
    cancelled = said(client.get("/pick-lists/?status=cancelled"))
    again = client.post(f"/orders/{order.number}/do/pick/", follow=True)
    second = one("select number from picklists_pick_list order by id desc limit 1")
    client.post(f"/pick-lists/{second}/complete/")

    assert wim in given
    assert number in cancelled
    assert second in said(again)
    assert build.order(order.id)["units_picked"] == 1


def shipping(enter: Enter, *lines: int) -> tuple[Client, Order, str]:
    """A warehouse person with the open shipment of one order."""
    built = Morning(build.world())
    order = fresh(built, *[(built.world.skus[i], n) for i, n in enumerate(lines)])
    return enter("warehouse"), order, numbers("shipments_shipment", build.shipments(order.id))[0]


def test_a_shipment_is_packed_announced_shipped_and_followed(enter: Enter) -> None:
    client, order, number = shipping(enter, 2)
    base = f"/shipments/{number}"

    client.post(f"{base}/packages/", {"count": "2", "weight-1": "1200"})
    client.post(f"{base}/track/", {"tracking_code": "3SABC", "tracking_url": "https://track.example/1"})  # fmt: skip
    bad = client.post(f"{base}/track/", {"tracking_url": "javascript:alert(1)"}, follow=True)
    client.post(f"{base}/announce/")
    twice = client.post(f"{base}/announce/", follow=True)
    client.post(f"{base}/ship/", {"notify": "yes"})
    client.post(f"{base}/step/", {"status": "delivered", "place": "Utrecht"})

    page = said(client.get(f"{base}/"))
    assert "1,200" in page
    assert "3SABC" in page
    assert "javascript:" not in page
    assert bad.status_code == 422
    assert "javascript:alert(1)" in said(bad)
    assert "Enter a valid URL." in said(bad)
    assert "announced already" in said(twice)
    assert "Utrecht" in page
    assert one("select status from shipments_shipment where number = %s", number) == "delivered"
    assert build.order(order.id)["status"] == "shipped"
    found = said(client.get("/orders/?q=3SABC"))
    assert f">{order.number}<" in found


def typed(client: Client, number: str, **fields: str) -> dict[str, str]:
    """What the shipment's page sends when it ships: its own fields, with something typed in some of them."""
    found = client.get(f"/shipments/{number}/").context
    forms = (found["track_form"], found["packages_form"])
    there = {name: str(form[name].value() or "") for form in forms for name in form.fields}
    return {**there, "seen": str(found["shipment"].version), "notify": "no", **fields}


def test_what_is_typed_on_the_page_leaves_with_the_shipment(enter: Enter) -> None:
    client, _, number = shipping(enter, 2)
    page = f"/shipments/{number}/ship/"

    wrong = client.post(page, typed(client, number, tracking_code="3SKEPT", tracking_url="foo:bar"))
    left = client.post(page, typed(client, number, tracking_code="3SKEPT", count="3"))

    assert wrong.status_code == 422
    assert 'value="3SKEPT"' in said(wrong)
    assert left.status_code == 302
    stored = sql.fetch(
        "select s.status, s.tracking_code, count(*) from shipments_shipment s join shipments_package p on p.shipment_id = s.id "
        "where s.number = %s group by s.id", (number,),
    )  # fmt: skip
    assert stored == [("shipped", "3SKEPT", 3)]


def test_what_somebody_else_typed_meanwhile_is_not_undone(enter: Enter) -> None:
    client, _, number = shipping(enter, 2)
    looked = typed(client, number)
    client.post(f"/shipments/{number}/track/", {"tracking_code": "3SLABEL"})

    stale = client.post(f"/shipments/{number}/ship/", looked, follow=True)

    assert "changed this shipment meanwhile" in said(stale)
    stored = sql.fetch("select status, tracking_code from shipments_shipment where number = %s", (number,))  # fmt: skip
    assert stored == [("open", "3SLABEL")]


def test_the_packing_table_says_beforehand_what_cannot_leave(enter: Enter) -> None:
    client, order, number = shipping(enter, 2)
    page = f"/shipments/{number}/pack/"
    ready = said(client.get(page))
    client.post(f"/shipments/{number}/pick/")
    picking = said(client.get(page))
    hold_orders([HoldItem(order_id=order.id, reason="Look at it")], actor=build.TESTER)[0].require()

    assert "cannot leave yet" not in ready
    assert "still being picked, so this cannot leave yet" in picking
    assert "on hold, so this cannot leave yet" in said(client.get(page))


def test_a_part_is_shipped_and_a_shipment_cancelled(enter: Enter) -> None:
    client, order, number = shipping(enter, 3, 1)
    lines = [row[0] for row in sql.fetch("select l.id from shipments_line l join shipments_shipment s on s.id = l.shipment_id where s.number = %s order by l.id", (number,))]  # fmt: skip

    nothing = client.post(f"/shipments/{number}/part/", {f"line-{lines[0]}": "0", f"line-{lines[1]}": "0"})  # fmt: skip
    client.post(f"/shipments/{number}/part/", {f"line-{lines[0]}": "1", f"line-{lines[1]}": "0"})
    undo = said(client.get(f"/shipments/{number}/cancel/"))
    client.post(f"/shipments/{number}/cancel/", {"reason": "Wrong parcel"})

    assert nothing.status_code == 422
    assert "Its going is undone" in undo
    assert one("select status from shipments_shipment where number = %s", number) == "cancelled"
    assert build.order(order.id)["units_shipped"] == 0


def test_packages_are_changed_in_the_row_and_many_shipments_leave(enter: Enter) -> None:
    client, _order, number = shipping(enter, 1)
    row = {"HX-Request": "true"}

    good = client.post(f"/shipments/{number}/count/", {f"packages-{number}": "4"}, headers=row)
    bad = client.post(f"/shipments/{number}/count/", {f"packages-{number}": "0"}, headers=row)
    key = str(one("select id from shipments_shipment where number = %s", number))
    left = client.post("/shipments/bulk/notify/", {"id": [key]})
    again = client.post("/shipments/bulk/ship/", {"id": [key]})

    assert 'value="4"' in said(good)
    assert "from 1 to 99" in said(bad)
    assert left.context["done_count"] == 1
    assert again.context["refused_count"] == 1
    assert number in said(client.get("/shipments/?status=shipped"))


def test_stock_is_counted_corrected_moved_and_kept_back(enter: Enter) -> None:
    client, world = enter("warehouse"), build.world()
    sku, (here, there) = world.skus[0], world.locations
    do = "/stock/do"

    client.post(f"{do}/count/{sku}/", {"location": here, "quantity": "50"})
    client.post(f"{do}/adjust/{sku}/", {"location": here, "difference": "-3", "reason": "broken"})
    client.post(f"{do}/transfer/{sku}/", {"location": here, "to": there, "quantity": "7"})
    client.post(f"{do}/safety/{sku}/", {"location": here, "safety_stock": "5"})
    too_many = client.post(f"{do}/transfer/{sku}/", {"location": here, "to": there, "quantity": "700"})  # fmt: skip

    assert world.levels()[(sku, here)] == (40, 0)
    assert world.levels()[(sku, there)] == (107, 0)
    assert too_many.status_code == 422
    page = said(client.get(f"/stock/{sku}/"))
    assert "broken" in page
    assert "Sent to another location" in page


def test_a_product_is_added_and_changed_and_bins_are_placed(enter: Enter) -> None:
    client, world = enter(), build.world()
    form = {"sku": "NEW-1", "name": "New", "weight_grams": "250"}

    client.post("/products/new/", form)
    taken = client.post("/products/new/", form)
    wrong = client.post("/products/edit/NEW-1/", {"name": "Newer", "gtin": "123"})
    client.post("/products/edit/NEW-1/", {"name": "Newer"})
    client.post(f"/settings/locations/bins/{world.locations[0]}/set/", {"bin": "A-01", "position": "3"})  # fmt: skip

    assert "sku" in taken.context["form"].errors
    assert "gtin" in wrong.context["form"].errors
    assert "Newer" in said(client.get("/products/?q=NEW-1"))
    assert "A-01" in said(client.get(f"/settings/locations/bins/{world.locations[0]}/"))


def test_refusals_are_said_in_the_readers_language(enter: Enter) -> None:
    client = enter("customer_service", language="nl")
    order = fresh(Morning(build.world()))

    answer = client.post(f"/orders/{order.number}/do/release/", follow=True)

    assert "De order staat niet in de wacht." in said(answer)


def test_an_email_is_shown_as_stored_and_sent_again(enter: Enter) -> None:
    client = enter("customer_service")
    built = morning()
    order = built.orders[0]
    key = one("select id from emails_email where order_id = %s", built.order_ids[0])

    page = said(client.get(f"/orders/{order}/emails/"))
    client.post(f"/orders/{order}/do/resend/{key}/")

    assert "Text" in page
    assert one("select count(*) from emails_email where order_id = %s", built.order_ids[0]) == 2
    assert client.post(f"/orders/{built.orders[1]}/do/resend/{key}/").status_code == 404


def test_every_kind_of_event_is_told_with_what_it_carries() -> None:
    for kind in KINDS.values():
        payload = dict.fromkeys(kind.payload, "")
        row = EventRow(new_id(), clock.now(), kind.name, "order", new_id(), None, None, None, None, "job", "x", "EUR", payload)  # fmt: skip
        assert entries([row], "EUR", "UTC")[0].text


def test_every_kind_of_event_on_an_order_has_words() -> None:
    about_orders = {k for k in KINDS if k.split(".")[0] in {"order", "shipment", "payment", "memo", "email", "withdrawal", "return_request", "return", "refund", "invoice", "claim", "exchange", "store_credit"}}  # fmt: skip

    assert about_orders - known_kinds() == set()


def test_who_cancels_a_paid_order_chooses_what_goes_back(enter: Enter) -> None:
    client = enter("customer_service")
    world = build.world()
    built = Morning(world)
    order, lines = fresh(built, (world.skus[0], 2)), fresh(built, (world.skus[0], 3))
    unpaid = fresh(built, payments=[])
    page = f"/orders/{order.number}/do/cancel/"

    assert "What goes back of the money" in said(client.get(page))
    assert "What goes back of the money" not in said(client.get(f"/orders/{unpaid.number}/do/cancel/"))  # fmt: skip
    missing = client.post(page, {"reason": "x", "refund": "part", "refund_amount": ""})
    assert missing.status_code == 422
    assert missing.context["form"].errors == {
        "refund_amount": ["Enter the part of the money that goes back."]
    }
    too_much = client.post(page, {"reason": "x", "refund": "part", "refund_amount": "20,01"})
    assert "At most 20.00 can go back for this." in said(too_much)
    client.post(page, {"reason": "x", "refund": "part", "refund_amount": "5,00"})
    assert one("select retained_minor from orders_order where id = %s", order.id) == 1500
    assert "Kept all the same" in said(client.get(f"/orders/{order.number}/"))

    key = build.order_lines(lines.id)[0]
    wanted = {f"line-{key}": "1", "reason": "x", "refund": "none", "refund_amount": "9"}
    client.post(f"/orders/{lines.number}/do/cancel-lines/", wanted)
    assert one("select retained_minor from orders_order where id = %s", lines.id) == 1000
    client.post(f"/orders/{unpaid.number}/do/cancel/", {"reason": "x"})
    assert one("select status from orders_order where id = %s", unpaid.id) == "cancelled"
