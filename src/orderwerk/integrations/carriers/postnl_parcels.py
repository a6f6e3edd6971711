"""PostNL: labels of parcels that go out, within the Netherlands."""

from orderwerk.integrations.carriers import postnl_api
from orderwerk.shipments.ports import MadeLabel, ParcelAccount, ParcelOrder

_SIDES = ("Length", "Width", "Height")


class PostNLParcels:
    """PostNL's labels for parcels that go out: each package is a parcel by itself, under a barcode of its own."""

    name = "postnl"

    def reserve(self, account: ParcelAccount) -> str:
        """Return a barcode of the account's own range."""
        return postnl_api.reserve(account)

    def label(self, account: ParcelAccount, order: ParcelOrder) -> MadeLabel:
        """Announce the parcel of a barcode, and make its label, in one call."""
        sender = {**order.sender, "name": "", "company": order.sender_name}
        customer = {
            "Address": postnl_api.person("02", sender),
            "CollectionLocation": account.collection_location,
        }
        sides = dict(zip(_SIDES, order.sides_mm, strict=False))
        shipment = {
            "Addresses": [postnl_api.person("01", order.receiver)],
            "Barcode": order.barcode,
            "Contacts": postnl_api.contact("01", order.email),
            "CustomerOrderNumber": order.order_number[:35],
            "Dimension": {"Weight": max(1, order.weight_grams), **sides},
            "ProductCodeDelivery": order.product,
            "Reference": order.number[:35],
        }
        return MadeLabel(order.barcode, postnl_api.make(account, order.number, customer, shipment))
