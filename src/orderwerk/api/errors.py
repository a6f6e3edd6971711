"""The one place that knows HTTP's answers to refusals: status codes, problem documents (RFC 9457), headers."""

from collections.abc import Mapping
from http import HTTPStatus

import msgspec

from orderwerk.core.errors import (
    BadInput,
    Conflict,
    LimitExceeded,
    Malformed,
    NotAllowed,
    NotFound,
    ProviderFailed,
    Refusal,
    WrongState,
)


class ProblemError(msgspec.Struct, frozen=True):
    """One thing that is wrong: where (a JSON pointer into the body; "" is the whole), a stable word, a sentence."""

    pointer: str
    code: str
    message: str


class Problem(msgspec.Struct, frozen=True):
    """Why a request, or one item of it, was refused."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[ProblemError]


class Unauthorized(Refusal):
    """There is no token, or it is unknown, revoked or past its end."""

    family = "unauthorized"


class MethodNotAllowed(Refusal):
    """This address does not know the method."""

    family = "method_not_allowed"


class TooLarge(Refusal):
    """The body is larger than this address takes."""

    family = "too_large"


class WrongMediaType(Refusal):
    """The body is not plain JSON."""

    family = "unsupported_media_type"


class KeyRequired(Refusal):
    """Money or stock would move without an order document, so an Idempotency-Key is required."""

    family = "idempotency_key_required"


class Busy(Refusal):
    """The database did not answer; the same request may be sent again, and the message says whether it may have happened."""

    family = "busy"


class Broken(Refusal):
    """A fault of ours; it is in the log."""

    family = "internal_error"


_STATUS: dict[type[Refusal], int] = {
    Malformed: 400,
    Unauthorized: 401,
    NotAllowed: 403,
    NotFound: 404,
    MethodNotAllowed: 405,
    WrongState: 409,
    LimitExceeded: 409,
    Conflict: 409,
    ProviderFailed: 409,
    TooLarge: 413,
    WrongMediaType: 415,
    BadInput: 422,
    KeyRequired: 428,
    Broken: 500,
    Busy: 503,
}
_HEADERS: dict[type[Refusal], Mapping[str, str]] = {
    Unauthorized: {"WWW-Authenticate": 'Bearer realm="orderwerk"'},
    Busy: {"Retry-After": "1"},
}


def status_of(refusal: Refusal) -> int:
    """Return the HTTP status of a refusal, by its family."""
    return next(status for family, status in _STATUS.items() if isinstance(refusal, family))


def headers_of(refusal: Refusal) -> dict[str, str]:
    """Return the headers that belong to a refusal's status."""
    found = dict(_HEADERS.get(type(refusal), {}))
    if isinstance(refusal, MethodNotAllowed):
        found["Allow"] = str(refusal.details["allow"])
    return found


def problem_of(refusal: Refusal, at: str = "") -> Problem:
    """Return the problem document of a refusal; `at` is where its item stands in the body."""
    status = status_of(refusal)
    return Problem(
        type=f"urn:orderwerk:problem:{refusal.code}",
        title=HTTPStatus(status).phrase,
        status=status,
        detail=refusal.message,
        errors=[ProblemError(at + refusal.pointer, refusal.code, refusal.message)],
    )
