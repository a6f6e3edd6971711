"""PostNL: return labels to a business reply number.

A single label is product 2285 with option 152/027; Smart Returns, which the customer shows as a code and does not print,
is the same product with option 152/025 (PostNL's product table, "Returns to a Business reply number").
"""

from orderwerk.integrations.carriers import postnl_api
from orderwerk.return_requests.ports import CarrierAccount, LabelOrder, MadeLabel

_PRODUCT = "2285"
_SINGLE_LABEL, _SMART_RETURN = "027", "025"


class PostNL:
    """PostNL's labels for parcels that come back: the customer is the sender, the business reply number the receiver."""

    name = "postnl"

    def reserve(self, account: CarrierAccount) -> str:
        """Return a barcode of the account's own range."""
        return postnl_api.reserve(account)

    def label(self, account: CarrierAccount, order: LabelOrder) -> MadeLabel:
        """Make and announce the label of a barcode in one call."""
        customer = {"Address": postnl_api.person("02", order.sender)}
        shipment = {
            "Addresses": [
                {
                    "AddressType": "01",
                    "CompanyName": account.company,
                    "Street": "Antwoordnummer",
                    "HouseNr": account.reply_number,
                    "Zipcode": account.postal_code,
                    "City": account.city,
                    "Countrycode": "NL",
                }
            ],
            "Barcode": order.barcode,
            "Contacts": postnl_api.contact("02", order.email),
            "CustomerOrderNumber": order.order_number[:35],
            "Dimension": {"Weight": max(1, order.weight_grams)},
            "ProductCodeDelivery": _PRODUCT,
            "ProductOptions": [
                {
                    "Characteristic": "152",
                    "Option": _SMART_RETURN if order.is_paperless else _SINGLE_LABEL,
                }
            ],
            "Reference": order.number[:35],
        }
        return MadeLabel(order.barcode, postnl_api.make(account, order.number, customer, shipment))
