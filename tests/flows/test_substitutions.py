"""Substitutes: asked, answered once, never dearer, never for more than is open; order, stock and money follow at once."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError
from django.db.transaction import atomic

from orderwerk.catalog.commands.upsert import ProductItem, upsert_products
from orderwerk.catalog.kits import ComponentItem
from orderwerk.checks.run import ALL, run_checks
from orderwerk.core import clock, sql
from orderwerk.core.errors import Refusal
from orderwerk.core.outcome import Outcome
from orderwerk.flows.cancel_orders import CancelItem, CancelLine, cancel_orders
from orderwerk.flows.complete_pick_lists import CompleteItem, complete_pick_lists
from orderwerk.flows.decide_substitutions import (
    SubstitutionItem,
    accept_substitutions,
    decline_substitutions,
    expire_substitutions,
    substitutions_to_expire,
    withdraw_substitutions,
)
from orderwerk.flows.jobs import expire_unanswered, propose_substitutes
from orderwerk.flows.pick_lines import PickItem, pick_lines
from orderwerk.flows.propose_substitutions import ProposeSubstitutionItem, propose_substitutions
from orderwerk.flows.set_up_locations import LocationItem, set_up_locations
from orderwerk.flows.ship_shipments import ShipItem, ship_shipments
from orderwerk.flows.write_emails import write_event_emails
from orderwerk.orders.substitution_rules import Replaced, price_substitute
from orderwerk.picklists.commands.create import CreatePickListItem, create_pick_lists
from tests import build

pytestmark = pytest.mark.django_db


def short(ordered: int = 3, **shop: Any) -> tuple[build.World, UUID]:
    """An order for an article of which nothing is there; the world's second article lies in plenty."""
    world = build.world(locations=1, stock=0, **shop)
    world.count(world.locations[0], {world.skus[1]: 50})
    return world, world.place((world.skus[0], ordered))


def propose(order: UUID, sku: str, quantity: int = 3, **fields: Any) -> Outcome:
    """Ask about the order's first line."""
    [line, *_] = build.order_lines(order)
    item = ProposeSubstitutionItem(order_line_id=line, sku=sku, quantity=quantity, **fields)
    return propose_substitutions([item], actor=build.TESTER)[0]


def item(key: UUID | None) -> SubstitutionItem:
    """An answer about one."""
    assert key is not None
    return SubstitutionItem(substitution_id=key)


def accept(key: UUID | None) -> Outcome:
    """The customer says yes."""
    return accept_substitutions([item(key)], actor=build.TESTER, via="link")[0]


def status(key: UUID | None) -> str:
    """What has become of it."""
    found: str = sql.fetch("select status from orders_substitution where id = %s", (key,))[0][0]
    return found


def totals(order: UUID) -> tuple[int, int, int, int]:
    """Grand total, cancelled, items and tax of an order."""
    names = "grand_total_minor, cancelled_minor, items_minor, tax_minor"
    row = sql.fetch(f"select {names} from orders_order where id = %s", (order,))[0]
    return row[0], row[1], row[2], row[3]


def events(kind: str) -> list[UUID]:
    """The events of a kind, oldest first."""
    return [row[0] for row in sql.fetch("select id from core_event where kind = %s order by id", (kind,))]  # fmt: skip


def healthy() -> None:
    """No invariant is broken."""
    sql.execute("set constraints all immediate")
    report = run_checks([i for i in ALL if i.id not in {"durable", "stuck-outbox"}])
    assert report.findings == []


def test_yeses_of_two_shops_whose_locations_take_so_many_a_day_are_carried_out_in_one_call() -> (
    None
):
    """The second order becomes payable by it and claims first, at a location that comes after that of the other."""
    (ours, paid), (theirs, unpaid) = short(), short()
    for world in (ours, theirs):
        code = world.locations[0]
        set_up_locations([LocationItem(code=code, name=code, daily_capacity=5)], actor=build.TESTER)[0].require()  # fmt: skip
    part = {"provider": "test", "reference": f"part-{build.serial()}", "status": "paid", "amount": "20.00"}  # fmt: skip
    unpaid = theirs.place((theirs.skus[0], 3), payments=[part])
    keys = [propose(paid, ours.skus[1]).require().id, propose(unpaid, theirs.skus[1], unit_price="5.00").require().id]  # fmt: skip

    outcomes = accept_substitutions([item(key) for key in keys], actor=build.TESTER, via="link")

    assert [o.require().data["status"] for o in outcomes] == ["accepted"] * 2
    assert [build.order(order)["status"] for order in (paid, unpaid)] == ["awaiting_shipment"] * 2
    healthy()


def test_a_yes_cancels_the_old_pieces_and_claims_the_substitute_at_once() -> None:
    world, order = short()
    asked = propose(order, world.skus[1], 2, unit_price="8.00").require()

    done = accept(asked.id).require()

    assert done.data["status"] == "accepted"
    now = build.order(order)
    assert (now["units_ordered"], now["units_cancelled"], now["units_allocated"]) == (5, 2, 2)
    assert now["status"] == "awaiting_stock"
    # Two pieces of 10.00 go, two of 8.00 come.
    assert totals(order)[:2] == (4600, 2000)
    assert world.levels()[(world.skus[1], world.locations[0])] == (50, 2)
    healthy()


def test_the_whole_line_may_go_and_the_order_goes_on_with_its_shipping_costs() -> None:
    world, order = short()
    dear = world.place(
        (world.skus[0], 3),
        shipping={"method": "post", "name": "Post", "price": "5.00", "tax_rate": "21"},
        payments=[{"provider": "test", "reference": f"s{order}", "status": "paid", "amount": "35.00"}],
    )  # fmt: skip
    accept(propose(dear, world.skus[1]).require().id).require()

    assert build.order(dear)["status"] == "awaiting_shipment"
    assert totals(dear)[:2] == (6500, 3000)


def test_the_customer_never_pays_more_than_for_what_was_ordered() -> None:
    world, order = short()

    accept(propose(order, world.skus[1], unit_price="99.00").require().id).require()

    assert totals(order)[:2] == (6000, 3000)


def test_a_shop_may_keep_the_ordered_price_for_a_cheaper_substitute() -> None:
    world, order = short(substitute_price="ordered")

    accept(propose(order, world.skus[1], unit_price="1.00").require().id).require()

    assert totals(order)[:2] == (6000, 3000)


def test_vat_is_that_of_the_substitute() -> None:
    world, order = short()

    accept(propose(order, world.skus[1], 1, tax_rate="9").require().id).require()

    rows = sql.fetch("select tax_rate, net_minor, tax_minor from orders_line where order_id = %s order by position", (order,))  # fmt: skip
    assert rows[1] == (Decimal("9.000"), 917, 83)


@pytest.mark.parametrize(
    ("rate", "unit", "expected"),
    [
        ("21", 1000, (2000, 420)),
        # A higher rate on the same price would make it dearer: the price gives way.
        ("50", 1000, (1613, 807)),
        ("9", 1000, (2000, 180)),
        ("21", 700, (1400, 294)),
    ],
)
def test_without_vat_in_the_prices_the_gross_is_the_limit(
    rate: str, unit: int, expected: tuple[int, int]
) -> None:
    replaced = Replaced(3, 1, 2, 1000, 3000, 3630, prices_include_tax=False)

    priced = price_substitute(replaced, unit, Decimal(rate))

    assert (priced.net, priced.tax) == expected
    assert priced.gross <= 2420
    assert 2 * unit - priced.discount == priced.net


def test_what_was_told_is_the_limit_too() -> None:
    replaced = Replaced(2, 0, 2, 1000, 1653, 2000, prices_include_tax=True)

    assert price_substitute(replaced, 1000, Decimal(21), 1999).gross == 1999


def test_prices_without_vat_add_up_in_the_order() -> None:
    world = build.world(locations=1, stock=0)
    world.count(world.locations[0], {world.skus[1]: 50})
    paid = [{"provider": "test", "reference": f"n{world.shop}", "status": "paid", "amount": "36.30"}]  # fmt: skip
    order = world.place((world.skus[0], 3), prices_include_tax=False, payments=paid)

    accept(propose(order, world.skus[1], 2, unit_price="9.00").require().id).require()

    assert totals(order) == (3630 + 2178, 2420, 4800, 630 + 378)
    assert build.order(order)["status"] == "awaiting_stock"
    healthy()


def test_what_was_invoiced_is_credited_and_only_the_difference_goes_back() -> None:
    world, order = short()
    build.invoice(order)
    accept(propose(order, world.skus[1], 2, unit_price="8.00").require().id).require()

    build.invoice(order)
    build.invoice(order)

    kinds = [(x["kind"], x["gross_minor"], x["refundable_minor"]) for x in build.invoices(order)]
    assert kinds[0] == ("debit", 3000, 400)
    assert sorted(kinds[1:]) == [("credit", 2000, 400), ("debit", 1600, 0)]
    assert build.money(order) == (4600, 2000, 400)
    healthy()


def test_what_is_invoiced_later_is_invoiced_lower() -> None:
    world, order = short(invoice_when="shipped")
    accept(propose(order, world.skus[1], unit_price="8.00").require().id).require()
    for key in build.shipments(order):
        ship_shipments([ShipItem(shipment_id=key)], actor=build.TESTER)[0].require()

    build.invoice(order)
    build.invoice(order)

    invoiced, credited, refundable = build.money(order)
    assert (invoiced - credited, refundable) == (2400, 600)


def test_an_unpaid_order_claims_nothing_until_it_is_paid() -> None:
    world = build.world(locations=1, stock=0)
    world.count(world.locations[0], {world.skus[1]: 50})
    order = world.place((world.skus[0], 3), payments=[])

    accept(propose(order, world.skus[1]).require().id).require()

    assert build.order(order)["status"] == "awaiting_payment"
    assert build.order(order)["units_allocated"] == 0


def test_an_order_that_is_payable_only_now_claims_all_it_can() -> None:
    world = build.world(locations=1, stock=0)
    world.count(world.locations[0], {world.skus[1]: 50})
    part = [{"provider": "test", "reference": f"p{world.shop}", "status": "paid", "amount": "24.00"}]  # fmt: skip
    order = world.place((world.skus[0], 3), payments=part)

    accept(propose(order, world.skus[1], unit_price="8.00").require().id).require()

    assert build.order(order)["status"] == "awaiting_shipment"


def test_a_kit_may_stand_in_and_be_replaced() -> None:
    world, order = short(2)
    kit = f"kit{build.serial()}"
    parts = [ComponentItem(sku=world.skus[1], quantity=2)]
    upsert_products([ProductItem(sku=kit, name="Kit", components=parts)], actor=build.TESTER)[0].require()  # fmt: skip

    accept(propose(order, kit, 2).require().id).require()

    assert build.order(order)["units_allocated"] == 2
    assert world.levels()[(world.skus[1], world.locations[0])] == (50, 4)
    healthy()


def test_claimed_pieces_go_back_when_their_line_is_replaced() -> None:
    world = build.world(locations=1, stock=10)
    order = world.place((world.skus[0], 3))

    accept(propose(order, world.skus[1]).require().id).require()

    levels = world.levels()
    assert levels[(world.skus[0], world.locations[0])] == (10, 0)
    assert levels[(world.skus[1], world.locations[0])] == (10, 3)


def refusal(outcome: Outcome) -> tuple[str, str]:
    """Code and pointer of a refusal."""
    assert isinstance(outcome.error, Refusal)
    return outcome.error.code, outcome.error.pointer


def test_what_cannot_be_offered_is_refused() -> None:
    world, order = short()
    sku = world.skus[1]

    assert refusal(propose(order, "nothing")) == ("unknown_sku", "/sku")
    assert refusal(propose(order, world.skus[0])) == ("same_article", "/sku")
    assert refusal(propose(order, sku, 4)) == ("too_many_to_substitute", "/quantity")
    assert refusal(propose(order, sku, unit_price="1.001")) == ("too_many_decimals", "/unit_price")
    assert refusal(propose(order, sku, tax_rate="101")) == ("invalid_tax_rate", "/tax_rate")
    nobody = ProposeSubstitutionItem(order_line_id=uuid4(), sku=sku, quantity=1)
    [outcome] = propose_substitutions([nobody], actor=build.TESTER)
    assert refusal(outcome) == ("unknown_order_line", "/order_line_id")
    propose(order, sku, 1).require()
    assert refusal(propose(order, sku, 1)) == ("substitution_open", "")


def test_another_shops_order_cannot_be_touched() -> None:
    world, order = short()
    other = build.limited(uuid4())
    key = propose(order, world.skus[1]).require().id

    [outcome] = accept_substitutions([item(key)], actor=other)

    assert refusal(outcome) == ("unknown_substitution", "/substitution_id")
    assert status(key) == "proposed"


def test_an_answer_is_given_once() -> None:
    world, order = short()
    key = propose(order, world.skus[1]).require().id
    first, second = accept_substitutions([item(key), item(key)], actor=build.TESTER)

    assert (first.ok, refusal(second)[0]) == (True, "substitution_decided")
    for decide in (accept_substitutions, decline_substitutions, withdraw_substitutions, expire_substitutions):  # fmt: skip
        assert refusal(decide([item(key)], actor=build.TESTER)[0])[0] == "substitution_decided"
    assert build.order(order)["units_ordered"] == 6


def test_no_or_no_answer_leaves_the_order_waiting_and_it_may_be_asked_again() -> None:
    world, order = short()
    before = build.order(order)
    for decide in (decline_substitutions, withdraw_substitutions):
        key = propose(order, world.skus[1]).require().id
        decide([item(key)], actor=build.TESTER)[0].require()

    assert build.order(order) == before
    assert events("substitution.declined")
    assert events("substitution.withdrawn")


def test_after_the_shops_hours_the_question_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    world, order = short(substitute_hours=2)
    key = propose(order, world.skus[1]).require().id
    assert key not in substitutions_to_expire()
    [early] = expire_substitutions([item(key)], actor=build.TESTER)
    assert refusal(early)[0] == "not_due"
    later = clock.now() + timedelta(hours=3)
    monkeypatch.setattr(clock, "now", lambda: later)

    assert refusal(accept(key))[0] == "substitution_expired"
    expire_unanswered(0)

    assert status(key) == "expired"
    assert build.order(order)["status"] == "awaiting_stock"


def test_what_leaves_meanwhile_is_not_asked_about_any_more() -> None:
    world = build.world(locations=1, stock=10)
    order = world.place((world.skus[0], 3))
    key = propose(order, world.skus[1], 1).require().id
    [parcel] = build.shipments(order)

    ship_shipments([ShipItem(shipment_id=parcel)], actor=build.TESTER)[0].require()

    assert status(key) == "withdrawn"
    assert refusal(accept(key))[0] == "substitution_decided"


def test_a_cancellation_ends_only_a_question_about_more_than_is_left() -> None:
    world, order = short()
    key = propose(order, world.skus[1], 2).require().id
    [line] = build.order_lines(order)
    one = CancelItem(order_id=order, reason="x", lines=[CancelLine(order_line_id=line, quantity=1)])

    cancel_orders([one], actor=build.TESTER)[0].require()
    assert status(key) == "proposed"
    cancel_orders([one], actor=build.TESTER)[0].require()

    assert status(key) == "withdrawn"
    healthy()


def test_what_is_being_picked_is_not_replaced_where_the_shop_asks_the_warehouse() -> None:
    world = build.world(locations=1, stock=10, cancel_while_picking="ask")
    order = world.place((world.skus[0], 3))
    key = propose(order, world.skus[1], 2).require().id
    wanted = CreatePickListItem(location=world.locations[0], shipment_ids=build.shipments(order))
    made = create_pick_lists([wanted], actor=build.TESTER)[0].require().id
    assert made is not None
    complete_pick_lists([CompleteItem(pick_list_id=made)], actor=build.TESTER)[0].require()

    assert refusal(accept(key))[0] == "substitution_in_hand"


def test_a_free_piece_is_replaced_where_the_shop_asks_the_warehouse() -> None:
    world, order = short(cancel_while_picking="ask")

    accept(propose(order, world.skus[1]).require().id).require()

    assert build.order(order)["units_allocated"] == 3


def test_a_short_pick_asks_by_itself_where_the_shop_wishes_it() -> None:
    world = build.world(locations=1, products=3, stock=10, substitute_when_short=True)
    offered = ProductItem(sku=world.skus[0], name="A", substitutes=[world.skus[2], world.skus[1]])
    upsert_products([offered], actor=build.TESTER)[0].require()
    world.count(world.locations[0], {world.skus[2]: 0})
    order = world.place((world.skus[0], 3))
    wanted = CreatePickListItem(location=world.locations[0], shipment_ids=build.shipments(order))
    made = create_pick_lists([wanted], actor=build.TESTER)[0].require().id
    assert made is not None
    [(line, _)] = build.pick_lines_of(made)
    pick_lines([PickItem(pick_line_id=line, picked=1, short=2, reason="missing")], actor=build.TESTER)[0].require()  # fmt: skip

    told = [str(key) for key in events("order.picked")]
    propose_substitutes(told)
    propose_substitutes(told)

    rows = sql.fetch("select p.sku, x.quantity from orders_substitution x join catalog_product p on p.id = x.product_id where x.order_id = %s", (order,))  # fmt: skip
    assert rows == [(world.skus[1], 2)]


def test_the_customer_is_asked_once_with_a_link_and_not_told_of_the_cancellation() -> None:
    world, order = short()
    key = propose(order, world.skus[1], 2, unit_price="8.00").require().id
    asked = events("substitution.proposed")[-1:]

    written = write_event_emails(asked) + write_event_emails(asked)

    [(trigger, body)] = sql.fetch("select trigger, body_text from emails_email where id = any(%s)", (written,))  # fmt: skip
    assert trigger == "substitution.proposed"
    assert f"/substitutes/{key}" in body
    assert "16,00" in body
    accept(key).require()
    assert write_event_emails(events("order.cancelled")[-1:]) == []
    assert write_event_emails(asked) == []


def test_a_question_that_is_answered_before_the_mail_is_written_is_not_asked() -> None:
    world, order = short()
    accept(propose(order, world.skus[1]).require().id).require()

    assert write_event_emails(events("substitution.proposed")[-1:]) == []


def at_once(statement: str) -> None:
    """Run a statement and look at what is looked at in the end."""
    with atomic():
        sql.execute(statement)
        sql.execute("set constraints all immediate")


@pytest.mark.parametrize(
    "statement",
    [
        "update orders_substitution set quantity = 1 where id = '{key}'",
        "update orders_substitution set status = 'accepted', decided_by = 'x', decided_at = now(), via = 'link' where id = '{key}'",
        "update orders_substitution set via = 'link' where id = '{key}'",
        "delete from orders_substitution where id = '{key}'",
        "update orders_order set grand_total_minor = 1, items_minor = 1 where id = '{order}'",
        "update orders_order set grand_total_minor = grand_total_minor + 1, items_minor = items_minor + 1 where id = '{order}'",
        "update orders_order set units_ordered = units_ordered + 1 where id = '{order}'",
    ],
)
def test_the_database_refuses_what_the_commands_never_do(statement: str) -> None:
    world, order = short()
    key = propose(order, world.skus[1]).require().id

    with pytest.raises(IntegrityError):
        at_once(statement.format(key=key, order=order))


def test_the_database_takes_one_open_question_of_a_line() -> None:
    world, order = short()
    key = propose(order, world.skus[1]).require().id
    columns = (
        "shop_id, order_id, order_line_id, product_id, quantity, unit_price_minor, gross_minor, tax_rate, status, proposed_by, "
        "created_at, expires_at, via, version"
    )

    with pytest.raises(IntegrityError, match="orders_substitution_one_open"), atomic():
        sql.execute(f"insert into orders_substitution (id, {columns}) select gen_random_uuid(), {columns} from orders_substitution where id = %s", (key,))  # fmt: skip


def test_a_substitute_without_vat_is_exempt_as_the_catalogue_says() -> None:
    world = build.world(locations=1, stock=0)
    world.count(world.locations[0], {world.skus[1]: 50})
    exempt = ProductItem(sku=world.skus[1], name="Used", vat_exemption_code="VATEX-EU-F")
    upsert_products([exempt], actor=build.TESTER)[0].require()
    line = {"sku": world.skus[0], "name": "Used too", "quantity": 3, "unit_price": "10.00", "tax_rate": "0"}  # fmt: skip
    order = world.place(lines=[line])
    accept(propose(order, world.skus[1]).require().id).require()
    rows = sql.fetch("select sku, tax_rate, vat_exemption_code from orders_line where order_id = %s order by position", (order,))  # fmt: skip
    assert rows == [(world.skus[0], 0, ""), (world.skus[1], 0, "VATEX-EU-F")]
    healthy()
