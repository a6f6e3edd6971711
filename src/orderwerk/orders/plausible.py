"""What an order document may say but cannot mean: money that is none, countries that are none, an order of next year."""

from datetime import timedelta
from decimal import Decimal

from babel.core import get_global

from orderwerk.core import clock
from orderwerk.core.countries import countries
from orderwerk.core.errors import BadInput
from orderwerk.orders.document import Address, OrderDocument

# ISO 4217 keeps these for "no currency" and for tests.
_NO_MONEY = frozenset({"XXX", "XTS"})
_MOST_PERCENT = 100
# Clocks of webshops go wrong, and time zones get mixed up; a year is neither.
AHEAD = timedelta(days=1)


def check_country(address: Address, pointer: str) -> None:
    """Refuse (BadInput) an address in a country that there is not."""
    if address.country not in countries():
        raise BadInput(
            f"{address.country} is not the code of a country (ISO 3166-1).",
            code="unknown_country",
            pointer=f"{pointer}/country",
        )


def check_document(document: OrderDocument) -> None:
    """Refuse (BadInput, at its place) an unknown currency or country, a tax above 100 percent, an order from the future."""
    if document.currency in _NO_MONEY or document.currency not in get_global("all_currencies"):
        raise BadInput(
            f"{document.currency} is not the code of a currency (ISO 4217).",
            code="unknown_currency",
            pointer="/currency",
        )
    check_country(document.billing_address, "/billing_address")
    if document.delivery_address is not None:
        check_country(document.delivery_address, "/delivery_address")
    _check_rate(document.shipping.tax_rate, "/shipping/tax_rate")
    for index, line in enumerate(document.lines):
        _check_rate(line.tax_rate, f"/lines/{index}/tax_rate")
        if any(line.exemption or ()) and Decimal(line.tax_rate):
            raise BadInput(
                "What is exempt bears no VAT: its tax rate is 0.",
                code="exempt_with_tax",
                pointer=f"/lines/{index}/tax_rate",
            )
    if document.placed_at > clock.now() + AHEAD:
        raise BadInput(
            f"The order would be placed in the future ({document.placed_at.isoformat()}).",
            code="placed_in_future",
            pointer="/placed_at",
        )


def _check_rate(rate: str, pointer: str) -> None:
    if Decimal(rate) > _MOST_PERCENT:
        raise BadInput(
            f"A tax rate of {rate} percent is above 100.", code="invalid_tax_rate", pointer=pointer
        )
