"""Tables of allowed moves: status → the statuses it may come from; checked by tests and by PostgreSQL."""

from collections.abc import Mapping

from orderwerk.core.errors import ensure

Moves = Mapping[str, frozenset[str]]


def check_moves(moves: Moves, *, start: frozenset[str], final: frozenset[str]) -> None:
    """Prove that each status can be reached and each that is not final can be left (a bug otherwise)."""
    reached = set(start)
    while grown := {to for to, origins in moves.items() if to not in reached and origins & reached}:
        reached |= grown
    ensure(reached == set(moves) | start, f"unreachable: {sorted((set(moves) | start) - reached)}")
    left = {origin for origins in moves.values() for origin in origins}
    ensure(set(moves) | start == left | final, "a status that is not final cannot be left")


def guard_arguments(moves: Moves, *, start: frozenset[str]) -> tuple[str, str]:
    """Return the two arguments of a table's guard_status() trigger: where rows may start, and every allowed move."""
    pairs = sorted(f"{origin}>{to}" for to, origins in moves.items() for origin in origins)
    return ",".join(sorted(start)), ",".join(pairs)
