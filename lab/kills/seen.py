"""What the installation's tables and `orderwerk check` say, and how much of its work is still to be done."""

import json
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import psycopg

# What is open is stuck when none of it comes to its end for so long; a refund in doubt is looked up ever later.
_STUCK_SECONDS = 300
_LONGEST_SECONDS = 1800
_QUIET = """
select (select count(*) from core_outbox) + (select count(*) from procrastinate_jobs where status in ('todo', 'doing'))
  + (select count(*) from core_effect where status = 'intended' or (status = 'in_doubt' and kind <> 'email'))
"""
_ORDERS = """
select o.external_id, o.id::text, o.units_shipped > 0, o.units_cancelled = o.units_ordered,
  (select sum(l.returned) from orders_line l where l.order_id = o.id)
from orders_order o
"""
_REFUNDS = """
select p.reference, sum(r.amount_minor) from refunds_refund r join payments_payment p on p.id = r.payment_id
where r.status in ('submitted', 'pending', 'succeeded') group by 1
"""
_EMAILS = (
    "select message_id, status, trigger, object_id::text from emails_email where message_id <> ''"
)
_ON_ITS_WAY = ("shipment.shipped", "shipment.partly_shipped")

# Runs a command of the program on the installation that is looked at.
Run = Callable[..., "subprocess.CompletedProcess[str]"]


@dataclass(frozen=True)
class Reach:
    """Where an installation's tables are, and how its commands are run."""

    url: str
    run: Run


@dataclass(frozen=True)
class Seen:
    """What the installation's tables say. `letters`: the message about each shipment that left."""

    orders: Counter[str]
    ids: dict[str, str]
    shipped: frozenset[str]
    cancelled: frozenset[str]
    returned: dict[str, int]
    refunds: dict[str, int]
    emails: dict[str, str]
    letters: dict[str, str]


@dataclass(frozen=True)
class Checked:
    """What `orderwerk check` found, what it could not look at, and for how many messages a person has to decide."""

    findings: tuple[str, ...] = ()
    unchecked: tuple[str, ...] = ()
    doubts: int = 0


def read(connection: "psycopg.Connection[Any]") -> Seen:
    """Read what is compared."""
    orders = connection.execute(_ORDERS).fetchall()
    refunds = connection.execute(_REFUNDS).fetchall()
    emails = connection.execute(_EMAILS).fetchall()
    return Seen(
        orders=Counter(row[0] for row in orders),
        ids={row[0]: row[1] for row in orders},
        shipped=frozenset(row[1] for row in orders if row[2]),
        cancelled=frozenset(row[1] for row in orders if row[3]),
        returned={row[1]: int(row[4]) for row in orders if row[4]},
        refunds={row[0]: int(row[1]) for row in refunds},
        emails={row[0]: row[1] for row in emails},
        letters={row[3]: row[0] for row in emails if row[2] in _ON_ITS_WAY},
    )


def check(run: Run, *only: str) -> Checked:
    """Let `orderwerk check` look at everything, or at some invariants; an answer that is none counts as not checked."""
    done = run("check", "--json", *(word for name in only for word in ("--only", name)))
    try:
        told = json.loads(done.stdout)
    except ValueError:
        return Checked(unchecked=(f"ended with {done.returncode}: {done.stderr[-300:]}",))
    return checked(told)


def checked(told: dict[str, Any]) -> Checked:
    """Sort what `orderwerk check --json` says; a message whose server hung up after taking it is for a person to decide."""
    findings = told["findings"]
    doubts = [f for f in findings if (f["invariant"], f["actual"]) == ("stuck-emails", "unknown")]
    return Checked(
        tuple(f"{f['invariant']} {f['object_id']}: {f['actual']}" for f in findings if f not in doubts),
        tuple(f"{name}: {why}" for name, why in told["could_not_check"].items()),
        len(doubts),
    )  # fmt: skip


def left(connection: "psycopg.Connection[Any]") -> int:
    """How much is still to be done: outbox rows, jobs, effects without an end.

    A message whose server hung up after taking it stays in doubt until a person decides: sending again could be twice.
    """
    row = connection.execute(_QUIET).fetchone()
    assert row is not None
    return int(row[0])


def drain(url: str) -> float:
    """Let everything that is open come to its end; returns how long that took."""
    began = moved = time.monotonic()
    with psycopg.connect(url, autocommit=True) as connection:
        least = left(connection)
        while least and (now := time.monotonic()) - moved < _STUCK_SECONDS and now - began < _LONGEST_SECONDS:  # fmt: skip
            time.sleep(0.5)
            if (open_things := left(connection)) < least:
                least, moved = open_things, now
    return time.monotonic() - began
