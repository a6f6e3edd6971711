"""Announces goods that will come back, by the customer or for the customer."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec

from orderwerk.core import clock, fields, ids, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import BadInput, LimitExceeded, NotFound, Refusal, WrongState
from orderwerk.core.money import format_amount
from orderwerk.core.numbering import next_numbers
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import Move, Subject, UnitOfWork, retrying, unit_of_work
from orderwerk.orders.counters import OrderState, lock_orders
from orderwerk.orders.document import MAX_LINES
from orderwerk.orders.erasure import check_not_erased, erased_among
from orderwerk.return_requests.events import RETURN_REQUEST_RECEIVED
from orderwerk.return_requests.facts import line_facts, policies
from orderwerk.return_requests.keeping import kept_or_asked_of
from orderwerk.return_requests.reasons import active_reasons, every_reason, reason_id
from orderwerk.return_requests.rules import (
    LineFacts,
    Policy,
    eats_all,
    fee_of,
    keep_limit,
    why_no_repair,
    why_not,
)
from orderwerk.return_requests.ways import check_way, places_named

Wish = Literal["refund", "exchange", "store_credit", "repair", "keep"]


class WishedArticle(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The article that the customer would rather have; `quantity` left out: as many as come back."""

    sku: fields.Sku
    quantity: fields.Quantity | None = None


class RequestLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """So many pieces of one order line, and why they come back; `wanted`, with the outcome `exchange`, what for."""

    order_line_id: UUID
    quantity: fields.Quantity
    reason: fields.Code
    wanted: WishedArticle | None = None


class Gift(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Who received the goods as a gift and sends them back: they get the store credit and the messages, the buyer neither."""

    name: fields.Name
    email: fields.Email
    language: Literal["nl", "en", "de", "fr"]


class ReturnRequestItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a customer announces; `as_favour` lets pass what the shop's rules would refuse.

    `gift`: it is announced by whoever received it, with the outcome `store_credit`, where the shop takes gifts back.
    `way`: how it comes, of those that the shop offers; left out: as the shop tells. `bring_to`, with `location`: the stock location.
    A picture that a reason wants is asked of customers in the portal alone; it may follow by `return-requests/add-photos`.
    """

    order_id: UUID
    lines: Annotated[list[RequestLine], msgspec.Meta(min_length=1, max_length=MAX_LINES)]
    comment: fields.Text = ""
    outcome: Wish = "refund"
    as_favour: bool = False
    gift: Gift | None = None
    way: Literal["label", "own", "location"] | None = None
    bring_to: fields.Code | None = None

    @property
    def reasons(self) -> list[str]:
        """Return the codes of why it comes back."""
        return [line.reason for line in self.lines]


@dataclass(frozen=True, slots=True)
class _Accepted:
    """An announcement that is within the rules: what it costs, what its goods were sold for, and where they are brought."""

    item: ReturnRequestItem
    order: OrderState
    policy: Policy
    fee: int
    worth: int
    bring_to: UUID | None


_SENTENCES = {
    "window_closed": "{name} can no longer come back: its return window has closed.",
    "not_returnable": "{name} cannot come back: the shop takes this article not back.",
    "country_not_returnable": "The shop takes nothing back from this country.",
}


def create_return_requests(
    items: Sequence[ReturnRequestItem],
    *,
    actor: Actor,
    origin: str = "api",
    at_once: bool = False,
    photos: Sequence[int] | None = None,
) -> list[Outcome]:
    """Announce returns; nothing moves until the goods are here. A colleague's, and those `at_once`, are approved already;
    never a wish to keep the goods: somebody decides that. `photos`: how many pictures come with each, where they can.

    Refuses with NotFound, with LimitExceeded more pieces than were shipped and not returned, with BadInput a line named
    twice, a reason that is not in use or an article wanted without an exchange, with WrongState what the shop's rules do not take back and an order whose
    personal data was erased, with LimitExceeded a wish to keep what was sold, with all that is kept or asked for of the
    order already, for more than the shop lets keep. A gift is refused with BadInput with any other outcome than store credit,
    and with WrongState where the shop takes no gifts back. Refused are also, with LimitExceeded, goods that were sold for no more
    than returning them costs; with BadInput a missing picture of what the shop wants to see, and with WrongState a way that it does not offer.
    """
    shown = photos if photos is not None else [1] * len(items)
    return retrying(lambda: _create(list(zip(items, shown, strict=True)), actor, origin, at_once=at_once or origin == "console"))  # fmt: skip


def _create(
    shown: Sequence[tuple[ReturnRequestItem, int]], actor: Actor, origin: str, *, at_once: bool
) -> list[Outcome]:
    items = [item for item, _ in shown]
    with unit_of_work(actor) as unit:
        orders = lock_orders(unit, [item.order_id for item in items])
        # The law's own way out does not depend on what is on the merchant's list.
        reasons = every_reason() if origin == "withdrawal" else active_reasons()
        # A statement of withdrawal is taken whatever became of the order's data.
        erased = frozenset() if origin == "withdrawal" else erased_among(orders)
        products, places = _products(items), places_named(items)
        facts = line_facts(list(orders))
        rules = policies([order.shop_id for order in orders.values()])
        kept = _kept(items, list(orders))
        outcomes: list[Outcome] = []
        accepted: list[_Accepted] = []
        for item, pictures in shown:
            try:
                order = orders.get(item.order_id) or _unknown()
                check_not_erased(order.id, erased, order.number)
                policy = rules[order.shop_id]
                lines = {line.id: line for line in facts[order.id]}
                _check(item, lines, policy, reasons)
                _check_wanted(item, products)
                if origin == "portal":
                    _check_announced(item, facts[order.id])
                # Before what an amount decides: else the answer would tell a guest on which side of the fee it lies.
                _check_photo(item, policy, pictures)
                made = _accept(item, order, policy, lines, places)
                if item.outcome == "keep":
                    kept[order.id] = _check_keeping(item, lines, policy, kept[order.id])
            except Refusal as refusal:
                outcomes.append(Outcome.refused(refusal))
                continue
            accepted.append(made)
            outcomes.append(Outcome.done(order.id))
        written = iter(_write(unit, accepted, (reasons, products), (origin, at_once)))
    return [next(written) if outcome.ok else outcome for outcome in outcomes]


def _unknown() -> OrderState:
    raise NotFound("There is no such order.", code="unknown_order", pointer="/order_id")


def _accept(
    item: ReturnRequestItem,
    order: OrderState,
    policy: Policy,
    lines: dict[UUID, LineFacts],
    places: dict[str, UUID],
) -> _Accepted:
    """Return what an announcement costs and where it goes; refuses what would give nothing back, and a way that is not offered."""
    currency = lines[item.lines[0].order_line_id].currency
    is_free = item.as_favour or item.outcome == "repair" or policy.is_free(item.reasons)
    fee = 0 if is_free else fee_of(policy, currency)
    worth = sum(lines[x.order_line_id].worth(x.quantity) for x in item.lines)
    if eats_all(fee, worth, item.outcome):
        raise LimitExceeded(
            f"Sending this back costs {format_amount(fee, currency)}, and it was sold for {format_amount(worth, currency)}: nothing would be given back.",
            code="fee_eats_all",
            pointer="/lines",
        )
    return _Accepted(item, order, policy, fee, worth, check_way(item, policy, places))


def _check_photo(item: ReturnRequestItem, policy: Policy, pictures: int) -> None:
    if not pictures and not item.as_favour and policy.wants_photo(item.reasons):
        raise BadInput(
            "For this reason the shop wants to see a picture.",
            code="photo_wanted",
            pointer="/photos",
        )


def _hindrance(item: ReturnRequestItem, line: LineFacts, policy: Policy) -> str | None:
    if item.outcome == "repair":
        return why_no_repair(line, policy)
    return why_not(line, policy, clock.now())


def _products(items: Sequence[ReturnRequestItem]) -> dict[str, UUID]:
    """Return the articles that are wanted instead, by sku; one statement where any is."""
    skus = sorted({line.wanted.sku for item in items for line in item.lines if line.wanted})
    return dict(sql.fetch("select sku, id from catalog_product where sku = any(%s)", (skus,))) if skus else {}  # fmt: skip


def _check_wanted(item: ReturnRequestItem, products: dict[str, UUID]) -> None:
    for index, line in enumerate(item.lines):
        if line.wanted is None:
            continue
        if item.outcome != "exchange":
            raise BadInput(
                "An article is wanted only with the outcome exchange.",
                code="wanted_without_exchange",
                pointer=f"/lines/{index}/wanted",
            )
        if line.wanted.sku not in products:
            raise NotFound(
                f"The catalogue has no article {line.wanted.sku}.",
                code="unknown_sku",
                pointer=f"/lines/{index}/wanted/sku",
            )


def _check_announced(item: ReturnRequestItem, lines: Sequence[LineFacts]) -> None:
    """Refuse a customer's announcement of pieces that are announced already: a second click is no second parcel."""
    is_gift = item.gift is not None
    left = {x.id: x.can_be_announced_as_gift if is_gift else x.can_be_announced for x in lines}
    for index, wanted in enumerate(item.lines):
        if wanted.quantity > left[wanted.order_line_id]:
            raise LimitExceeded(
                "So many pieces are announced already.",
                code="too_many_to_return",
                pointer=f"/lines/{index}/quantity",
            )


def _check(
    item: ReturnRequestItem,
    lines: dict[UUID, LineFacts],
    policy: Policy,
    reasons: dict[str, UUID],
) -> None:
    seen: set[UUID] = set()
    if item.gift is not None:
        _check_gift(item, policy)
    elif item.outcome not in policy.outcomes and not item.as_favour:
        raise WrongState(
            "The shop does not offer this outcome.", code="outcome_not_offered", pointer="/outcome"
        )
    for index, wanted in enumerate(item.lines):
        pointer = f"/lines/{index}"
        line = lines.get(wanted.order_line_id)
        if line is None:
            raise NotFound("The order has no such line.", code="unknown_order_line", pointer=f"{pointer}/order_line_id")  # fmt: skip
        if line.id in seen:
            raise BadInput("The line is named twice.", code="duplicate_line", pointer=f"{pointer}/order_line_id")  # fmt: skip
        seen.add(line.id)
        reason_id(reasons, wanted.reason, f"{pointer}/reason")
        if wanted.quantity > line.left:
            raise LimitExceeded(
                f"Only {line.left} of {line.name} have been shipped and not returned yet.",
                code="too_many_to_return",
                pointer=f"{pointer}/quantity",
            )
        hindrance = None if item.as_favour else _hindrance(item, line, policy)
        if hindrance is not None:
            raise WrongState(
                _SENTENCES[hindrance].format(name=line.name), code=hindrance, pointer=pointer
            )


def _check_gift(item: ReturnRequestItem, policy: Policy) -> None:
    if item.outcome != "store_credit":
        raise BadInput(
            "A gift is given back for store credit: the money is the buyer's.",
            code="gift_wants_store_credit",
            pointer="/outcome",
        )
    if not policy.gift_returns and not item.as_favour:
        raise WrongState("The shop takes no gifts back.", code="gift_not_offered", pointer="/gift")


def _kept(items: Sequence[ReturnRequestItem], order_ids: Sequence[UUID]) -> dict[UUID, int]:
    """Return what customers keep or ask to keep already, by order; one statement where any item asks for more."""
    return kept_or_asked_of(order_ids) if any(item.outcome == "keep" for item in items) else {}


def _check_keeping(
    item: ReturnRequestItem, lines: dict[UUID, LineFacts], policy: Policy, before: int
) -> int:
    """Return what the order's customer asks to keep with this request too; one request or several, the limit is the same."""
    wanted = [(lines[x.order_line_id], x.quantity) for x in item.lines]
    together = before + sum(line.worth(pieces) for line, pieces in wanted)
    if item.as_favour:
        return together
    most = keep_limit(policy, wanted[0][0].currency)
    if most is None:
        raise WrongState(
            "The shop lets nobody keep what they return.",
            code="keep_not_allowed",
            pointer="/outcome",
        )
    if together > most:
        raise LimitExceeded(
            f"Of an order, only goods that were sold for {format_amount(most, policy.currency)} at most are kept, over all its requests.",
            code="too_dear_to_keep",
            pointer="/outcome",
        )
    return together


_REQUESTS = (
    "id uuid, shop_id uuid, order_id uuid, number text, status text, outcome text, origin text, comment text, "
    "fee_minor bigint, is_favour boolean, created_at timestamptz, decided_at timestamptz, decision_note text, version int, "
    "worth_minor bigint, way text, bring_to_id uuid, is_gift boolean, receiver_name text, receiver_email text, receiver_language text"
)
_LINES = (
    "id uuid, shop_id uuid, order_id uuid, request_id uuid, order_line_id uuid, quantity int, reason_id uuid, "
    "wanted_id uuid, wanted_quantity int"
)


def _write(
    unit: UnitOfWork,
    accepted: Sequence[_Accepted],
    named: tuple[dict[str, UUID], dict[str, UUID]],
    how: tuple[str, bool],
) -> list[Outcome]:
    (reasons, products), (origin, approved) = named, how
    requests: list[dict[str, Any]] = []
    lines: list[dict[str, Any]] = []
    outcomes: list[Outcome] = []
    now = clock.now()
    numbers = next_numbers("return_requests_number", len(accepted))
    for made, number in zip(accepted, numbers, strict=True):
        item, order, policy = made.item, made.order, made.policy
        key = ids.new_id()
        by_itself = policy.approve_at_once and not policy.wants_approval(item.reasons)
        at_once = approved or (by_itself and origin != "withdrawal")
        at_once = at_once and item.outcome != "keep"
        status = "approved" if at_once else "requested"
        requests.append({
            "id": key, "shop_id": order.shop_id, "order_id": order.id, "number": f"RQ{number}", "status": status,
            "outcome": item.outcome, "origin": origin, "comment": item.comment, "decision_note": "", "version": 1,
            "fee_minor": made.fee, "worth_minor": made.worth, "way": item.way or "", "bring_to_id": made.bring_to, "is_favour": item.as_favour, "created_at": now,
            "decided_at": now if at_once else None, "is_gift": item.gift is not None,
            "receiver_name": item.gift.name if item.gift else "", "receiver_email": item.gift.email if item.gift else "",
            "receiver_language": item.gift.language if item.gift else "",
        })  # fmt: skip
        lines += [
            {
                "id": ids.new_id(), "shop_id": order.shop_id, "order_id": order.id, "request_id": key,
                "order_line_id": line.order_line_id, "quantity": line.quantity, "reason_id": reasons[line.reason],
                "wanted_id": products[line.wanted.sku] if line.wanted else None,
                "wanted_quantity": (line.wanted.quantity or line.quantity) if line.wanted else None,
            }
            for line in item.lines
        ]  # fmt: skip
        data = {"number": f"RQ{number}", "units": sum(x.quantity for x in item.lines), "origin": origin}  # fmt: skip
        subject = Subject("return_request", key, 1, order.id, order.shop_id)
        unit.record(RETURN_REQUEST_RECEIVED, subject, Move(None, status), data)
        outcomes.append(Outcome.done(key, number=f"RQ{number}", status=status))
    sql.insert_rows("return_requests_request", _REQUESTS, requests)
    sql.insert_rows("return_requests_line", _LINES, lines)
    return outcomes
