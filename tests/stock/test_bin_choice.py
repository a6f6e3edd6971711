"""The rule by which pieces are taken from bins: faces first, few stops, small remainders, walking order."""

from dataclasses import dataclass
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from orderwerk.stock.bin_choice import choose_bins


@dataclass
class Row:
    """A bin of the test."""

    code: str
    free: int
    position: int = 0
    use: str = "face"
    lot: str = ""
    expires_on: date | None = None


def chosen(quantity: int, *rows: Row) -> list[tuple[str, int]]:
    return [(row.code, part) for row, part in choose_bins(rows, quantity)]


def test_the_bin_that_is_emptied_comes_before_one_that_is_nearer() -> None:
    assert chosen(3, Row("A", 9, 1), Row("B", 3, 2)) == [("B", 3)]


def test_the_smallest_remainder_comes_first_and_equal_bins_in_walking_order() -> None:
    assert chosen(3, Row("A", 9, 1), Row("B", 4, 2), Row("C", 4, 3)) == [("B", 3)]


def test_faces_come_before_bulk_though_bulk_has_all() -> None:
    assert chosen(5, Row("A", 100, 1, "bulk"), Row("B", 2, 2), Row("C", 1, 3)) == [("A", 2), ("B", 2), ("C", 1)]  # fmt: skip
    assert chosen(2, Row("A", 100, 1, "bulk"), Row("B", 2, 2)) == [("B", 2)]


def test_where_no_bin_has_all_the_fullest_saves_stops() -> None:
    assert chosen(7, Row("A", 1, 1), Row("B", 2, 2), Row("C", 5, 3)) == [("B", 2), ("C", 5)]


def test_what_expires_first_goes_first_also_from_bulk_and_what_never_expires_last() -> None:
    soon, late = date(2027, 1, 1), date(2027, 6, 1)
    rows = (
        Row("A", 9, 1),
        Row("B", 9, 2, lot="L", expires_on=late),
        Row("C", 2, 3, "bulk", "S", soon),
        Row("D", 1, 4, "face", "S", soon),
    )

    assert chosen(3, *rows) == [("C", 2), ("D", 1)]
    assert chosen(4, *rows) == [("B", 1), ("C", 2), ("D", 1)]
    assert chosen(13, *rows) == [("A", 1), ("B", 9), ("C", 2), ("D", 1)]


def test_what_is_not_there_is_not_chosen() -> None:
    assert chosen(7, Row("A", 1, 1), Row("B", 0, 2)) == [("A", 1)]


@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 5), st.sampled_from(["face", "bulk"])), max_size=8),
    st.integers(1, 30),
)  # fmt: skip
def test_as_much_as_there_is_never_more_than_lies_there(bins: list[tuple[int, int, str]], quantity: int) -> None:  # fmt: skip
    rows = [Row(str(i), free, position, use) for i, (free, position, use) in enumerate(bins)]

    found = choose_bins(rows, quantity)

    assert sum(part for _, part in found) == min(quantity, sum(row.free for row in rows))
    assert all(0 < part <= row.free for row, part in found)
    assert [row.position for row, _ in found] == sorted(row.position for row, _ in found)
    faces = sum(row.free for row in rows if row.use == "face")
    assert sum(part for row, part in found if row.use == "face") == min(quantity, faces)
    # At most one bin of each use keeps a remainder.
    for use in ("face", "bulk"):
        assert sum(1 for row, part in found if row.use == use and part < row.free) <= 1
