"""The carriers that make labels of parcels, by the name that accounts carry."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Known:
    """A carrier: how people call it, and to where it makes labels for us."""

    title: str
    countries: tuple[str, ...]


# Parcels abroad need other barcodes, and customs data that orders do not have.
LABEL_CARRIERS = {"postnl": Known("PostNL", ("NL",))}
