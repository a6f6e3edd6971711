"""The withdrawal function: a statement, its confirmation as a second step, and a receipt with the exact time.

Directive 2011/83/EU, art. 11a (added by Directive (EU) 2023/2673).
"""

from dataclasses import dataclass
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_http_methods, require_safe

from orderwerk.core import clock, fields
from orderwerk.core.decode import convert
from orderwerk.core.errors import BadInput, Refusal
from orderwerk.core.text import check_clean
from orderwerk.flows.withdraw import StatedLine, WithdrawalItem, state_withdrawals
from orderwerk.portal.page import SHOPPER, Visitor, for_visitors, show
from orderwerk.portal.shown import instant
from orderwerk.return_requests.facts import line_facts
from orderwerk.return_requests.rules import LineFacts, may_withdraw
from orderwerk.return_requests.withdrawal_queries import withdrawal_by_number

_LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class Statement:
    """What the consumer filled in; `lines` empty: the whole order."""

    name: str
    email: str
    is_whole: bool
    lines: dict[UUID, int]

    def error(self) -> str:
        """Return the word of what is wrong with it, if anything."""
        if not 0 < len(self.name) <= _LONGEST_NAME:
            return "bad_name"
        try:
            check_clean(self.name, "/name")
        except BadInput:
            return "bad_name"
        try:
            validate_email(self.email)
            check_clean(convert(self.email, fields.Email), "/email")
        except (ValidationError, BadInput):
            return "bad_email"
        if not self.is_whole and not self.lines:
            return "bad_quantity"
        return ""


@require_http_methods(["GET", "HEAD", "POST"])
@for_visitors
def withdraw(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Show the statement; then the same once more to be confirmed; then keep it."""
    if not visitor.shop.withdrawal_portal:
        return show(request, "closed", visitor.language, 404, visitor=visitor)
    facts = line_facts([visitor.order.id])[visitor.order.id]
    if request.method != "POST":
        # A guest has shown number and postal code; who placed the order is not theirs to read.
        name = "" if visitor.is_guest else visitor.order.customer_name
        email = "" if visitor.is_guest else visitor.order.customer_email or ""
        return _fill_in(request, visitor, facts, Statement(name, email, is_whole=True, lines={}))
    stated = _stated(request, facts)
    error = stated.error()
    if error or request.POST.get("step") == "change":
        return _fill_in(request, visitor, facts, stated, error)
    if request.POST.get("step") != "confirm":
        chosen = [(line, stated.lines.get(line.id, line.ordered)) for line in facts]
        lines = [
            (line, n) for line, n in chosen if n and (stated.is_whole or line.id in stated.lines)
        ]
        return show(request, "withdraw_confirm", visitor.language, visitor=visitor, stated=stated, lines=lines)  # fmt: skip
    pieces = {} if stated.is_whole else stated.lines
    item = WithdrawalItem(
        order_id=visitor.order.id,
        name=stated.name,
        email=stated.email,
        language=visitor.language,  # type: ignore[arg-type] # the portal's four
        lines=[StatedLine(order_line_id=key, quantity=n) for key, n in pieces.items()],
    )
    try:
        outcome = state_withdrawals([item], actor=SHOPPER)[0].require()
    except Refusal:
        return _fill_in(request, visitor, facts, stated, "went_wrong")
    number = outcome.data["number"]
    return HttpResponseRedirect(f"{visitor.home}/withdrawals/{number}?lang={visitor.language}")


def _fill_in(
    request: HttpRequest, visitor: Visitor, facts: list[LineFacts], stated: Statement, error: str = ""
) -> HttpResponse:  # fmt: skip
    moments = [line.last_moment for line in facts if line.last_moment is not None]
    return show(
        request,
        "withdraw",
        visitor.language,
        422 if error else 200,
        visitor=visitor,
        stated=stated,
        choices=[(line, stated.lines.get(line.id, 0)) for line in facts if line.ordered],
        is_late=not may_withdraw(max(moments, default=None), visitor.shop.timezone, clock.now()),
        error=visitor.words[error] if error else "",
    )


def _stated(request: HttpRequest, facts: list[LineFacts]) -> Statement:
    form = request.POST
    lines = {}
    for line in facts:
        number = form.get(f"quantity-{line.id}", "")
        if number.isascii() and number.isdigit() and 0 < int(number[:7]) <= line.ordered:
            lines[line.id] = int(number[:7])
    is_whole = form.get("scope", "all") == "all"
    name = "".join(c for c in form.get("name", "") if c.isprintable()).strip()
    return Statement(name, form.get("email", "").strip(), is_whole, {} if is_whole else lines)


@require_safe
@for_visitors
def withdrawn(request: HttpRequest, visitor: Visitor, number: str) -> HttpResponse:
    """Show the receipt of a statement."""
    found = withdrawal_by_number(visitor.order.id, number)
    if found is None:
        return show(request, "gone", visitor.language, 404)
    return show(
        request,
        "withdrawn",
        visitor.language,
        visitor=visitor,
        found=found,
        received_at=instant(found.received_at, visitor),
    )
