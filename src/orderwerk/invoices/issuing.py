"""Writes documents: lines and counters first, then, last and briefly, the numbers; any number of them at once."""

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from orderwerk.core import clock, ids, numbering, sql
from orderwerk.core.numbering import Take, Taken
from orderwerk.core.uow import STILL, Subject, UnitOfWork
from orderwerk.invoices.content import Stamp, write_content
from orderwerk.invoices.drafts import Draft
from orderwerk.invoices.events import INVOICE_CREDIT_ISSUED, INVOICE_CREDITED, INVOICE_ISSUED

_LINE = (
    "id uuid, shop_id uuid, order_id uuid, invoice_id uuid, position int, order_line_id uuid, debit_line_id uuid, quantity int, "
    "tax_category text, tax_rate numeric, base_minor bigint, net_minor bigint, tax_minor bigint, gross_minor bigint, "
    "credited int, credited_base_minor bigint"
)
_TAX = (
    "id uuid, shop_id uuid, order_id uuid, invoice_id uuid, tax_category text, tax_rate numeric, net_minor bigint, "
    "tax_minor bigint, credited_net_minor bigint, credited_tax_minor bigint"
)
_HEADER = (
    "id uuid, shop_id uuid, order_id uuid, currency text, kind text, trigger_key text, series_id uuid, sequence int, number text, "
    "issue_date date, issued_at timestamptz, issued_by_kind text, issued_by_id uuid, issued_by_name text, "
    "prices_include_tax boolean, net_minor bigint, tax_minor bigint, gross_minor bigint, shipment_id uuid, debit_id uuid, "
    "debit_kind text, return_id uuid, cause text, reason text, content text, prev_hash bytea, hash bytea, paid_minor bigint, "
    "credited_minor bigint, refundable_minor bigint, refund_reserved_minor bigint, refunded_minor bigint, version int"
)
_RANKS = {"debit": 0, "credit": 1}
_LETTERS = {"debit": "F", "credit": "C"}


@dataclass(frozen=True, slots=True)
class Issued:
    """A document that has its number."""

    id: UUID
    order_id: UUID
    number: str
    issue_date: date
    gross: int
    refundable: int
    debit_id: UUID | None
    return_id: UUID | None


def issue(unit: UnitOfWork, drafts: Sequence[Draft]) -> list[Issued]:
    """Write documents of locked orders; returns them in the order given. Nothing that locks may follow.

    Refused by the database (CHECK) is whatever would credit more than was invoiced, or give back more than came in.
    """
    if not drafts:
        return []
    _write_lines(drafts)
    _count_credits(unit, [draft for draft in drafts if draft.kind == "credit"])
    _count_orders(drafts)
    taken = numbering.take_numbers(unit, _wanted(drafts))
    rows = _number(drafts, taken)
    hashes: dict[UUID, bytes] = {}
    moment, actor = clock.now(), unit.actor
    by = {"issued_at": moment, "issued_by_kind": actor.kind, "issued_by_id": actor.id, "issued_by_name": actor.name}  # fmt: skip
    headers = [_header(draft, row) | by for draft, row in zip(drafts, rows, strict=True)]
    for row in rows:
        hashes[row.series_id] = row.hash
    sql.insert_rows("invoices_invoice", _HEADER, headers)
    numbering.chain(hashes)
    return [_tell(unit, draft, row) for draft, row in zip(drafts, rows, strict=True)]


def _write_lines(drafts: Sequence[Draft]) -> None:
    lines: list[dict[str, Any]] = []
    taxes: list[dict[str, Any]] = []
    for draft in drafts:
        owner = {
            "shop_id": draft.order.shop_id,
            "order_id": draft.order.id,
            "invoice_id": draft.id,
        }
        for position, line in enumerate(draft.lines, start=1):
            lines.append(
                owner
                | {
                    "id": line.id, "position": position, "order_line_id": line.order_line_id,
                    "debit_line_id": line.debit_line.id if line.debit_line else None, "quantity": line.quantity,
                    "tax_category": line.category, "tax_rate": str(line.rate), "base_minor": line.base, "net_minor": line.net,
                    "tax_minor": line.tax, "gross_minor": line.gross, "credited": 0, "credited_base_minor": 0,
                }
            )  # fmt: skip
        for (category, rate), (net, tax) in draft.taxes().items():
            taxes.append(
                owner
                | {
                    "id": ids.new_id(), "tax_category": category, "tax_rate": str(rate), "net_minor": net, "tax_minor": tax,
                    "credited_net_minor": 0, "credited_tax_minor": 0,
                }
            )  # fmt: skip
    sql.insert_rows("invoices_line", _LINE, lines)
    sql.insert_rows("invoices_tax", _TAX, taxes)


# Counters of the debit's lines and rates, and of the order's lines, follow from the credit lines just written.
_COUNT_LINES = """
update invoices_line d set credited = d.credited + c.n, credited_base_minor = d.credited_base_minor + c.base
from (select debit_line_id, sum(quantity) as n, sum(base_minor) as base from invoices_line
      where invoice_id = any(%s) group by debit_line_id) c
where d.id = c.debit_line_id
"""
_COUNT_TAXES = """
update invoices_tax d set credited_net_minor = d.credited_net_minor + c.net, credited_tax_minor = d.credited_tax_minor + c.tax
from unnest(%s::uuid[], %s::text[], %s::numeric[], %s::bigint[], %s::bigint[]) as c(debit_id, category, rate, net, tax)
where d.invoice_id = c.debit_id and d.tax_category = c.category and d.tax_rate = c.rate
"""
_COUNT_DEBITS = """
update invoices_invoice d
set credited_minor = d.credited_minor + c.gross, refundable_minor = d.refundable_minor + c.refundable, version = d.version + 1
from unnest(%s::uuid[], %s::bigint[], %s::bigint[]) as c(id, gross, refundable) where d.id = c.id
returning d.id, d.version, d.number, d.order_id, d.shop_id
"""
_COUNT_ORDER_LINES = """
update orders_line l set credited = l.credited + t.n
from unnest(%s::uuid[], %s::int[]) as t(id, n) where l.id = t.id
"""


def _count_credits(unit: UnitOfWork, drafts: Sequence[Draft]) -> None:
    if not drafts:
        return
    sql.execute(_COUNT_LINES, ([draft.id for draft in drafts],))
    taxes: dict[tuple[UUID, str, str], list[int]] = defaultdict(lambda: [0, 0])
    debits: dict[UUID, list[int]] = defaultdict(lambda: [0, 0])
    pieces: dict[UUID, int] = defaultdict(int)
    for draft in drafts:
        debit = draft.debit.id if draft.debit else draft.id
        debits[debit][0] += draft.gross
        debits[debit][1] += draft.refundable
        for (category, rate), (net, tax) in draft.taxes().items():
            sums = taxes[(debit, category, str(rate))]
            sums[0] += net
            sums[1] += tax
        for line in draft.lines:
            # What did not leave after all is not credited to the customer: it will leave, and be invoiced again.
            if line.order_line_id is not None and draft.cause != "unshipped":
                pieces[line.order_line_id] += line.quantity
    keys = list(taxes)
    sql.execute(
        _COUNT_TAXES,
        (
            [k[0] for k in keys], [k[1] for k in keys], [k[2] for k in keys],
            [taxes[k][0] for k in keys], [taxes[k][1] for k in keys],
        ),
    )  # fmt: skip
    sql.execute(_COUNT_ORDER_LINES, (list(pieces), list(pieces.values())))
    parameters = (list(debits), [v[0] for v in debits.values()], [v[1] for v in debits.values()])
    for key, version, number, order_id, shop_id in sql.fetch(_COUNT_DEBITS, parameters):
        data = {"number": number, "amount_minor": debits[key][0]}
        subject = Subject("invoice", key, version, order_id, shop_id)
        unit.record(INVOICE_CREDITED, subject, STILL, data)


_COUNT_ORDERS = """
update orders_order o
set invoiced_minor = o.invoiced_minor + t.invoiced, credited_minor = o.credited_minor + t.credited,
    refundable_minor = o.refundable_minor + t.refundable
from unnest(%s::uuid[], %s::bigint[], %s::bigint[], %s::bigint[]) as t(id, invoiced, credited, refundable)
where o.id = t.id
"""


def _count_orders(drafts: Sequence[Draft]) -> None:
    sums: dict[UUID, list[int]] = defaultdict(lambda: [0, 0, 0])
    for draft in drafts:
        part = sums[draft.order.id]
        part[1 if draft.kind == "credit" else 0] += draft.gross
        part[2] += draft.refundable if draft.kind == "credit" else 0
    columns = [[part[index] for part in sums.values()] for index in range(3)]
    sql.execute(_COUNT_ORDERS, (list(sums), *columns))


def _day(draft: Draft, moment: Any) -> date:  # noqa: ANN401 - an instant
    return clock.business_date(moment, str(draft.order.shop["timezone"]))


def _series(draft: Draft, day: date) -> tuple[UUID, str]:
    return draft.order.shop_id, f"{draft.kind}:{day.year}"


def _wanted(drafts: Sequence[Draft]) -> list[Take]:
    moment = clock.now()
    counts: dict[tuple[UUID, str], int] = defaultdict(int)
    sample: dict[tuple[UUID, str], tuple[Draft, date]] = {}
    for draft in drafts:
        day = _day(draft, moment)
        key = _series(draft, day)
        counts[key] += 1
        sample[key] = draft, day
    return [
        Take(_RANKS[draft.kind], key[0], key[1], _prefixes(draft, day), counts[key], day)
        for key, (draft, day) in sample.items()
    ]


def _prefixes(draft: Draft, day: date) -> tuple[str, ...]:
    shop, tail = draft.order.shop, f"{_LETTERS[draft.kind]}{day.year}-"
    code = str(shop["code"])
    return (
        f"{shop['prefix']}{tail}",
        f"{code}-{tail}",
        f"{code}-{draft.order.shop_id.hex[-8:]}-{tail}",
    )


@dataclass(frozen=True, slots=True)
class _Numbered:
    """What a document got with its number."""

    series_id: UUID
    sequence: int
    stamp: Stamp
    content: str
    prev_hash: bytes
    hash: bytes


def _number(drafts: Sequence[Draft], taken: dict[tuple[UUID, str], Taken]) -> list[_Numbered]:
    moment = clock.now()
    counted: dict[tuple[UUID, str], int] = {key: series.first for key, series in taken.items()}
    hashes = {key: series.last_hash for key, series in taken.items()}
    rows = []
    for draft in drafts:
        key = _series(draft, _day(draft, moment))
        series, sequence, before = taken[key], counted[key], hashes[key]
        stamp = Stamp(f"{series.prefix}{sequence:05d}", series.day)
        content = write_content(draft, stamp)
        digest = hashlib.sha256(before + content.encode()).digest()
        rows.append(_Numbered(series.series_id, sequence, stamp, content, before, digest))
        counted[key], hashes[key] = sequence + 1, digest
    return rows


def _header(draft: Draft, row: _Numbered) -> dict[str, Any]:
    debit, credit = draft.debit, draft.kind == "credit"
    return {
        "id": draft.id, "shop_id": draft.order.shop_id, "order_id": draft.order.id, "currency": draft.order.currency,
        "kind": draft.kind, "trigger_key": draft.trigger_key, "series_id": row.series_id, "sequence": row.sequence,
        "number": row.stamp.number, "issue_date": row.stamp.issue_date, "prices_include_tax": draft.order.prices_include_tax,
        "net_minor": draft.net, "tax_minor": draft.tax, "gross_minor": draft.gross, "shipment_id": draft.shipment_id,
        "debit_id": debit.id if debit else None, "debit_kind": "debit" if credit else None, "return_id": draft.return_id,
        "cause": draft.cause, "reason": draft.reason, "content": row.content, "prev_hash": "\\x" + row.prev_hash.hex(),
        "hash": "\\x" + row.hash.hex(), "paid_minor": draft.paid, "credited_minor": 0,
        "refundable_minor": draft.refundable if credit else 0, "refund_reserved_minor": 0, "refunded_minor": 0, "version": 1,
    }  # fmt: skip


def _tell(unit: UnitOfWork, draft: Draft, row: _Numbered) -> Issued:
    number, debit = row.stamp.number, draft.debit
    data: dict[str, Any] = {"number": number, "amount_minor": draft.gross}
    if debit is not None:
        data |= {
            "debit_number": debit.number, "refundable_minor": draft.refundable, "cause": draft.cause, "reason": draft.reason,
        }  # fmt: skip
    kind = INVOICE_ISSUED if debit is None else INVOICE_CREDIT_ISSUED
    subject = Subject("invoice", draft.id, 1, draft.order.id, draft.order.shop_id)
    unit.record(kind, subject, STILL, data)
    return Issued(
        draft.id, draft.order.id, number, row.stamp.issue_date, draft.gross, draft.refundable,
        debit.id if debit else None, draft.return_id,
    )  # fmt: skip
