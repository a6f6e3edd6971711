"""What customers follow a parcel by: the shipment's own code, or where only a package bears one, that."""

from msgspec import structs

from orderwerk.shipments.queries import ShipmentDetail


def as_followed(detail: ShipmentDetail) -> ShipmentDetail:
    """Return a shipment with the code that it is followed by, and so with its link: its own, else that of its first package with one."""
    found = detail.shipment
    codes = (found.tracking_code, *(package.tracking_code for package in detail.parts.packages))
    code = next((code for code in codes if code), "")
    return structs.replace(detail, shipment=structs.replace(found, tracking_code=code))
