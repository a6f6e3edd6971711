"""Notes that a person has seen the memos that mention him."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from orderwerk.core import clock, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import NotFound
from orderwerk.core.keyset import Conditions
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import STILL, Subject, retrying, unit_of_work
from orderwerk.memos.events import MENTION_SEEN
from orderwerk.orders.visibility import limit_to_orders


class SeeMentionItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A memo that mentions whoever asks."""

    memo_id: UUID


def see_mentions(items: Sequence[SeeMentionItem], *, actor: Actor) -> list[Outcome]:
    """Note that the actor has seen memos; what he has seen already stays so. Refuses with NotFound what does not mention him."""
    return retrying(lambda: _see(items, actor))


def _mine(actor: Actor, memo_ids: list[UUID]) -> dict[UUID, sql.Row]:
    where = Conditions()
    limit_to_orders(where, actor, order="m.order_id", shop="m.shop_id")
    where.add("n.user_id = %s and m.id = any(%s)", actor.id, memo_ids)
    rows = sql.fetch(
        "select m.id, m.order_id, m.shop_id from memos_mention n join memos_memo m on m.id = n.memo_id "
        f"where {where.where()}",
        where.params,
    )
    return {row[0]: row for row in rows}


_SEE = "update memos_mention set seen_at = %s where user_id = %s and memo_id = any(%s) and seen_at is null returning memo_id"


def _see(items: Sequence[SeeMentionItem], actor: Actor) -> list[Outcome]:
    with unit_of_work(actor) as unit:
        mine = _mine(actor, [item.memo_id for item in items])
        for (memo_id,) in sql.fetch(_SEE, (clock.now(), actor.id, list(mine))):
            _, order_id, shop_id = mine[memo_id]
            subject = Subject("order", order_id, None, order_id, shop_id)
            unit.record(MENTION_SEEN, subject, STILL, {"memo_id": memo_id})
    return [
        Outcome.done(item.memo_id)
        if item.memo_id in mine
        else Outcome.refused(
            NotFound("No such memo mentions you.", code="unknown_memo", pointer="/memo_id")
        )
        for item in items
    ]
