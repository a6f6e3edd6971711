"""The public shapes of what moves goods: allocations, pick lists, shipments."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

import msgspec

from orderwerk.allocations.queries import AllocationRow
from orderwerk.core.actor import Actor
from orderwerk.orders.document import Address
from orderwerk.picklists.queries import PickLineRow, PickListRow, pick_lines
from orderwerk.picklists.wave_queries import WaveRow
from orderwerk.schemas.orders import address
from orderwerk.schemas.pieces import ShippedLot, ShippedSerial, shipped_lots, shipped_serials
from orderwerk.shipments.exception_queries import ExceptionRow
from orderwerk.shipments.lot_queries import ShippedLotRow, lots_of_shipments
from orderwerk.shipments.queries import (
    PackageRow,
    ShipmentLineRow,
    ShipmentParts,
    ShipmentRow,
    shipment_parts,
)
from orderwerk.shipments.serial_queries import ShippedSerialRow, serials_of_shipments


class Allocation(msgspec.Struct, frozen=True):
    """A claim of one order line on stock at a location; `explanation` says in words why there."""

    id: UUID
    order_id: UUID
    order_number: str
    order_line_id: UUID
    shop: str
    sku: str
    name: str
    product_id: UUID
    location: str
    quantity: int
    picked: int
    status: str
    shipment_id: UUID | None
    explanation: str
    created_at: datetime


class PickLine(msgspec.Struct, frozen=True):
    """Take `quantity` of a sku from a bin; `cancelled` were taken off the list before they were picked.

    `tote` numbers the box that the order is sorted into while walking; 0: none.
    """

    id: UUID
    position: int
    order_id: UUID
    order_number: str
    shipment_id: UUID
    allocation_id: UUID
    product_id: UUID
    sku: str
    name: str
    gtin: str | None
    bin: str
    lot: str
    expires_on: date | None
    tote: int
    quantity: int
    picked: int
    short: int
    reason: str
    cancelled: int
    is_open: bool


class PickList(msgspec.Struct, frozen=True):
    """One walk through a location, its lines in walking order; `method` is how a batch keeps orders apart."""

    id: UUID
    number: str
    location: str
    kind: str
    method: str
    wave: str | None
    status: str
    urgent: bool
    paused_at: datetime | None
    snoozed_until: datetime | None
    snooze_note: str
    user: str | None
    created_at: datetime
    finished_at: datetime | None
    version: int
    lines: list[PickLine]


class Wave(msgspec.Struct, frozen=True):
    """Pick lists that were made together; `done` pieces are picked or short."""

    id: UUID
    number: str
    name: str
    location: str
    lists: int
    open_lists: int
    orders: int
    units: int
    done: int
    short: int
    created_at: datetime
    created_by: str


class ShipmentLine(msgspec.Struct, frozen=True):
    """What one allocation puts into the shipment."""

    id: UUID
    order_line_id: UUID
    allocation_id: UUID
    product_id: UUID
    sku: str
    name: str
    quantity: int
    picked: int


class Packed(msgspec.Struct, frozen=True):
    """So many pieces of a line in a package: its shipment's own, or that of a shipment that travels in the same parcel."""

    shipment_line_id: UUID
    quantity: int


class Parcel(msgspec.Struct, frozen=True):
    """One package of a shipment; `contents` as far as somebody said what lies in it.

    `delivered_at`: when its carrier delivered it; the shipment is delivered with the last of them.
    """

    weight_grams: int | None
    length_mm: int | None
    width_mm: int | None
    height_mm: int | None
    tracking_code: str
    delivered_at: datetime | None
    box: str
    contents: list[Packed]


class TrackingReport(msgspec.Struct, frozen=True):
    """One report about the shipment on its way, the latest first."""

    status: str
    at: datetime
    text: str
    place: str


class Shipment(msgspec.Struct, frozen=True):
    """What goes from one location to one customer address; with `combined_into` in the parcel of that shipment.

    `waits_for`: numbers of the transfers that bring the rest of its order there first; until then it is not sent whole. `collects`: the customer comes for it; `announced` then means that it lies ready, until `collect_by`.
    `tracking_url`: the link that was given, or the carrier's own.
    """

    id: UUID
    number: str
    combined_into: UUID | None
    waits_for: list[str]
    order_id: UUID
    order_number: str
    shop: str
    location: str
    status: str
    carrier: str
    service: str
    tracking_code: str
    tracking_url: str
    collects: bool
    collect_by: date | None
    collected_by: str
    collect_note: str
    delivery_address: Address
    lines: list[ShipmentLine]
    lots: list[ShippedLot]
    serials: list[ShippedSerial]
    packages: list[Parcel]
    tracking: list[TrackingReport]
    created_at: datetime
    announced_at: datetime | None
    shipped_at: datetime | None
    delivered_at: datetime | None
    cancelled_at: datetime | None
    version: int


def allocation(row: AllocationRow) -> Allocation:
    """Return the public shape of an allocation."""
    return Allocation(
        id=row.id,
        order_id=row.order_id,
        order_number=row.order_number,
        order_line_id=row.order_line_id,
        shop=row.shop,
        sku=row.sku,
        name=row.name,
        product_id=row.product_id,
        location=row.location,
        quantity=row.quantity,
        picked=row.picked,
        status=row.status,
        shipment_id=row.shipment_id,
        explanation=row.why,
        created_at=row.created_at,
    )


def pick_line(row: PickLineRow) -> PickLine:
    """Return the public shape of a pick line."""
    return PickLine(
        id=row.id,
        position=row.position,
        order_id=row.order_id,
        order_number=row.order_number,
        shipment_id=row.shipment_id,
        allocation_id=row.allocation_id,
        product_id=row.product_id,
        sku=row.sku,
        name=row.name,
        gtin=row.gtin,
        bin=row.bin,
        lot=row.lot,
        expires_on=row.expires_on,
        tote=row.tote,
        quantity=row.quantity,
        picked=row.picked,
        short=row.short,
        reason=row.short_reason,
        cancelled=row.cancelled,
        is_open=row.is_open,
    )


def pick_list(row: PickListRow, lines: Sequence[PickLineRow]) -> PickList:
    """Return the public shape of a pick list."""
    return PickList(
        id=row.id,
        number=row.number,
        location=row.location,
        kind=row.kind,
        method=row.method,
        wave=row.wave,
        status=row.status,
        urgent=row.is_urgent,
        paused_at=row.paused_at,
        # One that has come back by itself says nothing of the moment any more.
        snoozed_until=row.snoozed_until if row.is_snoozed else None,
        snooze_note=row.snooze_note if row.is_snoozed else "",
        user=row.assigned_name or None,
        created_at=row.created_at,
        finished_at=row.finished_at,
        version=row.version,
        lines=[pick_line(each) for each in lines],
    )


def wave(row: WaveRow) -> Wave:
    """Return the public shape of a wave."""
    return Wave(
        id=row.id,
        number=row.number,
        name=row.name,
        location=row.location,
        lists=row.list_count,
        open_lists=row.open_list_count,
        orders=row.order_count,
        units=row.units,
        done=row.units_done,
        short=row.units_short,
        created_at=row.created_at,
        created_by=row.created_by,
    )


def pick_lists(actor: Actor, rows: Sequence[PickListRow]) -> list[PickList]:
    """Return the public shape of pick lists; one statement, however many there are."""
    lines = pick_lines(actor, [row.id for row in rows])
    return [pick_list(row, lines[row.id]) for row in rows]


def _parcel(row: PackageRow) -> Parcel:
    contents = [Packed(x.shipment_line_id, x.quantity) for x in row.contents]
    sizes = (row.weight_grams, row.length_mm, row.width_mm, row.height_mm)
    return Parcel(*sizes, row.tracking_code, row.delivered_at, row.box, contents)


def _shipment_line(x: ShipmentLineRow) -> ShipmentLine:
    return ShipmentLine(x.id, x.order_line_id, x.allocation_id, x.product_id, x.sku, x.name, x.quantity, x.picked)  # fmt: skip


def shipment(
    row: ShipmentRow,
    parts: ShipmentParts,
    lots: Sequence[ShippedLotRow] = (),
    serials: Sequence[ShippedSerialRow] = (),
) -> Shipment:
    """Return the public shape of a shipment; what was taken out of it is not shown."""
    return Shipment(
        id=row.id,
        number=row.number,
        combined_into=row.combined_into,
        waits_for=row.waits_for,
        order_id=row.order_id,
        order_number=row.order_number,
        shop=row.shop,
        location=row.location,
        status=row.status,
        carrier=row.carrier,
        service=row.service,
        tracking_code=row.tracking_code,
        tracking_url=row.tracking_link,
        collects=row.collects,
        collect_by=row.collect_by,
        collected_by=row.collected_by,
        collect_note=row.collect_note,
        delivery_address=address(row.delivery_address),
        lines=[_shipment_line(x) for x in parts.lines if x.is_live],
        lots=shipped_lots(lots),
        serials=shipped_serials(serials),
        packages=[_parcel(x) for x in parts.packages],
        tracking=[TrackingReport(x.status, x.at, x.text, x.place) for x in parts.tracking],
        created_at=row.created_at,
        announced_at=row.announced_at,
        shipped_at=row.shipped_at,
        delivered_at=row.delivered_at,
        cancelled_at=row.cancelled_at,
        version=row.version,
    )


def shipments(rows: Sequence[ShipmentRow]) -> list[Shipment]:
    """Return the public shape of shipments; five statements, however many there are."""
    keys = [row.id for row in rows]
    parts, lots, serials = shipment_parts(keys), lots_of_shipments(keys), serials_of_shipments(keys)
    return [shipment(row, parts[row.id], lots[row.id], serials[row.id]) for row in rows]


class DeliveryException(msgspec.Struct, frozen=True):
    """Something that went wrong with a parcel; `note` says what was done about it."""

    id: UUID
    shipment_id: UUID
    shipment_number: str
    order_id: UUID
    order_number: str
    shop: str
    location: str
    kind: str
    status: str
    text: str
    place: str
    happened_at: datetime
    raised_at: datetime
    closed_at: datetime | None
    closed_by: str | None
    note: str
    version: int


def delivery_exception(row: ExceptionRow) -> DeliveryException:
    """Return the public shape of a delivery problem."""
    return DeliveryException(
        **{name: getattr(row, name) for name in DeliveryException.__struct_fields__}
    )
