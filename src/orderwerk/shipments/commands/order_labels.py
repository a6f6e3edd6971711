"""Asks carriers for the labels of packages, and once more for those that failed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec

from orderwerk.core import clock, effects, ids, sql
from orderwerk.core.actor import Actor
from orderwerk.core.effects import Intent
from orderwerk.core.errors import Refusal, WrongState
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import STILL, Move, Subject, UnitOfWork, retrying, unit_of_work
from orderwerk.orders.cancel_requests import lines_asked_back
from orderwerk.orders.counters import OrderState
from orderwerk.shipments.events import SHIPPING_LABEL_ORDERED, SHIPPING_LABEL_REFUSED
from orderwerk.shipments.label_carriers import LABEL_CARRIERS
from orderwerk.shipments.labels import ADDRESS, BARE_PACKAGE, LABELLED_ELSEWHERE
from orderwerk.shipments.locking import (
    ShipmentState,
    check_by_itself,
    check_known,
    check_sent,
    lock_shipments,
)
from orderwerk.shipments.statuses import NOT_SHIPPED

# The kind of the effects under which labels are asked for.
LABEL_EFFECT = "shipping_label"


class OrderShippingLabelsItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):  # fmt: skip
    """A shipment of which every package is to have the carrier's label."""

    shipment_id: UUID


@dataclass(frozen=True, slots=True)
class _Facts:
    """What a label of a shipment needs: an account, a product for its service, an address from where and to where."""

    account_id: UUID | None
    speaks: str
    carrier_name: str
    product: str | None
    country: str
    address: str
    has_sender: bool
    is_carried: bool
    asked_back: bool


@dataclass(frozen=True, slots=True)
class _Package:
    """A package, with the label that was asked for before, if there is one."""

    id: UUID
    shipment_id: UUID
    position: int
    label_id: UUID | None
    status: str | None
    barcode: str
    address: str
    attempts: int


_FACTS = f"""
select s.id, a.id, coalesce(a.speaks, ''), coalesce(c.name, s.carrier),
  (select x ->> 'product' from jsonb_array_elements(a.products) x where x ->> 'service' = s.service limit 1),
  coalesce(s.delivery_address, o.delivery_address) ->> 'country', {ADDRESS},
  coalesce(l.address ->> 'street', '') <> '' and coalesce(l.address ->> 'postal_code', '') <> '' and coalesce(l.address ->> 'city', '') <> '',
  exists (select from shipments_shipment b where b.id = s.combined_into_id and b.status <> 'cancelled'),
  exists (select from shipments_line k where k.shipment_id = s.id and k.is_live and k.order_line_id = any(%s))
from shipments_shipment s join orders_order o on o.id = s.order_id join stock_location l on l.id = s.location_id
left join shipments_carrier c on c.code = s.carrier
left join shipments_carrier_account a on a.carrier = s.carrier and a.is_active and c.is_active
where s.id = any(%s)
"""
_PACKAGES = """
select g.id, g.shipment_id, g.position, l.id, l.status, coalesce(l.barcode, ''), coalesce(l.address, ''), coalesce(l.attempts, 0)
from shipments_package g left join shipments_label l on l.package_id = g.id
where g.shipment_id = any(%s) order by g.shipment_id, g.position
"""


def order_shipping_labels(
    items: Sequence[OrderShippingLabelsItem], *, actor: Actor
) -> list[Outcome]:
    """Ask the carrier for the label of every package of shipments that has none; the calls follow (labelling.py).

    Each attempt has its effect, with the one key under which it is ever made; a label that failed is asked for again, and
    under the same barcode where the carrier may have made it. Refuses with NotFound; with WrongState a shipment that is not
    announced, was delivered or cancelled, lies in another's parcel, is collected, is on hold or holds goods that are to be
    cancelled; one whose carrier is not connected, has no product for its service or does not go there; a location without an
    address; labels that show another address than it has now; and packages that all have theirs.
    """
    return retrying(lambda: _order(items, actor))


def _order(
    items: Sequence[OrderShippingLabelsItem], actor: Actor, *, tells: bool = False
) -> list[Outcome]:
    """Ask; where nobody reads the outcomes, `tells` in the orders' history what a person can do something about."""
    outcomes: list[Outcome] = []
    with unit_of_work(actor) as unit:
        shipments, orders = lock_shipments(unit, [item.shipment_id for item in items])
        stopped = list(lines_asked_back(list(orders)))
        rows = sql.fetch(_FACTS, (stopped, list(shipments)))
        facts = {row[0]: _Facts(*row[1:]) for row in rows}
        packages: dict[UUID, list[_Package]] = {key: [] for key in shipments}
        for row in sql.fetch(_PACKAGES, (list(shipments),)):
            packages[row[1]].append(_Package(*row))
        wanted: dict[UUID, list[_Package]] = {}
        for item in items:
            try:
                shipment = _check(shipments.get(item.shipment_id), orders, facts)
                missing = [] if shipment.id in wanted else packages[shipment.id]
                wanted[shipment.id] = _missing(shipment, missing, facts[shipment.id])
            except Refusal as refusal:
                outcomes.append(Outcome.refused(refusal))
                if tells and refusal.code in _TOLD:
                    _tell(unit, shipments[item.shipment_id], refusal)
                continue
            asked = len(wanted[shipment.id])
            outcomes.append(Outcome.done(shipment.id, number=shipment.number, labels=asked))
        _write(unit, wanted, shipments, facts)
    return outcomes


# What keeps a parcel without its label until somebody does something. Others have none to get, or are asked for again by themselves.
_TOLD = frozenset({
    "no_label_to_country", "no_label_product", "no_sender_address", "no_carrier_account", "label_elsewhere",
    "on_hold", "cancel_requested",
})  # fmt: skip


def _tell(unit: UnitOfWork, shipment: ShipmentState, refusal: Refusal) -> None:
    subject = Subject("shipment", shipment.id, None, shipment.order_id, shipment.shop_id)
    data = {"number": shipment.number, "reason": refusal.message}
    unit.record(SHIPPING_LABEL_REFUSED, subject, STILL, data)


def _check(
    found: ShipmentState | None, orders: Mapping[UUID, OrderState], facts: Mapping[UUID, _Facts]
) -> ShipmentState:
    shipment = check_known(found)
    known = facts[shipment.id]
    if shipment.status in {"cancelled", "delivered"}:
        raise WrongState(
            f"Shipment {shipment.number} is {shipment.status} already.",
            code=f"shipment_{shipment.status}",
        )
    check_sent(shipment)
    check_by_itself(shipment)
    if known.is_carried:
        raise WrongState(
            f"{shipment.number} left in another shipment's parcel, which has the label.",
            code="carried",
        )
    if shipment.status == "open":
        raise WrongState(f"Shipment {shipment.number} is not announced yet.", code="not_announced")
    if shipment.status in NOT_SHIPPED:
        _check_may_go(shipment, orders[shipment.order_id], known)
    _check_carrier(shipment, known)
    return shipment


def _check_may_go(shipment: ShipmentState, order: OrderState, known: _Facts) -> None:
    if order.holds_open:
        raise WrongState(f"Order {order.number} is on hold.", code="on_hold")
    if known.asked_back:
        raise WrongState(
            f"Shipment {shipment.number} holds goods that are to be cancelled.",
            code="cancel_requested",
        )


def _check_carrier(shipment: ShipmentState, known: _Facts) -> None:
    if known.account_id is None:
        raise WrongState(
            f"No account that makes labels is connected to {known.carrier_name}.",
            code="no_carrier_account",
        )
    if known.country not in LABEL_CARRIERS[known.speaks].countries:
        raise WrongState(
            f"{known.carrier_name} makes no labels to {known.country} here.",
            code="no_label_to_country",
        )
    if known.product is None:
        service = shipment.service or "a shipment without a service"
        raise WrongState(
            f"The account at {known.carrier_name} names no product for {service}.",
            code="no_label_product",
        )
    if not known.has_sender:
        raise WrongState(
            f"Stock location {shipment.location} has no whole address, which a label shows.",
            code="no_sender_address",
        )


def _missing(
    shipment: ShipmentState, packages: Sequence[_Package], known: _Facts
) -> list[_Package]:
    for package in packages:
        may_be_there = package.status in {"ordered", "made"} or package.barcode
        if may_be_there and package.address != known.address:
            raise WrongState(
                f"The label of package {package.position} of {shipment.number} shows another address; give it up first.",
                code="label_elsewhere",
            )
    missing = [each for each in packages if each.status not in {"ordered", "made"}]
    if not missing:
        raise WrongState(
            f"Every package of {shipment.number} has its label, or it is on its way.",
            code="label_there",
        )
    return missing


_ROWS = (
    "id uuid, shop_id uuid, order_id uuid, shipment_id uuid, location_id uuid, package_id uuid, position int, carrier_account_id uuid, "
    "carrier text, product text, status text, effect_id uuid, attempts int, barcode text, asked int, address text, note text, "
    "created_at timestamptz, version int"
)
_AGAIN = """
on conflict (package_id) do update set status = 'ordered', effect_id = excluded.effect_id, attempts = excluded.attempts,
  carrier_account_id = excluded.carrier_account_id, carrier = excluded.carrier, product = excluded.product,
  address = excluded.address, note = '', version = shipments_label.version + 1
returning id, version
"""


def _write(
    unit: UnitOfWork,
    wanted: Mapping[UUID, Sequence[_Package]],
    shipments: Mapping[UUID, ShipmentState],
    facts: Mapping[UUID, _Facts],
) -> None:
    packages = [each for found in wanted.values() for each in found]
    if not packages:
        return
    labels = {each.id: each.label_id or ids.new_id() for each in packages}
    # An attempt that ended is over: another one is another effect, with a key of its own.
    keys = {each.id: f"{labels[each.id]}/{each.attempts + 1}" for each in packages}
    made = effects.intend(
        [Intent(LABEL_EFFECT, keys[x.id], shipments[x.shipment_id].shop_id) for x in packages]
    )
    rows: list[dict[str, Any]] = []
    for each in packages:
        s, known = shipments[each.shipment_id], facts[each.shipment_id]
        rows.append({
            "id": labels[each.id], "shop_id": s.shop_id, "order_id": s.order_id, "shipment_id": s.id, "location_id": s.location_id,
            "package_id": each.id, "position": each.position, "carrier_account_id": known.account_id, "carrier": s.carrier,
            "product": known.product, "status": "ordered", "effect_id": made[keys[each.id]], "attempts": each.attempts + 1,
            "barcode": "", "asked": 0, "address": known.address, "note": "", "created_at": clock.now(), "version": 1,
        })  # fmt: skip
    versions: dict[UUID, int] = dict(sql.insert_rows("shipments_label", _ROWS, rows, tail=_AGAIN))
    for each in packages:
        s, key = shipments[each.shipment_id], labels[each.id]
        subject = Subject("shipping_label", key, versions[key], s.order_id, s.shop_id)
        data = {"number": s.number, "package": each.position, "attempt": each.attempts + 1}
        origin = "failed" if each.label_id else None
        unit.record(SHIPPING_LABEL_ORDERED, subject, Move(origin, "ordered"), data)


_DUE = f"""
select s.id from shipments_shipment s
join shipments_carrier_account a on a.carrier = s.carrier and a.is_active and a.is_automatic
where s.id = any(%s) and s.status in ('announced', 'shipped')
  and {BARE_PACKAGE} and not {LABELLED_ELSEWHERE}
order by s.id
"""


def order_due_shipping_labels(shipment_ids: Sequence[UUID], *, actor: Actor) -> list[Outcome]:
    """Ask for the labels of those shipments that get theirs by themselves and have a package without one; what cannot be is told."""
    items = [OrderShippingLabelsItem(shipment_id=row[0]) for row in sql.fetch(_DUE, (list(shipment_ids),))]  # fmt: skip
    return retrying(lambda: _order(items, actor, tells=True))
