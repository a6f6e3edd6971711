"""While the disk is full: what is answered otherwise than done or 503 is named, and reads have to live."""

from collections import Counter

import pytest

from lab.disk_full import answers_missed, answers_wrong

_PEOPLE = {200: 5, 201: 5, 503: 20, 409: 1}


def _asked(read: int, refused: int) -> Counter[tuple[str, int]]:
    return Counter({("orders", 200): read, ("orders", 503): refused, ("a write", 503): 30})


@pytest.mark.parametrize(
    ("kind", "read", "refused"), [("everything", 141, 0), ("data", 104, 10), ("wal", 0, 60)]
)
def test_what_may_be_is_not_named_and_what_is_planted_is(
    kind: str, read: int, refused: int
) -> None:
    asked = _asked(read, refused)

    assert answers_wrong(kind, _PEOPLE, asked) == []
    assert answers_missed(kind, _PEOPLE, asked) == []


@pytest.mark.parametrize(
    ("kind", "read", "refused"),
    [("everything", 100, 41), ("everything", 0, 0), ("data", 50, 50), ("data", 0, 60)],
)
def test_reads_that_do_not_live_are_named(kind: str, read: int, refused: int) -> None:
    assert answers_wrong(kind, _PEOPLE, _asked(read, refused)) == [
        f"reads: {{200: {read}, 503: {refused}}}"
    ]


@pytest.mark.parametrize("status", [0, 404, 500, 502])
def test_any_other_answer_is_named(status: int) -> None:
    assert answers_wrong("wal", {**_PEOPLE, status: 2}, _asked(0, 60)) == [f"2 answers of {status}"]
    assert answers_wrong("wal", _PEOPLE, _asked(0, 60) + Counter({("orders", status): 2})) == [
        f"2 answers of {status}"
    ]
