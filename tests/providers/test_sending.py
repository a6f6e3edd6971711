"""Refunds at a provider: sent once whatever breaks, looked up when nobody knows, settled by what the provider says."""

import pytest
from django.db import IntegrityError
from django.db.transaction import atomic

from orderwerk.checks.run import ALL, run_checks
from orderwerk.core import sql
from orderwerk.flows.cancel_orders import CancelItem, cancel_orders
from orderwerk.flows.look_at_payments import look_at_payments
from orderwerk.integrations.payment_providers.registry import PROVIDERS
from orderwerk.payments.commands.set_accounts import AccountItem, set_payment_accounts
from orderwerk.refunds.commands.approve import ApproveRefundItem, approve_refunds
from orderwerk.refunds.commands.retry import RetryRefundItem, retry_refunds
from orderwerk.refunds.commands.settle import SettleRefundItem, settle_refunds
from orderwerk.refunds.commands.submit import SubmitRefundItem, submit_refunds
from tests import build
from tests.doubles.shop import Connected, held, hurry, refund
from tests.doubles.wire import MOVES_MONEY

NOT_HEALTHY = {"durable", "stuck-outbox", "nets-role"}


def healthy() -> None:
    report = run_checks([x for x in ALL if x.id not in NOT_HEALTHY])
    assert (report.findings, report.unchecked) == ([], {})


def look() -> None:
    hurry()
    look_at_payments(PROVIDERS)


def settle_all(shop: Connected) -> None:
    done = {"mollie": "refunded", "stripe": "succeeded"}[shop.provider]
    for found in list(shop.double.refunds.values()):
        if found.status == "pending":
            shop.double.move(found.id, done)


def test_a_refund_is_sent_once_and_settled_when_the_provider_says_so(shop: Connected) -> None:
    shop.double.next_status = "pending"
    order = shop.order()
    key = shop.handed_over(order)
    assert (refund(key)["via"], refund(key)["effect"]) == (shop.provider, "intended")

    assert shop.send(key) == 1

    after = refund(key)
    assert (after["status"], after["effect"], after["word"]) == ("submitted", "succeeded", "pending")  # fmt: skip
    assert after["reference"] == after["effect_reference"] != ""
    assert (held(order), shop.send(), shop.double.money_out()) == ((1200, 0), 0, 1200)

    settle_all(shop)
    look()

    assert (refund(key)["status"], held(order)) == ("succeeded", (1200, 1200))
    assert shop.double.money_out() == 1200
    healthy()


def test_what_is_cancelled_after_a_refund_was_made_does_not_change_what_the_provider_is_asked_for(shop: Connected) -> None:  # fmt: skip
    order = shop.order()
    key = shop.handed_over(order)
    cancel_orders([CancelItem(order_id=order, reason="No")], actor=build.TESTER)[0].require()
    build.invoice(order)

    assert shop.send(key) == 1

    assert [found.amount for found in shop.double.refunds.values()] == [1200]
    assert shop.double.money_out() == 1200
    [(credited, refundable)] = sql.fetch("select credited_minor, refundable_minor from orders_order where id = %s", (order,))  # fmt: skip
    assert (credited, refundable) == (3000, 3000)


@pytest.mark.parametrize("fault", ["hang_before", "hang_after", "408_after", "500_before", "500_after", "cut_before", "cut_after", "garbage_before", "garbage_after"])  # fmt: skip
def test_what_nobody_knows_is_in_doubt_looked_up_and_never_paid_twice(
    shop: Connected, fault: str
) -> None:
    order = shop.order()
    key = shop.handed_over(order)
    shop.double.fail(fault, on="create_refunds")

    shop.send(key)

    assert (refund(key)["status"], refund(key)["effect"]) == ("submitted", "in_doubt")
    assert held(order) == (1200, 0)
    assert shop.double.money_out() == (1200 if fault in MOVES_MONEY else 0)
    assert shop.send() == 0  # not before its time
    # The provider has forgotten our key meanwhile: only the look keeps us from paying twice.
    shop.double.forget_keys()
    hurry()
    shop.send()
    look()

    settle_all(shop)
    look()
    assert (refund(key)["status"], refund(key)["effect"]) == ("succeeded", "succeeded")
    assert (shop.double.money_out(), len(shop.double.refunds)) == (1200, 1)
    healthy()


def test_a_payment_that_is_not_shown_for_a_while_leaves_it_in_doubt(shop: Connected) -> None:
    order = shop.order()
    key = shop.handed_over(order)
    shop.double.fail("cut_after", on="create_refunds")
    shop.send(key)
    [(reference,)] = sql.fetch("select reference from payments_payment where order_id = %s", (order,))  # fmt: skip
    held = getattr(shop.double, {"mollie": "payments", "stripe": "intents"}[shop.provider])
    hidden = held.pop(reference)
    hurry()
    shop.send()
    assert (refund(key)["status"], refund(key)["effect"]) == ("submitted", "in_doubt")

    held[reference] = hidden
    shop.double.forget_keys()
    hurry()
    shop.send()
    assert (refund(key)["effect"], shop.double.money_out()) == ("succeeded", 1200)


@pytest.mark.hangs
def test_a_look_that_fails_leaves_it_in_doubt(shop: Connected) -> None:
    key = shop.handed_over(shop.order())
    shop.double.fail("hang_after", on="create_refunds")
    shop.send(key)

    # A no to the question says nothing of what the call before it has done.
    for fault in ("400", "410_before", "500_before", "429", "garbage_before", "cut_before"):
        shop.double.calm()
        shop.double.fail(fault, on="get_refunds")
        hurry()
        shop.send()
        assert (refund(key)["status"], refund(key)["effect"]) == ("submitted", "in_doubt")

    hurry()
    shop.send()
    assert (refund(key)["effect"], shop.double.money_out()) == ("succeeded", 1200)


def test_what_certainly_did_not_happen_is_tried_again_by_itself(shop: Connected) -> None:
    key = shop.handed_over(shop.order())
    shop.double.fail("429", on="create_refunds")
    shop.send(key)
    assert (refund(key)["effect"], shop.double.money_out()) == ("intended", 0)
    assert "later" in sql.fetch("select note from core_effect")[0][0]

    shop.double.key = "rotated"
    hurry()
    shop.send()
    assert (refund(key)["status"], refund(key)["effect"]) == ("submitted", "intended")

    right = {"mollie": "test_0123456789abcdef", "stripe": "sk_test_0123456789abcdef"}[shop.provider]
    shop.double.key = right
    item = AccountItem(shop=shop.world.shop, provider=shop.provider, key=right)  # type: ignore[arg-type]
    set_payment_accounts([item], actor=build.TESTER)[0].require()
    hurry()
    shop.send()
    assert (refund(key)["effect"], shop.double.money_out()) == ("succeeded", 1200)


def test_a_refusal_frees_the_amount_and_another_try_is_another_call(shop: Connected) -> None:
    order = shop.order()
    key = shop.handed_over(order)
    # Somebody has refunded all of it in the provider's own pages.
    [(reference,)] = sql.fetch("select reference from payments_payment where order_id = %s", (order,))  # fmt: skip
    by_hand = shop.double.refund_by_hand(reference, 3000)

    shop.send(key)

    assert (refund(key)["status"], refund(key)["effect"], held(order)) == ("failed", "failed", (0, 0))  # fmt: skip
    assert refund(key)["note"] != ""
    shop.double.move(by_hand, "failed")
    retry_refunds([RetryRefundItem(refund_id=key)], actor=build.TESTER)[0].require()
    submit_refunds([SubmitRefundItem(refund_id=key)], actor=build.TESTER)[0].require()
    shop.send()

    assert (refund(key)["attempts"], refund(key)["effect"]) == (2, "succeeded")
    assert (shop.double.money_out(), held(order)[0]) == (1200, 1200)
    assert sql.fetch("select count(distinct business_key), count(*) from core_effect")[0] == (2, 2)
    healthy()


def test_what_a_bank_took_back_while_the_provider_was_away_is_not_asked_for(
    shop: Connected,
) -> None:
    order = shop.order()
    keys = [shop.handed_over(order, amount) for amount in ("12.00", "8.00")]
    build.charge_back(order, 1500)

    shop.send()

    # Together they do not fit into what is left; once the one is given up, the other does.
    [failed] = [key for key in keys if refund(key)["status"] == "failed"]
    assert "charged back" in refund(failed)["note"]
    assert len(shop.double.refunds) == 1
    build.charge_back(order, 0)
    retry_refunds([RetryRefundItem(refund_id=failed)], actor=build.TESTER)[0].require()
    submit_refunds([SubmitRefundItem(refund_id=failed)], actor=build.TESTER)[0].require()
    shop.send()
    settle_all(shop)
    look()
    assert [refund(key)["status"] for key in keys] == ["succeeded"] * 2
    assert (shop.double.money_out(), held(order)[0]) == (2000, 2000)
    healthy()


def test_what_may_still_show_up_is_not_given_up_when_a_bank_takes_its_money_back(
    shop: Connected,
) -> None:
    order = shop.order()
    key = shop.handed_over(order)
    shop.double.fail("500_before", on="create_refunds")
    shop.send(key)
    shop.double.calm()
    build.charge_back(order, 2500)

    ends = []
    for minutes in (9, 11):
        hurry()
        sql.execute("update core_effect set called_at = now() - make_interval(mins => %s)", (minutes,))  # fmt: skip
        shop.send()
        ends.append((refund(key)["status"], refund(key)["effect"]))

    assert ends == [("submitted", "in_doubt"), ("failed", "failed")]
    assert (shop.double.money_out(), held(order)) == (0, (0, 0))


def test_one_that_may_still_show_up_keeps_no_other_and_ends_at_the_look_after_it(
    shop: Connected,
) -> None:
    order = shop.order()
    key = shop.handed_over(order)
    shop.double.fail("500_before", on="create_refunds")
    shop.send(key)
    shop.double.calm()
    build.charge_back(order, 2500)
    other = shop.handed_over(shop.order())
    # The other is behind it in turn.
    sql.execute("update core_effect set next_attempt_at = now() - interval '1 second' where status = 'intended'")  # fmt: skip
    sql.execute("update core_effect set next_attempt_at = now() - interval '1 hour' where status = 'in_doubt'")  # fmt: skip

    assert shop.send() == 2

    assert (refund(key)["status"], refund(key)["effect"]) == ("submitted", "in_doubt")
    assert (refund(other)["effect"], shop.double.money_out()) == ("succeeded", 1200)
    # Ten minutes later it is due again, and nothing has shown up.
    pass_time(300)
    assert shop.send() == 0
    pass_time(301)
    assert shop.send() == 1
    assert (refund(key)["status"], refund(key)["effect"]) == ("failed", "failed")
    assert (held(order), shop.double.money_out()) == ((0, 0), 1200)


def pass_time(seconds: int) -> None:
    """Let an effect stand as if so many seconds had passed."""
    sql.execute(
        "update core_effect set called_at = called_at - make_interval(secs => %s), "
        "next_attempt_at = next_attempt_at - make_interval(secs => %s)",
        (seconds, seconds),
    )


def test_a_refund_that_fails_later_can_be_paid_by_hand(shop: Connected) -> None:
    shop.double.next_status = "pending"
    order = shop.order()
    key = shop.handed_over(order)
    shop.send(key)
    shop.double.move(refund(key)["reference"], "failed")
    look()
    assert (refund(key)["status"], held(order)) == ("failed", (0, 0))

    retry_refunds([RetryRefundItem(refund_id=key, by_hand=True)], actor=build.TESTER)[0].require()
    submit_refunds([SubmitRefundItem(refund_id=key)], actor=build.TESTER)[0].require()

    assert (refund(key)["via"], refund(key)["effect"], shop.send()) == ("manual", None, 0)
    done = SettleRefundItem(refund_id=key, status="succeeded", reference="bank 1")
    settle_refunds([done], actor=build.TESTER)[0].require()
    look()
    assert (refund(key)["status"], held(order), shop.double.money_out()) == ("succeeded", (1200, 1200), 0)  # fmt: skip
    healthy()


def test_a_success_that_is_taken_back_is_a_reversal_and_can_be_paid_once_more(shop: Connected) -> None:  # fmt: skip
    shop.double.next_status = "pending"
    order = shop.order()
    key = shop.handed_over(order)
    shop.send(key)
    settle_all(shop)
    look()
    assert held(order) == (1200, 1200)
    shop.double.move(refund(key)["reference"], "failed")

    for _ in range(3):
        sql.execute("update payments_look set due_at = now() - interval '1 second'")
        look_at_payments(PROVIDERS)

    assert (refund(key)["status"], held(order)) == ("succeeded", (0, 0))
    assert sql.fetch("select refund_id, amount_minor from refunds_reversal") == [(key, 1200)]
    moved = sql.fetch("select kind, debit, credit, amount_minor from payments_entry where order_id = %s and kind <> 'captured' order by kind", (order,))  # fmt: skip
    assert moved == [("refund", "customer", "provider", 1200), ("reversal", "provider", "customer", 1200)]  # fmt: skip
    healthy()
    with pytest.raises(IntegrityError), atomic():
        sql.execute("delete from refunds_reversal")


def test_nobody_settles_by_hand_what_a_provider_moves(shop: Connected) -> None:
    key = shop.handed_over(shop.order())
    item = SettleRefundItem(refund_id=key, status="failed")

    outcome = settle_refunds([item], actor=build.TESTER)[0]

    assert outcome.error is not None
    assert outcome.error.code == "provider_decides"
    assert refund(key)["status"] == "submitted"


@pytest.mark.hangs
def test_a_caller_that_was_killed_is_found_and_looked_up(shop: Connected) -> None:
    key = shop.handed_over(shop.order())
    # The worker was killed after the provider had done it: the call is marked, the answer was never stored.
    shop.double.fail("hang_after", on="create_refunds")
    shop.send(key)
    sql.execute("update core_effect set status = 'called', called_at = now() - interval '1 minute'")
    assert shop.send() == 0
    sql.execute("update core_effect set called_at = now() - interval '3 minutes'")

    shop.send()

    assert (refund(key)["effect"], shop.double.money_out()) == ("succeeded", 1200)
    assert len(shop.double.refunds) == 1


def test_what_a_restored_backup_has_forgotten_is_looked_up_before_it_is_sent(shop: Connected) -> None:  # fmt: skip
    key = shop.handed_over(shop.order())
    shop.send(key)
    reference = refund(key)["reference"]
    # As it stood an hour ago: intended, nothing sent. The provider knows better.
    sql.execute("set session_replication_role = replica")
    sql.execute("update core_effect set status = 'intended', attempts = 0, called_at = null, finished_at = null, provider_reference = null, created_at = now() - interval '1 hour'")  # fmt: skip
    sql.execute("update refunds_refund set status = 'submitted', provider_reference = '', finished_at = null, version = 3")  # fmt: skip
    for table in ("payments_payment", "invoices_invoice", "orders_order"):
        sql.execute(f"update {table} set refunded_minor = 0")
    sql.execute("delete from core_event where aggregate_id = %s and seq > 3", (key,))
    sql.execute("delete from payments_entry where kind = 'refund'")
    sql.execute("set session_replication_role = origin")
    shop.double.forget_keys()

    shop.send()

    assert (refund(key)["reference"], shop.double.money_out()) == (reference, 1200)


def test_a_credit_over_two_payments_goes_back_on_both(shop: Connected) -> None:
    first, second = shop.double.pay(2000), shop.double.pay(1000)
    order = shop.world.place(
        (shop.world.skus[0], 3),
        payments=[shop.payment(first, "20.00"), shop.payment(second, "10.00")],
    )
    build.invoice(order)
    build.refund(order, "25.00")
    keys = [row[0] for row in sql.fetch("select id from refunds_refund order by number")]
    approve_refunds([ApproveRefundItem(refund_id=key) for key in keys], actor=build.TESTER)
    submit_refunds([SubmitRefundItem(refund_id=key) for key in keys], actor=build.TESTER)

    shop.send()
    settle_all(shop)
    look()

    assert (shop.double.money_out(first), shop.double.money_out(second)) == (2000, 500)
    assert held(order) == (2500, 2500)
    healthy()
