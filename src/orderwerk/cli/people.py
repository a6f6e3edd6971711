"""`orderwerk user create` and `orderwerk token create`: let people and programs in."""

import secrets
import sys

import click

from orderwerk.accounts.commands.create_token import NewToken, create_tokens
from orderwerk.accounts.commands.create_user import NewUser, create_users
from orderwerk.accounts.models import Role
from orderwerk.accounts.rules import SCOPES
from orderwerk.cli.session import connected
from orderwerk.core.actor import Actor

_ACTOR = Actor.system("cli")


@click.group()
def user() -> None:
    """Let people in."""


@user.command("create")
@click.argument("name")
@click.option(
    "--role", type=click.Choice(Role.values), required=True, help="What the person may do."
)
@click.option("--email", default="", help="For password resets.")
@click.option("--shop", "shops", multiple=True, help="Only this shop (its code); repeat for more.")
@click.option(
    "--location", "locations", multiple=True, help="Only this stock location; repeat for more."
)
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
def create_user(
    *,
    name: str,
    role: str,
    email: str,
    shops: tuple[str, ...],
    locations: tuple[str, ...],
    password_stdin: bool,
) -> None:
    """Let the person NAME in; prints a password once unless one is given."""
    password = sys.stdin.readline().rstrip("\n") if password_stdin else secrets.token_urlsafe(12)
    item = NewUser(
        username=name,
        name=name,
        role=role,
        email=email,
        password=password,
        shops=shops or None,
        locations=locations or None,
    )
    with connected():
        outcome = create_users([item], actor=_ACTOR)[0].require()
    click.echo(f"{outcome.data['username']} may log in as {role}.")
    if not password_stdin:
        click.echo(f"Password (shown this once): {password}")


@click.group()
def token() -> None:
    """Let programs in."""


@token.command("create")
@click.argument("name")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    required=True,
    type=click.Choice(SCOPES),
    help="What it may do; repeat for more.",
)
@click.option("--shop", "shops", multiple=True, help="Only this shop (its code); repeat for more.")
@click.option(
    "--location", "locations", multiple=True, help="Only this stock location; repeat for more."
)
def create_token(
    name: str, scopes: tuple[str, ...], shops: tuple[str, ...], locations: tuple[str, ...]
) -> None:
    """Let the program NAME in; its token is printed once and only its hash is kept."""
    item = NewToken(name=name, scopes=scopes, shops=shops or None, locations=locations or None)
    with connected():
        outcome = create_tokens([item], actor=_ACTOR)[0].require()
    click.echo(outcome.data["token"])
