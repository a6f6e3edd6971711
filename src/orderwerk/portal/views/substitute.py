"""The customer's answer about a substitute: what is offered, for how much, and two buttons."""

from uuid import UUID
from zoneinfo import ZoneInfo

from babel.dates import format_datetime
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_http_methods

from orderwerk.core import clock
from orderwerk.core.errors import Refusal
from orderwerk.flows.decide_substitutions import (
    SubstitutionItem,
    accept_substitutions,
    decline_substitutions,
)
from orderwerk.flows.letter_data import money
from orderwerk.orders.substitution_queries import SubstitutionRow, order_substitutions
from orderwerk.portal.page import SHOPPER, Visitor, for_visitors, show

_ANSWERS = {"yes": accept_substitutions, "no": decline_substitutions}
# What came to the same a moment ago is no error: a second click, or a colleague who noted it on the phone.
_OVER = frozenset({"substitution_decided", "substitution_expired"})


def open_questions(order_id: UUID) -> list[SubstitutionRow]:
    """Return what the customer of an order can still answer."""
    return [x for x in order_substitutions(SHOPPER, order_id) if _status(x) == "proposed"]


def _status(found: SubstitutionRow) -> str:
    is_over = found.status == "proposed" and found.expires_at <= clock.now()
    return "expired" if is_over else found.status


@require_http_methods(["GET", "HEAD", "POST"])
@for_visitors
def substitute(request: HttpRequest, visitor: Visitor, key: str) -> HttpResponse:
    """Show the question, or what became of it; a guest, who knows no more than number and postal code, answers for nobody."""
    known = [] if visitor.is_guest else order_substitutions(SHOPPER, visitor.order.id)
    found = next((x for x in known if str(x.id) == key), None)
    if found is None:
        return show(request, "gone", visitor.language, 404)
    if request.method != "POST":
        return _page(request, visitor, found)
    answer = _ANSWERS.get(request.POST.get("answer", ""))
    if answer is None:
        return _page(request, visitor, found)
    try:
        answer([SubstitutionItem(substitution_id=found.id)], actor=SHOPPER, via="link")[0].require()
    except Refusal as refusal:
        if refusal.code not in _OVER:
            return _page(request, visitor, found, error=visitor.words["sub_failed"])
    return HttpResponseRedirect(f"{visitor.home}/substitutes/{key}?lang={visitor.language}")


def _page(
    request: HttpRequest, visitor: Visitor, found: SubstitutionRow, *, error: str = ""
) -> HttpResponse:
    status, words = _status(found), visitor.words
    return show(
        request,
        "substitute",
        visitor.language,
        409 if error else 200,
        visitor=visitor,
        found=found,
        is_open=status == "proposed",
        title=words["sub_title"] if status == "proposed" else words[f"sub_{status}"],
        total=money(found.gross_minor, found.currency, visitor.language),
        until=format_datetime(
            found.expires_at, "d MMMM y, HH:mm", tzinfo=ZoneInfo(visitor.shop.timezone), locale=visitor.language
        ),
        error=error,
    )  # fmt: skip
