"""Columns of values reach PostgreSQL as they are, however they are written."""

from uuid import UUID

import psycopg
import pytest
from django.db import DataError, connection
from hypothesis import given
from hypothesis import strategies as st
from psycopg.types.array import ListDumper

from orderwerk.core import sql
from orderwerk.core.columns import ColumnDumper

pytestmark = pytest.mark.django_db
# Without the halves of surrogate pairs, which are no text; without the zero byte, which PostgreSQL's texts cannot hold.
_TEXTS = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\x00"))


def _returned(values: list[object], kind: str) -> object:
    return sql.fetch(f"select %s::{kind}[]", (values,))[0][0]


@given(
    st.lists(
        st.one_of(
            st.none(),
            _TEXTS,
            st.sampled_from(
                ['"', "\\", "{", ",", "", "NULL", "\x01", '"\x01"', "é€\U0001f4e6", " "]
            ),
        )
    )
)
def test_texts_come_back_as_they_were(values: list[str | None]) -> None:
    assert _returned(list(values), "text") == values


@given(st.lists(st.one_of(st.none(), st.uuids())))
def test_ids_come_back_as_they_were(values: list[UUID | None]) -> None:
    assert _returned(list(values), "uuid") == values


@given(st.lists(st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1))))
def test_whole_numbers_come_back_as_they_were(values: list[int | None]) -> None:
    assert _returned(list(values), "bigint") == values


def test_other_kinds_are_left_to_the_library() -> None:
    assert _returned([True, None, False], "boolean") == [True, None, False]
    assert _returned([None, None], "text") == [None, None]
    assert _returned([], "text") == []
    assert _returned([["a", 'b"'], ["c", "d"]], "text") == [["a", 'b"'], ["c", "d"]]


def test_a_zero_byte_is_refused_and_joins_nothing() -> None:
    with pytest.raises(DataError, match="NUL"):
        _returned(["a\x00b", "c"], "text")


def test_every_connection_writes_columns_at_once() -> None:
    connection.ensure_connection()
    dumper = psycopg.adapt.Transformer(connection.connection).get_dumper(["a"], psycopg.adapt.PyFormat.AUTO)  # fmt: skip
    assert type(dumper) is ColumnDumper
    assert issubclass(ColumnDumper, ListDumper)
