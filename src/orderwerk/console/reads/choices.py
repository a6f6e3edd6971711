"""What the filters and forms of pages offer: places and people."""

from orderwerk.accounts.models import Role, User
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
