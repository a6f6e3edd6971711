"""Connects shops to payment providers: credentials come in and are never given out again."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from django.conf import settings

from orderwerk.core import clock, crypto, fields, ids, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import BadInput, NotFound, Refusal
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import STILL, Subject, UnitOfWork, retrying, unit_of_work
from orderwerk.payments.events import ACCOUNT_SAVED
from orderwerk.payments.providers import PROVIDERS, mode_of

_U = msgspec.UnsetType
_Secret = Annotated[str, msgspec.Meta(min_length=1, max_length=300, pattern=r"^[!-~]+(?![\s\S])")]
_COLUMNS = (
    "id uuid, shop_id uuid, provider text, secret text, signing_secret text, mode text, is_active boolean, capture_on_shipment boolean, checked_at timestamptz, "
    "check_ok boolean, check_note text, created_at timestamptz, updated_at timestamptz"
)
_CHANGING = ("secret", "signing_secret", "mode", "is_active", "capture_on_shipment", "checked_at", "check_ok", "check_note", "updated_at")  # fmt: skip
_OVERWRITE = f"on conflict (shop_id, provider) do update set {', '.join(f'{c} = excluded.{c}' for c in _CHANGING)} returning id"
_NAMES = tuple(column.split()[0] for column in _COLUMNS.split(", "))


class AccountItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A shop's account at a provider; what is left out keeps its value. `key` is the API key, never shown again.

    `signing_secret` is what Stripe signs its messages with (whsec_…); null takes it away. `capture_on_shipment` (true at first):
    authorised payments are taken when goods leave, and let go when nothing is open any more; false: the webshop does so.
    """

    shop: fields.Code
    provider: Literal["mollie", "stripe"]
    key: _Secret | _U = msgspec.UNSET
    signing_secret: _Secret | _U | None = msgspec.UNSET
    is_active: bool | _U = msgspec.UNSET
    capture_on_shipment: bool | _U = msgspec.UNSET


def set_payment_accounts(items: Sequence[AccountItem], *, actor: Actor) -> list[Outcome]:
    """Connect shops to payment providers, or change the credentials; they are stored encrypted.

    Refuses with NotFound an unknown shop, with BadInput a key that is none of the provider's, or none at the first time.
    Refuses with NotAllowed who is limited to locations.
    """
    actor.ensure_every_location()
    return retrying(lambda: _set(items, actor))


def _set(items: Sequence[AccountItem], actor: Actor) -> list[Outcome]:
    outcomes: list[Outcome] = []
    with unit_of_work(actor) as unit:
        codes = sorted({item.shop for item in items})
        unit.claim_locks("settings", [("shop", code) for code in codes])
        shops = _shops(codes, actor)
        known = _known(list(shops.values()))
        written: dict[tuple[UUID, str], dict[str, Any]] = {}
        for item in items:
            try:
                shop_id = _shop(item, shops)
                old = known.get((shop_id, item.provider))
                row = _row(item, shop_id, old)
            except Refusal as refusal:
                outcomes.append(Outcome.refused(refusal))
                continue
            changes = _changes(item, old, row)
            if changes:
                known[shop_id, item.provider] = written[shop_id, item.provider] = row
                _tell(unit, row, changes)
            outcomes.append(Outcome.done(row["id"], shop=item.shop, provider=item.provider))
        sql.insert_rows("payments_account", _COLUMNS, list(written.values()), tail=_OVERWRITE)
    return outcomes


def _shops(codes: list[str], actor: Actor) -> dict[str, UUID]:
    rows = sql.fetch(
        "select code, id from shops_shop where code = any(%s) order by code for no key update",
        (codes,),
    )
    return {row[0]: row[1] for row in rows if actor.may_see_shop(row[1])}


def _known(shop_ids: list[UUID]) -> dict[tuple[UUID, str], dict[str, Any]]:
    rows = sql.fetch(
        f"select {', '.join(_NAMES)} from payments_account where shop_id = any(%s)", (shop_ids,)
    )
    found = [dict(zip(_NAMES, row, strict=True)) for row in rows]
    return {(row["shop_id"], row["provider"]): row for row in found}


def _shop(item: AccountItem, shops: dict[str, UUID]) -> UUID:
    if item.shop not in shops:
        raise NotFound(f"There is no shop {item.shop}.", code="unknown_shop", pointer="/shop")
    return shops[item.shop]


def _row(item: AccountItem, shop_id: UUID, old: dict[str, Any] | None) -> dict[str, Any]:
    now = clock.now()
    row = dict(old) if old else {
        "id": ids.new_id(), "shop_id": shop_id, "provider": item.provider, "secret": "", "signing_secret": "", "mode": "",
        "is_active": True, "capture_on_shipment": True, "created_at": now, "checked_at": None, "check_ok": None, "check_note": "",
    }  # fmt: skip
    row["updated_at"] = now
    if item.key is not msgspec.UNSET:
        row["mode"] = mode_of(item.provider, item.key)
        row["secret"] = crypto.encrypt(item.key, settings.SECRET_KEY)
        row |= {"checked_at": None, "check_ok": None, "check_note": ""}
    if item.signing_secret is not msgspec.UNSET:
        wanted = item.signing_secret
        row["signing_secret"] = crypto.encrypt(wanted, settings.SECRET_KEY) if wanted else ""
    for name, given in (
        ("is_active", item.is_active),
        ("capture_on_shipment", item.capture_on_shipment),
    ):
        if given is not msgspec.UNSET:
            row[name] = given
    if not row["mode"]:
        known = PROVIDERS[item.provider]
        raise BadInput(
            f"This is no API key of {known.title}: it looks like {known.key_hint}",
            code="invalid_key",
            pointer="/key",
        )
    return row


def _changes(
    item: AccountItem, old: dict[str, Any] | None, row: dict[str, Any]
) -> dict[str, list[Any]]:
    """Say what changed, without the secrets: only that they did."""
    before = old or {}
    changes = {
        name: [before.get(name), row[name]]
        for name in ("mode", "is_active", "capture_on_shipment")
        if before.get(name) != row[name]
    }
    for name, given in (("key", item.key), ("signing_secret", item.signing_secret)):
        if given is not msgspec.UNSET:
            changes[name] = ["", "changed" if given else ""]
    return changes


def _tell(unit: UnitOfWork, row: dict[str, Any], changes: dict[str, list[Any]]) -> None:
    subject = Subject("payment_account", row["id"], None, None, row["shop_id"])
    unit.record(ACCOUNT_SAVED, subject, STILL, {"provider": row["provider"], "changes": changes})
