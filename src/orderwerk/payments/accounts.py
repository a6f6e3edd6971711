"""Accounts at payment providers, with their credentials in the clear, for whoever makes the call."""

from collections.abc import Iterable
from uuid import UUID

from django.conf import settings

from orderwerk.core import crypto, sql
from orderwerk.payments.ports import Account

_READ = """
select id, shop_id, provider, secret, signing_secret from payments_account where id = any(%s) and is_active
"""


def accounts_in_use(account_ids: Iterable[UUID]) -> dict[UUID, Account]:
    """Return those of the accounts that are in use; one statement.

    Refuses with BadInput secrets that were stored under another secret key.
    """
    found = {}
    for key, shop_id, provider, secret, signing in sql.fetch(_READ, (list(account_ids),)):
        found[key] = Account(key, shop_id, provider, _open(secret), _open(signing))
    return found


def _open(stored: str) -> str:
    return crypto.decrypt(stored, settings.SECRET_KEY) if stored else ""
