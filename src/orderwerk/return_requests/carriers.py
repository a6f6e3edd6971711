"""The carriers whose return labels can be asked for, by the name that accounts carry."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Known:
    """A carrier: how people call it, and from where its return labels bring goods back."""

    title: str
    countries: tuple[str, ...]


# PostNL's product 2285 (a single label, or none at all) is for parcels within the Netherlands.
CARRIERS = {"postnl": Known("PostNL", ("NL",))}
