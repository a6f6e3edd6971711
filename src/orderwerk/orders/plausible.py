"""What an order document may say but cannot mean: money that is none, countries that are none, an order of next year."""

from datetime import timedelta
from decimal import Decimal

from orderwerk.core import clock
from orderwerk.core.countries import check_country
from orderwerk.core.errors import BadInput
from orderwerk.core.money import check_currency
from orderwerk.orders.document import OrderDocument

_MOST_PERCENT = 100
# Clocks of webshops go wrong, and time zones get mixed up; a year is neither.
AHEAD = timedelta(days=1)


def check_document(document: OrderDocument) -> None:
    """Refuse (BadInput, at its place) an unknown currency or country, a tax above 100 percent, an order from the future."""
    check_currency(document.currency, "/currency")
    check_country(document.billing_address.country, "/billing_address/country")
    if document.delivery_address is not None:
        check_country(document.delivery_address.country, "/delivery_address/country")
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
