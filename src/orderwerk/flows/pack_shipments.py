"""Packs: what was scanned at the packing table is compared with what the shipment holds, then it leaves, weighed."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec

from orderwerk.core import fields, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import Refusal, WrongState
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import STILL, Subject, UnitOfWork, retrying, unit_of_work
from orderwerk.flows.ready_shipments import ReadyShipmentItem, ready_shipments
from orderwerk.flows.ship_shipments import ShipItem, ship_shipments
from orderwerk.orders.document import MAX_LINES
from orderwerk.shipments.carriers import SetUp, check_carrier, read_carriers
from orderwerk.shipments.events import SHIPMENT_PACKED
from orderwerk.shipments.following import follow_parcels
from orderwerk.shipments.labels import (
    REPACKED,
    LiveLabel,
    check_codes,
    check_no_label,
    give_up_labels,
    live_labels,
)
from orderwerk.shipments.locking import (
    ShipmentState,
    check_by_itself,
    check_not_shipped,
    lock_parcels,
)
from orderwerk.shipments.packing import (
    MAX_PACKAGES,
    PackageItem,
    check_contents,
    lines_of_parcel,
    read_contents,
    write_packages,
)
from orderwerk.shipments.proposals import choose, propose_by_weight, unchosen
from orderwerk.shipments.serials import SerialPiece


class PackedLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """So many pieces of an article that went into the box."""

    sku: fields.Sku
    quantity: fields.Quantity


class PackItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A shipment, what was scanned into its packages, and what else was scanned and did not belong to it.

    `wrong_scans`: those that were not noted one by one as they happened (note_wrong_scans).
    `serials`: every piece that leaves and has a serial number; left out: those that were recorded before.
    `is_weighed`: whether the packages' weights were read from a scale; false where they are what the articles should weigh, which
    is kept and asks no rules.
    `packed_at` is when its pieces were taken from where they lay (left out: now); a bin that was counted since is to be counted again.
    `carrier` and `service`: how somebody at the table lets it go; left out, it goes as it is, or as the rules propose by its weight.
    """

    shipment_id: UUID
    contents: Annotated[list[PackedLine], msgspec.Meta(min_length=1, max_length=MAX_LINES)]
    packages: Annotated[list[PackageItem], msgspec.Meta(min_length=1, max_length=MAX_PACKAGES)]
    wrong_scans: Annotated[list[fields.Line], msgspec.Meta(max_length=100)] = msgspec.field(
        default_factory=list
    )
    serials: Annotated[list[SerialPiece], msgspec.Meta(max_length=MAX_LINES)] | None = None
    notify: bool = False
    is_weighed: bool = True
    packed_at: datetime | None = None
    carrier: fields.Code | msgspec.UnsetType = msgspec.UNSET
    service: fields.Line | msgspec.UnsetType = msgspec.UNSET

    @property
    def bears_code(self) -> bool:
        """Whether a label with a code sticks on one of its packages."""
        return any(package.tracking_code for package in self.packages)

    @property
    def grams(self) -> int | None:
        """What all of its packages weigh together; None where one was not weighed."""
        weights = [package.weight_grams for package in self.packages]
        is_whole = self.is_weighed and None not in weights
        return sum(weight or 0 for weight in weights) if is_whole else None


def pack_shipments(items: Sequence[PackItem], *, actor: Actor) -> list[Outcome]:
    """Ship what has been checked piece by piece, with its packages; what the customer collects is put ready instead.

    Of a parcel that several shipments share all of it is packed, under the one that bears the label. Wrong scans stand in that
    shipment's history. Where every package was weighed the rules of shipping are asked again with that weight, unless
    somebody has chosen carrier or service, it was announced, or it bears a label: one that was made, or a tracking code.
    Where it then goes another way the outcome has `carrier` and `service`.

    Refuses as shipping does, and with WrongState contents that are not exactly what the shipment, with what lies in its
    parcel, holds now, or another tracking code than that of a package's label, or another carrier or service
    than that label's; with BadInput a carrier or service that is not set up. A label of a package that there is not any
    more is given up.
    """
    return retrying(lambda: _pack(items, actor))


def _pack(items: Sequence[PackItem], actor: Actor) -> list[Outcome]:
    with unit_of_work(actor) as unit:
        shipments, _, carried = lock_parcels(unit, [item.shipment_id for item in items])
        held, lines = _held(list(shipments)), read_contents(list(shipments))
        labels = live_labels(list(shipments))
        carriers = read_carriers({i.carrier for i in items if isinstance(i.carrier, str)} | {s.carrier for s in shipments.values()})  # fmt: skip
        untouched = unchosen(shipments)
        ways: dict[int, tuple[str, str]] = {}
        refused: dict[int, Refusal] = {}
        for index, item in enumerate(items):
            try:
                shipment = check_not_shipped(shipments.get(item.shipment_id))
                check_by_itself(shipment)
                # One box: what lies in the parcel belongs into it too.
                inside = (held[key] for key in carried.get(shipment.id, ()))
                _check_contents(shipment.number, item, sum(inside, Counter(held[shipment.id])))
                check_contents(item.packages, lines_of_parcel(shipment.id, lines, carried))
                codes = [package.tracking_code for package in item.packages]
                check_codes(shipment.number, codes, labels.get(shipment.id, ()))
                if way := _chosen(item, shipment, carriers, labels.get(shipment.id, ())):
                    ways[index] = way
            except Refusal as refusal:
                refused[index] = refusal
        good = {index: item for index, item in enumerate(items) if index not in refused}
        shipped = _finish(list(good.values()), shipments, actor)
        left = [index for index, outcome in zip(good, shipped, strict=True) if outcome.ok]
        gone = [good[index] for index in left]
        # What shipping refused, as a second item for the same shipment, has chosen nothing.
        chosen = {good[index].shipment_id: ways[index] for index in left if index in ways}
        choose(unit, chosen)
        otherwise = propose_by_weight(
            unit, _to_ask_for(gone, shipments, untouched - {*chosen, *labels})
        )
        give_up_labels(unit, _labels_too_many(gone, labels), REPACKED)
        _record(unit, gone, {key: shipment.number for key, shipment in shipments.items()})
        follow_parcels(unit, [item.shipment_id for item in gone if carried.get(item.shipment_id)])
    outcomes = iter([_told(outcome, otherwise) for outcome in shipped])
    return [
        Outcome.refused(refused[index]) if index in refused else next(outcomes)
        for index, _ in enumerate(items)
    ]


def _finish(
    items: Sequence[PackItem], shipments: Mapping[UUID, ShipmentState], actor: Actor
) -> list[Outcome]:
    """Ship what is sent, put ready what is collected; outcomes in the order of the items."""
    sent = [item for item in items if not shipments[item.shipment_id].collects]
    left = ship_shipments(
        [
            ShipItem(
                shipment_id=i.shipment_id, notify=i.notify, serials=i.serials, taken_at=i.packed_at
            )
            for i in sent
        ],
        actor=actor,
    )
    kept = [item for item in items if shipments[item.shipment_id].collects]
    ready = ready_shipments(
        [ReadyShipmentItem(shipment_id=i.shipment_id, serials=i.serials) for i in kept], actor=actor
    )
    queues = {False: iter(left), True: iter(ready)}
    return [next(queues[shipments[item.shipment_id].collects]) for item in items]


def _held(shipment_ids: Sequence[UUID]) -> dict[UUID, Counter[str]]:
    held: dict[UUID, Counter[str]] = defaultdict(Counter)
    for key, sku, quantity in sql.fetch(
        "select l.shipment_id, p.sku, l.quantity from shipments_line l join catalog_product p on p.id = l.product_id "
        "where l.shipment_id = any(%s) and l.is_live",
        (list(shipment_ids),),
    ):
        held[key][sku] += quantity
    return held


def _check_contents(number: str, item: PackItem, held: Mapping[str, int]) -> None:
    packed: Counter[str] = Counter()
    for line in item.contents:
        packed[line.sku] += line.quantity
    differing = {
        sku: [packed.get(sku, 0), held.get(sku, 0)]
        for sku in {*packed, *held}
        if packed.get(sku, 0) != held.get(sku, 0)
    }
    if differing:
        told = ", ".join(f"{sku}: {n} of {m}" for sku, (n, m) in sorted(differing.items())[:5])
        raise WrongState(
            f"What was packed is not what shipment {number} holds now ({told}).",
            code="contents_differ",
            pointer="/contents",
            details={"packed_and_held": dict(sorted(differing.items()))},
        )


def _chosen(
    item: PackItem,
    shipment: ShipmentState,
    carriers: Mapping[str, SetUp],
    labels: Sequence[LiveLabel],
) -> tuple[str, str] | None:
    """Return carrier and service where somebody says how it goes; refuses as `pack_shipments`."""
    if item.carrier is msgspec.UNSET and item.service is msgspec.UNSET:
        return None
    carrier = item.carrier if isinstance(item.carrier, str) else shipment.carrier
    service = item.service if isinstance(item.service, str) else shipment.service
    if (carrier, service) != (shipment.carrier, shipment.service):
        check_carrier(carriers, carrier, service)
        check_no_label(shipment.number, labels, "/carrier")
    return carrier, service


def _to_ask_for(
    gone: Sequence[PackItem], shipments: Mapping[UUID, ShipmentState], untouched: Collection[UUID]
) -> dict[UUID, int]:
    """Return the weights of what has left, was weighed whole, bears no label and goes as nobody has chosen."""
    asked = {}
    for item in gone:
        shipment, grams = shipments[item.shipment_id], item.grams
        # A code that was scanned here is that of the carrier whose label sticks on it; `untouched` knows those of before.
        may_change = shipment.id in untouched and not (item.bears_code or shipment.collects)
        if may_change and grams is not None:
            asked[shipment.id] = grams
    return asked


def _told(outcome: Outcome, otherwise: Mapping[UUID, tuple[str, str]]) -> Outcome:
    """Say which way it goes where its weight changed that: whoever packs sticks the label of that carrier on it."""
    if outcome.id is None or outcome.id not in otherwise:
        return outcome
    carrier, service = otherwise[outcome.id]
    return replace(outcome, data={**outcome.data, "carrier": carrier, "service": service})


def _labels_too_many(
    gone: Sequence[PackItem], labels: Mapping[UUID, Sequence[LiveLabel]]
) -> list[UUID]:
    """Return the labels of packages that are none any more: all went into fewer."""
    return [
        label.id
        for item in gone
        for label in labels.get(item.shipment_id, ())
        if label.position > len(item.packages)
    ]


def _record(unit: UnitOfWork, gone: Sequence[PackItem], numbers: Mapping[UUID, str]) -> None:
    by_id = {item.shipment_id: item for item in gone}
    rows = write_packages({key: item.packages for key, item in by_id.items()})
    for key, version, order_id, shop_id in rows:
        item = by_id[key]
        data = {
            "number": numbers[key],
            "packages": len(item.packages),
            "weight_grams": sum(package.weight_grams or 0 for package in item.packages),
            "wrong_scans": item.wrong_scans,
        }
        unit.record(
            SHIPMENT_PACKED, Subject("shipment", key, version, order_id, shop_id), STILL, data
        )
