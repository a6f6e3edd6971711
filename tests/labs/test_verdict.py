"""The labs' judge: finds nothing where all sides agree, and each planted fault by the list that is meant for it."""

import subprocess
from collections import Counter
from dataclasses import replace

import pytest

from lab.kills.people import History
from lab.kills.plants import on_paper
from lab.kills.seen import Checked, Seen, check, checked
from lab.kills.verdict import Sides, judge


def agreeing() -> Sides:
    """Two orders: one sent with a message, of which one piece came back; one cancelled."""
    book = History(
        wanted={"A", "B"}, placed={"A": "a", "B": "b"}, paid={"pa": 2000, "pb": 1000}, shipped={"a"}, notified={"s"},
        cancelled={"b"}, returned={"a": 1}, owed={"pa": 1000, "pb": 1000},
    )  # fmt: skip
    seen = Seen(
        orders=Counter(["A", "B"]), ids={"A": "a", "B": "b"}, shipped=frozenset("a"), cancelled=frozenset("b"), returned={"a": 1},
        refunds={"pa": 1000, "pb": 1000}, emails={"<1>": "sent", "<2>": "sent"}, letters={"s": "<1>"},
    )  # fmt: skip
    arrived, back = Counter(["<1>", "<2>"]), Counter({"pa": 1000, "pb": 1000})
    return Sides(book, seen, arrived, back, Checked(), 0)


def wrong(sides: Sides) -> dict[str, list[str]]:
    return {kind: cases for kind, cases in judge(sides).items() if cases}


def test_where_all_agree_nothing_is_wrong() -> None:
    assert wrong(agreeing()) == {}


@pytest.mark.parametrize("what", [what for what, _, _ in on_paper(agreeing())])
def test_every_planted_fault_is_found(what: str) -> None:
    [(kind, sides)] = [(kind, sides) for w, kind, sides in on_paper(agreeing()) if w == what]

    assert kind in wrong(sides)


def test_planting_changes_nothing_that_was_counted() -> None:
    sides = agreeing()

    list(on_paper(sides))

    assert wrong(sides) == {}


def test_every_list_has_a_plant_on_paper_or_elsewhere() -> None:
    elsewhere = {
        "paid back above what was owed", "paid back above what was paid", "provider and installation differ",
        "still to be done", "not checked by orderwerk check",
    }  # fmt: skip

    assert {kind for _, kind, _ in on_paper(agreeing())} | elsewhere == set(judge(agreeing()))


def test_more_money_back_than_was_owed_is_found_although_both_sides_agree() -> None:
    sides = agreeing()
    both = replace(
        sides,
        back=Counter({"pa": 2000, "pb": 1000}),
        seen=replace(sides.seen, refunds={"pa": 2000, "pb": 1000}),
    )

    assert wrong(both) == {"paid back above what was owed": ["pa"]}


def test_money_that_neither_side_knows_of_is_owed_all_the_same() -> None:
    sides = agreeing()
    neither = replace(
        sides, back=Counter({"pa": 1000}), seen=replace(sides.seen, refunds={"pa": 1000})
    )

    assert wrong(neither) == {"owed and never paid back": ["pb"]}


@pytest.mark.parametrize(("status", "is_wrong"), [("unknown", False), ("failed", True)])
def test_a_message_in_doubt_may_be_missing(status: str, is_wrong: bool) -> None:
    sides = agreeing()
    missing = replace(
        sides,
        arrived=Counter(["<2>"]),
        seen=replace(sides.seen, emails={**sides.seen.emails, "<1>": status}),
    )

    assert bool(wrong(missing)) is is_wrong


def test_work_that_is_left_is_wrong() -> None:
    assert wrong(replace(agreeing(), stuck=3)) == {"still to be done": ["3 things"]}


def _told(*findings: tuple[str, str], unchecked: dict[str, str] | None = None) -> Checked:
    return checked({
        "findings": [{"invariant": name, "object_id": "1", "actual": actual} for name, actual in findings],
        "could_not_check": unchecked or {},
    })  # fmt: skip


def test_what_could_not_be_checked_is_never_good() -> None:
    told = _told(unchecked={"invoice-gapless": "statement timeout"})

    assert wrong(replace(agreeing(), checked=told)) == {
        "not checked by orderwerk check": ["invoice-gapless: statement timeout"]
    }


def test_only_messages_that_may_have_gone_out_are_for_a_person() -> None:
    told = _told(("stuck-emails", "unknown"), ("stuck-emails", "sending"), ("failed-jobs", "7 x"))

    assert told == Checked(("stuck-emails 1: sending", "failed-jobs 1: 7 x"), (), 1)


def test_a_check_that_does_not_answer_is_not_checked() -> None:
    def broken(*_: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.CompletedProcess([], 2, stdout="", stderr="no database")

    assert check(broken) == Checked(unchecked=("ended with 2: no database",))
