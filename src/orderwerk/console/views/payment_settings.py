"""Settings: which payment providers each shop is connected to."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from orderwerk.console.access import PersonRequest, needs
from orderwerk.console.doing import Question, ask
from orderwerk.console.forms.payments import AccountForm
from orderwerk.core.actor import Actor
from orderwerk.core.decode import convert
from orderwerk.core.outcome import Outcome
from orderwerk.integrations.payment_providers.connection import try_connections
from orderwerk.payments.account_queries import AccountFilters, AccountRow, account_page
from orderwerk.payments.commands.set_accounts import AccountItem, set_payment_accounts
from orderwerk.payments.providers import PROVIDERS
from orderwerk.shops.queries import ShopRow, all_shops


@dataclass(frozen=True, slots=True)
class _Line:
    """One shop and one provider: connected, or not yet."""

    shop: ShopRow
    provider: str
    title: str
    account: AccountRow | None


def _accounts(actor: Actor) -> dict[tuple[str, str], AccountRow]:
    page = account_page(actor, AccountFilters(), limit=200)
    return {(row.shop, row.provider): row for row in page.items}


@needs("settings:read")
def payment_settings(request: PersonRequest) -> HttpResponse:
    """Show the shops with the providers that they are connected to, and how the last test went."""
    actor = request.access.actor
    known = _accounts(actor)
    lines = [
        _Line(shop, name, provider.title, known.get((shop.code, name)))
        for shop in all_shops(actor)
        for name, provider in PROVIDERS.items()
    ]
    context = {"lines": lines, "tab": "payments"}
    return render(request, "console/settings/payments.html", context)


def _find(actor: Actor, code: str, provider: str) -> tuple[ShopRow, AccountRow | None]:
    shop = next((row for row in all_shops(actor) if row.code == code), None)
    if shop is None or provider not in PROVIDERS:
        raise Http404
    return shop, _accounts(actor).get((code, provider))


@needs("settings:write")
def payment_account(request: PersonRequest, provider: str, code: str) -> HttpResponse:
    """Connect a shop to a provider, or change the credentials."""
    actor = request.access.actor
    shop, known = _find(actor, code, provider)
    form = AccountForm(request.POST or None, provider=provider, known=known)

    def act(filled: AccountForm) -> Outcome:
        return set_payment_accounts([convert(filled.item(code), AccountItem)], actor=actor)[0]

    names = {"provider": PROVIDERS[provider].title, "shop": shop.name}
    question = Question(
        _("%(provider)s for %(shop)s") % names,
        _("Save"),
        reverse("payment_settings"),
        text=_("Refunds of this shop's %(provider)s payments are then sent by themselves, once approved; what is authorised there is taken when goods leave.") % names,
    )  # fmt: skip
    return ask(request, question, form, act, _("Saved. Test the connection now."))


@require_POST
@needs("settings:write")
def payment_test(request: PersonRequest, provider: str, code: str) -> HttpResponse:
    """Ask the provider whether it takes the credentials."""
    known = _find(request.access.actor, code, provider)[1]
    if known is None or not known.is_active:
        raise Http404
    names = {"provider": PROVIDERS[provider].title}
    [result] = try_connections([known.id], actor=request.access.actor)
    if result.is_good:
        messages.success(request, _("%(provider)s takes the credentials.") % names)
    else:
        messages.error(request, _("%(provider)s does not answer as it should: %(why)s") % {**names, "why": result.note})  # fmt: skip
    return redirect("payment_settings")
