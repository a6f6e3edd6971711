"""Settings: the people who may log in."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from orderwerk.accounts.commands.create_user import NewUser, create_users
from orderwerk.accounts.commands.set_password import NewPassword, set_passwords
from orderwerk.accounts.commands.update_user import UserChange, update_users
from orderwerk.accounts.models import Role, User
from orderwerk.accounts.queries import people
from orderwerk.console.access import PersonRequest, needs
from orderwerk.console.forms.settings import (
    PersonEditForm,
    PersonForm,
    person_initial,
    show_refusal,
)
from orderwerk.console.lists import Asked, Column, Filter, Listing
from orderwerk.core.errors import Refusal
from orderwerk.core.uow import unit_of_work
from orderwerk.shops.models import Shop
from orderwerk.stock.models import StockLocation

_COLUMNS = (
    Column("name", _("Name")),
    Column("role", _("Role")),
    Column("sees", _("Sees")),
    Column("last_login", _("Last login")),
    Column("status", _("Status")),
)


def places() -> dict[str, list[tuple[str, str]]]:
    """Return the shops and locations that somebody can be limited to."""
    return {
        "shops": list(Shop.objects.order_by("name").values_list("code", "name")),
        "locations": list(StockLocation.objects.order_by("name").values_list("code", "name")),
    }


@needs("settings:read", everything=True)
def people_list(request: HttpRequest) -> HttpResponse:
    """Show everybody who may log in, or once might."""
    asked = Asked.read(request, tabs=(), filters=("role",))
    found = people()
    if asked.filters.get("role"):
        found = found.filter(role=asked.filters["role"])
    listing = Listing(
        path=request.path,
        asked=asked,
        columns=_COLUMNS,
        rows=found,
        row_template="console/settings/person_row.html",
        filters=[Filter("role", _("All roles"), Role.choices)],
        empty_icon="users",
        empty_title=_("Nobody yet"),
        empty_text=_("Add the people who work with your orders."),
    )
    return render(request, "console/settings/people.html", {"listing": listing, "tab": "people"})


@needs("settings:write", everything=True)
def person_new(request: PersonRequest) -> HttpResponse:
    """Let a new person in."""
    form = PersonForm(request.POST or None, places=places())
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        item = NewUser(
            username=values["username"],
            name=values["name"],
            email=values["email"],
            role=values["role"],
            language=values["language"],
            password=values["password"],
            shops=form.codes("shops"),
            locations=form.codes("locations"),
        )
        [outcome] = create_users([item], actor=request.access.actor)
        if outcome.ok:
            messages.success(request, _("%(name)s may log in now.") % {"name": item.name})
            return redirect("people")
        show_refusal(form, outcome.error)  # type: ignore[arg-type]
    return _form_page(request, form, None)


@needs("settings:write", everything=True)
def person(request: PersonRequest, user_id: UUID) -> HttpResponse:
    """Show one person and change it."""
    found = people().filter(id=user_id).first()
    if found is None:
        raise Http404
    form = PersonEditForm(request.POST or None, initial=person_initial(found), places=places())
    if request.method == "POST" and form.is_valid():
        try:
            _save(found, form, request)
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(request, _("Saved."))
            return redirect("people")
    return _form_page(request, form, found)


def _save(found: User, form: PersonEditForm, request: PersonRequest) -> None:
    values = form.cleaned_data
    change = UserChange(
        user_id=found.id,
        name=values["name"],
        email=values["email"],
        role=values["role"],
        language=values["language"],
        shops=form.codes("shops"),
        locations=form.codes("locations"),
    )
    with unit_of_work(request.access.actor):
        update_users([change], actor=request.access.actor)[0].require()
        if values["password"]:
            item = NewPassword(user_id=found.id, password=values["password"])
            set_passwords([item], actor=request.access.actor)[0].require()


@require_POST
@needs("settings:write", everything=True)
def person_active(request: PersonRequest, user_id: UUID) -> HttpResponse:
    """Deactivate a person, which ends the sessions, or let one in again."""
    is_active = request.POST.get("is_active") == "yes"
    [outcome] = update_users(
        [UserChange(user_id=user_id, is_active=is_active)], actor=request.access.actor
    )
    if outcome.error is not None:
        messages.error(request, outcome.error.message)
    elif is_active:
        messages.success(request, _("This person may log in again."))
    else:
        messages.success(request, _("Deactivated. Open sessions have ended."))
    return redirect("person", user_id)


def _form_page(request: HttpRequest, form: PersonForm, found: User | None) -> HttpResponse:
    context: dict[str, Any] = {"form": form, "person": found, "tab": "people"}
    status = 422 if form.errors else 200
    return render(request, "console/settings/person.html", context, status=status)
