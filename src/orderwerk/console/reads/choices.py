"""What the filters and forms of pages offer: places and people."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from orderwerk.accounts.models import Role, User
from orderwerk.accounts.rules import role_may
from orderwerk.core.actor import Actor
from orderwerk.stock.queries import LocationRow, all_locations


def active_locations(actor: Actor) -> list[LocationRow]:
    """Return the active stock locations that an actor may see, by priority; one statement."""
    return [place for place in all_locations(actor) if place.is_active]


def place_choices(places: list[LocationRow]) -> list[tuple[str, str]]:
    """Return locations as the choices of a field."""
    return [(place.code, place.name) for place in places]


def pickers() -> list[tuple[str, str]]:
    """Return who may be given a pick list, by name; one statement."""
    found = User.objects.filter(is_active=True, role__in=[Role.WAREHOUSE, Role.OWNER])
    return list(found.order_by("name").values_list("username", "name"))


def hold_owners() -> list[tuple[str, str]]:
    """Return who may be handed a hold, by name: people who may release it; one statement."""
    roles = [role for role in Role.values if role_may(role, "orders:write")]
    found = User.objects.filter(is_active=True, role__in=roles)
    return list(found.order_by("name").values_list("username", "name"))


def hold_owner_choices() -> list[tuple[str, Any]]:
    """Return the same as the choices of a field where nobody may be chosen."""
    return [("", _("Nobody")), *hold_owners()]
