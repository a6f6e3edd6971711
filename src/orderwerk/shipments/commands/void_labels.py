"""Gives labels up by hand: what was made is printed no more, and the package may get another one."""

from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec

from orderwerk.core import sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import NotFound, Refusal, WrongState
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import retrying, unit_of_work
from orderwerk.shipments.following import follow_parcels
from orderwerk.shipments.labels import BY_HAND, give_up_labels, set_tracking_codes, shipments_of
from orderwerk.shipments.locking import lock_parcels


class VoidShippingLabelItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A label that is not to be used."""

    shipping_label_id: UUID


_READ = """
select l.id, l.status, s.number, l.position, s.status, s.location_id, l.shipment_id, l.barcode from shipments_label l
join shipments_shipment s on s.id = l.shipment_id where l.id = any(%s) and l.order_id = any(%s)
"""


def void_shipping_labels(items: Sequence[VoidShippingLabelItem], *, actor: Actor) -> list[Outcome]:
    """Give labels up: made ones, failed ones, and those that the carrier is still asked for.

    Refuses with NotFound, with WrongState one that is given up already, or whose parcel has arrived.
    """
    return retrying(lambda: _void(items, actor))


def _void(items: Sequence[VoidShippingLabelItem], actor: Actor) -> list[Outcome]:
    outcomes: list[Outcome] = []
    with unit_of_work(actor) as unit:
        wanted = [item.shipping_label_id for item in items]
        _, orders, carried = lock_parcels(unit, shipments_of(wanted))
        rows = sql.fetch(_READ, (wanted, list(orders)))
        found = {row[0]: row for row in rows if actor.may_see_location(row[5])}
        chosen: set[UUID] = set()
        for item in items:
            try:
                number = _check(item, found, chosen)
            except Refusal as refusal:
                outcomes.append(Outcome.refused(refusal))
                continue
            chosen.add(item.shipping_label_id)
            outcomes.append(Outcome.done(item.shipping_label_id, number=number, status="void"))
        give_up_labels(unit, chosen, BY_HAND)
        # What left in the same parcel got its code.
        voided = [(found[key][6], found[key][7]) for key in chosen if found[key][7]]
        inside = [(x, code, "") for shipment, code in voided for x in carried.get(shipment, ())]
        set_tracking_codes(unit, inside)
        follow_parcels(unit, [shipment for shipment, _ in voided if carried.get(shipment)])
    return outcomes


def _check(item: VoidShippingLabelItem, found: Mapping[UUID, sql.Row], chosen: set[UUID]) -> str:
    if item.shipping_label_id not in found:
        raise NotFound(
            "There is no such label.", code="unknown_shipping_label", pointer="/shipping_label_id"
        )
    key, status, number, position, shipment, *_ = found[item.shipping_label_id]
    if status == "void" or key in chosen:
        raise WrongState(
            f"The label of package {position} of {number} is given up already.", code="label_void"
        )
    if shipment == "delivered":
        raise WrongState(f"Shipment {number} is delivered already.", code="shipment_delivered")
    return str(number)
