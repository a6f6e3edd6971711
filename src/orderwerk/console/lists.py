"""Overview lists: what a page says about its tabs, filters, columns, rows and actions; the template draws it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.utils.functional import Promise

Words = str | Promise
_LONGEST_TRAIL = 200
_FIRST_YEAR, _LAST_YEAR = 1970, 2200
ROWS = 50
FILES = {"csv": "CSV", "xlsx": "Excel"}


@dataclass(frozen=True, slots=True)
class Tab:
    """A tab above a list, by status mostly; `count` is exact, None where there is nothing to count.

    `sort` is the tab's own: it opens with it, and the others know nothing of it.
    """

    key: str
    label: Words
    count: int | None = None
    sort: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its key in `sort=`, its heading, and classes such as money; hidden ones only speak."""

    key: str
    label: Words
    classes: str = ""
    sortable: bool = False
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Filter:
    """A choice beside the search box: name of the parameter, what "all" is called, and the choices; or a day."""

    name: str
    label: Words
    choices: Sequence[tuple[str, Words]] = ()
    is_day: bool = False


@dataclass(frozen=True, slots=True)
class BulkAction:
    """What can be done with the chosen rows at once; posts `id`s to `url` and shows a result per item, or opens a file."""

    label: Words
    url: str
    icon: str = ""
    confirm: Words = ""
    danger: bool = False
    opens_file: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """What the reader asked for, as it stands in the address."""

    tab: str = ""
    q: str = ""
    sort: str = ""
    cursor: str = ""
    trail: tuple[str, ...] = ()
    filters: dict[str, str] = field(default_factory=dict)
    file: str = ""
    limit: int = ROWS

    @staticmethod
    def read(
        request: HttpRequest, *, tabs: Sequence[str], filters: Sequence[str] = (), sort: str = ""
    ) -> "Asked":
        """Read an address; an unknown tab is the first one. The sort is a column's key, with "-" for descending."""
        got = request.GET
        tab = got.get("status", "")
        trail = tuple(got.get("trail", "").split("~")[:_LONGEST_TRAIL]) if "trail" in got else ()
        return Asked(
            tab=tab if tab in tabs else (tabs[0] if tabs else ""),
            q=got.get("q", "").replace("\x00", "").strip()[:200],
            sort=got.get("sort", sort)[:40],
            cursor=got.get("cursor", "")[:500],
            trail=trail,
            filters={
                name: got[name][:200].replace("\x00", "") for name in filters if got.get(name)
            },
            file=got.get("file", "") if got.get("file", "") in FILES else "",
        )

    def day(self, name: str) -> date | None:
        """Return the day that a filter names; None when it names none that makes sense."""
        try:
            day = date.fromisoformat(self.filters.get(name, ""))
        except ValueError:
            return None
        return day if _FIRST_YEAR <= day.year <= _LAST_YEAR else None

    def query(self) -> str:
        """Write it back as a query string, without what is empty."""
        values = {
            "status": self.tab,
            "q": self.q,
            **self.filters,
            "sort": self.sort,
            "cursor": self.cursor,
            "file": self.file,
        }
        pairs = [(name, value) for name, value in values.items() if value]
        if self.trail:
            pairs.append(("trail", "~".join(self.trail)))
        return urlencode(pairs)


@dataclass
class Listing:
    """One overview list, ready to be drawn by console/parts/listing.html."""

    path: str
    asked: Asked
    columns: Sequence[Column]
    rows: Collection[Any]
    row_template: str
    tabs: Sequence[Tab] = ()
    filters: Sequence[Filter] = ()
    search: Words = ""
    # A template with what else was found, between the filters and the rows.
    above: str = ""
    next_cursor: str | None = None
    bulk: Sequence[BulkAction] = ()
    is_exportable: bool = False
    # Where something is done with all that the list shows, however many pages it has.
    all_url: str = ""
    empty_icon: str = "search"
    empty_title: Words = ""
    empty_text: Words = ""

    def _url(self, **changes: Any) -> str:  # noqa: ANN401 - fields of Asked
        query = replace(self.asked, **{"cursor": "", "trail": (), **changes}).query()
        return f"{self.path}?{query}" if query else self.path

    def tab_links(self) -> list[dict[str, Any]]:
        """Return the tabs with address and whether each is open."""
        own = {tab.sort for tab in self.tabs if tab.sort}
        sort = "" if self.asked.sort.removeprefix("-") in own else self.asked.sort
        return [
            {
                "tab": tab,
                "url": self._url(tab=tab.key, sort=tab.sort or sort),
                "open": tab.key == self.asked.tab,
            }
            for tab in self.tabs
        ]

    def exports(self) -> list[dict[str, str]]:
        """Return the links that download the whole list as filtered and sorted now."""
        if not (self.is_exportable and self.rows):
            return []
        return [{"label": label, "url": self._url(file=ending)} for ending, label in FILES.items()]

    def headings(self) -> list[dict[str, Any]]:
        """Return the columns with the address that sorts by each, and how the list is sorted now."""
        found = []
        for column in self.columns:
            now = {column.key: "ascending", f"-{column.key}": "descending"}.get(self.asked.sort, "")
            wish = column.key if now == "descending" else f"-{column.key}"
            found.append(
                {
                    "column": column,
                    "url": self._url(sort=wish),
                    "sorted": now if column.sortable else "",
                }
            )
        return found

    def filter_fields(self) -> list[dict[str, Any]]:
        """Return the filters with the value chosen now."""
        return [
            {"filter": item, "value": self.asked.filters.get(item.name, "")}
            for item in self.filters
        ]

    @property
    def is_filtered(self) -> bool:
        """Whether fewer rows than all of the tab are asked for."""
        return bool(self.asked.q or self.asked.filters)

    @property
    def days_cross(self) -> bool:
        """Whether the first day that is asked for is after the last."""
        first, last = self.asked.day("from"), self.asked.day("to")
        return first is not None and last is not None and first > last

    @property
    def plain_url(self) -> str:
        """The same tab without search and filters."""
        return self._url(q="", filters={})

    @property
    def next_url(self) -> str:
        """The address of the next page; empty on the last one."""
        if not self.next_cursor:
            return ""
        return self._url(cursor=self.next_cursor, trail=(*self.asked.trail, self.asked.cursor))

    @property
    def previous_url(self) -> str:
        """The address of the page before; empty on the first one."""
        if not self.asked.cursor:
            return ""
        before = self.asked.trail or ("",)
        return self._url(cursor=before[-1], trail=before[:-1])

    @property
    def whole_url(self) -> str:
        """The address of what is done with all that the list shows, as it is filtered; empty where one page is all."""
        pages = self.next_cursor or self.asked.cursor
        query = replace(self.asked, cursor="", trail=()).query()
        return f"{self.all_url}?{query}" if self.all_url and pages else ""

    @property
    def span(self) -> int:
        """How many columns the table has, with the one for the check boxes."""
        return len(self.columns) + bool(self.bulk)
