"""`orderwerk doctor`: what is configured, what can be reached, and what to do about the rest."""

import smtplib
import socket
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import click
from django.conf import settings
from django.core.mail import get_connection
from django.db import connection

from orderwerk import __version__
from orderwerk.cli.session import connected
from orderwerk.config.health import missing_migrations
from orderwerk.core import sql
from orderwerk.core.errors import Refusal
from orderwerk.integrations.carriers.registry import PARCEL_CARRIERS, RETURN_CARRIERS
from orderwerk.integrations.payment_providers.connection import try_connection
from orderwerk.payments.accounts import accounts_in_use
from orderwerk.return_requests.labelling import carrier_accounts
from orderwerk.return_requests.ports import CarrierAccount
from orderwerk.shipments.labelling import parcel_accounts

_EXTENSIONS = ("pg_trgm", "unaccent", "btree_gist")
_OLD_JOB_SECONDS = 600
_ANSWER_SECONDS = 2
_KEY_LOST = "its key can no longer be read, enter it again"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report; a bad one carries what to do."""

    subject: str
    text: str
    good: bool = True


def _database() -> Iterator[Finding]:
    [(number, name, role, superuser)] = sql.fetch(
        "select current_setting('server_version_num')::int, current_database(), current_user, "
        "(select rolsuper from pg_roles where rolname = current_user)"
    )
    version = f"PostgreSQL {number // 10_000}.{number % 10_000}"
    kind = "embedded" if settings.ENV.database_url is None else "DATABASE_URL"
    yield Finding(
        "database",
        f"{version}, database {name} as {role} ({kind})"
        + ("" if number >= 150_000 else ": upgrade to PostgreSQL 15 or newer"),
        number >= 150_000,
    )
    if superuser:
        yield Finding(
            "role", f"{role} is a superuser: use a role that only owns the database", good=False
        )
    [(may_rewrite,)] = sql.fetch(
        "select coalesce(has_table_privilege(to_regclass('core_event'), 'update'), false)"
    )
    if may_rewrite:
        yield Finding(
            "history",
            f"guarded by triggers alone: {role} owns the tables. For a second net make a role orderwerk_app, run "
            "`orderwerk migrate` as the owner, and let DATABASE_URL name orderwerk_app",
        )
    else:
        yield Finding("history", f"{role} cannot change what has been written")
    [(synchronous, durable)] = sql.fetch(
        "select current_setting('synchronous_commit'), current_setting('fsync')"
    )
    if "off" in {synchronous, durable}:
        yield Finding(
            "durability",
            f"fsync is {durable}, synchronous_commit is {synchronous}: set both to on",
            good=False,
        )


def _schema() -> Iterator[Finding]:
    missing = missing_migrations()
    if missing:
        yield Finding(
            "schema", f"{len(missing)} migrations are missing: run `orderwerk migrate`", good=False
        )
    else:
        yield Finding("schema", f"up to date with version {__version__}")
    known: dict[str, bool] = dict(
        sql.fetch(
            "select name, installed_version is not null from pg_available_extensions where name = any(%s)",
            (list(_EXTENSIONS),),
        )
    )
    absent = [name for name in _EXTENSIONS if name not in known]
    if absent:
        yield Finding(
            "extensions",
            f"{', '.join(absent)} cannot be had on this server: install PostgreSQL's contrib package",
            good=False,
        )
    else:
        yield Finding(
            "extensions", ", ".join(f"{n}{'' if known[n] else ' (not used)'}" for n in _EXTENSIONS)
        )


def _jobs() -> Iterator[Finding]:
    if not sql.fetch("select 1 where to_regclass('procrastinate_jobs') is not null"):
        return
    [(waiting, running, failed, oldest)] = sql.fetch(
        "select count(*) filter (where status = 'todo'), count(*) filter (where status = 'doing'), "
        "count(*) filter (where status = 'failed'), "
        "coalesce(extract(epoch from now() - min(e.at) filter (where status = 'todo')), 0)::float8 "
        "from procrastinate_jobs j left join procrastinate_events e on e.job_id = j.id and e.type = 'deferred' "
        "where scheduled_at is null or scheduled_at <= now()"
    )
    [(workers,)] = sql.fetch(
        "select count(*) from procrastinate_workers where last_heartbeat > now() - interval '30 seconds'"
    )
    stuck = oldest > _OLD_JOB_SECONDS
    yield Finding(
        "jobs",
        f"{waiting} waiting (the oldest for {oldest:.0f} s), {running} running, {failed} failed, {workers} workers"
        + (": start `orderwerk serve` or `orderwerk worker`" if stuck and not workers else ""),
        not stuck,
    )


def _mail() -> Iterator[Finding]:
    if not settings.ORDERWERK_MAIL_ENABLED:
        yield Finding(
            "mail", "kept in the outbox, nothing leaves the machine (EMAIL_URL is not set)"
        )
        return
    where = f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"
    mailer = get_connection()
    try:
        mailer.open()
        mailer.close()
    except (OSError, smtplib.SMTPException) as error:
        yield Finding("mail", f"{where} does not answer ({error}): check EMAIL_URL", good=False)
    else:
        yield Finding("mail", f"{where} answers")


def _payments() -> Iterator[Finding]:
    rows = sql.fetch(
        "select a.id, s.code, a.provider, a.mode from payments_account a join shops_shop s on s.id = a.shop_id "
        "where a.is_active order by s.code, a.provider"
    )
    if not rows:
        yield Finding("payments", "no provider connected: refunds are paid by hand")
    try:
        accounts = accounts_in_use([row[0] for row in rows])
    except Refusal as refusal:
        yield Finding("payments", refusal.message, good=False)
        return
    for key, shop, provider, mode in rows:
        result = try_connection(accounts[key])
        answer = "takes the credentials" if result.is_good else result.note
        hint = "" if result.is_good else ": see Settings, Payment providers"
        yield Finding("payments", f"{provider} for {shop} ({mode}): {answer}{hint}", result.is_good)


def _carriers() -> Iterator[Finding]:
    rows = sql.fetch(
        "select id, carrier, mode from shipments_carrier_account where is_active order by carrier"
    )
    if not rows:
        yield Finding("carriers", "none connected: labels are made elsewhere, tracking codes typed or imported")  # fmt: skip
    accounts = parcel_accounts([row[0] for row in rows])
    for key, carrier, mode in rows:
        account = accounts.get(key)
        trouble = _KEY_LOST if account is None else _refused(lambda a=account: PARCEL_CARRIERS[a.carrier].reserve(a))  # type: ignore[misc]  # fmt: skip
        hint = f"{trouble}: see Settings, Shipping" if trouble else "takes the credentials"
        yield Finding("carriers", f"{carrier} ({mode}): {hint}", not trouble)


def _return_carriers() -> Iterator[Finding]:
    rows = sql.fetch(
        "select a.id, s.code, a.carrier, a.mode from return_requests_carrier a join shops_shop s on s.id = a.shop_id "
        "where a.is_active order by s.code"
    )
    if not rows:
        yield Finding(
            "returns", "no carrier connected: customers get your instructions and the return slip"
        )
    accounts = carrier_accounts([row[0] for row in rows])
    for key, shop, carrier, mode in rows:
        trouble = _trouble(accounts.get(key))
        hint = f"{trouble}: see Settings, Returns" if trouble else "takes the credentials"
        yield Finding("returns", f"{carrier} for {shop} ({mode}): {hint}", not trouble)


def _trouble(account: CarrierAccount | None) -> str:
    """What is wrong with an account at a carrier, which is asked for a barcode; that costs nothing."""
    if account is None:
        return _KEY_LOST
    return _refused(lambda: RETURN_CARRIERS[account.carrier].reserve(account))


def _refused(ask: Callable[[], object]) -> str:
    try:
        ask()
    except Refusal as refusal:
        return refusal.message.rstrip(".")
    return ""


def _outside() -> Iterator[Finding]:
    yield Finding("erp", "none connected: orders are complete here")


def address(told: str) -> Finding:
    """Return where the installation says that it is, and whether something answers there now."""
    parts = urlsplit(told)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        socket.create_connection((parts.hostname or "", port), timeout=_ANSWER_SECONDS).close()
    except OSError:
        return Finding(
            "address",
            f"{told} does not answer now: `orderwerk serve` runs the web server; links in e-mails lead there",
        )
    return Finding("address", f"{told} answers")


@click.command()
def doctor() -> None:
    """Say what is configured and reachable; exit 1 when something needs attention."""
    with connected():
        findings = [
            Finding("data", str(settings.ENV.data_dir)),
            address(settings.ENV.base_url),
            *_database(),
            *_schema(),
            *_jobs(),
            *(
                (*_payments(), *_carriers(), *_return_carriers())
                if not missing_migrations()
                else ()
            ),
        ]
        connection.close()
    findings += _mail()
    findings += _outside()
    for finding in findings:
        click.echo(f"{'ok  ' if finding.good else 'BAD '} {finding.subject:<11} {finding.text}")
    if not all(finding.good for finding in findings):
        sys.exit(1)
