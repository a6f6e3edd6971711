"""Which carriers and services may be chosen: those that the merchant has set up, and `manual`, for whatever goes by hand."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from orderwerk.core import sql
from orderwerk.core.errors import BadInput

MANUAL = "manual"


@dataclass(frozen=True, slots=True)
class SetUp:
    """A carrier as it is set up; no services: any text will do."""

    name: str
    is_active: bool
    services: frozenset[str]


def read_carriers(codes: Collection[str]) -> dict[str, SetUp]:
    """Return the carriers of these codes that were set up; one statement."""
    rows = sql.fetch(
        "select code, name, is_active, services from shipments_carrier where code = any(%s)",
        (list(codes),),
    )
    return {
        code: SetUp(name, is_active, frozenset(x["code"] for x in sql.from_json(services)))
        for code, name, is_active, services in rows
    }


def check_carrier(carriers: Mapping[str, SetUp], code: str, service: str, at: str = "") -> None:
    """Refuse (BadInput) a carrier that is not set up or is switched off, and a service that it does not have."""
    if code == MANUAL:
        return
    found = carriers.get(code)
    if found is None:
        raise BadInput(
            f"There is no carrier {code} set up.", code="unknown_carrier", pointer=f"{at}/carrier"
        )
    if not found.is_active:
        raise BadInput(
            f"{found.name} is switched off.", code="carrier_off", pointer=f"{at}/carrier"
        )
    if service and found.services and service not in found.services:
        named = ", ".join(sorted(found.services)[:10])
        raise BadInput(
            f"{found.name} has no service {service}; set up are {named}.",
            code="unknown_service",
            pointer=f"{at}/service",
        )
