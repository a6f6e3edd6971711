"""The person's own page: how the console looks and speaks, password, second factor."""

from allauth.mfa.models import Authenticator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST
from msgspec import UNSET

from orderwerk.accounts.commands.update_user import UserChange, update_users
from orderwerk.accounts.models import Language, Theme
from orderwerk.console.access import PersonRequest, needs, own_path
from orderwerk.console.sections import GOODS, SECTIONS, SETTINGS


@needs(None)
def home(request: PersonRequest) -> HttpResponse:
    """Lead to the first section that the person may see."""
    for section in (*SECTIONS, *GOODS, SETTINGS):
        if request.access.may(section.scope):
            return redirect(section.path)
    return redirect("account")


@needs(None)
def account(request: HttpRequest) -> HttpResponse:
    """Show the person's own password and second factor."""
    kinds = set(
        Authenticator.objects.filter(user_id=request.user.pk).values_list("type", flat=True)
    )
    return render(request, "console/account.html", {"has_totp": Authenticator.Type.TOTP in kinds})


@require_POST
@needs(None)
def preferences(request: PersonRequest) -> HttpResponse:
    """Change the person's language or theme, and go back to the page."""
    theme = request.POST.get("theme", "")
    language = request.POST.get("language", "")
    change = UserChange(
        user_id=request.user.pk,
        theme=theme if theme in Theme.values else UNSET,
        language=language if language in Language.values else UNSET,
    )
    update_users([change], actor=request.access.actor)[0].require()
    return redirect(own_path(request.POST.get("next", "")) or "home")
