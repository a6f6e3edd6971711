"""Several requests of one customer in one box: one slip, one label, one scan, and each order by itself in all else."""

import io
from collections.abc import Callable
from importlib import import_module
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError
from django.db.transaction import atomic
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from orderwerk.checks.run import ALL
from orderwerk.core import sql
from orderwerk.core.actor import Actor
from orderwerk.core.outcome import Outcome
from orderwerk.orders.links import guest_token
from orderwerk.return_requests.boxes import along_with
from orderwerk.return_requests.commands.box import BoxItem, box_return_requests
from orderwerk.return_requests.commands.decide import (
    ApproveRequestItem,
    CancelRequestItem,
    approve_return_requests,
    cancel_return_requests,
)
from orderwerk.return_requests.commands.order_labels import (
    OrderLabelItem,
    order_due_labels,
    order_return_labels,
)
from orderwerk.return_requests.commands.set_carriers import ReturnCarrierItem, set_return_carriers
from orderwerk.return_requests.commands.set_policies import PolicyItem, set_return_policies
from orderwerk.return_requests.documents import return_slip
from orderwerk.return_requests.queries import return_request_detail
from tests import build
from tests.portal.tokens import own_token

pytestmark = pytest.mark.django_db
Enter = Callable[..., Client]
_CUSTOMER = {"name": "Test Persoon", "email": "same@example.com"}


def two(world: build.World | None = None, **fields: Any) -> tuple[UUID, UUID]:
    """Two approved requests of one customer, each of an order of its own."""
    there = world or build.world()
    made = []
    for sku in there.skus[:2]:
        order = build.shipped(there, (sku, 2), customer=_CUSTOMER, **fields)
        key = build.request(order).require().id
        assert key is not None
        approve_return_requests([ApproveRequestItem(return_request_id=key)], actor=build.TESTER)[0].require()  # fmt: skip
        made.append(key)
    return made[0], made[1]


def put(key: UUID, into: UUID | None) -> Outcome:
    item = BoxItem(return_request_id=key, in_box_of=into)
    return box_return_requests([item], actor=build.TESTER)[0]


def code(outcome: Outcome) -> str:
    assert outcome.error is not None
    return outcome.error.code


def heads(*keys: UUID) -> list[UUID | None]:
    return [return_request_detail(build.TESTER, key).in_box_of for key in keys]


def facts(key: UUID) -> tuple[str, str, UUID]:
    [row] = sql.fetch("select r.number, o.number, o.id from return_requests_request r join orders_order o on o.id = r.order_id where r.id = %s", (key,))  # fmt: skip
    return row[0], row[1], row[2]


def test_one_slip_one_label_and_one_scan_for_two_orders(enter: Enter) -> None:
    world = build.world()
    head, other = two(world)
    account = ReturnCarrierItem(
        shop=world.shop, key="sandbox-key", customer_code="DEVC", customer_number="1", company="A", reply_number="1",
        postal_code="1000VV", city="B",
    )  # fmt: skip
    set_return_carriers([account], actor=build.TESTER)[0].require()
    before = return_slip(head, actor=build.TESTER).content

    put(other, head).require()

    assert heads(head, other) == [None, head]
    assert return_slip(head, actor=build.TESTER).content != before
    assert [o.ok for o in order_due_labels([head, other], actor=build.TESTER)] == [True]
    refused = order_return_labels([OrderLabelItem(return_request_id=other)], actor=build.TESTER)
    assert code(refused[0]) == "in_other_box"
    # One scan; the second order follows the first by itself.
    client = enter()
    number, order, order_id = facts(head)
    second, second_order, _ = facts(other)
    form = client.get(f"{reverse('return_new', args=[order])}?request={number}")
    page = form.content.decode()
    assert second in page
    [line] = build.order_lines(order_id)
    booked = client.post(form.request["PATH_INFO"], {"request": number, f"quantity-{line}": "1", f"reason-{line}": "damaged", "credit": "1"})  # fmt: skip
    assert booked.status_code == 302, booked.content.decode()[:2000]
    assert booked.headers["Location"].endswith(f"?request={second}")
    assert second_order in booked.headers["Location"]
    assert sql.fetch("select count(*) from returns_return") == [(1,)]
    assert [sql.fetch(x.sql) for x in ALL if x.id == "request-box"] == [[]]


def test_it_is_taken_out_again_and_gets_its_own_label() -> None:
    world = build.world()
    head, other = two(world)
    put(other, head).require()
    count = sql.fetch("select count(*) from core_event")
    assert put(other, head).ok
    assert sql.fetch("select count(*) from core_event") == count

    put(other, None).require()

    assert heads(other) == [None]
    # Then the other way round.
    assert put(head, other).ok
    assert [row.number for row in along_with(build.TESTER, other) if row.is_along] == [facts(head)[0]]  # fmt: skip


def test_what_does_not_go_together_is_refused_and_changes_nothing() -> None:
    head, other = two()
    mine = build.shipped(build.world())
    stranger = build.request(mine).require().id
    world = build.world()
    neighbour = build.request(
        build.shipped(world, customer={"name": "B", "email": "b@example.com"})
    )
    third, fourth = two(world)
    assert stranger is not None
    put(other, head).require()
    before = sql.fetch("select count(*) from core_event")

    refused = [
        put(head, head),
        put(head, third),
        put(third, neighbour.require().id),
        put(uuid4(), head),
        put(third, uuid4()),
        put(head, stranger),
    ]

    assert [code(o) for o in refused] == [
        "own_box", "other_customer", "other_customer", "unknown_return_request", "unknown_return_request", "other_customer",
    ]  # fmt: skip
    assert sql.fetch("select count(*) from core_event") == before
    put(fourth, third).require()
    [(order,)] = sql.fetch("select order_id from return_requests_request where id = %s", (third,))
    fifth = build.request(order).require().id
    assert fifth is not None
    assert code(put(fifth, fourth)) == "box_in_box"
    assert code(put(third, fifth)) == "box_in_box"
    cancel_return_requests([CancelRequestItem(return_request_id=third)], actor=build.TESTER)[0].require()  # fmt: skip
    assert code(put(fifth, third)) == "return_request_cancelled"


def test_several_at_once_see_each_other() -> None:
    world = build.world()
    head, other = two(world)
    items = [BoxItem(return_request_id=other, in_box_of=head), BoxItem(return_request_id=head, in_box_of=other)]  # fmt: skip
    first, second = box_return_requests(items, actor=build.TESTER)
    assert first.ok
    assert code(second) == "box_in_box"
    moved = box_return_requests([BoxItem(return_request_id=other, in_box_of=None), items[1]], actor=build.TESTER)  # fmt: skip
    assert [o.ok for o in moved] == [True, True]
    assert heads(head, other) == [other, None]


def test_a_box_that_was_to_go_two_ways_is_taken_apart_when_the_rule_comes() -> None:
    world = build.world()
    (head, other), (elsewhere, third) = two(world), two(world)
    for key in (other, third):
        put(key, head if key == other else elsewhere).require()
    sql.execute("set session_replication_role = replica")
    sql.execute("update return_requests_request set way = 'own' where id = %s", (other,))
    sql.execute("reset session_replication_role")
    [rule] = [i for i in ALL if i.id == "request-box"]
    assert len(sql.fetch(rule.sql)) == 1

    sql.execute(
        import_module("orderwerk.return_requests.migrations.0027_mixed_boxes_apart").FORWARD
    )

    assert sql.fetch(rule.sql) == []
    assert heads(head, other, elsewhere, third) == [None, None, None, elsewhere]


@pytest.mark.parametrize("change", ["update return_requests_request set in_box_of_id = id", "update return_requests_request set in_box_of_id = %(stranger)s where id = %(head)s"])  # fmt: skip
def test_the_database_refuses_what_commands_never_do(change: str) -> None:
    head, _ = two()
    stranger = build.request(build.shipped(build.world())).require().id
    with pytest.raises(IntegrityError, match="box"), atomic():
        sql.execute(change.replace("%(stranger)s", f"'{stranger}'").replace("%(head)s", f"'{head}'"))  # fmt: skip


def test_a_customer_puts_both_into_one_box_and_a_guest_sees_no_other_order(client: Client) -> None:
    head, other = two()
    number, _, order = facts(other)
    first = facts(head)[0]
    own = f"/track/{own_token(order)}/returns/{number}"
    guest = f"/track/{guest_token(order)}/returns/{number}"
    assert first not in client.get(f"{guest}?lang=en").content.decode()
    assert client.post(f"{guest}/box", {"into": first}).status_code == 404
    assert "Send both in one box" in client.get(f"{own}?lang=en").content.decode()

    assert client.post(f"{own}/box?lang=en", {"into": "RQ0"}).status_code == 302
    assert heads(other) == [None]
    assert client.post(f"{own}/box?lang=en", {"into": first}).status_code == 302

    assert heads(other) == [head]
    page = client.get(f"{own}?lang=en").content.decode()
    assert "Send it in a box of its own" in page
    assert client.post(f"{own}/box?lang=en").status_code == 302
    assert heads(other) == [None]
    cancel_return_requests([CancelRequestItem(return_request_id=other)], actor=build.TESTER)[0].require()  # fmt: skip
    assert client.post(f"{own}/box", {"into": first}).status_code == 302
    assert heads(other) == [None]
    assert client.post(f"/track/{own_token(order)}/returns/RQ0/box").status_code == 404


def test_a_colleague_changes_the_box(enter: Enter) -> None:
    head, other = two()
    client = enter()
    page = f"/return-requests/{facts(other)[0]}/"
    assert "Change the box" in client.get(page).content.decode()
    assert client.post(f"{page}box/", {"in_box_of": str(head)}).status_code == 302
    assert heads(other) == [head]
    assert "its number is on the box" in client.get(page).content.decode()
    assert client.post(f"{page}box/", {"in_box_of": str(uuid4())}).status_code == 422
    assert client.post(f"{page}box/", {"in_box_of": ""}).status_code == 302
    assert heads(other) == [None]


def words(content: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)


def test_a_guest_sees_nothing_of_what_else_is_in_the_box(client: Client) -> None:
    world = build.world()
    head, other = two(world)
    put(other, head).require()
    first, _, order = facts(head)
    second, _, second_order = facts(other)
    own, guest = own_token(order), guest_token(order)

    slips = [client.get(f"/track/{token}/returns/{first}/slip.pdf").content for token in (own, guest)]  # fmt: skip
    pages = [
        client.get(f"/track/{token(second_order)}/returns/{second}?lang=en").content.decode()
        for token in (own_token, guest_token)
    ]

    assert [world.skus[0] in words(x) for x in slips] == [True, True]
    assert [world.skus[1] in words(x) for x in slips] == [True, False]
    assert [first in page for page in pages] == [True, False]
    assert "box of its own" not in pages[1]


def test_who_sees_one_location_reads_on_the_slip_what_left_from_there() -> None:
    world = build.world()
    world.count(world.locations[1], {world.skus[0]: 0})
    world.count(world.locations[0], {world.skus[1]: 0})
    head, other = two(world)
    put(other, head).require()
    here = Actor("user", "limited", location_ids=frozenset({world.location_ids[world.locations[0]]}))  # fmt: skip

    text = words(return_slip(head, actor=here).content)

    assert world.skus[0] in text
    assert world.skus[1] not in text
    assert world.skus[1] in words(return_slip(head, actor=build.TESTER).content)


def more(world: build.World, **customer: Any) -> UUID:
    """One more approved request of the same customer (or of the one who is named)."""
    order = build.shipped(world, (world.skus[2], 1), customer={"name": "Test Persoon", **(customer or _CUSTOMER)})  # fmt: skip
    key = build.request(order).require().id
    assert key is not None
    approve_return_requests([ApproveRequestItem(return_request_id=key)], actor=build.TESTER)[0].require()  # fmt: skip
    return key


def test_a_third_order_joins_and_what_others_travel_with_goes_nowhere(client: Client) -> None:
    world = build.world()
    head, other = two(world)
    third = more(world)
    put(other, head).require()
    first, _, order = facts(head)
    number, _, third_order = facts(third)
    path = f"/track/{own_token(third_order)}/returns/{number}"

    page = client.get(f"{path}?lang=en").content.decode()
    assert first in page
    assert facts(other)[0] not in page
    assert client.post(f"{path}/box", {"into": first}).status_code == 302

    assert heads(head, other, third) == [None, head, head]
    fourth = facts(more(world))[0]
    path = f"/track/{own_token(order)}/returns/{first}"
    page = client.get(f"{path}?lang=en").content.decode()
    assert [facts(key)[0] in page for key in (other, third)] == [True, True]
    assert fourth not in page
    assert client.post(f"{path}/box", {"into": fourth}).status_code == 302
    assert heads(head) == [None]


def test_a_box_that_is_not_offered_any_more_changes_nothing(client: Client) -> None:
    head, other = two()
    put(other, head).require()
    number, _, order = facts(other)
    path = f"/track/{own_token(order)}/returns/{number}/box"
    for into in ("RQ0", ""):
        assert client.post(path, {"into": into}).status_code == 302
        assert heads(other) == [head]


def test_what_travels_along_has_no_slip_of_its_own_for_the_customer(client: Client) -> None:
    head, other = two()
    number, _, order = facts(other)
    path = f"/track/{own_token(order)}/returns/{number}?lang=en"
    assert "slip.pdf" in client.get(path).content.decode()
    put(other, head).require()
    assert "slip.pdf" not in client.get(path).content.decode()
    # A guest sees no box, and has the slip of the one order.
    guest = client.get(f"/track/{guest_token(order)}/returns/{number}?lang=en").content.decode()
    assert "slip.pdf" in guest


def test_what_is_finished_holds_no_box(client: Client) -> None:
    world = build.world()
    head, other = two(world)
    third = more(world)
    put(other, head).require()
    assert code(put(head, third)) == "box_in_box"
    cancel_return_requests([CancelRequestItem(return_request_id=other)], actor=build.TESTER)[0].require()  # fmt: skip
    first, _, order = facts(head)
    path = f"/track/{own_token(order)}/returns/{first}"
    assert client.post(f"{path}/box", {"into": facts(third)[0]}).status_code == 302
    assert heads(head) == [third]
    assert [sql.fetch(x.sql) for x in ALL if x.id == "request-box"] == [[]]


def test_the_same_customer_is_known_by_the_webshops_own_number_too() -> None:
    world = build.world()
    first, second = more(world, external_id="C-7"), more(world, external_id="C-7")
    stranger, nobody = more(world, external_id="C-8"), more(world, name="Nobody")
    assert [row.id for row in along_with(build.TESTER, first)] == [second]
    assert along_with(build.TESTER, stranger) == along_with(build.TESTER, nobody) == []
    assert put(first, second).ok


def chosen(world: build.World, way: str | None, place: str | None = None) -> UUID:
    """An approved request of the same customer that comes this way."""
    order = build.shipped(world, (world.skus[2], 1), customer=_CUSTOMER)
    key = build.request(order, way=way, bring_to=place).require().id
    assert key is not None
    approve_return_requests([ApproveRequestItem(return_request_id=key)], actor=build.TESTER)[0].require()  # fmt: skip
    return key


def roads() -> tuple[build.World, dict[str, UUID]]:
    world = build.world()
    here, there = world.locations
    policy = PolicyItem(shop=world.shop, ways=["label", "own", "location"], drop_locations=[here, there])  # fmt: skip
    set_return_policies([policy], actor=build.TESTER)[0].require()
    ways = {"label": ("label", None), "": (None, None), "own": ("own", None), "here": ("location", here), "there": ("location", there)}  # fmt: skip
    return world, {name: chosen(world, *way) for name, way in ways.items()}


def test_one_box_goes_one_way() -> None:
    world, made = roads()

    for head, other in (("label", "own"), ("own", "here"), ("here", "there"), ("there", ""), ("own", "")):  # fmt: skip
        assert code(put(made[other], made[head])) == "other_way"
        with pytest.raises(IntegrityError, match="goes one way"), atomic():
            sql.execute("update return_requests_request set in_box_of_id = %s where id = %s", (made[head], made[other]))  # fmt: skip
        # Nor is it offered.
        assert made[head] not in [row.id for row in along_with(build.TESTER, made[other])]
    assert heads(*made.values()) == [None] * 5
    # Where nobody chose, it comes as with the label.
    put(made[""], made["label"]).require()
    put(chosen(world, "location", world.locations[0]), made["here"]).require()
    put(chosen(world, "own"), made["own"]).require()
    assert [sql.fetch(x.sql) for x in ALL if x.id == "request-box"] == [[]]


def test_a_box_that_goes_two_ways_is_found_and_still_shown() -> None:
    _, made = roads()
    put(made[""], made["label"]).require()
    sql.execute("update return_requests_request set way = 'own' where id = %s", (made[""],))

    [invariant] = [x for x in ALL if x.id == "request-box"]

    assert [row[2] for row in sql.fetch(invariant.sql)] == [made[""]]
    assert [row.id for row in along_with(build.TESTER, made[""]) if row.is_along] == [made["label"]]
    cancel_return_requests([CancelRequestItem(return_request_id=made[""])], actor=build.TESTER)[0].require()  # fmt: skip
    assert sql.fetch(invariant.sql) == []


def test_no_label_is_asked_for_what_comes_without(enter: Enter) -> None:
    world, made = roads()
    build.return_carrier(world)

    for name in ("own", "here"):
        [asked] = order_return_labels([OrderLabelItem(return_request_id=made[name])], actor=build.TESTER)  # fmt: skip
        assert code(asked) == "no_label_wanted"
        page = enter().get(f"/return-requests/{facts(made[name])[0]}/").content.decode()
        assert "Ask for a label" not in page
    assert sql.fetch("select count(*) from return_requests_label") == [(0,)]
    page = enter().get(f"/return-requests/{facts(made[''])[0]}/").content.decode()
    assert "Ask for a label" in page
    order_return_labels([OrderLabelItem(return_request_id=made[""])], actor=build.TESTER)[0].require()  # fmt: skip
