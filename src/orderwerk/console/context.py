"""What the frame of every page shows: navigation, the person, the languages."""

from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from orderwerk.console.access import access_of
from orderwerk.console.sections import GOODS, SECTIONS, SETTINGS
from orderwerk.memos.queries import unseen_mentions
from orderwerk.stock.check_queries import open_differences


def shell(request: HttpRequest) -> dict[str, Any]:
    """Return the sections that the person may see, and which of them is open."""
    base = {"languages": settings.LANGUAGES}
    access = access_of(request) if hasattr(request, "user") else None
    if access is None:
        return base
    slug = request.path.split("/", 2)[1]
    visible = [section for section in SECTIONS if access.may(section.scope)]
    goods = [section for section in GOODS if access.may(section.scope)]
    return {
        **base,
        "access": access,
        # Asked for only where the bar is drawn, and once however often a page shows them.
        "new_mentions": cache(lambda: unseen_mentions(access.actor)),
        "differences": cache(lambda: open_differences(access.actor)),
        "sections": visible,
        "goods": goods,
        "settings_section": SETTINGS if access.may(SETTINGS.scope) else None,
        "phone_sections": [section for section in (*visible, *goods) if section.on_phone][:4],
        "open_section": slug,
    }
