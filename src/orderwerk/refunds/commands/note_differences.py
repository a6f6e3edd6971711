"""Notes on what a provider and we do not agree; each thing once, however often it is found."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from orderwerk.core import clock, ids, sql
from orderwerk.core.actor import Actor
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import STILL, Subject, retrying, unit_of_work
from orderwerk.refunds.events import DIFFERENCE_FOUND

_COLUMNS = (
    "id uuid, shop_id uuid, account_id uuid, kind text, status text, reference text, payment_id uuid, refund_id uuid, currency text, "
    "ours_minor bigint, theirs_minor bigint, ours text, theirs text, happened_at timestamptz, found_at timestamptz, note text, "
    "resolved_by text"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A difference; amounts in minor units, None where a side knows nothing of it."""

    shop_id: UUID
    account_id: UUID
    kind: str
    reference: str
    currency: str
    happened_at: datetime
    payment_id: UUID | None = None
    refund_id: UUID | None = None
    ours_minor: int | None = None
    theirs_minor: int | None = None
    ours: str = ""
    theirs: str = ""


def note_differences(items: Sequence[Found], *, actor: Actor) -> list[Outcome]:
    """Note differences; what is noted already, resolved or not, stays as it is."""
    return retrying(lambda: _note(items, actor))


def _note(items: Sequence[Found], actor: Actor) -> list[Outcome]:
    rows = {(i.account_id, i.kind, i.reference): _row(i) for i in items}
    with unit_of_work(actor) as unit:
        fresh = sql.insert_rows(
            "refunds_difference",
            _COLUMNS,
            [rows[key] for key in sorted(rows)],
            tail="on conflict (account_id, kind, reference) do nothing returning id, account_id, kind, reference, shop_id",
        )
        for key, _account, kind, reference, shop_id in fresh:
            data = {"kind": kind, "reference": reference}
            unit.record(
                DIFFERENCE_FOUND, Subject("difference", key, None, None, shop_id), STILL, data
            )
    new = {(row[1], row[2], row[3]) for row in fresh}
    return [
        Outcome.done(row["id"], is_new=(row["account_id"], row["kind"], row["reference"]) in new)
        for row in (rows[item.account_id, item.kind, item.reference] for item in items)
    ]


def _row(item: Found) -> dict[str, Any]:
    return {
        "id": ids.new_id(), "shop_id": item.shop_id, "account_id": item.account_id, "kind": item.kind, "status": "open",
        "reference": item.reference, "payment_id": item.payment_id, "refund_id": item.refund_id, "currency": item.currency,
        "ours_minor": item.ours_minor, "theirs_minor": item.theirs_minor, "ours": item.ours[:300], "theirs": item.theirs[:300],
        "happened_at": item.happened_at, "found_at": clock.now(), "note": "", "resolved_by": "",
    }  # fmt: skip
