"""What was answered to a scan, kept with it under its key: an equal scan is answered the same again, another one refused."""

import hashlib
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec

from orderwerk.core import sql
from orderwerk.core.errors import (
    BadInput,
    Conflict,
    LimitExceeded,
    NotAllowed,
    NotFound,
    Refusal,
    WrongState,
)
from orderwerk.core.outcome import Outcome

_FAMILIES = {
    family.family: family
    for family in (BadInput, NotFound, WrongState, LimitExceeded, NotAllowed, Conflict)
}


def contents_of(item: msgspec.Struct) -> str:
    """Return a digest of what a scan says, but for when it is sent, which is another time each time.

    What is left out does not count, so that a later version knows it again.
    """
    said = {
        f.encode_name: value
        for f in msgspec.structs.fields(item)
        if f.name != "now" and (value := getattr(item, f.name)) != f.default
    }
    return hashlib.sha256(msgspec.json.encode(said, order="sorted")).hexdigest()


def key_in_use() -> Outcome:
    """Return the refusal of a scan whose key belongs to another one."""
    return Outcome.refused(
        Conflict("This key belongs to another scan.", code="key_in_use", pointer="/key")
    )


def kept_answer(item: msgspec.Struct, outcome: Outcome) -> dict[str, Any]:
    """Return what is kept of an answer, next to a refusal's code and message."""
    error = outcome.error
    kept: dict[str, Any] = {"contents": contents_of(item), "id": outcome.id, "data": outcome.data}
    if error is not None:
        kept["refusal"] = {"family": error.family, "pointer": error.pointer, "details": error.details}  # fmt: skip
    return kept


def answer_again(
    contents: str, kept: Mapping[str, Any], refusal: str, message: str, done: UUID
) -> Outcome:
    """Return the answer to a scan whose key is known; `done` is the id where the kept answer is too old to name it."""
    # Before answers were kept whole, only the data of those that were done was.
    if kept.get("contents", contents) != contents:
        return key_in_use()
    if not refusal:
        data = kept["data"] if "contents" in kept else kept
        return Outcome.done(UUID(kept["id"]) if kept.get("contents") else done, **data)
    how = kept.get("refusal", {})
    family: type[Refusal] = _FAMILIES.get(how.get("family", ""), WrongState)
    return Outcome.refused(
        family(message, code=refusal, pointer=how.get("pointer", ""), details=how.get("details"))
    )


def kept_from(answer: str) -> dict[str, Any]:
    """Read what was kept."""
    kept: dict[str, Any] = sql.from_json(answer)
    return kept
