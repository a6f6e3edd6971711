"""Hold rules: which new orders a shop puts on hold by itself, and why; pure.

A shop's ordered rules meet the facts of an order on its way in; the first rule that fits puts it on hold.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import msgspec

from orderwerk.core import fields
from orderwerk.core.money import format_amount
from orderwerk.orders.filters import begins, within

MOST_RULES = 100
# Who put a hold on that no person did.
OWNER = "hold rules"
_Words = Annotated[list[fields.Line], msgspec.Meta(max_length=500)]


class HoldRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One hold rule; an empty filter fits every order, all filled ones have to fit.

    `postal_codes` are beginnings; `customers` external ids or e-mail addresses, `domains` what stands behind the @; values
    are in the shop's currency, the whole order's: what an order in another is worth in it nobody here knows, so it fits them,
    and a person looks. `first_order`: the shop knows no order of this e-mail address yet that is
    neither cancelled nor on hold. `countries_differ`: the invoice goes to another country than the goods.
    `reason` is what people read (left out: the name), `owner` the login name of who deals with it, `hours` how long it holds
    (left out: until somebody releases it).
    """

    name: fields.Name
    reason: fields.LongLine = ""
    owner: fields.Name | None = None
    hours: Annotated[int, msgspec.Meta(ge=1, le=8760)] | None = None
    countries: Annotated[list[fields.Country], msgspec.Meta(max_length=250)] = []
    postal_codes: _Words = []
    tags: _Words = []
    skus: _Words = []
    customers: _Words = []
    domains: _Words = []
    min_value: fields.Amount | None = None
    max_value: fields.Amount | None = None
    first_order: bool = False
    countries_differ: bool = False


@dataclass(frozen=True, slots=True)
class HoldFacts:
    """What hold rules may ask about an order; value in minor units of `currency`."""

    country: str
    billing_country: str
    postal_code: str
    tags: frozenset[str]
    skus: frozenset[str]
    customer: frozenset[str]
    domain: str
    value: int
    currency: str
    is_first: bool


@dataclass(frozen=True, slots=True)
class NewHold:
    """The hold that a rule puts on a new order; `because` names the filters that fitted, with what may be told of them."""

    rule: str
    reason: str
    owner: str | None
    until: datetime | None
    because: Mapping[str, str]


def asks_for_first(rules: Sequence[HoldRule]) -> bool:
    """Tell whether a rule wants to know if this is a customer's first order."""
    return any(rule.first_order for rule in rules)


def amounts_of(rules: Sequence[HoldRule]) -> set[str]:
    """Return every amount that rules name, to be read once in the shop's currency."""
    return {x for rule in rules for x in (rule.min_value, rule.max_value) if x is not None}


def first_hold(
    rules: Sequence[HoldRule], facts: HoldFacts, to_minor: Mapping[str, int], currency: str
) -> HoldRule | None:
    """Return the first rule that fits an order; `to_minor` knows every amount that rules name, in the shop's `currency`."""
    bounds = to_minor if facts.currency == currency else {}
    return next((rule for rule in rules if _fits(rule, facts, bounds)), None)


def _fits(rule: HoldRule, facts: HoldFacts, bounds: Mapping[str, int]) -> bool:
    # A bound that cannot be compared keeps nobody from looking.
    least, most = (None if x is None else bounds.get(x) for x in (rule.min_value, rule.max_value))
    return (
        (not rule.countries or facts.country in rule.countries)
        and (not rule.postal_codes or any(begins(facts.postal_code, x) for x in rule.postal_codes))
        and (not rule.tags or not facts.tags.isdisjoint(rule.tags))
        and (not rule.skus or not facts.skus.isdisjoint(rule.skus))
        and (not rule.customers or not facts.customer.isdisjoint(x.lower() for x in rule.customers))
        and (not rule.domains or any(_is_at(facts.domain, x) for x in rule.domains))
        and within(facts.value, least, most)
        and (not rule.first_order or facts.is_first)
        and (not rule.countries_differ or facts.country != facts.billing_country)
    )


def domain_of(typed: str) -> str:
    """Return the domain that a rule names, with or without the @ before it; empty: none at all."""
    return typed.strip().removeprefix("@").strip().lower()


def _is_at(domain: str, wanted: str) -> bool:
    # A company writes from the names below its own as well.
    name = domain_of(wanted)
    return bool(name) and (domain == name or domain.endswith(f".{name}"))


def because(rule: HoldRule, facts: HoldFacts, currency: str) -> dict[str, str]:
    """Return the filters by which a rule fitted, each with what of the order it found.

    Nothing by which a person is known stands here: what is erased of an order stays in its history otherwise.
    """
    value = format_amount(facts.value, facts.currency)
    if facts.currency != currency:
        value = f"{value} {facts.currency}"
    found = {
        "value": value if rule.min_value or rule.max_value else None,
        "country": facts.country if rule.countries else None,
        "postal_code": "" if rule.postal_codes else None,
        "tags": "" if rule.tags else None,
        "skus": ", ".join(sorted(facts.skus.intersection(rule.skus))) if rule.skus else None,
        "customer": "" if rule.customers else None,
        "domain": "" if rule.domains else None,
        "first_order": "" if rule.first_order else None,
        "countries_differ": f"{facts.billing_country}, {facts.country}" if rule.countries_differ else None,
    }  # fmt: skip
    return {name: text for name, text in found.items() if text is not None}
