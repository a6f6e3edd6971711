"""Calls carriers for labels: intent, barcode, call, result. What nobody knows the end of is asked again, the same way.

A barcode is reserved first and kept before it is used: asked for twice, the same barcode is the same parcel. So a silence
needs no look before the next call, and no two parcels are ever made of one. What is labelled (a parcel that goes out, a return)
is a desk's own; how its labels are asked for is the same for all and stands here alone.
"""

import logging
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Generic, TypeVar
from uuid import UUID

from django.db import connection

from orderwerk.core import effects, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import ensure
from orderwerk.core.uow import unit_of_work
from orderwerk.payments.errands import LONGEST_PAUSE_SECONDS, STALE_SECONDS
from orderwerk.payments.ports import Declined, Postponed, Unclear

_log = logging.getLogger(__name__)

# After so many calls without an answer a person looks; another attempt asks under the same barcode.
MOST_CALLS = 12
# What a parcel weighs of whose articles nobody knows the weight; the carrier wants a figure, and asks for no exact one.
SOME_GRAMS = 1000
_DOUBT_SECONDS = 30
_CALL_WITHIN_SECONDS = 60.0


@dataclass(slots=True, kw_only=True)
class Errand:
    """A label that is to be made, with its effect."""

    id: UUID
    effect_id: UUID
    effect_status: str
    calls: int
    barcode: str
    asked: int
    account_id: UUID
    account_in_use: bool


class _Gone(Exception):
    """Somebody else has taken the label over, or it was given up: nothing is asked for any more."""


ErrandT = TypeVar("ErrandT", bound=Errand)
KeyedT = TypeVar("KeyedT")


class Desk(ABC, Generic[ErrandT, KeyedT]):
    """One kind of label: where its rows stand, who asks the carrier, and who writes down what became of it."""

    kind: str
    table: str
    actor: Actor

    @abstractmethod
    def hindrance(self, errand: ErrandT) -> str:
        """Read how it stands now that nobody else can call, barcode and count too; return why nothing is to be made any more."""

    @abstractmethod
    def reserve(self, account: KeyedT) -> str:
        """Have the carrier reserve a barcode."""

    @abstractmethod
    def label(self, account: KeyedT, errand: ErrandT) -> bytes:
        """Have the carrier make the label of the errand's barcode."""

    @abstractmethod
    def tell(self, errand: ErrandT, content: bytes | None, note: str, *, keeps_barcode: bool) -> None:  # fmt: skip
        """Write how the attempt ended; where somebody else was faster, it is written already."""

    def make_all(self, errands: Sequence[ErrandT], accounts: Mapping[UUID, KeyedT]) -> None:
        """Make labels, each: mark as being called (committed), reserve a barcode and keep it, call with no transaction open, store the result.

        An account that does not answer is left alone for the rest of this run; one errand that breaks keeps no other from being run.
        """
        silent: set[UUID] = set()
        for errand in errands:
            account = accounts.get(errand.account_id)
            if errand.account_id not in silent and not self._run(errand, account):
                silent.add(errand.account_id)

    def start(self) -> None:
        """Make sure that no transaction is open, and put in doubt what a caller that was killed left behind."""
        ensure(not connection.in_atomic_block, "carriers are called outside a transaction")
        effects.doubt_stale(self.kind, seconds=STALE_SECONDS)

    def _run(self, errand: ErrandT, account: KeyedT | None) -> bool:
        """Make one label; False when the account does not answer."""
        started = time.monotonic()
        if not self._is_mine(errand):
            return True
        try:
            return self._ask(errand, account, started)
        except Exception as error:  # noqa: BLE001 - the other labels are made all the same
            _log.exception("a label broke in an unforeseen way", extra={"label": str(errand.id)})
            return self._broke(errand, error)

    def _broke(self, errand: ErrandT, error: Exception) -> bool:
        """Let an errand wait that broke in a way that nobody foresaw, and fail in sight after so many tries."""
        what = Unclear(f"It broke in an unforeseen way ({type(error).__name__}).", retryable=True)
        try:
            self._doubt(errand, what, silent=errand.calls + 1)
        except Exception:  # noqa: BLE001 - the other labels are made all the same
            # It stays as it is being called, and is taken up again when that is stale.
            _log.exception("a label cannot be put off", extra={"label": str(errand.id)})
        return True

    def _ask(self, errand: ErrandT, account: KeyedT | None, started: float) -> bool:
        hindrance = self.hindrance(errand)
        if hindrance or account is None:
            # What was asked for under its barcode may be there: another attempt goes on under the same one.
            self.tell(errand, None, hindrance or _without_account(errand), keeps_barcode=errand.asked > 0)  # fmt: skip
            return True
        return self._call(errand, account, started)

    def _call(self, errand: ErrandT, account: KeyedT, started: float) -> bool:
        try:
            if not errand.barcode:
                self._keep_barcode(errand, self.reserve(account))
            _ensure_fresh(started)
            self._count_call(errand, 1)
            content = self.label(account, errand)
        except Declined as refusal:
            # What was asked for once only, and refused, was certainly not made: its barcode is worth nothing.
            self.tell(errand, None, refusal.message, keeps_barcode=errand.asked > 1)
            return True
        except Postponed as refusal:
            self._put_off(errand, refusal)
            return not refusal.for_all
        except Unclear as refusal:
            return self._doubt(errand, refusal)
        except _Gone:
            return True
        self.tell(errand, content, "", keeps_barcode=True)
        return True

    def _is_mine(self, errand: ErrandT) -> bool:
        with unit_of_work(self.actor):
            if errand.effect_status == "intended":
                return effects.begin_call(errand.effect_id)
            return effects.resume(errand.effect_id)

    def _keep_barcode(self, errand: ErrandT, barcode: str) -> None:
        """Write the barcode down before it is used, so that whoever comes next asks under the same one."""
        with unit_of_work(self.actor):
            kept = sql.fetch(
                f"update {self.table} set barcode = %s where id = %s and effect_id = %s and status = 'ordered' and barcode = '' returning id",
                (barcode, errand.id, errand.effect_id),
            )
        if not kept:
            raise _Gone
        errand.barcode = barcode

    def _count_call(self, errand: ErrandT, step: int) -> None:
        with unit_of_work(self.actor):
            counted = sql.fetch(
                f"update {self.table} set asked = asked + %s where id = %s and effect_id = %s and status = 'ordered' returning id",
                (step, errand.id, errand.effect_id),
            )
        if not counted:
            raise _Gone
        errand.asked += step

    def _put_off(self, errand: ErrandT, refusal: Postponed) -> None:
        """Wait: the call certainly did nothing, so it was none."""
        if errand.barcode and errand.asked:
            with suppress(_Gone):
                self._count_call(errand, -1)
        with unit_of_work(self.actor):
            if errand.asked:
                effects.doubt(errand.effect_id, note=refusal.message[:300], seconds=refusal.seconds)
            else:
                effects.try_later(errand.effect_id, seconds=refusal.seconds, note=refusal.message[:300])  # fmt: skip

    def _doubt(self, errand: ErrandT, refusal: Unclear, *, silent: int | None = None) -> bool:
        # A call that was put off is no silence; where no barcode came, nothing counts but the tries.
        tries = errand.calls + 1
        if silent is None:
            silent = min(tries, errand.asked) if errand.barcode else tries
        if silent >= MOST_CALLS:
            what = f"No answer in {silent} calls." if errand.barcode else f"No barcode in {silent} tries."  # fmt: skip
            self.tell(errand, None, f"{what} {refusal.message}", keeps_barcode=True)
            return False
        with unit_of_work(self.actor):
            pause = min(LONGEST_PAUSE_SECONDS, _DOUBT_SECONDS * 2 ** min(errand.calls, 10))
            effects.doubt(errand.effect_id, note=refusal.message[:300], seconds=pause)
        return False


def _without_account(errand: Errand) -> str:
    if not errand.account_in_use:
        return "The carrier is not in use any more."
    return "The carrier's key cannot be read any more; enter it again in the settings."


def _ensure_fresh(started: float) -> None:
    """Refuse to call after the program stood still: somebody else may have taken over, and given the barcode up."""
    if time.monotonic() - started > _CALL_WITHIN_SECONDS:
        raise Unclear("The program stood still too long; it is asked again.", retryable=True)
