"""What every page of a shopper's has in common: who visits, in which language, in which shop's colours, and no cache."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.http import require_safe

from orderwerk.core.actor import Actor
from orderwerk.orders.links import read_token
from orderwerk.orders.queries import orders_by_id
from orderwerk.orders.rows import OrderRow
from orderwerk.portal.words import NAMES, WORDS, language_for
from orderwerk.return_requests.facts import policies
from orderwerk.return_requests.rules import Policy
from orderwerk.shops.logos import logo_by_hash
from orderwerk.shops.queries import ShopRow, shops_by_id

# A shopper acts through the portal: the history names it so.
SHOPPER = Actor.system("customer")
_COLOUR = re.compile(r"[0-9a-f]{6}")
_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody at the page of one order."""

    token: str
    is_guest: bool
    order: OrderRow
    shop: ShopRow
    policy: Policy
    language: str

    @property
    def words(self) -> Mapping[str, str]:
        """Return what to say, in the visitor's language."""
        return WORDS[self.language]

    @property
    def home(self) -> str:
        """Return the address of the order's page."""
        return f"/track/{self.token}"


def language_of(request: HttpRequest, locale: str | None = None) -> str:
    """Return the language to answer in."""
    accepted = request.headers.get("Accept-Language", "")[:200]
    return language_for(request.GET.get("lang"), locale, accepted)


def show(
    request: HttpRequest, template: str, language: str, status: int = 200, **context: Any # noqa: ANN401 - a template takes anything
) -> HttpResponse:  # fmt: skip
    """Render a page that no cache keeps and no search engine finds, and whose address goes to nobody."""
    every = {"w": WORDS[language], "lang": language, "language_names": NAMES, **context}
    return private(render(request, f"portal/{template}.html", every, status=status))


@require_safe
def logo(_request: HttpRequest, digest: str) -> HttpResponse:
    """Show a shop's logo by the hash of its bytes: the address of a picture shows it for ever."""
    found = logo_by_hash(digest) if _DIGEST.fullmatch(digest) else None
    if found is None:
        raise Http404
    answer = HttpResponse(found, content_type="image/png")
    answer["Cache-Control"] = "public, max-age=31536000, immutable"
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    # Letters show it in other people's pages.
    answer["Cross-Origin-Resource-Policy"] = "cross-origin"
    return answer


def private(answer: HttpResponse) -> HttpResponse:
    """Return an answer that no cache keeps and no search engine finds, and whose address goes to nobody."""
    answer["Cache-Control"] = "private, no-store"
    # Not "no-referrer": with it browsers send "Origin: null", and no form of ours would be taken.
    answer["Referrer-Policy"] = "same-origin"
    answer["X-Robots-Tag"] = "noindex, nofollow"
    return answer


def for_visitors(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Read the token in the address and hand the view a visitor; a token that opens nothing gets a page that says so."""

    @wraps(view)
    def answer(request: HttpRequest, token: str, **named: str) -> HttpResponse:
        visitor = _visitor(request, token)
        # A number with a NUL is the number of nothing, and PostgreSQL takes none.
        if visitor is None or any("\x00" in value for value in named.values()):
            return show(request, "gone", language_of(request), status=404)
        return private(view(request, visitor, **named))

    return answer


def too_large(request: HttpRequest) -> HttpResponse:
    """Say that what was sent is too large to be read at all."""
    return show(request, "too_large", language_of(request), 413)


def unavailable(request: HttpRequest) -> HttpResponse:
    """Say that nothing can be answered for the moment."""
    language = language_of(request)
    every = {"w": WORDS[language], "lang": language, "language_names": NAMES}
    # Without the request: what a page asks of it may ask the database.
    return private(HttpResponse(render_to_string("portal/unavailable.html", every), status=503))


def _visitor(request: HttpRequest, token: str) -> Visitor | None:
    visit = read_token(token)
    found = orders_by_id(SHOPPER, [visit.order_id]) if visit is not None else []
    if visit is None or not found or not visit.is_genuine(found[0].customer_email):
        return None
    [order] = found
    [shop] = shops_by_id(SHOPPER, [order.shop_id])
    policy = policies([order.shop_id])[order.shop_id]
    return Visitor(token, visit.is_guest, order, shop, policy, language_of(request, order.locale))


def colour(request: HttpRequest) -> HttpResponse:
    """Serve the shop's colour as a style sheet of its own: pages allow no styles inside them."""
    wanted = request.GET.get("c", "")
    brand = wanted if _COLOUR.fullmatch(wanted) else "1f3a8a"
    text = "000000" if _luminance(brand) > _MIDDLE else "ffffff"
    sheet = f":root {{ --brand: #{brand}; --on-brand: #{text}; }}\n"
    answer = HttpResponse(sheet, content_type="text/css")
    answer["Cache-Control"] = "public, max-age=86400"
    return answer


# Where black and white text have the same contrast (WCAG 2.2, relative luminance).
_MIDDLE = 0.179


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
