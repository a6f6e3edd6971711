"""What the customer wants instead of the goods: as announced, or as whoever books the box says; and the rows of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import msgspec

from orderwerk.core import clock, fields, ids, sql
from orderwerk.core.errors import BadInput, NotFound, Refusal
from orderwerk.core.money import parse_amount
from orderwerk.core.uow import Move, Subject, UnitOfWork
from orderwerk.orders.counters import OrderState
from orderwerk.returns.events import EXCHANGE_ASKED
from orderwerk.returns.facts import Line


class WantedArticle(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The article that the customer gets instead; `quantity` left out: as many as came back.

    `unit_price`, in the order's own price mode; left out: together they cost what the goods that came back were worth.
    """

    sku: fields.Sku
    quantity: fields.Quantity | None = None
    unit_price: fields.Amount | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What one line of a return is exchanged for; the price in minor units, None for what the line was worth."""

    product_id: UUID
    quantity: int
    unit_price: int | None


@dataclass(slots=True)
class Announced:
    """What of a request's line is still to be given: pieces that were announced, and pieces that are wanted for them."""

    product_id: UUID
    pieces: int
    wanted: int

    def take(self, came: int) -> Wanted | None:
        """Give as much of the wish as came of what was announced; the last piece takes the rest."""
        pieces = min(came, self.pieces)
        if not pieces:
            return None
        given = self.wanted * pieces // self.pieces
        self.pieces -= pieces
        self.wanted -= given
        return Wanted(self.product_id, given, None) if given else None


_ANNOUNCED = """
select k.request_id, k.order_line_id, k.wanted_id, k.quantity, k.wanted_quantity
from return_requests_line k join return_requests_request r on r.id = k.request_id
where k.request_id = any(%s) and r.outcome = 'exchange' and k.wanted_id is not null
"""


_PRODUCTS = "select sku, id from catalog_product where sku = any(%s)"


class Wishes:
    """The articles that a call names, and what its requests announced; two statements at most."""

    def __init__(self, skus: Sequence[str], request_ids: Sequence[UUID]) -> None:
        self._products: dict[str, UUID] = dict(sql.fetch(_PRODUCTS, (list(skus),))) if skus else {}
        rows = sql.fetch(_ANNOUNCED, (list(request_ids),)) if request_ids else []
        self._announced = {(row[0], row[1]): row[2:] for row in rows}

    def of_request(self, request_id: UUID | None) -> dict[UUID, Announced]:
        """Return what a request wants, by order line."""
        return {
            line: Announced(*row)
            for (key, line), row in self._announced.items()
            if key == request_id
        }

    def named(self, article: WantedArticle, line: Line, came: int, pointer: str) -> Wanted:
        """Return what whoever books the box named; refuses with NotFound an article that the catalogue does not know."""
        product = self._products.get(article.sku)
        if product is None:
            raise NotFound(
                f"The catalogue has no article {article.sku}.",
                code="unknown_sku",
                pointer=f"{pointer}/sku",
            )
        try:
            price = None if article.unit_price is None else parse_amount(article.unit_price, line.currency)  # fmt: skip
        except Refusal as refusal:
            refusal.pointer = f"{pointer}/unit_price"
            raise
        return Wanted(product, article.quantity or came, price)


def check_exchange(*, asked: bool | None, credit: bool, named: bool, found: bool) -> None:
    """Refuse (BadInput) an exchange without a credit, one that is asked for without an article, an article without one."""
    if named and asked is False:
        raise BadInput(
            "An article is named, and no exchange is wanted.", code="no_exchange", pointer="/exchange"
        )  # fmt: skip
    if asked and not found:
        raise BadInput(
            "Say which article the customer gets instead.",
            code="nothing_wanted",
            pointer="/exchange",
        )
    if (named or asked) and not credit:
        raise BadInput(
            "The credit invoice pays for an exchange: there is none without it.",
            code="exchange_needs_credit",
            pointer="/credit",
        )


_EXCHANGES = (
    "id uuid, shop_id uuid, order_id uuid, parent_id uuid, currency text, status text, credit_minor bigint, netted_minor bigint, "
    "note text, created_at timestamptz, version int"
)
_LINES = (
    "id uuid, shop_id uuid, order_id uuid, exchange_id uuid, return_line_id uuid, product_id uuid, quantity int, "
    "unit_price_minor bigint"
)


@dataclass(frozen=True, slots=True)
class NewExchange:
    """What a return that is being booked is exchanged for, by its lines."""

    return_id: UUID
    return_number: str
    order: OrderState
    currency: str
    wanted: dict[UUID, Wanted]


def write_exchanges(unit: UnitOfWork, exchanges: Sequence[NewExchange]) -> None:
    """Write what returns are exchanged for, with one event each, of which the new order follows."""
    if not exchanges:
        return
    now = clock.now()
    rows, lines = [], []
    for x in exchanges:
        key = ids.new_id()
        rows.append({
            "id": key, "shop_id": x.order.shop_id, "order_id": x.order.id, "parent_id": x.return_id, "currency": x.currency,
            "status": "open", "credit_minor": 0, "netted_minor": 0, "note": "", "created_at": now, "version": 1,
        })  # fmt: skip
        lines += [
            {
                "id": ids.new_id(), "shop_id": x.order.shop_id, "order_id": x.order.id, "exchange_id": key,
                "return_line_id": line_id, "product_id": w.product_id, "quantity": w.quantity, "unit_price_minor": w.unit_price,
            }
            for line_id, w in x.wanted.items()
        ]  # fmt: skip
        data = {"return": x.return_number, "units": sum(w.quantity for w in x.wanted.values())}
        subject = Subject("exchange", key, 1, x.order.id, x.order.shop_id)
        unit.record(EXCHANGE_ASKED, subject, Move(None, "open"), data)
    sql.insert_rows("returns_exchange", _EXCHANGES, rows)
    sql.insert_rows("returns_exchange_line", _LINES, lines)
