"""Connects carriers that are set up to the account that makes their labels: the key comes in and is never given out again."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from django.conf import settings

from orderwerk.core import clock, crypto, fields, ids, sql
from orderwerk.core.actor import Actor
from orderwerk.core.changes import differences
from orderwerk.core.errors import BadInput, NotFound, Refusal
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import STILL, Subject, UnitOfWork, retrying, unit_of_work
from orderwerk.orders.counters import lock_orders_of
from orderwerk.shipments.events import CARRIER_ACCOUNT_SAVED
from orderwerk.shipments.labels import ACCOUNT_CHANGED, give_up_labels

_U = msgspec.UnsetType
_Key = Annotated[str, msgspec.Meta(min_length=8, max_length=300, pattern=r"^[!-~]+(?![\s\S])")]


class CarrierProduct(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which product of the carrier a service is; `service` left empty: a shipment without one."""

    service: Annotated[str, msgspec.Meta(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*(?![\s\S])")] = ""  # fmt: skip
    product: Annotated[str, msgspec.Meta(pattern=r"^[0-9]{4,5}(?![\s\S])")]


class CarrierAccountItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The account of a carrier that is set up; `key` is the API key, never shown again, and left out stays what it is.

    `customer_code`, `customer_number` and `collection_location` as the carrier's contract names them. `mode` test: the carrier's
    sandbox. `products`: which of its products each service is. `is_automatic`: a parcel gets its label by itself once it is
    announced or packed.
    """

    carrier: fields.Code
    speaks: Literal["postnl"] = "postnl"
    key: _Key | _U = msgspec.UNSET
    mode: Literal["live", "test"] = "live"
    customer_code: Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{2,6}(?![\s\S])")]
    customer_number: Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,8}(?![\s\S])")]
    collection_location: Annotated[str, msgspec.Meta(pattern=r"^[0-9]{6}(?![\s\S])")]
    products: Annotated[list[CarrierProduct], msgspec.Meta(min_length=1, max_length=100)]
    is_automatic: bool = True
    is_active: bool = True


_DATA = (
    "speaks", "mode", "customer_code", "customer_number", "collection_location", "products", "is_automatic", "is_active",
)  # fmt: skip
_COLUMNS = (
    "id uuid, carrier text, secret text, speaks text, mode text, customer_code text, customer_number text, "
    "collection_location text, products jsonb, is_automatic boolean, is_active boolean, created_at timestamptz, updated_at timestamptz"
)
_OVERWRITE = f"on conflict (carrier) do update set {', '.join(f'{c} = excluded.{c}' for c in ('secret', 'updated_at', *_DATA))} returning id"


def set_carrier_accounts(items: Sequence[CarrierAccountItem], *, actor: Actor) -> list[Outcome]:
    """Connect carriers to accounts that make labels, or change how; the key is stored encrypted.

    Refuses with NotFound a carrier that is not set up, with BadInput no key at the first time, and a service that has two products
    or that the carrier does not have; with NotAllowed who is limited to shops or locations.
    """
    actor.ensure_everything()
    return retrying(lambda: _set(items, actor))


def _set(items: Sequence[CarrierAccountItem], actor: Actor) -> list[Outcome]:
    outcomes: list[Outcome] = []
    with unit_of_work(actor) as unit:
        codes = sorted({item.carrier for item in items})
        unit.lock_settings([("carrier", code) for code in codes])
        carriers, known = _carriers(codes), _known(codes)
        written: dict[str, dict[str, Any]] = {}
        others: list[UUID] = []
        for item in items:
            try:
                row = _row(item, carriers, known)
            except Refusal as refusal:
                outcomes.append(Outcome.refused(refusal))
                continue
            old = known.get(item.carrier, {})
            changes = differences(old, {name: row[name] for name in _DATA})
            if old.get("secret") != row["secret"]:
                changes["key"] = ["", "changed"]
            if changes:
                known[item.carrier] = written[item.carrier] = row
                data = {"carrier": item.carrier, "changes": changes}
                unit.record(CARRIER_ACCOUNT_SAVED, Subject("carrier_account", row["id"], None), STILL, data)  # fmt: skip
                if old and any(name in changes for name in _WHOSE_BARCODES):
                    others.append(row["id"])
            outcomes.append(Outcome.done(row["id"], carrier=item.carrier))
        _give_up_failed(unit, others)
        sql.insert_rows("shipments_carrier_account", _COLUMNS, list(written.values()), tail=_OVERWRITE)  # fmt: skip
    return outcomes


# What a barcode is reserved under: changed, the carrier knows none of before.
_WHOSE_BARCODES = ("speaks", "mode", "customer_code", "customer_number")
_FAILED = "select id from shipments_label where carrier_account_id = any(%s) and status = 'failed' and barcode <> ''"


def _give_up_failed(unit: UnitOfWork, account_ids: Sequence[UUID]) -> None:
    """Give up what failed under a barcode of another contract: asked for again it would fail under it for ever."""
    if not account_ids:
        return
    failed = [row[0] for row in sql.fetch(_FAILED, (list(account_ids),))]
    lock_orders_of(unit, "shipments_label", failed)
    still = sql.fetch(f"{_FAILED} and id = any(%s)", (list(account_ids), failed))
    give_up_labels(unit, [row[0] for row in still], ACCOUNT_CHANGED)


def _carriers(codes: Sequence[str]) -> dict[str, frozenset[str]]:
    """Return the services of carriers that are set up."""
    rows = sql.fetch(
        "select code, services from shipments_carrier where code = any(%s) order by code for no key update",
        (list(codes),),
    )
    return {code: frozenset(x["code"] for x in sql.from_json(services)) for code, services in rows}


def _known(codes: Sequence[str]) -> dict[str, dict[str, Any]]:
    names = ("id", "carrier", "secret", "created_at", *_DATA)
    rows = sql.fetch(
        f"select {', '.join(names)} from shipments_carrier_account where carrier = any(%s)",
        (list(codes),),
    )
    found = [dict(zip(names, row, strict=True)) for row in rows]
    return {row["carrier"]: {**row, "products": sql.from_json(row["products"])} for row in found}


def _row(
    item: CarrierAccountItem,
    carriers: Mapping[str, frozenset[str]],
    known: Mapping[str, Mapping[str, Any]],
) -> dict[str, Any]:
    if item.carrier not in carriers:
        raise NotFound(
            f"There is no carrier {item.carrier} set up.",
            code="unknown_carrier",
            pointer="/carrier",
        )
    _check_products(item, carriers[item.carrier])
    old = known.get(item.carrier)
    if isinstance(item.key, str):
        secret = crypto.encrypt(item.key, settings.SECRET_KEY)
    elif old is not None:
        secret = old["secret"]
    else:
        raise BadInput("The carrier's API key is missing.", code="key_required", pointer="/key")
    now = clock.now()
    return {
        "id": old["id"] if old else ids.new_id(), "carrier": item.carrier, "secret": secret,
        **{name: msgspec.to_builtins(getattr(item, name)) for name in _DATA},
        "created_at": old["created_at"] if old else now, "updated_at": now,
    }  # fmt: skip


def _check_products(item: CarrierAccountItem, services: frozenset[str]) -> None:
    seen: set[str] = set()
    for index, each in enumerate(item.products):
        at = f"/products/{index}/service"
        if each.service in seen:
            raise BadInput(
                f"Two products are named for service {each.service or 'none'}.",
                code="duplicate_service",
                pointer=at,
            )
        if each.service and services and each.service not in services:
            named = ", ".join(sorted(services)[:10])
            raise BadInput(
                f"The carrier has no service {each.service}; set up are {named}.",
                code="unknown_service",
                pointer=at,
            )
        seen.add(each.service)
