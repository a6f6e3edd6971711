"""Finds orders by what people type: the shape of the input decides which index is asked."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from orderwerk.core import ids, sql
from orderwerk.core.keyset import Conditions, Sorting, after, prefix_range, word_query
from orderwerk.orders.normalise import normal_phone, normal_postal_code
from orderwerk.orders.plausible import AHEAD

# The newest hits of one index that a search looks at where it can, and how many where it cannot.
MOST_PER_INDEX = 500
MOST_AT_ALL = 20_000
_NEWEST = 5000
_PHONE = re.compile(r"[+0][0-9 ()./-]{6,30}")
_POSTAL = re.compile(r"[A-Z0-9-]{3,10}")
# A number typed without its country may be from any of these.
_PHONE_COUNTRIES = ("NL", "BE", "DE", "FR", "GB")


@dataclass(slots=True)
class Asked:
    """What a search text may mean: values per kind of thing, and words of names."""

    emails: list[str] = field(default_factory=list)
    phones: list[str] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    postal_codes: list[str] = field(default_factory=list)
    words: str = ""


def understand(text: str) -> Asked:
    """Decide by its shape what a search text may mean; one text may mean several things."""
    text = text.strip()[:200]
    asked = Asked()
    if "@" in text:
        asked.emails.append(text.lower())
        return asked
    has_digit = any(c.isdigit() for c in text)
    if _PHONE.fullmatch(text):
        numbers = {normal_phone(text, country) for country in _PHONE_COUNTRIES}
        asked.phones = sorted(n for n in numbers if n)
    if text and " " not in text:
        asked.codes.append(text)
        if text != text.upper():
            asked.codes.append(text.upper())
    postal = normal_postal_code(text)
    if has_digit and _POSTAL.fullmatch(postal):
        asked.postal_codes.append(postal)
    if not has_digit or " " in text:
        asked.words = text
    return asked


@dataclass(frozen=True, slots=True)
class _Branch:
    """One index that may know the text: a select of order ids, with CUT where their order and number are said."""

    select: str
    order_by: str
    params: list[str]

    def ids(self, most: int) -> str:
        """The newest so many; also where that is all: without an end PostgreSQL reads whole tables beside shops' prefixes."""
        return f"({self.select.replace('CUT', f'order by {self.order_by} limit {most}')})"

    @property
    def has_order_of_pages(self) -> bool:
        """Whether the newest hits of this index are those that come first on a page."""
        return self.order_by == _NEWEST_FIRST

    @property
    def has_order_of_ids(self) -> bool:
        """Whether the hits are in the order of their ids, which begin with the moment an order was placed or came in."""
        return self.order_by.endswith("order_id desc")


@dataclass(frozen=True, slots=True)
class Cut:
    """What the newest hits of every index leave out.

    `loose`: hits of which nothing is known, of indexes in the order of letters. `unseen_until`: of the others, all that is left
    out was placed by that moment.
    """

    loose: bool = False
    unseen_until: datetime | None = None

    def may_change(self, last_placed_at: datetime | None) -> bool:
        """Whether a page of the newest hits, full up to an order placed then or not full (None), may lack others."""
        if self.loose or self.unseen_until is None:
            return self.loose
        return last_placed_at is None or last_placed_at <= self.unseen_until


# People read "1330" off a label that says NL1330: digits alone are looked for behind every shop's prefix too.
_UNDER_PREFIX = (
    "select x.id from (select distinct number_prefix as p from shops_shop where number_prefix <> '') s "
    "cross join lateral (select id from orders_order where number >= s.p || %s and number < s.p || %s CUT) x"
)
_NEWEST_FIRST = "placed_at desc, id desc"
# What customers quote on the telephone from a paper or a letter: whole numbers only, each by its own unique index.
_PAPERS = " union all ".join(
    f"select order_id from {table} where number = %s"
    for table in ("invoices_invoice", "refunds_refund", "return_requests_request", "returns_return", "returns_claim")
)  # fmt: skip


def _branches(asked: Asked) -> list[_Branch]:
    """One sub-select of order ids per index that may know the text."""
    orders = "select id from orders_order where"
    shipments = "select order_id from shipments_shipment where"
    packages = (
        "select h.order_id from shipments_package g join shipments_shipment h on h.id = g.shipment_id "
        "where g.tracking_code <> '' and"
    )
    lists = "select k.order_id from picklists_pick_list w join picklists_line k on k.pick_list_id = w.id"

    def starting(select: str, column: str, order_by: str, values: list[str]) -> Iterator[_Branch]:
        for value in values:
            condition, params = prefix_range(column, value)
            yield _Branch(f"{select} {condition} CUT", order_by, params)

    return [
        *starting(orders, "customer_email", _NEWEST_FIRST, asked.emails),
        *(_Branch(f"{orders} customer_phone = %s CUT", _NEWEST_FIRST, [p]) for p in asked.phones),
        *starting(orders, "postal_code", _NEWEST_FIRST, asked.postal_codes),
        *starting(orders, "number", "number desc", asked.codes),
        *(
            _Branch(_UNDER_PREFIX, "number desc", [code, code + "\U0010ffff"])
            for code in asked.codes
            if code.isdecimal()
        ),
        *starting(orders, "external_id", "external_id desc", asked.codes),
        *starting(shipments, "number", "number desc", asked.codes),
        *starting(f"{shipments} tracking_code <> '' and", "tracking_code", "tracking_code desc", asked.codes),
        *starting(packages, 'g.tracking_code collate "C"', 'g.tracking_code collate "C" desc', asked.codes),
        *(_Branch(f"{lists} where w.number = %s CUT", "k.order_id desc", [c]) for c in asked.codes),
        *(_Branch(f"select order_id from ({_PAPERS}) n CUT", "order_id desc", [c] * 5) for c in asked.codes),
        *(
            _Branch("select order_id from orders_line where sku = %s CUT", "order_id desc", [code])
            for code in asked.codes
        ),
    ]  # fmt: skip


def cuts(text: str) -> Cut:
    """Say what the newest hits of every index leave out of a search; one statement."""
    branches = _branches(understand(text))
    paged = [b for b in branches if b.has_order_of_pages]
    by_id = [b for b in branches if b.has_order_of_ids]
    loose = [b for b in branches if b not in paged and b not in by_id]

    def first_unseen(branch: _Branch, column: str) -> str:
        return f"(select {column} from {branch.ids(MOST_PER_INDEX + 1)} x offset {MOST_PER_INDEX})"

    columns = [
        " or ".join(f"exists {first_unseen(b, '')}" for b in loose) or "false",
        *(f"(select placed_at from orders_order where id = {first_unseen(b, 'x.id')})" for b in paged),
        *(first_unseen(b, "x.order_id") for b in by_id),
    ]  # fmt: skip
    [(has_loose, *unseen)] = sql.read(
        f"select {', '.join(columns)}",
        [value for branch in (*loose, *paged, *by_id) for value in branch.params],
    )
    moments = [moment for moment in unseen[: len(paged)] if moment is not None]
    # A shop's clock may have been ahead of ours, and ids made before they followed it say when an order came in.
    moments += [ids.moment_of(key) + AHEAD for key in unseen[len(paged) :] if key is not None]
    return Cut(has_loose, max(moments, default=None))


def _by_words(
    asked: Asked, where: Conditions, sorting: Sorting, cursor: str | None, enough: int
) -> tuple[str, Conditions]:
    """The two steps of a search by name: the newest orders first, the whole index only when those are too few."""
    query = word_query(asked.words)
    shops = Conditions()
    newest = ""
    if sorting.name == "-placed_at":
        window = Conditions()
        if cursor:
            condition, values = after(sorting, cursor)
            window.add(
                condition.replace("o.placed_at", "placed_at").replace("o.id", "order_id"), *values
            )
        newest = (
            "recent as materialized (select o.id from (select order_id, doc from orders_search "
            f"where {window.where()} order by placed_at desc, order_id desc limit {_NEWEST}) w "
            f"join orders_order o on o.id = w.order_id where w.doc @@ to_tsquery('simple', %s) and {where.where()}), "
        )
        shops.params += [*window.params, query, *where.params]
    few = f"(select count(*) from recent) < {enough}" if newest else "true"
    named = (
        f"{newest}named as materialized (select order_id from orders_search "
        f"where doc @@ to_tsquery('simple', %s) and {few}), "
    )
    shops.params.append(query)
    shops.parts.append("select id from recent" if newest else "")
    return named, shops


def search(
    text: str,
    where: Conditions,
    sorting: Sorting,
    cursor: str | None,
    limit: int,
    *,
    most: int,
) -> tuple[str, list[str]]:
    """Return the `with` part that names matching orders `found`, and its values.

    `most` is how many hits of each index are looked at. `where` holds the other conditions on `o`; the
    window of the newest orders must fulfil them, else it could look full while the page is not.
    """
    asked = understand(text)
    branches, before, params = [], "", []
    if asked.words:
        before, words = _by_words(asked, where, sorting, cursor, limit + 1)
        params += words.params
        branches += [part for part in (*words.parts, "select order_id from named") if part]
    for branch in _branches(asked):
        branches.append(branch.ids(most))
        params += branch.params
    union = " union ".join(branches) or "select null::uuid where false"
    return f"with {before}found as materialized ({union})", params
