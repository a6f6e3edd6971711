"""Kinds of events: one line of history each, declared once by the room that records it."""

from dataclasses import dataclass

from orderwerk.core.errors import ensure


@dataclass(frozen=True, slots=True)
class EventKind:
    """A declared kind: its name (noun.past participle), what it means, and the payload fields it carries."""

    name: str
    meaning: str
    payload: tuple[str, ...] = ()


KINDS: dict[str, EventKind] = {}


def declare(name: str, meaning: str, *payload: str) -> EventKind:
    """Declare an event kind; each name once in the whole project."""
    ensure(name not in KINDS, f"event kind {name} is declared twice")
    KINDS[name] = EventKind(name, meaning, payload)
    return KINDS[name]
