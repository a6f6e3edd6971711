"""Labels as they stick on packages: which hold their parcel as it is, and how they are given up."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from orderwerk.core import clock, effects, sql
from orderwerk.core.effects import End
from orderwerk.core.errors import WrongState
from orderwerk.core.uow import STILL, Move, Subject, UnitOfWork
from orderwerk.shipments.events import SHIPMENT_UPDATED, SHIPPING_LABEL_VOIDED

# Why labels were given up, as their history tells it.
BY_HAND, CANCELLED, COMBINED, REPACKED = "by hand", "cancelled", "combined", "repacked"
ACCOUNT_CHANGED = "account changed"
# Where a parcel goes, as a fingerprint: of the shipment `s` and its order `o`.
ADDRESS = "md5(jsonb_strip_nulls(coalesce(s.delivery_address, o.delivery_address))::text)"

# Of a shipment `s`: a code that somebody typed, or another system gave, is a label that was made elsewhere.
LABELLED_ELSEWHERE = """exists (
  select from (select s.tracking_code as code union select g.tracking_code from shipments_package g where g.shipment_id = s.id) t
  where t.code <> '' and not exists (select from shipments_label l where l.shipment_id = s.id and l.status <> 'void' and l.barcode = t.code))"""
BARE_PACKAGE = """exists (select from shipments_package g where g.shipment_id = s.id and g.tracking_code = ''
  and not exists (select from shipments_label l where l.package_id = g.id))"""


@dataclass(frozen=True, slots=True)
class LiveLabel:
    """A label that sticks on a package, or is to: of which shipment, at which place among its packages, and how far it is."""

    id: UUID
    shipment_id: UUID
    position: int
    status: str
    barcode: str

    @property
    def holds(self) -> bool:
        """Whether the carrier has it, is asked for it, or may have it: the parcel must stay what it is."""
        return self.status in {"ordered", "made"} or self.barcode != ""


_LIVE = """
select id, shipment_id, position, status, barcode from shipments_label
where shipment_id = any(%s) and status <> 'void' order by shipment_id, position
"""


def live_labels(shipment_ids: Collection[UUID]) -> dict[UUID, list[LiveLabel]]:
    """Return the labels of shipments that are not given up, in the order of the packages; one statement."""
    found: dict[UUID, list[LiveLabel]] = {}
    for row in sql.fetch(_LIVE, (list(shipment_ids),)):
        found.setdefault(row[1], []).append(LiveLabel(*row))
    return found


def shipments_of(label_ids: Collection[UUID]) -> list[UUID]:
    """Return the shipments of labels, which never change theirs: to be locked."""
    rows = sql.fetch("select shipment_id from shipments_label where id = any(%s)", (list(label_ids),))  # fmt: skip
    return list(dict.fromkeys(row[0] for row in rows))


def check_no_label(number: str, labels: Iterable[LiveLabel], pointer: str = "") -> None:
    """Refuse (WrongState) what a label that is there, or may be, would no longer be true of."""
    held = [label for label in labels if label.holds]
    if held:
        raise WrongState(
            f"Package {held[0].position} of {number} has a label, or it is on its way; give the label up first.",
            code="label_in_use",
            pointer=pointer,
        )


def keep_barcodes(
    number: str, packages: Sequence[dict[str, Any]], labels: Iterable[LiveLabel]
) -> None:
    """Let packages whose label is made keep its barcode as their tracking code.

    Refuses (WrongState) packages that are taken away under their label, or are to have another code.
    """
    held = [label for label in labels if label.holds]
    check_no_label(number, [x for x in held if x.position > len(packages)], "/packages")
    check_codes(number, [package["tracking_code"] for package in packages], held)
    for label in held:
        if label.status == "made":
            packages[label.position - 1]["tracking_code"] = label.barcode


def check_codes(number: str, codes: Sequence[str], labels: Iterable[LiveLabel]) -> None:
    """Refuse (WrongState) another tracking code for a package than the barcode of its label, also of one that is on its way."""
    for label in labels:
        is_there = label.status in {"ordered", "made"} and label.position <= len(codes)
        if is_there and codes[label.position - 1] not in {"", label.barcode}:
            check_no_label(number, [label], f"/packages/{label.position - 1}/tracking_code")


_VOID = """
update shipments_label l set status = 'void', package_id = null, voided_at = %s, version = l.version + 1
from (select id, package_id, status from shipments_label where id = any(%s) and status <> 'void') o
where l.id = o.id
returning l.id, l.version, l.shipment_id, l.order_id, l.shop_id, l.position, l.barcode, l.effect_id, o.package_id, o.status,
  (select s.number from shipments_shipment s where s.id = l.shipment_id)
"""
_UNCODE = """
update shipments_package g set tracking_code = ''
from unnest(%s::uuid[], %s::text[]) as t(id, code) where g.id = t.id and g.tracking_code = t.code and t.code <> ''
"""


def give_up_labels(unit: UnitOfWork, label_ids: Collection[UUID], why: str) -> None:
    """Give labels up whose orders are locked: they are printed no more, and their packages may get others.

    A call that is on its way is not waited for: what the carrier answers to it is not taken over.
    """
    if not label_ids:
        return
    rows = sql.fetch(_VOID, (clock.now(), list(label_ids)))
    effects.conclude(
        [End(row[7], succeeded=False, note="given up") for row in rows if row[9] == "ordered"]
    )
    sql.execute(_UNCODE, ([row[8] for row in rows], [row[6] for row in rows]))
    codes: list[tuple[UUID, str, str]] = []
    for key, version, shipment, order, shop, position, barcode, _effect, _package, status, number in rows:  # fmt: skip
        data = {"number": number, "package": position, "barcode": barcode, "why": why}
        subject = Subject("shipping_label", key, version, order, shop)
        unit.record(SHIPPING_LABEL_VOIDED, subject, Move(status, "void"), data)
        # Whichever of its labels the shipment is followed by: it is followed by one that is given up no more.
        if barcode:
            codes.append((shipment, barcode, ""))
    set_tracking_codes(unit, codes)


def give_up_labels_of(unit: UnitOfWork, shipment_ids: Collection[UUID], why: str) -> None:
    """Give up every label of shipments whose parcels are no more."""
    if shipment_ids:
        labels = live_labels(shipment_ids)
        give_up_labels(unit, [label.id for each in labels.values() for label in each], why)


_CODE = """
update shipments_shipment s set tracking_code = t.new, version = s.version + 1
from unnest(%s::uuid[], %s::text[], %s::text[]) as t(id, old, new)
where s.id = t.id and s.tracking_code = t.old and s.status <> 'cancelled'
returning s.id, s.version, s.order_id, s.shop_id, s.number, t.old, t.new
"""


def set_tracking_codes(unit: UnitOfWork, codes: Sequence[tuple[UUID, str, str]]) -> None:
    """Give shipments another tracking code: which shipment, the one that it has to have now, and the new one."""
    if not codes:
        return
    columns = [list(column) for column in zip(*codes, strict=True)]
    for key, version, order, shop, number, old, new in sql.fetch(_CODE, columns):
        data = {"number": number, "changes": {"tracking_code": [old, new]}}
        unit.record(SHIPMENT_UPDATED, Subject("shipment", key, version, order, shop), STILL, data)
