"""Reads of routing rules."""

from datetime import datetime
from uuid import UUID

import msgspec

from orderwerk.allocations.groups import Group, rules_of
from orderwerk.allocations.rules import Rule
from orderwerk.core import keyset, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import NotFound
from orderwerk.core.keyset import Conditions, Page, Select
from orderwerk.core.structs import read_json
from orderwerk.orders.visibility import limit_to_shops


class RoutingRow(msgspec.Struct, frozen=True):
    """A shop's groups of routing rules in force, and the draft of the next ones; a shop without any has no id."""

    id: UUID | None
    shop: str
    shop_name: str
    currency: str
    groups: list[Group]
    draft: list[Group] | None
    updated_at: datetime | None
    version: int

    @property
    def shown(self) -> list[Group]:
        """The draft where there is one, else what is in force."""
        return self.groups if self.draft is None else self.draft

    @property
    def rules(self) -> list[Rule]:
        """The rules in force in the order in which they are asked, whatever group they are of."""
        return rules_of(self.groups)


_COLUMNS = (
    "r.id, s.code, s.name, s.currency, coalesce(r.groups, '[]')::text, r.draft_groups::text, r.updated_at, "
    "coalesce(r.version, 0)"
)
_SORT = keyset.sortings(code=(("s.code", "text"),))["code"]


def _row(row: sql.Row) -> RoutingRow:
    groups = read_json(row[4], list[Group])
    draft = None if row[5] is None else read_json(row[5], list[Group])
    return RoutingRow(row[0], row[1], row[2], row[3], groups, draft, row[6], row[7])


def _visible(actor: Actor) -> Conditions:
    where = Conditions()
    limit_to_shops(where, actor, "s.id")
    return where


def routing_page(
    actor: Actor,
    *,
    shop: str | None = None,
    all_shops: bool = False,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[RoutingRow]:
    """Return one page of rules by shop: those that have been set, or with `all_shops` also shops without; one statement."""
    where = _visible(actor)
    if shop is not None:
        where.add("s.code = %s", shop)
    join = "left join" if all_shops else "join"
    source = f"shops_shop s {join} allocations_routing r on r.shop_id = s.id"
    rows, more = keyset.fetch_page(Select(_COLUMNS, source, where), _SORT, cursor, limit)
    return Page([_row(row) for row in rows], more)


def routing_of_shop(actor: Actor, code: str) -> RoutingRow:
    """Return the rules of a shop, empty where none were set; one statement. Refuses with NotFound."""
    found = routing_page(actor, shop=code, all_shops=True, limit=1).items
    if not found:
        raise NotFound(f"There is no shop {code[:60]}.", code="unknown_shop")
    return found[0]


def routing_detail(actor: Actor, routing_id: UUID) -> RoutingRow:
    """Return one shop's rules; one statement. Refuses with NotFound."""
    where = _visible(actor)
    where.add("r.id = %s", routing_id)
    rows = sql.read(
        f"select {_COLUMNS} from shops_shop s join allocations_routing r on r.shop_id = s.id where {where.where()}",
        where.params,
    )
    if not rows:
        raise NotFound(f"There are no routing rules {routing_id}.", code="unknown_routing")
    return _row(rows[0])
