"""Which packages of a parcel have arrived: a carrier tells of each by its own code, and the shipment arrives with the last."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from orderwerk.core import sql


@dataclass(slots=True)
class _Package:
    """One package under the code that its carrier knows it by: its own, else the shipment's."""

    id: UUID
    code: str
    own_code: str
    delivered_at: datetime | None


_READ = """
select g.shipment_id, g.id, coalesce(nullif(g.tracking_code, ''), h.tracking_code), g.tracking_code, g.delivered_at
from shipments_package g join shipments_shipment h on h.id = g.shipment_id where g.shipment_id = any(%s) order by g.position
"""
_WRITE = """
update shipments_package g set delivered_at = t.at from unnest(%s::uuid[], %s::timestamptz[]) as t(id, at) where g.id = t.id
"""


class Arrivals:
    """The packages of locked shipments, and what has arrived of them."""

    def __init__(self, shipment_ids: Collection[UUID]) -> None:
        """Read them; one statement."""
        self._packages: dict[UUID, list[_Package]] = {key: [] for key in shipment_ids}
        self._new: dict[UUID, datetime] = {}
        self._bearers: dict[str, set[UUID]] = defaultdict(set)
        for shipment, *known in sql.fetch(_READ, (list(shipment_ids),)):
            package = _Package(*known)
            self._packages[shipment].append(package)
            if package.own_code:
                self._bearers[package.own_code].add(shipment)

    def of(self, shipment_id: UUID, parcel: UUID, code: str | None, at: datetime) -> bool:
        """Let the packages that bear a code arrive, or all where no package of anything here does; says whether that was news.

        What lies in the parcel of another shipment arrives when all of that has.
        """
        mine = self._packages[shipment_id]
        if parcel != shipment_id:
            came = mine if self.complete(parcel, at) is not None else []
        else:
            came = [package for package in mine if code and package.code == code]
            if not came and not self._is_of_another(shipment_id, code):
                came = mine
        fresh = [package for package in came if package.delivered_at is None]
        for package in fresh:
            package.delivered_at = self._new[package.id] = at
        return bool(fresh) or not mine

    def _is_of_another(self, shipment_id: UUID, code: str | None) -> bool:
        return bool(self._bearers.get(code or "", set()) - {shipment_id})

    def complete(self, parcel: UUID, at: datetime) -> datetime | None:
        """Return when the last package of a parcel arrived, None while one is missing; one without packages arrives `at` once."""
        moments = [package.delivered_at for package in self._packages[parcel]]
        known = [moment for moment in moments if moment is not None]
        return max(known, default=at) if len(known) == len(moments) else None

    def write(self) -> None:
        """Write what is new; no statement where nothing is."""
        if self._new:
            sql.execute(_WRITE, (list(self._new), list(self._new.values())))
