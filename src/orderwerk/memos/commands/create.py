"""Leaves internal notes on orders."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from orderwerk.core import clock, fields, ids, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import NotFound
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import STILL, Subject, retrying, unit_of_work
from orderwerk.memos.events import MEMO_CREATED


class MemoItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A note for colleagues."""

    order_id: UUID
    text: fields.LongText


def create_memos(items: Sequence[MemoItem], *, actor: Actor) -> list[Outcome]:
    """Leave notes; no customer ever sees them. Refuses with NotFound."""
    return retrying(lambda: _create(items, actor))


_COLUMNS = (
    "id uuid, shop_id uuid, order_id uuid, text text, author_name text, created_at timestamptz"
)


def _create(items: Sequence[MemoItem], actor: Actor) -> list[Outcome]:
    with unit_of_work(actor) as unit:
        rows = sql.fetch(
            "select id, shop_id from orders_order where id = any(%s)",
            ([item.order_id for item in items],),
        )
        shops = {row[0]: row[1] for row in rows if actor.may_see_shop(row[1])}
        outcomes: list[Outcome] = []
        memos: list[dict[str, object]] = []
        for item in items:
            if item.order_id not in shops:
                refusal = NotFound(
                    f"There is no order {item.order_id}.", code="unknown_order", pointer="/order_id"
                )
                outcomes.append(Outcome.refused(refusal))
                continue
            memo_id, shop_id = ids.new_id(), shops[item.order_id]
            memos.append({
                "id": memo_id, "shop_id": shop_id, "order_id": item.order_id, "text": item.text, "author_name": actor.name,
                "created_at": clock.now(),
            })  # fmt: skip
            subject = Subject("order", item.order_id, None, item.order_id, shop_id)
            unit.record(MEMO_CREATED, subject, STILL, {"memo_id": memo_id})
            outcomes.append(Outcome.done(memo_id))
        sql.insert_rows("memos_memo", _COLUMNS, memos)
    return outcomes
