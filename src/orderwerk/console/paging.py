"""Reads one page of a list; an address that makes no sense (an old cursor, an unknown sort) gives the first page."""

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from orderwerk.console.lists import Asked
from orderwerk.core.errors import BadInput
from orderwerk.core.keyset import Page

T = TypeVar("T")


def read_page(
    asked: Asked, read: Callable[[Asked], Page[T]], *, sort: str
) -> tuple[Asked, Page[T]]:
    """Return the page that was asked for, and what was asked as it was understood."""
    try:
        return asked, read(asked)
    except BadInput:
        plain = replace(asked, sort=sort, cursor="", trail=())
        return plain, read(plain)
