"""Reads of memos; nothing that a customer sees calls these."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec

from orderwerk.core import keyset, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import NotFound
from orderwerk.core.keyset import Conditions, Page, Select
from orderwerk.orders.visibility import limit_to_orders


class MemoRow(msgspec.Struct, frozen=True):
    """One internal note on an order."""

    id: UUID
    order_id: UUID
    order_number: str
    text: str
    author_name: str
    created_at: datetime
    is_pinned: bool
    mentions: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoFilters:
    """What a list of memos is narrowed to."""

    order_id: UUID | None = None
    shop: str | None = None
    mentioned: str | None = None


_CONDITIONS = {
    "order_id": "m.order_id = %s",
    "mentioned": "exists (select 1 from memos_mention x join accounts_user u on u.id = x.user_id where x.memo_id = m.id and u.username = %s)",
    "shop": "m.shop_id = (select id from shops_shop where code = %s)",
}
_SORT = keyset.sortings(id=(("m.id", "uuid"),))["-id"]


def _select(actor: Actor) -> Select:
    where = Conditions()
    limit_to_orders(where, actor, order="m.order_id", shop="m.shop_id")
    return Select(
        "m.id, m.order_id, o.number, m.text, m.author_name, m.created_at, n.memo_id is not null, "
        "array(select u.username from memos_mention x join accounts_user u on u.id = x.user_id where x.memo_id = m.id order by 1)",
        "memos_memo m left join memos_pin n on n.memo_id = m.id join orders_order o on o.id = m.order_id",
        where,
    )


def memo_page(
    actor: Actor, filters: MemoFilters, *, cursor: str | None = None, limit: int = 50
) -> Page[MemoRow]:
    """Return one page of memos, newest first; one statement."""
    select = _select(actor)
    select.where.narrow(filters, _CONDITIONS)
    rows, more = keyset.fetch_page(select, _SORT, cursor, limit)
    return Page([MemoRow(*row) for row in rows], more)


def memo_detail(actor: Actor, memo_id: UUID) -> MemoRow:
    """Return one memo; one statement. Refuses with NotFound."""
    select = _select(actor)
    select.where.add("m.id = %s", memo_id)
    rows, _ = keyset.fetch_page(select, _SORT, None, 1)
    if not rows:
        raise NotFound(f"There is no memo {memo_id}.", code="unknown_memo")
    return MemoRow(*rows[0])


def pinned_memos(actor: Actor, order_id: UUID) -> list[MemoRow]:
    """Return the memos that stand on every tab of an order, newest first, fifty at most; one statement."""
    select = _select(actor)
    select.where.add("m.order_id = %s and n.memo_id is not null", order_id)
    rows, _ = keyset.fetch_page(select, _SORT, None, 50)
    return [MemoRow(*row) for row in rows]


class MentionRow(msgspec.Struct, frozen=True):
    """A memo that mentions the person who asks."""

    id: UUID
    order_number: str
    customer_name: str
    text: str
    author_name: str
    created_at: datetime
    seen_at: datetime | None


def mention_page(
    actor: Actor, *, only_new: bool, cursor: str | None = None, limit: int = 50
) -> Page[MentionRow]:
    """Return one page of the memos that mention the actor, newest first; one statement."""
    where = Conditions()
    limit_to_orders(where, actor, order="m.order_id", shop="m.shop_id")
    where.add("y.user_id = %s", actor.id)
    if only_new:
        where.add("y.seen_at is null")
    select = Select(
        "m.id, o.number, o.customer_name, m.text, m.author_name, m.created_at, y.seen_at",
        "memos_memo m join memos_mention y on y.memo_id = m.id join orders_order o on o.id = m.order_id",
        where,
    )
    rows, more = keyset.fetch_page(select, _SORT, cursor, limit)
    return Page([MentionRow(*row) for row in rows], more)


def unseen_mentions(actor: Actor) -> int:
    """Return how many memos mention the actor, who has not seen them, on orders that he may see; one statement."""
    where = Conditions()
    where.add("y.user_id = %s and y.seen_at is null", actor.id)
    limit_to_orders(where, actor, order="m.order_id", shop="m.shop_id")
    rows = sql.read(
        f"select count(*) from memos_mention y join memos_memo m on m.id = y.memo_id where {where.where()}", where.params
    )  # fmt: skip
    return int(rows[0][0])
