"""Notes what mail servers told later of messages that they had taken: they did not arrive, or not yet."""

from collections.abc import Sequence
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from orderwerk.core import clock, fields, ids, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import NotFound
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import STILL, Subject, retrying, unit_of_work
from orderwerk.emails.events import EMAIL_BOUNCED
from orderwerk.orders.counters import lock_orders
from orderwerk.orders.erasure import erased_among

_Code = Annotated[str, msgspec.Meta(pattern=r"^([245]\.[0-9]{1,3}\.[0-9]{1,3})?(?![\s\S])")]
_COLUMNS = "id uuid, email_id uuid, kind text, code text, reason text, reported_at timestamptz"


class BounceItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a mail server told of the message with this Message-ID; `code` is its enhanced status (5.1.1)."""

    message_id: fields.Line
    kind: Literal["permanent", "temporary"] = "permanent"
    code: _Code = ""
    reason: fields.LongLine = ""


def report_bounces(items: Sequence[BounceItem], *, actor: Actor) -> list[Outcome]:
    """Note that messages did not arrive; what is known of a message already is not noted again; of an erased order
    only the code is kept. Refuses with NotFound."""
    return retrying(lambda: _report(items, actor))


_FIND = (
    "select message_id, id, shop_id, order_id, subject from emails_email where message_id = any(%s)"
)
_AGAIN = "on conflict (email_id, kind) do nothing returning email_id, kind, code, reason"


def _report(items: Sequence[BounceItem], actor: Actor) -> list[Outcome]:
    with unit_of_work(actor) as unit:
        rows = sql.fetch(_FIND, ([item.message_id for item in items],))
        known = {row[0]: row[1:] for row in rows if actor.may_see_shop(row[2])}
        orders = lock_orders(unit, [row[2] for row in known.values()])
        known = {key: row for key, row in known.items() if row[2] in orders}
        erased = erased_among(orders)
        told = {
            (known[i.message_id][0], i.kind): {
                "id": ids.new_id(), "email_id": known[i.message_id][0], "kind": i.kind, "code": i.code,
                "reason": "" if known[i.message_id][2] in erased else i.reason[:300],
                "reported_at": clock.now(),
            }
            for i in items
            if i.message_id in known
        }  # fmt: skip
        by_id = {row[0]: row for row in known.values()}
        for email_id, kind, code, reason in sql.insert_rows("emails_bounce", _COLUMNS, list(told.values()), tail=_AGAIN):  # fmt: skip
            _, shop_id, order_id, subject = by_id[email_id]
            note = " ".join(part for part in (code, reason) if part)
            data = {"email_id": email_id, "kind": kind}
            data |= {} if order_id in erased else {"subject": subject, "note": note}
            unit.record(EMAIL_BOUNCED, Subject("order", order_id, None, order_id, shop_id), STILL, data)  # fmt: skip
    return [_outcome(item, known) for item in items]


def _outcome(item: BounceItem, known: dict[str, tuple[UUID, ...]]) -> Outcome:
    if item.message_id in known:
        return Outcome.done(known[item.message_id][0])
    return Outcome.refused(
        NotFound("There is no message with this id.", code="unknown_email", pointer="/message_id")
    )
