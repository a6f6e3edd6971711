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
_LIMITS = (_ADDRESS, _NUMBER, _ALL)
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
    """One try that has been counted: turned away, answered by e-mail alone (of an order that `is_missed` too often, or any), or free."""

    is_allowed: bool
    by_email_alone: bool
    is_missed: bool
    _keys: list[bytes]
    _windows: list[datetime]
    _costs: list[int]

    def forgive(self) -> None:
        """Take the try back: it was right."""
        sql.execute(_FORGIVE, (self._keys, self._windows, self._costs))


def count_try(address: str, number: str, proof: str) -> Try:
    """Count a try of an address at an order number with a proof, and say how it may be answered."""
    values: Sequence[str] = (address, number.casefold(), "")
    now = clock.now()
    keys, windows = [], []
    for limit, value in zip(_LIMITS, values, strict=True):
        seconds = int(limit.window.total_seconds())
        mac = salted_hmac(f"portal.{limit.name}", value, secret=settings.SECRET_KEY, algorithm="sha256")  # fmt: skip
        keys.append(mac.digest())
        start = now - timedelta(seconds=now.timestamp() % seconds)
        windows.append(start.replace(microsecond=0))
    costs = [1, 1, _WEAK if _is_weak(proof) else _STRONG]
    found = {bytes(row[0]): row[1] for row in sql.fetch(_TRY, (now - _KEPT, keys, windows, costs))}
    over = {limit.name for limit, key in zip(_LIMITS, keys, strict=True) if found[key] > limit.most}
    return Try(
        is_allowed=_ADDRESS.name not in over,
        by_email_alone=bool(over & {_NUMBER.name, _ALL.name}),
        is_missed=_NUMBER.name in over,
        _keys=keys,
        _windows=windows,
        _costs=costs,
    )


def _is_weak(proof: str) -> bool:
    code = "".join(proof.split())
    return "@" not in code and (not code or code.isdigit()) and len(code) <= _LONGEST_WEAK
