"""Brings the schema up to date; any number of processes may try at once, one does it, and others go on working meanwhile."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
from django.core.management import call_command
from django.db import OperationalError, connection

from orderwerk.config import schema_mark
from orderwerk.config.grants import grant_to_program
from orderwerk.config.health import missing_migrations
from orderwerk.core import sql

# Any fixed number will do, as long as nobody else uses it for another purpose.
_LOCK = 7_261_390_117

# Who waits for a table keeps everybody behind it waiting too: a change asks for so long, lets go, and asks again.
_ASK_MILLISECONDS = 2000
_MOST_TRIES = 60
_PAUSE_SECONDS = 1.0
_PASSING = ("55P03", "40P01")  # lock not available, deadlock detected


@contextmanager
def _alone() -> Iterator[None]:
    params = connection.get_connection_params()
    for name in ("cursor_factory", "context"):
        params.pop(name, None)
    with psycopg.connect(**params, autocommit=True) as session:
        session.execute("set lock_timeout = 0")
        session.execute("select pg_advisory_lock(%s)", (_LOCK,))
        yield


def migrate() -> list[str]:
    """Apply what is missing and return its names; waits for another process that is doing so.

    Call it as the owner of the database: afterwards the program's role may use what is new.
    """
    with _alone():
        missing = missing_migrations()
        if missing:
            insist(lambda: call_command("migrate", interactive=False, verbosity=0))
            call_command("createcachetable", verbosity=0)
        grant_to_program()
        _leave_mark()
    return missing


def insist(change: Callable[[], object]) -> None:
    """Make changes to tables in use: nobody is kept waiting for more than two seconds by a change that waits itself.

    What is done is remembered by the migrations, so that another try goes on where the last one stopped. Gives up after
    some minutes with the error of the database.
    """
    for left in reversed(range(_MOST_TRIES)):
        # Each time: a change may have set it otherwise for a part of itself.
        sql.execute(f"set lock_timeout = {_ASK_MILLISECONDS}")
        try:
            change()
        except OperationalError as error:
            if not left or getattr(error.__cause__, "sqlstate", None) not in _PASSING:
                raise
            time.sleep(_PAUSE_SECONDS)
        else:
            break
    sql.execute("reset lock_timeout")


_MAY_MARK = (
    "select pg_has_role(relowner, 'usage') from pg_class where oid = 'django_migrations'::regclass"
)


def _leave_mark() -> None:
    [(present, applied)] = sql.fetch(schema_mark.READ)
    [(is_owner,)] = sql.fetch(_MAY_MARK)
    if is_owner and present != schema_mark.mark(applied):
        sql.execute(f"comment on table django_migrations is '{schema_mark.mark(applied)}'")
