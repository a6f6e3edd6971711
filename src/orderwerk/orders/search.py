"""Finds orders by what people type: the shape of the input decides which index is asked."""

import re
from dataclasses import dataclass, field

from orderwerk.core.keyset import Conditions, Sorting, after, prefix_range, word_query
from orderwerk.orders.normalise import normal_phone, normal_postal_code

_MOST_PER_INDEX = 2000
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


def _ids(select: str, conditions: list[tuple[str, list[str]]]) -> Conditions:
    found = Conditions()
    for condition, params in conditions:
        found.add(f"({select.replace('CONDITION', condition)} limit {_MOST_PER_INDEX})", *params)
    return found


def _exact(column: str, values: list[str]) -> list[tuple[str, list[str]]]:
    return [(f"{column} = %s", [value]) for value in values]


# People read "1330" off a label that says NL1330: digits alone are looked for behind every shop's prefix too.
_UNDER_PREFIX = (
    "(select x.id from (select distinct number_prefix as p from shops_shop where number_prefix <> '') s "
    "cross join lateral (select id from orders_order where number >= s.p || %s and number < s.p || %s "
    f"order by number desc limit {_MOST_PER_INDEX}) x)"
)


def _under_prefixes(asked: Asked) -> Conditions:
    found = Conditions()
    for code in asked.codes:
        if code.isdecimal():
            found.add(_UNDER_PREFIX, code, code + "\U0010ffff")
    return found


def _by_index(asked: Asked) -> Conditions:
    """One sub-select of order ids per index that may know the text; prefixes newest first, so that a cap hides old ones."""
    found = Conditions()
    branches = [
        _ids("select id from orders_order where CONDITION", [prefix_range("customer_email", e) for e in asked.emails]),
        _ids("select id from orders_order where CONDITION", _exact("customer_phone", asked.phones)),
        _ids("select id from orders_order where CONDITION", [prefix_range("postal_code", p) for p in asked.postal_codes]),
        _ids("select id from orders_order where CONDITION order by number desc", [prefix_range("number", c) for c in asked.codes]),
        _under_prefixes(asked),
        _ids("select id from orders_order where CONDITION order by external_id desc", [prefix_range("external_id", c) for c in asked.codes]),
        _ids("select order_id from shipments_shipment where CONDITION order by number desc", [prefix_range("number", c) for c in asked.codes]),
        _ids("select order_id from shipments_shipment where tracking_code <> '' and CONDITION", [prefix_range("tracking_code", c) for c in asked.codes]),
        _ids(
            "select h.order_id from shipments_package g join shipments_shipment h on h.id = g.shipment_id "
            "where g.tracking_code <> '' and CONDITION",
            [prefix_range('g.tracking_code collate "C"', c) for c in asked.codes],
        ),
        _ids(
            "select k.order_id from picklists_pick_list w join picklists_line k on k.pick_list_id = w.id where CONDITION",
            _exact("w.number", asked.codes),
        ),
        _ids("select order_id from orders_line where CONDITION order by order_id desc", _exact("sku", asked.codes)),
    ]  # fmt: skip
    for branch in branches:
        found.parts += branch.parts
        found.params += branch.params
    return found


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
    text: str, where: Conditions, sorting: Sorting, cursor: str | None, limit: int
) -> tuple[str, list[str]]:
    """Return the `with` part that names matching orders `found`, and its values.

    `where` holds the other conditions on `o`; the window of the newest orders must fulfil them, else it could look
    full while the page is not.
    """
    asked = understand(text)
    by_index = _by_index(asked)
    branches = list(by_index.parts)
    before, params = "", []
    if asked.words:
        before, words = _by_words(asked, where, sorting, cursor, limit + 1)
        params += words.params
        branches += [part for part in (*words.parts, "select order_id from named") if part]
    union = " union ".join(branches) or "select null::uuid where false"
    return f"with {before}found as materialized ({union})", [*params, *by_index.params]
