"""`orderwerk bounce FILE`: takes in what a mail server sent back about a message."""

import sys
from typing import IO

import click

from orderwerk.cli.session import connected
from orderwerk.core.actor import Actor
from orderwerk.core.errors import Refusal
from orderwerk.emails.bounces import MOST_BYTES, read_bounce
from orderwerk.emails.commands.report_bounces import BounceItem, report_bounces


@click.command()
@click.argument("file", type=click.File("rb"), default="-")
def bounce(file: IO[bytes]) -> None:
    """Note that a message did not arrive, as the mail server's report in FILE (or on standard input) says.

    For the pipe of a mailbox: the address of the sender gets these reports. A report that the message arrived is fine and
    changes nothing. Exit status 1 for what is no such report, or is about a message that is not ours.
    """
    try:
        found = read_bounce(file.read(MOST_BYTES + 1))
        if found is None:
            click.echo("The report says that the message arrived.")
            return
        item = BounceItem(
            message_id=found.message_id, kind=found.kind, code=found.code, reason=found.reason
        )
        with connected():
            report_bounces([item], actor=Actor.system("mailbox"))[0].require()
    except Refusal as refusal:
        click.echo(refusal.message, err=True)
        sys.exit(1)
    click.echo(f"{found.message_id}: {found.kind}, {found.code} {found.reason}".rstrip())
