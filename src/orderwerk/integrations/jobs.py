"""The jobs that talk to payment providers and carriers; each may run twice: the effect table and the agenda keep a second run quiet."""

from uuid import UUID

from procrastinate.contrib.django import app

from orderwerk.core import sql
from orderwerk.core.actor import Actor
from orderwerk.core.jobs import AGAIN
from orderwerk.flows.look_at_payments import look_at_payments
from orderwerk.flows.reconcile_payments import reconcile_due
from orderwerk.flows.send_captures import send_captures
from orderwerk.integrations.carriers.registry import PARCEL_CARRIERS, RETURN_CARRIERS
from orderwerk.integrations.payment_providers.connection import try_connections
from orderwerk.integrations.payment_providers.registry import PROVIDERS
from orderwerk.payments.looks import watch_open_payments
from orderwerk.refunds.sending import send_due
from orderwerk.return_requests.commands.order_labels import order_due_labels
from orderwerk.return_requests.labelling import make_labels
from orderwerk.shipments.commands.order_labels import order_due_shipping_labels
from orderwerk.shipments.labelling import make_shipping_labels


def _objects(event_ids: list[str]) -> list[UUID]:
    rows = sql.fetch(
        "select distinct aggregate_id from core_event where id = any(%s)",
        ([UUID(event) for event in event_ids],),
    )
    return [row[0] for row in rows]


@app.task(name="refunds.send", queue="providers", pass_context=False, retry=AGAIN)
def send_refunds(event_ids: list[str]) -> None:
    """Send the refunds that these events handed over to providers."""
    send_due(PROVIDERS, _objects(event_ids))


@app.periodic(cron="* * * * *")
@app.task(name="refunds.send_due", queue="providers", pass_context=False, retry=AGAIN)
def send_due_refunds(timestamp: int) -> None:  # noqa: ARG001 - the schedule's signature
    """Send what waits for another try, and look up what nobody knows the end of."""
    send_due(PROVIDERS)


@app.task(name="captures.send", queue="providers", pass_context=False, retry=AGAIN)
def send_decided_captures(event_ids: list[str]) -> None:
    """Ask providers for the captures and releases that these events decided on."""
    send_captures(PROVIDERS, _objects(event_ids))


@app.periodic(cron="* * * * *")
@app.task(name="captures.send_due", queue="providers", pass_context=False, retry=AGAIN)
def send_due_captures(timestamp: int) -> None:  # noqa: ARG001 - the schedule's signature
    """Ask for what waits for another try, and look up what nobody knows the end of."""
    send_captures(PROVIDERS)


@app.periodic(cron="* * * * *")
@app.task(name="payments.look_due", queue="providers", pass_context=False, retry=AGAIN)
def look_at_due_payments(timestamp: int) -> None:  # noqa: ARG001 - the schedule's signature
    """Look again at payments with something unsettled, should no message have come."""
    watch_open_payments()
    look_at_payments(PROVIDERS)


@app.task(name="payments.look", queue="providers", pass_context=False, retry=AGAIN)
def look_at_noticed(event_ids: list[str]) -> None:
    """Look at the payments that these messages were about."""
    look_at_payments(PROVIDERS, _objects(event_ids))


@app.periodic(cron="20 * * * *")
@app.task(name="payments.reconcile", queue="providers", pass_context=False, retry=AGAIN)
def reconcile_payments(timestamp: int) -> None:  # noqa: ARG001 - the schedule's signature
    """Compare yesterday with what the providers say, in the morning of each shop's own day."""
    reconcile_due(PROVIDERS)


@app.task(name="payments.check_account", queue="providers", pass_context=False, retry=AGAIN)
def check_accounts(event_ids: list[str]) -> None:
    """Test the connections that these events ask for."""
    try_connections(_objects(event_ids), actor=Actor.job("payment provider"))


@app.task(name="return_labels.order", queue="providers", pass_context=False, retry=AGAIN)
def order_approved_labels(event_ids: list[str]) -> None:
    """Ask for the labels of the return requests that these events approved, where the shop has them made by themselves."""
    order_due_labels(_objects(event_ids), actor=Actor.job("return labels"))


@app.task(name="return_labels.make", queue="providers", pass_context=False, retry=AGAIN)
def make_ordered_labels(event_ids: list[str]) -> None:
    """Have the carriers make the labels that these events ask for."""
    make_labels(RETURN_CARRIERS, _objects(event_ids))


@app.periodic(cron="* * * * *")
@app.task(name="return_labels.make_due", queue="providers", pass_context=False, retry=AGAIN)
def make_due_labels(timestamp: int) -> None:  # noqa: ARG001 - the schedule's signature
    """Make what waits for another try, and ask again for what nobody knows the end of."""
    make_labels(RETURN_CARRIERS)


@app.task(name="shipping_labels.order", queue="providers", pass_context=False, retry=AGAIN)
def order_parcel_labels(event_ids: list[str]) -> None:
    """Ask for the labels of the shipments that these events announced or packed, where the carrier makes them by itself."""
    order_due_shipping_labels(_objects(event_ids), actor=Actor.job("shipping labels"))


@app.task(name="shipping_labels.make", queue="providers", pass_context=False, retry=AGAIN)
def make_parcel_labels(event_ids: list[str]) -> None:
    """Have the carriers make the labels that these events ask for."""
    make_shipping_labels(PARCEL_CARRIERS, _objects(event_ids))


@app.periodic(cron="* * * * *")
@app.task(name="shipping_labels.make_due", queue="providers", pass_context=False, retry=AGAIN)
def make_due_parcel_labels(timestamp: int) -> None:  # noqa: ARG001 - the schedule's signature
    """Make what waits for another try, and ask again for what nobody knows the end of."""
    make_shipping_labels(PARCEL_CARRIERS)
