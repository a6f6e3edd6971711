"""The public shapes of products and stock."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from orderwerk.catalog.queries import ProductRow
from orderwerk.stock.bin_queries import BinRow
from orderwerk.stock.calendar import SpecialDay, WeekDay
from orderwerk.stock.count_queries import CountRequestRow
from orderwerk.stock.inbound_queries import InboundLineRow, InboundRow
from orderwerk.stock.queries import LevelRow, LocationRow, MovementRow


class Component(msgspec.Struct, frozen=True):
    """So many pieces of a product in one kit."""

    sku: str
    quantity: int


class Product(msgspec.Struct, frozen=True):
    """One article; `on_hand` and `allocated` are sums over the locations that the caller may see; a kit has components."""

    id: UUID
    sku: str
    name: str
    gtin: str | None
    weight_grams: int | None
    image_url: str | None
    hs_code: str | None
    origin_country: str | None
    tracking: str
    min_shelf_days: int
    substitutes: list[str]
    vat_exemption: str | None
    vat_exemption_code: str | None
    on_hand: int
    allocated: int
    components: list[Component]
    version: int
    created_at: datetime
    updated_at: datetime


class StockLocation(msgspec.Struct, frozen=True):
    """A place that holds stock; `shops` are the codes of those that draw from it.

    `daily_capacity` parcels a day, from `cut_off` to cut-off, save on the days of `week` and on `special_days`;
    `handling_cost_minor` is what a parcel from there costs, in `handling_cost_currency` (null: in each shop's own).
    """

    id: UUID
    code: str
    name: str
    priority: int
    address: dict[str, Any] | None
    country: str | None
    is_active: bool
    daily_capacity: int | None
    cut_off: str | None
    handling_cost_minor: int
    handling_cost_currency: str | None
    latitude: float | None
    longitude: float | None
    week: list[WeekDay]
    special_days: list[SpecialDay]
    shops: list[str]
    version: int


class Bin(msgspec.Struct, frozen=True):
    """A shelf position in the walking route; `use` is `face`, `bulk` or `receiving`, `kind` is `staging` for picked goods."""

    id: UUID
    location: str
    bin: str
    kind: str
    position: int
    zone: str
    use: str
    aisle: int
    depth: int | None
    products: int
    units: int


class StockLevel(msgspec.Struct, frozen=True):
    """One product at one location; `available` is what can be promised yet, `incoming` what is on its way there.

    `blocked` pieces lie there and belong to lots that must not leave.
    """

    id: UUID
    product_id: UUID
    sku: str
    name: str
    location: str
    on_hand: int
    allocated: int
    safety_stock: int
    blocked: int
    available: int
    incoming: int


class InboundLine(msgspec.Struct, frozen=True):
    """One product on its way; `open` pieces are still to come, `closed` ones will not."""

    id: UUID
    sku: str
    name: str
    expected: int
    received: int
    closed: int
    open: int


class Inbound(msgspec.Struct, frozen=True):
    """Goods on their way to a location: a purchase order, or a transfer from another location (`origin`)."""

    id: UUID
    number: str
    kind: str
    status: str
    location: str
    origin: str | None
    supplier: str
    reference: str
    expected_on: date | None
    lines: list[InboundLine]
    version: int
    created_at: datetime
    finished_at: datetime | None


class CountRequest(msgspec.Struct, frozen=True):
    """A product in a bin that somebody should count; `quantity` is what the books say, `closed_at` when it was counted.

    `cause`: `asked` because something was wrong there, or `cycle` because its turn has come.
    """

    id: UUID
    sku: str
    location: str
    bin: str
    reason: str
    cause: str
    quantity: int
    requested_at: datetime
    requested_by: str
    closed_at: datetime | None
    closed_by: str


class StockMovement(msgspec.Struct, frozen=True):
    """One change of what lies in a bin; `source_id` is its one cause."""

    id: UUID
    at: datetime
    sku: str
    location: str
    bin: str
    lot: str
    difference: int
    kind: str
    source_id: UUID
    order_id: UUID | None
    reason: str
    actor: str


def product(row: ProductRow) -> Product:
    """Return the public shape of a product."""
    return Product(
        id=row.id,
        sku=row.sku,
        name=row.name,
        gtin=row.gtin,
        weight_grams=row.weight_grams,
        image_url=row.image_url,
        hs_code=row.hs_code,
        origin_country=row.origin_country,
        tracking=row.tracking,
        min_shelf_days=row.min_shelf_days,
        substitutes=row.substitutes,
        vat_exemption=row.vat_exemption,
        vat_exemption_code=row.vat_exemption_code,
        on_hand=row.on_hand,
        allocated=row.allocated,
        components=[Component(part.sku, part.quantity) for part in row.components],
        version=row.version,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def stock_location(row: LocationRow) -> StockLocation:
    """Return the public shape of a stock location."""
    return StockLocation(
        id=row.id,
        code=row.code,
        name=row.name,
        priority=row.priority,
        address=row.address,
        country=row.country,
        is_active=row.is_active,
        daily_capacity=row.daily_capacity,
        cut_off=row.cut_off,
        handling_cost_minor=row.handling_cost_minor,
        handling_cost_currency=row.handling_cost_currency,
        latitude=row.latitude,
        longitude=row.longitude,
        week=row.week,
        special_days=row.special_days,
        shops=row.shops,
        version=row.version,
    )


def bin_shape(row: BinRow) -> Bin:
    """Return the public shape of a bin."""
    return Bin(
        id=row.id,
        location=row.location,
        bin=row.code,
        kind=row.kind,
        position=row.position,
        zone=row.zone,
        use=row.use,
        aisle=row.aisle,
        depth=row.depth,
        products=row.product_count,
        units=row.quantity,
    )


def stock_level(row: LevelRow) -> StockLevel:
    """Return the public shape of a stock level."""
    return StockLevel(
        id=row.id,
        product_id=row.product_id,
        sku=row.sku,
        name=row.name,
        location=row.location,
        on_hand=row.on_hand,
        allocated=row.allocated,
        safety_stock=row.safety_stock,
        blocked=row.blocked,
        available=row.available,
        incoming=row.incoming,
    )


def stock_movement(row: MovementRow) -> StockMovement:
    """Return the public shape of a stock movement."""
    return StockMovement(
        id=row.id,
        at=row.at,
        sku=row.sku,
        location=row.location,
        bin=row.bin,
        lot=row.lot,
        difference=row.delta,
        kind=row.kind,
        source_id=row.source_id,
        order_id=row.order_id,
        reason=row.reason,
        actor=row.actor_name,
    )


def inbound(row: InboundRow, lines: list[InboundLineRow]) -> Inbound:
    """Return the public shape of goods on their way."""
    return Inbound(
        id=row.id,
        number=row.number,
        kind=row.kind,
        status=row.status,
        location=row.location,
        origin=row.origin,
        supplier=row.supplier,
        reference=row.reference,
        expected_on=row.expected_on,
        lines=[
            InboundLine(x.id, x.sku, x.name, x.expected, x.received, x.closed, x.open)
            for x in lines
        ],
        version=row.version,
        created_at=row.created_at,
        finished_at=row.finished_at,
    )


def count_request(row: CountRequestRow) -> CountRequest:
    """Return the public shape of a request to count."""
    return CountRequest(
        id=row.id,
        sku=row.sku,
        location=row.location,
        bin=row.bin,
        reason=row.reason,
        cause=row.cause,
        quantity=row.quantity,
        requested_at=row.requested_at,
        requested_by=row.requested_by,
        closed_at=row.closed_at,
        closed_by=row.closed_by,
    )
