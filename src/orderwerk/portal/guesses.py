"""Keeps strangers from finding orders by trying: so many tries per address and per order number, then a pause."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.utils.crypto import salted_hmac

from orderwerk.core import clock, sql

_KEPT = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class _Limit:
    name: str
    most: int
    window: timedelta


# A postal code and a house have some thousand neighbours; a customer mistypes a handful of times.
_LIMITS = (_Limit("address", 20, timedelta(minutes=15)), _Limit("number", 30, timedelta(hours=1)))

# Counted before anybody looks, in one statement: many tries at once are many tries.
_TRY = """
with gone as (delete from portal_guess where window_start < %s)
insert into portal_guess (key, window_start, tries)
select t.key, t.window_start, 1 from unnest(%s::bytea[], %s::timestamptz[]) as t(key, window_start) order by 1
on conflict (key, window_start) do update set tries = portal_guess.tries + 1
returning key, tries
"""
_FORGIVE = """
update portal_guess g set tries = greatest(0, g.tries - 1)
from unnest(%s::bytea[], %s::timestamptz[]) as t(key, window_start)
where g.key = t.key and g.window_start = t.window_start
"""
Keys = tuple[list[bytes], list[datetime]]


def _keys(values: Sequence[str]) -> Keys:
    now = clock.now()
    keys, windows = [], []
    for limit, value in zip(_LIMITS, values, strict=True):
        seconds = int(limit.window.total_seconds())
        keys.append(
            salted_hmac(
                f"portal.{limit.name}", value, secret=settings.SECRET_KEY, algorithm="sha256"
            ).digest()
        )
        windows.append(now - timedelta(seconds=now.timestamp() % seconds))
    return keys, [w.replace(microsecond=0) for w in windows]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Try:
    """One try that has been counted."""

    is_allowed: bool
    _keys: Keys

    def forgive(self) -> None:
        """Take the try back: it was right."""
        sql.execute(_FORGIVE, self._keys)


def count_try(address: str, number: str) -> Try:
    """Count a try of an address at an order number, and say whether it may be looked at."""
    keys = _keys((address, number.casefold()))
    found = {bytes(row[0]): row[1] for row in sql.fetch(_TRY, (clock.now() - _KEPT, *keys))}
    allowed = all(found[key] <= limit.most for key, limit in zip(keys[0], _LIMITS, strict=True))
    return Try(allowed, keys)
