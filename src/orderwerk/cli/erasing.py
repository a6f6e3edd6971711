"""`orderwerk erase`: erases the personal data of a customer, or of one order."""

import sys
from uuid import UUID

import click

from orderwerk.cli.session import connected
from orderwerk.core import sql
from orderwerk.core.actor import Actor
from orderwerk.flows.erase_orders import EraseItem, erase_orders, orders_of_customer

_ACTOR = Actor.system("command line")
_BATCH = 500


@click.command()
@click.option("--email", help="All orders under this e-mail address.")
@click.option("--order", "number", help="One order, by its number.")
@click.option("--shop", help="Only the orders of this shop (its code).")
@click.option("--yes", is_flag=True, help="Do it; without this only say what would be erased.")
def erase(*, email: str | None, number: str | None, shop: str | None, yes: bool) -> None:
    """Erase names, addresses, contact, messages, memos, photos and bank accounts of orders; it cannot be undone.

    Invoices and their documents stay as long as the law wants them. An order of which something is still open (goods, money,
    a return) is not erased, and named. Exit status 1 when one was not.
    """
    if (email is None) == (number is None):
        raise click.UsageError("Say --email or --order.")
    with connected():
        found = orders_of_customer(_ACTOR, email, shop) if email else _by_number(number or "", shop)
        if not yes:
            click.echo(f"{len(found)} orders: {' '.join(name for _, name in found)}".rstrip(": "))
            click.echo("Nothing was erased. Say --yes to do it.")
            return
        refused = _erase(found)
    click.echo(f"{len(found) - refused} orders erased, {refused} not.")
    sys.exit(1 if refused else 0)


def _by_number(number: str, shop: str | None) -> list[tuple[UUID, str]]:
    rows = sql.read(
        "select o.id, o.number from orders_order o join shops_shop s on s.id = o.shop_id "
        "where o.number = %s and (%s::text is null or s.code = %s)",
        (number, shop, shop),
    )
    return [(row[0], row[1]) for row in rows]


def _erase(found: list[tuple[UUID, str]]) -> int:
    refused = 0
    for start in range(0, len(found), _BATCH):
        part = found[start : start + _BATCH]
        outcomes = erase_orders([EraseItem(order_id=key) for key, _ in part], actor=_ACTOR)
        for outcome in outcomes:
            if outcome.error is not None:
                refused += 1
                click.echo(outcome.error.message, err=True)
    return refused
