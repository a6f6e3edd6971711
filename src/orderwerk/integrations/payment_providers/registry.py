"""The payment providers that this installation can talk to, by the name that payments carry."""

from orderwerk.integrations.payment_providers.mollie import Mollie
from orderwerk.integrations.payment_providers.stripe import Stripe
from orderwerk.payments.ports import PaymentProvider

PROVIDERS: dict[str, PaymentProvider] = {"mollie": Mollie(), "stripe": Stripe()}
