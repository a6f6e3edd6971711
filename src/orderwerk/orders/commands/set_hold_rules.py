"""Sets by which rules a shop puts new orders on hold."""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

import msgspec

from orderwerk.core import clock, fields, ids, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import BadInput, Conflict, NotFound, Refusal
from orderwerk.core.money import parse_amount
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import STILL, Subject, retrying, unit_of_work
from orderwerk.orders.events import HOLD_RULES_SET
from orderwerk.orders.hold_owners import find_owners
from orderwerk.orders.hold_rules import MOST_RULES, HoldRule, domain_of


class HoldRulesItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """All hold rules of a shop, in the order in which they are asked; none: no order is held by itself.

    `version`: of the rules that these replace, where nobody may have changed them meanwhile (0: there were none).
    """

    shop: fields.Code
    rules: Annotated[list[HoldRule], msgspec.Meta(max_length=MOST_RULES)]
    version: int | None = None


def set_hold_rules(items: Sequence[HoldRulesItem], *, actor: Actor) -> list[Outcome]:
    """Put hold rules into force for orders that come in from now on.

    Refuses with NotFound a shop that is not there and an owner who is no active person of the shop, with BadInput an amount
    that the currency cannot hold, bounds that no order can meet or an empty domain, with Conflict a `version` that is not the present one.
    Refuses with NotAllowed who is limited to locations.
    """
    actor.ensure_every_location()
    return retrying(lambda: _set(items, actor))


_COLUMNS = "id uuid, shop_id uuid, rules jsonb, updated_at timestamptz, version int"
_OVERWRITE = (
    "on conflict (shop_id) do update set rules = excluded.rules, updated_at = excluded.updated_at, "
    "version = excluded.version returning id"
)
_SHOPS = """
select s.code, s.id, s.currency, r.id, coalesce(r.version, 0)
from shops_shop s left join orders_hold_rules r on r.shop_id = s.id
where s.code = any(%s) order by s.id for no key update of s
"""


def _set(items: Sequence[HoldRulesItem], actor: Actor) -> list[Outcome]:
    with unit_of_work(actor) as unit:
        codes = sorted({item.shop for item in items})
        unit.lock_settings([("hold_rules", code) for code in codes])
        shops = {row[0]: row[1:] for row in sql.fetch(_SHOPS, (codes,)) if actor.may_see_shop(row[1])}  # fmt: skip
        named = [(shops[i.shop][0], r.owner) for i in items if i.shop in shops for r in i.rules if r.owner]  # fmt: skip
        owners = find_owners(named)
        written: dict[UUID, dict[str, Any]] = {}
        outcomes: list[Outcome] = []
        for item in items:
            try:
                shop_id, currency, key, version = _shop(item, shops)
                _check_version(item, written[shop_id]["version"] if shop_id in written else version)
                _check(item.rules, shop_id, currency, owners)
            except Refusal as refusal:
                outcomes.append(Outcome.refused(refusal))
                continue
            row = written.setdefault(shop_id, {"id": key or ids.new_id(), "shop_id": shop_id, "version": version})  # fmt: skip
            rules = msgspec.to_builtins(item.rules)
            row |= {"rules": rules, "version": row["version"] + 1, "updated_at": clock.now()}
            subject = Subject("hold_rules", row["id"], row["version"], None, shop_id)
            unit.record(HOLD_RULES_SET, subject, STILL, {"shop": item.shop, "rules": _told(rules)})
            outcomes.append(Outcome.done(shop_id, shop=item.shop, rules=len(rules)))
        sql.insert_rows("orders_hold_rules", _COLUMNS, list(written.values()), tail=_OVERWRITE)
    return outcomes


def _told(rules: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    # History is never erased: it counts the people that a rule names, and names none of them.
    return [rule | {"customers": len(rule["customers"])} for rule in rules]


_Shop = tuple[UUID, str, UUID | None, int]


def _shop(item: HoldRulesItem, shops: dict[str, Any]) -> _Shop:
    if item.shop not in shops:
        raise NotFound(f"There is no shop {item.shop}.", code="unknown_shop", pointer="/shop")
    found: _Shop = shops[item.shop]
    return found


def _check_version(item: HoldRulesItem, version: int) -> None:
    if item.version is not None and item.version != version:
        raise Conflict(
            f"The hold rules are at version {version}: somebody changed them meanwhile.",
            code="stale_rules",
            pointer="/version",
        )


def _check(
    rules: Sequence[HoldRule], shop_id: UUID, currency: str, owners: dict[tuple[UUID, str], UUID]
) -> None:
    for index, rule in enumerate(rules):
        at = f"/rules/{index}"
        bounds = [_minor(getattr(rule, name), currency, f"{at}/{name}") for name in ("min_value", "max_value")]  # fmt: skip
        least, most = bounds
        if least is not None and most is not None and least > most:
            raise BadInput(
                f"No order can meet the bounds of {rule.name}.", code="empty_bounds", pointer=at
            )
        if not all(domain_of(domain) for domain in rule.domains):
            raise BadInput(
                f"A domain of {rule.name} is empty.", code="empty_domain", pointer=f"{at}/domains"
            )
        if rule.owner and (shop_id, rule.owner) not in owners:
            raise NotFound(
                f"There is no active user {rule.owner} who may see the shop.",
                code="unknown_user",
                pointer=f"{at}/owner",
            )


def _minor(text: str | None, currency: str, pointer: str) -> int | None:
    if text is None:
        return None
    try:
        return parse_amount(text, currency)
    except Refusal as refusal:
        refusal.pointer = pointer
        raise
