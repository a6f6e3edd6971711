"""The door of the return portal: an order number and something that only its customer knows."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_http_methods

from orderwerk.flows.send_links import send_links
from orderwerk.orders.links import gift_token, guest_token
from orderwerk.orders.queries import orders_by_id
from orderwerk.portal.finding import Guest, find_order, numbered_order, plain_number
from orderwerk.portal.gifts import takes_gifts
from orderwerk.portal.guesses import count_try
from orderwerk.portal.page import SHOPPER, language_of, show
from orderwerk.portal.words import WORDS
from orderwerk.return_requests.facts import policies


@require_http_methods(["GET", "HEAD", "POST"])
def find(request: HttpRequest) -> HttpResponse:
    """Ask for number and proof; lead to the order's page when they agree, and say no more than that when they do not.

    Whoever received the order as a gift is led to a page of their own.
    """
    language = language_of(request)
    door = {"gifts": takes_gifts(), "is_gift": "gift" in request.GET or "gift" in request.POST}
    if request.method != "POST":
        number = request.GET.get("number", "")[:60]
        return show(request, "find", language, number=number, proof="", **door)
    number, proof = request.POST.get("number", "")[:200], request.POST.get("proof", "")[:300]
    typed = {"number": number, "proof": proof, **door}

    def again(word: str, status: int = 422) -> HttpResponse:
        return show(request, "find", language, status, error=WORDS[language][word], **typed)

    if not number.strip() or not proof.strip():
        return again("fill_in")
    # Counted by the order that is meant, however its number is written.
    meant = numbered_order(number)
    named = str(meant[0]) if meant else plain_number(number)
    attempt = count_try(str(request.META.get("REMOTE_ADDR", "")), named, proof)
    # The link would go to the buyer, who is not told of a gift that comes back.
    if not attempt.is_allowed or (attempt.by_email_alone and door["is_gift"]):
        return again("too_many", 429)
    if attempt.by_email_alone:
        # Right or wrong, the answer is the same, and only the order's own customer learns more.
        send_links(meant)
        return show(request, "find_mailed", language)
    order_id = find_order(Guest(number, proof))
    if order_id is not None:
        attempt.forgive()
    page = _page(order_id, is_gift=door["is_gift"]) if order_id is not None else "not_found"
    asked = f"?lang={language}" if "lang" in request.GET else ""
    return HttpResponseRedirect(f"{page}{asked}") if page.startswith("/") else again(page)


def _page(order_id: UUID, *, is_gift: bool) -> str:
    """Return the page to go to, or the word for why there is none."""
    if not is_gift:
        return f"/track/{guest_token(order_id)}"
    [order] = orders_by_id(SHOPPER, [order_id])
    takes = policies([order.shop_id])[order.shop_id].gift_returns
    return f"/gift/{gift_token(order_id)}" if takes else "gift_not_offered"
