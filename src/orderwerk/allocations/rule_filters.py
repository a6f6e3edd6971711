"""Which orders a routing rule, or a group of them, is for; pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated

import msgspec

from orderwerk.allocations.distance import Point
from orderwerk.core import fields
from orderwerk.orders.filters import begins, within

Words = Annotated[list[fields.Line], msgspec.Meta(max_length=500)]


class Filters(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An empty filter fits every order, all filled ones have to fit.

    `postal_codes` are beginnings; `customers` external ids or e-mail addresses; values are in the shop's currency, the
    whole order's: where one is filled, no order in another currency fits.
    """

    countries: Annotated[list[fields.Country], msgspec.Meta(max_length=250)] = []
    postal_codes: Words = []
    tags: Words = []
    skus: Words = []
    customers: Words = []
    min_weight_grams: fields.Grams | None = None
    max_weight_grams: fields.Grams | None = None
    min_value: fields.Amount | None = None
    max_value: fields.Amount | None = None
    from_day: date | None = None
    until_day: date | None = None


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """What rules may ask about an order; value in minor units (None: not in the shop's currency), weight in grams
    (of a kit that of its components), day in the shop's zone. `point`: where it goes, if that is known and a rule asks for it.
    Where it is not `is_weighed`, nobody knows the weight of one of its articles: it weighs `weight_grams` at least.
    """

    country: str
    postal_code: str
    tags: frozenset[str]
    skus: frozenset[str]
    customer: frozenset[str]
    weight_grams: int
    value: int | None
    day: date
    point: Point | None = None
    is_weighed: bool = True


def fits(filters: Filters, facts: OrderFacts, to_minor: Mapping[str, int]) -> bool:
    """Tell whether filters fit an order; `to_minor` knows every amount that they name."""
    return (
        (not filters.countries or facts.country in filters.countries)
        and (
            not filters.postal_codes
            or any(begins(facts.postal_code, x) for x in filters.postal_codes)
        )
        and (not filters.tags or not facts.tags.isdisjoint(filters.tags))
        and (not filters.skus or not facts.skus.isdisjoint(filters.skus))
        and (
            not filters.customers
            or not facts.customer.isdisjoint(x.lower() for x in filters.customers)
        )
        and _weighs(facts, filters)
        and _is_worth(facts.value, filters, to_minor)
        and (filters.from_day is None or facts.day >= filters.from_day)
        and (filters.until_day is None or facts.day <= filters.until_day)
    )


def _weighs(facts: OrderFacts, filters: Filters) -> bool:
    # What may weigh anything is not known to weigh so little: the same as with the rules of shipping.
    most = filters.max_weight_grams
    return within(facts.weight_grams, filters.min_weight_grams, most) and (
        most is None or facts.is_weighed
    )


def _is_worth(value: int | None, filters: Filters, to_minor: Mapping[str, int]) -> bool:
    least, most = minor(filters.min_value, to_minor), minor(filters.max_value, to_minor)
    # Nobody here knows a rate of exchange.
    return within(value, least, most) if value is not None else least is None and most is None


def minor(amount: str | None, to_minor: Mapping[str, int]) -> int | None:
    """Return an amount in minor units; None: no bound."""
    return None if amount is None else to_minor[amount]
