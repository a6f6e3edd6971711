"""A return that a customer has announced: how it stands, what is to be done, its papers, its box, and taking it back."""

from datetime import datetime, timedelta

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_POST, require_safe

from orderwerk.core import clock
from orderwerk.core.barcodes import code_128
from orderwerk.core.errors import NotFound, Refusal
from orderwerk.flows.letter_data import money
from orderwerk.portal.page import SHOPPER, Visitor, for_visitors, show
from orderwerk.portal.probes import taken_back
from orderwerk.portal.shown import day, instant
from orderwerk.portal.standing import answer, costs, is_sent, standing
from orderwerk.return_requests.boxes import BoxedRow, along_with
from orderwerk.return_requests.commands.box import BoxItem, box_return_requests
from orderwerk.return_requests.commands.decide import CancelRequestItem, cancel_return_requests
from orderwerk.return_requests.documents import return_slip
from orderwerk.return_requests.label_queries import (
    ReturnLabelRow,
    label_of,
    return_label_document,
)
from orderwerk.return_requests.queries import (
    ReturnRequestRow,
    return_request_by_number,
    return_request_lines,
)
from orderwerk.return_requests.reasons import named
from orderwerk.return_requests.ways import chosen_places, how_to_return
from orderwerk.returns.claim_queries import repair_of


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
    place = chosen_places([found.id]).get(found.id)
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
        place=place,
        instructions=how_to_return(found.way, place, visitor.policy.instructions, language),
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
    item = CancelRequestItem(return_request_id=found.id)
    if cancel_return_requests([item], actor=SHOPPER)[0].ok:
        taken_back(visitor)
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
