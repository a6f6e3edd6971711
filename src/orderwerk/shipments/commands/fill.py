"""Puts allocations into the open shipment of their order and location, opening one where there is none."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

from orderwerk.core import clock, ids, sql
from orderwerk.core.uow import STILL, Move, Subject, UnitOfWork
from orderwerk.shipments.events import SHIPMENT_LINES_CHANGED, SHIPMENT_OPENED
from orderwerk.shipments.proposals import RULE, propose_again, unchosen

_LINE = (
    "id uuid, shop_id uuid, order_id uuid, location_id uuid, shipment_id uuid, allocation_id uuid, order_line_id uuid, "
    "product_id uuid, quantity int, is_live boolean"
)
_OPEN = f"""
with wanted as (
  select * from unnest(%s::uuid[], %s::uuid[], %s::uuid[], %s::uuid[]) as t(id, shop_id, order_id, location_id)
), weighed as (
  select t.order_id, t.location_id, sum(t.n * coalesce(p.weight_grams, 0)) as grams, bool_or(p.weight_grams is null) as unknown
  from unnest(%s::uuid[], %s::uuid[], %s::uuid[], %s::int[]) as t(order_id, location_id, product_id, n)
  join catalog_product p on p.id = t.product_id
  where exists (select 1 from shipments_rule) group by t.order_id, t.location_id
), proposed as (
  select w.id, r.carrier, r.service
  from wanted w join weighed k using (order_id, location_id) join orders_order o on o.id = w.order_id
  join shops_shop s on s.id = w.shop_id
  cross join lateral ({RULE}) r
), opened as (
  insert into shipments_shipment (id, shop_id, order_id, location_id, number, status, carrier, service, tracking_code,
    tracking_url, created_at, version)
  select w.id, w.shop_id, w.order_id, w.location_id, 'S' || nextval('shipments_number'), 'open', coalesce(p.carrier, 'manual'),
    coalesce(p.service, ''), '', '', %s, 1
  from wanted w left join proposed p using (id)
  returning id, number, order_id, shop_id, location_id
), packed as (
  insert into shipments_package (id, shipment_id, position, tracking_code)
  select gen_random_uuid(), id, 1, '' from opened
)
select id, number, order_id, shop_id, location_id from opened
"""
_GROW = """
update shipments_shipment s set version = s.version + 1
from unnest(%s::uuid[], %s::uuid[]) as t(order_id, location_id)
where s.order_id = t.order_id and s.location_id = t.location_id and s.part = 0
  and s.status in ('open', 'announced')
returning s.id, s.number, s.order_id, s.shop_id, s.location_id, s.version
"""

Place = tuple[UUID, UUID]


class Claimed(Protocol):
    """An allocation, new or old, that goes into a shipment."""

    @property
    def id(self) -> UUID:
        """The allocation."""

    @property
    def shop_id(self) -> UUID:
        """Its shop."""

    @property
    def order_id(self) -> UUID:
        """Its order."""

    @property
    def order_line_id(self) -> UUID:
        """Its order line."""

    @property
    def product_id(self) -> UUID:
        """What is claimed."""

    @property
    def location_id(self) -> UUID:
        """Where it is claimed."""

    @property
    def quantity(self) -> int:
        """How many pieces."""


def fill_shipments(
    unit: UnitOfWork, allocations: Sequence[Claimed], *, orders_are_new: bool = False
) -> dict[Place, UUID]:
    """Add one line per allocation to the shipment that waits at its location; returns its id per (order, location).

    The orders are locked by the caller, so nobody opens the same shipment at the same time.
    """
    if not allocations:
        return {}
    shops = {(a.order_id, a.location_id): a.shop_id for a in allocations}
    count: dict[Place, int] = defaultdict(int)
    for allocation in allocations:
        count[(allocation.order_id, allocation.location_id)] += allocation.quantity
    found: dict[Place, UUID] = {}
    if not orders_are_new:
        for key, number, order, shop, place, version in sql.fetch(
            _GROW, ([p[0] for p in shops], [p[1] for p in shops])
        ):
            found[(order, place)] = key
            subject = Subject("shipment", key, version, order, shop)
            unit.record(
                SHIPMENT_LINES_CHANGED,
                subject,
                STILL,
                {"number": number, "added": count[(order, place)]},
            )
    untouched = unchosen(found.values())
    missing = [place for place in shops if place not in found]
    if missing:
        parameters = (
            ids.new_ids(len(missing)), [shops[p] for p in missing], [p[0] for p in missing], [p[1] for p in missing],
            [a.order_id for a in allocations], [a.location_id for a in allocations], [a.product_id for a in allocations],
            [a.quantity for a in allocations], clock.now(),
        )  # fmt: skip
        for key, number, order, shop, place in sql.fetch(_OPEN, parameters):
            found[(order, place)] = key
            subject = Subject("shipment", key, 1, order, shop)
            unit.record(
                SHIPMENT_OPENED,
                subject,
                Move(None, "open"),
                {"number": number, "units": count[(order, place)]},
            )
    _add_lines(allocations, found)
    propose_again(unit, untouched)
    return found


def _add_lines(allocations: Sequence[Claimed], shipments: dict[Place, UUID]) -> None:
    rows = [
        {
            "id": ids.new_id(), "shop_id": a.shop_id, "order_id": a.order_id, "location_id": a.location_id,
            "shipment_id": shipments[(a.order_id, a.location_id)], "allocation_id": a.id, "order_line_id": a.order_line_id,
            "product_id": a.product_id, "quantity": a.quantity, "is_live": True,
        }
        for a in allocations
    ]  # fmt: skip
    sql.insert_rows("shipments_line", _LINE, rows)
