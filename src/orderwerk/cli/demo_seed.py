"""Fills the demo: a login, an API token, and two shops with a morning's work; repeatable."""

import json
import os
import secrets
from datetime import timedelta
from pathlib import Path

import click
from django.conf import settings

from orderwerk.accounts.commands.create_token import NewToken, create_tokens
from orderwerk.accounts.commands.create_user import NewUser, create_users
from orderwerk.accounts.models import Role
from orderwerk.accounts.queries import access_for_token
from orderwerk.accounts.rules import SCOPES
from orderwerk.cli.demo_orders import DAYS, articles, documents, read_invoices
from orderwerk.cli.demo_places import SHOP_NL, set_up_places, stock_up
from orderwerk.cli.demo_work import play
from orderwerk.cli.session import connected
from orderwerk.core import clock, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import Conflict
from orderwerk.core.uow import all_or_nothing

_ACTOR = Actor.system("demo")


def _note(path: Path, text: str) -> None:
    draft = path.with_suffix(".new")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    draft.rename(path)


def _entry(password: str, known_token: str) -> str:
    """Let the demo's owner and program in, unless they are in already; returns the token that works."""
    outcome = create_users(
        [NewUser(username="demo", name="Demo", role=Role.OWNER, password=password)], actor=_ACTOR
    )[0]
    if outcome.error is not None and not isinstance(outcome.error, Conflict):
        raise outcome.error
    if access_for_token(known_token) is not None:
        return known_token
    made = create_tokens([NewToken(name="Demo", scopes=SCOPES)], actor=_ACTOR)[0].require()
    return str(made.data["token"])


def fill() -> None:
    """Fill the demo shops, all in one transaction; where they are, nothing is touched."""
    if sql.fetch("select 1 from shops_shop where code = %s", (SHOP_NL,)):
        return
    now, invoices = clock.now(), read_invoices()
    with all_or_nothing():
        with clock.told(now - timedelta(days=DAYS + 3)):
            set_up_places(_ACTOR)
            stock_up(articles(invoices), _ACTOR)
        play(documents(invoices, now), now, _ACTOR)


def seed() -> None:
    """Fill the demo once; a second run changes nothing and finds the same login and token."""
    memory = settings.ORDERWERK_DATA_DIR / "demo.json"
    known = json.loads(memory.read_text(encoding="utf-8")) if memory.is_file() else {}
    password = known.get("password") or secrets.token_urlsafe(12)
    # Written before the login is made: a kill in between must not leave a login nobody knows the password of.
    _note(memory, json.dumps({"password": password, "token": known.get("token", "")}))
    token = _entry(password, known.get("token", ""))
    _note(memory, json.dumps({"password": password, "token": token}))
    _note(
        settings.ORDERWERK_DATA_DIR / "demo.txt",
        f"  login     demo\n  password  {password}\n  API token {token}\n",
    )
    fill()


@click.command(hidden=True)
def demo_seed() -> None:
    """Fill the demo; started by `orderwerk demo`."""
    with connected():
        seed()
