"""Which carrier and service a shop's rules propose, and proposing again when what a shipment holds has changed."""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from orderwerk.core import sql
from orderwerk.core.uow import STILL, Subject, UnitOfWork
from orderwerk.shipments.events import SHIPMENT_UPDATED
from orderwerk.shipments.labels import LABELLED_ELSEWHERE

# The first rule that fits a shipment of shop `s` and order `o` that weighs `k.grams`, at least where the weight of an article is not
# known (`k.unknown`): a rule up to a weight fits none of those. What is off, or lacks the service, is passed over.
RULE = """
    select x.carrier, x.service from shipments_rule x
    where x.shop_id = s.id and (x.countries = '{}' or o.country = any(x.countries))
      and (x.methods = '{}' or o.shipping_method = any(x.methods))
      and k.grams >= coalesce(x.min_weight_grams, 0) and (x.max_weight_grams is null or not k.unknown and k.grams <= x.max_weight_grams)
      and (coalesce(x.min_value_minor, x.max_value_minor) is null or o.currency = s.currency
        and o.grand_total_minor between coalesce(x.min_value_minor, 0) and coalesce(x.max_value_minor, 9223372036854775807))
      and (x.carrier = 'manual' or exists (select 1 from shipments_carrier c where c.code = x.carrier and c.is_active
        and (x.service = '' or c.services = '[]' or c.services @> jsonb_build_array(jsonb_build_object('code', x.service)))))
    order by x.position limit 1
"""
# Of open shipments of shops that have rules: what is proposed for what they hold now.
_PROPOSED = f"""
select h.id, coalesce(r.carrier, 'manual') as carrier, coalesce(r.service, '') as service
from shipments_shipment h join orders_order o on o.id = h.order_id join shops_shop s on s.id = h.shop_id
cross join lateral (
  select sum(l.quantity * coalesce(p.weight_grams, 0)) as grams, bool_or(p.weight_grams is null) as unknown
  from shipments_line l join catalog_product p on p.id = l.product_id where l.shipment_id = h.id and l.is_live) k
left join lateral ({RULE}) r on true
where h.id = any(%s) and h.status = 'open' and exists (select 1 from shipments_rule y where y.shop_id = h.shop_id)
"""
# A code is that of the carrier whose label sticks on the parcel: with it that carrier is chosen.
_UNCHOSEN = f"""
select t.id from ({_PROPOSED}) t join shipments_shipment s on s.id = t.id
where (s.carrier, s.service) = (t.carrier, t.service) and not {LABELLED_ELSEWHERE}
"""
# The same for shipments that were weighed, whatever the catalogue knows of their articles.
_BY_WEIGHT = f"""
select h.id, coalesce(r.carrier, 'manual') as carrier, coalesce(r.service, '') as service
from (select t.id, t.grams, false as unknown from unnest(%s::uuid[], %s::bigint[]) as t(id, grams)) k
join shipments_shipment h on h.id = k.id join orders_order o on o.id = h.order_id join shops_shop s on s.id = h.shop_id
left join lateral ({RULE}) r on true
where exists (select 1 from shipments_rule y where y.shop_id = h.shop_id)
"""
_CHOSEN = "select * from unnest(%s::uuid[], %s::text[], %s::text[]) as c(id, carrier, service)"
_SET = """
update shipments_shipment h set carrier = t.carrier, service = t.service, version = h.version + 1
from ({wanted}) t join shipments_shipment b on b.id = t.id
where h.id = t.id and (b.carrier, b.service) <> (t.carrier, t.service)
returning h.id, h.version, h.order_id, h.shop_id, h.number, b.carrier, t.carrier, b.service, t.service
"""


def unchosen(shipment_ids: Collection[UUID]) -> set[UUID]:
    """Return those of open shipments that go as the rules propose for what they hold now: nobody has chosen otherwise.

    Not those that bear a tracking code, of their own or of a package, which is that of a label that was made elsewhere.
    """
    if not shipment_ids:
        return set()
    return {row[0] for row in sql.fetch(_UNCHOSEN, (list(shipment_ids),))}


def propose_again(unit: UnitOfWork, shipment_ids: Collection[UUID]) -> None:
    """Let shipments that nobody has chosen for (`unchosen`, before they changed) go as is proposed for what they hold now."""
    if shipment_ids:
        _set(unit, _PROPOSED, list(shipment_ids))


def propose_by_weight(unit: UnitOfWork, grams: Mapping[UUID, int]) -> dict[UUID, tuple[str, str]]:
    """Let locked shipments that nobody has chosen for go as is proposed for what their packages weigh, also when they have just left.

    Returns carrier and service of those that go another way than they would have.
    """
    return _set(unit, _BY_WEIGHT, list(grams), list(grams.values())) if grams else {}


def choose(unit: UnitOfWork, chosen: Mapping[UUID, tuple[str, str]]) -> None:
    """Let locked shipments go with the carrier and service that somebody chose, which were checked."""
    if chosen:
        carriers, services = zip(*chosen.values(), strict=True)
        _set(unit, _CHOSEN, list(chosen), list(carriers), list(services))


def _set(unit: UnitOfWork, wanted: str, *values: Sequence[object]) -> dict[UUID, tuple[str, str]]:
    found = {}
    for key, version, order, shop, number, *pairs in sql.fetch(_SET.format(wanted=wanted), values):
        told = {"carrier": pairs[:2], "service": pairs[2:]}
        changes = {name: pair for name, pair in told.items() if pair[0] != pair[1]}
        subject = Subject("shipment", key, version, order, shop)
        unit.record(SHIPMENT_UPDATED, subject, STILL, {"number": number, "changes": changes})
        found[key] = (pairs[1], pairs[3])
    return found
