"""Sets what a shop takes back and how."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec

from orderwerk.core import fields, sql
from orderwerk.core.actor import Actor
from orderwerk.core.changes import differences
from orderwerk.core.errors import BadInput, Conflict, NotFound, Refusal
from orderwerk.core.money import parse_amount
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import STILL, Subject, retrying, unit_of_work
from orderwerk.return_requests.events import RETURN_POLICY_SAVED
from orderwerk.return_requests.reasons import every_reason, reason_id

Wish = Literal["refund", "exchange", "store_credit", "repair", "keep"]
_Text = Annotated[str, msgspec.Meta(max_length=2000)]
_Reasons = Annotated[list[fields.Code], msgspec.Meta(max_length=200)]
_COLUMNS = {
    "outcomes": "text[]", "countries": "text[]", "excluded_skus": "text[]", "fee_minor": "bigint", "approve_at_once": "boolean",
    "colour": "text", "instructions": "jsonb", "exchange_short": "text",
    "store_credit_days": "int", "keep_up_to_minor": "bigint", "gift_returns": "boolean",
    "free_reasons": "text[]", "photo_reasons": "text[]", "checked_reasons": "text[]", "ways": "text[]", "drop_locations": "text[]",
}  # fmt: skip
_TYPES = "shop_id uuid, version int, " + ", ".join(f"{name} {kind}" for name, kind in _COLUMNS.items())  # fmt: skip
_OVERWRITE = f"on conflict (shop_id) do update set {', '.join(f'{c} = excluded.{c}' for c in ('version', *_COLUMNS))} returning shop_id"
_SHOPS = "select code, id, currency from shops_shop where code = any(%s) order by code for no key update"  # fmt: skip


class Instructions(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):  # fmt: skip
    """How to send goods back, per language."""

    nl: _Text = ""
    en: _Text = ""
    de: _Text = ""
    fr: _Text = ""


class PolicyItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A shop's rules; left out is as it is by default. `countries` empty: from everywhere.

    `exchange_short`: an exchange whose article is not in stock waits for it (`backorder`), or is paid back (`refund`).
    `store_credit_days`: how long a store credit can be spent; left out: for ever. `keep_up_to`: what of an order
    was sold for at most so much may be kept by the customer (`return-requests/keep`); left out: nothing may. With `keep` among
    the `outcomes`, never alone, customers may ask for it, and a colleague decides. `gift_returns`: whoever received goods as a
    gift may send them back in the portal, for a store credit of their own. `free_reasons`: for these alone a return costs
    nothing; `photo_reasons`: customers show a picture; `checked_reasons`: a colleague decides, also with `approve_at_once`.
    `ways`: what customers choose from to send it; left out: as the instructions tell. `drop_locations`: stock locations to which it is brought.
    `version`: of the rules that were looked at, where nobody may have changed them meanwhile (0: nobody had set any).
    """

    shop: fields.Code
    outcomes: Annotated[list[Wish], msgspec.Meta(max_length=10)] = msgspec.field(
        default_factory=lambda: ["refund"]
    )
    countries: Annotated[list[fields.Country], msgspec.Meta(max_length=250)] = []
    excluded_skus: Annotated[list[fields.Sku], msgspec.Meta(max_length=10_000)] = []
    fee: fields.Amount = "0"
    approve_at_once: bool = False
    colour: Annotated[str, msgspec.Meta(pattern=r"^(#[0-9a-fA-F]{6})?(?![\s\S])")] = ""
    instructions: Instructions = Instructions()
    exchange_short: Literal["backorder", "refund"] = "backorder"
    keep_up_to: fields.Amount | None = None
    gift_returns: bool = False
    free_reasons: _Reasons = []
    photo_reasons: _Reasons = []
    checked_reasons: _Reasons = []
    ways: Annotated[list[Literal["label", "own", "location"]], msgspec.Meta(max_length=10)] = []
    drop_locations: Annotated[list[fields.Code], msgspec.Meta(max_length=100)] = []
    store_credit_days: Annotated[int, msgspec.Meta(ge=1, le=36_500)] | None = None
    version: int | None = None


@dataclass(slots=True)
class _Shop:
    """A shop that is locked, with the version of its rules."""

    id: UUID
    currency: str
    version: int = 0


def set_return_policies(items: Sequence[PolicyItem], *, actor: Actor) -> list[Outcome]:
    """Set the rules of shops. Refuses with NotFound, with BadInput a fee that is no amount of the shop's currency,
    `keep` among the outcomes where nothing may be kept, and `keep` alone: whose goods cost more could ask for nothing; an
    unknown reason, and places without the way `location`, or the other way round; with Conflict a `version` that is not the present one.

    Refuses with NotAllowed who is limited to locations.
    """
    actor.ensure_every_location()
    return retrying(lambda: _set(items, actor))


def _set(items: Sequence[PolicyItem], actor: Actor) -> list[Outcome]:
    outcomes: list[Outcome] = []
    with unit_of_work(actor) as unit:
        codes = sorted({item.shop for item in items})
        unit.claim_locks("settings", [("shop", code) for code in codes])
        shops = {
            code: _Shop(key, currency)
            for code, key, currency in sql.fetch(_SHOPS, (codes,))
            if actor.may_see_shop(key)
        }
        places = _places(items)
        reasons = every_reason()
        known = _known(list(shops.values()))
        written: dict[UUID, dict[str, Any]] = {}
        for item in items:
            try:
                shop, row = _row(item, shops)
                row |= _by_reason(item, reasons) | _ways(item, places)
            except Refusal as refusal:
                outcomes.append(Outcome.refused(refusal))
                continue
            change = differences(known.get(shop.id, {}), row)
            if change:
                known[shop.id] = row
                shop.version += 1
                written[shop.id] = {"shop_id": shop.id, "version": shop.version, **row}
                subject = Subject("return_policy", shop.id, None, None, shop.id)
                unit.record(RETURN_POLICY_SAVED, subject, STILL, {"changes": change})
            outcomes.append(Outcome.done(shop.id, shop=item.shop))
        sql.insert_rows("return_requests_policy", _TYPES, list(written.values()), tail=_OVERWRITE)
    return outcomes


def _known(shops: Sequence[_Shop]) -> dict[UUID, dict[str, Any]]:
    """Return the rules that shops have, and note their versions; read after the locks, else somebody faster is not seen."""
    rows = sql.fetch(
        f"select shop_id, version, {', '.join(_COLUMNS)} from return_requests_policy where shop_id = any(%s)",
        ([shop.id for shop in shops],),
    )
    found = {row[0]: dict(zip(_COLUMNS, row[2:], strict=True)) for row in rows}
    versions = {row[0]: row[1] for row in rows}
    for row in found.values():
        row["instructions"] = sql.from_json(row["instructions"])
    for shop in shops:
        shop.version = versions.get(shop.id, 0)
    return found


def _row(item: PolicyItem, shops: Mapping[str, _Shop]) -> tuple[_Shop, dict[str, Any]]:
    if item.shop not in shops:
        raise NotFound(f"There is no shop {item.shop}.", code="unknown_shop", pointer="/shop")
    shop = shops[item.shop]
    if item.version not in {None, shop.version}:
        raise Conflict(
            f"Somebody changed the rules for returns meanwhile: they are at version {shop.version} now. Look at them again first.",
            code="stale_rules",
            pointer="/version",
        )
    try:
        fee = parse_amount(item.fee, shop.currency)
    except Refusal as refusal:
        refusal.pointer = "/fee"
        raise
    keep_up_to = _keep_up_to(item, shop.currency)
    if keep_up_to is None and "keep" in item.outcomes:
        raise BadInput(
            "Customers may ask to keep goods only where it is said up to what value.",
            code="keep_without_limit",
            pointer="/keep_up_to",
        )
    if set(item.outcomes) == {"keep"}:
        raise BadInput(
            "Beside keep, customers need another outcome to choose: whose goods cost more than may be kept could send nothing back.",
            code="keep_alone",
            pointer="/outcomes",
        )
    return shop, {
        "keep_up_to_minor": keep_up_to,
        "outcomes": list(dict.fromkeys(item.outcomes)),
        "countries": sorted(set(item.countries)),
        "excluded_skus": sorted(set(item.excluded_skus)),
        "fee_minor": fee,
        "approve_at_once": item.approve_at_once,
        "colour": item.colour.lower(),
        "instructions": msgspec.to_builtins(item.instructions),
        "exchange_short": item.exchange_short,
        "store_credit_days": item.store_credit_days,
        "gift_returns": item.gift_returns,
    }


def _places(items: Sequence[PolicyItem]) -> set[str]:
    """Return those of the named stock locations that are in use; one statement where any is named."""
    codes = sorted({code for item in items for code in item.drop_locations})
    rows = sql.fetch("select code from stock_location where code = any(%s) and is_active", (codes,)) if codes else []  # fmt: skip
    return {row[0] for row in rows}


def _by_reason(item: PolicyItem, known: Mapping[str, UUID]) -> dict[str, Any]:
    named = {
        "free_reasons": item.free_reasons,
        "photo_reasons": item.photo_reasons,
        "checked_reasons": item.checked_reasons,
    }
    for name, codes in named.items():
        for index, code in enumerate(codes):
            reason_id(known, code, f"/{name}/{index}")
    return {name: sorted(set(codes)) for name, codes in named.items()}


def _ways(item: PolicyItem, places: set[str]) -> dict[str, Any]:
    for index, code in enumerate(item.drop_locations):
        if code not in places:
            raise NotFound(
                f"There is no stock location {code} in use.",
                code="unknown_location",
                pointer=f"/drop_locations/{index}",
            )
    if ("location" in item.ways) != bool(item.drop_locations):
        raise BadInput(
            "Where customers may bring goods to a place of ours, say which; and the other way round.",
            code="bring_where",
            pointer="/drop_locations",
        )
    return {"ways": list(dict.fromkeys(item.ways)), "drop_locations": sorted(set(item.drop_locations))}  # fmt: skip


def _keep_up_to(item: PolicyItem, currency: str) -> int | None:
    if item.keep_up_to is None:
        return None
    try:
        # Nothing is kept up to nothing.
        return parse_amount(item.keep_up_to, currency) or None
    except Refusal as refusal:
        refusal.pointer = "/keep_up_to"
        raise
