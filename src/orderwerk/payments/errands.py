"""Calls that move money at providers: intent, look, call, result. One that nobody knows the end of is looked up, never repeated blindly.

What is asked for is the caller's own (a refund, a capture, a release); when it may be asked, and what a refusal, a pause or
silence means for it, is the same for all and stands here alone.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar
from uuid import UUID

from django.db import connection

from orderwerk.core import clock, effects, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import ProviderFailed, ensure
from orderwerk.core.uow import unit_of_work
from orderwerk.payments.accounts import accounts_in_use
from orderwerk.payments.looks import watch
from orderwerk.payments.ports import (
    Account,
    Declined,
    PaymentProvider,
    PaymentReport,
    Postponed,
    Providers,
    Unclear,
)

# A caller that has not come back after so long was killed; until then nobody else touches the call.
STALE_SECONDS = 120
# A caller that was stopped and goes on later must not call any more: somebody else may have taken over.
_CALL_WITHIN_SECONDS = 60.0
# A call that comes later than this after its intent may be one that a restored backup has forgotten.
_FRESH = timedelta(minutes=5)
_DOUBT_SECONDS = 30
LONGEST_PAUSE_SECONDS = 3600
_POLL_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Errand:
    """One thing that a provider is asked for, with the effect under which it ever is."""

    payment_reference: str
    account_id: UUID
    effect_id: UUID
    effect_status: str
    calls: int
    attempt: int
    intended_at: datetime

    @property
    def may_be_there(self) -> bool:
        """Whether the provider may have done it already, so that it is looked up before it is asked for."""
        return self.attempt > 1 or self.may_have_been_called

    @property
    def may_have_been_called(self) -> bool:
        """Whether a call of this attempt may have happened, even if a restored backup has forgotten it."""
        return bool(self.calls) or self.intended_at < clock.now() - _FRESH


E = TypeVar("E", bound=Errand)
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Errands(Generic[E, R]):
    """A kind of errand. `due` reads those that wait, the columns as `row` wants them; its parameters: now, ids, ids, how many.

    `find`: what the provider shows of it, None when it is not there. `ask`: the call itself. `take`: what is written of the
    result. `decline`: what is written when the provider said no.
    """

    kind: str
    actor: Actor
    due: str
    row: type[E]
    find: Callable[[E, PaymentReport], R | None]
    ask: Callable[[E, Account, PaymentProvider], R]
    take: Callable[[E, Account, R], None]
    decline: Callable[[E, str], None]


def run_errands(
    errands: Errands[E, R], providers: Providers, only: Sequence[UUID] | None, most: int
) -> int:
    """Make the calls that are due (of the named ones, or of all) and look up those in doubt; returns how many were handled.

    Each: mark as being called (committed), call with no transaction open, store the result. An account that cannot be
    reached is left alone for the rest of this run.
    """
    ensure(not connection.in_atomic_block, "providers are called outside a transaction")
    effects.doubt_stale(errands.kind, seconds=STALE_SECONDS)
    wanted = None if only is None else list(only)
    rows = [
        errands.row(*row) for row in sql.fetch(errands.due, (clock.now(), wanted, wanted, most))
    ]
    accounts = accounts_in_use({row.account_id for row in rows})
    silent: set[UUID] = set()
    for row in rows:
        if row.account_id in silent:
            continue
        account = accounts[row.account_id]
        if not _run(errands, row, account, providers[account.provider]):
            silent.add(row.account_id)
    return len(rows)


def _run(errands: Errands[E, R], row: E, account: Account, provider: PaymentProvider) -> bool:
    """Make one call; False when the account does not answer."""
    started = time.monotonic()
    if not _is_mine(errands.actor, row):
        return True
    try:
        result = _ask(errands, row, account, provider, started)
    except Declined as refusal:
        errands.decline(row, refusal.message[:500])
        return True
    except Postponed as refusal:
        _put_off(errands.actor, row, refusal)
        return not refusal.for_all
    except ProviderFailed as refusal:
        with unit_of_work(errands.actor):
            effects.doubt(row.effect_id, note=refusal.message[:300], seconds=_pause(row.calls))
        return False
    errands.take(row, account, result)
    watch_errand(row, seconds=_POLL_SECONDS)
    return True


def _is_mine(actor: Actor, row: Errand) -> bool:
    with unit_of_work(actor):
        if row.effect_status == "intended":
            return effects.begin_call(row.effect_id)
        return effects.resume(row.effect_id)


def _ask(
    errands: Errands[E, R], row: E, account: Account, provider: PaymentProvider, started: float
) -> R:
    if row.may_be_there:
        found = errands.find(row, _look_before(row, account, provider))
        if found is not None:
            return found
    if time.monotonic() - started > _CALL_WITHIN_SECONDS:
        raise Unclear("The program stood still too long; it is looked up first.", retryable=True)
    return errands.ask(row, account, provider)


def _look_before(row: Errand, account: Account, provider: PaymentProvider) -> PaymentReport:
    """Read what became of earlier calls; a no to this question says nothing of what a call has done."""
    try:
        return provider.look(account, row.payment_reference)
    except Declined as error:
        if not row.may_have_been_called:
            raise
        raise Unclear(error.message, retryable=True) from error


def _put_off(actor: Actor, row: Errand, refusal: Postponed) -> None:
    with unit_of_work(actor):
        # Intended: no call before this one can have happened.
        if row.effect_status == "intended":
            effects.try_later(row.effect_id, seconds=refusal.seconds, note=refusal.message[:300])
        else:
            effects.doubt(row.effect_id, note=refusal.message[:300], seconds=refusal.seconds)


def _pause(calls: int) -> int:
    return int(min(LONGEST_PAUSE_SECONDS, _DOUBT_SECONDS * 2 ** min(calls, 10)))


def watch_errand(row: Errand, *, seconds: int) -> None:
    """Look again later what became of it, should no message come."""
    watch([(row.account_id, row.payment_reference)], seconds=seconds)
