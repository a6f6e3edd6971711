"""Customers hear once that a refund is on its way: by the provider, or by a colleague's transfer."""

from typing import Any
from uuid import UUID

import pytest

from orderwerk.core import sql
from orderwerk.flows.write_emails import write_event_emails
from orderwerk.refunds.commands.approve import ApproveRefundItem, approve_refunds
from orderwerk.refunds.commands.settle import SettleRefundItem, settle_refunds
from orderwerk.refunds.commands.submit import SubmitRefundItem, submit_refunds
from tests import build

pytestmark = pytest.mark.django_db


def _events(refund: UUID) -> list[UUID]:
    kinds = ["refund.accepted", "refund.succeeded"]
    rows = sql.fetch(
        "select id from core_event where aggregate_id = %s and kind = any(%s)", (refund, kinds)
    )
    return [row[0] for row in rows]


def _paid(locale: str) -> tuple[UUID, list[UUID]]:
    world = build.world(locale=locale)
    order = world.place((world.skus[0], 3), locale=locale)
    build.invoice(order)
    key = build.refund(order, "12.00")
    approve_refunds([ApproveRefundItem(refund_id=key)], actor=build.TESTER)[0].require()
    submit_refunds([SubmitRefundItem(refund_id=key)], actor=build.TESTER)[0].require()
    assert _events(key) == []
    settle_refunds([SettleRefundItem(refund_id=key, status="succeeded")], actor=build.TESTER)
    return order, _events(key)


@pytest.mark.parametrize(
    ("locale", "words"),
    [("nl", "per bankoverschrijving"), ("en", "by bank transfer"), ("de", "per Überweisung"), ("fr", "par virement")],
)  # fmt: skip
def test_the_customer_hears_once_and_in_their_language(locale: str, words: str) -> None:
    order, events = _paid(locale)

    write_event_emails(events)
    assert write_event_emails(events * 2) == []

    [(body,)] = sql.fetch("select body_text from emails_email where order_id = %s", (order,))
    assert words in body
    assert "12" in body
    assert "{{" not in body


def test_a_refund_that_a_provider_took_is_told_of_once_although_it_succeeds_later() -> None:
    world = build.world()
    order = world.place()
    build.invoice(order)
    key = build.refund(order, "5.00")
    sql.execute("set session_replication_role = replica")
    sql.execute("update refunds_refund set via = 'mollie', effect_id = gen_random_uuid()")
    values: tuple[Any, ...] = (key, order, world.shop_id)
    for kind in ("refund.accepted", "refund.succeeded"):
        sql.execute(
            "insert into core_event (id, at, kind, aggregate_type, aggregate_id, order_id, shop_id, actor_kind, actor_name, payload) "
            "values (gen_random_uuid(), now(), %s, 'refund', %s, %s, %s, 'job', 'x', '{}')",
            (kind, *values),
        )
    sql.execute("set session_replication_role = origin")

    write_event_emails(_events(key))

    [(body,)] = sql.fetch("select body_text from emails_email where order_id = %s", (order,))
    assert "op de manier waarop je hebt betaald" in body
