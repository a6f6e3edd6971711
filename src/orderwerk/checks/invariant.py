"""What an invariant is: a query that finds what breaks it, and what to do then."""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How bad a finding is."""

    VIOLATION = "violation"
    STUCK = "stuck"


@dataclass(frozen=True, slots=True)
class Invariant:
    """One thing that must hold; `sql` returns (shop_id, object, object_id, expected, actual) per row that breaks it."""

    id: str
    title: str
    sql: str
    action: str
    severity: Severity = Severity.VIOLATION


@dataclass(frozen=True, slots=True)
class Finding:
    """One row that breaks an invariant."""

    invariant: str
    severity: Severity
    shop_id: str | None
    object: str
    object_id: str
    expected: str
    actual: str
