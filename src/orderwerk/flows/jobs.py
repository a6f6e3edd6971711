"""The jobs that react to events later; each may run twice and checks the status under lock."""

from uuid import UUID

from procrastinate.contrib.django import app

from orderwerk.core import idempotency, sql
from orderwerk.core.actor import Actor
from orderwerk.core.jobs import AGAIN
from orderwerk.emails import sending
from orderwerk.flows import release_orders
from orderwerk.flows.attached_files import attached_files
from orderwerk.flows.capture_payments import CaptureItem, capture_due, capture_payments
from orderwerk.flows.charged_back_money import orders_reached
from orderwerk.flows.check_stock import check_stock_levels, look_again
from orderwerk.flows.decide_substitutions import (
    SubstitutionItem,
    expire_substitutions,
    substitutions_to_expire,
)
from orderwerk.flows.erase_orders import erase_due
from orderwerk.flows.expire_orders import ExpireItem, expire_orders, orders_to_expire
from orderwerk.flows.gather_split import gather_split_orders
from orderwerk.flows.hold_charged_back import hold_charged_back_orders
from orderwerk.flows.hold_unrouted import hold_unrouted_orders
from orderwerk.flows.leave_locations import leave_closed_locations
from orderwerk.flows.map_lines import map_lines
from orderwerk.flows.place_exchanges import ExchangeItem, place_exchanges
from orderwerk.flows.ready_shipments import report_not_collected
from orderwerk.flows.release_backorders import release_backorders
from orderwerk.flows.set_lots import block_expired_lots
from orderwerk.flows.substitute_short import propose_for_short
from orderwerk.flows.write_emails import write_event_emails
from orderwerk.invoices.commands.blank import blank_due
from orderwerk.invoices.commands.issue import IssueItem, issue_invoices
from orderwerk.invoices.documents import hold_against_the_norm
from orderwerk.orders.tab_counts import fold_tab_counts
from orderwerk.stock.commands.request_due_counts import DueCountItem, request_due_counts
from orderwerk.stock.count_plan_queries import locations_with_plan


@app.task(name="backorders.release", queue="stock", pass_context=False, retry=AGAIN)
def release_waiting(event_ids: list[str]) -> None:
    """Claim stock for orders that wait for what these events freed."""
    release_backorders([UUID(event) for event in event_ids])


@app.task(name="substitutions.propose", queue="stock", pass_context=False, retry=AGAIN)
def propose_substitutes(event_ids: list[str]) -> None:
    """Ask customers about substitutes for what these events left short, where their shop wishes it."""
    propose_for_short([UUID(event) for event in event_ids])


@app.periodic(cron="*/5 * * * *")
@app.task(name="substitutions.expire", queue="stock", pass_context=False, retry=AGAIN)
def expire_unanswered(timestamp: int) -> None:  # noqa: ARG001 - the schedule's signature
    """End questions about substitutes that nobody answered in time."""
    items = [SubstitutionItem(substitution_id=key) for key in substitutions_to_expire()]
    expire_substitutions(items, actor=Actor.job("substitutes"))


@app.task(name="orders.map_lines", queue="stock", pass_context=False, retry=AGAIN)
def map_waiting_lines(event_ids: list[str]) -> None:
    """Give lines with an unknown sku the product that has come into the catalogue."""
    map_lines([UUID(event) for event in event_ids])


@app.task(name="emails.write", queue="mail", pass_context=False, retry=AGAIN)
def write_emails(event_ids: list[str]) -> None:
    """Write the messages that these events set off."""
    write_event_emails([UUID(event) for event in event_ids])


@app.task(name="allocations.leave_closed", queue="stock", pass_context=False, retry=AGAIN)
def leave_closed(event_ids: list[str]) -> None:
    """Route orders away from locations that these events closed."""
    leave_closed_locations([UUID(event) for event in event_ids])


@app.periodic(cron="*/5 * * * *")
@app.task(name="allocations.sweep_closed", queue="stock", pass_context=False, retry=AGAIN)
def sweep_closed(timestamp: int) -> None:  # noqa: ARG001 - the schedule's signature
    """Route away what was claimed at a location while that was being closed."""
    leave_closed_locations()


@app.task(name="orders.hold_unrouted", queue="stock", pass_context=False, retry=AGAIN)
def hold_unrouted(event_ids: list[str]) -> None:
    """Stop orders that a routing rule sends nowhere, so that a person looks at them."""
    hold_unrouted_orders([UUID(event) for event in event_ids])


@app.task(name="orders.gather", queue="stock", pass_context=False, retry=AGAIN)
def gather(event_ids: list[str]) -> None:
    """Gather orders at one location, as a routing rule wants it."""
    gather_split_orders([UUID(event) for event in event_ids])


@app.task(name="orders.hold_charged_back", queue="money", pass_context=False, retry=AGAIN)
def hold_charged_back(event_ids: list[str]) -> None:
    """Stop orders whose payment, or the one that its money came from, was charged back before everything has left."""
    hold_charged_back_orders([UUID(event) for event in event_ids])


@app.task(name="emails.send", queue="mail", pass_context=False, retry=AGAIN)
def send_queued(event_ids: list[str]) -> None:
    """Send the messages that these events queued."""
    rows = sql.fetch(
        "select (payload ->> 'email_id')::uuid from core_event where id = any(%s)",
        ([UUID(e) for e in event_ids],),
    )
    sending.send_due([row[0] for row in rows], files=attached_files)


@app.task(name="invoices.issue", queue="money", pass_context=False, retry=AGAIN)
def issue_due_invoices(event_ids: list[str]) -> None:
    """Issue what the orders of these events are due, and credit what was cancelled."""
    rows = sql.fetch(
        "select distinct order_id from core_event where id = any(%s) and order_id is not null",
        ([UUID(e) for e in event_ids],),
    )
    # What a bank gives back may go back on the credits of orders that the money had gone on to.
    orders = {row[0] for row in rows} | set(orders_reached([UUID(e) for e in event_ids]))
    issue_invoices([IssueItem(order_id=key) for key in sorted(orders)], actor=Actor.job("invoices"))


@app.task(name="invoices.hold_against_norm", queue="money", pass_context=False, retry=AGAIN)
def hold_invoices_against_norm(event_ids: list[str]) -> None:
    """Look at what these events issued with the eyes of whoever receives it as UBL; a job that fails names what is broken."""
    rows = sql.fetch(
        "select distinct aggregate_id from core_event where id = any(%s)",
        ([UUID(event) for event in event_ids],),
    )
    hold_against_the_norm([row[0] for row in rows])


@app.task(name="exchanges.place", queue="money", pass_context=False, retry=AGAIN)
def place_asked_exchanges(event_ids: list[str]) -> None:
    """Place the new orders of the exchanges that these events asked for."""
    rows = sql.fetch(
        "select distinct aggregate_id from core_event where id = any(%s)",
        ([UUID(event) for event in event_ids],),
    )
    items = [ExchangeItem(exchange_id=row[0]) for row in rows]
    place_exchanges(items, actor=Actor.job("exchanges"))


@app.task(name="payments.capture", queue="money", pass_context=False, retry=AGAIN)
def capture_shipped(event_ids: list[str]) -> None:
    """Take what was authorised of the orders of these events, as far as goods have left."""
    items = [CaptureItem(order_id=key) for key in _authorized_orders(event_ids)]
    capture_payments(items, actor=Actor.job("captures"))


def _authorized_orders(event_ids: list[str]) -> list[UUID]:
    rows = sql.fetch(
        "select distinct e.order_id from core_event e join payments_payment p on p.order_id = e.order_id "
        "and p.status = 'authorized' where e.id = any(%s)",
        ([UUID(event) for event in event_ids],),
    )
    return [row[0] for row in rows]


@app.periodic(cron="*/10 * * * *")
@app.task(name="stock.block_expired", queue="stock", pass_context=False, retry=AGAIN)
def block_expired(timestamp: int) -> None:  # noqa: ARG001 - the schedule's signature
    """Block the lots whose day is over, so that nothing of them is promised or picked."""
    while block_expired_lots(actor=Actor.job("lots")):
        pass


@app.periodic(cron="*/10 * * * *")
@app.task(name="payments.capture_due", queue="money", pass_context=False, retry=AGAIN)
def capture_what_is_due(timestamp: int) -> None:  # noqa: ARG001 - the schedule's signature
    """Take what was authorised and whose event came before its time, or whose authorisation is about to end."""
    capture_due(actor=Actor.job("captures"))


_MISSED = """
select o.id from orders_order o join shops_shop s on s.id = o.shop_id
where o.invoiced_minor = 0 and o.grand_total_minor > o.cancelled_minor and (s.invoice_when = 'placed'
  or (s.invoice_when = 'paid' and not o.on_account and o.captured_minor >= o.grand_total_minor - o.cancelled_minor)
  or ((s.invoice_when = 'shipped' or o.on_account) and o.units_shipped > 0))
order by o.id desc limit 1000
"""


@app.periodic(cron="*/10 * * * *")
@app.task(name="invoices.catch_up", queue="money", pass_context=False, retry=AGAIN)
def catch_up_invoices(timestamp: int) -> None:  # noqa: ARG001 - the schedule's signature
    """Issue the first invoices of orders whose events came before there was anybody to react."""
    items = [IssueItem(order_id=row[0]) for row in sql.fetch(_MISSED)]
    issue_invoices(items, actor=Actor.job("invoices"))


@app.periodic(cron="17 3 * * *")
@app.task(name="invoices.blank_due", queue="care", pass_context=False, retry=AGAIN)
def blank_old_documents(timestamp: int) -> None:  # noqa: ARG001 - the schedule's signature
    """Take names and addresses from documents of erased orders that the law does not want kept any longer."""
    blank_due(actor=Actor.job("retention"))


@app.periodic(cron="* * * * *")
@app.task(name="emails.send_due", queue="mail", pass_context=False, retry=AGAIN)
def send_due(timestamp: int) -> None:  # noqa: ARG001 - the schedule's signature
    """Send what waits for another try; show a person what nobody knows about."""
    sending.give_up_on_stuck()
    sending.send_due(files=attached_files)


@app.periodic(cron="* * * * *")
@app.task(name="orders.end_holds", queue="stock", pass_context=False, retry=AGAIN)
def end_holds(timestamp: int) -> None:  # noqa: ARG001 - the schedule's signature
    """Release orders all of whose holds have reached their end."""
    release_orders.end_holds(actor=Actor.job("end of hold"))


@app.periodic(cron="*/5 * * * *")
@app.task(name="orders.expire_unpaid", queue="stock", pass_context=False, retry=AGAIN)
def expire_unpaid(timestamp: int) -> None:  # noqa: ARG001 - the schedule's signature
    """Let orders go that were not paid in time."""
    items = [ExpireItem(order_id=key) for key in orders_to_expire()]
    expire_orders(items, actor=Actor.job("unpaid orders"))


@app.periodic(cron="*/15 * * * *")
@app.task(name="shipments.report_not_collected", queue="stock", pass_context=False, retry=AGAIN)
def report_uncollected(timestamp: int) -> None:  # noqa: ARG001 - the schedule's signature
    """Ask people to look at what lies ready and nobody came for in time."""
    report_not_collected(actor=Actor.job("collecting"))


@app.periodic(cron="10 2 * * *")
@app.task(name="stock.request_due_counts", queue="stock", pass_context=False, retry=AGAIN)
def ask_for_due_counts(timestamp: int) -> None:  # noqa: ARG001 - the schedule's signature
    """Ask for the cycle counts that are due, early in the morning."""
    items = [DueCountItem(location=code) for code in locations_with_plan()]
    request_due_counts(items, actor=Actor.job("cycle counts"))


@app.periodic(cron="40 1 * * *")
@app.task(name="stock.check_levels", queue="care", pass_context=False, retry=AGAIN)
def check_levels(timestamp: int) -> None:  # noqa: ARG001 - the schedule's signature
    """Compare every stock level with its ledger, claims and pick lists, at night before the counts are asked for."""
    check_stock_levels(actor=Actor.job("self-check"))


@app.periodic(cron="*/10 * * * *")
@app.task(name="stock.look_again", queue="care", pass_context=False, retry=AGAIN)
def look_at_differences_again(timestamp: int) -> None:  # noqa: ARG001 - the schedule's signature
    """Forget what the self-check found and what has been counted or repaired since."""
    look_again(actor=Actor.job("self-check"))


@app.periodic(cron="*/2 * * * *")
@app.task(name="orders.fold_tab_counts", queue="care", pass_context=False, retry=AGAIN)
def fold_counts(timestamp: int) -> None:  # noqa: ARG001 - the schedule's signature
    """Keep the counts of the status tabs short."""
    fold_tab_counts()


@app.periodic(cron="37 * * * *")
@app.task(name="orders.erase_due", queue="care", pass_context=False, retry=AGAIN)
def erase_old_orders(timestamp: int) -> None:  # noqa: ARG001 - the schedule's signature
    """Erase the personal data of orders whose shop's time for it has passed."""
    erase_due(actor=Actor.job("retention"))


@app.periodic(cron="17 3 * * *")
@app.task(name="core.forget_idempotency_keys", queue="care", pass_context=False, retry=AGAIN)
def forget_idempotency_keys(timestamp: int) -> None:  # noqa: ARG001 - the schedule's signature
    """Delete stored answers whose promised time has passed."""
    idempotency.forget_old()
