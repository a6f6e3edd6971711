"""Changes what may change of a placed order: addresses, contact, comment, tags, priority."""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

import msgspec

from orderwerk.core import fields, sql
from orderwerk.core.actor import Actor
from orderwerk.core.changes import differences
from orderwerk.core.countries import check_country
from orderwerk.core.errors import Conflict, NotFound, Refusal, WrongState
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import STILL, Subject, retrying, unit_of_work
from orderwerk.orders.commands.place import address_json
from orderwerk.orders.counters import OrderState, lock_orders
from orderwerk.orders.document import Address, Customer, Tag
from orderwerk.orders.events import ORDER_UPDATED
from orderwerk.orders.normalise import normal_email, normal_phone, normal_postal_code

_U = msgspec.UnsetType


class UpdateItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is to change; fields left out stay. `version` is the one that the caller has seen.

    `priority`: 0 for most orders; what has more is served first with stock, and goes into waves first.
    """

    order_id: UUID
    billing_address: Address | _U = msgspec.UNSET
    delivery_address: Address | _U = msgspec.UNSET
    customer: Customer | _U = msgspec.UNSET
    comment: fields.Text | _U | None = msgspec.UNSET
    tags: Annotated[list[Tag], msgspec.Meta(max_length=50)] | _U = msgspec.UNSET
    priority: Annotated[int, msgspec.Meta(ge=0, le=100)] | _U = msgspec.UNSET
    version: int | None = None


_COLUMNS = {
    "billing_address": "jsonb", "delivery_address": "jsonb", "country": "text", "postal_code": "text",
    "customer_external_id": "text", "customer_email": "text", "customer_name": "text", "customer_phone": "text",
    "customer_company": "text", "customer_vat_number": "text", "comment": "text", "tags": "text[]",
    "priority": "int",
}  # fmt: skip


def update_orders(items: Sequence[UpdateItem], *, actor: Actor) -> list[Outcome]:
    """Change addresses, contact, comment, tags or priority of orders; search follows.

    Refuses with NotFound, with Conflict a stale `version` (the message says who changed what), with WrongState a new
    delivery address once everything has left or the order is cancelled.
    """
    return retrying(lambda: _update(items, actor))


def _update(items: Sequence[UpdateItem], actor: Actor) -> list[Outcome]:
    with unit_of_work(actor) as unit:
        states = lock_orders(unit, [item.order_id for item in items])
        stored = _read(list(states))
        versions = {key: state.version for key, state in states.items()}
        outcomes: list[Outcome] = []
        written: dict[UUID, dict[str, Any]] = {}
        for item in items:
            try:
                state, row = _check(item, states, stored)
            except Refusal as refusal:
                outcomes.append(Outcome.refused(refusal))
                continue
            change = differences(row, _wanted(item, row))
            if change:
                versions[state.id] += 1
                row.update({name: pair[1] for name, pair in change.items()})
                written[item.order_id] = row
                subject = Subject("order", state.id, versions[state.id], state.id, state.shop_id)
                unit.record(ORDER_UPDATED, subject, STILL, {"changes": change})
            outcomes.append(
                Outcome.done(item.order_id, version=versions[state.id], changed=sorted(change))
            )
        _write([{"id": key, "version": versions[key], **row} for key, row in written.items()])
    return outcomes


def _read(order_ids: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
    rows = sql.fetch(
        f"select id, {', '.join(_COLUMNS)}, erased_at is not null from orders_order where id = any(%s)",
        (order_ids,),
    )
    found = {row[0]: dict(zip((*_COLUMNS, "is_erased"), row[1:], strict=True)) for row in rows}
    for row in found.values():
        row["billing_address"] = sql.from_json(row["billing_address"])
        row["delivery_address"] = sql.from_json(row["delivery_address"])
    return found


def _check(
    item: UpdateItem, states: dict[UUID, OrderState], stored: dict[UUID, dict[str, Any]]
) -> tuple[OrderState, dict[str, Any]]:
    state = states.get(item.order_id)
    if state is None:
        raise NotFound(
            f"There is no order {item.order_id}.", code="unknown_order", pointer="/order_id"
        )
    if item.version is not None and item.version != state.version:
        raise Conflict(
            f"Order {state.number} changed meanwhile: you saw version {item.version}, it is at {state.version}. "
            "Look at the latest events, then try again.",
            code="stale_version",
            pointer="/version",
            details={"version": state.version},
        )
    if item.delivery_address is not msgspec.UNSET and state.status in {"shipped", "cancelled"}:
        raise WrongState(
            f"Order {state.number} is {state.status}; its delivery address does not change any more.",
            code="nothing_open",
            pointer="/delivery_address",
        )
    if stored[item.order_id]["is_erased"]:
        raise WrongState(
            f"The personal data of order {state.number} was erased; it takes no new data.",
            code="erased",
        )
    for kind in ("billing_address", "delivery_address"):
        address = getattr(item, kind)
        before = stored[item.order_id][kind] or {}
        # What stood there before is let stand: nobody may know which country it is.
        if address is not msgspec.UNSET and address.country != before.get("country"):
            check_country(address.country, f"/{kind}/country")
    return state, stored[item.order_id]


def _wanted(item: UpdateItem, row: dict[str, Any]) -> dict[str, Any]:
    new: dict[str, Any] = {}
    if isinstance(item.billing_address, Address):
        new["billing_address"] = address_json(item.billing_address)
    if isinstance(item.delivery_address, Address):
        new["delivery_address"] = address_json(item.delivery_address)
        new["country"] = item.delivery_address.country
        new["postal_code"] = normal_postal_code(item.delivery_address.postal_code)
    if isinstance(item.customer, Customer):
        new["customer_external_id"] = item.customer.external_id
        new["customer_email"] = normal_email(item.customer.email)
        new["customer_name"] = item.customer.name
        new["customer_phone"] = normal_phone(
            item.customer.phone, new.get("country", row["country"])
        )
        new["customer_company"] = item.customer.company
        new["customer_vat_number"] = item.customer.vat_number
    if item.comment is not msgspec.UNSET:
        new["comment"] = item.comment or ""
    if isinstance(item.tags, list):
        new["tags"] = list(dict.fromkeys(item.tags))
    if isinstance(item.priority, int):
        new["priority"] = item.priority
    return new


_WRITE = f"""
with changed as (
  update orders_order o set version = t.version, {", ".join(f"{name} = t.{name}" for name in _COLUMNS)}
  from jsonb_to_recordset(%s::jsonb) as t(id uuid, version int, {", ".join(f"{n} {k}" for n, k in _COLUMNS.items())})
  where o.id = t.id
  returning o.id, o.customer_name, o.customer_company, o.billing_address, o.delivery_address
)
update orders_search s
set doc = to_tsvector('simple', concat_ws(' ', c.customer_name, c.customer_company, c.billing_address ->> 'name',
  c.delivery_address ->> 'name', c.delivery_address ->> 'company', c.delivery_address ->> 'city'))
from changed c where s.order_id = c.id
"""


def _write(rows: Sequence[dict[str, Any]]) -> None:
    sql.execute(_WRITE, (sql.to_json(rows),))
