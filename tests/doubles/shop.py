"""A shop that is connected to a double: orders that were paid there, refunds that go there."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings

from orderwerk.core import decode, sql
from orderwerk.integrations.payment_providers.registry import PROVIDERS
from orderwerk.payments.commands.set_accounts import AccountItem, set_payment_accounts
from orderwerk.payments.hooks import hook_token
from orderwerk.refunds.commands.approve import ApproveRefundItem, approve_refunds
from orderwerk.refunds.commands.submit import SubmitRefundItem, submit_refunds
from orderwerk.refunds.sending import send_due
from tests import build
from tests.doubles.mollie import MollieDouble
from tests.doubles.stripe import StripeDouble

AnyDouble = MollieDouble | StripeDouble


@dataclass
class Connected:
    """A shop and its account at a double."""

    world: build.World
    provider: str
    double: Any
    account_id: UUID

    @property
    def hook(self) -> str:
        token = hook_token(self.account_id, settings.SECRET_KEY)
        return f"/api/v1/incoming/{self.provider}/{token}"

    def order(self, pieces: int = 3, **fields: Any) -> UUID:
        """An order that was paid at the double, 10.00 a piece, with its invoice."""
        reference = self.double.pay(pieces * 1000)
        order = self.world.place(
            (self.world.skus[0], pieces),
            payments=[self.payment(reference, f"{pieces}0.00")],
            **fields,
        )
        build.invoice(order)
        return order

    def payment(self, reference: str, amount: str, status: str = "paid") -> dict[str, Any]:
        return {"provider": self.provider, "reference": reference, "status": status, "amount": amount}  # fmt: skip

    def handed_over(self, order: UUID, amount: str = "12.00") -> UUID:
        """A refund that is approved and about to be sent."""
        key = build.refund(order, amount)
        if refund(key)["status"] == "awaiting_approval":
            approve_refunds([ApproveRefundItem(refund_id=key)], actor=build.TESTER)[0].require()
        submit_refunds([SubmitRefundItem(refund_id=key)], actor=build.TESTER)[0].require()
        return key

    def handed_over_by_hand(self, order: UUID, amount: str) -> UUID:
        """A refund that a person is to transfer, although the shop is connected."""
        on = "update payments_account set is_active = %s where id = %s"
        sql.execute(on, (False, self.account_id))
        key = self.handed_over(order, amount)
        sql.execute(on, (True, self.account_id))
        return key

    def send(self, *keys: UUID) -> int:
        return send_due(PROVIDERS, list(keys) or None)


def connect(provider: str, double: AnyDouble, **shop: Any) -> Connected:
    """A new shop with an account at a double."""
    settings.ORDERWERK_PROVIDER_URLS = {**settings.ORDERWERK_PROVIDER_URLS, provider: double.url}
    world = build.world(stock=1000, **shop)
    item = {"shop": world.shop, "provider": provider, "key": double.key}
    if isinstance(double, StripeDouble):
        item["signing_secret"] = double.secret
    made = set_payment_accounts([decode.convert(item, AccountItem)], actor=build.TESTER)[0]
    account_id = made.require().id
    assert account_id is not None
    return Connected(world, provider, double, account_id)


def refund(key: UUID) -> dict[str, Any]:
    """A refund with its effect, as they stand."""
    names = (
        "r.status, r.via, r.attempts, r.provider_reference, r.provider_status, r.note, e.status, e.attempts, e.next_attempt_at, "
        "e.provider_reference"
    )  # fmt: skip
    [row] = sql.fetch(
        f"select {names} from refunds_refund r left join core_effect e on e.id = r.effect_id where r.id = %s",
        (key,),
    )
    keys = ("status", "via", "attempts", "reference", "word", "note", "effect", "calls", "next", "effect_reference")  # fmt: skip
    return dict(zip(keys, row, strict=True))


def held(order: UUID) -> tuple[int, int]:
    """Reserved and refunded of an order."""
    [row] = sql.fetch(
        "select refund_reserved_minor, refunded_minor from orders_order where id = %s", (order,)
    )
    return row[0], row[1]


def hurry() -> None:
    """Let the time pass that effects and looks wait for."""
    sql.execute("update core_effect set next_attempt_at = null where status in ('intended', 'in_doubt')")  # fmt: skip
    sql.execute("update payments_look set due_at = now() - interval '1 second' where due_at is not null")  # fmt: skip
