"""What a deed is, and the table of all deeds."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from orderwerk.core.outcome import Outcome
from tests.build import TESTER
from tests.histories.life.story import Story, Wish

Draw = Callable[[Story, Random], Wish | None]
Run = Callable[[list[tuple[Story, Wish]]], Sequence[Outcome | None]]
Judge = Callable[[Story, Wish, Any], None]


@dataclass(frozen=True)
class Deed:
    """One thing that people or programs do; `run` does it for many histories in one call of the command."""

    name: str
    weight: int
    draw: Draw
    run: Run
    judge: Judge


def by(command: Callable[..., Sequence[Outcome]]) -> Run:
    """Call a bulk command with the items of all histories."""
    return lambda parts: command([wish.item for _, wish in parts], actor=TESTER)


def anything(story: Story, wish: Wish, outcome: Any) -> None:
    """Take whatever the command says: what it did is seen in the rows."""
