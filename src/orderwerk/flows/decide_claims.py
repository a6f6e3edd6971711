"""Decides claims: the money goes back, the goods are sent once more, what was repaired goes back, or nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from django.db import IntegrityError

from orderwerk.core import clock, fields, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import BadInput, NotFound, Refusal, WrongState
from orderwerk.core.money import format_amount
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import Move, Subject, UnitOfWork, retrying, unit_of_work
from orderwerk.flows.follow_up_orders import Origin, follow_up, origins
from orderwerk.flows.place_orders import place_orders
from orderwerk.invoices.returned import ReturnCredits, ReturnedGoods, ReturnedLine
from orderwerk.invoices.words import claim_words
from orderwerk.orders.counters import change_claimed, lock_orders_of
from orderwerk.orders.document import OrderDocument
from orderwerk.returns.claim_statuses import FREED
from orderwerk.returns.events import (
    CLAIM_REFUNDED,
    CLAIM_REJECTED,
    CLAIM_REPAIRED,
    CLAIM_REPLACED,
)

_ONE_LINE = r"^[^\r\n\t]*(?![\s\S])"
_Carrier = Annotated[str, msgspec.Meta(max_length=60, pattern=_ONE_LINE)]
_Code = Annotated[str, msgspec.Meta(max_length=100, pattern=_ONE_LINE)]


class DecideClaimItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A claim, and what the customer gets; a rejection says why.

    `carrier` and `tracking_code`: how what was here for repair goes back, repaired or not.
    """

    claim_id: UUID
    outcome: Literal["refunded", "replaced", "rejected", "repaired"]
    note: fields.LongLine = ""
    carrier: _Carrier = ""
    tracking_code: _Code = ""


_KINDS = {
    "refunded": CLAIM_REFUNDED,
    "replaced": CLAIM_REPLACED,
    "rejected": CLAIM_REJECTED,
    "repaired": CLAIM_REPAIRED,
}


def decide_claims(items: Sequence[DecideClaimItem], *, actor: Actor) -> list[Outcome]:
    """Decide open claims, each once.

    Refunded: what the pieces cost is credited, VAT and all, and goes back as the shop refunds. Replaced: a new order for
    nothing (its external id names the claim, so there is one for ever) claims stock at once. Rejected: the pieces may be
    claimed, or come back, again. Repaired, of what is here for repair: it goes back, and the pieces are the customer's as before;
    neither stock nor money moves. Refuses with NotFound, with WrongState what is decided and a repair of what is not here for it, with BadInput a rejection without
    a word or a refund of what cost nothing, with LimitExceeded pieces that are on no invoice or credited already.
    """
    return retrying(lambda: _decide(items, actor), also=(IntegrityError,))


@dataclass(slots=True)
class _Line:
    order_line_id: UUID
    quantity: int
    sku: str
    name: str
    unit_price: int
    tax_rate: str
    exemption_words: str
    exemption_code: str


@dataclass(slots=True)
class _Claim:
    id: UUID
    shop_id: UUID
    order_id: UUID
    number: str
    kind: str
    status: str
    created_at: datetime
    lines: list[_Line] = field(default_factory=list)


_READ = """
select id, shop_id, order_id, number, kind, status, created_at from returns_claim where id = any(%s) and order_id = any(%s)
"""
_LINES = """
select k.claim_id, k.order_line_id, k.quantity, l.sku, l.name, l.unit_price_minor, l.tax_rate::text,
  l.vat_exemption, l.vat_exemption_code
from returns_claim_line k join orders_line l on l.id = k.order_line_id where k.claim_id = any(%s) order by k.claim_id, l.position
"""


def _decide(items: Sequence[DecideClaimItem], actor: Actor) -> list[Outcome]:
    with unit_of_work(actor) as unit:
        keys = [item.claim_id for item in items]
        orders = lock_orders_of(unit, "returns_claim", keys)
        claims = {row[0]: _Claim(*row) for row in sql.fetch(_READ, (keys, list(orders)))}
        for row in sql.fetch(_LINES, (list(claims),)):
            claims[row[0]].lines.append(_Line(*row[1:]))
        before = origins(list(orders))
        credits_ = ReturnCredits({claims[i.claim_id].order_id for i in items if i.outcome == "refunded" and i.claim_id in claims})  # fmt: skip
        errors: dict[int, Refusal] = {}
        documents: dict[int, OrderDocument] = {}
        for n, item in enumerate(items):
            try:
                claim = _check(item, claims)
                if item.outcome == "refunded":
                    _check_worth(credits_.add(_goods(claim, before[claim.order_id].locale)))
                elif item.outcome == "replaced":
                    documents[n] = _replacement(claim, before[claim.order_id])
            except Refusal as refusal:
                errors[n] = refusal
                continue
            claim.status = item.outcome
        placed = dict(zip(documents, place_orders(list(documents.values()), actor=actor), strict=True))  # fmt: skip
        errors |= {n: outcome.error for n, outcome in placed.items() if outcome.error is not None}
        done = [(claims[item.claim_id], item, placed.get(n)) for n, item in enumerate(items) if n not in errors]  # fmt: skip
        _write(unit, done)
        credits_.write(unit)
    return [
        Outcome.refused(errors[n]) if n in errors else _done(item, placed.get(n))
        for n, item in enumerate(items)
    ]


def _done(item: DecideClaimItem, order: Outcome | None) -> Outcome:
    more = {} if order is None else {"order_id": order.id, "order_number": order.data["number"]}
    return Outcome.done(item.claim_id, status=item.outcome, **more)


def _check(item: DecideClaimItem, claims: Mapping[UUID, _Claim]) -> _Claim:
    claim = claims.get(item.claim_id)
    if claim is None:
        raise NotFound("There is no such claim.", code="unknown_claim", pointer="/claim_id")
    if claim.status != "open":
        raise WrongState(f"Claim {claim.number} is {claim.status} already.", code="claim_decided")
    _check_repair(item, claim)
    if item.outcome == "rejected" and not item.note.strip():
        raise BadInput(
            "Say why the claim is rejected.", code="claim_note_required", pointer="/note"
        )
    return claim


def _check_repair(item: DecideClaimItem, claim: _Claim) -> None:
    if item.outcome == "repaired" and claim.kind != "repair":
        raise WrongState(f"Claim {claim.number} is for no repair.", code="not_for_repair")
    goes_back = claim.kind == "repair" and item.outcome in FREED
    if (item.carrier or item.tracking_code) and not goes_back:
        raise BadInput(
            "Only what was here for repair is sent back.",
            code="nothing_sent_back",
            pointer="/tracking_code" if item.tracking_code else "/carrier",
        )


def _check_worth(gross: int) -> None:
    if gross <= 0:
        raise BadInput(
            "There is nothing to give back.", code="nothing_to_credit", pointer="/outcome"
        )


def _goods(claim: _Claim, locale: str) -> ReturnedGoods:
    lines = [ReturnedLine(line.order_line_id, line.quantity) for line in claim.lines]
    return ReturnedGoods(
        claim.id, claim.order_id, claim_words(claim.kind, locale), lines, is_claim=True
    )


def _replacement(claim: _Claim, origin: Origin) -> OrderDocument:
    lines = [_given(line, origin.currency) for line in claim.lines]
    about = {"replaces": origin.number, "claim": claim.number}
    return follow_up(origin, f"claim-{claim.number}", claim.created_at, lines, metadata=about)


def _given(line: _Line, currency: str) -> dict[str, Any]:
    # With its price and all of it as discount: papers for customs and insurance need the value.
    price = format_amount(line.unit_price, currency)
    whole = format_amount(line.unit_price * line.quantity, currency)
    return {
        "external_id": str(line.order_line_id), "sku": line.sku, "name": line.name, "quantity": line.quantity,
        "unit_price": price, "discount": whole, "tax_rate": line.tax_rate,
        # Also that it had no ground: else the catalogue would say today's.
        "vat_exemption": line.exemption_words, "vat_exemption_code": line.exemption_code,
    }  # fmt: skip


_MOVE = """
update returns_claim c set status = t.status, new_order_id = t.new_order, decided_at = %s, decided_by = %s,
  carrier = t.carrier, tracking_code = t.code, version = c.version + 1
from unnest(%s::uuid[], %s::text[], %s::uuid[], %s::text[], %s::text[]) as t(id, status, new_order, carrier, code) where c.id = t.id
returning c.id, c.version
"""


def _write(
    unit: UnitOfWork, done: Sequence[tuple[_Claim, DecideClaimItem, Outcome | None]]
) -> None:
    parameters = (
        clock.now(), unit.actor.name, [c.id for c, _, _ in done], [i.outcome for _, i, _ in done],
        [o.id if o is not None else None for _, _, o in done],
        [i.carrier.strip() for _, i, _ in done], [i.tracking_code.strip() for _, i, _ in done],
    )  # fmt: skip
    versions: dict[UUID, int] = dict(sql.fetch(_MOVE, parameters))
    free: dict[UUID, int] = {}
    for claim, item, order in done:
        if item.outcome in FREED:
            for line in claim.lines:
                free[line.order_line_id] = free.get(line.order_line_id, 0) - line.quantity
        data: dict[str, Any] = {"number": claim.number, "note": item.note}
        if order is not None:
            data["order"] = order.data["number"]
        subject = Subject("claim", claim.id, versions[claim.id], claim.order_id, claim.shop_id)
        unit.record(_KINDS[item.outcome], subject, Move("open", item.outcome), data)
    change_claimed(free)
