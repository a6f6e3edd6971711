"""What payment providers say by themselves: that something has changed. Nothing of it is believed; it is looked at there."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from orderwerk.api.endpoint import Answer, guarded
from orderwerk.api.errors import MethodNotAllowed, TooLarge, Unauthorized
from orderwerk.core.actor import Actor
from orderwerk.core.errors import BadInput, Malformed, NotFound
from orderwerk.integrations.payment_providers.registry import PROVIDERS
from orderwerk.payments.accounts import accounts_in_use
from orderwerk.payments.commands.notice import PaymentNotice, notice_payments
from orderwerk.payments.hooks import account_of
from orderwerk.payments.ports import Account

_MOST_BYTES = 256 * 1024


@csrf_exempt
def incoming(request: HttpRequest, provider: str, token: str) -> HttpResponse:
    """Take in one message. The address is the account's own; what it is about is put on the agenda and looked at.

    404 for an address that we never gave out, 401 for a message that the provider has not signed, 400 for one that is not the
    provider's; nothing is changed then.
    """
    return guarded(request, _answer(request, provider, token))


def _answer(request: HttpRequest, provider: str, token: str) -> Callable[[], Answer]:
    def answer() -> Answer:
        if request.method != "POST":
            raise MethodNotAllowed(f"{request.method} is not known here.", details={"allow": "POST"})  # fmt: skip
        account = _account(provider, token)
        body = _body(request)
        headers = {name.lower(): value for name, value in request.headers.items()}
        try:
            references = PROVIDERS[provider].references(account, headers, body)
        except BadInput as refusal:
            if refusal.code == "invalid_signature":
                raise Unauthorized(refusal.message, code=refusal.code) from refusal
            # Malformed in the sense of HTTP: 400, as the providers expect it.
            raise Malformed(refusal.message, code=refusal.code) from refusal
        notices = [PaymentNotice(account.id, account.shop_id, name) for name in references]
        notice_payments(notices, actor=Actor.system(provider))
        return Answer(200, b"")

    return answer


def _account(provider: str, token: str) -> Account:
    account_id = account_of(token, settings.SECRET_KEY)
    found = accounts_in_use([account_id] if account_id else [])
    account = found.get(account_id) if account_id else None
    if account is None or account.provider != provider:
        raise NotFound("There is nothing here.", code="unknown_address")
    return account


def _body(request: HttpRequest) -> bytes:
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdecimal() or int(length[:12]) > _MOST_BYTES:
        raise TooLarge("A message here has 256 kB at most.")
    return request.body
