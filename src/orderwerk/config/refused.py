"""What a browser is told when it cannot be served: a form without its secret or too large, a database that does not answer."""

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.csrf import csrf_failure
from django.views.defaults import server_error

from orderwerk.config.front import MOST_BODY
from orderwerk.portal.page import too_large, unavailable

# The portal's way in; what begins with it and goes on is the console's.
_WAY_IN = "/returns"
_SHOPPERS = ("/track/", "/gift/")
_AGAIN_SECONDS = "5"


def form_refused(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form without its secret. One that was too large was not read, so its secret was not seen either."""
    if int(request.META.get("CONTENT_LENGTH") or 0) <= MOST_BODY:
        return csrf_failure(request, reason)
    if _is_shoppers(request):
        return too_large(request)
    return render(request, "413.html", status=413)


def failed(request: HttpRequest) -> HttpResponse:
    """Answer a request that broke off: a database that is away or full is no fault of the program, and passes."""
    if not isinstance(sys.exc_info()[1], OperationalError | InterfaceError):
        return server_error(request)
    # Without the request: what a page asks of it may ask the database.
    page = unavailable(request) if _is_shoppers(request) else HttpResponse(render_to_string("503.html"), status=503)  # fmt: skip
    page["Retry-After"] = _AGAIN_SECONDS
    return page


def _is_shoppers(request: HttpRequest) -> bool:
    return request.path == _WAY_IN or request.path.startswith(_SHOPPERS)
