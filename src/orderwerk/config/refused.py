"""What a browser is told when a form cannot be taken: its secret is missing, or it was too large to be read."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.csrf import csrf_failure

from orderwerk.config.front import MOST_BODY
from orderwerk.portal.page import too_large

_SHOPPERS = "/track/"


def form_refused(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form without its secret. One that was too large was not read, so its secret was not seen either."""
    if int(request.META.get("CONTENT_LENGTH") or 0) <= MOST_BODY:
        return csrf_failure(request, reason)
    if request.path.startswith(_SHOPPERS):
        return too_large(request)
    return render(request, "413.html", status=413)
