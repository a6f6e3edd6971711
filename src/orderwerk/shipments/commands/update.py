"""Changes packages, carrier, service and track & trace of shipments."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any
from uuid import UUID

import msgspec

from orderwerk.core import fields, sql
from orderwerk.core.actor import Actor
from orderwerk.core.changes import differences
from orderwerk.core.errors import Refusal, WrongState
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import STILL, Subject, UnitOfWork, retrying, unit_of_work
from orderwerk.shipments.carriers import SetUp, check_carrier, read_carriers
from orderwerk.shipments.events import SHIPMENT_UPDATED
from orderwerk.shipments.following import follow_parcels
from orderwerk.shipments.labels import (
    LiveLabel,
    check_no_label,
    keep_barcodes,
    live_labels,
    set_tracking_codes,
)
from orderwerk.shipments.locking import ShipmentState, check_known, lock_parcels
from orderwerk.shipments.packing import (
    EMPTY,
    MAX_PACKAGES,
    PackageItem,
    TrackingCode,
    as_stored,
    check_contents,
    lines_of_parcel,
    read_contents,
    read_packages,
    replace_packages,
    same_but_codes,
    set_codes,
)

_U = msgspec.UnsetType


class UpdateShipmentItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is to change; fields left out stay. `packages` is a number of parcels, or each parcel's data."""

    shipment_id: UUID
    packages: (
        Annotated[int, msgspec.Meta(ge=1, le=MAX_PACKAGES)]
        | Annotated[list[PackageItem], msgspec.Meta(min_length=1, max_length=MAX_PACKAGES)]
        | _U
    ) = msgspec.UNSET
    carrier: fields.Code | _U = msgspec.UNSET
    service: fields.Line | _U = msgspec.UNSET
    tracking_code: TrackingCode | _U = msgspec.UNSET
    tracking_url: fields.Url | _U = msgspec.UNSET


_DATA = ("carrier", "service", "tracking_code", "tracking_url")


def update_shipments(items: Sequence[UpdateShipmentItem], *, actor: Actor) -> list[Outcome]:
    """Change shipments; track & trace, also a package's own, after they have left too.

    Refuses with NotFound, with WrongState a cancelled shipment, or carrier, service and packages (but for their codes) of one that has left, with
    LimitExceeded more pieces of a line in the parcels than the shipment holds, with BadInput a line named twice in one, and
    a carrier or service that is not set up. What a label that is there, or on its way, would not be true of any more (another
    carrier or service, its package taken away or under another code) is refused with WrongState until the label is given up.
    """
    return retrying(lambda: _update(items, actor))


def _update(items: Sequence[UpdateShipmentItem], actor: Actor) -> list[Outcome]:
    with unit_of_work(actor) as unit:
        shipments, _, carried = lock_parcels(unit, [item.shipment_id for item in items])
        packages, contents = read_packages(list(shipments)), read_contents(list(shipments))
        carriers = read_carriers(
            {i.carrier for i in items if isinstance(i.carrier, str)}
            | {s.carrier for s in shipments.values()}
        )
        labels = live_labels(list(shipments))
        outcomes: list[Outcome] = []
        touched: dict[UUID, ShipmentState] = {}
        repacked: set[UUID] = set()
        gone: set[UUID] = set()
        recoded: dict[UUID, dict[str, str]] = {}
        for item in items:
            try:
                shipment = _check(item, shipments, packages, carriers)
                check_contents(item.packages, lines_of_parcel(shipment.id, contents, carried))
                wanted = _wanted(item, packages[shipment.id])
                _check_labels(item, shipment, wanted, labels.get(shipment.id, ()))
            except Refusal as refusal:
                outcomes.append(Outcome.refused(refusal))
                continue
            change = _apply(item, shipment, packages, wanted)
            if change:
                shipment.version += 1
                touched[shipment.id] = shipment
                if shipment.status in _LEFT:
                    recoded[shipment.id] = _recoded(shipment, packages[shipment.id], change)
                if "packages" in change:
                    (gone if shipment.status in _LEFT else repacked).add(shipment.id)
                subject = Subject(
                    "shipment", shipment.id, shipment.version, shipment.order_id, shipment.shop_id
                )
                unit.record(
                    SHIPMENT_UPDATED, subject, STILL, {"number": shipment.number, "changes": change}
                )
            outcomes.append(Outcome.done(shipment.id, changed=sorted(change)))
        _write(list(touched.values()))
        replace_packages({key: packages[key] for key in repacked})
        set_codes({key: packages[key] for key in gone})
        _lead(unit, touched, recoded, carried)
    return outcomes


_LEFT = frozenset({"shipped", "delivered"})


def _check(
    item: UpdateShipmentItem,
    shipments: dict[UUID, ShipmentState],
    packages: dict[UUID, list[dict[str, Any]]],
    carriers: Mapping[str, SetUp],
) -> ShipmentState:
    shipment = check_known(shipments.get(item.shipment_id))
    if shipment.status == "cancelled":
        raise WrongState(f"Shipment {shipment.number} is cancelled.", code="shipment_cancelled")
    if shipment.status in _LEFT and _repacks(item, packages[shipment.id]):
        raise WrongState(
            f"Shipment {shipment.number} has left; only its track & trace can still change.",
            code="shipment_shipped",
        )
    carrier = item.carrier if isinstance(item.carrier, str) else shipment.carrier
    service = item.service if isinstance(item.service, str) else shipment.service
    # What a shipment has it keeps, also when its carrier was switched off meanwhile.
    if (carrier, service) != (shipment.carrier, shipment.service):
        check_carrier(carriers, carrier, service)
    return shipment


def _repacks(item: UpdateShipmentItem, packages: list[dict[str, Any]]) -> bool:
    """Say whether something else would change than track & trace, the packages' own codes among it."""
    if item.carrier is not msgspec.UNSET or item.service is not msgspec.UNSET:
        return True
    if isinstance(item.packages, list):
        wanted = [as_stored(package) for package in item.packages]
        return not same_but_codes(wanted, packages)
    return item.packages is not msgspec.UNSET


def _wanted(item: UpdateShipmentItem, old: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the parcels as they are to be."""
    if isinstance(item.packages, int):
        return [old[i] if i < len(old) else dict(EMPTY) for i in range(item.packages)]
    if isinstance(item.packages, list):
        return [as_stored(package) for package in item.packages]
    return old


def _check_labels(
    item: UpdateShipmentItem,
    shipment: ShipmentState,
    wanted: list[dict[str, Any]],
    labels: Sequence[LiveLabel],
) -> None:
    for name in ("carrier", "service"):
        if getattr(item, name) not in {msgspec.UNSET, getattr(shipment, name)}:
            check_no_label(shipment.number, labels, f"/{name}")
    keep_barcodes(shipment.number, wanted, labels)


def _apply(
    item: UpdateShipmentItem,
    shipment: ShipmentState,
    packages: dict[UUID, list[dict[str, Any]]],
    wanted: list[dict[str, Any]],
) -> dict[str, list[Any]]:
    new = {name: getattr(item, name) for name in _DATA if getattr(item, name) is not msgspec.UNSET}
    change = differences({name: getattr(shipment, name) for name in _DATA}, new)
    for name, pair in change.items():
        setattr(shipment, name, pair[1])
    old = packages[shipment.id]
    if wanted != old:
        change["packages"] = [old, wanted]
        packages[shipment.id] = wanted
    return change


def _recoded(
    shipment: ShipmentState, packages: Sequence[Mapping[str, Any]], change: Mapping[str, list[Any]]
) -> dict[str, str]:
    """Return the codes that neither a shipment nor a package of it bears any more, each with the one that stands there now."""
    pairs = [change["tracking_code"]] if "tracking_code" in change else []
    for before, now in zip(*change.get("packages", ([], [])), strict=True):
        pairs.append([before["tracking_code"], now["tracking_code"]])
    still = {"", shipment.tracking_code, *(package["tracking_code"] for package in packages)}
    return {old: new for old, new in pairs if old not in still}


def _lead(
    unit: UnitOfWork,
    touched: Iterable[UUID],
    recoded: Mapping[UUID, Mapping[str, str]],
    carried: Mapping[UUID, Sequence[UUID]],
) -> None:
    """Let what left in the parcels of changed shipments be followed as these are; also where a code was a mistake, and is taken away."""
    away = [
        (x, old, new) for key, pairs in recoded.items() for x in carried.get(key, ()) for old, new in pairs.items()
    ]  # fmt: skip
    set_tracking_codes(unit, away)
    follow_parcels(unit, [key for key in touched if carried.get(key)])


_COLUMNS = "id uuid, version int, carrier text, service text, tracking_code text, tracking_url text"


def _write(shipments: Sequence[ShipmentState]) -> None:
    rows = [
        {"id": s.id, "version": s.version, **{name: getattr(s, name) for name in _DATA}}
        for s in shipments
    ]
    sql.execute(
        f"update shipments_shipment s set version = t.version, {', '.join(f'{n} = t.{n}' for n in _DATA)} "
        f"from jsonb_to_recordset(%s::jsonb) as t({_COLUMNS}) where s.id = t.id",
        (sql.to_json(rows),),
    )
