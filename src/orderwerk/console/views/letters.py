"""Letters as customers see them: each a page of its own that can do nothing, shown in a frame."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from csp.constants import NONE, SELF, UNSAFE_INLINE
from csp.decorators import csp
from django.http import Http404, HttpResponse, HttpResponseBase
from django.views.decorators.clickjacking import xframe_options_sameorigin

from orderwerk.console.access import PersonRequest, needs
from orderwerk.console.reads.orders import email_of
from orderwerk.console.views.order import find_order
from orderwerk.core.errors import NotFound
from orderwerk.emails.queries import email_detail

# Mail clients know inline styles only, so a letter has them; nothing else in it is let through.
_HARMLESS = {
    "default-src": [NONE],
    "style-src": [UNSAFE_INLINE],
    "img-src": [SELF, "https:", "data:"],
    "frame-ancestors": [SELF],
    "sandbox": ["allow-popups"],
}


def harmless(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Let a view's page be shown in a frame of ours, without scripts, forms or anything from elsewhere but pictures."""
    decorated: Any = xframe_options_sameorigin(csp(_HARMLESS)(view))
    found: Callable[..., HttpResponseBase] = decorated
    return found


@harmless
@needs("orders:read")
def letter(request: PersonRequest, number: str, email_id: UUID) -> HttpResponse:
    """Show a message just as it was sent."""
    order = find_order(request, number).order
    if not email_of(order.id, email_id):
        raise Http404
    try:
        found = email_detail(request.access.actor, email_id)
    except NotFound as error:
        raise Http404 from error
    if not found.body_html:
        return HttpResponse(found.body_text, content_type="text/plain; charset=utf-8")
    return HttpResponse(found.body_html)
