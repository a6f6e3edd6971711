"""Leaves internal notes on orders."""

import re
from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec

from orderwerk.core import clock, fields, ids, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import NotFound, Refusal
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import STILL, Subject, retrying, unit_of_work
from orderwerk.memos.events import MEMO_CREATED
from orderwerk.orders.counters import OrderState, lock_orders
from orderwerk.orders.erasure import check_not_erased, erased_among


class MemoItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A note for colleagues; whoever is named with @username in it is told, as far as that person may see the shop."""

    order_id: UUID
    text: fields.LongText


def create_memos(items: Sequence[MemoItem], *, actor: Actor) -> list[Outcome]:
    """Leave notes; no customer ever sees them. Refuses with NotFound, with WrongState an erased order."""
    return retrying(lambda: _create(items, actor))


_COLUMNS = (
    "id uuid, shop_id uuid, order_id uuid, text text, author_name text, created_at timestamptz"
)


def _create(items: Sequence[MemoItem], actor: Actor) -> list[Outcome]:
    with unit_of_work(actor) as unit:
        orders = lock_orders(unit, [item.order_id for item in items])
        erased = erased_among(orders)
        outcomes: list[Outcome] = []
        memos: list[dict[str, Any]] = []
        for item in items:
            try:
                _check(item.order_id, orders, erased)
            except Refusal as refusal:
                outcomes.append(Outcome.refused(refusal))
                continue
            memo_id, shop_id = ids.new_id(), orders[item.order_id].shop_id
            memos.append({
                "id": memo_id, "shop_id": shop_id, "order_id": item.order_id, "text": item.text, "author_name": actor.name,
                "created_at": clock.now(),
            })  # fmt: skip
            outcomes.append(Outcome.done(memo_id))
        sql.insert_rows("memos_memo", _COLUMNS, memos)
        told = _mention(memos)
        for memo in memos:
            subject = Subject("order", memo["order_id"], None, memo["order_id"], memo["shop_id"])
            data = {"memo_id": memo["id"], "mentioned": told[memo["id"]]}
            unit.record(MEMO_CREATED, subject, STILL, data)
    return [
        Outcome.done(o.id, mentioned=told[o.id]) if o.ok and o.id is not None else o
        for o in outcomes
    ]


def _check(order_id: UUID, orders: dict[UUID, OrderState], erased: frozenset[UUID]) -> None:
    if order_id not in orders:
        raise NotFound(f"There is no order {order_id}.", code="unknown_order", pointer="/order_id")
    check_not_erased(order_id, erased, orders[order_id].number)


def _mention(memos: Sequence[dict[str, Any]]) -> dict[UUID, list[str]]:
    """Write whom the memos speak to and return their usernames; a name that nobody has stays text."""
    named = [
        (memo["id"], memo["shop_id"], name)
        for memo in memos
        for name in sorted(set(names_in(memo["text"])))
    ]
    told: dict[UUID, list[str]] = defaultdict(list)
    columns = ([n[0] for n in named], [n[1] for n in named], [n[2] for n in named])
    for memo_id, name in sql.fetch(_MENTION, columns):
        told[memo_id].append(name)
    return told


def names_in(text: str) -> list[str]:
    """Return the usernames after an @ in a text; an address such as a@example.com names nobody."""
    found = re.findall(r"(?<![\w.@+-])@([a-z0-9][a-z0-9._@+-]{0,63})", text.lower())
    return [name.rstrip(".-+_@") for name in found]


_MENTION = """
with told as (
  insert into memos_mention (id, memo_id, user_id)
  select gen_random_uuid(), t.memo_id, u.id from unnest(%s::uuid[], %s::uuid[], %s::text[]) as t(memo_id, shop_id, name)
  join accounts_user u on u.username = t.name and u.is_active
  where u.all_shops or exists (select 1 from accounts_user_shop x where x.user_id = u.id and x.shop_id = t.shop_id)
  order by 2, 3 returning memo_id, user_id
)
select t.memo_id, u.username from told t join accounts_user u on u.id = t.user_id order by 1, 2
"""
