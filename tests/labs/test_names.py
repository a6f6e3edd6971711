"""Name by name: what was sent, what was answered and what is there; each fault is found by its own list, and none where all agree."""

import pytest

from bench.budgets import BUDGETS, verdict
from bench.names import differences, unseen

_SENT = ["a", "b"]
_SAID = {"a": "claimed", "b": "waits"}


def test_what_agrees_has_no_differences() -> None:
    assert differences(_SENT, _SAID, dict(_SAID)) == {}
    assert unseen(_SENT, _SAID, dict(_SAID)) == []


@pytest.mark.parametrize(
    ("sent", "told", "there", "kind"),
    [
        (["a", "b", "c"], _SAID, _SAID, "sent and not answered"),
        (_SENT, _SAID, {"a": "claimed"}, "answered and not there"),
        (_SENT, _SAID, {**_SAID, "c": "waits"}, "there and never sent"),
        (_SENT, {"a": "waits", "b": "claimed"}, _SAID, "there otherwise than answered"),
    ],
)
def test_each_difference_is_told_by_its_own_list(
    sent: list[str], told: dict[str, str], there: dict[str, str], kind: str
) -> None:
    assert set(differences(sent, told, there)) == {kind}


def test_a_figure_at_its_budget_is_met_and_one_beyond_is_missed() -> None:
    assert verdict("P1", 0.35) == "P1 met (≥ 0.35)"
    assert verdict("P1", 0.34) == "P1 MISSED (≥ 0.35)"
    assert verdict("P9", 60) == "P9 met (≤ 60 s)"
    assert verdict("P9", 60.1) == "P9 MISSED (≤ 60 s)"


def test_there_is_one_budget_of_each_number() -> None:
    assert list(BUDGETS) == [f"P{n}" for n in range(1, 14)]
