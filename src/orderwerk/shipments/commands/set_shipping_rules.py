"""Sets by which rules a shop proposes carrier and service for a shipment when it is opened."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

import msgspec

from orderwerk.core import fields, ids, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import BadInput, Conflict, NotFound, Refusal
from orderwerk.core.money import parse_amount
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import STILL, Subject, retrying, unit_of_work
from orderwerk.shipments.carriers import SetUp, check_carrier, read_carriers
from orderwerk.shipments.events import SHIPPING_RULES_SET

MOST_RULES = 100
_Grams = Annotated[int, msgspec.Meta(ge=0, le=100_000_000)]


class ShippingRuleItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):  # fmt: skip
    """A rule: every filter that is filled has to fit. Weights are the shipment's, values the order's in the shop's currency;
    where one is filled, no order in another currency fits.
    """

    name: fields.Name
    countries: Annotated[list[fields.Country], msgspec.Meta(max_length=250)] = []
    methods: Annotated[list[fields.Line], msgspec.Meta(max_length=50)] = []
    min_weight_grams: _Grams | None = None
    max_weight_grams: _Grams | None = None
    min_value: fields.Amount | None = None
    max_value: fields.Amount | None = None
    carrier: fields.Code = "manual"
    service: fields.Line = ""


class ShippingRulesItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """All shipping rules of a shop, in the order in which they are asked; none: shipments open without a proposal.

    `version`: of the rules that were looked at, where nobody may have changed them meanwhile (0: nobody had set any).
    """

    shop: fields.Code
    rules: Annotated[list[ShippingRuleItem], msgspec.Meta(max_length=MOST_RULES)]
    version: int | None = None


def set_shipping_rules(items: Sequence[ShippingRulesItem], *, actor: Actor) -> list[Outcome]:
    """Put shipping rules into force for shipments that are opened from now on.

    Refuses with NotFound a shop that is not there, with BadInput a carrier or service that is not set up, an amount that the currency cannot
    hold, or bounds that nothing can meet, with Conflict a `version` that is not the present one.
    Refuses with NotAllowed who is limited to locations.
    """
    actor.ensure_every_location()
    return retrying(lambda: _set(items, actor))


_COLUMNS = (
    "id uuid, shop_id uuid, position int, name text, countries text[], methods text[], min_weight_grams int, "
    "max_weight_grams int, min_value_minor bigint, max_value_minor bigint, carrier text, service text"
)


_OVERWRITE = "on conflict (shop_id) do update set version = excluded.version returning id"
_SHOPS = """
select s.code, s.id, s.currency, r.id, coalesce(r.version, 0)
from shops_shop s left join shipments_rules r on r.shop_id = s.id
where s.code = any(%s) order by s.code for no key update of s
"""
_PRESENT = "select distinct shop_id, carrier, service from shipments_rule where shop_id = any(%s)"


@dataclass(slots=True)
class _Shop:
    """A shop that is locked, with the version of its rules; `key` is that of the version's row."""

    id: UUID
    currency: str
    key: UUID
    version: int


def _set(items: Sequence[ShippingRulesItem], actor: Actor) -> list[Outcome]:
    with unit_of_work(actor) as unit:
        codes = sorted({item.shop for item in items})
        unit.lock_settings([("shipping_rules", code) for code in codes])
        shops = {
            code: _Shop(key, currency, row or ids.new_id(), version)
            for code, key, currency, row, version in sql.fetch(_SHOPS, (codes,))
            if actor.may_see_shop(key)
        }
        carriers = read_carriers({rule.carrier for item in items for rule in item.rules})
        present = set(sql.fetch(_PRESENT, ([shop.id for shop in shops.values()],)))
        written: dict[UUID, list[dict[str, Any]]] = {}
        outcomes: list[Outcome] = []
        for item in items:
            try:
                shop, rules = _rules(item, shops, carriers, present)
            except Refusal as refusal:
                outcomes.append(Outcome.refused(refusal))
                continue
            written[shop.id] = rules
            shop.version += 1
            subject = Subject("shipping_rules", shop.key, shop.version, None, shop.id)
            data = {"shop": item.shop, "rules": msgspec.to_builtins(item.rules)}
            unit.record(SHIPPING_RULES_SET, subject, STILL, data)
            outcomes.append(Outcome.done(shop.id, shop=item.shop, rules=len(rules)))
        sql.execute("delete from shipments_rule where shop_id = any(%s)", (list(written),))
        sql.insert_rows(
            "shipments_rule", _COLUMNS, [r for rules in written.values() for r in rules]
        )
        versions = [{"id": s.key, "shop_id": s.id, "version": s.version} for s in shops.values() if s.id in written]  # fmt: skip
        sql.insert_rows("shipments_rules", "id uuid, shop_id uuid, version int", versions, tail=_OVERWRITE)  # fmt: skip
    return outcomes


def _rules(
    item: ShippingRulesItem,
    shops: dict[str, _Shop],
    carriers: Mapping[str, SetUp],
    present: Collection[sql.Row],
) -> tuple[_Shop, list[dict[str, Any]]]:
    if item.shop not in shops:
        raise NotFound(f"There is no shop {item.shop}.", code="unknown_shop", pointer="/shop")
    shop = shops[item.shop]
    if item.version not in {None, shop.version}:
        raise Conflict(
            f"Somebody changed the shipping rules meanwhile: they are at version {shop.version} now. Look at them again first.",
            code="stale_rules",
            pointer="/version",
        )
    if len(item.rules) > MOST_RULES:
        raise BadInput(
            f"A shop has at most {MOST_RULES} shipping rules.",
            code="too_many_shipping_rules",
            pointer="/rules",
        )
    for index, rule in enumerate(item.rules):
        # A carrier that was switched off leaves the rules that name it, and all others can still be changed.
        if (shop.id, rule.carrier, rule.service) in present:
            continue
        check_carrier(carriers, rule.carrier, rule.service, f"/rules/{index}")
    return shop, [
        _row(rule, shop.id, shop.currency, position)
        for position, rule in enumerate(item.rules, start=1)
    ]


def _row(rule: ShippingRuleItem, shop_id: UUID, currency: str, position: int) -> dict[str, Any]:
    at = f"/rules/{position - 1}"
    least, most = (
        _amount(getattr(rule, name), currency, f"{at}/{name}")
        for name in ("min_value", "max_value")
    )
    if _is_empty(rule.min_weight_grams, rule.max_weight_grams) or _is_empty(least, most):
        raise BadInput(
            f"Nothing can meet the bounds of {rule.name}.", code="empty_bounds", pointer=at
        )
    return {
        "id": ids.new_id(), "shop_id": shop_id, "position": position, "name": rule.name,
        "countries": sorted(set(rule.countries)), "methods": list(dict.fromkeys(rule.methods)),
        "min_weight_grams": rule.min_weight_grams, "max_weight_grams": rule.max_weight_grams, "min_value_minor": least,
        "max_value_minor": most, "carrier": rule.carrier, "service": rule.service,
    }  # fmt: skip


def _amount(text: str | None, currency: str, pointer: str) -> int | None:
    if not text:
        return None
    try:
        return parse_amount(text, currency)
    except Refusal as refusal:
        refusal.pointer = pointer
        raise


def _is_empty(least: int | None, most: int | None) -> bool:
    return least is not None and most is not None and least > most
