"""Who may be handed a hold: people who are active and may see the order's shop."""

from collections.abc import Iterable
from uuid import UUID

from orderwerk.core import sql

_OWNERS = """
select distinct t.shop_id, u.username, u.id
from unnest(%s::uuid[], %s::text[]) as t(shop_id, username)
join accounts_user u on u.username = t.username and u.is_active
where u.all_shops or exists (select 1 from accounts_user_shop x where x.user_id = u.id and x.shop_id = t.shop_id)
"""


def find_owners(named: Iterable[tuple[UUID, str]]) -> dict[tuple[UUID, str], UUID]:
    """Return the ids of people by shop and login name; who is missing may not be handed a hold. One statement."""
    wanted = sorted(set(named))
    rows = sql.fetch(_OWNERS, ([shop for shop, _ in wanted], [name for _, name in wanted]))
    return {(row[0], row[1]): row[2] for row in rows}
