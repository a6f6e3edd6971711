"""The one writer of store credits: what refunds give instead of money, and what becomes of it, line by line."""

import secrets
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from orderwerk.core import clock, ids, sql
from orderwerk.core.events import EventKind
from orderwerk.core.numbering import next_numbers
from orderwerk.core.uow import Move, Subject, UnitOfWork
from orderwerk.refunds.events import (
    REFUND_SUBMITTED,
    REFUND_SUCCEEDED,
    STORE_CREDIT_GIVEN_BACK,
    STORE_CREDIT_ISSUED,
)
from orderwerk.refunds.moving import Change, RefundState, move_refunds

# The payment provider of what is paid with a store credit, and the way of a refund that becomes one.
PROVIDER = VIA = "store_credit"
# Crockford's alphabet: none of its signs is taken for another. Sixteen of them are 80 bits: nobody guesses one.
_SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LENGTH = 16
_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None})


def new_code() -> str:
    """Return a code that nobody can guess."""
    return "".join(secrets.choice(_SIGNS) for _ in range(_LENGTH))


def plain_code(typed: str) -> str:
    """Return a code as it is stored, however it was typed: small letters, dashes, an O for a zero."""
    return typed.upper().translate(_READ_AS)


def grouped_code(code: str) -> str:
    """Return a code as people read it: in groups of four."""
    return "-".join(code[i : i + 4] for i in range(0, len(code), 4))


def hidden_code(code: str) -> str:
    """Return a code as those see it who move no money: enough to tell which one it is, and nothing to pay with."""
    return "·" * (_LENGTH - 4) + code[-4:]


@dataclass(slots=True)
class CreditState:
    """A store credit under its lock; `today` by its shop's clock, `days` how long a new one of the shop can be spent.

    `used_for`: the payment reference of each order that was paid with it. `is_contested`: of the payment
    whose refund gave it the bank has left less than was handed on.
    """

    id: UUID
    number: str
    code: str
    shop_id: UUID
    order_id: UUID
    currency: str
    left: int
    expires_on: date | None
    version: int
    timezone: str
    days: int | None
    is_contested: bool = False
    used_for: dict[UUID, str] = field(default_factory=dict)

    @property
    def today(self) -> date:
        """The day by the shop's clock."""
        return clock.business_date(clock.now(), self.timezone)

    @property
    def is_over(self) -> bool:
        """Whether its last day has gone by."""
        return self.expires_on is not None and self.expires_on < self.today


_FIND = "select id from refunds_store_credit where code = any(%s) or id = any(%s)"
_LOCK = """
select c.id, c.number, c.code, c.shop_id, c.order_id, c.currency, c.remaining_minor, c.expires_on, c.version, s.timezone,
  (select p.store_credit_days from return_requests_policy p where p.shop_id = c.shop_id), c.is_contested
from refunds_store_credit c join shops_shop s on s.id = c.shop_id where c.id = any(%s) order by c.id for no key update of c
"""
_USED = """
select m.store_credit_id, m.order_id, p.reference from refunds_credit_movement m join payments_payment p on p.id = m.payment_id
where m.kind = 'used' and m.store_credit_id = any(%s)
"""


def lock_credits(
    unit: UnitOfWork, *, codes: Iterable[str] = (), keys: Iterable[UUID] = ()
) -> dict[UUID, CreditState]:
    """Lock store credits by code or id and return them; three statements, none where nothing is named."""
    named, wanted = list(codes), list(keys)
    if not named and not wanted:
        return {}
    found = [row[0] for row in sql.fetch(_FIND, (named, wanted))]
    unit.claim_locks("store_credit", found)
    locked = {row[0]: CreditState(*row) for row in sql.fetch(_LOCK, (found,))}
    for key, order_id, reference in sql.fetch(_USED, (list(locked),)):
        locked[key].used_for[order_id] = reference
    return locked


@dataclass(frozen=True, slots=True)
class Line:
    """One line to be written on a store credit; `order_id` is of whose refund or payment it tells."""

    credit: CreditState
    kind: EventKind
    delta: int
    order_id: UUID
    payment_id: UUID | None = None
    refund_id: UUID | None = None
    note: str = ""


_COLUMNS = (
    "id uuid, at timestamptz, shop_id uuid, order_id uuid, store_credit_id uuid, currency text, kind text, delta_minor bigint, "
    "payment_id uuid, refund_id uuid"
)
_TOUCH = """
update refunds_store_credit c set version = c.version + t.n, expires_on = t.expires_on
from unnest(%s::uuid[], %s::int[], %s::date[]) as t(id, n, expires_on) where c.id = t.id
"""


def write_lines(unit: UnitOfWork, lines: Sequence[Line]) -> None:
    """Write lines on locked store credits, whose balance follows them, with one event each; the CHECKs refuse what exceeds it."""
    if not lines:
        return
    now = clock.now()
    sql.insert_rows(
        "refunds_credit_movement",
        _COLUMNS,
        [
            {
                "id": ids.new_id(), "at": now, "shop_id": x.credit.shop_id, "order_id": x.order_id, "store_credit_id": x.credit.id,
                "currency": x.credit.currency, "kind": x.kind.name.removeprefix("store_credit."), "delta_minor": x.delta,
                "payment_id": x.payment_id, "refund_id": x.refund_id,
            }
            for x in lines
        ],
    )  # fmt: skip
    # What is written with a new credit is its first version already.
    more = [x.credit for x in lines if x.kind is not STORE_CREDIT_ISSUED]
    changed, until = Counter(c.id for c in more), {c.id: c.expires_on for c in more}
    sql.execute(_TOUCH, (list(changed), list(changed.values()), [until[key] for key in changed]))
    seen: Counter[UUID] = Counter()
    for x in lines:
        seen[x.credit.id] += x.kind is not STORE_CREDIT_ISSUED
        subject = Subject("store_credit", x.credit.id, x.credit.version + seen[x.credit.id], x.order_id, x.credit.shop_id)  # fmt: skip
        data = {"number": x.credit.number, "amount_minor": abs(x.delta)}
        unit.record(x.kind, subject, Move(), data | {"note": x.note} if x.note else data)


_NEW = (
    "id uuid, number text, code text, shop_id uuid, order_id uuid, currency text, refund_id uuid, amount_minor bigint, "
    "remaining_minor bigint, is_expired boolean, expires_on date, issued_at timestamptz, version int"
)
_DAYS = "select shop_id, store_credit_days from return_requests_policy where shop_id = any(%s)"


def give_credits(unit: UnitOfWork, refunds: Sequence[RefundState]) -> None:
    """Carry out approved refunds of locked orders without money: they have succeeded at once.

    What was paid with a store credit goes back to it, and is good for as long as a new one would be; all else becomes a
    store credit of its own, and so does what a gift gives: the one that paid is the buyer's.
    """
    if not refunds:
        return
    refunds = [replace(r, spent_credit_id=None) if r.is_gift else r for r in refunds]
    known = lock_credits(unit, keys=[r.spent_credit_id for r in refunds if r.spent_credit_id])
    fresh = [r for r in refunds if r.spent_credit_id is None]
    made = _issue(fresh)
    lines = [Line(c, STORE_CREDIT_ISSUED, r.amount, r.order_id, None, r.id) for r, c in zip(fresh, made, strict=True)]  # fmt: skip
    for r in refunds:
        if r.spent_credit_id is not None:
            credit = known[r.spent_credit_id]
            credit.expires_on = _extended(credit)
            lines.append(Line(credit, STORE_CREDIT_GIVEN_BACK, r.amount, r.order_id, r.payment_id, r.id))  # fmt: skip
    numbers = {x.refund_id: x.credit.number for x in lines}
    gone = {r.id: f"{numbers[r.id]}-{r.number}" if r.spent_credit_id else numbers[r.id] for r in refunds}  # fmt: skip
    move_refunds(unit, REFUND_SUBMITTED, [Change(r, "submitted", via=VIA) for r in refunds])
    done = [replace(r, status="submitted", via=VIA) for r in refunds]
    move_refunds(unit, REFUND_SUCCEEDED, [Change(r, "succeeded", reference=gone[r.id]) for r in done])  # fmt: skip
    write_lines(unit, lines)


def _extended(credit: CreditState) -> date | None:
    if credit.expires_on is None or credit.days is None:
        return None
    return max(credit.expires_on, credit.today + timedelta(days=credit.days))


def _issue(refunds: Sequence[RefundState]) -> list[CreditState]:
    if not refunds:
        return []
    days: dict[UUID, int | None] = dict(sql.fetch(_DAYS, (list({r.shop_id for r in refunds}),)))
    numbers = next_numbers("refunds_store_credit_number", len(refunds))
    now = clock.now()
    made: list[CreditState] = []
    rows: list[dict[str, Any]] = []
    for r, n in zip(refunds, numbers, strict=True):
        valid = days.get(r.shop_id)
        until = None if valid is None else clock.business_date(now, r.timezone) + timedelta(days=valid)  # fmt: skip
        credit = CreditState(ids.new_id(), f"SC{n}", new_code(), r.shop_id, r.order_id, r.currency, 0, until, 1, r.timezone, valid)  # fmt: skip
        made.append(credit)
        rows.append({
            "id": credit.id, "number": credit.number, "code": credit.code, "shop_id": r.shop_id, "order_id": r.order_id,
            "currency": r.currency, "refund_id": r.id, "amount_minor": r.amount, "remaining_minor": 0, "is_expired": False,
            "expires_on": until, "issued_at": now, "version": 1,
        })  # fmt: skip
    sql.insert_rows("refunds_store_credit", _NEW, rows)
    return made
