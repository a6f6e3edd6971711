"""The one writer of captures, with the counter that holds their amounts; decided under the lock of their order."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from orderwerk.core import clock, effects, sql
from orderwerk.core.effects import Intent
from orderwerk.core.errors import NotFound
from orderwerk.core.events import EventKind
from orderwerk.core.uow import Move, Subject, UnitOfWork
from orderwerk.orders.counters import lock_orders_of
from orderwerk.payments.events import CAPTURE_SUBMITTED

# The kind of the effects under which providers are asked to capture and to release.
CAPTURE_EFFECT = "capture"
_COLUMNS = (
    "id uuid, shop_id uuid, order_id uuid, payment_id uuid, currency text, is_release boolean, status text, amount_minor bigint, "
    "effect_id uuid, attempts int, provider_reference text, note text, created_at timestamptz, version int"
)


@dataclass(frozen=True, slots=True)
class NewCapture:
    """So much (minor units) of a payment that is to be taken, or let go."""

    id: UUID
    shop_id: UUID
    order_id: UUID
    payment_id: UUID
    reference: str
    currency: str
    amount: int
    is_release: bool = False


@dataclass(frozen=True, slots=True)
class CaptureState:
    """A capture as it stands under the lock of its order; `room` is what may still be asked for of its payment."""

    id: UUID
    order_id: UUID
    shop_id: UUID
    payment_id: UUID
    reference: str
    status: str
    amount: int
    is_release: bool
    effect_id: UUID
    attempts: int
    provider_reference: str
    payment_status: str
    room: int


def insert_captures(unit: UnitOfWork, captures: Sequence[NewCapture]) -> None:
    """Write new captures of locked orders, each with the effect under which the provider is asked, in constant statements."""
    if not captures:
        return
    keys = effects.intend([_intent(c.id, 1, c.shop_id) for c in captures])
    now = clock.now()
    rows: list[dict[str, Any]] = [
        {
            "id": c.id, "shop_id": c.shop_id, "order_id": c.order_id, "payment_id": c.payment_id, "currency": c.currency,
            "is_release": c.is_release, "status": "submitted", "amount_minor": c.amount, "effect_id": keys[f"{c.id}/1"],
            "attempts": 1, "provider_reference": "", "note": "", "created_at": now, "version": 1,
        }
        for c in captures
    ]  # fmt: skip
    _reserve((c.payment_id, 0 if c.is_release else c.amount) for c in captures)
    sql.insert_rows("payments_capture", _COLUMNS, rows)
    for c in captures:
        data = {"reference": c.reference, "amount_minor": c.amount, "is_release": c.is_release}
        subject = Subject("capture", c.id, 1, c.order_id, c.shop_id)
        unit.record(CAPTURE_SUBMITTED, subject, Move(None, "submitted"), data)


def _intent(capture_id: UUID, attempt: int, shop_id: UUID) -> Intent:
    return Intent(CAPTURE_EFFECT, f"{capture_id}/{attempt}", shop_id)


_READ = """
select c.id, c.order_id, c.shop_id, c.payment_id, p.reference, c.status, c.amount_minor, c.is_release, c.effect_id, c.attempts,
  c.provider_reference, p.status, least(p.amount_minor - p.capture_reserved_minor, p.authorized_minor - p.captured_minor - (
    select coalesce(sum(x.amount_minor), 0) from payments_capture x
    where x.payment_id = p.id and x.status = 'submitted' and not x.is_release))::bigint
from payments_capture c join payments_payment p on p.id = c.payment_id where c.id = any(%s) and c.order_id = any(%s)
"""


def lock_captures(unit: UnitOfWork, capture_ids: Iterable[UUID]) -> dict[UUID, CaptureState]:
    """Lock the orders of captures and return the captures; those that are not there for this actor are left out."""
    wanted = list(capture_ids)
    orders = lock_orders_of(unit, "payments_capture", wanted)
    return {row[0]: CaptureState(*row) for row in sql.fetch(_READ, (wanted, list(orders)))}


def known_capture(states: dict[UUID, CaptureState], capture_id: UUID) -> CaptureState:
    """Return the capture; refuses with NotFound."""
    if capture_id not in states:
        raise NotFound(
            f"There is no capture {capture_id}.", code="unknown_capture", pointer="/capture_id"
        )
    return states[capture_id]


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of a capture; `again`: another attempt, under an effect of its own."""

    capture: CaptureState
    to: str
    reference: str = ""
    note: str = ""
    again: bool = False


_MOVE = """
update payments_capture c
set status = t.target, note = t.note, version = c.version + 1, attempts = c.attempts + t.again::int,
    effect_id = coalesce(t.effect_id, c.effect_id),
    provider_reference = case when t.again then '' else coalesce(nullif(t.reference, ''), c.provider_reference) end,
    finished_at = case when t.target in ('succeeded', 'failed') then %s::timestamptz end
from unnest(%s::uuid[], %s::text[], %s::text[], %s::text[], %s::boolean[], %s::uuid[])
  as t(id, target, reference, note, again, effect_id)
where c.id = t.id
returning c.id, c.version
"""


def move_captures(unit: UnitOfWork, kind: EventKind, changes: Sequence[Change]) -> None:
    """Move captures of locked orders, with one event each, and the amounts that they hold."""
    if not changes:
        return
    by_id = {change.capture.id: change for change in changes}
    again = [change.capture for change in changes if change.again]
    keys = effects.intend([_intent(c.id, c.attempts + 1, c.shop_id) for c in again])
    fresh = {c.id: keys[f"{c.id}/{c.attempts + 1}"] for c in again}
    _reserve((change.capture.payment_id, _delta(change)) for change in changes)
    rows = sql.fetch(
        _MOVE,
        (
            clock.now(), list(by_id), [c.to for c in changes], [c.reference for c in changes], [c.note for c in changes],
            [c.again for c in changes], [fresh.get(key) for key in by_id],
        ),
    )  # fmt: skip
    for key, version in rows:
        change = by_id[key]
        capture = change.capture
        values = {
            "reference": capture.reference, "amount_minor": capture.amount, "is_release": capture.is_release,
            "note": change.note,
        }  # fmt: skip
        subject = Subject("capture", key, version, capture.order_id, capture.shop_id)
        data = {name: values[name] for name in kind.payload}
        unit.record(kind, subject, Move(capture.status, change.to), data)


def _delta(change: Change) -> int:
    capture = change.capture
    if capture.is_release:
        return 0
    if change.to == "failed":
        return -capture.amount
    return capture.amount if change.again else 0


_RESERVE = """
update payments_payment p set capture_reserved_minor = p.capture_reserved_minor + t.n
from unnest(%s::uuid[], %s::bigint[]) as t(id, n) where p.id = t.id
"""


def _reserve(amounts: Iterable[tuple[UUID, int]]) -> None:
    sums: dict[UUID, int] = defaultdict(int)
    for payment_id, amount in amounts:
        sums[payment_id] += amount
    sql.execute(_RESERVE, (list(sums), list(sums.values())))
