"""Notes that goods arrived damaged, or never, and that the customer wants something for them."""

from collections import Counter
from collections.abc import Sequence
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec

from orderwerk.core import clock, fields, ids, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import LimitExceeded, NotFound, Refusal
from orderwerk.core.numbering import next_numbers
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import Move, Subject, UnitOfWork, retrying, unit_of_work
from orderwerk.orders.counters import OrderState, change_claimed, lock_orders
from orderwerk.orders.document import MAX_LINES
from orderwerk.orders.erasure import check_not_erased, erased_among
from orderwerk.returns.events import CLAIM_MADE, REPAIR_RECEIVED
from orderwerk.returns.facts import Line, line_of, lines_of


class ClaimedLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """So many pieces of one order line."""

    order_line_id: UUID
    quantity: fields.Quantity


class ClaimItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Goods that were shipped and of which nothing comes back; `shipment_id`: the parcel that it is about."""

    order_id: UUID
    kind: Literal["damaged", "lost", "missing"]
    lines: Annotated[list[ClaimedLine], msgspec.Meta(min_length=1, max_length=MAX_LINES)]
    shipment_id: UUID | None = None
    note: fields.LongLine = ""


class KeptItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What the customer of a return request keeps; made by `keep_returns` alone, which knows what may be kept."""

    order_id: UUID
    lines: list[ClaimedLine]
    return_request_id: UUID

    @property
    def kind(self) -> Literal["kept"]:
        """The kind of claim that it is."""
        return "kept"

    @property
    def shipment_id(self) -> None:
        """No parcel: the goods lie with the customer."""

    @property
    def note(self) -> str:
        """Nothing to say: the request says it."""
        return ""


class RepairItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Goods of a return request that came in for repair; made by `receive_repairs` alone."""

    order_id: UUID
    lines: list[ClaimedLine]
    return_request_id: UUID
    note: str = ""

    @property
    def kind(self) -> Literal["repair"]:
        """The kind of claim that it is."""
        return "repair"

    @property
    def shipment_id(self) -> None:
        """No parcel of ours: the customer sent it."""


NewClaim = ClaimItem | KeptItem | RepairItem


def create_claims(items: Sequence[NewClaim], *, actor: Actor) -> list[Outcome]:
    """Make claims, which somebody decides (flows/decide_claims.py); their pieces do not come back meanwhile.

    Refuses with NotFound, with LimitExceeded more pieces than were shipped and neither returned nor claimed, with WrongState
    an order whose personal data was erased.
    """
    return retrying(lambda: _create(items, actor))


_SHIPMENTS = "select id, order_id from shipments_shipment where id = any(%s)"


def _create(items: Sequence[NewClaim], actor: Actor) -> list[Outcome]:
    with unit_of_work(actor) as unit:
        orders = lock_orders(unit, [item.order_id for item in items])
        erased = erased_among(orders)
        lines = lines_of(list(orders))
        parcels: dict[UUID, UUID] = dict(
            sql.fetch(_SHIPMENTS, ([i.shipment_id for i in items if i.shipment_id],))
        )
        outcomes: list[Outcome] = []
        accepted: list[tuple[NewClaim, OrderState]] = []
        for item in items:
            try:
                order = _check(item, orders, lines, parcels)
                check_not_erased(order.id, erased, order.number)
                _take(item, lines)
            except Refusal as refusal:
                outcomes.append(Outcome.refused(refusal))
                continue
            accepted.append((item, order))
            outcomes.append(Outcome.done(order.id))
        made = iter(_write(unit, accepted))
    return [next(made) if outcome.ok else outcome for outcome in outcomes]


def _check(
    item: NewClaim,
    orders: dict[UUID, OrderState],
    lines: dict[UUID, Line],
    parcels: dict[UUID, UUID],
) -> OrderState:
    order = orders.get(item.order_id)
    if order is None:
        raise NotFound("There is no such order.", code="unknown_order", pointer="/order_id")
    if item.shipment_id is not None and parcels.get(item.shipment_id) != order.id:
        raise NotFound(
            "The order has no such shipment.", code="unknown_shipment", pointer="/shipment_id"
        )
    for index, wanted in enumerate(item.lines):
        line_of(lines, order.id, wanted.order_line_id, f"/lines/{index}")
    return order


def _take(item: NewClaim, lines: dict[UUID, Line]) -> None:
    wanted: Counter[UUID] = Counter()
    for index, line in enumerate(item.lines):
        wanted[line.order_line_id] += line.quantity
        known = lines[line.order_line_id]
        if wanted[known.id] > known.left:
            raise LimitExceeded(
                f"Only {known.left} of {known.name} have been shipped and neither returned nor claimed yet.",
                code="too_many_to_claim",
                pointer=f"/lines/{index}/quantity",
            )
    for key, quantity in wanted.items():
        lines[key].left -= quantity


_CLAIMS = (
    "id uuid, shop_id uuid, order_id uuid, shipment_id uuid, request_id uuid, number text, kind text, status text, created_at timestamptz, "
    "created_by text, decided_by text, version int"
)
_LINES = "id uuid, shop_id uuid, order_id uuid, claim_id uuid, order_line_id uuid, quantity int"


def _write(unit: UnitOfWork, accepted: Sequence[tuple[NewClaim, OrderState]]) -> list[Outcome]:
    claims: list[dict[str, Any]] = []
    lines: list[dict[str, Any]] = []
    claimed: Counter[UUID] = Counter()
    outcomes: list[Outcome] = []
    now = clock.now()
    numbers = next_numbers("returns_claim_number", len(accepted))
    for (item, order), n in zip(accepted, numbers, strict=True):
        key, number = ids.new_id(), f"CL{n}"
        claims.append({
            "id": key, "shop_id": order.shop_id, "order_id": order.id, "shipment_id": item.shipment_id,
            "request_id": None if isinstance(item, ClaimItem) else item.return_request_id, "number": number,
            "kind": item.kind, "status": "open", "created_at": now, "created_by": unit.actor.name, "decided_by": "", "version": 1,
        })  # fmt: skip
        pieces: Counter[UUID] = Counter()
        for line in item.lines:
            pieces[line.order_line_id] += line.quantity
        lines += [
            {"id": ids.new_id(), "shop_id": order.shop_id, "order_id": order.id, "claim_id": key, "order_line_id": line, "quantity": q}
            for line, q in pieces.items()
        ]  # fmt: skip
        claimed.update(pieces)
        data = {"number": number, "units": pieces.total(), "kind": item.kind, "note": item.note}
        subject = Subject("claim", key, 1, order.id, order.shop_id)
        kind = REPAIR_RECEIVED if isinstance(item, RepairItem) else CLAIM_MADE
        unit.record(kind, subject, Move(None, "open"), data)
        outcomes.append(Outcome.done(key, number=number, status="open"))
    change_claimed(claimed)
    sql.insert_rows("returns_claim", _CLAIMS, claims)
    sql.insert_rows("returns_claim_line", _LINES, lines)
    return outcomes
