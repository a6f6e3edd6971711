"""The door of the return portal: an order number and something that only its customer knows."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_http_methods

from orderwerk.flows.send_links import send_links
from orderwerk.orders.links import guest_token
from orderwerk.portal.finding import Guest, find_order, numbered_order, plain_number
from orderwerk.portal.guesses import count_try
from orderwerk.portal.page import language_of, show
from orderwerk.portal.words import WORDS


@require_http_methods(["GET", "HEAD", "POST"])
def find(request: HttpRequest) -> HttpResponse:
    """Ask for number and proof; lead to the order's page when they agree, and say no more than that when they do not."""
    language = language_of(request)
    if request.method != "POST":
        return show(request, "find", language, number=request.GET.get("number", "")[:60], proof="")
    number, proof = request.POST.get("number", "")[:200], request.POST.get("proof", "")[:300]
    typed = {"number": number, "proof": proof}
    if not number.strip() or not proof.strip():
        return show(request, "find", language, 422, error=WORDS[language]["fill_in"], **typed)
    # Counted by the order that is meant, however its number is written.
    meant = numbered_order(number)
    named = str(meant[0]) if meant else plain_number(number)
    attempt = count_try(str(request.META.get("REMOTE_ADDR", "")), named, proof)
    if not attempt.is_allowed:
        return show(request, "find", language, 429, error=WORDS[language]["too_many"], **typed)
    if attempt.by_email_alone:
        # Right or wrong, the answer is the same, and only the order's own customer learns more.
        send_links(meant)
        return show(request, "find_mailed", language)
    order_id = find_order(Guest(number, proof))
    if order_id is None:
        return show(request, "find", language, 422, error=WORDS[language]["not_found"], **typed)
    attempt.forgive()
    asked = f"?lang={language}" if "lang" in request.GET else ""
    return HttpResponseRedirect(f"/track/{guest_token(order_id)}{asked}")
