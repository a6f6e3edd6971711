"""The merchant's return reasons: a list of our own to begin with, names per language, look-up by code."""

from collections.abc import Iterable, Mapping
from uuid import UUID, uuid5

from orderwerk.core import sql
from orderwerk.core.errors import BadInput

LANGUAGES = ("nl", "en", "de", "fr")
_SPACE = UUID("6a4f4c0e-6b57-4f5c-9b0a-5b6f6d3a7a11")
# What a merchant starts with; every one of them can be renamed, reordered or switched off.
DEFAULTS: tuple[tuple[str, dict[str, str]], ...] = (
    ("too-small", {"nl": "Te klein", "en": "Too small", "de": "Zu klein", "fr": "Trop petit"}),
    ("too-large", {"nl": "Te groot", "en": "Too large", "de": "Zu groß", "fr": "Trop grand"}),
    (
        "not-as-expected",
        {"nl": "Niet wat ik verwachtte", "en": "Not as expected", "de": "Nicht wie erwartet", "fr": "Pas comme prévu"},
    ),
    ("damaged", {"nl": "Beschadigd", "en": "Damaged", "de": "Beschädigt", "fr": "Endommagé"}),
    ("faulty", {"nl": "Werkt niet", "en": "Does not work", "de": "Funktioniert nicht", "fr": "Ne fonctionne pas"}),
    (
        "wrong-article",
        {"nl": "Verkeerd artikel ontvangen", "en": "Wrong article received", "de": "Falscher Artikel", "fr": "Mauvais article reçu"},
    ),
    ("too-late", {"nl": "Te laat bezorgd", "en": "Came too late", "de": "Zu spät geliefert", "fr": "Livré trop tard"}),
    ("changed-mind", {"nl": "Toch niet nodig", "en": "Changed my mind", "de": "Doch nicht gebraucht", "fr": "Je n’en ai plus besoin"}),
    ("other", {"nl": "Anders", "en": "Another reason", "de": "Anderer Grund", "fr": "Autre raison"}),
)  # fmt: skip

_START = """
insert into return_requests_reason (id, code, names, is_active, position)
select t.id, t.code, t.names::jsonb, true, t.position from unnest(%s::uuid[], %s::text[], %s::text[], %s::int[])
  as t(id, code, names, position)
where not exists (select 1 from return_requests_reason)
on conflict (code) do nothing
"""


def start_list() -> None:
    """Write our own list where the merchant has none yet; one statement."""
    codes = [code for code, _ in DEFAULTS]
    sql.execute(
        _START,
        (
            [uuid5(_SPACE, code) for code in codes], codes, [sql.to_json(names) for _, names in DEFAULTS],
            list(range(1, len(codes) + 1)),
        ),
    )  # fmt: skip


def active_reasons() -> dict[str, UUID]:
    """Return the ids of the reasons in use by code; two statements, for commands."""
    start_list()
    rows = sql.fetch("select code, id from return_requests_reason where is_active")
    return dict(rows)


def reason_names(codes: Iterable[str]) -> dict[str, dict[str, str]]:
    """Return the names of reasons per language, by code; one statement."""
    rows = sql.fetch("select code, names from return_requests_reason where code = any(%s)", (sorted(set(codes)),))  # fmt: skip
    return {code: sql.from_json(names) for code, names in rows}


def every_reason() -> dict[str, UUID]:
    """Return the ids of all reasons by code, those in use first; for what needs one whatever the merchant has switched off."""
    start_list()
    rows = sql.fetch(
        "select code, id from return_requests_reason order by is_active desc, position, code"
    )
    return dict(rows)


def reason_id(known: Mapping[str, UUID], code: str, pointer: str) -> UUID:
    """Return a reason's id; refuses with BadInput one that is not on the list or no longer in use."""
    if code not in known:
        raise BadInput(
            f"There is no return reason {code} in use.", code="unknown_reason", pointer=pointer
        )
    return known[code]


def named(names: Mapping[str, str], locale: str) -> str:
    """Return a name in the language of a locale, else in English, else in any."""
    language = locale.replace("_", "-").split("-")[0].lower()
    return names.get(language) or names.get("en") or next(iter(names.values()), "")
