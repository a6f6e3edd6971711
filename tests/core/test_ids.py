"""Identifiers begin with the moment that they are of, and those of one moment follow each other."""

from datetime import UTC, datetime, timedelta

import pytest

from orderwerk.core import ids

MOMENT = datetime(2026, 11, 27, 12, 0, 0, 123000, tzinfo=UTC)


def test_ids_of_other_moments_are_uuids_of_version_7_in_the_order_of_moments() -> None:
    later = [ids.new_id_at(MOMENT + timedelta(milliseconds=n)) for n in (2, 0, 1)]
    assert sorted(later) == [later[1], later[2], later[0]]
    assert {(x.version, x.variant) for x in later} == {(7, "specified in RFC 4122")}
    assert ids.moment_of(later[1]) == MOMENT
    assert ids.first_of(MOMENT) < later[1] < ids.first_of(MOMENT + timedelta(milliseconds=1))


def test_ids_of_one_moment_are_in_the_order_in_which_they_were_made() -> None:
    made = [ids.new_id_at(MOMENT) for _ in range(5000)]
    assert made == sorted(set(made))


@pytest.mark.parametrize("year", [1, 1969])
def test_what_was_before_the_count_of_time_begins_with_it(year: int) -> None:
    assert ids.moment_of(ids.new_id_at(datetime(year, 1, 1, tzinfo=UTC))) == datetime(1970, 1, 1, tzinfo=UTC)  # fmt: skip
