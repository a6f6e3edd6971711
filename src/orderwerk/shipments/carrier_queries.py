"""Reads of the carriers that are set up."""

from dataclasses import dataclass
from uuid import UUID

import msgspec

from orderwerk.core import keyset, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import NotFound
from orderwerk.core.keyset import Conditions, Page, Select
from orderwerk.core.structs import made_of
from orderwerk.shipments.commands.upsert_carriers import CarrierService


class CarrierRow(msgspec.Struct, frozen=True):
    """A carrier as it is set up, for all shops."""

    id: UUID
    code: str
    name: str
    tracking_link: str
    services: list[CarrierService]
    is_active: bool
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CarrierFilters:
    """What the list of carriers is narrowed to."""

    code: str | None = None
    is_active: bool | None = None


_COLUMNS = "c.id, c.code, c.name, c.tracking_link, c.services, c.is_active, c.version"
_SORT = keyset.sortings(code=(("c.code", "text"),))["code"]


def _row(row: sql.Row) -> CarrierRow:
    services = made_of(sql.from_json(row[4]), list[CarrierService])
    return CarrierRow(row[0], row[1], row[2], row[3], services, row[5], row[6])


def carrier_page(
    _actor: Actor, filters: CarrierFilters, *, cursor: str | None = None, limit: int = 50
) -> Page[CarrierRow]:
    """Return one page of carriers by code; one statement. They are everybody's."""
    where = Conditions()
    where.narrow(filters, {"code": "c.code = %s", "is_active": "c.is_active = %s"})
    rows, more = keyset.fetch_page(
        Select(_COLUMNS, "shipments_carrier c", where), _SORT, cursor, limit
    )
    return Page([_row(row) for row in rows], more)


def all_carriers(actor: Actor) -> list[CarrierRow]:
    """Return all carriers for choices; two hundred at most, one statement."""
    return carrier_page(actor, CarrierFilters(), limit=keyset.MOST_ROWS).items


def carrier_detail(_actor: Actor, carrier_id: UUID) -> CarrierRow:
    """Return one carrier; one statement. Refuses with NotFound."""
    rows = sql.read(f"select {_COLUMNS} from shipments_carrier c where c.id = %s", [carrier_id])
    if not rows:
        raise NotFound(f"There is no carrier {carrier_id}.", code="unknown_carrier")
    return _row(rows[0])


def carrier_by_code(actor: Actor, code: str) -> CarrierRow:
    """Return the carrier of a code; one statement. Refuses with NotFound."""
    found = carrier_page(actor, CarrierFilters(code=code), limit=1).items
    if not found:
        raise NotFound(f"There is no carrier {code[:60]}.", code="unknown_carrier")
    return found[0]
