"""Reads of return labels and of the carriers that make them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec

from orderwerk.core import keyset, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import NotFound, WrongState
from orderwerk.core.keyset import Conditions, Page, Select
from orderwerk.core.typesetting import Document
from orderwerk.orders.visibility import limit_to_orders, limit_to_shops
from orderwerk.return_requests.carriers import CARRIERS


class ReturnCarrierRow(msgspec.Struct, frozen=True):
    """A shop's carrier for returns, without its key."""

    id: UUID
    shop: str
    carrier: str
    mode: str
    customer_code: str
    customer_number: str
    company: str
    reply_number: str
    postal_code: str
    city: str
    countries: list[str]
    is_paperless: bool
    is_automatic: bool
    is_active: bool
    updated_at: datetime


class ReturnLabelRow(msgspec.Struct, frozen=True):
    """A return label without its paper; `in_doubt`: nobody knows whether the carrier has made it, it is asked again."""

    id: UUID
    return_request_id: UUID
    number: str
    order_id: UUID
    shop: str
    carrier: str
    status: str
    barcode: str
    attempts: int
    is_paperless: bool
    in_doubt: bool
    asked_again_at: datetime | None
    note: str
    created_at: datetime
    made_at: datetime | None
    version: int

    @property
    def carrier_title(self) -> str:
        """Return how people call the carrier."""
        return CARRIERS[self.carrier].title


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnCarrierFilters:
    """What the list of carriers is narrowed to."""

    shop: str | None = None


_CARRIER = ", ".join("s.code" if name == "shop" else f"a.{name}" for name in ReturnCarrierRow.__struct_fields__)  # fmt: skip
_CARRIERS = "return_requests_carrier a join shops_shop s on s.id = a.shop_id"
_SORT = keyset.sortings(id=(("a.id", "uuid"),))["id"]


def return_carrier_page(
    actor: Actor, filters: ReturnCarrierFilters, *, cursor: str | None = None, limit: int = 50
) -> Page[ReturnCarrierRow]:
    """Return one page of the shops' carriers for returns, oldest first; one statement."""
    where = Conditions()
    limit_to_shops(where, actor, "a.shop_id")
    where.narrow(filters, {"shop": "s.code = %s"})
    rows, more = keyset.fetch_page(Select(_CARRIER, _CARRIERS, where), _SORT, cursor, limit)
    return Page([ReturnCarrierRow(*row) for row in rows], more)


def return_carrier_detail(actor: Actor, carrier_id: UUID) -> ReturnCarrierRow:
    """Return one shop's carrier; one statement. Refuses with NotFound."""
    where = Conditions()
    limit_to_shops(where, actor, "a.shop_id")
    where.add("a.id = %s", carrier_id)
    rows, _ = keyset.fetch_page(Select(_CARRIER, _CARRIERS, where), _SORT, None, 1)
    if not rows:
        raise NotFound(f"There is no return carrier {carrier_id}.", code="unknown_return_carrier")
    return ReturnCarrierRow(*rows[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnLabelFilters:
    """What the list of return labels is narrowed to."""

    status: str | None = None
    return_request_id: UUID | None = None
    order_id: UUID | None = None
    shop: str | None = None


_LABEL = (
    "l.id, l.request_id, r.number, l.order_id, s.code, l.carrier, l.status, l.barcode, l.attempts, l.is_paperless, "
    "e.status = 'in_doubt', e.next_attempt_at, "
    # While it is under way: why the carrier was not asked, or has not answered.
    "case when l.note = '' and e.status in ('intended', 'in_doubt') then e.note else l.note end, l.created_at, l.made_at, l.version"
)
_LABELS = (
    "return_requests_label l join return_requests_request r on r.id = l.request_id join shops_shop s on s.id = l.shop_id "
    "join core_effect e on e.id = l.effect_id"
)
_LABEL_SORT = keyset.sortings(id=(("l.id", "uuid"),))["-id"]
_CONDITIONS = {
    "status": "l.status = %s",
    "return_request_id": "l.request_id = %s",
    "order_id": "l.request_id in (select id from return_requests_request where order_id = %s)",
    "shop": "s.code = %s",
}


def _labels(actor: Actor) -> Select:
    where = Conditions()
    limit_to_orders(where, actor, order="l.order_id", shop="l.shop_id")
    return Select(_LABEL, _LABELS, where)


def return_label_page(
    actor: Actor, filters: ReturnLabelFilters, *, cursor: str | None = None, limit: int = 50
) -> Page[ReturnLabelRow]:
    """Return one page of return labels, newest first; one statement."""
    select = _labels(actor)
    select.where.narrow(filters, _CONDITIONS)
    rows, more = keyset.fetch_page(select, _LABEL_SORT, cursor, limit)
    return Page([ReturnLabelRow(*row) for row in rows], more)


def return_label_detail(actor: Actor, label_id: UUID) -> ReturnLabelRow:
    """Return one return label; one statement. Refuses with NotFound."""
    select = _labels(actor)
    select.where.add("l.id = %s", label_id)
    rows, _ = keyset.fetch_page(select, _LABEL_SORT, None, 1)
    if not rows:
        raise NotFound(f"There is no return label {label_id}.", code="unknown_return_label")
    return ReturnLabelRow(*rows[0])


def label_of(actor: Actor, request_id: UUID) -> ReturnLabelRow | None:
    """Return the label of a return request, if one was asked for; one statement."""
    found = return_label_page(actor, ReturnLabelFilters(return_request_id=request_id), limit=1)
    return found.items[0] if found.items else None


def label_is_offered(request_id: UUID) -> bool:
    """Tell whether a label can be asked for: the shop has a carrier in use that comes to the customer's country, and no other way was chosen."""
    return bool(sql.read(
        "select 1 from return_requests_request r join orders_order o on o.id = r.order_id "
        "join return_requests_carrier a on a.shop_id = r.shop_id and a.is_active and o.country = any(a.countries) where r.id = %s and not r.is_gift and r.way in ('', 'label')",
        (request_id,),
    ))  # fmt: skip


def carrier_comes(shop_id: UUID, country: str) -> bool:
    """Tell whether the shop has a carrier in use that brings returns from a country; one statement."""
    return bool(sql.read(
        "select 1 from return_requests_carrier a where a.shop_id = %s and a.is_active and %s = any(a.countries)",
        (shop_id, country),
    ))  # fmt: skip


def return_label_document(label_id: UUID, *, actor: Actor) -> Document:
    """Return a label as the carrier made it. Refuses with NotFound, with WrongState one that is not made or was erased."""
    found = return_label_detail(actor, label_id)
    rows = sql.read("select content from return_requests_label where id = %s and octet_length(content) > 1", (found.id,))  # fmt: skip
    if not rows:
        raise WrongState(
            f"The carrier has made no label for {found.number}, or it was erased.",
            code="return_label_not_made",
        )
    return Document(f"return-label-{found.number}.pdf", bytes(rows[0][0]))
