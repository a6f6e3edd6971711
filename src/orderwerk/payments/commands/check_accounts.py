"""Asks for a test of the connection to a provider, and notes what came of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import msgspec

from orderwerk.core import clock, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import NotFound
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import STILL, Subject, retrying, unit_of_work
from orderwerk.payments.events import ACCOUNT_CHECK_ASKED


class CheckAccountItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An account whose connection is to be tested."""

    account_id: UUID


def check_payment_accounts(items: Sequence[CheckAccountItem], *, actor: Actor) -> list[Outcome]:
    """Test the connections of accounts, within seconds; `checked_at`, `check_ok` and `check_note` then say what came of it.

    Refuses with NotFound.
    Refuses with NotAllowed who is limited to locations.
    """
    actor.ensure_every_location()
    return retrying(lambda: _ask(items, actor))


def _ask(items: Sequence[CheckAccountItem], actor: Actor) -> list[Outcome]:
    with unit_of_work(actor) as unit:
        rows = sql.fetch(
            "select id, shop_id, provider from payments_account where id = any(%s)",
            ([item.account_id for item in items],),
        )
        found = {row[0]: row for row in rows if actor.may_see_shop(row[1])}
        outcomes = []
        for item in items:
            if item.account_id not in found:
                refusal = NotFound(f"There is no payment account {item.account_id}.", code="unknown_account", pointer="/account_id")  # fmt: skip
                outcomes.append(Outcome.refused(refusal))
                continue
            _, shop_id, provider = found[item.account_id]
            subject = Subject("payment_account", item.account_id, None, None, shop_id)
            unit.record(ACCOUNT_CHECK_ASKED, subject, STILL, {"provider": provider})
            outcomes.append(Outcome.done(item.account_id, provider=provider))
    return outcomes


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What the provider answered: whose account it is, or why the credentials are no good."""

    account_id: UUID
    is_good: bool
    note: str


def note_account_checks(items: Sequence[CheckResult], *, actor: Actor) -> list[Outcome]:
    """Note what came of tests."""
    with unit_of_work(actor):
        sql.execute(
            "update payments_account a set checked_at = %s, check_ok = t.ok, check_note = t.note "
            "from unnest(%s::uuid[], %s::boolean[], %s::text[]) as t(id, ok, note) where a.id = t.id",
            (
                clock.now(),
                [i.account_id for i in items],
                [i.is_good for i in items],
                [i.note[:300] for i in items],
            ),
        )
    return [Outcome.done(item.account_id) for item in items]
