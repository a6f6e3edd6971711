"""Creates or changes shops by code."""

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

import msgspec
from stdnum import iban as ibans

from orderwerk.core import fields, ids, sql
from orderwerk.core.actor import Actor
from orderwerk.core.changes import differences
from orderwerk.core.clock import time_zones
from orderwerk.core.countries import VAGUE, check_country, countries
from orderwerk.core.errors import BadInput, Conflict, NotFound, Refusal
from orderwerk.core.money import check_currency, parse_amount
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import STILL, Subject, retrying, unit_of_work
from orderwerk.shops.events import SHOP_CREATED, SHOP_UPDATED
from orderwerk.shops.terms import fewest_years

_TYPES = {
    "name": "text", "currency": "text", "locale": "text", "timezone": "text", "sender_email": "text", "sender_name": "text",
    "legal": "jsonb", "invoice_when": "text", "refund_mode": "text", "refund_schedule": "text", "four_eyes_above": "text", "return_window_days": "int",
    "use_allocation": "boolean", "use_pick_lists": "boolean", "cancel_while_picking": "text", "unpaid_hours": "jsonb", "late_payment": "text", "backorder_release": "text", "substitute_price": "text", "substitute_hours": "int", "substitute_when_short": "boolean", "return_portal": "boolean", "withdrawal_portal": "boolean", "on_account_methods": "text[]",
    "number_prefix": "text", "collect_days": "int", "erase_after_days": "int", "fiscal_years": "int",
}  # fmt: skip
_DATA = tuple(_TYPES)
_COLUMNS = "id uuid, code text, version int, " + ", ".join(
    f"{name} {kind}" for name, kind in _TYPES.items()
)
_OVERWRITE = f"on conflict (code) do update set {', '.join(f'{c} = excluded.{c}' for c in (*_DATA, 'version'))} returning id"
_DEFAULTS: dict[str, Any] = {
    "timezone": "Europe/Amsterdam", "sender_email": "", "sender_name": "", "legal": {}, "invoice_when": "paid",
    "refund_mode": "manual", "refund_schedule": "", "four_eyes_above": "", "return_window_days": 30, "use_allocation": True,
    "use_pick_lists": False, "cancel_while_picking": "at_once", "unpaid_hours": {}, "late_payment": "revive", "backorder_release": "automatic", "substitute_price": "lower", "substitute_hours": 72, "substitute_when_short": False, "return_portal": True, "withdrawal_portal": True, "on_account_methods": [], "number_prefix": "",
    "collect_days": 14, "erase_after_days": None, "fiscal_years": 7,
}  # fmt: skip
_U = msgspec.UnsetType
# Of the Chamber of Commerce, or of a public body (OIN).
_DUTCH_NUMBER = re.compile(r"[0-9]{8}|[0-9]{20}")
# What EN 16931 wants of it (BR-CO-09): the country, then what that country gives, such as CHE-123.456.789 MWST.
_VAT_NUMBER = re.compile(r"([A-Z]{2})[A-Z0-9][A-Z0-9+*/-]+")
# Hours per payment method after which an unpaid order expires; `other` stands for the methods that are not named.
UnpaidHours = Annotated[
    dict[
        Annotated[str, msgspec.Meta(min_length=1, max_length=60, pattern=r"^[^\r\n\t]*(?![\s\S])")],
        Annotated[int, msgspec.Meta(ge=1, le=8784)],
    ],
    msgspec.Meta(max_length=50),
]


class Legal(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True
):
    """Who sells: the legal identity that stands on documents; electronic invoices want the address in its parts.

    `one_stop_shop`: it declares the VAT of other member states under the union scheme, and invoices say so.
    `vat_exemption`: why the shop as a whole charges no VAT, such as the law of small businesses, in its own words; what it sells without VAT is exempt then.
    """

    name: fields.Line = ""
    address: Annotated[str, msgspec.Meta(max_length=500)] = ""
    vat_number: fields.Line = ""
    company_number: fields.Line = ""
    iban: fields.Line = ""
    street: fields.Line = ""
    postal_code: fields.Line = ""
    city: fields.Line = ""
    country: Annotated[str, msgspec.Meta(pattern=r"^([A-Z]{2})?(?![\s\S])")] = ""
    one_stop_shop: bool = False
    vat_exemption: fields.Line = ""

    def __post_init__(self) -> None:
        """Take blanks before and after a fact for none, and nothing but blanks for no fact."""
        for name in self.__struct_fields__:
            if isinstance(given := getattr(self, name), str):
                msgspec.structs.force_setattr(self, name, given.strip())


class ShopItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A shop and its policies; fields left out keep their value."""

    code: fields.Code
    name: fields.Name
    currency: fields.Currency
    locale: fields.Locale
    timezone: fields.Line | _U = msgspec.UNSET
    sender_email: fields.EmailOrEmpty | _U = msgspec.UNSET
    sender_name: fields.Line | _U = msgspec.UNSET
    legal: Legal | _U = msgspec.UNSET
    invoice_when: Literal["placed", "paid", "shipped"] | _U = msgspec.UNSET
    refund_mode: Literal["automatic", "periodic", "manual"] | _U = msgspec.UNSET
    refund_schedule: (
        Annotated[str, msgspec.Meta(pattern=r"^(([01][0-9]|2[0-3]):[0-5][0-9])?(?![\s\S])")] | _U
    ) = msgspec.UNSET
    four_eyes_above: (
        Annotated[
            str, msgspec.Meta(max_length=20, pattern=r"^([0-9]{1,13}(\.[0-9]{1,6})?)?(?![\s\S])")
        ]
        | _U
    ) = msgspec.UNSET
    return_window_days: Annotated[int, msgspec.Meta(ge=0, le=3650)] | _U = msgspec.UNSET
    use_allocation: bool | _U = msgspec.UNSET
    use_pick_lists: bool | _U = msgspec.UNSET
    cancel_while_picking: Literal["at_once", "ask"] | _U = msgspec.UNSET
    unpaid_hours: UnpaidHours | _U = msgspec.UNSET
    late_payment: Literal["revive", "refund"] | _U = msgspec.UNSET
    # Whether what becomes free goes to who waits by itself, or somebody allocates it.
    backorder_release: Literal["automatic", "by_hand"] | _U = msgspec.UNSET
    # The price of a substitute: the lower of both articles', or that of the ordered one; never more.
    substitute_price: Literal["lower", "ordered"] | _U = msgspec.UNSET
    # Hours in which the customer may answer; after them the order goes on waiting.
    substitute_hours: Annotated[int, msgspec.Meta(ge=1, le=2160)] | _U = msgspec.UNSET
    # Whether a short pick offers the first of the product's substitutes that is in stock by itself.
    substitute_when_short: bool | _U = msgspec.UNSET
    return_portal: bool | _U = msgspec.UNSET
    # Whether consumers withdraw on their order's page; the law wants it of whoever sells to them.
    withdrawal_portal: bool | _U = msgspec.UNSET
    on_account_methods: Annotated[list[fields.Code], msgspec.Meta(max_length=20)] | _U = (
        msgspec.UNSET
    )
    # Days that an order lies ready to be collected until somebody is asked to look at it.
    collect_days: Annotated[int, msgspec.Meta(ge=1, le=365)] | _U = msgspec.UNSET
    # Days after an order was placed and last touched until its personal data is erased; null: only on request.
    erase_after_days: Annotated[int, msgspec.Meta(ge=30, le=36500)] | _U | None = msgspec.UNSET
    # Whole years, counted from the end of the year of issue, until names and addresses go from documents of erased orders; not
    # fewer than the law of the shop's country wants.
    fiscal_years: Annotated[int, msgspec.Meta(ge=5, le=30)] | _U = msgspec.UNSET
    number_prefix: (
        Annotated[str, msgspec.Meta(max_length=20, pattern=r"^[A-Za-z0-9-]*(?![\s\S])")] | _U
    ) = msgspec.UNSET


def upsert_shops(items: Sequence[ShopItem], *, actor: Actor) -> list[Outcome]:
    """Create or change shops.

    Refuses with BadInput an unknown currency or time zone, a new country, VAT number, IBAN or Dutch company number that cannot be, fewer years for documents than the law of the country wants, with Conflict another currency for a shop that has orders.
    Refuses with NotAllowed who is limited to locations.
    """
    actor.ensure_every_location()
    return retrying(lambda: _upsert(items, actor))


def _upsert(items: Sequence[ShopItem], actor: Actor) -> list[Outcome]:
    outcomes: list[Outcome] = []
    with unit_of_work(actor) as unit:
        codes = sorted({item.code for item in items})
        unit.lock_settings([("shop", code) for code in codes])
        known = _lock(codes)
        written: dict[str, dict[str, Any]] = {}
        for item in items:
            old = known.get(item.code)
            try:
                _check(item, old, actor)
            except Refusal as refusal:
                outcomes.append(Outcome.refused(refusal))
                continue
            row = (
                dict(old)
                if old
                else {"id": ids.new_id(), "code": item.code, "version": 0, **_DEFAULTS}
            )
            given = {
                name: getattr(item, name)
                for name in _DATA
                if getattr(item, name) is not msgspec.UNSET
            }
            row.update(msgspec.to_builtins(given))
            row["fiscal_years"] = max(
                row["fiscal_years"], fewest_years(row["legal"].get("country", ""))
            )
            change = differences(old or {}, {name: row[name] for name in _DATA})
            if old is None or change:
                row["version"] += 1
                kind, data = (
                    (SHOP_UPDATED, {"changes": change})
                    if old
                    else (SHOP_CREATED, {"code": item.code})
                )
                unit.record(
                    kind, Subject("shop", row["id"], row["version"], None, row["id"]), STILL, data
                )
                known[item.code] = written[item.code] = row
            outcomes.append(Outcome.done(row["id"], code=item.code, created=old is None))
        if written:
            sql.insert_rows("shops_shop", _COLUMNS, list(written.values()), tail=_OVERWRITE)
    return outcomes


def _check_legal(legal: Legal, before: Mapping[str, Any]) -> None:
    """Refuse a country, a VAT number, an IBAN and a Dutch number that cannot be.

    What stood there before is let stand, and the page says what it lacks.
    """
    if legal.country and legal.country != before.get("country"):
        check_country(legal.country, "/legal/country", is_exact=True)
    if legal.vat_number and legal.vat_number != before.get("vat_number"):
        _check_vat_number(legal.vat_number)
    if legal.iban and legal.iban != before.get("iban") and not ibans.is_valid(legal.iban, check_country=False):  # fmt: skip
        raise BadInput(
            f"{legal.iban[:40]!r} is no IBAN: form or check digits are wrong.",
            code="invalid_iban",
            pointer="/legal/iban",
        )
    number = legal.company_number
    is_new = (number, legal.country) != (before.get("company_number"), before.get("country"))
    if legal.country == "NL" and number and is_new and not _DUTCH_NUMBER.fullmatch(re.sub(r"[ .]", "", number)):  # fmt: skip
        raise BadInput(
            f"{number[:40]!r} is no number of the Chamber of Commerce (eight digits), nor an OIN (twenty).",
            code="bad_company_number",
            pointer="/legal/company_number",
        )


def _check_vat_number(text: str) -> None:
    found = _VAT_NUMBER.fullmatch(re.sub(r"[ .]", "", text).upper())
    if not found or found[1] not in countries() - VAGUE | {"EL"}:
        raise BadInput(
            f"{text[:40]!r} is no VAT number: it begins with the two letters of its country (of Greece EL), such as NL123456789B01.",
            code="bad_vat_number",
            pointer="/legal/vat_number",
        )


def _check_years(item: ShopItem, before: Mapping[str, Any]) -> None:
    country = before.get("country", "") if item.legal is msgspec.UNSET else item.legal.country
    fewest = fewest_years(country)
    if item.fiscal_years is not msgspec.UNSET and item.fiscal_years < fewest:
        raise BadInput(
            f"The law wants invoices of a seller in {country or 'this country'} kept for {fewest} years at least.",
            code="too_few_years",
            pointer="/fiscal_years",
        )


def _lock(codes: Sequence[str]) -> dict[str, dict[str, Any]]:
    rows = sql.fetch(
        f"select id, code, version, {', '.join(_DATA)} from shops_shop where code = any(%s) order by code for no key update",
        (list(codes),),
    )
    known = {row[1]: dict(zip(("id", "code", "version", *_DATA), row, strict=True)) for row in rows}
    for row in known.values():
        row["legal"] = sql.from_json(row["legal"])
        row["unpaid_hours"] = sql.from_json(row["unpaid_hours"])
    return known


def _check(item: ShopItem, old: dict[str, Any] | None, actor: Actor) -> None:
    check_currency(item.currency, "/currency")
    if item.four_eyes_above is not msgspec.UNSET and item.four_eyes_above:
        _check_amount(item.four_eyes_above, item.currency)
    if item.timezone is not msgspec.UNSET and item.timezone not in time_zones():
        raise BadInput(
            f"{item.timezone!r} is not a time zone name.",
            code="unknown_timezone",
            pointer="/timezone",
        )
    if item.legal is not msgspec.UNSET:
        _check_legal(item.legal, old["legal"] if old else {})
    _check_years(item, old["legal"] if old else {})
    if old is not None and not actor.may_see_shop(old["id"]):
        raise NotFound(f"There is no shop {item.code}.", code="unknown_shop", pointer="/code")
    if old is None and actor.shop_ids is not None:
        raise NotFound(f"There is no shop {item.code}.", code="unknown_shop", pointer="/code")
    if old is not None and old["currency"] != item.currency:
        raise Conflict(
            "The currency of a shop does not change; set up another shop.",
            code="currency_fixed",
            pointer="/currency",
        )


def _check_amount(text: str, currency: str) -> None:
    try:
        parse_amount(text, currency)
    except Refusal as refusal:
        refusal.pointer = "/four_eyes_above"
        raise
