"""What people do at their desks with forms: book and announce returns, credit, pay back, expect goods, set rules; each field counts."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse

from orderwerk.allocations.rule_queries import routing_of_shop
from orderwerk.core import sql
from orderwerk.core.actor import Actor
from orderwerk.core.ids import new_id
from orderwerk.invoices.commands.credit import CreditItem, credit_invoices
from orderwerk.refunds.commands.create import CreateRefundItem, create_refunds
from orderwerk.refunds.commands.submit import submit_due
from orderwerk.refunds.store_credits import grouped_code
from tests import build

pytestmark = pytest.mark.django_db
Enter = Callable[..., Client]


def number(order: UUID) -> str:
    """An order's number."""
    return str(build.order(order)["number"])


def post(client: Client, page: str, /, *parts: object, **fields: Any) -> int:
    """Send a form; returns the status of the answer (302: done, 422: the form says what is wrong)."""
    return client.post(reverse(page, args=list(parts)), fields).status_code


def sent(client: Client, world: build.World, page: str, /, *parts: object, **fields: Any) -> int:
    """Send a form about a shop's routing rules as they are now."""
    seen = routing_of_shop(build.TESTER, world.shop).version
    return post(client, page, *parts, seen=seen, **fields)


def shipped(pieces: int = 3, **shop: Any) -> tuple[build.World, UUID, str]:
    """An order that has left, and the id of its line."""
    world = build.world(**shop)
    order = build.shipped(world, (world.skus[0], pieces))
    build.invoice(order)
    return world, order, str(build.order_lines(order)[0])


def test_a_box_is_booked_with_its_fate_correction_and_credit_invoice(enter: Enter) -> None:
    world, order, line = shipped()
    desk = enter("customer_service")
    before = world.levels()[(world.skus[0], world.locations[1])][0]
    filled = {
        f"quantity-{line}": "2", f"reason-{line}": "damaged", f"fate-{line}": "restock", f"location-{line}": world.locations[1],
        f"correction-{line}": "−1,50", "credit": "on", "comment": "Box was wet",
    }  # fmt: skip

    assert post(desk, "return_new", number(order), **{**filled, f"quantity-{line}": ""}) == 422
    assert post(desk, "return_new", number(order), **{**filled, f"quantity-{line}": "9"}) == 422
    assert post(desk, "return_new", number(order), **filled) == 302

    assert world.levels()[(world.skus[0], world.locations[1])][0] == before + 2
    assert build.invoices(order)[1]["gross_minor"] == 1850
    assert sql.fetch("select comment from returns_return where order_id = %s", (order,)) == [("Box was wet",)]  # fmt: skip


def test_a_request_is_announced_approved_and_comes_with_its_fee(enter: Enter) -> None:
    world, order, line = shipped()
    desk = enter()
    policy = {"outcomes": ["refund"], "fee": "2,50", "countries": "nl, be", "excluded_skus": "", "exchange_short": "backorder", "colour": "#123456", "how_nl": "Aan de balie", "seen": "0"}  # fmt: skip
    assert post(desk, "return_policy", world.shop, **{**policy, "fee": "x"}) == 422
    assert post(desk, "return_policy", world.shop, **policy) == 302

    asked = {f"quantity-{line}": "1", f"reason-{line}": "damaged", "outcome": "refund"}
    assert post(desk, "return_request_new", number(order)) == 422
    assert post(desk, "return_request_new", number(order), **{**asked, f"reason-{line}": "none"}) == 422  # fmt: skip
    assert post(desk, "return_request_new", number(order), **asked) == 302
    [(request,)] = sql.fetch("select number from return_requests_request where order_id = %s", (order,))  # fmt: skip

    assert post(desk, "return_request_approve", request) == 302
    page = desk.get(reverse("return_new", args=[number(order)]), {"request": request})
    assert b'name="fee" value="2.50"' in page.content
    box = {f"quantity-{line}": "1", f"reason-{line}": "damaged", f"fate-{line}": "", "request": request}  # fmt: skip
    assert post(desk, "return_new", number(order), **box) == 302
    [(key, inspected)] = sql.fetch("select l.id, l.disposition from returns_line l join returns_return r on r.id = l.parent_id where r.order_id = %s", (order,))  # fmt: skip
    [(back,)] = sql.fetch("select number from returns_return where order_id = %s", (order,))
    assert inspected is None

    assert post(desk, "return_inspect", back, key, fate="restock", location="nowhere") == 302
    assert post(desk, "return_inspect", back, key, fate="restock", location=world.locations[0]) == 302  # fmt: skip
    assert sql.fetch("select disposition from returns_line where id = %s", (key,)) == [("restock",)]
    assert sql.fetch("select status from return_requests_request where number = %s", (request,)) == [("completed",)]  # fmt: skip


@pytest.mark.parametrize("verb", ["reject", "cancel"])
def test_a_request_is_turned_down_with_a_reason(enter: Enter, verb: str) -> None:
    _, order, _ = shipped()
    request = build.request(order).require().data["number"]
    desk = enter("customer_service")
    assert desk.get(reverse("return_request", args=[request])).status_code == 200
    assert post(desk, f"return_request_{verb}", request, reason="") == 422
    assert post(desk, f"return_request_{verb}", request, reason="Too late") == 302
    status = {"reject": "rejected", "cancel": "cancelled"}[verb]
    assert sql.fetch("select status, decision_note from return_requests_request where number = %s", (request,)) == [(status, "Too late")]  # fmt: skip


def test_reasons_are_added_renamed_and_taken_out_of_use(enter: Enter) -> None:
    desk = enter()
    assert post(desk, "reason_new", code="x y", name_en="Wrong") == 422
    assert post(desk, "reason_new", code="wrong-size", name_en="Wrong size", position="7", is_active="on") == 302  # fmt: skip
    assert post(desk, "reason_edit", "wrong-size", name_en="Does not fit") == 302
    assert desk.get(reverse("reason_edit", args=["nothing"])).status_code == 404
    assert sql.fetch("select names ->> 'en', position, is_active from return_requests_reason where code = 'wrong-size'") == [("Does not fit", 7, False)]  # fmt: skip


def test_an_invoice_is_credited_by_pieces_or_by_an_amount_but_not_both(enter: Enter) -> None:
    _, order, line = shipped()
    desk = enter("finance")
    debit = build.invoices(order)[0]["number"]
    piece = {f"line-{line}": "1", "reason": "Broken"}
    for wrong in ({"reason": "x"}, {**piece, "amount": "5"}, {"amount": "x", "reason": "x"}, {"amount": "31", "reason": "x"}):  # fmt: skip
        assert post(desk, "invoice_credit", debit, **wrong) == 422
    assert post(desk, "invoice_credit", debit, **piece) == 302
    assert post(desk, "invoice_credit", debit, amount="2,50", reason="Late") == 302
    assert [v["gross_minor"] for v in build.invoices(order)[1:]] == [1000, 250]
    assert desk.get(reverse("invoice_credit", args=[build.invoices(order)[1]["number"]])).status_code == 404  # fmt: skip


def status(refund: UUID) -> str:
    """A refund's status."""
    return str(sql.fetch("select status from refunds_refund where id = %s", (refund,))[0][0])


def test_refunds_go_their_way_by_hand(enter: Enter) -> None:
    _, order, _ = shipped()
    desk = enter("finance")
    first, second = build.refund(order, "4.00"), build.refund(order, "5.00")
    assert post(desk, "refund_decide", first, "nothing") == 404
    assert post(desk, "refund_bulk", "approve") == 302
    assert desk.post(reverse("refund_bulk", args=["approve"]), {"id": [str(first), str(second)]}).status_code == 200  # fmt: skip
    assert (status(first), status(second)) == ("approved", "approved")
    sql.execute(
        "update refunds_refund set status = status"
    )  # nothing of it is guarded against being looked at

    assert post(desk, "refund_bulk", "nothing", id=str(first)) == 404
    assert post(enter("read_only"), "refund_bulk", "approve", id=str(first)) == 403


def test_a_refund_is_rejected_with_a_reason_and_paid_back_again(enter: Enter) -> None:
    _, order, _ = shipped()
    desk = enter("finance")
    key = build.refund(order, "4.00")
    assert post(desk, "refund_reject", key, reason="") == 422
    assert post(desk, "refund_reject", key, reason="Not agreed") == 302
    assert status(key) == "rejected"
    credit = str(build.invoices(order)[1]["id"])
    assert post(desk, "refunds_again", number(order), id=credit) == 302
    assert sql.fetch("select count(*) from refunds_refund where order_id = %s", (order,)) == [(2,)]


def test_something_else_in_the_box_is_booked_from_its_page(enter: Enter) -> None:
    world, order, _ = shipped()
    back = build.give_back(order).require().data["number"]
    desk = enter()
    found = {"sku": world.skus[1], "text": "", "quantity": "2", "location": world.locations[0]}  # fmt: skip
    assert post(desk, "return_finding", back, **{**found, "sku": "no-such-sku"}) == 422
    assert post(desk, "return_finding", back, **found) == 302
    assert world.skus[1].encode() in desk.get(reverse("return_one", args=[back])).content
    assert world.levels()[(world.skus[1], world.locations[0])][0] == 102


def test_a_customer_is_let_to_keep_the_goods(enter: Enter) -> None:
    world, order, _ = shipped()
    desk = enter()
    policy = {"outcomes": ["refund"], "fee": "0", "countries": "", "excluded_skus": "", "exchange_short": "backorder", "colour": "#123456", "keep_up_to": "10,00", "store_credit_days": "30", "seen": "0"}  # fmt: skip
    assert post(desk, "return_policy", world.shop, **policy) == 302
    assert b"10.00" in desk.get(reverse("return_policy", args=[world.shop])).content
    request = build.request(order).require().data["number"]
    assert b"keeps it" in desk.get(reverse("return_request", args=[request])).content
    assert post(desk, "return_request_keep", request, note="A gift") == 302
    assert post(desk, "return_request_keep", request, note="A gift") == 422
    assert b"keeps the goods" in desk.get(reverse("return_request", args=[request])).content


def test_a_refund_gives_store_credit_whose_code_pays_by_hand(enter: Enter) -> None:
    world, order, _ = shipped()
    desk = enter("finance")
    key = build.refund(order, "4.00")
    assert post(desk, "refund_bulk", "to-credit", id=str(key)) == 200
    assert post(desk, "refund_decide", key, "to-money") == 302
    assert post(desk, "refund_decide", key, "to-credit") == 302
    assert post(desk, "refund_decide", key, "approve") == 302
    submit_due(actor=build.TESTER)
    [(credit, code)] = sql.fetch("select id, code from refunds_store_credit where refund_id = %s", (key,))  # fmt: skip
    tab = desk.get(reverse("order_refunds", args=[number(order)])).content.decode()
    assert grouped_code(code) in tab
    assert desk.get(reverse("store_credits"), {"q": code}).content.decode().count(grouped_code(code)) == 1  # fmt: skip

    other = world.place(payments=[])
    form = {"method": "store_credit", "reference": code, "received_on": "2026-11-20"}
    assert post(desk, "order_payment", number(other), **form, amount="4.01") == 422
    assert post(desk, "order_payment", number(other), **form, amount="4,00") == 302
    page = desk.get(reverse("store_credit", args=[credit])).content.decode()
    assert number(other) in page
    assert post(desk, "order_payment", number(other), **form, amount="4,00") == 302
    assert desk.get(reverse("store_credit", args=[key])).status_code == 404

    reader = enter("read_only")
    pages = [("order_refunds", [number(order)]), ("store_credits", []), ("store_credit", [credit])]
    for name, args in pages:
        text = reader.get(reverse(name, args=args), {"status": "all"}).content.decode()
        assert grouped_code(code) not in text
        assert f"····-····-····-{code[-4:]}" in text, name
    assert code not in b"".join(reader.get(reverse("store_credits"), {"status": "all", "file": "csv"}).streaming_content).decode()  # type: ignore[attr-defined]  # fmt: skip


def test_a_contested_store_credit_is_shown_and_ended_with_a_reason(enter: Enter) -> None:
    world = build.world()
    key, _ = build.store_credit(world)
    desk = enter("finance")
    assert b"Contested" not in desk.get(reverse("store_credit", args=[key])).content
    [(source,)] = sql.fetch("select order_id from refunds_store_credit where id = %s", (key,))
    build.charge_back(source, 3000)
    assert b"was charged back" in desk.get(reverse("store_credit", args=[key])).content
    for wish, shown in (("yes", True), ("no", False), ("other", True)):
        page = desk.get(reverse("store_credits"), {"shop": world.shop, "contested": wish}).content
        assert (str(key).encode() in page) is shown, wish
    assert post(enter("read_only"), "store_credit_stop", key, reason="x") == 403
    assert post(desk, "store_credit_stop", key, reason="") == 422
    assert post(desk, "store_credit_stop", key, reason="Settled by hand") == 302
    page = desk.get(reverse("store_credit", args=[key])).content
    assert b"Settled by hand" in page
    assert b"End it early" not in page
    assert post(desk, "store_credit_stop", key, reason="Again") == 422
    assert post(desk, "store_credit_stop", source, reason="x") == 404


def test_what_was_not_paid_back_becomes_store_credit(enter: Enter) -> None:
    _, order, _ = shipped()
    desk = enter("finance")
    key = build.refund(order, "4.00")
    assert post(desk, "refund_reject", key, reason="Rather store credit") == 302
    credit = str(build.invoices(order)[1]["id"])
    assert post(desk, "refunds_again", number(order), id=credit, **{"as": "store_credit"}) == 302
    rows = sql.fetch("select as_store_credit from refunds_refund where order_id = %s order by id", (order,))  # fmt: skip
    assert rows == [(False,), (True,)]


def test_goods_are_expected_sent_received_and_closed(enter: Enter) -> None:
    world = build.world(stock=10)
    desk = enter()
    here, there = world.locations
    wanted = {"location": here, "supplier": "Supplier", "lines": f"{world.skus[0]} 5\n\n{world.skus[1]}; 2", "expected_on": "2027-01-05", "reference": "R1"}  # fmt: skip
    assert post(desk, "inbound_new", **{**wanted, "lines": "nonsense"}) == 422
    assert post(desk, "inbound_new", **{**wanted, "lines": " \n"}) == 422
    assert post(desk, "inbound_new", **wanted) == 302
    [(purchase, key)] = sql.fetch("select i.number, l.id from stock_inbound i join stock_inbound_line l on l.inbound_id = i.id where l.expected = 5 and i.supplier = 'Supplier'")  # fmt: skip
    assert desk.get(reverse("inbound", args=[purchase])).status_code == 200
    assert post(desk, "inbound_receive", purchase, key, quantity="0") == 422
    assert post(desk, "inbound_receive", purchase, key, quantity="4") == 302
    assert world.levels()[(world.skus[0], here)][0] == 14
    assert post(desk, "inbound_receive_all", purchase) in {200, 302}
    assert world.levels()[(world.skus[0], here)][0] == 15

    moved = {"origin": here, "to": there, "lines": f"{world.skus[0]} 3"}
    assert post(desk, "inbound_send", **{**moved, "to": here}) == 422
    assert post(desk, "inbound_send", **moved) == 302
    [(transfer,)] = sql.fetch("select number from stock_inbound where kind = 'transfer' order by id desc limit 1")  # fmt: skip
    assert post(desk, "inbound_close", transfer, reason="Lost", back_to_origin="on") == 302
    assert world.levels()[(world.skus[0], here)][0] == 15
    assert desk.get(reverse("inbound", args=["nothing"])).status_code == 404


def test_routing_rules_are_drafted_tried_moved_and_put_into_force(enter: Enter) -> None:
    world = build.world()
    world.place()
    desk = enter()

    def post(desk: Client, page: str, /, *parts: object, **fields: Any) -> int:
        return sent(desk, world, page, *parts, **fields)

    rule = {
        "name": "Heavy", "countries": "nl, be", "postal_codes": "10", "min_weight_grams": "500", "min_value": "1,50", "from_day": "2026-01-01",
        "locations": [world.locations[1]], "first": "stock", "second": "priority", "split": "never", "otherwise": "backorder",
    }  # fmt: skip
    assert post(desk, "rule_new", world.shop, 0, **{**rule, "min_value": "x"}) == 422
    assert post(desk, "rule_new", world.shop, 0, **rule) == 302
    assert (
        post(desk, "rule_new", world.shop, 0, name="Rest", split="fewest", otherwise="hold") == 302
    )
    assert post(desk, "rule_edit", world.shop, 0, 1, name="The rest", split="fewest", otherwise="hold") == 302  # fmt: skip
    assert desk.get(reverse("rule_edit", args=[world.shop, 0, 0])).status_code == 200
    assert desk.get(reverse("rule_edit", args=[world.shop, 0, 9])).status_code == 404
    tried = reverse("routing_try", args=[world.shop])
    for asked, last in (("", 200), ("10", 10), ("500", 500), ("9999", 200)):
        assert desk.get(tried, {"last": asked}).context["last"] == last
    assert post(desk, "rule_move", world.shop, 0, 1, "up") == 302
    assert post(desk, "rule_move", world.shop, 0, 9, "up") == 404
    assert post(desk, "routing_apply", world.shop, "apply") == 302
    assert post(desk, "routing_apply", world.shop, "apply") == 404  # there is no draft any more
    names = sql.fetch("select r ->> 'name', r -> 'countries' from allocations_routing a, jsonb_array_elements(a.rules) r where a.shop_id = %s", (world.shop_id,))  # fmt: skip
    assert [row[0] for row in names] == ["The rest", "Heavy"]
    assert post(desk, "rule_move", world.shop, 0, 0, "remove") == 302
    assert post(desk, "routing_apply", world.shop, "discard") == 302


def test_no_reason_is_made_up_for_a_box(enter: Enter) -> None:
    _, order, line = shipped()
    client = enter()
    entered = {f"quantity-{line}": "1", f"reason-{line}": "", f"fate-{line}": "restock"}

    for page in ("return", "return-request"):
        there = f"/orders/{number(order)}/do/{page}/"
        assert '<option value="">–</option>' in client.get(there).content.decode()
        answer = client.post(there, entered)
        assert (answer.status_code, "Choose a reason." in answer.content.decode()) == (422, True)
    assert sql.fetch("select returned from orders_line where id = %s", (line,)) == [(0,)]


def test_a_refund_says_who_caused_it_and_no_name_of_a_job(enter: Enter) -> None:
    world, order, _ = shipped()
    other = world.place((world.skus[0], 1))
    build.invoice(other)
    for each, who in ((order, Actor.job("invoices")), (other, Actor("user", "Mia", new_id()))):
        item = CreditItem(invoice_id=build.invoices(each)[0]["id"], reason="Broken", amount="3.00")
        credit = credit_invoices([item], actor=who)[0].require().id
        assert credit is not None
        create_refunds([CreateRefundItem(invoice_id=credit)], actor=who)[0].require()
    client = enter()

    by_itself, by_somebody = (
        client.get(f"/orders/{number(each)}/refunds/").content.decode() for each in (order, other)
    )

    assert (">by itself<" in by_itself, ">invoices<" in by_itself) == (True, False)
    assert ">Mia<" in by_somebody


def test_groups_of_routing_rules_are_made_moved_switched_and_taken_out(enter: Enter) -> None:
    world = build.world()
    desk = enter()

    def post(desk: Client, page: str, /, *parts: object, **fields: Any) -> int:
        return sent(desk, world, page, *parts, **fields)

    def names() -> list[tuple[str, bool, list[str]]]:
        shown = routing_of_shop(build.TESTER, world.shop).shown
        return [(g.name, g.is_active, [rule.name for rule in g.rules]) for g in shown]

    rule = {"split": "fewest", "otherwise": "backorder"}
    assert post(desk, "rule_new", world.shop, 0, name="First", **rule) == 302
    assert post(desk, "rule_new", world.shop, 0, name="Second", **rule) == 302
    assert post(desk, "rule_new", world.shop, 7, name="Lost", **rule) == 404
    assert post(desk, "group_new", world.shop, name="Abroad", countries="be", min_value="x") == 422
    assert post(desk, "group_new", world.shop, name="Abroad", countries="be", min_value="1,50") == 302  # fmt: skip
    assert post(desk, "group_new", world.shop, name="Abroad") == 422  # two of one name
    assert post(desk, "group_edit", world.shop, 0, name="Here") == 302
    assert post(desk, "group_edit", world.shop, 5, name="Here") == 404
    assert names() == [("Here", True, ["First", "Second"]), ("Abroad", True, [])]
    assert post(desk, "rule_move", world.shop, 0, 0, "down") == 302
    assert post(desk, "rule_move", world.shop, 0, 0, "sideways") == 404
    assert post(desk, "rule_edit", world.shop, 0, 0, name="Second", group="Abroad", **rule) == 302
    assert post(desk, "rule_edit", world.shop, 0, 0, name="Lost", group="Nowhere", **rule) == 422
    assert post(desk, "group_move", world.shop, 1, "up") == 302
    assert post(desk, "group_move", world.shop, 1, "off") == 302
    assert names() == [("Abroad", True, ["Second"]), ("Here", False, ["First"])]
    page = desk.get(reverse("routing", args=[world.shop])).content.decode()
    assert all(word in page for word in ("Abroad", "from 1.50", "Ask Abroad later", "Switch on", "every order of the group"))  # fmt: skip
    assert post(desk, "group_move", world.shop, 1, "on") == 302
    assert post(desk, "group_move", world.shop, 0, "remove") == 302
    assert names() == [("Here", True, ["First"])]
