"""What shipments need from a carrier; adapters stand in `integrations`."""

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Announcement:
    """What a carrier says of an announced shipment: its own barcode, if it gives one."""

    tracking_code: str = ""
    tracking_url: str = ""


class Carrier(Protocol):
    """A carrier; `needs_call` says whether announcing talks to the outside world (then it is an effect)."""

    name: str
    needs_call: bool

    def announce(self, shipment_id: UUID, number: str) -> Announcement:
        """Tell the carrier of a shipment before it is handed over; safe to repeat with the same shipment."""


class ManualCarrier:
    """The merchant hands parcels over and types the tracking code; nothing is called."""

    name = "manual"
    needs_call = False

    def announce(self, shipment_id: UUID, number: str) -> Announcement:  # noqa: ARG002 - the port's signature
        """Nothing to tell anybody: the code is typed by hand."""
        return Announcement()


_BY_HAND = ManualCarrier()
CARRIERS: dict[str, Carrier] = {"manual": _BY_HAND}


def adapter_of(carrier: str) -> Carrier:
    """Return how a carrier is told of a parcel; one that no adapter speaks with is told by hand."""
    return CARRIERS.get(carrier, _BY_HAND)
