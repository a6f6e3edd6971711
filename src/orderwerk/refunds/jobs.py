"""The jobs of refunds; each may run twice and checks the status under lock."""

from uuid import UUID

from procrastinate.contrib.django import app

from orderwerk.core import sql
from orderwerk.core.actor import Actor
from orderwerk.core.jobs import AGAIN
from orderwerk.refunds.commands.blank_batches import blank_due_batches
from orderwerk.refunds.commands.create import CreateRefundItem, create_refunds
from orderwerk.refunds.commands.expire_credits import expire_due
from orderwerk.refunds.commands.submit import submit_due

_ACTOR = Actor.job("refunds")


def _objects(event_ids: list[str]) -> list[UUID]:
    rows = sql.fetch(
        "select distinct aggregate_id from core_event where id = any(%s)",
        ([UUID(event) for event in event_ids],),
    )
    return [row[0] for row in rows]


@app.task(name="refunds.create", queue="money", pass_context=False, retry=AGAIN)
def create(event_ids: list[str]) -> None:
    """Make the refunds of the credit invoices that these events issued."""
    items = [CreateRefundItem(invoice_id=key) for key in _objects(event_ids)]
    create_refunds(items, actor=_ACTOR)


@app.task(name="refunds.submit", queue="money", pass_context=False, retry=AGAIN)
def submit(event_ids: list[str]) -> None:
    """Hand over the refunds of these events whose time has come."""
    submit_due(actor=_ACTOR, refund_ids=_objects(event_ids))


@app.periodic(cron="* * * * *")
@app.task(name="refunds.submit_due", queue="money", pass_context=False, retry=AGAIN)
def submit_all(timestamp: int) -> None:  # noqa: ARG001 - the schedule's signature
    """Hand over every approved refund whose time has come: the periodic runs of shops."""
    submit_due(actor=_ACTOR)


@app.periodic(cron="7 * * * *")
@app.task(name="refunds.expire_credits", queue="money", pass_context=False, retry=AGAIN)
def expire_credits(timestamp: int) -> None:  # noqa: ARG001 - the schedule's signature
    """Let store credits expire whose last day has gone by, at most an hour after it."""
    expire_due(actor=_ACTOR)


@app.periodic(cron="27 3 * * *")
@app.task(name="refunds.blank_batches", queue="care", pass_context=False, retry=AGAIN)
def blank_batches(timestamp: int) -> None:  # noqa: ARG001 - the schedule's signature
    """Take names and accounts from files for the bank that the law does not want kept any longer."""
    blank_due_batches(actor=Actor.job("retention"))
