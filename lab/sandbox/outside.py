"""What goes on outside: people buy, banks pay, providers send messages, and some of it goes wrong."""

import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from lab.sandbox.api import Api
from orderwerk.core import clock

_PRICES = (495, 1250, 2495)
# What may go wrong with a refund, on which side of its effect; most go well.
_FAULTS = {
    "hang_after": "the money moves, and no answer comes",
    "500_after": "the money moves, and the answer is an error",
    "cut_after": "the money moves, and the connection is cut",
    "garbage_after": "the money moves, and the answer is nonsense",
    "cut_before": "the connection is cut, and no money moves",
    "500_before": "the answer is an error, and no money moves",
    "429": "too many calls, come back later",
}
_PAID = {"mollie": "paid", "stripe": "succeeded"}
_WAITING = {"mollie": "open", "stripe": "processing"}
_REFUNDED = {"mollie": "refunded", "stripe": "succeeded"}
_PERSON = {"name": "Sandbox Customer", "street": "Voorbeeldstraat", "house_number": "1", "postal_code": "3511 AB", "city": "Utrecht", "country": "NL"}  # fmt: skip


class Outside:
    """A webshop and its providers. Money is in cents; `say` hears of what a person at the console should know."""

    shop = "demo"

    def __init__(self, api: Api, doubles: dict[str, Any], dice: random.Random, say: Callable[[str], None]) -> None:  # fmt: skip
        self._api, self._doubles, self._dice, self._say = api, doubles, dice, say
        self._hooks: dict[str, str] = {}
        self._articles: list[dict[str, Any]] = []
        self._heard = {name: len(double.calls) for name, double in doubles.items()}
        for double in doubles.values():
            double.next_status = "pending"
        self.patience = timedelta(seconds=10)

    @property
    def payments(self) -> int:
        """How many payments there are at all providers."""
        return sum(len(double.known) for double in self._doubles.values())

    def open_accounts(self) -> None:
        """Connect the shop with its providers, and see what it sells."""
        items = [{"shop": self.shop, "provider": name, "key": double.key, **_secret(double)} for name, double in self._doubles.items()]  # fmt: skip
        status, answer = self._api.call("POST", "payment-accounts/upsert", {"items": items})
        if status != 200 or not all(result["ok"] for result in answer["results"]):
            raise SystemExit(f"the providers could not be connected: {answer}")
        _, accounts = self._api.call("GET", f"payment-accounts?shop={self.shop}")
        self._hooks = {x["provider"]: urlsplit(x["hook_url"]).path for x in accounts["items"]}
        _, found = self._api.call("GET", "products?limit=50")
        self._articles = found["items"]
        self._say("Mollie and Stripe are connected; orders come in, and refunds of them go there")

    def sell(self) -> str | None:
        """Let somebody buy one to three articles; three in four pay at once. Returns the payment's reference."""
        provider = self._dice.choice(sorted(self._doubles))
        double = self._doubles[provider]
        lines = [
            {"sku": article["sku"], "name": article["name"], "quantity": self._dice.randint(1, 2), "price": self._dice.choice(_PRICES)}
            for article in self._dice.sample(self._articles, k=min(len(self._articles), self._dice.randint(1, 3)))
        ]  # fmt: skip
        worth = sum(line["quantity"] * line["price"] for line in lines)
        at_once = self._dice.random() < 0.75
        reference = double.pay(worth, status=(_PAID if at_once else _WAITING)[provider])
        document = {
            "shop": self.shop, "external_id": f"SANDBOX-{reference}", "placed_at": clock.now().isoformat(), "currency": "EUR",
            "prices_include_tax": True, "customer": {"name": _PERSON["name"], "email": "sandbox@example.com"}, "billing_address": _PERSON,
            "lines": [{"sku": x["sku"], "name": x["name"], "quantity": x["quantity"], "unit_price": _euros(x["price"]), "tax_rate": "21.00"} for x in lines],
            "payments": [{"provider": provider, "reference": reference, "status": "paid" if at_once else "pending", "amount": _euros(worth)}],
            "metadata": {"source": "sandbox"},
        }  # fmt: skip
        status, answer = self._api.call("POST", "orders", document)
        if status not in (200, 201):
            # The shopper has paid nevertheless: reconciliation shows a payment that never became an order.
            self._say(f"an order of {_euros(worth)} was not taken in: {answer}")
            return None
        self._say(f"order {answer['number']} of {_euros(worth)}, {provider} {reference}{'' if at_once else ', to be paid'}")  # fmt: skip
        return str(reference)

    def go_on(self) -> None:
        """Let what waits for a while at the providers go on, and something go wrong with the next refund now and then."""
        before = clock.now() - self.patience
        for provider, double in self._doubles.items():
            for reference in double.waiting_payments(before):
                double.receive(reference)
                self._tell(provider, reference)
            for refund, reference in double.waiting_refunds(before):
                is_done = self._dice.random() < 0.9
                double.move(refund, _REFUNDED[provider] if is_done else "failed")
                self._say(
                    f"{provider} {'paid back' if is_done else 'could not pay back'} {refund} of {reference}"
                )
                self._tell(provider, reference)
            self._trouble(provider, double)

    def _trouble(self, provider: str, double: Any) -> None:
        """Let the next refund go wrong, one in four of them; say what has gone wrong since the last time."""
        for _, fault in double.calls[self._heard[provider] :]:
            if fault:
                self._say(f"{provider}, asked for a refund: {_FAULTS[fault]}")
        self._heard[provider] = len(double.calls)
        double.calm()
        if self._dice.random() < 0.25:
            double.fail(self._dice.choice(sorted(_FAULTS)), on="create_refunds")

    def _tell(self, provider: str, reference: str) -> None:
        """Send the provider's message: once, twice, or never."""
        body, extra = self._doubles[provider].notice(reference)
        headers = (
            {"Content-Type": extra}
            if isinstance(extra, str)
            else {"Content-Type": "application/json", **extra}
        )
        for _ in range(self._dice.choice((0, 1, 1, 1, 2))):
            self._api.post_message(self._hooks[provider], body, headers)


def _secret(double: Any) -> dict[str, str]:
    secret = getattr(double, "secret", "")
    return {"signing_secret": secret} if secret else {}


def _euros(cents: int) -> str:
    return f"{cents / 100:.2f}"
