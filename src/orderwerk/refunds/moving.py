"""The one writer of refunds' statuses, with the counters that hold their amounts."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from orderwerk.core import clock, sql
from orderwerk.core.errors import NotFound, WrongState
from orderwerk.core.events import EventKind
from orderwerk.core.uow import Move, Subject, UnitOfWork
from orderwerk.orders.counters import lock_orders_of
from orderwerk.refunds.room import LEFT, ROOM
from orderwerk.refunds.statuses import RELEASED


@dataclass(frozen=True, slots=True)
class RefundState:
    """A refund as it stands under the lock of its order, with what is left of its credit invoice and payment."""

    id: UUID
    number: str
    order_id: UUID
    shop_id: UUID
    status: str
    amount: int
    credit_id: UUID
    payment_id: UUID
    provider: str
    mode: str
    four_eyes: bool
    author_id: UUID | None
    timezone: str
    schedule: str
    credit_left: int
    payment_left: int
    via: str = ""
    effect_id: UUID | None = None
    reference: str = ""
    word: str = ""
    attempts: int = 0
    is_reversed: bool = False
    # The account at the payment's provider through which it can go; None where a person moves the money.
    account_id: UUID | None = None
    payment_reference: str = ""
    batch_id: UUID | None = None
    iban: str = ""
    holder: str = ""
    currency: str = ""
    order_number: str = ""
    as_store_credit: bool = False
    # The store credit with which the payment was made; what goes back of it goes back there.
    spent_credit_id: UUID | None = None
    # What of the credit invoice is on its way or back, and the limit of the shop above which four eyes look at one.
    credit_reserved: int = 0
    four_eyes_above: str = ""
    shop_currency: str = ""
    # Of what whoever received a gift sent back: it becomes a store credit of theirs.
    is_gift: bool = False
    # What is there for this one of its payment, and whether that is contested: its money came from one that was charged back.
    payment_there: int = 0
    is_contested: bool = False

    @property
    def stays_in_shop(self) -> bool:
        """Whether no money moves: it becomes store credit, or goes back to the one that paid."""
        return self.as_store_credit or self.spent_credit_id is not None


# The kind of the effects under which refunds are sent to providers.
REFUND_EFFECT = "refund"

_READ = f"""
select r.id, r.number, r.order_id, r.shop_id, r.status, r.amount_minor, r.credit_id, r.payment_id, r.provider, r.mode,
  r.four_eyes, r.author_id, s.timezone, s.refund_schedule, v.refundable_minor - v.refund_reserved_minor,
  {ROOM}, r.via, r.effect_id, r.provider_reference, r.provider_status, r.attempts,
  exists (select 1 from refunds_reversal x where x.refund_id = r.id), case when r.by_hand then null else a.id end, p.reference,
  r.batch_id, r.account_iban, r.account_holder, r.currency, o.number, r.as_store_credit,
  (select m.store_credit_id from refunds_credit_movement m where m.payment_id = r.payment_id and m.kind = 'used'),
  v.refund_reserved_minor, s.four_eyes_above, s.currency,
  exists (select 1 from returns_return b join return_requests_request q on q.id = b.request_id where b.id = v.return_id and q.is_gift),
  {LEFT}, p.is_contested
from refunds_refund r join shops_shop s on s.id = r.shop_id join invoices_invoice v on v.id = r.credit_id
join orders_order o on o.id = r.order_id join payments_payment p on p.id = r.payment_id
left join payments_account a on a.shop_id = r.shop_id and a.provider = r.provider and a.is_active
where r.id = any(%s) and r.order_id = any(%s)
"""


def lock_refunds(unit: UnitOfWork, refund_ids: Iterable[UUID]) -> dict[UUID, RefundState]:
    """Lock the orders of refunds and return the refunds; those that are not there for this actor are left out."""
    wanted = list(refund_ids)
    orders = lock_orders_of(unit, "refunds_refund", wanted)
    return {row[0]: RefundState(*row) for row in sql.fetch(_READ, (wanted, list(orders)))}


def known(states: dict[UUID, RefundState], refund_id: UUID) -> RefundState:
    """Return the refund; refuses with NotFound."""
    if refund_id not in states:
        raise NotFound(
            f"There is no refund {refund_id}.", code="unknown_refund", pointer="/refund_id"
        )
    return states[refund_id]


def check_still_there(refund: RefundState, taken: int = 0) -> None:
    """Refuse (WrongState) to let money go that the payer's bank has taken back meanwhile: it would go back twice.

    `taken`: what others of the same payment take in this call, and the reads have not seen.
    """
    if refund.amount + taken <= refund.payment_there:
        return
    if refund.is_contested:
        raise WrongState(
            f"The payment that the money of refund {refund.number} came from was charged back: it waits until the bank gives that back.",
            code="payment_contested",
        )
    raise WrongState(
        f"The payment of refund {refund.number} was charged back; of its money too little is left.",
        code="payment_charged_back",
    )


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of a refund; what is left out stays as it is."""

    refund: RefundState
    to: str
    note: str = ""
    approver_id: UUID | None = None
    approver_name: str | None = None
    due_at: datetime | None = None
    reference: str = ""
    via: str | None = None
    effect_id: UUID | None = None
    word: str = ""
    by_hand: bool | None = None
    # A success that the provider took back: the status stays, the amount is given back.
    reverses: bool = False


_MOVE = """
update refunds_refund r
set status = t.target, note = t.note, version = r.version + 1,
    approver_id = case when t.approver is null then r.approver_id else t.approver_id end,
    approver_name = coalesce(t.approver, r.approver_name),
    approved_at = case when t.approver is null then r.approved_at else a.moment end,
    due_at = coalesce(t.due_at, r.due_at),
    via = coalesce(t.via, r.via), effect_id = case when t.via is null then r.effect_id else t.effect_id end,
    by_hand = coalesce(t.by_hand, r.by_hand),
    -- Handed over anew: what an earlier attempt was called is history.
    provider_reference = coalesce(nullif(t.reference, ''), case when t.via is null then r.provider_reference else '' end),
    provider_status = case when t.via is null then coalesce(nullif(t.word, ''), r.provider_status) else '' end,
    attempts = r.attempts + (t.via is not null)::int,
    batch_id = case when t.via is null then r.batch_id end,
    submitted_at = case when t.via is null then r.submitted_at else a.moment end,
    finished_at = case when t.target in ('succeeded', 'failed', 'rejected') then a.moment end
from (select %s::timestamptz as moment) a,
  unnest(%s::uuid[], %s::text[], %s::text[], %s::uuid[], %s::text[], %s::timestamptz[], %s::text[], %s::text[], %s::uuid[],
    %s::text[], %s::boolean[])
    as t(id, target, note, approver_id, approver, due_at, reference, via, effect_id, word, by_hand)
where r.id = t.id
returning r.id, r.version
"""


def move_refunds(unit: UnitOfWork, kind: EventKind, changes: Sequence[Change]) -> None:
    """Move refunds of locked orders, with one event each, and the amounts that they hold."""
    if not changes:
        return
    by_id = {change.refund.id: change for change in changes}
    count_refunds([change.refund for change in changes], [_delta(change) for change in changes])
    rows = sql.fetch(
        _MOVE,
        (
            clock.now(), list(by_id), [c.to for c in changes], [c.note for c in changes], [c.approver_id for c in changes],
            [c.approver_name for c in changes], [c.due_at for c in changes], [c.reference for c in changes],
            [c.via for c in changes], [c.effect_id for c in changes], [c.word for c in changes], [c.by_hand for c in changes],
        ),
    )  # fmt: skip
    for key, version in rows:
        change = by_id[key]
        refund = change.refund
        values = {
            "number": refund.number, "amount_minor": refund.amount, "note": change.note, "provider": refund.provider,
            "reference": change.reference or refund.reference, "via": change.via or refund.via,
        }  # fmt: skip
        data = {name: values[name] for name in kind.payload}
        subject = Subject("refund", key, version, refund.order_id, refund.shop_id)
        unit.record(kind, subject, Move(refund.status, change.to), data)


def _delta(change: Change) -> tuple[int, int]:
    amount = change.refund.amount
    if change.reverses:
        return -amount, -amount
    if change.to in RELEASED:
        return -amount, 0
    if change.refund.status in RELEASED:
        return amount, 0
    return 0, amount if change.to == "succeeded" else 0


_COUNT = """
update {table} x set {reserved} = x.{reserved} + t.reserved, refunded_minor = x.refunded_minor + t.refunded
from unnest(%s::uuid[], %s::bigint[], %s::bigint[]) as t(id, reserved, refunded) where x.id = t.id
"""
_COUNTERS = (
    ("payments_payment", "refunded_reserved_minor", "payment_id"),
    ("invoices_invoice", "refund_reserved_minor", "credit_id"),
    ("orders_order", "refund_reserved_minor", "order_id"),
)


def count_refunds(refunds: Sequence[RefundState], deltas: Sequence[tuple[int, int]]) -> None:
    """Move (reserved, refunded) of payments, credit invoices and orders; the CHECKs refuse what exceeds them.

    Three statements; none where no amount moves, as when refunds are approved or handed over.
    """
    moved = [(refund, delta) for refund, delta in zip(refunds, deltas, strict=True) if any(delta)]
    if not moved:
        return
    for table, reserved, owner in _COUNTERS:
        sums: dict[UUID, list[int]] = defaultdict(lambda: [0, 0])
        for refund, (held, gone) in moved:
            part = sums[getattr(refund, owner)]
            part[0] += held
            part[1] += gone
        columns = (list(sums), [p[0] for p in sums.values()], [p[1] for p in sums.values()])
        sql.execute(_COUNT.format(table=table, reserved=reserved), columns)
