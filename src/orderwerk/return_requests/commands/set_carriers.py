"""Connects shops to the carrier that brings their returns: the key comes in and is never given out again."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from django.conf import settings

from orderwerk.core import clock, crypto, fields, ids, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import BadInput, NotFound, Refusal
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import STILL, Subject, UnitOfWork, retrying, unit_of_work
from orderwerk.return_requests.carriers import CARRIERS
from orderwerk.return_requests.events import RETURN_CARRIER_SAVED

_U = msgspec.UnsetType
_Key = Annotated[str, msgspec.Meta(min_length=8, max_length=300, pattern=r"^[!-~]+(?![\s\S])")]
_COLUMNS = {
    "id": "uuid", "shop_id": "uuid", "carrier": "text", "secret": "text", "mode": "text", "customer_code": "text",
    "customer_number": "text", "company": "text", "reply_number": "text", "postal_code": "text", "city": "text",
    "countries": "text[]", "is_paperless": "boolean", "is_automatic": "boolean", "is_active": "boolean",
    "created_at": "timestamptz", "updated_at": "timestamptz",
}  # fmt: skip
_TYPES = ", ".join(f"{name} {kind}" for name, kind in _COLUMNS.items())
_CHANGING = [name for name in _COLUMNS if name not in {"id", "shop_id", "created_at"}]
_OVERWRITE = f"on conflict (shop_id) do update set {', '.join(f'{c} = excluded.{c}' for c in _CHANGING)} returning id"
# What changes without being told of: when it was, and the key, of which is only told that it changed.
_UNTOLD = {"id", "shop_id", "secret", "created_at", "updated_at"}


class ReturnCarrierItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A shop's account at a carrier; `key` is the API key, never shown again, and left out stays what it is.

    `customer_code` and `customer_number` as the carrier's contract names them; `company`, `reply_number`, `postal_code` and
    `city` are the business reply number to which parcels come. `mode` test: the carrier's sandbox. `is_paperless`: customers
    show a code at the counter and print nothing. `is_automatic`: an approved request gets its label by itself.
    """

    shop: fields.Code
    carrier: Literal["postnl"] = "postnl"
    key: _Key | _U = msgspec.UNSET
    mode: Literal["live", "test"] = "live"
    customer_code: Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{2,6}(?![\s\S])")]
    customer_number: Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,8}(?![\s\S])")]
    company: Annotated[str, msgspec.Meta(min_length=1, max_length=35, pattern=r"^[^\x00-\x1f\x7f]+(?![\s\S])")]  # fmt: skip
    reply_number: Annotated[str, msgspec.Meta(pattern=r"^[1-9][0-9]{0,4}(?![\s\S])")]
    postal_code: Annotated[str, msgspec.Meta(pattern=r"^[1-9][0-9]{3} ?[A-Z]{2}(?![\s\S])")]
    city: Annotated[str, msgspec.Meta(min_length=1, max_length=35, pattern=r"^[^\x00-\x1f\x7f]+(?![\s\S])")]  # fmt: skip
    is_paperless: bool = False
    is_automatic: bool = True
    is_active: bool = True


def set_return_carriers(items: Sequence[ReturnCarrierItem], *, actor: Actor) -> list[Outcome]:
    """Connect shops to a carrier for return labels, or change how; the key is stored encrypted.

    Refuses with NotFound an unknown shop, with BadInput no key at the first time.
    Refuses with NotAllowed who is limited to locations.
    """
    actor.ensure_every_location()
    return retrying(lambda: _set(items, actor))


def _set(items: Sequence[ReturnCarrierItem], actor: Actor) -> list[Outcome]:
    outcomes: list[Outcome] = []
    with unit_of_work(actor) as unit:
        codes = sorted({item.shop for item in items})
        unit.claim_locks("settings", [("shop", code) for code in codes])
        rows = sql.fetch(
            "select code, id from shops_shop where code = any(%s) order by code for no key update",
            (codes,),
        )
        shops = {code: key for code, key in rows if actor.may_see_shop(key)}
        known = _known(list(shops.values()))
        written: dict[UUID, dict[str, Any]] = {}
        for item in items:
            try:
                row = _row(item, shops, known)
            except Refusal as refusal:
                outcomes.append(Outcome.refused(refusal))
                continue
            changes = _changes(known.get(row["shop_id"], {}), row)
            if changes:
                known[row["shop_id"]] = written[row["shop_id"]] = row
                _tell(unit, row, changes)
            outcomes.append(Outcome.done(row["id"], shop=item.shop, carrier=item.carrier))
        sql.insert_rows("return_requests_carrier", _TYPES, list(written.values()), tail=_OVERWRITE)
    return outcomes


def _known(shop_ids: list[UUID]) -> dict[UUID, dict[str, Any]]:
    rows = sql.fetch(
        f"select {', '.join(_COLUMNS)} from return_requests_carrier where shop_id = any(%s)",
        (shop_ids,),
    )
    found = [dict(zip(_COLUMNS, row, strict=True)) for row in rows]
    return {row["shop_id"]: row for row in found}


def _row(
    item: ReturnCarrierItem, shops: dict[str, UUID], known: dict[UUID, dict[str, Any]]
) -> dict[str, Any]:
    if item.shop not in shops:
        raise NotFound(f"There is no shop {item.shop}.", code="unknown_shop", pointer="/shop")
    old = known.get(shops[item.shop])
    if isinstance(item.key, str):
        secret = crypto.encrypt(item.key, settings.SECRET_KEY)
    elif old is not None:
        secret = old["secret"]
    else:
        raise BadInput("The carrier's API key is missing.", code="key_required", pointer="/key")
    now = clock.now()
    return {
        "id": old["id"] if old else ids.new_id(), "shop_id": shops[item.shop], "carrier": item.carrier, "secret": secret,
        "mode": item.mode, "customer_code": item.customer_code, "customer_number": item.customer_number,
        "company": item.company, "reply_number": item.reply_number, "postal_code": item.postal_code.replace(" ", ""),
        "city": item.city, "countries": list(CARRIERS[item.carrier].countries), "is_paperless": item.is_paperless,
        "is_automatic": item.is_automatic, "is_active": item.is_active,
        "created_at": old["created_at"] if old else now, "updated_at": now,
    }  # fmt: skip


def _changes(old: dict[str, Any], row: dict[str, Any]) -> dict[str, list[Any]]:
    changes = {
        name: [old.get(name), value]
        for name, value in row.items()
        if name not in _UNTOLD and old.get(name) != value
    }
    if old.get("secret") != row["secret"]:
        changes["key"] = ["", "changed"]
    return changes


def _tell(unit: UnitOfWork, row: dict[str, Any], changes: dict[str, list[Any]]) -> None:
    subject = Subject("return_carrier", row["id"], None, None, row["shop_id"])
    unit.record(RETURN_CARRIER_SAVED, subject, STILL, {"carrier": row["carrier"], "changes": changes})  # fmt: skip
