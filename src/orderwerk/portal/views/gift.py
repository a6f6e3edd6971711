"""Sending a gift back: whoever received it announces it without seeing what it cost or who bought it, for a store credit of theirs."""

from uuid import UUID

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_http_methods, require_safe

from orderwerk.core import clock
from orderwerk.core.barcodes import code_128
from orderwerk.core.errors import NotFound, Refusal
from orderwerk.flows.announce_returns import AnnouncedItem, announce_returns
from orderwerk.flows.letter_data import money
from orderwerk.orders.links import (
    claimed_gift_return,
    gift_order,
    gift_return_token,
    is_gift_link,
)
from orderwerk.orders.queries import orders_by_id
from orderwerk.portal.page import SHOPPER, Visitor, language_of, private, show
from orderwerk.portal.probes import announcing
from orderwerk.portal.shown import day, plain_day
from orderwerk.portal.standing import standing
from orderwerk.portal.views.announce import (
    Choice,
    Typed,
    chosen_way,
    clean,
    named_way,
    notes_before,
    offered_ways,
    said,
    typed_lines,
)
from orderwerk.portal.views.withdraw import Statement
from orderwerk.return_requests.commands.create import Gift, RequestLine, ReturnRequestItem
from orderwerk.return_requests.documents import return_slip
from orderwerk.return_requests.facts import line_facts, policies
from orderwerk.return_requests.queries import (
    ReturnRequestRow,
    all_reasons,
    return_request_detail,
    return_request_lines,
)
from orderwerk.return_requests.reasons import named
from orderwerk.return_requests.rules import LineFacts, fee_of, last_day, why_not
from orderwerk.return_requests.ways import chosen_places, how_to_return
from orderwerk.shops.queries import shops_by_id


@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest, token: str) -> HttpResponse:
    """Show the form, and take it in."""
    visitor = _visitor(request, token, gift_order(token))
    if visitor is None or not (visitor.shop.return_portal and visitor.policy.gift_returns):
        return show(request, "gone", language_of(request), 404)
    facts = line_facts([visitor.order.id])[visitor.order.id]
    if request.method != "POST":
        return _form(request, visitor, facts, Typed(), Statement("", "", is_whole=True, lines={}))
    try:
        typed, receiver = _typed(request, visitor, facts), _receiver(request)
        photos = [photo.read() for photo in request.FILES.getlist("photos")[:6]]
    except RequestDataTooBig:
        nothing = Statement("", "", is_whole=True, lines={})
        return _form(request, visitor, facts, Typed(), nothing, "body_too_large")
    error = typed.error() or receiver.error()
    if error:
        return _form(request, visitor, facts, typed, receiver, error)
    try:
        key = announcing(visitor, lambda: _send(visitor, typed, receiver, photos))
    except Refusal as refusal:
        return _form(request, visitor, facts, typed, receiver, said(refusal))
    link = gift_return_token(key, receiver.email)
    return private(HttpResponseRedirect(f"/gift/returns/{link}?lang={visitor.language}"))


def _visitor(
    request: HttpRequest, token: str, order_id: UUID | None, language: str = ""
) -> Visitor | None:
    """Return who sends a gift back: somebody who is not told whose order it was."""
    found = orders_by_id(SHOPPER, [order_id]) if order_id is not None else []
    if not found:
        return None
    [order] = found
    [shop] = shops_by_id(SHOPPER, [order.shop_id])
    policy = policies([order.shop_id])[order.shop_id]
    return Visitor(token, True, order, shop, policy, language_of(request, language or order.locale))  # noqa: FBT003 - a guest


def _typed(request: HttpRequest, visitor: Visitor, facts: list[LineFacts]) -> Typed:
    form = request.POST
    typed = Typed(outcome="store_credit", comment=clean(form.get("comment", "")))
    typed.way = chosen_way(form, offered_ways(visitor, is_gift=True))
    typed_lines(form, facts, typed)
    return typed


def _receiver(request: HttpRequest) -> Statement:
    name = "".join(c for c in request.POST.get("name", "") if c.isprintable()).strip()
    return Statement(name, request.POST.get("email", "").strip(), is_whole=True, lines={})


def _send(visitor: Visitor, typed: Typed, receiver: Statement, photos: list[bytes]) -> UUID:
    lines = [
        RequestLine(order_line_id=key, quantity=n, reason=typed.reasons[key])
        for key, n in typed.wanted.items()
    ]
    item = ReturnRequestItem(
        order_id=visitor.order.id,
        lines=lines,
        comment=typed.comment,
        outcome="store_credit",
        **named_way(typed.way),
        gift=Gift(name=receiver.name, email=receiver.email, language=visitor.language),  # type: ignore[arg-type] # the portal's four
    )
    made = announce_returns([AnnouncedItem(request=item, photos=photos)], actor=SHOPPER)[
        0
    ].require()
    return UUID(str(made.id))


def _form(
    request: HttpRequest,
    visitor: Visitor,
    facts: list[LineFacts],
    typed: Typed,
    receiver: Statement,
    error: str = "",
) -> HttpResponse:
    policy, words, language = visitor.policy, visitor.words, visitor.language
    choices = []
    for line in facts:
        hindrance = (
            why_not(line, policy, clock.now()) if line.can_be_announced_as_gift else "not_shipped"
        )
        end = last_day(line.last_moment, policy)
        choices.append(
            Choice(
                line.id, line.name, line.sku, line.can_be_announced_as_gift, plain_day(end, language) if end else "",
                words[f"blocked_{hindrance}"] if hindrance else "", typed.quantities.get(line.id, 0), typed.reasons.get(line.id, ""),
                [], "",
            )
        )  # fmt: skip
    fee = fee_of(policy, visitor.order.currency)
    return show(
        request,
        "gift",
        language,
        422 if error else 200,
        visitor=visitor,
        choices=choices,
        reasons=[(r.code, named(r.names, language)) for r in all_reasons(SHOPPER) if r.is_active],
        ways=offered_ways(visitor, is_gift=True),
        typed=typed,
        receiver=receiver,
        # Whether the fee eats all of it would tell what it cost.
        notes=notes_before(visitor, fee),
        fee=money(fee, visitor.order.currency, language) if fee else "",
        error=words[error] if error else "",
    )


def _announced(request: HttpRequest, token: str) -> tuple[ReturnRequestRow | None, Visitor | None]:
    """Return the request whose page a link opens, and who looks; nothing where it opens nothing."""
    key = claimed_gift_return(token)
    try:
        found = return_request_detail(SHOPPER, key) if key is not None else None
    except NotFound:
        found = None
    if found is None or not found.is_gift or not is_gift_link(token, found.receiver_email):
        return None, None
    return found, _visitor(request, token, found.order_id, found.receiver_language)


@require_safe
def announced(request: HttpRequest, token: str) -> HttpResponse:
    """Show what was announced, what is to be done, and how far it is."""
    found, visitor = _announced(request, token)
    if found is None or visitor is None:
        return show(request, "gone", language_of(request), 404)
    language, words = visitor.language, visitor.words
    lines = return_request_lines([found.id])[found.id]
    place = chosen_places([found.id]).get(found.id)
    return show(
        request,
        "gift_announced",
        language,
        visitor=visitor,
        found=found,
        status_text=words[standing(found)],
        credit_text=words["gift_credit"].format(email=found.receiver_email),
        announced_on=day(found.created_at, visitor),
        lines=[(line, named(line.reason_names, language)) for line in lines],
        place=place,
        instructions=how_to_return(found.way, place, visitor.policy.instructions, language),
        fee=money(found.fee_minor, found.currency, language) if found.fee_minor else "",
        barcode=code_128(found.number) if found.status == "approved" else "",
    )


@require_safe
def slip(request: HttpRequest, token: str) -> HttpResponse:
    """Serve the sheet for the box, while the goods may be sent."""
    found, visitor = _announced(request, token)
    if found is None or visitor is None:
        return show(request, "gone", language_of(request), 404)
    try:
        document = return_slip(found.id, actor=SHOPPER, language=visitor.language, alone=True)
    except Refusal:
        return show(request, "gone", visitor.language, 409)
    answer = HttpResponse(document.content, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{document.name}"'
    return private(answer)
