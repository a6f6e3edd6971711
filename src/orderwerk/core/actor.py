"""Who acts: a person, an API token, a background job or the system, and what of the data they may see."""

from dataclasses import dataclass
from uuid import UUID

from orderwerk.core.errors import NotAllowed


@dataclass(frozen=True, slots=True)
class Actor:
    """The author of a change; `shop_ids` and `location_ids` limit what it sees (None: everything)."""

    kind: str
    name: str
    id: UUID | None = None
    shop_ids: frozenset[UUID] | None = None
    location_ids: frozenset[UUID] | None = None

    @staticmethod
    def system(name: str) -> "Actor":
        """Return an actor without limits for a program of ours: the CLI, the importer, the schedule."""
        return Actor(kind="system", name=name)

    @staticmethod
    def job(name: str) -> "Actor":
        """Return an actor without limits for a background job."""
        return Actor(kind="job", name=name)

    def may_see_shop(self, shop_id: UUID) -> bool:
        """Tell whether this actor may see a shop's data at all."""
        return self.shop_ids is None or shop_id in self.shop_ids

    def may_see_location(self, location_id: UUID) -> bool:
        """Tell whether this actor may see a stock location's work."""
        return self.location_ids is None or location_id in self.location_ids

    @property
    def sees_everything(self) -> bool:
        """Whether this actor has no limits, neither to shops nor to locations."""
        return self.shop_ids is None and self.location_ids is None

    def ensure_every_location(self) -> None:
        """Refuse (NotAllowed) who is limited to stock locations: a shop's settings hold at all of them."""
        if self.location_ids is not None:
            raise NotAllowed(
                "Who is limited to locations does not change what holds for a whole shop.",
                code="limited",
            )

    def ensure_everything(self) -> None:
        """Refuse (NotAllowed) who is limited to shops or locations: a list that all shops share is changed for all."""
        self.ensure_every_location()
        if self.shop_ids is not None:
            raise NotAllowed(
                "Who is limited to shops does not change what all shops share.", code="limited"
            )
