"""Takes over what providers tell of what we asked them for: each thing once in a call, and what is known already changes nothing."""

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar
from uuid import UUID

from orderwerk.core.errors import Refusal
from orderwerk.core.outcome import Outcome


class Known(Protocol):
    """A thing of ours as it stands under its lock."""

    @property
    def id(self) -> UUID: ...  # noqa: D102


N = TypeVar("N")
K = TypeVar("K", bound=Known)
C = TypeVar("C")


def take_news(
    items: Sequence[N], find: Callable[[N], K], decide: Callable[[K, N], C | None]
) -> tuple[list[Outcome], list[C]]:
    """Decide item by item what changes; returns the outcomes and the changes, one per thing at the most.

    `find` and `decide` refuse an item by raising; `decide` returns None for what is no news.
    """
    outcomes: list[Outcome] = []
    changes: dict[UUID, C] = {}
    for item in items:
        try:
            known = find(item)
            change = None if known.id in changes else decide(known, item)
        except Refusal as refusal:
            outcomes.append(Outcome.refused(refusal))
            continue
        if change is not None:
            changes[known.id] = change
        outcomes.append(Outcome.done(known.id, changed=change is not None))
    return outcomes, list(changes.values())
