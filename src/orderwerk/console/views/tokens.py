"""Settings: the programs that may call the API."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from orderwerk.accounts.commands.create_token import NewToken, create_tokens
from orderwerk.accounts.commands.revoke_token import RevokeToken, revoke_tokens
from orderwerk.accounts.models import ApiToken
from orderwerk.accounts.queries import tokens
from orderwerk.console.access import PersonRequest, needs
from orderwerk.console.forms.settings import TokenForm, show_refusal
from orderwerk.console.lists import Asked, Column, Listing
from orderwerk.console.views.people import places
from orderwerk.core import clock

_COLUMNS = (
    Column("name", _("Name")),
    Column("scopes", _("May do")),
    Column("sees", _("Sees")),
    Column("created", _("Made")),
    Column("used", _("Last used")),
    Column("status", _("Status")),
    Column("action", _("Action"), hidden=True),
)


def _status(token: ApiToken) -> str:
    if token.revoked_at is not None:
        return "revoked"
    if token.expires_at is not None and token.expires_at <= clock.now():
        return "expired"
    return "yes"


@needs("settings:read", everything=True)
def token_list(request: HttpRequest) -> HttpResponse:
    """Show all tokens, with what each may do and when it was last used."""
    return _list_page(request, {})


def _list_page(request: HttpRequest, extra: dict[str, Any]) -> HttpResponse:
    named = places()
    listing = Listing(
        path=request.path,
        asked=Asked(),
        columns=_COLUMNS,
        rows=[{"token": token, "status": _status(token)} for token in tokens()],
        row_template="console/settings/token_row.html",
        empty_icon="key",
        empty_title=_("No tokens yet"),
        empty_text=_("A token lets your webshop or ERP call the API."),
    )
    context = {"listing": listing, "tab": "tokens", "shop_count": len(named["shops"]), **extra}
    return render(request, "console/settings/tokens.html", context)


@never_cache
@needs("settings:write", everything=True)
def token_new(request: PersonRequest) -> HttpResponse:
    """Make a token and show it, this once."""
    form = TokenForm(request.POST or None, places=places())
    if request.method == "POST" and form.is_valid():
        item = NewToken(
            name=form.cleaned_data["name"],
            scopes=tuple(form.cleaned_data["scopes"]),
            shops=form.codes("shops"),
            locations=form.codes("locations"),
            expires_at=form.expires_at(),
        )
        [outcome] = create_tokens([item], actor=request.access.actor)
        if outcome.ok:
            # Shown in the answer itself, never stored in a session or a message.
            shown = {"raw": outcome.data["token"], "name": item.name}
            return render(request, "console/settings/token_shown.html", {**shown, "tab": "tokens"})
        show_refusal(form, outcome.error)  # type: ignore[arg-type]
    status = 422 if form.errors else 200
    return render(
        request, "console/settings/token_new.html", {"form": form, "tab": "tokens"}, status=status
    )


@require_POST
@needs("settings:write", everything=True)
def token_revoke(request: PersonRequest, token_id: UUID) -> HttpResponse:
    """Shut a program out, for good."""
    [outcome] = revoke_tokens([RevokeToken(token_id=token_id)], actor=request.access.actor)
    if outcome.error is not None:
        messages.error(request, outcome.error.message)
    else:
        messages.success(
            request, _("%(name)s can no longer call the API.") % {"name": outcome.data["name"]}
        )
    return redirect("tokens")
