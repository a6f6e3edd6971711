"""One call of the API: who calls, what stands in address, headers and body; everything is checked before it is used."""

import dataclasses
import hashlib
import re
from typing import Any, TypeVar

import msgspec
from django.http import HttpRequest

from orderwerk.accounts.queries import Access, access_for_token
from orderwerk.api.errors import KeyRequired, TooLarge, Unauthorized, WrongMediaType
from orderwerk.core.actor import Actor
from orderwerk.core.decode import load_json
from orderwerk.core.errors import BadInput, Malformed, NotAllowed
from orderwerk.core.idempotency import LONGEST_KEY
from orderwerk.core.structs import made_of
from orderwerk.core.text import check_clean

ONE_DOCUMENT = 5 * 1024 * 1024
BULK = 20 * 1024 * 1024
_KEY = re.compile(rf"[\x21-\x7e]{{1,{LONGEST_KEY}}}")
_WHOLE = re.compile(r"-?[0-9]{1,9}")
# A plus sign that was not escaped arrives as a blank: the offset of an instant is the only place where one is meant.
_BLANK_OFFSET = re.compile(r"(?<=[0-9]) (?=[0-9]{2}:[0-9]{2}$)")

F = TypeVar("F")


def access_of(request: HttpRequest) -> Access:
    """Return who calls; refuses (Unauthorized) without a token that is good."""
    kind, _, raw = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    access = access_for_token(raw.strip()) if kind.lower() == "bearer" else None
    if access is None:
        raise Unauthorized("Send a token that is good: Authorization: Bearer owt_…")
    return access


class Call:
    """A request by a caller who has been let in."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        self.access = access_of(request)

    @property
    def actor(self) -> Actor:
        """The actor on whose behalf commands run."""
        return self.access.actor

    def need(self, scopes: tuple[str, ...]) -> None:
        """Refuse (NotAllowed) a caller who has none of these scopes."""
        if not any(self.access.may(scope) for scope in scopes):
            raise NotAllowed(
                f"This token lacks the scope {' or '.join(scopes)}.", code="missing_scope"
            )

    def key(self, *, required: bool = False) -> str | None:
        """Return the Idempotency-Key; refuses one that is required and missing, or that is no plain text."""
        key: str | None = self.request.META.get("HTTP_IDEMPOTENCY_KEY")
        if key is None:
            if required:
                raise KeyRequired("Send an Idempotency-Key, so that nothing moves twice.")
            return None
        if not _KEY.fullmatch(key):
            raise Malformed(
                f"An Idempotency-Key has 1 to {LONGEST_KEY} printable ASCII characters.",
                code="invalid_idempotency_key",
            )
        return key

    def body(self, most_bytes: int) -> bytes:
        """Return the body; refuses another type than JSON, and a body that says it is larger before reading it."""
        meta = self.request.META
        kind = meta.get("CONTENT_TYPE", "").split(";")[0].strip().lower()
        if (
            kind != "application/json"
            or meta.get("HTTP_CONTENT_ENCODING", "identity") != "identity"
        ):
            raise WrongMediaType("Send plain JSON: Content-Type: application/json.")
        if "chunked" in meta.get("HTTP_TRANSFER_ENCODING", "").lower():
            return self._chunked(most_bytes)
        length = meta.get("CONTENT_LENGTH") or "0"
        if not length.isdecimal() or int(length[:20]) > most_bytes:
            raise self._too_large(most_bytes)
        return self.request.body

    def _chunked(self, most_bytes: int) -> bytes:
        # Django takes a body without a length for an empty one; the server has it all the same.
        body: bytes = self.request.META["wsgi.input"].read(most_bytes + 1)
        if len(body) > most_bytes:
            raise self._too_large(most_bytes)
        return body

    @staticmethod
    def _too_large(most_bytes: int) -> TooLarge:
        return TooLarge(f"A body here has {most_bytes // (1024 * 1024)} MB at most.")

    def json(self, most_bytes: int) -> tuple[bytes, Any]:
        """Return the body and the JSON value in it; see `body` and `load_json`."""
        body = self.body(most_bytes)
        return body, load_json(body)

    def fingerprint(self, body: bytes) -> bytes:
        """Return the hash by which the same request is known again."""
        start = f"{self.request.method} {self.request.path}\n".encode()
        return hashlib.sha256(start + body).digest()

    def no_query(self) -> None:
        """Refuse query parameters where none is known."""
        self.query(_Nothing)

    def query(self, kind: type[F]) -> F:
        """Return the query parameters as the dataclass `kind`; refuses unknown ones, doubles and wrong values."""
        known = {field.name for field in dataclasses.fields(kind)}  # type: ignore[arg-type]
        found: dict[str, str] = {}
        for name, values in self.request.GET.lists():
            if name not in known:
                raise BadInput(
                    f"There is no parameter {name[:60]!r} here.", code="unknown_parameter"
                )
            if len(values) > 1:
                raise BadInput(f"The parameter {name} stands twice.", code="duplicate_parameter")
            check_clean(values[0], f"/{name}")
            if name == "limit" and not _WHOLE.fullmatch(values[0]):
                raise BadInput(
                    "limit is a whole number.", code="invalid_parameter", pointer="/limit"
                )
            found[name] = _BLANK_OFFSET.sub("+", values[0])
        try:
            return made_of(found, kind, strict=False)
        except msgspec.ValidationError as error:
            sentence, _, place = str(error).partition(" - at `$.")
            raise BadInput(
                f"{sentence}.",
                code="invalid_parameter",
                pointer=f"/{place.rstrip('`')}" if place else "",
            ) from error


@dataclasses.dataclass(frozen=True)
class _Nothing:
    """No parameters."""
