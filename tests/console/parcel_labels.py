"""The labels of parcels among everything that the console shows."""

from typing import Any

from orderwerk.core import sql
from tests import build
from tests.doubles.parcels import page


def parcel_labels(every: Any) -> None:
    """A shipment of n packages with a label each, and n more shipments of one."""
    keys = [build.parcel_labelled(every.world, packages, page("x")) for packages in (every.n, *[1] * every.n)]  # fmt: skip
    [(number, label)] = sql.fetch(
        "select s.number, l.id from shipments_label l join shipments_shipment s on s.id = l.shipment_id "
        "where s.id = %s and l.position = 1",
        (keys[0],),
    )
    every.note("shipments-labelled", number=number, key=label)
