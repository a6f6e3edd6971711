"""Pages of lists: the conditions of a list, and opaque signed cursors that stay right while rows arrive."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from django.core.signing import BadSignature, Signer

from orderwerk.core import sql
from orderwerk.core.errors import BadInput

MOST_ROWS = 200
_LONGEST_CURSOR = 1000

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some rows of a list, and the cursor of the page after them (None: this is the last)."""

    items: list[T]
    next: str | None


@dataclass(frozen=True, slots=True)
class Sorting:
    """One way to sort a list: columns that are together unique and never null, all in one direction."""

    name: str
    keys: tuple[tuple[str, str], ...]
    descending: bool


@dataclass(slots=True)
class Conditions:
    """What rows must fulfil; each condition brings its values along."""

    parts: list[str] = field(default_factory=list)
    params: list[Any] = field(default_factory=list)

    def add(self, condition: str, *params: Any) -> None:  # noqa: ANN401 - any SQL value
        """Ask for one more thing."""
        self.parts.append(condition)
        self.params.extend(params)

    def narrow(self, filters: object, conditions: Mapping[str, str]) -> None:
        """Add the condition of every filter that has a value; a filter's name is an attribute of `filters`."""
        for name, condition in conditions.items():
            value = getattr(filters, name)
            if value is not None:
                self.add(condition, *[value] * condition.count("%s"))

    def where(self) -> str:
        """Return the conditions as the text behind `where`."""
        return " and ".join(self.parts) or "true"


@dataclass(slots=True)
class Select:
    """A list as SQL: columns, where they come from, and what rows must fulfil; `before` is its `with` part."""

    columns: str
    source: str
    where: Conditions
    before: str = ""
    before_params: Sequence[Any] = ()


def sortings(**keys: tuple[tuple[str, str], ...]) -> dict[str, Sorting]:
    """Make both directions of each sort: `placed_at` and `-placed_at`. A key is (SQL column, SQL type)."""
    made: dict[str, Sorting] = {}
    for name, columns in keys.items():
        made[name] = Sorting(name, columns, descending=False)
        made[f"-{name}"] = Sorting(f"-{name}", columns, descending=True)
    return made


def chosen(known: Mapping[str, Sorting], name: str) -> Sorting:
    """Return the sort of that name; refuses (BadInput) an unknown one."""
    if name not in known:
        raise BadInput(
            f"A list cannot be sorted by {name[:60]!r}; it can by {', '.join(known)}.",
            code="unknown_sort",
            pointer="/sort",
        )
    return known[name]


def prefix_range(column: str, prefix: str) -> tuple[str, list[str]]:
    """Return the condition that a text column in collation "C" starts with a prefix, as a range of its index."""
    # In "C" order the texts that start with a prefix lie between it and it followed by the largest character.
    return f"({column} >= %s and {column} < %s)", [prefix, prefix + "\U0010ffff"]


def word_query(text: str) -> str:
    """Return a text-search query (to_tsquery, configuration simple) for all words of a text, each as a beginning."""
    # Within quotes PostgreSQL splits a word as it did when it stored it; only quote and backslash mean something there.
    words = text.replace("'", " ").replace("\\", " ").split()[:8]
    return " & ".join(f"'{word}':*" for word in words)


def _signer(sorting: Sorting) -> Signer:
    return Signer(salt=f"orderwerk.cursor.{sorting.name}.{sorting.keys[0][0]}")


def write_cursor(sorting: Sorting, values: Sequence[Any]) -> str:
    """Return the opaque text that stands for a row's place in a sort."""
    texts = [v.isoformat() if hasattr(v, "isoformat") else str(v) for v in values]
    return _signer(sorting).sign_object(texts)


def read_cursor(sorting: Sorting, cursor: str) -> list[str]:
    """Return the sort values that a cursor stands for; refuses (BadInput) any that we did not write for this sort."""
    try:
        # Cut off, a text that is too long has a wrong signature.
        values: list[str] = _signer(sorting).unsign_object(cursor[:_LONGEST_CURSOR])
    except (BadSignature, ValueError) as error:
        raise BadInput(
            "This cursor is not one that this list gave out for this sort; start without one.",
            code="invalid_cursor",
            pointer="/cursor",
        ) from error
    return values


def after(sorting: Sorting, cursor: str) -> tuple[str, list[str]]:
    """Return the condition, with its values, that a row comes after a cursor."""
    values = read_cursor(sorting, cursor)
    columns = ", ".join(column for column, _ in sorting.keys)
    marks = ", ".join(f"%s::{kind}" for _, kind in sorting.keys)
    return f"({columns}) {'<' if sorting.descending else '>'} ({marks})", values


def order_by(sorting: Sorting) -> str:
    """Return the text behind `order by`."""
    direction = " desc" if sorting.descending else ""
    return ", ".join(column + direction for column, _ in sorting.keys)


def check_limit(limit: int) -> int:
    """Return a page's size; refuses (BadInput) any but 1 to 200."""
    if not 1 <= limit <= MOST_ROWS:
        raise BadInput(
            f"limit is a whole number from 1 to {MOST_ROWS}.",
            code="limit_out_of_range",
            pointer="/limit",
        )
    return limit


def fetch_page(
    select: Select, sorting: Sorting, cursor: str | None, limit: int
) -> tuple[list[sql.Row], str | None]:
    """Read one page in one statement: its rows without the sort keys, and the cursor of the next page."""
    where = Conditions(list(select.where.parts), list(select.where.params))
    if cursor:
        condition, values = after(sorting, cursor)
        where.add(condition, *values)
    keys = ", ".join(column for column, _ in sorting.keys)
    rows = sql.read(
        f"{select.before} select {select.columns}, {keys} from {select.source} "
        f"where {where.where()} order by {order_by(sorting)} limit %s",
        [*select.before_params, *where.params, check_limit(limit) + 1],
    )
    width = len(sorting.keys)
    more = write_cursor(sorting, rows[limit - 1][-width:]) if len(rows) > limit else None
    return [row[:-width] for row in rows[:limit]], more
