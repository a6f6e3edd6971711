"""What intake has to know before it decides: shops, known orders, products, and the stock that it locks."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from orderwerk.allocations.distance import Point
from orderwerk.allocations.groups import Group
from orderwerk.allocations.room import Room, room_of
from orderwerk.allocations.routing import Available
from orderwerk.allocations.rules import LocationFacts
from orderwerk.catalog.kits import Kits
from orderwerk.core import clock, sql
from orderwerk.core.structs import read_json
from orderwerk.core.uow import UnitOfWork
from orderwerk.orders.document import OrderDocument
from orderwerk.orders.hold_rules import HoldRule


@dataclass(frozen=True, slots=True)
class ShopPolicy:
    """What intake needs of a shop; places come by priority, groups of rules in the order in which they are asked."""

    id: UUID
    code: str
    currency: str
    locale: str
    prefix: str
    on_account_methods: frozenset[str]
    may_split: bool
    timezone: str
    places: tuple[LocationFacts, ...]
    groups: tuple[Group, ...]
    has_channels: bool = False
    hold_rules: tuple[HoldRule, ...] = ()

    @property
    def locations(self) -> tuple[UUID, ...]:
        """The active locations that the shop may draw from, by priority."""
        return tuple(place.id for place in self.places)

    @property
    def asks_distance(self) -> bool:
        """Whether a rule orders locations by how near they are."""
        return any("near" in rule.sort for group in self.groups for rule in group.rules)

    @property
    def has_rules(self) -> bool:
        """Whether anything but priority decides where an order is sent from."""
        return bool(self.groups) or any(
            place.left is not None or place.is_closed for place in self.places
        )


@dataclass(frozen=True, slots=True)
class Known:
    """An order that is there already under the same shop and external id."""

    id: UUID
    number: str
    status: str
    sha256: bytes


@dataclass(slots=True)
class Intake:
    """Everything read for one batch of documents; accepted documents are added as they come."""

    shops: dict[str, ShopPolicy]
    location_codes: dict[UUID, str]
    orders: dict[tuple[UUID, str], Known]
    numbers: set[str]
    references: set[tuple[UUID, str, str]]
    products: dict[str, UUID]
    # Why articles are sold without VAT, words and code; those that have no such reason are left out.
    exemptions: dict[str, tuple[str, str]]
    kits: Kits
    # Grams of one piece, also of what goes into a kit; None where nobody knows.
    weights: dict[UUID, int | None]
    # Per shop and code, the locations that documents name to collect at and that their shop draws from, closed ones too.
    counters: dict[tuple[UUID, str], UUID]


# A location's day runs from the cut-off of its last open day to its own; what was opened in it counts against its capacity.
_SHOPS = """
select s.id, s.code, s.currency, s.locale, s.number_prefix, s.on_account_methods, s.use_allocation, s.timezone,
  (select coalesce(jsonb_agg(jsonb_build_array(l.id, l.code, l.priority, coalesce(l.country, ''),
      coalesce(l.address ->> 'postal_code', ''),
      case when coalesce(l.handling_cost_currency, s.currency) = s.currency then l.handling_cost_minor end,
      case when d.capacity is not null then d.capacity - (
        select count(*) from shipments_shipment h
        where h.location_id = l.id and h.status <> 'cancelled'
          and h.created_at >= location_begins(l, v.leaves) at time zone s.timezone) end,
      (location_day(l, (t.now at time zone s.timezone)::date)).is_closed,
      case when d.capacity is not null then v.leaves end,
      case when position('"near"' in concat(r.groups, r.draft_groups)) = 0 then null
        when l.latitude is not null then jsonb_build_array(l.latitude, l.longitude)
        else to_jsonb(postal_point(l.country, l.address ->> 'postal_code')) end)
      order by l.priority, l.code), '[]')
   from shops_shop_location sl join stock_location l on l.id = sl.location_id
   cross join lateral (select location_leaves(l, t.now at time zone s.timezone) as leaves offset 0) v
   cross join lateral location_day(l, v.leaves) d
   where sl.shop_id = s.id and l.is_active),
  r.groups, exists (select 1 from allocations_channel c join shops_shop_location x on x.location_id = c.location_id where x.shop_id = s.id),
  h.rules
from (select %s::timestamptz as now) t cross join shops_shop s left join allocations_routing r on r.shop_id = s.id
left join orders_hold_rules h on h.shop_id = s.id
where s.code = any(%s) or s.id = any(%s)
"""
# Looked up one by one through the unique indexes (offset 0 keeps the planner from anything else): a plan made on
# empty tables stays right on full ones.
_KNOWN = """
select 'order', o.shop_id, o.external_id, o.id, o.number, o.status, o.document_sha256
from unnest(%s::text[], %s::text[]) as t(shop, external_id)
cross join lateral (
  select * from orders_order x
  where x.shop_id = (select s.id from shops_shop s where s.code = t.shop) and x.external_id = t.external_id
  offset 0) o
union all
select 'number', null, null, null, o.number, null, null from orders_order o where o.number = any(%s)
union all
select 'payment', p.shop_id, p.provider, null, p.reference, null, null
from unnest(%s::text[], %s::text[], %s::text[]) as t(shop, provider, reference)
cross join lateral (
  select * from payments_payment x
  where x.shop_id = (select s.id from shops_shop s where s.code = t.shop) and x.provider = t.provider
    and x.reference = t.reference
  offset 0) p
union all
select 'product', null, c.sku, c.id, c.weight_grams::text,
  case when coalesce(c.vat_exemption, c.vat_exemption_code) is not null then jsonb_build_array(coalesce(c.vat_exemption, ''), coalesce(c.vat_exemption_code, ''))::text end, null
from catalog_product c where c.sku = any(%s)
union all
select 'kit', c.product_id, c.quantity::text, c.kit_id, w.weight_grams::text, null, null
from catalog_product p join catalog_component c on c.kit_id = p.id join catalog_product w on w.id = c.product_id where p.sku = any(%s)
union all
select 'counter', x.shop_id, l.code, l.id, null, null, null
from stock_location l join shops_shop_location x on x.location_id = l.id where l.code = any(%s)
"""


_Listed = tuple[UUID, str, int, str, str, int | None, int | None, bool, date | None, Point | None]


def decoded_groups(text: str | None) -> tuple[Group, ...]:
    """Return stored groups of routing rules."""
    return tuple(read_json(text, list[Group])) if text else ()


def read_shops(
    codes: Sequence[str], ids: Sequence[UUID] = ()
) -> tuple[dict[str, ShopPolicy], dict[UUID, str]]:
    """Read the policies of shops (by code or id) and the codes of their active locations."""
    return _policies(sql.fetch(_SHOPS, (clock.now(), list(set(codes)), list(set(ids)))))


def _policies(rows: Sequence[sql.Row]) -> tuple[dict[str, ShopPolicy], dict[UUID, str]]:
    shops: dict[str, ShopPolicy] = {}
    names: dict[UUID, str] = {}
    for (
        key,
        code,
        currency,
        locale,
        prefix,
        methods,
        may_split,
        zone,
        listed,
        groups,
        has_channels,
        holds,
    ) in rows:
        places = read_json(listed, list[_Listed])
        shops[code] = ShopPolicy(
            key, code, currency, locale, prefix, frozenset(methods), may_split, zone,
            tuple(LocationFacts(*place) for place in places), decoded_groups(groups), has_channels,
            tuple(read_json(holds, list[HoldRule])) if holds else (),
        )  # fmt: skip
        names.update((place[0], place[1]) for place in places)
    return shops, names


def read_intake(documents: Sequence[OrderDocument]) -> Intake:
    """Read what is known of a batch in two statements, without a lock: placed orders and products never go away."""
    payments = [(d.shop, p.provider, p.reference) for d in documents for p in d.payments]
    skus = list({line.sku for d in documents for line in d.lines})
    parameters = (
        [d.shop for d in documents],
        [d.external_id for d in documents],
        [d.number for d in documents if d.number],
        [p[0] for p in payments],
        [p[1] for p in payments],
        [p[2] for p in payments],
        skus,
        skus,
        list({code for d in documents if (code := d.shipping.collected_at)}),
    )
    with sql.pipelined():
        policies = sql.fetch_later(_SHOPS, (clock.now(), list({d.shop for d in documents}), []))
        known = sql.fetch_later(_KNOWN, parameters)
        shops, names = _policies(policies())
        rows = known()
    intake = Intake(shops, names, {}, set(), set(), {}, {}, {}, {}, {})
    for kind, shop, name, key, number, status, digest in rows:
        if kind == "order":
            intake.orders[(shop, name)] = Known(key, number, status, bytes(digest))
        elif kind == "number":
            intake.numbers.add(number)
        elif kind == "payment":
            intake.references.add((shop, name, number))
        elif kind == "counter":
            intake.counters[(shop, name)] = key
        elif kind == "kit":
            intake.kits.setdefault(key, {})[shop] = int(name)
            intake.weights[shop] = None if number is None else int(number)
        else:
            intake.products[name] = key
            intake.weights[key] = None if number is None else int(number)
            if status:
                words, code = read_json(status, list[str])
                intake.exemptions[name] = words, code
    return intake


_LOCK_STOCK = """
select l.product_id, l.location_id, greatest(0, l.on_hand - l.allocated - l.blocked - l.safety_stock)
from stock_level l
join unnest(%s::uuid[], %s::uuid[]) as w(product_id, location_id)
  on l.product_id = w.product_id and l.location_id = w.location_id
order by l.product_id, l.location_id
for no key update of l
"""


def read_stock(unit: UnitOfWork, wanted: Iterable[tuple[UUID, UUID]]) -> Available:
    """Lock the levels of these products, each at this location, in order and return what is available of each.

    Each order's articles at its own shop's locations and no others: who has locked those beforehand asks for nothing new.
    """
    pairs = sorted(set(wanted))
    if not pairs:
        return {}
    unit.claim_locks("stock", pairs)
    columns = ([product for product, _ in pairs], [place for _, place in pairs])
    return {(row[0], row[1]): row[2] for row in sql.fetch(_LOCK_STOCK, columns)}


def read_room(unit: UnitOfWork, policies: Iterable[ShopPolicy]) -> Room:
    """Return what the locations of these shops can still take, nobody else counting meanwhile.

    No statement where no location has a number of parcels a day. Else those that have one are held until the end, and what
    is left is read again: what others allocated there before is committed by then.
    """
    seen = {policy.id: policy for policy in policies}
    counted = {p.id for policy in seen.values() for p in policy.places if p.left is not None}
    if not counted:
        return Room()
    unit.lock_room(counted)
    now, _ = read_shops([], list(seen))
    return room_of(place for policy in now.values() for place in policy.places)
