"""A warehouse whose parcels PostNL brings: a shop with a connected carrier, and parcels that are announced or packed."""

from io import BytesIO
from typing import Any
from uuid import UUID

from pypdf import PdfWriter

from orderwerk.core import sql
from orderwerk.core.decode import convert
from orderwerk.core.outcome import Outcome
from orderwerk.flows.pack_shipments import PackItem, pack_shipments
from orderwerk.integrations.carriers.registry import PARCEL_CARRIERS
from orderwerk.shipments.commands.announce import AnnounceItem, announce_shipments
from orderwerk.shipments.commands.order_labels import OrderShippingLabelsItem, order_shipping_labels
from orderwerk.shipments.commands.set_carrier_accounts import (
    CarrierAccountItem,
    set_carrier_accounts,
)
from orderwerk.shipments.commands.update import UpdateShipmentItem, update_shipments
from orderwerk.shipments.commands.upsert_carriers import CarrierItem, upsert_carriers
from orderwerk.shipments.commands.void_labels import VoidShippingLabelItem, void_shipping_labels
from orderwerk.shipments.labelling import make_shipping_labels
from orderwerk.stock.commands.upsert_locations import LocationData, upsert_locations
from tests import build
from tests.doubles.postnl import KEY, PostNLDouble

HERE = {"street": "Magazijnweg", "house_number": "5", "postal_code": "3511 AA", "city": "Utrecht"}
CONTRACT: dict[str, Any] = {
    "key": KEY, "mode": "test", "customer_code": "DEVC", "customer_number": "11223344", "collection_location": "123456",
    "products": [{"product": "3085"}, {"service": "sign", "product": "3189"}],
}  # fmt: skip


def page(barcode: str) -> bytes:
    """A label that a PDF reader takes: a page with the barcode as its title."""
    writer, made = PdfWriter(), BytesIO()
    writer.add_blank_page(298, 420)
    writer.add_metadata({"/Title": barcode})
    writer.write(made)
    return made.getvalue()


class Warehouse:
    """A shop and its parcels; `carrier` is the code under which PostNL is set up."""

    def __init__(self, double: PostNLDouble, **account: Any) -> None:
        self.double = double
        double.paper = page
        self.world = build.world()
        self.carrier = f"postnl-{build.serial()}"
        upsert_carriers([CarrierItem(code=self.carrier, name="PostNL")], actor=build.TESTER)[0].require()  # fmt: skip
        places = [LocationData(code=code, name=code, address=HERE, country="NL") for code in self.world.locations]  # fmt: skip
        for outcome in upsert_locations(places, actor=build.TESTER):
            outcome.require()
        self.connect(**account)

    def connect(self, **fields: Any) -> Outcome:
        item = convert({"carrier": self.carrier, **CONTRACT, **fields}, CarrierAccountItem)
        return set_carrier_accounts([item], actor=build.TESTER)[0].require()

    def waiting(self, packages: int = 1, *lines: tuple[str, int], **fields: Any) -> UUID:
        """A shipment with the carrier, and so many packages."""
        order = self.world.place(*lines, **fields)
        [shipment] = build.shipments(order)
        self.update(shipment, carrier=self.carrier, packages=packages).require()
        return shipment

    def announced(self, packages: int = 1, **fields: Any) -> UUID:
        """One that is announced."""
        shipment = self.waiting(packages, **fields)
        announce(shipment)
        return shipment

    def labelled(self, packages: int = 1, **fields: Any) -> UUID:
        """One whose labels are made."""
        shipment = self.announced(packages, **fields)
        ask(shipment)[0].require()
        make()
        return shipment

    def update(self, shipment: UUID, **fields: Any) -> Outcome:
        item = convert({"shipment_id": str(shipment), **fields}, UpdateShipmentItem)
        return update_shipments([item], actor=build.TESTER)[0]

    def pack(self, shipment: UUID, packages: list[dict[str, Any]] | None = None) -> Outcome:
        """Pack all of it."""
        rows = sql.fetch(
            "select p.sku, sum(l.quantity) from shipments_line l join catalog_product p on p.id = l.product_id "
            "where l.shipment_id = %s and l.is_live group by p.sku",
            (shipment,),
        )
        contents = [{"sku": sku, "quantity": int(n)} for sku, n in rows]
        item = {"shipment_id": str(shipment), "contents": contents, "packages": packages or [{"weight_grams": 700}]}  # fmt: skip
        return pack_shipments([convert(item, PackItem)], actor=build.TESTER)[0]


def announce(shipment: UUID) -> Outcome:
    return announce_shipments([AnnounceItem(shipment_id=shipment)], actor=build.TESTER)[0]


def ask(*shipments: UUID) -> list[Outcome]:
    items = [OrderShippingLabelsItem(shipment_id=key) for key in shipments]
    return order_shipping_labels(items, actor=build.TESTER)


def make() -> int:
    return make_shipping_labels(PARCEL_CARRIERS)


def void(*labels: UUID) -> list[Outcome]:
    items = [VoidShippingLabelItem(shipping_label_id=key) for key in labels]
    return void_shipping_labels(items, actor=build.TESTER)


def labels(shipment: UUID) -> list[dict[str, Any]]:
    """All labels of a shipment, the given up ones first, with their effects."""
    keys = ("id", "package", "status", "attempts", "barcode", "asked", "content", "note", "effect", "calls", "package_id")  # fmt: skip
    rows = sql.fetch(
        "select l.id, l.position, l.status, l.attempts, l.barcode, l.asked, l.content, l.note, e.status, e.attempts, l.package_id "
        "from shipments_label l join core_effect e on e.id = l.effect_id where l.shipment_id = %s "
        "order by l.voided_at nulls last, l.position",
        (shipment,),
    )
    return [dict(zip(keys, row, strict=True)) for row in rows]


def label(shipment: UUID) -> dict[str, Any]:
    """The one label of a shipment that is not given up."""
    [found] = [each for each in labels(shipment) if each["status"] != "void"]
    return found
