"""What comes in for repair stays the customer's: nothing is returned, restocked or credited, and it goes back once."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError
from django.db.transaction import atomic
from django.test import Client

from orderwerk.checks.run import ALL
from orderwerk.core import clock, sql
from orderwerk.core.outcome import Outcome
from orderwerk.flows.decide_claims import DecideClaimItem, decide_claims
from orderwerk.flows.receive_repairs import ReceiveRepairItem, receive_repairs
from orderwerk.flows.write_emails import write_event_emails
from orderwerk.return_requests.commands.set_policies import PolicyItem, set_return_policies
from orderwerk.returns.commands.create_claims import ClaimedLine
from tests import build
from tests.portal.tokens import own_token

pytestmark = pytest.mark.django_db


def asked(pieces: int = 2, outcomes: list[Any] | None = None, **fields: Any) -> tuple[UUID, UUID]:
    """An order of three pieces, of which some were announced for repair; with its request."""
    world = build.world(products=2)
    policy = PolicyItem(shop=world.shop, outcomes=outcomes or ["refund", "repair"], fee="2.50", approve_at_once=True)  # fmt: skip
    set_return_policies([policy], actor=build.TESTER)[0].require()
    order = build.shipped(world, (world.skus[0], 3))
    build.invoice(order)
    request = build.request(order, build.back(order, pieces), **{"outcome": "repair", **fields})
    key = request.require().id
    assert key is not None
    return order, key


def receive(
    *requests: UUID, lines: list[ClaimedLine] | None = None, note: str = ""
) -> list[Outcome]:
    items = [ReceiveRepairItem(return_request_id=key, lines=lines or [], note=note) for key in requests]  # fmt: skip
    return receive_repairs(items, actor=build.TESTER)


def decide(claim: Any, outcome: str, **fields: Any) -> Outcome:
    item = DecideClaimItem(claim_id=claim, outcome=outcome, **fields)  # type: ignore[arg-type]
    return decide_claims([item], actor=build.TESTER)[0]


def code(outcome: Outcome) -> str:
    assert outcome.error is not None
    return outcome.error.code


def counters(order: UUID) -> tuple[int, ...]:
    [row] = sql.fetch("select shipped, returned, claimed, credited from orders_line where order_id = %s", (order,))  # fmt: skip
    return tuple(row)


def request_status(request: UUID) -> tuple[Any, ...]:
    [row] = sql.fetch("select status, fee_minor from return_requests_request where id = %s", (request,))  # fmt: skip
    return tuple(row)


def healthy() -> None:
    wanted = {"return-completes-request", "line-claimed-sum", "claim-outcome", "return-kept"}
    assert [sql.fetch(x.sql) for x in ALL if x.id in wanted] == [[]] * len(wanted)


def letters(kind: str) -> list[str]:
    rows = sql.fetch("select id from core_event where kind = %s order by id", (kind,))
    written = write_event_emails([row[0] for row in rows])
    return [row[0] for row in sql.fetch("select body_text from emails_email where id = any(%s)", (written,))]  # fmt: skip


def stock() -> list[tuple[Any, ...]]:
    return sql.fetch("select product_id, location_id, on_hand, allocated from stock_level order by 1, 2")  # fmt: skip


def test_it_comes_in_is_repaired_and_goes_back_and_nothing_else_moves() -> None:
    order, request = asked()
    before = (stock(), build.money(order), sql.fetch("select count(*) from invoices_invoice"))

    claim = receive(request, note="The zip is broken")[0].require().id
    here = counters(order)
    healthy()
    done = decide(claim, "repaired", note="New zip", carrier="PostNL", tracking_code="3SABC1")

    assert done.require().data["status"] == "repaired"
    assert (here, counters(order)) == ((3, 0, 2, 0), (3, 0, 0, 0))
    assert request_status(request) == ("completed", 0)
    assert (stock(), build.money(order), sql.fetch("select count(*) from invoices_invoice")) == before  # fmt: skip
    assert sql.fetch("select kind, carrier, tracking_code from returns_claim") == [("repair", "PostNL", "3SABC1")]  # fmt: skip
    healthy()
    [came] = letters("claim.repair_received")
    [back] = letters("claim.repaired")
    assert "stays yours" in came or "blijft van jou" in came
    assert "3SABC1" in back
    assert "New zip" in back
    # The pieces are the customer's as before: they may come back as a return.
    assert build.give_back(order, build.back(order, 3)).ok


def test_while_it_is_here_it_neither_comes_back_nor_is_claimed() -> None:
    order, request = asked()
    receive(request)[0].require()

    refused = [
        build.give_back(order, build.back(order, 2)),
        build.claim(order, 2),
        build.request(order, build.back(order, 2)),
    ]

    assert [code(o) for o in refused] == ["too_many_to_return", "too_many_to_claim", "too_many_to_return"]  # fmt: skip
    assert counters(order) == (3, 0, 2, 0)


def test_what_cannot_be_repaired_is_paid_back_replaced_or_sent_back_as_it_was() -> None:
    paid, first = asked()
    decide(receive(first)[0].require().id, "refunded").require()
    assert counters(paid) == (3, 0, 2, 2)
    assert build.invoices(paid)[-1]["gross_minor"] == 2000

    again, second = asked()
    made = decide(receive(second)[0].require().id, "replaced").require()
    assert sql.fetch("select grand_total_minor from orders_order where id = %s", (made.data["order_id"],)) == [(0,)]  # fmt: skip
    assert counters(again) == (3, 0, 2, 0)

    back, third = asked()
    claim = receive(third)[0].require().id
    assert code(decide(claim, "rejected")) == "claim_note_required"
    decide(claim, "rejected", note="No spare parts", tracking_code="3S9").require()
    assert counters(back) == (3, 0, 0, 0)
    [text] = letters("claim.rejected")
    assert "No spare parts" in text
    assert "3S9" in text
    healthy()


def test_a_claim_that_is_rejected_is_written_about_by_hand() -> None:
    world = build.world(products=1)
    order = build.shipped(world, (world.skus[0], 2))
    decide(build.claim(order, 1).require().id, "rejected", note="Signed for").require()
    assert letters("claim.rejected") == []


def test_what_came_may_differ_from_what_was_announced() -> None:
    order, request = asked(pieces=1)
    [line] = build.order_lines(order)
    too_many = receive(request, lines=[ClaimedLine(order_line_id=line, quantity=4)])[0]
    assert code(too_many) == "too_many_to_claim"
    assert request_status(request)[0] == "approved"
    receive(request, lines=[ClaimedLine(order_line_id=line, quantity=3)])[0].require()
    assert counters(order) == (3, 0, 3, 0)


def test_what_makes_no_sense_is_refused_and_changes_nothing() -> None:
    order, request = asked()
    for_money = asked(outcome="refund")[1]
    other = build.claim(order, 1).require().id
    before = sql.fetch("select count(*) from core_event")

    refused = receive(for_money, uuid4())
    strange = [
        decide(other, "repaired"),
        decide(other, "refunded", carrier="PostNL"),
        decide(other, "rejected", note="x", tracking_code="3S1"),
    ]

    assert [code(o) for o in refused] == ["not_for_repair", "unknown_return_request"]
    assert [code(o) for o in strange] == ["not_for_repair", "nothing_sent_back", "nothing_sent_back"]  # fmt: skip
    assert sql.fetch("select count(*) from core_event") == before
    twice = receive(request, request)
    assert twice[0].ok
    assert [code(o) for o in (twice[1], receive(request)[0])] == ["return_request_completed"] * 2
    healthy()


def test_a_repair_is_not_bound_to_the_window_but_to_the_country_and_the_offer() -> None:
    order, request = asked()
    [(shop,)] = sql.fetch("select s.code from shops_shop s join orders_order o on o.shop_id = s.id where o.id = %s", (order,))  # fmt: skip
    with clock.told(clock.now() + timedelta(days=300)):
        late = build.request(order, build.back(order, 1))
        mended = build.request(order, build.back(order, 1), outcome="repair")
    assert (code(late), mended.ok) == ("window_closed", True)
    set_return_policies([PolicyItem(shop=shop, outcomes=["repair"], countries=["BE"])], actor=build.TESTER)[0].require()  # fmt: skip
    assert code(build.request(order, build.back(order, 1), outcome="repair")) == "country_not_returnable"  # fmt: skip
    set_return_policies([PolicyItem(shop=shop)], actor=build.TESTER)[0].require()
    assert code(build.request(order, build.back(order, 1), outcome="repair")) == "outcome_not_offered"  # fmt: skip
    assert request is not None


@pytest.mark.parametrize(
    "change",
    [
        "update returns_claim set tracking_code = '3S1' where kind = 'damaged'",
        "update returns_claim set kind = 'repair' where kind = 'damaged'",
        "update returns_claim set status = 'repaired', decided_at = now(), version = 2 where kind = 'damaged'",
    ],
)
def test_the_database_refuses_what_commands_never_do(change: str) -> None:
    world = build.world(products=1)
    build.claim(build.shipped(world, (world.skus[0], 2)), 1).require()
    with pytest.raises(IntegrityError), atomic():
        sql.execute(change)


@pytest.mark.parametrize(
    ("outcome", "said"),
    [("repaired", "on its way back to you"), ("rejected", "could not repair it; it is on its way"), ("refunded", "you get your money back"), ("replaced", "we send you a new one")],
)  # fmt: skip
def test_the_customer_asks_for_a_repair_after_the_window_and_follows_it(client: Client, outcome: str, said: str) -> None:  # fmt: skip
    world = build.world()
    policy = PolicyItem(shop=world.shop, outcomes=["refund", "repair"], excluded_skus=[world.skus[0]], approve_at_once=True)  # fmt: skip
    set_return_policies([policy], actor=build.TESTER)[0].require()
    order = build.shipped(world, (world.skus[0], 2))
    build.invoice(order)
    [line] = build.order_lines(order)
    path = f"/track/{own_token(order)}"

    form = client.get(f"{path}/return?lang=en").content.decode()
    assert "Only for repair" in form
    wish = {f"quantity-{line}": 1, f"reason-{line}": "damaged"}
    refused = client.post(f"{path}/return?lang=en", {**wish, "outcome": "refund"})
    assert refused.status_code == 422
    sent = client.post(f"{path}/return?lang=en", {**wish, "outcome": "repair"})
    assert sent.status_code == 302

    page = sent.headers["Location"]
    assert "You may send it back" in client.get(page).content.decode()
    [(request,)] = sql.fetch("select id from return_requests_request")
    claim = receive(request)[0].require().id
    assert "It is here, and we look at it" in client.get(page).content.decode()
    back = (
        {"tracking_code": "3S7", "carrier": "PostNL"} if outcome in {"repaired", "rejected"} else {}
    )
    decide(claim, outcome, note="Done", **back).require()
    shown = client.get(page).content.decode()
    assert said in shown
    assert ("3S7" in shown) == bool(back)


def test_the_database_takes_one_repair_of_a_request() -> None:
    _, request = asked()
    receive(request)[0].require()
    copied = (
        "insert into returns_claim (id, shop_id, order_id, number, kind, status, request_id, created_at, created_by, version) "
        "select %s, shop_id, order_id, 'CL-' || id, %s, 'open', request_id, created_at, created_by, 1 from returns_claim"
    )
    for kind in ("repair", "kept"):
        with pytest.raises(IntegrityError, match="once"), atomic():
            sql.execute(copied, (uuid4(), kind))
