"""Has carriers make the labels of packages; how they are asked, and what a silence means, is the same for all labels (label_errands.py)."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from typing_extensions import override

from orderwerk.core import clock, crypto, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import BadInput
from orderwerk.shipments.commands.order_labels import LABEL_EFFECT
from orderwerk.shipments.commands.report_labels import ShippingLabelNews, report_shipping_labels
from orderwerk.shipments.label_errands import SOME_GRAMS, Desk, Errand
from orderwerk.shipments.labels import ADDRESS
from orderwerk.shipments.ports import ParcelAccount, ParcelCarriers, ParcelOrder


@dataclass(slots=True, kw_only=True)
class _Due(Errand):
    """A label of a package that is to be made."""

    product: str
    number: str
    order_number: str
    sender_name: str
    sender: Mapping[str, Any]
    receiver: Mapping[str, Any]
    email: str
    grams: int
    sides: Sequence[int]


# What was not weighed weighs its share of what the shipment's articles weigh, as far as that is known.
_DUE = """
select l.id, e.id, e.status, e.attempts, l.barcode, l.asked, a.id, a.is_active, l.product, s.number, o.number,
  coalesce(nullif(h.sender_name, ''), h.name), coalesce(p.address, '{}') || jsonb_strip_nulls(jsonb_build_object('country', p.country)),
  coalesce(s.delivery_address, o.delivery_address), coalesce(o.customer_email, ''),
  coalesce(nullif(g.weight_grams, 0), (select sum(k.quantity * coalesce(x.weight_grams, 0)) from shipments_line k
    join catalog_product x on x.id = k.product_id where k.shipment_id = s.id and k.is_live)
    / (select count(*) from shipments_package n where n.shipment_id = s.id), 0)::bigint,
  array(select x from unnest(array[g.length_mm, g.width_mm, g.height_mm]) x
    where g.length_mm is not null and g.width_mm is not null and g.height_mm is not null order by x desc)
from shipments_label l join core_effect e on e.id = l.effect_id join shipments_package g on g.id = l.package_id
join shipments_shipment s on s.id = l.shipment_id join orders_order o on o.id = l.order_id
join shops_shop h on h.id = l.shop_id join stock_location p on p.id = l.location_id
join shipments_carrier_account a on a.id = l.carrier_account_id
where l.status = 'ordered' and e.status in ('intended', 'in_doubt') and (e.next_attempt_at is null or e.next_attempt_at <= %s)
  and (%s::uuid[] is null or l.id = any(%s::uuid[]))
order by e.next_attempt_at nulls first, l.id limit %s
"""
_NAMES = (
    "id", "effect_id", "effect_status", "calls", "barcode", "asked", "account_id", "account_in_use", "product", "number",
    "order_number", "sender_name", "sender", "receiver", "email", "grams", "sides",
)  # fmt: skip
# Read when nobody else can call any more: much may have happened since the due ones were read. What is given up is asked for no more.
_NOW = f"""
select l.barcode, l.asked, s.status, l.address <> {ADDRESS}, coalesce(s.delivery_address, o.delivery_address)
from shipments_label l join shipments_shipment s on s.id = l.shipment_id join orders_order o on o.id = s.order_id where l.id = %s
"""
_ACCOUNTS = """
select id, speaks, mode, customer_code, customer_number, collection_location, secret
from shipments_carrier_account where id = any(%s) and is_active
"""


def parcel_accounts(account_ids: Sequence[UUID]) -> dict[UUID, ParcelAccount]:
    """Return those of the accounts that are in use, with their keys in the clear; one statement.

    One whose key was stored under another secret key is left out: the other carriers' labels are made all the same.
    """
    found = {}
    for row in sql.fetch(_ACCOUNTS, (list(account_ids),)):
        with suppress(BadInput):
            key = crypto.decrypt(row[6], settings.SECRET_KEY)
            found[row[0]] = ParcelAccount(*(*row[:6], key))
    return found


class _Desk(Desk[_Due, ParcelAccount]):
    """The labels of packages."""

    kind = LABEL_EFFECT
    table = "shipments_label"
    actor = Actor.job("shipping labels")

    def __init__(self, carriers: ParcelCarriers) -> None:
        self.carriers = carriers

    @override
    def hindrance(self, errand: _Due) -> str:
        [(errand.barcode, errand.asked, status, is_elsewhere, receiver)] = sql.fetch(_NOW, (errand.id,))  # fmt: skip
        errand.receiver = sql.from_json(receiver)
        if status == "delivered":
            return "The shipment arrived before its label was there."
        return "The address was changed after the label was asked for." if is_elsewhere else ""

    @override
    def reserve(self, account: ParcelAccount) -> str:
        return self.carriers[account.carrier].reserve(account)

    @override
    def label(self, account: ParcelAccount, errand: _Due) -> bytes:
        order = ParcelOrder(
            barcode=errand.barcode, number=errand.number, order_number=errand.order_number, product=errand.product,
            sender_name=errand.sender_name, sender=errand.sender, receiver=errand.receiver, email=errand.email,
            weight_grams=errand.grams or SOME_GRAMS, sides_mm=tuple(errand.sides),
        )  # fmt: skip
        return self.carriers[account.carrier].label(account, order).content

    @override
    def tell(self, errand: _Due, content: bytes | None, note: str, *, keeps_barcode: bool) -> None:
        # Refused where somebody else was faster, or the label was given up: then it is written already.
        news = ShippingLabelNews(errand.id, errand.effect_id, content, note, keeps_barcode)
        report_shipping_labels([news], actor=self.actor)


def make_shipping_labels(
    carriers: ParcelCarriers, only: Sequence[UUID] | None = None, *, most: int = 200
) -> int:
    """Make the labels that are due (of the named ones, or of all); returns how many were handled."""
    desk = _Desk(carriers)
    desk.start()
    wanted = None if only is None else list(only)
    rows = [_due(row) for row in sql.fetch(_DUE, (clock.now(), wanted, wanted, most))]
    desk.make_all(rows, parcel_accounts([row.account_id for row in rows]))
    return len(rows)


def _due(row: sql.Row) -> _Due:
    values = dict(zip(_NAMES, row, strict=True))
    told = {name: sql.from_json(values[name]) for name in ("sender", "receiver")}
    return _Due(**{**values, **told})
