"""Compares name by name what clients sent, what they were told, and what the tables hold; and sees whether it would notice."""

from collections.abc import Collection, Mapping

Told = Mapping[str, str]


def differences(sent: Collection[str], told: Told, there: Told) -> dict[str, list[str]]:
    """Return what does not agree, by kind; empty where all does. `told` and `there` say of each order what became of it."""
    found = {
        "sent and not answered": sorted(set(sent) - told.keys()),
        "answered and not there": sorted(told.keys() - there.keys()),
        "there and never sent": sorted(there.keys() - set(sent)),
        "there otherwise than answered": sorted(n for n in told.keys() & there.keys() if told[n] != there[n]),
    }  # fmt: skip
    return {kind: names for kind, names in found.items() if names}


def unseen(sent: Collection[str], told: Told, there: Told) -> list[str]:
    """Plant one fault of each kind in what agrees, and return those that are not found."""
    name = next(iter(sent))
    planted = {
        "sent and not answered": ([*sent, "forgotten"], told, there),
        "answered and not there": (sent, told, {n: what for n, what in there.items() if n != name}),
        "there and never sent": (sent, told, {**there, "nobody's": "x"}),
        "there otherwise than answered": (sent, {**told, name: "otherwise"}, there),
    }
    return [kind for kind, sides in planted.items() if kind not in differences(*sides)]
