"""Reads of accounts at payment providers; secrets never leave through here."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec
from django.conf import settings

from orderwerk.core import keyset
from orderwerk.core.actor import Actor
from orderwerk.core.errors import NotFound
from orderwerk.core.keyset import Conditions, Page, Select
from orderwerk.orders.visibility import limit_to_shops
from orderwerk.payments.hooks import hook_token


class AccountRow(msgspec.Struct, frozen=True):
    """One account at a provider; `mode` is live or test, as its key says."""

    id: UUID
    shop: str
    provider: str
    mode: str
    is_active: bool
    capture_on_shipment: bool
    has_signing_secret: bool
    checked_at: datetime | None
    check_ok: bool | None
    check_note: str
    updated_at: datetime

    @property
    def hook_url(self) -> str:
        """The address that the provider is to be told."""
        token = hook_token(self.id, settings.SECRET_KEY)
        return f"{settings.ORDERWERK_BASE_URL}/api/v1/incoming/{self.provider}/{token}"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountFilters:
    """What the list of accounts is narrowed to."""

    shop: str | None = None
    provider: str | None = None


_OTHERS = {"shop": "s.code", "has_signing_secret": "a.signing_secret <> ''"}
_COLUMNS = ", ".join(_OTHERS.get(name, f"a.{name}") for name in AccountRow.__struct_fields__)
_SOURCE = "payments_account a join shops_shop s on s.id = a.shop_id"
_CONDITIONS = {"shop": "s.code = %s", "provider": "a.provider = %s"}
_SORT = keyset.sortings(id=(("a.id", "uuid"),))["id"]


def _visible(actor: Actor) -> Conditions:
    where = Conditions()
    limit_to_shops(where, actor, "a.shop_id")
    return where


def account_page(
    actor: Actor, filters: AccountFilters, *, cursor: str | None = None, limit: int = 50
) -> Page[AccountRow]:
    """Return one page of accounts, oldest first; one statement."""
    where = _visible(actor)
    where.narrow(filters, _CONDITIONS)
    rows, more = keyset.fetch_page(Select(_COLUMNS, _SOURCE, where), _SORT, cursor, limit)
    return Page([AccountRow(*row) for row in rows], more)


def account_detail(actor: Actor, account_id: UUID) -> AccountRow:
    """Return one account; one statement. Refuses with NotFound."""
    where = _visible(actor)
    where.add("a.id = %s", account_id)
    rows, _ = keyset.fetch_page(Select(_COLUMNS, _SOURCE, where), _SORT, None, 1)
    if not rows:
        raise NotFound(f"There is no payment account {account_id}.", code="unknown_account")
    return AccountRow(*rows[0])
