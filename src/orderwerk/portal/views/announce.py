"""Announcing a return: choose lines, pieces, reasons, what is wanted for them, and how they come."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.views.decorators.http import require_http_methods

from orderwerk.core import clock
from orderwerk.core.errors import Refusal
from orderwerk.flows.announce_returns import AnnouncedItem, announce_returns
from orderwerk.flows.letter_data import money
from orderwerk.portal.page import SHOPPER, Visitor, for_visitors, show
from orderwerk.portal.probes import announcing
from orderwerk.portal.shown import plain_day
from orderwerk.return_requests.commands.create import (
    RequestLine,
    ReturnRequestItem,
    WishedArticle,
)
from orderwerk.return_requests.facts import line_facts
from orderwerk.return_requests.keeping import kept_or_asked_of
from orderwerk.return_requests.label_queries import (
    carrier_comes,
)
from orderwerk.return_requests.queries import (
    all_reasons,
    instead_of,
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
from orderwerk.return_requests.statuses import Outcome, Way
from orderwerk.return_requests.ways import drop_locations

_SAID = {
    "outcome_not_offered": "outcome_not_offered",
    "too_many_to_return": "too_many_to_return",
    "not_a_picture": "bad_photo",
    "photo_too_large": "photo_too_large",
    "too_many_photos": "too_many_photos",
    "too_dear_to_keep": "too_dear_to_keep",
    "keep_not_allowed": "outcome_not_offered",
    "gift_not_offered": "gift_not_offered",
    "fee_eats_all": "fee_eats_all",
    "photo_wanted": "photo_wanted",
    "way_not_offered": "way_not_offered",
    "place_not_offered": "way_not_offered",
    "not_this_way": "not_this_way",
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
    way: str = ""

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
        number = announcing(visitor, lambda: _send(visitor, typed, photos))
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
        **named_way(typed.way),
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
    typed.way = chosen_way(form, offered_ways(visitor))
    return typed


def chosen_way(form: QueryDict, offered: list[tuple[str, str]]) -> str:
    """Return the way that was chosen; only what is offered, and where nothing was chosen, what stands first."""
    ways = [value for value, _ in offered]
    chosen = form.get("way", "")
    return chosen if chosen in ways else next(iter(ways), "")


def named_way(way: str) -> dict[str, Any]:
    """Return a way of the form as an announcement names it."""
    kind, _, place = way.partition(":")
    return {"way": kind or None, "bring_to": place or None}


def offered_ways(visitor: Visitor, *, is_gift: bool = False) -> list[tuple[str, str]]:
    """Return how the goods of the visitor's order may come, as the form names it: a label only where the carrier comes.

    None for a gift: it shows the buyer's address.
    """
    policy, words, order = visitor.policy, visitor.words, visitor.order
    ways = []
    for way in policy.ways:
        if way == Way.LOCATION:
            ways += [
                (
                    f"{way}:{place.code}",
                    words["way_location"].format(
                        place=f"{place.name}, {place.address}".rstrip(", ")
                    ),
                )
                for place in drop_locations(policy.drop_locations)
            ]
        elif way == Way.OWN or (
            not is_gift and carrier_comes(order.shop_id, order.delivery_address.get("country", ""))
        ):
            ways.append((way, words[f"way_{way}"]))
    return ways  # fmt: skip


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
        ways=offered_ways(visitor),
        notes=_notes(visitor, facts, fee),
        typed=typed,
        fee=money(fee, visitor.order.currency, language) if fee else "",
        error=words[error] if error else "",
    )


def _notes(visitor: Visitor, facts: list[LineFacts], fee: int) -> list[str]:
    # A guest, who may have got it as a gift, is not told what nothing of an order has cost.
    most = sum(x.worth(x.can_be_announced) for x in facts)
    is_all = 0 < most <= fee and not visitor.is_guest
    notes = notes_before(visitor, fee)
    return [*notes[:-1], visitor.words["fee_is_all"]] if is_all else notes


def notes_before(visitor: Visitor, fee: int) -> list[str]:
    """Return what is to be known before anything is announced: what is to be shown, what costs nothing, what is not taken."""
    policy, words = visitor.policy, visitor.words
    names = {r.code: named(r.names, visitor.language) for r in all_reasons(SHOPPER) if r.is_active}

    def said(word: str, codes: frozenset[str]) -> list[str]:
        chosen = [name for code, name in names.items() if code in codes]
        return [words[word].format(reasons=", ".join(chosen))] if chosen else []

    notes = said("photo_note", policy.photo_reasons)
    if not fee:
        return notes
    return [*notes, *said("free_note", policy.free_reasons), words["fee_note"]]


def _wishes(visitor: Visitor) -> list[tuple[str, str]]:
    """Return what the shopper may choose from; to keep goods only with what those may have cost, less what is kept already."""
    policy, words, currency = visitor.policy, visitor.words, visitor.order.currency
    wishes = [(code, words[f"wish_{code}"]) for code in policy.outcomes if code != "keep"]
    most = keep_limit(policy, currency) if "keep" in policy.outcomes else None
    left = (most or 0) - (kept_or_asked_of([visitor.order.id])[visitor.order.id] if most else 0)
    # What of the limit is used up, and that all of it is, would tell a guest what goods have cost.
    if left > 0 or (most and visitor.is_guest):
        amount = money(most or 0 if visitor.is_guest else left, currency, visitor.language)
        wishes.append(("keep", words["wish_keep"].format(amount=amount)))
    return wishes
