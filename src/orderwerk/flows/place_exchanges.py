"""Places the new orders of exchanges: what the return was credited for pays for them, and the rest goes back as any credit.

A credit and a sale, netted in the payment alone: the old order keeps its lines, totals and invoices, and gets a credit
invoice; the new order has its own lines, VAT and invoice. One transaction, so neither half is ever there without the other.
"""

from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec
from django.db import IntegrityError
from msgspec import structs

from orderwerk.core import clock, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import NotFound, Refusal
from orderwerk.core.money import format_amount
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import Move, Subject, UnitOfWork, retrying, unit_of_work
from orderwerk.flows.exchange_documents import Asked, asked_for, document_of
from orderwerk.flows.place_orders import place_orders
from orderwerk.orders.counters import lock_orders_of
from orderwerk.orders.document import DocumentPayment, OrderDocument
from orderwerk.orders.pricing import price_order
from orderwerk.refunds.commands.create import CreateRefundItem, create_refunds
from orderwerk.refunds.netting import METHOD, PROVIDER, Netting
from orderwerk.returns.events import EXCHANGE_DECLINED, EXCHANGE_PLACED


class ExchangeItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An exchange whose new order is to be placed."""

    exchange_id: UUID


def place_exchanges(items: Sequence[ExchangeItem], *, actor: Actor) -> list[Outcome]:
    """Place the new orders of open exchanges; one that is decided already stays as it is.

    Paid with what is left of the return's credit invoices, never more; the rest of the credit is refunded, what the credit
    does not cover stays to be paid. Declined, so that the whole credit is refunded, are articles that are not in stock where
    the shop wants that, articles that bear VAT in the place of exempt ones, and orders that are refused. Refuses with NotFound.
    """
    return retrying(lambda: _place(items, actor), also=(IntegrityError,))


def _place(items: Sequence[ExchangeItem], actor: Actor) -> list[Outcome]:
    with unit_of_work(actor) as unit:
        keys = [item.exchange_id for item in items]
        orders = lock_orders_of(unit, "returns_exchange", keys)
        found = asked_for(keys, list(orders))
        netting = Netting(orders, [x.return_id for x in found.values()])
        declined, documents = _documents(found, netting)
        placed: dict[UUID, Outcome] = {}
        made = place_orders(list(documents.values()), actor=actor)
        for key, outcome in zip(documents, made, strict=True):
            if outcome.error is not None:
                netting.give_back(found[key].return_id)
                declined[key] = outcome.error.message
            else:
                placed[key] = outcome
        netting.write(unit, {found[key].return_id: str(o.data["number"]) for key, o in placed.items()})  # fmt: skip
        decided = [found[key] for key in (*placed, *declined)]
        _decide(unit, decided, netting, (placed, declined))
        # What the new order does not need of the credit goes back, as any credit does.
        rest = [credit for x in decided for credit in netting.credits(x.return_id)]
        create_refunds([CreateRefundItem(invoice_id=key) for key in rest], actor=actor)
    return [_outcome(key, found, placed) for key in keys]


def _outcome(key: UUID, found: Mapping[UUID, Asked], placed: Mapping[UUID, Outcome]) -> Outcome:
    if key not in found:
        error = NotFound(f"There is no exchange {key}.", code="unknown_exchange", pointer="/exchange_id")  # fmt: skip
        return Outcome.refused(error)
    if key in placed:
        return Outcome.done(key, status="placed", order_id=placed[key].id, number=placed[key].data["number"])  # fmt: skip
    return Outcome.done(key, status="placed" if found[key].status == "placed" else "declined")


def _documents(
    found: Mapping[UUID, Asked], netting: Netting
) -> tuple[dict[UUID, str], dict[UUID, OrderDocument]]:
    """Return why exchanges cannot be, and of the others the new orders, paid with what their credits give."""
    declined: dict[UUID, str] = {}
    documents: dict[UUID, OrderDocument] = {}
    for key, asked in found.items():
        if asked.status != "open":
            continue
        if asked.hindrance:
            declined[key] = asked.hindrance
            continue
        try:
            document = document_of(asked)
            total = price_order(document).grand_total
        except Refusal as refusal:
            declined[key] = refusal.message
            continue
        payments = [
            DocumentPayment(
                provider=PROVIDER, method=METHOD, reference=part.reference, status="paid",
                amount=format_amount(part.amount, asked.currency),
            )
            for part in netting.take(asked.return_id, total)
        ]  # fmt: skip
        documents[key] = structs.replace(document, payments=payments)
    return declined, documents


_DECIDE = """
update returns_exchange x
set status = case when t.new_order is null then 'declined' else 'placed' end, new_order_id = t.new_order,
  credit_minor = t.credit, netted_minor = t.netted, note = t.note, decided_at = %s, version = x.version + 1
from unnest(%s::uuid[], %s::uuid[], %s::bigint[], %s::bigint[], %s::text[]) as t(id, new_order, credit, netted, note)
where x.id = t.id
returning x.id, x.version
"""


def _decide(
    unit: UnitOfWork,
    decided: Sequence[Asked],
    netting: Netting,
    how: tuple[Mapping[UUID, Outcome], Mapping[UUID, str]],
) -> None:
    placed, declined = how
    rows = sql.fetch(
        _DECIDE,
        (
            clock.now(), [x.id for x in decided], [placed[x.id].id if x.id in placed else None for x in decided],
            [netting.credited(x.return_id) for x in decided], [netting.taken(x.return_id) for x in decided],
            [declined.get(x.id, "")[:500] for x in decided],
        ),
    )  # fmt: skip
    versions: dict[UUID, int] = dict(rows)
    for x in decided:
        subject = Subject("exchange", x.id, versions[x.id], x.order_id, x.shop_id)
        if x.id in placed:
            data = {
                "return": x.return_number,
                "order": placed[x.id].data["number"],
                "amount_minor": netting.taken(x.return_id),
            }
            unit.record(EXCHANGE_PLACED, subject, Move("open", "placed"), data)
        else:
            data = {"return": x.return_number, "note": declined[x.id][:500]}
            unit.record(EXCHANGE_DECLINED, subject, Move("open", "declined"), data)
