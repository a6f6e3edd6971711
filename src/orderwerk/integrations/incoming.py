"""What a reader of files gives the importer: things to take in, and lines that cannot be, with the reason."""

from dataclasses import dataclass, field
from typing import Generic, TypeVar

from orderwerk.core.errors import Refusal

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Rejected:
    """One line of a file that does not go in, and why."""

    line: int
    reference: str
    code: str
    reason: str

    @staticmethod
    def by(refusal: Refusal, line: int, reference: str = "") -> "Rejected":
        """Say in the report what a refusal says, with the place inside the document."""
        place = f" ({refusal.pointer})" if refusal.pointer else ""
        return Rejected(line, reference, refusal.code, refusal.message + place)


@dataclass(frozen=True)
class Incoming(Generic[T]):
    """A part of a file: the item it becomes (None: nothing), the lines that are in it, and those that are not."""

    item: T | None
    lines: list[int] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    reference: str = ""
