"""Gives the commands that need data a database that runs, and takes it away again."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connection, connections

from orderwerk.config.database import database, django_database


@contextmanager
def connected(*, as_owner: bool = False) -> Iterator[str]:
    """Connect Django to the database of this installation for the block; starts the embedded one when it sleeps.

    `as_owner`: for changes of the schema, which the program's own role may not make.
    """
    with database(settings.ENV, as_owner=as_owner) as url:
        # Settings were read before the server ran; its port may be a new one.
        connection.settings_dict.update(django_database(url))
        try:
            yield url
        finally:
            connections.close_all()
