"""Sets a shop's groups of routing rules, or a draft of them that is tried first."""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

import msgspec

from orderwerk.allocations.events import ROUTING_RULES_SET
from orderwerk.allocations.groups import (
    MOST_GROUPS,
    Group,
    Rules,
    amounts_of,
    in_one_group,
    rules_of,
)
from orderwerk.allocations.rule_filters import Filters
from orderwerk.allocations.rules import MOST_RULES
from orderwerk.core import clock, fields, ids, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import BadInput, Conflict, NotFound, Refusal, WrongState
from orderwerk.core.money import parse_amount
from orderwerk.core.outcome import Outcome
from orderwerk.core.structs import made_of
from orderwerk.core.uow import STILL, Subject, retrying, unit_of_work


class RoutingItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """All routing rules of a shop, in the order in which they are asked; with `is_draft` they wait to be put into force.

    Either `groups`, or `rules` alone: these stand in one group that is for every order, and are taken while the shop has no
    other groups than such a one. `version`: of the rules and their draft that were looked at, where nobody may have changed
    them meanwhile (0: there were none).
    """

    shop: fields.Code
    groups: Annotated[list[Group], msgspec.Meta(max_length=MOST_GROUPS)] | None = None
    rules: Rules | None = None
    is_draft: bool = False
    version: int | None = None


def set_routing_rules(items: Sequence[RoutingItem], *, actor: Actor) -> list[Outcome]:
    """Put rules into force for what is routed from now on (the draft goes), or keep them as a draft.

    Refuses with NotFound a shop or location that is not there, with BadInput an amount that the currency cannot hold, a
    location that the shop does not draw from, bounds that no order can meet, two groups of one name, or too many of them; with WrongState
    rules without groups where they would take the shop's groups away, with Conflict a `version` that is not the present one.
    Refuses with NotAllowed who is limited to locations.
    """
    actor.ensure_every_location()
    return retrying(lambda: _set(items, actor))


def stale_rules(version: int) -> Conflict:
    """Return the refusal of a change to rules that were seen at another version than the present one."""
    return Conflict(
        f"Somebody changed the routing rules meanwhile: they are at version {version} now. Look at them again first.",
        code="stale_rules",
        pointer="/version",
    )


_COLUMNS = (
    "id uuid, shop_id uuid, groups jsonb, draft_groups jsonb, updated_at timestamptz, version int"
)
_OVERWRITE = (
    "on conflict (shop_id) do update set groups = excluded.groups, draft_groups = excluded.draft_groups, updated_at = excluded.updated_at, "
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
                row = known.get(shop_id, {"id": ids.new_id(), "shop_id": shop_id, "groups": [], "draft_groups": None, "version": 0})  # fmt: skip
                if item.version not in {None, row["version"]}:
                    raise stale_rules(row["version"])
                wanted = _wanted(item, row)
                _check(wanted, "/rules" if item.groups is None else "", currency, places)
            except Refusal as refusal:
                outcomes.append(Outcome.refused(refusal))
                continue
            known[shop_id] = row
            groups, rules = msgspec.to_builtins(wanted), rules_of(wanted)
            row |= {"draft_groups": groups} if item.is_draft else {"groups": groups, "draft_groups": None}  # fmt: skip
            row |= {"version": row["version"] + 1, "updated_at": clock.now()}
            written[shop_id] = row
            data = {"shop": item.shop, "groups": groups, "rules": msgspec.to_builtins(rules), "is_draft": item.is_draft}  # fmt: skip
            unit.record(ROUTING_RULES_SET, Subject("routing", row["id"], row["version"], None, shop_id), STILL, data)  # fmt: skip
            outcomes.append(Outcome.done(row["id"], shop=item.shop, groups=len(groups), rules=len(rules)))  # fmt: skip
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
        "select id, shop_id, groups, draft_groups, version from allocations_routing where shop_id = any(%s)",
        (list(shop_ids),),
    )
    return {
        row[1]: {"id": row[0], "shop_id": row[1], "groups": sql.from_json(row[2]), "draft_groups": sql.from_json(row[3]), "version": row[4]}
        for row in rows
    }  # fmt: skip


def _shop(item: RoutingItem, shops: dict[str, _Shop]) -> _Shop:
    if item.shop not in shops:
        raise NotFound(f"There is no shop {item.shop}.", code="unknown_shop", pointer="/shop")
    return shops[item.shop]


def _wanted(item: RoutingItem, row: dict[str, Any]) -> list[Group]:
    """Return the groups that an item asks for; rules alone never take groups away that say more than they do."""
    if item.groups is not None:
        if item.rules is not None:
            raise BadInput("Send groups or rules, not both.", code="groups_or_rules", pointer="/rules")  # fmt: skip
        return item.groups
    if item.rules is None:
        raise BadInput("Send groups of rules.", code="groups_or_rules", pointer="/groups")
    known = [group for groups in (row["groups"], row["draft_groups"] or []) for group in groups]
    there = made_of(known, list[Group])
    if len({group.name for group in there}) > 1 or not all(group.is_plain for group in there):
        raise WrongState(
            f"The rules of {item.shop} stand in groups; send all groups.", code="rules_in_groups", pointer="/rules"
        )  # fmt: skip
    return in_one_group(item.rules, *[group.name for group in there[:1]])


def _check(groups: Sequence[Group], at: str, currency: str, places: frozenset[str]) -> None:
    """Look at each group and rule; `at` says where rules stand that were given without a group."""
    names: set[str] = set()
    if len(groups) > MOST_GROUPS:
        raise BadInput(f"A shop has {MOST_GROUPS} groups at most.", code="too_many_groups", pointer="/groups")  # fmt: skip
    for place, group in enumerate(groups):
        here = at or f"/groups/{place}"
        if len(group.rules) > MOST_RULES:
            raise BadInput(f"{group.name} would have more than {MOST_RULES} rules.", code="too_many_rules", pointer=f"{here}/rules")  # fmt: skip
        if group.name in names:
            raise BadInput(f"Two groups are called {group.name}.", code="group_named_twice", pointer=f"{here}/name")  # fmt: skip
        names.add(group.name)
        _check_filters(group, group.name, here)
        _check_amounts(msgspec.structs.replace(group, rules=[]), here, currency)
        for index, rule in enumerate(group.rules):
            there = f"{here}/{index}" if at else f"{here}/rules/{index}"
            _check_amounts(Group(name=group.name, rules=[rule]), there, currency)
            for name, codes in (("locations", rule.locations), ("avoid", rule.avoid)):
                strange = [code for code in codes if code not in places]
                if strange:
                    raise BadInput(
                        f"The shop does not draw stock from {strange[0]}.",
                        code="location_not_linked",
                        pointer=f"{there}/{name}",
                    )
            _check_filters(rule, rule.name, there)


def _check_amounts(group: Group, at: str, currency: str) -> None:
    try:
        for amount in amounts_of([group]):
            parse_amount(amount, currency)
    except Refusal as refusal:
        refusal.pointer = at
        raise


def _check_filters(filters: Filters, name: str, at: str) -> None:
    if _is_empty(filters.min_weight_grams, filters.max_weight_grams) or _is_empty(
        filters.from_day, filters.until_day
    ):
        raise BadInput(f"No order can meet the bounds of {name}.", code="empty_bounds", pointer=at)


def _is_empty(least: Any, most: Any) -> bool:  # noqa: ANN401 - two numbers or two days
    return least is not None and most is not None and least > most
