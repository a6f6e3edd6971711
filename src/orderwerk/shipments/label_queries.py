"""Reads of the labels of packages, and of the accounts that make them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec

from orderwerk.core import keyset, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import NotFound
from orderwerk.core.keyset import Conditions, Page, Select
from orderwerk.core.structs import made_of
from orderwerk.orders.visibility import limit_to_locations, limit_to_shops
from orderwerk.shipments.commands.set_carrier_accounts import CarrierProduct
from orderwerk.shipments.label_carriers import LABEL_CARRIERS
from orderwerk.shipments.labels import ADDRESS


class CarrierAccountRow(msgspec.Struct, frozen=True):
    """The account of a carrier that makes labels, without its key."""

    id: UUID
    carrier: str
    speaks: str
    mode: str
    customer_code: str
    customer_number: str
    collection_location: str
    products: list[CarrierProduct]
    is_automatic: bool
    is_active: bool
    updated_at: datetime

    @property
    def title(self) -> str:
        """Return how people call whom the account is with."""
        return LABEL_CARRIERS[self.speaks].title


class ShippingLabelRow(msgspec.Struct, frozen=True):
    """A label without its paper.

    `in_doubt`: nobody knows whether the carrier has made it, it is asked again. `elsewhere`: it shows another address than the
    shipment has now, so it is not printed.
    """

    id: UUID
    shipment_id: UUID
    number: str
    order_id: UUID
    shop: str
    location: str
    package: int
    carrier: str
    carrier_name: str
    product: str
    status: str
    barcode: str
    attempts: int
    in_doubt: bool
    asked_again_at: datetime | None
    elsewhere: bool
    note: str
    created_at: datetime
    made_at: datetime | None
    voided_at: datetime | None
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CarrierAccountFilters:
    """What the list of accounts is narrowed to."""

    carrier: str | None = None


_ACCOUNT = ", ".join(f"a.{name}" for name in CarrierAccountRow.__struct_fields__)
_ACCOUNT_SORT = keyset.sortings(carrier=(("a.carrier", "text"),))["carrier"]


def _account(row: sql.Row) -> CarrierAccountRow:
    products = made_of(sql.from_json(row[7]), list[CarrierProduct])
    return CarrierAccountRow(*(*row[:7], products, *row[8:]))


def carrier_account_page(
    _actor: Actor, filters: CarrierAccountFilters, *, cursor: str | None = None, limit: int = 50
) -> Page[CarrierAccountRow]:
    """Return one page of the accounts, by their carriers' codes; one statement."""
    where = Conditions()
    where.narrow(filters, {"carrier": "a.carrier = %s"})
    select = Select(_ACCOUNT, "shipments_carrier_account a", where)
    rows, more = keyset.fetch_page(select, _ACCOUNT_SORT, cursor, limit)
    return Page([_account(row) for row in rows], more)


def carrier_account_detail(_actor: Actor, account_id: UUID) -> CarrierAccountRow:
    """Return one account; one statement. Refuses with NotFound."""
    where = Conditions()
    where.add("a.id = %s", account_id)
    select = Select(_ACCOUNT, "shipments_carrier_account a", where)
    rows, _ = keyset.fetch_page(select, _ACCOUNT_SORT, None, 1)
    if not rows:
        raise NotFound(f"There is no carrier account {account_id}.", code="unknown_carrier_account")
    return _account(rows[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class ShippingLabelFilters:
    """What the list of labels is narrowed to."""

    status: str | None = None
    shipment_id: UUID | None = None
    order_id: UUID | None = None
    carrier: str | None = None
    barcode: str | None = None
    shop: str | None = None


_LABEL = (
    "l.id, l.shipment_id, s.number, l.order_id, h.code, p.code, l.position, l.carrier, coalesce(c.name, l.carrier), l.product, l.status, "
    "l.barcode, l.attempts, l.status = 'ordered' and e.status = 'in_doubt', e.next_attempt_at, "
    f"l.status = 'made' and l.address <> {ADDRESS}, "
    # While it is under way: why the carrier was not asked, or has not answered.
    "case when l.note = '' and e.status in ('intended', 'in_doubt') then e.note else l.note end, "
    "l.created_at, l.made_at, l.voided_at, l.version"
)
_LABELS = (
    "shipments_label l join shipments_shipment s on s.id = l.shipment_id join orders_order o on o.id = l.order_id "
    "join shops_shop h on h.id = l.shop_id join stock_location p on p.id = l.location_id "
    "left join shipments_carrier c on c.code = l.carrier join core_effect e on e.id = l.effect_id"
)
_LABEL_SORT = keyset.sortings(id=(("l.id", "uuid"),))["-id"]
_CONDITIONS = {
    "status": "l.status = %s",
    "shipment_id": "l.shipment_id = %s",
    "order_id": "l.order_id = %s",
    "carrier": "l.carrier = %s",
    "barcode": "l.barcode = %s",
    "shop": "h.code = %s",
}


def _labels(actor: Actor) -> Select:
    where = Conditions()
    limit_to_shops(where, actor, "l.shop_id")
    limit_to_locations(where, actor, "l.location_id")
    return Select(_LABEL, _LABELS, where)


def shipping_label_page(
    actor: Actor, filters: ShippingLabelFilters, *, cursor: str | None = None, limit: int = 50
) -> Page[ShippingLabelRow]:
    """Return one page of labels, newest first; one statement."""
    select = _labels(actor)
    select.where.narrow(filters, _CONDITIONS)
    rows, more = keyset.fetch_page(select, _LABEL_SORT, cursor, limit)
    return Page([ShippingLabelRow(*row) for row in rows], more)


def shipping_label_detail(actor: Actor, label_id: UUID) -> ShippingLabelRow:
    """Return one label; one statement. Refuses with NotFound."""
    select = _labels(actor)
    select.where.add("l.id = %s", label_id)
    rows, _ = keyset.fetch_page(select, _LABEL_SORT, None, 1)
    if not rows:
        raise NotFound(f"There is no label {label_id}.", code="unknown_shipping_label")
    return ShippingLabelRow(*rows[0])


def live_labels_of(actor: Actor, shipment_id: UUID) -> list[ShippingLabelRow]:
    """Return the labels of a shipment that are not given up, in the order of its packages; one statement."""
    select = _labels(actor)
    select.where.add("l.shipment_id = %s and l.status <> 'void'", shipment_id)
    rows, _ = keyset.fetch_page(select, _LABEL_SORT, None, 100)
    return sorted((ShippingLabelRow(*row) for row in rows), key=lambda row: row.package)


def connected_carriers(codes: Sequence[str]) -> set[str]:
    """Return those of the carriers that are set up with an account that makes labels, in use; one statement."""
    rows = sql.read(
        "select a.carrier from shipments_carrier_account a join shipments_carrier c on c.code = a.carrier and c.is_active "
        "where a.is_active and a.carrier = any(%s)",
        (list(codes),),
    )
    return {row[0] for row in rows}
