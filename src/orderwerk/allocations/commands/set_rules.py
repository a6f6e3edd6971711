"""Sets a shop's routing rules, or a draft of them that is tried first."""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

import msgspec

from orderwerk.allocations.events import ROUTING_RULES_SET
from orderwerk.allocations.rules import MOST_RULES, Rule, amounts_of
from orderwerk.core import clock, fields, ids, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import BadInput, NotFound, Refusal
from orderwerk.core.money import parse_amount
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import STILL, Subject, retrying, unit_of_work


class RoutingItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """All routing rules of a shop, in the order in which they are asked; with `is_draft` they wait to be put into force."""

    shop: fields.Code
    rules: Annotated[list[Rule], msgspec.Meta(max_length=MOST_RULES)]
    is_draft: bool = False


def set_routing_rules(items: Sequence[RoutingItem], *, actor: Actor) -> list[Outcome]:
    """Put rules into force for what is routed from now on (the draft goes), or keep them as a draft.

    Refuses with NotFound a shop or location that is not there, with BadInput an amount that the currency cannot hold, a
    location that the shop does not draw from, or bounds that no order can meet.
    Refuses with NotAllowed who is limited to locations.
    """
    actor.ensure_every_location()
    return retrying(lambda: _set(items, actor))


_COLUMNS = "id uuid, shop_id uuid, rules jsonb, draft jsonb, updated_at timestamptz, version int"
_OVERWRITE = (
    "on conflict (shop_id) do update set rules = excluded.rules, draft = excluded.draft, updated_at = excluded.updated_at, "
    "version = excluded.version returning id"
)


def _set(items: Sequence[RoutingItem], actor: Actor) -> list[Outcome]:
    with unit_of_work(actor) as unit:
        codes = sorted({item.shop for item in items})
        unit.claim_locks("settings", [("routing", code) for code in codes])
        shops = _shops(codes, actor)
        known = _known([row[0] for row in shops.values()])
        written: dict[UUID, dict[str, Any]] = {}
        outcomes: list[Outcome] = []
        for item in items:
            try:
                shop_id, currency, places = _shop(item, shops)
                _check(item, currency, places)
            except Refusal as refusal:
                outcomes.append(Outcome.refused(refusal))
                continue
            row = known.setdefault(
                shop_id, {"id": ids.new_id(), "shop_id": shop_id, "rules": [], "draft": None, "version": 0}
            )  # fmt: skip
            rules = msgspec.to_builtins(item.rules)
            row |= {"draft": rules} if item.is_draft else {"rules": rules, "draft": None}
            row |= {"version": row["version"] + 1, "updated_at": clock.now()}
            written[shop_id] = row
            data = {"shop": item.shop, "rules": rules, "is_draft": item.is_draft}
            unit.record(ROUTING_RULES_SET, Subject("routing", row["id"], row["version"], None, shop_id), STILL, data)  # fmt: skip
            outcomes.append(Outcome.done(row["id"], shop=item.shop, rules=len(rules)))
        sql.insert_rows("allocations_routing", _COLUMNS, list(written.values()), tail=_OVERWRITE)
    return outcomes


_Shop = tuple[UUID, str, frozenset[str]]


def _shops(codes: Sequence[str], actor: Actor) -> dict[str, _Shop]:
    rows = sql.fetch(
        "select s.code, s.id, s.currency, array(select l.code from shops_shop_location x join stock_location l "
        "on l.id = x.location_id where x.shop_id = s.id) from shops_shop s where s.code = any(%s) order by s.id for no key update",
        (list(codes),),
    )
    return {
        row[0]: (row[1], row[2], frozenset(row[3])) for row in rows if actor.may_see_shop(row[1])
    }


def _known(shop_ids: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
    rows = sql.fetch(
        "select id, shop_id, rules, draft, version from allocations_routing where shop_id = any(%s)",
        (list(shop_ids),),
    )
    return {
        row[1]: {"id": row[0], "shop_id": row[1], "rules": sql.from_json(row[2]), "draft": sql.from_json(row[3]), "version": row[4]}
        for row in rows
    }  # fmt: skip


def _shop(item: RoutingItem, shops: dict[str, _Shop]) -> _Shop:
    if item.shop not in shops:
        raise NotFound(f"There is no shop {item.shop}.", code="unknown_shop", pointer="/shop")
    return shops[item.shop]


def _check(item: RoutingItem, currency: str, places: frozenset[str]) -> None:
    for index, rule in enumerate(item.rules):
        at = f"/rules/{index}"
        try:
            for amount in amounts_of([rule]):
                parse_amount(amount, currency)
        except Refusal as refusal:
            refusal.pointer = at
            raise
        for name, codes in (("locations", rule.locations), ("avoid", rule.avoid)):
            strange = [code for code in codes if code not in places]
            if strange:
                raise BadInput(
                    f"The shop does not draw stock from {strange[0]}.",
                    code="location_not_linked",
                    pointer=f"{at}/{name}",
                )
        if _is_empty(rule.min_weight_grams, rule.max_weight_grams) or _is_empty(
            rule.from_day, rule.until_day
        ):
            raise BadInput(
                f"No order can meet the bounds of {rule.name}.", code="empty_bounds", pointer=at
            )


def _is_empty(least: Any, most: Any) -> bool:  # noqa: ANN401 - two numbers or two days
    return least is not None and most is not None and least > most
