"""Turns handlers into Django views: the method, the caller, and every refusal and failure as a problem document."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import msgspec
import psycopg
from django.core.exceptions import RequestDataTooBig
from django.db import DataError, OperationalError
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.views.decorators.csrf import csrf_exempt
from psycopg.errors import ConnectionTimeout

from orderwerk.api.call import Call
from orderwerk.api.errors import (
    Broken,
    Busy,
    MethodNotAllowed,
    TooLarge,
    headers_of,
    problem_of,
    status_of,
)
from orderwerk.core.errors import BadInput, Malformed, Refusal

_log = logging.getLogger(__name__)
_encoder = msgspec.json.Encoder()


@dataclass(frozen=True, slots=True)
class Answer:
    """What a handler answers: a status, a JSON body, and headers of its own."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)

    @staticmethod
    def of(value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> "Answer":
        """Answer a value as JSON."""
        return Answer(status, _encoder.encode(value), headers or {})

    @staticmethod
    def refused(refusal: Refusal) -> "Answer":
        """Answer a refusal as a problem document."""
        return Answer.of(problem_of(refusal), status_of(refusal), headers_of(refusal))


Handler = Callable[..., Answer]


def respond(answer: Answer, *, with_body: bool) -> HttpResponse:
    """Make the HTTP response of an answer."""
    kind = "application/json" if answer.status < 400 else "application/problem+json"
    response = HttpResponse(
        answer.body if with_body else b"", status=answer.status, content_type=kind
    )
    # What is answered is about people and never belongs in a cache.
    response["Cache-Control"] = "no-store"
    for name, value in answer.headers.items():
        response[name] = value
    return response


def _may_have_happened(error: BaseException | None) -> bool:
    """Say whether a connection was lost that stood, on the way to this error: perhaps while it committed.

    What the server refuses in words is undone, and who could not connect asked for nothing.
    """
    while error is not None:
        if isinstance(error, psycopg.OperationalError):
            is_lost = error.sqlstate is None or error.sqlstate.startswith(("08", "57P"))
            if is_lost and error.pgconn is None and not isinstance(error, ConnectionTimeout):
                return True
        error = error.__context__
    return False


def _no_database(error: Exception, *, only_reads: bool) -> Refusal:
    # One line: while a database restarts, every request comes by here.
    _log.warning("the database did not answer: %s", str(error).strip().split("\n")[0])
    if only_reads or not _may_have_happened(error):
        return Busy("The database is busy. Nothing happened; send the same request again.")
    return Busy(
        "The connection to the database was lost. It may have happened; repeat it under the same Idempotency-Key."
    )


def _failure(error: Exception, *, only_reads: bool) -> Refusal:
    match error:
        case RequestDataTooBig():
            return TooLarge("The body is larger than 20 MB.")
        case UnreadablePostError():
            return Malformed("The body broke off.", code="broken_body")
        case DataError():
            _log.warning("a value came as far as the database", exc_info=error)
            return BadInput("A value is out of range.", code="invalid_value")
        case OperationalError():
            return _no_database(error, only_reads=only_reads)
        case _:
            _log.error("a request failed", exc_info=error)
            return Broken("This is a fault of ours. It has been noted; nothing was changed.")


def _answer(
    request: HttpRequest, methods: Mapping[str, Handler], words: Mapping[str, str]
) -> Answer:
    handler = methods.get("GET" if request.method == "HEAD" else request.method or "")
    if handler is None:
        allow = ", ".join([*methods, *(["HEAD"] if "GET" in methods else []), "OPTIONS"])
        if request.method == "OPTIONS":
            return Answer(204, b"", {"Allow": allow})
        raise MethodNotAllowed(f"{request.method} is not known here.", details={"allow": allow})
    return handler(Call(request), **words)


def endpoint(**methods: Handler) -> Callable[..., HttpResponse]:
    """Make a Django view of one handler per method; HEAD is GET without a body, OPTIONS says what there is.

    No cookie lets anybody in here, so the check against forged forms has nothing to protect.
    """

    @csrf_exempt
    def view(request: HttpRequest, **words: str) -> HttpResponse:
        return guarded(request, lambda: _answer(request, methods, words))

    return view


def guarded(request: HttpRequest, run: Callable[[], Answer]) -> HttpResponse:
    """Answer a request; every refusal and failure comes out as a problem document."""
    try:
        answer = run()
    except Refusal as refusal:
        answer = Answer.refused(refusal)
    except Exception as error:  # noqa: BLE001 - the last line of defence before the caller
        answer = Answer.refused(_failure(error, only_reads=request.method in {"GET", "HEAD"}))
    return respond(answer, with_body=request.method != "HEAD")
