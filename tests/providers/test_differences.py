"""Refunds made at the provider by hand, and the daily reconciliation: matched, or shown to a person; never paid twice."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from orderwerk.core import clock, sql
from orderwerk.core.actor import Actor
from orderwerk.flows.look_at_payments import look_at_payments
from orderwerk.flows.reconcile_payments import reconcile_day, reconcile_due
from orderwerk.integrations.payment_providers.registry import PROVIDERS
from orderwerk.invoices.commands.credit import CreditItem, credit_invoices
from orderwerk.payments.accounts import accounts_in_use
from orderwerk.refunds.commands.approve import ApproveRefundItem, approve_refunds
from orderwerk.refunds.commands.create import CreateRefundItem, create_refunds
from orderwerk.refunds.commands.resolve_differences import (
    ResolveDifferenceItem,
    resolve_differences,
)
from orderwerk.refunds.commands.submit import SubmitRefundItem, submit_refunds
from tests import build
from tests.doubles.mollie import Payment as MolliePayment
from tests.doubles.shop import Connected, held, hurry, refund
from tests.providers.test_incoming import tell
from tests.providers.test_sending import healthy


def _reference(order: Any) -> str:
    [(found,)] = sql.fetch("select reference from payments_payment where order_id = %s", (order,))
    return str(found)


def _look(shop: Connected, payment: str) -> None:
    tell(shop, payment)
    hurry()
    look_at_payments(PROVIDERS)


def _differences() -> list[Any]:
    return sql.fetch("select kind, status, reference, theirs_minor from refunds_difference order by id")  # fmt: skip


def test_one_made_by_hand_that_was_approved_here_is_that_one_and_is_not_sent(shop: Connected) -> None:  # fmt: skip
    order = shop.order()
    key = build.refund(order, "12.00")
    approve_refunds([ApproveRefundItem(refund_id=key)], actor=build.TESTER)[0].require()
    made = shop.double.refund_by_hand(_reference(order), 1200)

    _look(shop, _reference(order))
    refused = submit_refunds([SubmitRefundItem(refund_id=key)], actor=build.TESTER)[0]
    shop.send()

    assert refused.error is not None
    assert (refund(key)["status"], refund(key)["reference"]) == ("succeeded", made)
    assert (shop.double.money_out(), held(order), _differences()) == (1200, (1200, 1200), [])
    healthy()


def test_one_that_nobody_asked_for_is_shown_once_and_matched_by_the_credit_that_follows(shop: Connected) -> None:  # fmt: skip
    order = shop.order()
    made = shop.double.refund_by_hand(_reference(order), 700)
    for _ in range(3):
        _look(shop, _reference(order))
    assert _differences() == [("unknown_refund", "open", made, 700)]

    item = CreditItem(invoice_id=build.invoices(order)[0]["id"], reason="x", amount="7.00")
    credit = credit_invoices([item], actor=build.TESTER)[0].require().id
    created = create_refunds([CreateRefundItem(invoice_id=credit)], actor=build.TESTER)[0].require()  # type: ignore[arg-type]
    [key] = created.data["refunds"]
    approve_refunds([ApproveRefundItem(refund_id=key)], actor=build.TESTER)[0].require()
    submit_refunds([SubmitRefundItem(refund_id=key)], actor=build.TESTER)[0].require()
    shop.send()
    hurry()
    look_at_payments(PROVIDERS)

    assert (refund(key)["status"], refund(key)["reference"]) == ("succeeded", made)
    assert (shop.double.money_out(), len(shop.double.refunds), held(order)) == (700, 1, (700, 700))
    assert _differences() == [("unknown_refund", "matched", made, 700)]
    healthy()


def test_one_that_was_shown_first_and_approved_here_later_is_unknown_no_more(shop: Connected) -> None:  # fmt: skip
    order = shop.order()
    made = shop.double.refund_by_hand(_reference(order), 700)
    _look(shop, _reference(order))
    key = build.refund(order, "7.00")
    approve_refunds([ApproveRefundItem(refund_id=key)], actor=build.TESTER)[0].require()

    _look(shop, _reference(order))

    assert (refund(key)["status"], refund(key)["reference"]) == ("succeeded", made)
    assert _differences() == [("unknown_refund", "matched", made, 700)]
    healthy()


def test_one_that_a_person_has_explained_is_never_taken_for_a_refund_that_has_to_go(shop: Connected) -> None:  # fmt: skip
    order = shop.order()
    made = shop.double.refund_by_hand(_reference(order), 700)
    _look(shop, _reference(order))
    [(difference,)] = sql.fetch("select id from refunds_difference")
    item = ResolveDifferenceItem(difference_id=difference, note="A gift, agreed by telephone")
    resolve_differences([item], actor=build.TESTER)[0].require()
    key = build.refund(order, "7.00")
    approve_refunds([ApproveRefundItem(refund_id=key)], actor=build.TESTER)[0].require()

    _look(shop, _reference(order))
    submit_refunds([SubmitRefundItem(refund_id=key)], actor=build.TESTER)[0].require()
    shop.send()

    assert refund(key)["reference"] not in {"", made}
    assert shop.double.money_out() == 1400
    assert _differences() == [("unknown_refund", "explained", made, 700)]
    healthy()


def test_of_two_that_would_fit_a_person_chooses(shop: Connected) -> None:
    order = shop.order()
    first, second = (shop.handed_over_by_hand(order, "5.00") for _ in range(2))
    made = shop.double.refund_by_hand(_reference(order), 500)
    _look(shop, _reference(order))
    [(difference,)] = sql.fetch("select id from refunds_difference")

    def match(key: Any, actor: Actor = build.TESTER) -> Any:
        item = ResolveDifferenceItem(difference_id=difference, refund_id=key)
        return resolve_differences([item], actor=actor)[0]

    assert match(uuid4()).error.code == "unknown_refund"
    assert match(second, build.limited(uuid4())).error is not None
    match(second).require()
    hurry()
    look_at_payments(PROVIDERS)

    assert match(first).error.code == "resolved"
    assert [refund(key)["status"] for key in (first, second)] == ["submitted", "succeeded"]
    assert (refund(second)["reference"], refund(first)["via"]) == (made, "manual")
    healthy()


def test_above_the_limit_nobody_matches_what_they_caused(mollie: Connected) -> None:
    sql.execute("update shops_shop set four_eyes_above = '1.00'")
    order = mollie.order()
    author = Actor("user", "ann", id=uuid4())
    item = CreditItem(invoice_id=build.invoices(order)[0]["id"], reason="x", amount="6.00")
    credit = credit_invoices([item], actor=author)[0].require().id
    made = create_refunds([CreateRefundItem(invoice_id=credit)], actor=build.TESTER)[0].require()  # type: ignore[arg-type]
    [key] = made.data["refunds"]
    mollie.double.refund_by_hand(_reference(order), 600)
    _look(mollie, _reference(order))
    [(difference,)] = sql.fetch("select id from refunds_difference")
    match = ResolveDifferenceItem(difference_id=difference, refund_id=key)

    refused = resolve_differences([match], actor=author)[0]
    assert refused.error is not None
    assert (refused.error.code, refund(key)["status"]) == ("four_eyes", "awaiting_approval")
    resolve_differences([match], actor=Actor("user", "bob", id=uuid4()))[0].require()

    assert refund(key)["status"] == "submitted"
    healthy()


def test_an_explanation_books_nothing(mollie: Connected) -> None:
    order = mollie.order()
    mollie.double.refund_by_hand(_reference(order), 600)
    _look(mollie, _reference(order))
    [(difference,)] = sql.fetch("select id from refunds_difference")

    empty = resolve_differences([ResolveDifferenceItem(difference_id=difference)], actor=build.TESTER)[0]  # fmt: skip
    done = ResolveDifferenceItem(difference_id=difference, note="Gift to the customer")
    resolve_differences([done], actor=build.TESTER)[0].require()

    assert empty.error is not None
    assert held(order) == (0, 0)
    assert [row[1] for row in _differences()] == ["explained"]
    _look(mollie, _reference(order))
    assert len(_differences()) == 1


def _yesterday(shop: Connected) -> datetime:
    return _at(shop, clock.now() - timedelta(days=1))


def _at(shop: Connected, moment: datetime) -> datetime:
    """Let the provider's clock stand at a moment."""
    if shop.provider == "mollie":
        shop.double.clock = lambda: moment
    else:
        shop.double.clock = moment.timestamp
    return moment


def _payments_there(shop: Connected) -> dict[str, Any]:
    """The payments at the double, by the name that we know them by."""
    found: dict[str, Any] = (
        shop.double.payments if shop.provider == "mollie" else shop.double.intents
    )
    return found


def _begun(payment: Any, moment: datetime) -> None:
    """Let a payment at the double have been begun at a moment."""
    if isinstance(payment, MolliePayment):
        payment.created_at = moment
    else:
        payment.created = int(moment.timestamp())


def _reconcile(shop: Connected, moment: datetime) -> int:
    account = accounts_in_use([shop.account_id])[shop.account_id]
    day = clock.business_date(moment, "Europe/Amsterdam")
    return reconcile_day(PROVIDERS[shop.provider], account, day, "Europe/Amsterdam")


def _days() -> list[Any]:
    return sql.fetch("select ours_count, ours_minor, theirs_count, theirs_minor, found from refunds_reconciliation")  # fmt: skip


def _paid_days() -> list[Any]:
    """What came in on a day: pieces, sum and pieces in other currencies, ours and theirs; and what was not asked for."""
    return sql.fetch(
        "select ours_paid_count, ours_paid_minor, ours_paid_foreign, theirs_paid_count, theirs_paid_minor, theirs_paid_foreign, not_asked "
        "from refunds_reconciliation"
    )


def test_a_day_on_which_all_is_well_agrees(shop: Connected) -> None:
    moment = _yesterday(shop)
    with clock.told(moment):
        orders = [shop.order() for _ in range(3)]
        keys = [shop.handed_over(order) for order in orders]
        shop.send(*keys)
    shop.double.page = 2

    assert _reconcile(shop, moment) == 0
    assert _reconcile(shop, moment) == 0

    assert _days() == [(3, 3600, 3, 3600, 0)]
    assert _paid_days() == [(3, 9000, 0, 3, 9000, 0, 0)]
    assert _differences() == []


def test_a_day_tells_what_only_one_side_knows(shop: Connected) -> None:
    moment = _yesterday(shop)
    with clock.told(moment):
        one, other = shop.order(), shop.order()
        keys = [shop.handed_over(order) for order in (one, other)]
        shop.send(*keys)
        by_hand = shop.double.refund_by_hand(_reference(one), 100)
        unknown = shop.double.pay(999)
    lost = refund(keys[1])["reference"]
    del shop.double.refunds[lost]

    assert _reconcile(shop, moment) == 3
    assert _reconcile(shop, moment) == 0

    found = {(row[0], row[2]) for row in _differences()}
    assert found == {("unknown_refund", by_hand), ("missing_refund", lost), ("unknown_payment", unknown)}  # fmt: skip
    assert _days() == [(2, 2400, 2, 1300, 3)]
    # A payment of 9.99 is known to the provider alone.
    assert _paid_days() == [(2, 6000, 0, 3, 6999, 0, 0)]


def test_one_that_is_matched_on_a_later_day_is_of_the_day_on_which_it_was_made(shop: Connected) -> None:  # fmt: skip
    today = clock.start_of_day(clock.business_date(clock.now(), "Europe/Amsterdam"), "Europe/Amsterdam")  # fmt: skip
    monday, wednesday = today + timedelta(hours=12), today + timedelta(days=2, hours=12)
    with clock.told(monday):
        order = shop.order()
        made = shop.double.refund_by_hand(_reference(order), 700)
    with clock.told(wednesday):
        assert _reconcile(shop, monday) == 1
        key = build.refund(order, "7.00")
        approve_refunds([ApproveRefundItem(refund_id=key)], actor=build.TESTER)[0].require()
        _look(shop, _reference(order))
    assert refund(key)["reference"] == made

    with clock.told(wednesday + timedelta(days=1)):
        assert _reconcile(shop, wednesday) == 0

    assert _differences() == [("unknown_refund", "matched", made, 700)]


def test_one_that_is_matched_on_the_day_on_which_it_was_made_counts_on_both_sides(shop: Connected) -> None:  # fmt: skip
    today = clock.start_of_day(clock.business_date(clock.now(), "Europe/Amsterdam"), "Europe/Amsterdam")  # fmt: skip
    moment = _at(shop, today + timedelta(days=1, hours=12))
    with clock.told(moment):
        order = shop.order()
        made = shop.double.refund_by_hand(_reference(order), 700)
        _look(shop, _reference(order))
        assert _differences() == [("unknown_refund", "open", made, 700)]
        key = build.refund(order, "7.00")
        approve_refunds([ApproveRefundItem(refund_id=key)], actor=build.TESTER)[0].require()
        _look(shop, _reference(order))
    assert refund(key)["reference"] == made

    with clock.told(moment + timedelta(days=1)):
        assert _reconcile(shop, moment) == 0

    assert _days() == [(1, 700, 1, 700, 0)]


def _oclock(day: date, hour: int) -> datetime:
    # By the clock on the wall, also on the two days of the year on which it is changed.
    return datetime.combine(day, time(hour), ZoneInfo("Europe/Amsterdam")).astimezone(UTC)


def test_yesterday_is_reconciled_once_every_morning_and_again_when_the_provider_fails(shop: Connected) -> None:  # fmt: skip
    today = clock.business_date(clock.now(), "Europe/Amsterdam")
    with clock.told(_oclock(today, 4)):
        assert reconcile_due(PROVIDERS) == 0
    with clock.told(_oclock(today, 6)):
        shop.double.fail("500_before")
        assert reconcile_due(PROVIDERS) == 0
        assert [reconcile_due(PROVIDERS) for _ in range(2)] == [1, 0]

    assert _days() == [(0, 0, 0, 0, 0)]


def test_days_that_were_missed_are_caught_up_with_oldest_first(shop: Connected) -> None:
    today = clock.business_date(clock.now(), "Europe/Amsterdam")

    def run(days_on: int, hour: int = 6) -> int:
        with clock.told(_oclock(today + timedelta(days=days_on), hour)):
            return reconcile_due(PROVIDERS)

    def days() -> list[int]:
        rows = sql.fetch("select day from refunds_reconciliation order by ran_at, day")
        return [(row[0] - today).days for row in rows]

    assert run(0) == 1
    # Two days away: what was missed comes with yesterday, and before its morning without it.
    assert run(3, hour=4) == 2
    assert days() == [-1, 0, 1]
    assert run(3) == 1
    assert days() == [-1, 0, 1, 2]
    # The provider fails at the first of two days: the second waits for it.
    shop.double.fail("500_before")
    assert run(5) == 0
    assert run(5) == 2
    # Away for months: a month is caught up with.
    assert run(100) == 31
    assert days()[-31:] == list(range(69, 100))


def test_a_day_tells_of_payments_that_the_provider_does_not_know(shop: Connected) -> None:
    moment = _yesterday(shop)
    with clock.told(moment):
        kept, lost = shop.order(), shop.order()
    earlier = shop.double.pay(1000)
    there = _payments_there(shop)
    _begun(there[earlier], moment - timedelta(days=3))
    with clock.told(moment):
        paid_before = shop.world.place(payments=[shop.payment(earlier, "10.00")])
    name = _reference(lost)
    del there[name]

    assert _reconcile(shop, moment) == 1
    assert _reconcile(shop, moment) == 0

    assert _differences() == [("missing_payment", "open", name, None)]
    [row] = sql.fetch("select payment_id, ours_minor, ours, theirs from refunds_difference")
    assert row[1:] == (3000, "paid", "")
    assert _reference(kept) in there
    assert _reference(paid_before) == earlier


def test_a_payment_begun_before_that_differs_there_is_told(shop: Connected) -> None:
    moment = _yesterday(shop)
    earlier = shop.double.pay(1200)
    there = _payments_there(shop)
    _begun(there[earlier], moment - timedelta(days=3))
    with clock.told(moment):
        shop.world.place(payments=[shop.payment(earlier, "10.00")])

    assert _reconcile(shop, moment) == 1
    assert _differences() == [("payment_differs", "open", earlier, 1200)]
    # Each side is counted as it says.
    [(_, ours, _, _, theirs, _, _)] = _paid_days()
    assert (ours, theirs) == (1000, 1200)


def test_what_is_too_much_to_ask_for_is_counted_and_shown(
    mollie: Connected, enter: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    moment = _yesterday(mollie)
    names = [mollie.double.pay(1000) for _ in range(3)]
    for name in names:
        _begun(_payments_there(mollie)[name], moment - timedelta(days=3))
    with clock.told(moment):
        for name in names:
            mollie.world.place(payments=[mollie.payment(name, "10.00")])
    monkeypatch.setattr("orderwerk.flows.reconcile_payments._MOST_LOOKS", 1)

    assert _reconcile(mollie, moment) == 0

    assert _paid_days() == [(3, 3000, 0, 1, 1000, 0, 2)]
    page = enter("finance").get("/refunds/reconciliations/").content.decode()
    assert "2 payments not asked for" in page
    assert "agrees" not in page
    monkeypatch.setattr("orderwerk.flows.reconcile_payments._MOST_LOOKS", 200)
    assert _reconcile(mollie, moment) == 0
    assert _paid_days() == [(3, 3000, 0, 3, 3000, 0, 0)]
    page = enter("finance").get("/refunds/reconciliations/").content.decode()
    assert "agrees" in page
    assert "not asked for" not in page


def test_a_day_adds_no_amounts_of_different_currencies(shop: Connected) -> None:
    moment = _yesterday(shop)
    with clock.told(moment):
        euros = shop.order()
        reference = shop.double.pay(3000, currency="USD")
        dollars = shop.world.place((shop.world.skus[0], 3), currency="USD", payments=[shop.payment(reference, "30.00")])  # fmt: skip
        build.invoice(dollars)
        shop.send(*[shop.handed_over(order) for order in (euros, dollars)])

    assert _reconcile(shop, moment) == 0

    assert _days() == [(1, 1200, 1, 1200, 0)]
    assert sql.fetch("select currency, ours_foreign, theirs_foreign from refunds_reconciliation") == [("EUR", 1, 1)]  # fmt: skip
    assert _paid_days() == [(1, 3000, 1, 1, 3000, 1, 0)]


@pytest.mark.parametrize("verb", ["match", "explain"])
def test_a_difference_is_shown_and_resolved_in_the_console(enter: Any, mollie: Connected, verb: str) -> None:  # fmt: skip
    order = mollie.order()
    first = mollie.handed_over_by_hand(order, "5.00")
    mollie.handed_over_by_hand(order, "5.00")
    made = mollie.double.refund_by_hand(_reference(order), 500)
    _look(mollie, _reference(order))
    [(difference,)] = sql.fetch("select id from refunds_difference")
    client = enter("finance")

    assert made in client.get("/refunds/differences/").content.decode()
    assert "Differences" in client.get("/refunds/").content.decode()
    path = f"/refunds/differences/{difference}/{verb}/"
    assert client.get(path).status_code == 200
    assert client.post(path, {"x": "y"}).status_code == 422
    assert client.post(path, {"refund_id": str(first), "note": "x"}).status_code == 302

    assert [row[1] for row in _differences()] == [{"match": "matched", "explain": "explained"}[verb]]  # fmt: skip
    _reconcile(mollie, clock.now())
    assert client.get("/refunds/reconciliations/").status_code == 200
