"""Refusals: what a user can cause, in few families; each has a stable code and a sentence. Bugs are not refusals."""

from collections.abc import Mapping
from typing import Any


class Refusal(Exception):
    """Something a caller asked for that cannot be done; says why in a sentence, and where in the input."""

    family = "refusal"

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        pointer: str = "",
        details: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.family
        self.pointer = pointer
        self.details = dict(details or {})


class BadInput(Refusal):
    """The input is well-formed but not valid: a field is missing, out of range or unknown."""

    family = "bad_input"


class Malformed(Refusal):
    """The input cannot be read at all: broken JSON, a duplicate key, a wrong encoding."""

    family = "malformed"


class NotFound(Refusal):
    """The thing named does not exist, or not for this caller."""

    family = "not_found"


class WrongState(Refusal):
    """The thing's status does not allow the step asked for."""

    family = "wrong_state"


class LimitExceeded(Refusal):
    """More was asked for than there is left: quantity, stock or money."""

    family = "limit_exceeded"


class NotAllowed(Refusal):
    """The caller's role, scopes or limits do not cover this."""

    family = "not_allowed"


class Conflict(Refusal):
    """Somebody or something else came first: a stale version, a duplicate, a key in use."""

    family = "conflict"


class Again(Conflict):
    """What was read before the locks has changed meanwhile: the whole unit of work is run again (see `retrying`)."""

    family = "conflict"


class ProviderFailed(Refusal):
    """An outside system did not do its part; `retryable` says whether trying again may help."""

    family = "provider_failed"

    def __init__(self, message: str, *, retryable: bool, code: str | None = None) -> None:
        super().__init__(message, code=code)
        self.retryable = retryable


def ensure(condition: object, broken: str) -> None:
    """Stop with AssertionError when an invariant of the program itself is broken: a bug, never a refusal."""
    if not condition:
        raise AssertionError(broken)
