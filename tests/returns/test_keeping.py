"""Where the shop lets them, customers keep what they announced, and get its worth all the same."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError
from django.db.transaction import atomic

from orderwerk.checks.run import ALL
from orderwerk.core import sql
from orderwerk.core.decode import convert
from orderwerk.core.outcome import Outcome
from orderwerk.flows.keep_returns import KeepItem, keep_returns
from orderwerk.flows.write_emails import write_event_emails
from orderwerk.refunds.commands.create import CreateRefundItem, create_refunds
from orderwerk.return_requests.commands.create import ReturnRequestItem, create_return_requests
from orderwerk.return_requests.commands.decide import (
    ApproveRequestItem,
    RejectRequestItem,
    approve_return_requests,
    reject_return_requests,
)
from orderwerk.return_requests.commands.set_policies import PolicyItem, set_return_policies
from orderwerk.return_requests.expected_queries import expected_products
from orderwerk.return_requests.queries import return_request_detail
from tests import build

pytestmark = pytest.mark.django_db


def asked(most: str | None = "25.00", pieces: int = 2, **wish: Any) -> tuple[UUID, UUID]:
    """An order of three pieces, of which some were announced in a shop that lets keep so much; with its request."""
    world = build.world(products=2)
    policy = PolicyItem(shop=world.shop, keep_up_to=most, outcomes=["refund", "store_credit", "exchange"])  # fmt: skip
    set_return_policies([policy], actor=build.TESTER)[0].require()
    order = build.shipped(world, (world.skus[0], 3))
    build.invoice(order)
    request = build.request(order, build.back(order, pieces), **wish).require().id
    assert request is not None
    return order, request


def keep(*requests: UUID, note: str = "") -> list[Outcome]:
    items = [KeepItem(return_request_id=key, note=note) for key in requests]
    return keep_returns(items, actor=build.TESTER)


def code(outcome: Outcome) -> str:
    assert outcome.error is not None
    return outcome.error.code


def credited(order: UUID) -> list[int]:
    return [v["gross_minor"] for v in build.invoices(order) if v["kind"] == "credit"]


def test_what_is_kept_is_credited_without_goods_and_does_not_come_back() -> None:
    order, request = asked()
    keep(request, note="Sorry about that")[0].require()

    found = return_request_detail(build.TESTER, request)
    assert (found.status, found.is_kept, found.decision_note) == (
        "completed",
        True,
        "Sorry about that",
    )
    assert credited(order) == [2000]
    assert sql.fetch("select kind, status from returns_claim where request_id = %s", (request,)) == [("kept", "refunded")]  # fmt: skip
    assert sql.fetch("select claimed, returned from orders_line where order_id = %s", (order,)) == [(2, 0)]  # fmt: skip
    assert code(keep(request)[0]) == "return_request_completed"
    assert build.give_back(order, build.back(order, 2)).error is not None
    rows = [(x.id, sql.fetch(x.sql)) for x in ALL if x.id in {"return-kept", "line-claimed-sum", "credit-refunds-sum"}]  # fmt: skip
    assert [found for _, found in rows] == [[], [], []]


def test_the_customer_hears_of_it() -> None:
    _, request = asked()
    keep(request, note="A gift")[0].require()
    events = sql.fetch("select id from core_event where kind = 'return_request.kept'")
    write_event_emails([row[0] for row in events])
    bodies = sql.fetch("select body_text from emails_email where trigger = 'return_request.kept'")
    assert "hoef je" in bodies[0][0]
    assert "A gift" in bodies[0][0]


def test_the_wish_for_store_credit_holds_for_what_is_kept() -> None:
    order, request = asked(outcome="store_credit")
    keep(request)[0].require()
    credit = next(v["id"] for v in build.invoices(order) if v["kind"] == "credit")
    create_refunds([CreateRefundItem(invoice_id=credit)], actor=build.TESTER)[0].require()
    assert sql.fetch("select as_store_credit from refunds_refund where order_id = %s", (order,)) == [(True,)]  # fmt: skip


def test_nothing_is_kept_that_the_shop_does_not_let() -> None:
    for most, pieces, wish, why in (
        (None, 1, {}, "keep_not_allowed"),
        ("0.00", 1, {}, "keep_not_allowed"),
        ("19.99", 2, {}, "too_dear_to_keep"),
    ):
        order, request = asked(most, pieces, **wish)
        assert code(keep(request)[0]) == why
        assert credited(order) == []
    order, request = asked()
    twice = keep(request, request)
    assert twice[0].ok
    assert code(twice[1]) == "return_request_completed"
    assert code(keep(uuid4())[0]) == "unknown_return_request"


def test_a_limit_says_nothing_of_an_order_in_another_currency() -> None:
    world = build.world(products=1)
    policy = PolicyItem(shop=world.shop, keep_up_to="1000.00")
    set_return_policies([policy], actor=build.TESTER)[0].require()
    order = build.shipped(world, (world.skus[0], 1), currency="SEK")
    build.invoice(order)
    request = build.request(order, build.back(order, 1)).require().id
    assert request is not None

    assert return_request_detail(build.TESTER, request).keep_up_to_minor is None
    assert code(keep(request)[0]) == "keep_not_allowed"


def test_an_exchange_wants_the_goods_back() -> None:
    order, _ = asked()
    sku = sql.fetch("select sku from orders_line where order_id = %s", (order,))[0][0]
    line = build.back(order, 1, wanted={"sku": sku})
    other = build.request(order, line, outcome="exchange").require().id
    assert other is not None
    assert code(keep(other)[0]) == "keep_no_exchange"


def test_what_was_given_back_otherwise_is_refused_and_leaves_the_others_alone() -> None:
    order, request = asked(pieces=3, most="30.00")
    build.claim(order, 1).require()
    other, fine = asked()
    done = keep(request, fine)
    assert code(done[0]) == "too_many_to_claim"
    assert done[1].ok
    assert not return_request_detail(build.TESTER, request).is_kept
    assert (credited(order), credited(other)) == ([], [2000])


def test_what_cost_nothing_and_wrong_limits_are_refused() -> None:
    world = build.world()
    wrong = set_return_policies([PolicyItem(shop=world.shop, keep_up_to="1.001")], actor=build.TESTER)  # fmt: skip
    assert wrong[0].error is not None
    assert wrong[0].error.pointer == "/keep_up_to"
    set_return_policies([PolicyItem(shop=world.shop, keep_up_to="5")], actor=build.TESTER)[0].require()  # fmt: skip
    free = [{"sku": world.skus[0], "name": "x", "quantity": 1, "unit_price": "0.00", "tax_rate": "21"}]  # fmt: skip
    order = build.shipped(world, lines=free, payments=[])
    build.invoice(order)
    request = build.request(order).require().id
    assert request is not None
    assert code(keep(request)[0]) in {"nothing_to_credit", "too_many_to_credit"}


def test_a_customer_may_ask_to_keep_and_somebody_decides() -> None:
    world = build.world()
    policy = PolicyItem(shop=world.shop, keep_up_to="20.00", outcomes=["refund", "keep"], approve_at_once=True, fee="2.50")  # fmt: skip
    set_return_policies([policy], actor=build.TESTER)[0].require()
    order = build.shipped(world, (world.skus[0], 3))
    build.invoice(order)

    dear = build.request(order, build.back(order, 3), outcome="keep")
    assert code(dear) == "too_dear_to_keep"
    asked = build.request(order, build.back(order, 2), outcome="keep").require()
    assert asked.data["status"] == "requested"
    assert sum(p.units for p in expected_products(build.TESTER)) == 0
    item = ApproveRequestItem(return_request_id=asked.id)  # type: ignore[arg-type] # done: it has an id
    approve_return_requests([item], actor=build.TESTER)[0].require()
    assert sum(p.units for p in expected_products(build.TESTER)) == 2
    keep(asked.id)[0].require()  # type: ignore[arg-type] # done: it has an id
    assert credited(order) == [2000]


@pytest.mark.parametrize(
    ("locale", "wait"),
    [("nl", "Stuur nog niets"), ("en", "do not send anything"), ("de", "noch nichts"), ("fr", "rien pour l’instant")],
)  # fmt: skip
def test_the_letter_about_that_wish_asks_for_no_parcel_before_somebody_has_decided(
    locale: str, wait: str
) -> None:
    world = build.world(locale=locale)
    how = dict.fromkeys(("nl", "en", "de", "fr"), "Straat 1, 1234 AB Plaats")
    policy = PolicyItem(shop=world.shop, keep_up_to="20.00", outcomes=["refund", "keep"], fee="2.50", instructions=how)  # fmt: skip
    set_return_policies([policy], actor=build.TESTER)[0].require()
    order = build.shipped(world, (world.skus[0], 3))
    wish = build.request(order, build.back(order, 1), outcome="keep").require().id
    back = build.request(order, build.back(order, 1)).require().id

    def letter(kind: str, request: UUID | None) -> str:
        [(event,)] = sql.fetch("select id from core_event where kind = %s and aggregate_id = %s", (kind, request))  # fmt: skip
        write_event_emails([event])
        return str(sql.fetch("select body_text from emails_email order by id desc limit 1")[0][0])

    asking, sending = letter("return_request.received", wish), letter("return_request.received", back)  # fmt: skip
    item = ApproveRequestItem(return_request_id=wish)  # type: ignore[arg-type] # done: it has an id
    approve_return_requests([item], actor=build.TESTER)[0].require()
    to_be_sent = letter("return_request.approved", wish)

    assert wait in asking
    assert "Straat 1" not in asking
    assert wait not in sending
    assert "Straat 1" in sending
    assert "Straat 1" in to_be_sent


def test_nobody_asks_to_keep_where_the_shop_does_not_offer_it() -> None:
    world = build.world()
    without = PolicyItem(shop=world.shop, outcomes=["refund", "keep"])
    refused = set_return_policies([without], actor=build.TESTER)[0]
    assert code(refused) == "keep_without_limit"
    assert refused.error is not None
    assert refused.error.pointer == "/keep_up_to"
    order = build.shipped(world, (world.skus[0], 1))
    assert code(build.request(order, outcome="keep")) == "outcome_not_offered"

    policy = PolicyItem(shop=world.shop, outcomes=["refund", "keep"], keep_up_to="100.00")
    set_return_policies([policy], actor=build.TESTER)[0].require()
    foreign = build.shipped(world, (world.skus[0], 1), currency="SEK")
    assert code(build.request(foreign, outcome="keep")) == "keep_not_allowed"
    favour = build.request(foreign, outcome="keep", as_favour=True).require()
    assert favour.data["status"] == "requested"
    with pytest.raises(IntegrityError, match="return_requests_policy_keep_wish"), atomic():
        sql.execute("update return_requests_policy set keep_up_to_minor = null")


def test_customers_have_something_to_choose_beside_keeping() -> None:
    world = build.world()
    alone = PolicyItem(shop=world.shop, outcomes=["keep", "keep"], keep_up_to="20.00")
    refused = set_return_policies([alone], actor=build.TESTER)[0]
    assert code(refused) == "keep_alone"
    assert refused.error is not None
    assert refused.error.pointer == "/outcomes"
    assert sql.fetch("select count(*) from return_requests_policy") == [(0,)]

    beside = PolicyItem(shop=world.shop, outcomes=["keep", "repair"], keep_up_to="20.00")
    set_return_policies([beside], actor=build.TESTER)[0].require()
    with pytest.raises(IntegrityError, match="return_requests_policy_keep_not_alone"), atomic():
        sql.execute("update return_requests_policy set outcomes = '{keep}'")
    sql.execute("update return_requests_policy set outcomes = '{}'")


def offered(most: str = "15.00") -> UUID:
    """An invoiced order of three pieces for 10.00 each, in a shop where customers may ask to keep so much."""
    world = build.world()
    policy = PolicyItem(shop=world.shop, keep_up_to=most, outcomes=["refund", "keep"])
    set_return_policies([policy], actor=build.TESTER)[0].require()
    order = build.shipped(world, (world.skus[0], 3))
    build.invoice(order)
    return order


def test_what_one_request_may_not_several_may_not_either() -> None:
    order, other = offered(), offered()
    first = build.request(order, outcome="keep").require().id
    assert first is not None

    second = build.request(order, outcome="keep")
    assert code(second) == "too_dear_to_keep"
    assert second.error is not None
    assert "15.00" in second.error.message
    build.request(other, outcome="keep").require()
    # To send goods back for money stays open to the customer.
    build.request(order).require()

    reject_return_requests([RejectRequestItem(return_request_id=first, reason="No")], actor=build.TESTER)[0].require()  # fmt: skip
    again = build.request(order, outcome="keep").require().id
    assert again is not None
    approve_return_requests([ApproveRequestItem(return_request_id=again)], actor=build.TESTER)[0].require()  # fmt: skip
    assert code(build.request(order, outcome="keep")) == "too_dear_to_keep"
    keep(again)[0].require()
    assert code(build.request(order, outcome="keep")) == "too_dear_to_keep"


def test_requests_of_one_call_share_the_limit_too() -> None:
    order, other = offered(), offered("20.00")
    items = [
        convert({"order_id": str(key), "lines": [build.back(key)], "outcome": "keep", **more}, ReturnRequestItem)
        for key, more in ((order, {}), (order, {}), (other, {"as_favour": True}), (other, {}), (other, {}))
    ]  # fmt: skip

    made = create_return_requests(items, actor=build.TESTER)

    assert [o.error.code if o.error else "" for o in made] == ["", "too_dear_to_keep", "", "", "too_dear_to_keep"]  # fmt: skip


def test_a_colleague_lets_keep_no_more_of_an_order_in_several_requests() -> None:
    order = offered()
    first, second, third = (build.request(order).require().id for _ in range(3))
    assert first is not None
    assert second is not None
    assert third is not None

    done = keep(first, second)
    assert done[0].ok
    assert code(done[1]) == "too_dear_to_keep"
    assert code(keep(third)[0]) == "too_dear_to_keep"
    assert credited(order) == [1000]
