"""What the house needs from a payment provider; adapters stand in `integrations/payment_providers`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol
from uuid import UUID

from orderwerk.core.errors import ProviderFailed


class Declined(ProviderFailed):
    """The provider said no: nothing happened, and the same question gets the same answer."""

    family = "provider_declined"


class Postponed(ProviderFailed):
    """The call certainly did nothing (not reached, too many at once, credentials refused); it may be made again later."""

    family = "provider_postponed"

    def __init__(self, message: str, *, seconds: int = 60, for_all: bool = True) -> None:
        super().__init__(message, retryable=True)
        self.seconds = seconds
        # Whether the next call to this account would end the same way.
        self.for_all = for_all


class Unclear(ProviderFailed):
    """Nobody knows whether the call took effect: it is looked up before anything is tried again."""

    family = "provider_unclear"


class NotThere(Declined):
    """The provider does not know the object."""

    family = "provider_not_there"


@dataclass(frozen=True, slots=True)
class Account:
    """A shop's account at a provider, with its credentials in the clear: never logged, stored or sent anywhere else."""

    id: UUID
    shop_id: UUID
    provider: str
    key: str = field(repr=False)
    signing_secret: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class RefundOrder:
    """What is to be paid back: against which payment, how much (minor units), under which key (one for ever)."""

    key: UUID
    refund_id: UUID
    number: str
    payment_reference: str
    amount: int
    currency: str


RefundWord = Literal["pending", "succeeded", "failed"]


@dataclass(frozen=True, slots=True)
class RefundReport:
    """A refund as the provider tells of it; `word` is the provider's own.

    `refund_id` and `key` are ours, where the refund carries them: which refund of ours, and which attempt.
    """

    reference: str
    payment_reference: str
    status: RefundWord
    word: str
    amount: int
    currency: str
    created_at: datetime
    refund_id: UUID | None = None
    key: UUID | None = None
    note: str = ""
    # Another name of the same payment, where the provider has two.
    other_payment_reference: str = ""


@dataclass(frozen=True, slots=True)
class CaptureReport:
    """A capture as the provider tells of it, the amount in minor units; `key` is ours, where it carries one: which attempt."""

    reference: str
    status: RefundWord
    word: str
    amount: int
    key: UUID | None = None


PaymentWord = Literal["pending", "authorized", "paid", "failed", "expired"]


@dataclass(frozen=True, slots=True)
class PaymentReport:
    """A payment as the provider tells of it, amounts in minor units, with all its refunds.

    `reference` is the one that was asked for; `same` are other names of the same payment, of which `main` is the one that
    never changes (empty: `reference`).
    """

    reference: str
    status: PaymentWord
    amount: int
    captured: int
    charged_back: int
    currency: str
    method: str
    created_at: datetime
    refunds: Sequence[RefundReport] = ()
    capture_before: datetime | None = None
    same: Sequence[str] = ()
    captures: Sequence[CaptureReport] = ()
    main: str = ""


@dataclass(frozen=True, slots=True)
class CaptureOrder:
    """How much of an authorised payment is to be taken, or let go, under which key (one for ever)."""

    key: UUID
    payment_reference: str
    amount: int
    currency: str
    number: str


class PaymentProvider(Protocol):
    """A payment provider. Each method talks to the outside: never inside a transaction, each with a time-out.

    All refuse with Postponed when the call certainly did nothing, with Unclear when nobody knows, with Declined when the
    provider said no (NotThere: it does not know the object).
    """

    name: str

    def refund(self, account: Account, order: RefundOrder) -> RefundReport:
        """Pay back; the same key twice pays once, as long as the provider remembers keys."""

    def look(self, account: Account, payment_reference: str) -> PaymentReport:
        """Return what became of a payment and its refunds."""

    def capture(self, account: Account, order: CaptureOrder) -> str:
        """Take a part of an authorised payment; returns the provider's reference."""

    def release(self, account: Account, order: CaptureOrder) -> None:
        """Let go what is left of an authorised payment; the provider does so at its own pace."""

    def refunds_since(self, account: Account, start: datetime) -> list[RefundReport]:
        """Return all refunds of the account that were made at or after an instant."""

    def payments_since(self, account: Account, start: datetime) -> list[PaymentReport]:
        """Return all payments of the account that were made at or after an instant, without their refunds."""

    def who(self, account: Account) -> str:
        """Return whose account it is: proves that the credentials are good."""

    def references(self, account: Account, headers: Mapping[str, str], body: bytes) -> list[str]:
        """Return the payments that an incoming message is about. Refuses (BadInput) one that is not the provider's."""


Providers = Mapping[str, PaymentProvider]
