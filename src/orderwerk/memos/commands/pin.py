"""Pins memos to their orders, and takes them off."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from orderwerk.core import clock, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import NotFound
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import STILL, Subject, retrying, unit_of_work
from orderwerk.memos.events import MEMO_PINNED, MEMO_UNPINNED
from orderwerk.orders.counters import lock_orders


class PinItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A memo that is to stand on every tab of its order (`pinned`), or no longer."""

    memo_id: UUID
    pinned: bool


def pin_memos(items: Sequence[PinItem], *, actor: Actor) -> list[Outcome]:
    """Pin memos or take them off; what is so already stays so. Refuses with NotFound. The last word of a call counts."""
    return retrying(lambda: _pin(items, actor))


_FIND = "select id, shop_id, order_id from memos_memo where id = any(%s)"
_PIN = """
insert into memos_pin (memo_id, author_name, created_at)
select t.id, %s, %s from unnest(%s::uuid[]) as t(id) order by 1
on conflict (memo_id) do nothing returning memo_id
"""
_UNPIN = "delete from memos_pin where memo_id = any(%s) returning memo_id"


def _pin(items: Sequence[PinItem], actor: Actor) -> list[Outcome]:
    with unit_of_work(actor) as unit:
        rows = sql.fetch(_FIND, ([item.memo_id for item in items],))
        orders = lock_orders(unit, [row[2] for row in rows if actor.may_see_shop(row[1])])
        known = {row[0]: row for row in rows if row[2] in orders}
        wanted = {item.memo_id: item.pinned for item in items if item.memo_id in known}
        pinned = [key for key, is_pinned in wanted.items() if is_pinned]
        others = [key for key, is_pinned in wanted.items() if not is_pinned]
        done = {
            MEMO_PINNED: sql.fetch(_PIN, (actor.name, clock.now(), pinned)),
            MEMO_UNPINNED: sql.fetch(_UNPIN, (others,)),
        }
        for kind, changed in done.items():
            for (key,) in changed:
                _, shop_id, order_id = known[key]
                subject = Subject("order", order_id, None, order_id, shop_id)
                unit.record(kind, subject, STILL, {"memo_id": key})
    return [
        Outcome.done(item.memo_id, pinned=wanted[item.memo_id])
        if item.memo_id in known
        else Outcome.refused(
            NotFound(f"There is no memo {item.memo_id}.", code="unknown_memo", pointer="/memo_id")
        )
        for item in items
    ]
