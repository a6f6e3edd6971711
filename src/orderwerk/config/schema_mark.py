"""Tells without Django whether a database has this version's schema already, so that a start need not load it to look.

Whoever applies the schema leaves a mark: a comment on the table of applied migrations, which a backup carries along.
It names what the schema was made from and how many migrations stood there then; anything else means "look properly".
"""

import hashlib
from importlib.metadata import version
from pathlib import Path

import psycopg

_ROOMS = Path(__file__).resolve().parents[1]
# The libraries that bring tables of their own.
_LIBRARIES = ("django", "procrastinate", "django-allauth", "django-axes")

# Text on both sides: one statement that Django's connection and a plain one may run.
READ = """
select obj_description('django_migrations'::regclass, 'pg_class'),
       (select count(*)::text || '-' || coalesce(max(id), 0)::text from django_migrations)
"""


def made_from() -> str:
    """Return a digest of all that the schema is made from."""
    digest = hashlib.sha256()
    for file in (*sorted(_ROOMS.glob("*/migrations/*.py")), Path(__file__).with_name("grants.py")):
        digest.update(f"{file.relative_to(_ROOMS)}\n".encode() + file.read_bytes())
    for library in _LIBRARIES:
        digest.update(f"{library} {version(library)}\n".encode())
    return digest.hexdigest()[:32]


def mark(applied: str) -> str:
    """Return what a database with this version's schema says; `applied` is the second column of READ."""
    return f"orderwerk {made_from()} {applied}"


def is_current(address: str) -> bool:
    """Say whether the database at this address certainly has this version's schema; a doubt is a no."""
    try:
        with psycopg.connect(address, connect_timeout=10) as connection:
            row = connection.execute(READ).fetchone()
    except psycopg.Error:
        return False
    return row is not None and row[0] == mark(row[1])
