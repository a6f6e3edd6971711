"""What became of each item of a bulk command."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from orderwerk.core.errors import Refusal


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of one item: done with an id and data, or refused with the reason."""

    ok: bool
    id: UUID | None = None
    data: dict[str, Any] = field(default_factory=dict)
    error: Refusal | None = None

    @staticmethod
    def done(id: UUID, **data: Any) -> "Outcome":  # noqa: A002, ANN401 - the public field is called id; data is open
        """Return a successful outcome."""
        return Outcome(ok=True, id=id, data=data)

    @staticmethod
    def refused(error: Refusal) -> "Outcome":
        """Return a refused outcome."""
        return Outcome(ok=False, error=error)

    def require(self) -> "Outcome":
        """Return itself when done; raise the refusal otherwise, for callers with a single item."""
        if self.error is not None:
            raise self.error
        return self
