"""The public shapes of work between the dock and the shelves."""

from datetime import date, datetime
from uuid import UUID

import msgspec

from orderwerk.allocations.channel_queries import ChannelStockRow
from orderwerk.shipments.lot_queries import LotShipmentRow
from orderwerk.shipments.serial_queries import SerialRow
from orderwerk.stock.count_plan_queries import CountPlanRow
from orderwerk.stock.lot_queries import LotRow
from orderwerk.stock.postal_queries import PostalPlaceRow


class CountPlan(msgspec.Struct, frozen=True):
    """How often the bins of a location are counted, by class; `open`: cycle counts that are asked for and not done."""

    id: UUID | None
    location: str
    a_days: int | None
    b_days: int | None
    c_days: int | None
    basis: str
    look_back_days: int
    most_a_day: int
    updated_at: datetime | None
    version: int
    open: int


def count_plan(row: CountPlanRow) -> CountPlan:
    """Return the public shape of a plan for cycle counts."""
    return CountPlan(
        id=row.id,
        location=row.location,
        a_days=row.a_days,
        b_days=row.b_days,
        c_days=row.c_days,
        basis=row.basis,
        look_back_days=row.look_back_days,
        most_a_day=row.most_a_day,
        updated_at=row.updated_at,
        version=row.version,
        open=row.open_count,
    )


class PostalPlace(msgspec.Struct, frozen=True):
    """Where a postal code of a country lies, or all that begin so; of several that fit a code the longest counts."""

    id: UUID
    country: str
    postal_code: str
    latitude: float
    longitude: float


def postal_place(row: PostalPlaceRow) -> PostalPlace:
    """Return the public shape of where a postal code lies."""
    return PostalPlace(
        id=row.id,
        country=row.country,
        postal_code=row.postal_code,
        latitude=row.latitude,
        longitude=row.longitude,
    )


class ChannelStock(msgspec.Struct, frozen=True):
    """What is kept for a shop at one location; `held` by its open claims, `available` to it now."""

    id: UUID
    shop: str
    sku: str
    location: str
    reserved: int
    safety_stock: int
    held: int
    available: int
    updated_at: datetime


def channel_stock(row: ChannelStockRow) -> ChannelStock:
    """Return the public shape of what is kept for a shop."""
    return ChannelStock(
        id=row.id,
        shop=row.shop,
        sku=row.sku,
        location=row.location,
        reserved=row.reserved,
        safety_stock=row.safety_stock,
        held=row.held,
        available=row.available,
        updated_at=row.updated_at,
    )


class Lot(msgspec.Struct, frozen=True):
    """Pieces of a product that were made together; a blocked lot is neither promised nor picked nor shipped."""

    id: UUID
    sku: str
    name: str
    lot: str
    expires_on: date | None
    blocked: bool
    reason: str
    on_hand: int
    picked: int
    created_at: datetime


class LotShipment(msgspec.Struct, frozen=True):
    """So many pieces of a lot that left with a shipment: who got it."""

    id: UUID
    shipment_id: UUID
    shipment_number: str
    order_id: UUID
    order_number: str
    shop: str
    customer_name: str
    customer_email: str
    location: str
    sku: str
    lot: str
    expires_on: date | None
    quantity: int
    shipped_at: datetime


def lot(row: LotRow) -> Lot:
    """Return the public shape of a lot."""
    return Lot(
        id=row.id,
        sku=row.sku,
        name=row.name,
        lot=row.lot,
        expires_on=row.expires_on,
        blocked=row.is_blocked,
        reason=row.blocked_reason,
        on_hand=row.on_hand,
        picked=row.picked,
        created_at=row.created_at,
    )


def lot_shipment(row: LotShipmentRow) -> LotShipment:
    """Return the public shape of what left of a lot."""
    return LotShipment(
        id=row.id,
        shipment_id=row.shipment_id,
        shipment_number=row.number,
        order_id=row.order_id,
        order_number=row.order_number,
        shop=row.shop,
        customer_name=row.customer_name,
        customer_email=row.customer_email,
        location=row.location,
        sku=row.sku,
        lot=row.lot,
        expires_on=row.expires_on,
        quantity=row.quantity,
        shipped_at=row.shipped_at,
    )


class Serial(msgspec.Struct, frozen=True):
    """One piece by its serial number: in which shipment it lies or left, and with which return it came back."""

    id: UUID
    sku: str
    name: str
    serial: str
    shipment_id: UUID
    shipment_number: str
    shipment_status: str
    order_id: UUID
    order_number: str
    shop: str
    customer_name: str
    customer_email: str
    location: str
    recorded_at: datetime
    recorded_by: str
    shipped_at: datetime | None
    returned_at: datetime | None
    return_id: UUID | None
    return_number: str | None


def serial(row: SerialRow) -> Serial:
    """Return the public shape of a recorded serial number."""
    return Serial(
        id=row.id,
        sku=row.sku,
        name=row.name,
        serial=row.serial,
        shipment_id=row.shipment_id,
        shipment_number=row.number,
        shipment_status=row.shipment_status,
        order_id=row.order_id,
        order_number=row.order_number,
        shop=row.shop,
        customer_name=row.customer_name,
        customer_email=row.customer_email,
        location=row.location,
        recorded_at=row.recorded_at,
        recorded_by=row.recorded_by,
        shipped_at=row.shipped_at,
        returned_at=row.returned_at,
        return_id=row.return_id,
        return_number=row.return_number or None,
    )
