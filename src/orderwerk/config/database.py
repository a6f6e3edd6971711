"""Gives a command its database: the one DATABASE_URL names, the one `serve` runs, or one started for the occasion."""

import contextlib
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import psycopg

from orderwerk.config.env import Env
from orderwerk.config.locks import held
from orderwerk.config.pgbin import NoPostgres
from orderwerk.config.postgres import Account, Cluster, plan_for, recorded

_ATTACH_SECONDS = 30
# Django hands psycopg None here, which turns prepared statements off altogether, those that ask for it (`core.sql`) too. A number
# that no statement reaches by itself leaves just those.
_PREPARED_WHEN_ASKED = 2**31

# Sent with every connection: one plan per prepared statement, and no lock or open transaction waits for ever.
SESSION_OPTIONS = (
    "-c plan_cache_mode=force_generic_plan -c lock_timeout=10s "
    "-c idle_in_transaction_session_timeout=60s -c timezone=UTC"
)


def django_database(url: str) -> dict[str, Any]:
    """Turn an address into Django's database settings: persistent, checked connections with our session options."""
    parts = urlsplit(url)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            "connect_timeout": 10,
            "application_name": "orderwerk",
            "prepare_threshold": _PREPARED_WHEN_ASKED,
            **dict(parse_qsl(parts.query)),
            "options": SESSION_OPTIONS,
        },
    }


def known_url(env: Env) -> str:
    """Return the address of the database as far as it is known without starting anything."""
    if env.database_url is not None:
        return env.database_url
    account = recorded(env.data_dir / "postgres.json")
    if account is None:
        return "postgresql://orderwerk_app@127.0.0.1:1/orderwerk"
    return account.program_url()


@contextlib.contextmanager
def kept_cluster(env: Env) -> Iterator[Cluster]:
    """Be the one who looks after the embedded database; refuses when another process already does."""
    with held(env.data_dir / "postgres.lock") as mine:
        if not mine:
            raise NoPostgres(
                f"Orderwerk already runs on the data in {env.data_dir}: stop that one first, "
                "or set ORDERWERK_DATA_DIR to another folder."
            )
        cluster = Cluster(plan_for(env.data_dir, env.pg_bin, env.pg_user))
        try:
            cluster.start()
            yield cluster
        finally:
            cluster.stop()


@contextlib.contextmanager
def database(env: Env, *, as_owner: bool = False) -> Iterator[str]:
    """Yield the address of a database that is running; starts the embedded one for the block when nobody does.

    `as_owner`: the address with which the schema of the embedded one may be changed.
    """
    if env.database_url is not None:
        yield env.database_url
        return
    users = env.data_dir / "postgres.users"
    with held(env.data_dir / "postgres.lock") as mine:
        if mine:
            cluster = Cluster(plan_for(env.data_dir, env.pg_bin, env.pg_user))
            try:
                cluster.start()
                yield _address(cluster.account, as_owner=as_owner)
            finally:
                # Others may have joined meanwhile; their work ends before the server does.
                with held(users, wait=True):
                    cluster.stop()
            return
    with held(users, shared=True, wait=True):
        yield _attach(env, as_owner=as_owner)


def _address(account: Account, *, as_owner: bool) -> str:
    return account.url() if as_owner else account.program_url()


def _attach(env: Env, *, as_owner: bool) -> str:
    until = time.monotonic() + _ATTACH_SECONDS
    while True:
        account = recorded(env.data_dir / "postgres.json")
        if account is not None:
            address = _address(account, as_owner=as_owner)
            try:
                with psycopg.connect(address, connect_timeout=2):
                    return address
            except psycopg.OperationalError as error:
                if "password authentication failed" in str(error):
                    raise NoPostgres(
                        "The Orderwerk that runs is older than this one and does not know its database role: "
                        "stop that one, start it again, and repeat the command."
                    ) from error
        if time.monotonic() >= until:
            raise NoPostgres(
                f"Another process holds the database in {env.data_dir} but it does not answer: "
                "wait for it, or stop it and try again."
            )
        time.sleep(0.1)
