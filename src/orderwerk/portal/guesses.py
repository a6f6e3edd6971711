"""Keeps strangers from finding orders by trying: so many misses per address, per order number and altogether.

A postal code alone is a weak proof: Belgium has about 1,150 of them, and order numbers follow each other. So an order that was
missed a few times, or a day on which many are missed, no longer opens by it: the link goes to the customer's own address.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.utils.crypto import salted_hmac

from orderwerk.core import clock, sql

_KEPT = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class _Limit:
    name: str
    most: int
    window: timedelta


_ADDRESS = _Limit("address", 20, timedelta(minutes=15))
_NUMBER = _Limit("number", 5, timedelta(days=1))
_ALL = _Limit("all", 60, timedelta(hours=1))
# What guests who were let in are refused because of amounts (`probes`). No stranger counts up this one, who knows but a number.
_ANNOUNCED = _Limit("announced", 5, timedelta(days=1))
# Whoever tries four or five digits has a thousand times the chance of whoever tries 1015CS or an e-mail address.
_WEAK, _STRONG = 8, 1
_LONGEST_WEAK = 5

# Counted before anybody looks, in one statement: many tries at once are many tries.
_TRY = """
with gone as (delete from portal_guess where window_start < %s)
insert into portal_guess (key, window_start, tries)
select t.key, t.window_start, t.cost from unnest(%s::bytea[], %s::timestamptz[], %s::int[]) as t(key, window_start, cost) order by 1
on conflict (key, window_start) do update set tries = portal_guess.tries + excluded.tries
returning key, tries
"""
_FORGIVE = """
update portal_guess g set tries = greatest(0, g.tries - t.cost)
from unnest(%s::bytea[], %s::timestamptz[], %s::int[]) as t(key, window_start, cost)
where g.key = t.key and g.window_start = t.window_start
"""


@dataclass(frozen=True, slots=True)
class Try:
    """One try that has been counted: turned away, answered by e-mail alone, or free."""

    is_allowed: bool
    by_email_alone: bool
    _keys: list[bytes]
    _windows: list[datetime]
    _costs: list[int]

    def forgive(self) -> None:
        """Take the try back: it was right."""
        sql.execute(_FORGIVE, (self._keys, self._windows, self._costs))


def count_try(address: str, number: str, proof: str) -> Try:
    """Count a try of an address at an order number with a proof, and say how it may be answered."""
    cost = _WEAK if _is_weak(proof) else _STRONG
    over, counted = _count([(_ADDRESS, address, 1), (_NUMBER, number.casefold(), 1), (_ALL, "", cost)])  # fmt: skip
    return Try(_ADDRESS not in over, bool(over & {_NUMBER, _ALL}), *counted)


def count_announcing(number: str) -> Try:
    """Count what a guest who was let in asks of an order: it weighs at the door as a miss does, the door's misses not here."""
    over, counted = _count([(_NUMBER, number.casefold(), 1), (_ANNOUNCED, number.casefold(), 1)])
    return Try(_ANNOUNCED not in over, False, *counted)  # noqa: FBT003 - nothing is mailed here


_Counted = tuple[list[bytes], list[datetime], list[int]]


def _count(tries: Sequence[tuple[_Limit, str, int]]) -> tuple[set[_Limit], _Counted]:
    """Count tries, each under a limit by a value with its cost; returns the limits that are passed."""
    now = clock.now()
    keys, windows = [], []
    for limit, value, _ in tries:
        seconds = int(limit.window.total_seconds())
        mac = salted_hmac(f"portal.{limit.name}", value, secret=settings.SECRET_KEY, algorithm="sha256")  # fmt: skip
        keys.append(mac.digest())
        start = now - timedelta(seconds=now.timestamp() % seconds)
        windows.append(start.replace(microsecond=0))
    costs = [cost for _, _, cost in tries]
    found = {bytes(row[0]): row[1] for row in sql.fetch(_TRY, (now - _KEPT, keys, windows, costs))}
    over = {
        limit for (limit, _, _), key in zip(tries, keys, strict=True) if found[key] > limit.most
    }
    return over, (keys, windows, costs)


def _is_weak(proof: str) -> bool:
    code = "".join(proof.split())
    return "@" not in code and (not code or code.isdigit()) and len(code) <= _LONGEST_WEAK
