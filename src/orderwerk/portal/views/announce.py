"""Announcing a return: choose lines, pieces, reasons and what is wanted for them; and the page of one that was announced."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from orderwerk.core import clock
from orderwerk.core.barcodes import code_128
from orderwerk.core.errors import NotFound, Refusal
from orderwerk.flows.announce_returns import AnnouncedItem, announce_returns
from orderwerk.flows.letter_data import money
from orderwerk.portal.page import SHOPPER, Visitor, for_visitors, show
from orderwerk.portal.shown import day, instant, plain_day
from orderwerk.portal.standing import answer, costs, is_sent, standing
from orderwerk.return_requests.boxes import BoxedRow, along_with
from orderwerk.return_requests.commands.box import BoxItem, box_return_requests
from orderwerk.return_requests.commands.create import (
    RequestLine,
    ReturnRequestItem,
    WishedArticle,
)
from orderwerk.return_requests.commands.decide import CancelRequestItem, cancel_return_requests
from orderwerk.return_requests.documents import return_slip
from orderwerk.return_requests.facts import line_facts
from orderwerk.return_requests.keeping import kept_or_asked_of
from orderwerk.return_requests.label_queries import (
    ReturnLabelRow,
    label_of,
    return_label_document,
)
from orderwerk.return_requests.queries import (
    ReturnRequestRow,
    all_reasons,
    instead_of,
    return_request_by_number,
    return_request_lines,
)
from orderwerk.return_requests.reasons import named
from orderwerk.return_requests.rules import (
    LineFacts,
    fee_of,
    keep_limit,
    last_day,
    why_no_repair,
    why_not,
)
from orderwerk.return_requests.statuses import Outcome
from orderwerk.returns.claim_queries import repair_of

_SAID = {
    "outcome_not_offered": "outcome_not_offered",
    "too_many_to_return": "too_many_to_return",
    "not_a_picture": "bad_photo",
    "photo_too_large": "photo_too_large",
    "too_many_photos": "too_many_photos",
    "too_dear_to_keep": "too_dear_to_keep",
    "keep_not_allowed": "outcome_not_offered",
    "gift_not_offered": "gift_not_offered",
}


@dataclass(frozen=True, slots=True)
class Choice:
    """One line of the form: what may come back, until when, or why nothing may; and what there is instead."""

    id: UUID
    name: str
    sku: str
    most: int
    until: str
    hindrance: str
    chosen: int
    reason: str
    instead: list[tuple[str, str]]
    wanted: str
    only_repair: bool = False

    @property
    def numbers(self) -> range:
        """Return the quantities to choose from."""
        return range(1, self.most + 1)


@dataclass(slots=True)
class Typed:
    """What the shopper chose so far; kept through an error."""

    quantities: dict[UUID, int] = field(default_factory=dict)
    reasons: dict[UUID, str] = field(default_factory=dict)
    instead: dict[UUID, str] = field(default_factory=dict)
    outcome: str = "refund"
    comment: str = ""

    @property
    def wanted(self) -> dict[UUID, int]:
        """Return the pieces that are to come back, by line."""
        return {key: n for key, n in self.quantities.items() if n > 0}

    def error(self) -> str:
        """Return the word of what is missing, if anything."""
        if not self.wanted:
            return "choose_something"
        return "choose_reason" if any(not self.reasons.get(key) for key in self.wanted) else ""


@require_http_methods(["GET", "HEAD", "POST"])
@for_visitors
def announce(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Show the form, and take it in."""
    facts = line_facts([visitor.order.id])[visitor.order.id]
    if not visitor.shop.return_portal:
        return show(request, "gone", visitor.language, 404)
    if request.method != "POST":
        return _form(request, visitor, facts, Typed())
    try:
        typed = _typed(request, visitor, facts)
        photos = [photo.read() for photo in request.FILES.getlist("photos")[:6]]
    except RequestDataTooBig:
        return _form(request, visitor, facts, Typed(), "body_too_large")
    error = typed.error()
    if error:
        return _form(request, visitor, facts, typed, error)
    try:
        number = _send(visitor, typed, photos)
    except Refusal as refusal:
        return _form(request, visitor, facts, typed, said(refusal))
    return HttpResponseRedirect(f"{visitor.home}/returns/{number}?lang={visitor.language}")


def said(refusal: Refusal) -> str:
    """Return the word for why nothing was announced."""
    if refusal.code in {"window_closed", "not_returnable", "country_not_returnable"}:
        return f"blocked_{refusal.code}"
    return _SAID.get(refusal.code, "went_wrong")


def _send(visitor: Visitor, typed: Typed, photos: list[bytes]) -> str:
    lines = [
        RequestLine(
            order_line_id=key, quantity=n, reason=typed.reasons[key], wanted=_wanted(typed, key)
        )
        for key, n in typed.wanted.items()
    ]
    request = ReturnRequestItem(
        order_id=visitor.order.id,
        lines=lines,
        comment=typed.comment,
        outcome=typed.outcome,  # type: ignore[arg-type] # the command refuses what the shop does not offer
    )
    item = AnnouncedItem(request=request, photos=photos)
    return str(announce_returns([item], actor=SHOPPER)[0].require().data["number"])


def _wanted(typed: Typed, line_id: UUID) -> WishedArticle | None:
    sku = typed.instead.get(line_id, "")
    return WishedArticle(sku=sku) if sku and typed.outcome == "exchange" else None


def _typed(request: HttpRequest, visitor: Visitor, facts: list[LineFacts]) -> Typed:
    form = request.POST
    typed = Typed(outcome=form.get("outcome", "refund"), comment=clean(form.get("comment", "")))
    offered = instead_of(visitor.order.id)
    for line in facts:
        skus = [sku for sku, _ in offered.get(line.id, [])]
        wanted = form.get(f"wanted-{line.id}", "")
        # Only what is offered; where nothing was chosen, the same article.
        typed.instead[line.id] = wanted if wanted in skus else next(iter(skus), "")
    typed_lines(form, facts, typed)
    return typed


def typed_lines(form: QueryDict, facts: list[LineFacts], typed: Typed) -> None:
    """Read how many pieces of which line were chosen, and why."""
    for line in facts:
        number = form.get(f"quantity-{line.id}", "")
        if number.isascii() and number.isdigit() and len(number) <= 7:
            typed.quantities[line.id] = int(number)
        typed.reasons[line.id] = form.get(f"reason-{line.id}", "")[:60]


def clean(text: str) -> str:
    """Return what was typed without signs that nobody sees, as long as it may be."""
    return "".join(c for c in text if c == "\n" or c.isprintable()).strip()[:2000]


def _form(
    request: HttpRequest,
    visitor: Visitor,
    facts: list[LineFacts],
    typed: Typed,
    error: str = "",
) -> HttpResponse:
    policy, words, language = visitor.policy, visitor.words, visitor.language
    now = clock.now()
    choices = []
    offered = instead_of(visitor.order.id) if "exchange" in policy.outcomes else {}
    for line in facts:
        hindrance = why_not(line, policy, now) if line.can_be_announced else "not_shipped"
        # What is broken is owed longer than what is not liked.
        only_repair = (
            hindrance in {"window_closed", "not_returnable"} and Outcome.REPAIR in policy.outcomes
        )
        hindrance = why_no_repair(line, policy) if only_repair else hindrance
        end: date | None = None if only_repair else last_day(line.last_moment, policy)
        choices.append(
            Choice(
                line.id, line.name, line.sku, line.can_be_announced,
                plain_day(end, language) if end else "",
                words[f"blocked_{hindrance}"] if hindrance else "",
                typed.quantities.get(line.id, 0), typed.reasons.get(line.id, ""),
                offered.get(line.id, []), typed.instead.get(line.id, ""), only_repair,
            )
        )  # fmt: skip
    fee = fee_of(policy, visitor.order.currency)
    return show(
        request,
        "announce",
        language,
        422 if error else 200,
        visitor=visitor,
        choices=choices,
        reasons=[(r.code, named(r.names, language)) for r in all_reasons(SHOPPER) if r.is_active],
        outcomes=_wishes(visitor),
        typed=typed,
        fee=money(fee, visitor.order.currency, language) if fee else "",
        error=words[error] if error else "",
    )


def _wishes(visitor: Visitor) -> list[tuple[str, str]]:
    """Return what the shopper may choose from; to keep goods only with what those may have cost, less what is kept already."""
    policy, words, currency = visitor.policy, visitor.words, visitor.order.currency
    wishes = [(code, words[f"wish_{code}"]) for code in policy.outcomes if code != "keep"]
    most = keep_limit(policy, currency) if "keep" in policy.outcomes else None
    left = (most or 0) - (kept_or_asked_of([visitor.order.id])[visitor.order.id] if most else 0)
    if left > 0:
        # What of the limit is used up would tell a guest what goods have cost.
        amount = money(most or 0 if visitor.is_guest else left, currency, visitor.language)
        wishes.append(("keep", words["wish_keep"].format(amount=amount)))
    return wishes


def _announced(visitor: Visitor, number: str) -> ReturnRequestRow | None:
    try:
        found = return_request_by_number(SHOPPER, number)
    except NotFound:
        return None
    # What whoever received a gift sends back is not the buyer's to see.
    return found if found.order_id == visitor.order.id and not found.is_gift else None


@require_safe
@for_visitors
def announced(request: HttpRequest, visitor: Visitor, number: str) -> HttpResponse:
    """Show what was announced, what is to be done, and how far it is."""
    found = _announced(visitor, number)
    if found is None:
        return show(request, "gone", visitor.language, 404)
    language = visitor.language
    lines = return_request_lines([found.id])[found.id]
    # What the customer can do with it: a label to print, or a code to show; what failed is the shop's to see.
    # What travels in another one's box has the label, the slip and the number of that one; a guest does not see which.
    goes = found.status == "approved" and (found.box is None or visitor.is_guest)
    carried = label_of(SHOPPER, found.id) if goes and found.box is None else None
    is_made = carried is not None and carried.status == "made"
    code_from = _code_from(carried) if is_made else None
    repair = repair_of(SHOPPER, found.order_id, found.id) if found.outcome == "repair" else None
    answered, at = answer(found)
    return show(
        request,
        "announced",
        language,
        visitor=visitor,
        found=found,
        status_text=visitor.words[standing(found, repair)],
        answer=visitor.words[answered] if answered else "",
        answered_on=day(at, visitor) if at else "",
        repair=repair,
        announced_on=day(found.created_at, visitor),
        lines=[(line, named(line.reason_names, language)) for line in lines],
        instructions=visitor.policy.instructions.get(language, ""),
        fee=money(found.fee_minor, found.currency, language) if costs(found) else "",
        barcode=code_128(found.number) if goes else "",
        label=carried if is_made else None,
        may_print=_may_print(visitor),
        others=_others(visitor, found),
        label_comes=carried is not None and carried.status == "ordered",
        code=code_128(carried.barcode)
        if carried is not None and code_from is not None and code_from <= clock.now()
        else "",
        code_from=instant(code_from, visitor) if code_from is not None else "",
        may_cancel=found.status in {"requested", "approved"},
        asks="cancel" in request.GET,
    )


@require_POST
@for_visitors
def cancel(request: HttpRequest, visitor: Visitor, number: str) -> HttpResponse:
    """Take an announced return back."""
    found = _announced(visitor, number)
    if found is None:
        return show(request, "gone", visitor.language, 404)
    # Somebody who was faster has decided already: the page says how it stands now.
    cancel_return_requests([CancelRequestItem(return_request_id=found.id)], actor=SHOPPER)
    return HttpResponseRedirect(f"{visitor.home}/returns/{number}?lang={visitor.language}")


# PostNL's table of products: a code must not be shown earlier, or the counter does not know it yet.
_CODE_AFTER = timedelta(minutes=10)


def _code_from(label: ReturnLabelRow | None) -> datetime | None:
    """Return since when the label's code can be shown at the counter; None where it is to be printed."""
    if label is None or not label.is_paperless or label.made_at is None:
        return None
    return label.made_at + _CODE_AFTER


def _others(visitor: Visitor, found: ReturnRequestRow) -> list[BoxedRow]:
    """Return the customer's other open requests, with which this one travels or could travel; a guest sees none of them."""
    if visitor.is_guest or found.status not in {"requested", "approved"} or not is_sent(found):
        return []
    rows = along_with(SHOPPER, found.id)
    # In whose box others travel goes into no other one.
    is_head = found.box is None and any(row.is_along for row in rows)
    return [row for row in rows if row.is_along or not (row.is_elsewhere or is_head)]


@require_POST
@for_visitors
def box(request: HttpRequest, visitor: Visitor, number: str) -> HttpResponse:
    """Put a return into the box of another one of the same customer, or into a box of its own."""
    found = _announced(visitor, number)
    if found is None or visitor.is_guest:
        return show(request, "gone", visitor.language, 404)
    wanted = request.POST.get("into")
    into = next((row.id for row in _others(visitor, found) if row.number == wanted), None)
    # What is not offered any more, or finished meanwhile, stays as it is: the page says how it stands.
    if wanted is None or into is not None:
        box_return_requests([BoxItem(return_request_id=found.id, in_box_of=into)], actor=SHOPPER)
    return HttpResponseRedirect(f"{visitor.home}/returns/{number}?lang={visitor.language}")


def _may_print(visitor: Visitor) -> bool:
    """Tell whether the visitor gets the label: it shows a whole address, which number and postal code alone do not open."""
    return not visitor.is_guest or not visitor.order.customer_email


@require_safe
@for_visitors
def label(request: HttpRequest, visitor: Visitor, number: str) -> HttpResponse:
    """Serve the carrier's label, while the goods may be sent."""
    found = _announced(visitor, number)
    carried = label_of(SHOPPER, found.id) if found is not None else None
    if found is None or carried is None or not _may_print(visitor):
        return show(request, "gone", visitor.language, 404)
    try:
        document = return_label_document(carried.id, actor=SHOPPER)
    except Refusal:
        return show(request, "gone", visitor.language, 409)
    if found.status != "approved" or found.box is not None:
        return show(request, "gone", visitor.language, 409)
    answer = HttpResponse(document.content, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{document.name}"'
    return answer


@require_safe
@for_visitors
def slip(request: HttpRequest, visitor: Visitor, number: str) -> HttpResponse:
    """Serve the sheet for the box, while the goods may be sent."""
    found = _announced(visitor, number)
    if found is None:
        return show(request, "gone", visitor.language, 404)
    try:
        # A guest knows one order: what else travels in its box is not shown.
        document = return_slip(
            found.id, actor=SHOPPER, language=visitor.language, alone=visitor.is_guest
        )
    except Refusal:
        return show(request, "gone", visitor.language, 409)
    answer = HttpResponse(document.content, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{document.name}"'
    return answer
