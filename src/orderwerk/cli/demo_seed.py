"""Fills the demo: a login, an API token, and two shops with a morning's work; repeatable."""

import secrets
from dataclasses import dataclass
from datetime import timedelta

import click
from django.conf import settings

from orderwerk.accounts.commands.create_token import NewToken, create_tokens
from orderwerk.accounts.commands.create_user import NewUser, create_users
from orderwerk.accounts.models import Role
from orderwerk.accounts.queries import access_for_token
from orderwerk.accounts.rules import SCOPES
from orderwerk.cli import demo_card
from orderwerk.cli.demo_orders import DAYS, articles, documents, read_invoices
from orderwerk.cli.demo_places import SHOP_NL, set_up_places, stock_up
from orderwerk.cli.demo_work import play
from orderwerk.cli.session import connected
from orderwerk.core import clock, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import Conflict
from orderwerk.core.uow import all_or_nothing

_ACTOR = Actor.system("demo")


@dataclass(frozen=True, slots=True)
class _Token:
    """The token of the demo's program, and the id of its row."""

    raw: str
    id: str


def _entry(password: str, known: _Token) -> _Token:
    """Let the demo's owner and program in, unless they are in already; returns the token that works."""
    outcome = create_users(
        [NewUser(username="demo", name="Demo", role=Role.OWNER, password=password)], actor=_ACTOR
    )[0]
    if outcome.error is not None and not isinstance(outcome.error, Conflict):
        raise outcome.error
    access = access_for_token(known.raw)
    if access is not None:
        return _Token(known.raw, str(access.actor.id))
    made = create_tokens([NewToken(name="Demo", scopes=SCOPES)], actor=_ACTOR)[0].require()
    return _Token(str(made.data["token"]), str(made.id))


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
    folder = settings.ORDERWERK_DATA_DIR
    known = demo_card.remembered(folder)
    password = known.get("password") or secrets.token_urlsafe(12)
    token = _Token(known.get("token", ""), known.get("token_id", ""))
    # Written before the login is made: a kill in between must not leave a login nobody knows the password of.
    demo_card.remember(folder, password=password, token=token.raw)
    token = _entry(password, token)
    demo_card.remember(folder, password=password, token=token.raw, token_id=token.id)
    demo_card.write(folder, f"  login     demo\n  password  {password}\n  API token {token.raw}\n")
    fill()


@click.command(hidden=True)
def demo_seed() -> None:
    """Fill the demo; started by `orderwerk demo`."""
    with connected():
        seed()
