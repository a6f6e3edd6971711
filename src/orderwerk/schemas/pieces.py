"""The public shapes of what a shipment holds beyond its lines: lots, and single pieces by serial number."""

from collections.abc import Sequence
from datetime import date

import msgspec

from orderwerk.shipments.lot_queries import ShippedLotRow
from orderwerk.shipments.serial_queries import ShippedSerialRow


class ShippedLot(msgspec.Struct, frozen=True):
    """So many pieces of a lot in the shipment: what left with it, or was picked for it and waits."""

    sku: str
    lot: str
    expires_on: date | None
    quantity: int


class ShippedSerial(msgspec.Struct, frozen=True):
    """One piece in the shipment, by its serial number; `returned` once it came back."""

    sku: str
    serial: str
    returned: bool


def shipped_lots(rows: Sequence[ShippedLotRow]) -> list[ShippedLot]:
    """Return the public shape of the lots in a shipment."""
    return [ShippedLot(x.sku, x.lot, x.expires_on, x.quantity) for x in rows]


def shipped_serials(rows: Sequence[ShippedSerialRow]) -> list[ShippedSerial]:
    """Return the public shape of the serial numbers in a shipment."""
    return [ShippedSerial(x.sku, x.serial, x.is_returned) for x in rows]
