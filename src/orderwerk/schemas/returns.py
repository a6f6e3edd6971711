"""The public shapes of return reasons, return policies, return requests and returns."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from orderwerk.core.money import format_amount
from orderwerk.return_requests.queries import (
    PolicyRow,
    ReasonRow,
    ReturnRequestLineRow,
    ReturnRequestRow,
    return_request_lines,
)
from orderwerk.returns.exchange_queries import ExchangeRow, exchanges_of
from orderwerk.returns.queries import (
    FindingRow,
    ReturnCredit,
    ReturnLineRow,
    ReturnRow,
    return_credits,
    return_findings,
    return_lines,
)


class ReturnReason(msgspec.Struct, frozen=True):
    """Why goods come back: one entry of the merchant's list."""

    id: UUID
    code: str
    names: dict[str, str]
    is_active: bool
    position: int


class ReturnPolicy(msgspec.Struct, frozen=True):
    """What a shop takes back and how; `countries` empty: from everywhere. `version` 0: nobody has set any."""

    id: UUID
    shop: str
    return_window_days: int
    return_portal: bool
    outcomes: list[str]
    countries: list[str]
    excluded_skus: list[str]
    fee: str
    approve_at_once: bool
    colour: str
    exchange_short: str
    store_credit_days: int | None
    keep_up_to: str | None
    gift_returns: bool
    free_reasons: list[str]
    photo_reasons: list[str]
    checked_reasons: list[str]
    ways: list[str]
    drop_locations: list[str]
    instructions: dict[str, str]
    version: int


class WantedInstead(msgspec.Struct, frozen=True):
    """The article that is wanted for goods that come back."""

    sku: str
    name: str
    quantity: int


class ReturnRequestLine(msgspec.Struct, frozen=True):
    """So many announced pieces of an order line; `wanted` is what the customer would rather have."""

    id: UUID
    order_line_id: UUID
    sku: str
    name: str
    quantity: int
    reason: str
    wanted: WantedInstead | None


class GiftReceiver(msgspec.Struct, frozen=True):
    """Who received goods as a gift: the store credit and the messages are theirs."""

    name: str
    email: str
    language: str


class ReturnRequest(msgspec.Struct, frozen=True):
    """What a customer announced to send back; `return_id` is the return that completed it, if the goods were not kept.

    `in_box_of`: the request in whose box its goods travel; `gift`: announced by whoever received it, null: by the buyer.
    `way`: how it comes (null: as the shop told), `bring_to`: the stock location to which it is brought, `photos`: how many pictures came with it.
    """

    id: UUID
    number: str
    order_id: UUID
    order_number: str
    shop: str
    status: str
    outcome: str
    origin: str
    comment: str
    fee: str
    created_at: datetime
    decided_at: datetime | None
    finished_at: datetime | None
    decision_note: str
    is_kept: bool
    return_id: UUID | None
    in_box_of: UUID | None
    way: str | None
    bring_to: str | None
    photos: int
    gift: GiftReceiver | None
    lines: list[ReturnRequestLine]


class ReturnLine(msgspec.Struct, frozen=True):
    """Pieces of an order line that came back; `disposition` null: nobody has decided yet."""

    id: UUID
    order_line_id: UUID
    sku: str
    name: str
    quantity: int
    announced: int
    reason: str
    correction: str
    disposition: str | None
    location: str | None
    decided_at: datetime | None
    serials: list[str]


class CreditOfReturn(msgspec.Struct, frozen=True):
    """A credit invoice that was made for a return."""

    id: UUID
    number: str
    amount: str


class ExchangedArticle(msgspec.Struct, frozen=True):
    """An article that is given for goods that came back; `unit_price` null: for what they were worth."""

    sku: str
    name: str
    quantity: int
    unit_price: str | None


class Exchange(msgspec.Struct, frozen=True):
    """What the customer gets instead of money: `netted` of the credit has paid for the new order; `note` says why not."""

    id: UUID
    status: str
    order_id: UUID | None
    order_number: str | None
    netted: str
    note: str
    lines: list[ExchangedArticle]


class Finding(msgspec.Struct, frozen=True):
    """Pieces that lay in the box and never were of its order; `location` where they went into stock."""

    id: UUID
    sku: str | None
    name: str
    quantity: int
    location: str | None


class Return(msgspec.Struct, frozen=True):
    """Goods that came back, and what they were credited for or exchanged for; `fee` was taken off that, VAT included."""

    id: UUID
    number: str
    order_id: UUID
    order_number: str
    shop: str
    currency: str
    status: str
    return_request_id: UUID | None
    credit: bool
    refund_shipping: bool
    notify: bool
    as_store_credit: bool
    fee: str
    comment: str
    created_at: datetime
    processed_at: datetime | None
    processed_by: str
    lines: list[ReturnLine]
    credit_invoices: list[CreditOfReturn]
    exchange: Exchange | None
    findings: list[Finding]


def return_reason(row: ReasonRow) -> ReturnReason:
    """Return the public shape of a return reason."""
    return ReturnReason(row.id, row.code, row.names, row.is_active, row.position)


def return_policy(row: PolicyRow) -> ReturnPolicy:
    """Return the public shape of a shop's rules for returns; its id is the shop's."""
    return ReturnPolicy(
        id=row.shop_id,
        shop=row.shop,
        return_window_days=row.return_window_days,
        return_portal=row.return_portal,
        outcomes=row.outcomes,
        countries=row.countries,
        excluded_skus=row.excluded_skus,
        fee=format_amount(row.fee_minor, row.currency),
        approve_at_once=row.approve_at_once,
        colour=row.colour,
        exchange_short=row.exchange_short,
        store_credit_days=row.store_credit_days,
        keep_up_to=None
        if row.keep_up_to_minor is None
        else format_amount(row.keep_up_to_minor, row.currency),
        gift_returns=row.gift_returns,
        free_reasons=row.free_reasons,
        photo_reasons=row.photo_reasons,
        checked_reasons=row.checked_reasons,
        ways=row.ways,
        drop_locations=row.drop_locations,
        instructions=row.instructions,
        version=row.version,
    )


def _wanted(line: ReturnRequestLineRow) -> WantedInstead | None:
    if line.wanted_sku is None or line.wanted_name is None or line.wanted_quantity is None:
        return None
    return WantedInstead(line.wanted_sku, line.wanted_name, line.wanted_quantity)


def return_request(row: ReturnRequestRow, lines: Sequence[ReturnRequestLineRow]) -> ReturnRequest:
    """Return the public shape of a return request."""
    return ReturnRequest(
        id=row.id,
        number=row.number,
        order_id=row.order_id,
        order_number=row.order_number,
        shop=row.shop,
        status=row.status,
        outcome=row.outcome,
        origin=row.origin,
        comment=row.comment,
        fee=format_amount(row.fee_minor, row.currency),
        created_at=row.created_at,
        decided_at=row.decided_at,
        finished_at=row.finished_at,
        decision_note=row.decision_note,
        is_kept=row.is_kept,
        in_box_of=row.in_box_of,
        way=row.way or None,
        bring_to=row.bring_to,
        photos=row.photos,
        gift=GiftReceiver(row.receiver_name, row.receiver_email, row.receiver_language)
        if row.is_gift
        else None,
        return_id=row.return_id,
        lines=[
            ReturnRequestLine(
                k.id, k.order_line_id, k.sku, k.name, k.quantity, k.reason, _wanted(k)
            )
            for k in lines
        ],
    )


def return_requests(rows: Sequence[ReturnRequestRow]) -> list[ReturnRequest]:
    """Return the public shapes of a page of return requests; one statement."""
    lines = return_request_lines([row.id for row in rows])
    return [return_request(row, lines[row.id]) for row in rows]


def _line(row: ReturnLineRow, currency: str) -> ReturnLine:
    return ReturnLine(
        id=row.id,
        order_line_id=row.order_line_id,
        sku=row.sku,
        name=row.name,
        quantity=row.quantity,
        announced=row.announced,
        reason=row.reason,
        correction=format_amount(row.correction_minor, currency),
        disposition=row.disposition,
        location=row.location,
        decided_at=row.decided_at,
        serials=row.serials,
    )


def _exchange(row: ExchangeRow | None, currency: str) -> Exchange | None:
    if row is None:
        return None
    articles = [
        ExchangedArticle(
            k.sku, k.name, k.quantity,
            None if k.unit_price_minor is None else format_amount(k.unit_price_minor, currency),
        )
        for k in row.lines
    ]  # fmt: skip
    netted = format_amount(row.netted_minor, currency)
    return Exchange(
        row.id, row.status, row.new_order_id, row.new_order_number, netted, row.note, articles
    )


def _return(
    row: ReturnRow,
    lines: Sequence[ReturnLineRow],
    issued: Sequence[ReturnCredit],
    exchange: ExchangeRow | None,
    found: Sequence[FindingRow],
) -> Return:
    return Return(
        id=row.id,
        number=row.number,
        order_id=row.order_id,
        order_number=row.order_number,
        shop=row.shop,
        currency=row.currency,
        status=row.status,
        return_request_id=row.request_id,
        credit=row.is_credited,
        refund_shipping=row.refund_shipping,
        notify=row.notify,
        as_store_credit=row.as_store_credit,
        fee=format_amount(row.fee_minor, row.currency),
        comment=row.comment,
        created_at=row.created_at,
        processed_at=row.processed_at,
        processed_by=row.processed_by,
        lines=[_line(line, row.currency) for line in lines],
        credit_invoices=[
            CreditOfReturn(c.id, c.number, format_amount(c.gross_minor, row.currency))
            for c in issued
        ],
        exchange=_exchange(exchange, row.currency),
        findings=[Finding(x.id, x.sku, x.name, x.quantity, x.location) for x in found],
    )


def returns(rows: Sequence[ReturnRow]) -> list[Return]:
    """Return the public shapes of a page of returns; four statements."""
    keys = [row.id for row in rows]
    lines, issued, exchanges = return_lines(keys), return_credits(rows), exchanges_of(keys)
    found = return_findings(keys)
    return [
        _return(row, lines[row.id], issued[row.id], exchanges.get(row.id), found[row.id])
        for row in rows
    ]
