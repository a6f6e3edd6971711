"""Tests whether a provider takes an account's credentials."""

from collections.abc import Iterable
from uuid import UUID

from orderwerk.core.actor import Actor
from orderwerk.core.errors import Refusal
from orderwerk.integrations.payment_providers.registry import PROVIDERS
from orderwerk.payments.accounts import accounts_in_use
from orderwerk.payments.commands.check_accounts import CheckResult, note_account_checks
from orderwerk.payments.ports import Account


def try_connections(account_ids: Iterable[UUID], *, actor: Actor) -> list[CheckResult]:
    """Ask each provider whose account it is, and note what came of it; never raises for a provider's sake."""
    results = [try_connection(account) for account in accounts_in_use(account_ids).values()]
    note_account_checks(results, actor=actor)
    return results


def try_connection(account: Account) -> CheckResult:
    """Ask one provider whose account it is."""
    try:
        return CheckResult(account.id, True, PROVIDERS[account.provider].who(account))  # noqa: FBT003 - the result's own word
    except Refusal as refusal:
        return CheckResult(account.id, False, refusal.message)  # noqa: FBT003 - the result's own word
