"""Takes names and accounts from files for the bank that the law does not want kept any longer; amounts, numbers and hash stay."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec

from orderwerk.core import clock, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import NotFound, Refusal, WrongState
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import STILL, Subject, retrying, unit_of_work
from orderwerk.refunds.events import TRANSFER_BATCH_BLANKED
from orderwerk.shops.terms import FEWEST_YEARS

_MOST = 500
# The shortest term that any country knows.
_FEWEST_YEARS = min(FEWEST_YEARS.values())
_UNTIL = "refunds_kept_until(b.created_at, s.timezone, s.legal, s.fiscal_years)"
_IS_OVER = f"{_UNTIL} <= (%s::timestamptz at time zone s.timezone)::date"
_LOCK = f"""
select b.id, b.number, b.shop_id, b.blanked_at is not null, {_IS_OVER},
  (extract(year from {_UNTIL}) - extract(year from b.created_at at time zone s.timezone) - 1)::int
from refunds_batch b join shops_shop s on s.id = b.shop_id where b.id = any(%s) order by b.id for no key update of b
"""
_BLANK = """
update refunds_batch b set content = refunds_blanked(b.content), blanked_at = %s where b.id = any(%s)
"""
_DUE = f"""
select b.id from refunds_batch b join shops_shop s on s.id = b.shop_id
where b.blanked_at is null and b.created_at < %s and {_IS_OVER} order by b.id limit %s
"""


class BlankBatchItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A file for the bank that is to tell of nobody any more."""

    batch_id: UUID


def blank_transfer_batches(items: Sequence[BlankBatchItem], *, actor: Actor) -> list[Outcome]:
    """Take the names and accounts of those who were paid from files for the bank; what was blanked stays so.

    Refuses with NotFound, with WrongState a file that is to be kept still: as long as the documents that were paid back with it
    (`fiscal_years` of its shop, and what the law of its country wants).
    """
    return retrying(lambda: _blank(items, actor))


def _blank(items: Sequence[BlankBatchItem], actor: Actor) -> list[Outcome]:
    outcomes: list[Outcome] = []
    going: dict[UUID, Any] = {}
    moment = clock.now()
    with unit_of_work(actor) as unit:
        rows = sql.fetch(_LOCK, (moment, [item.batch_id for item in items]))
        found = {row[0]: row for row in rows}
        for item in items:
            try:
                row = _check(found.get(item.batch_id), item, actor)
            except Refusal as refusal:
                outcomes.append(Outcome.refused(refusal))
                continue
            if not row[3]:
                going[row[0]] = row
            outcomes.append(Outcome.done(row[0]))
        sql.execute(_BLANK, (moment, list(going)))
        for key, number, shop_id, _blanked, _over, years in going.values():
            subject = Subject("transfer_batch", key, None, None, shop_id)
            unit.record(TRANSFER_BATCH_BLANKED, subject, STILL, {"number": number, "years": years})
    return outcomes


def _check(row: Any, item: BlankBatchItem, actor: Actor) -> Any:  # noqa: ANN401 - a row of the statement above
    if row is None or not actor.may_see_shop(row[2]):
        raise NotFound(f"There is no file {item.batch_id}.", code="unknown_batch", pointer="/batch_id")  # fmt: skip
    if not row[4]:
        raise WrongState(f"The law wants file {row[1]} kept still.", code="still_kept", pointer="/batch_id")  # fmt: skip
    return row


def blank_due_batches(*, actor: Actor) -> int:
    """Blank the files whose term is over, some at a time; returns how many."""
    now = clock.now()
    newest = datetime(now.year - _FEWEST_YEARS, 1, 2, tzinfo=UTC)
    done = 0
    while keys := [row[0] for row in sql.fetch(_DUE, (newest, now, _MOST))]:
        outcomes = blank_transfer_batches([BlankBatchItem(batch_id=key) for key in keys], actor=actor)  # fmt: skip
        done += len([outcome.require() for outcome in outcomes])
    return done
