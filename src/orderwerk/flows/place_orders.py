"""The story of intake: orders come in, are paid, claim stock and wait in shipments; one transaction, any number."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import IntegrityError

from orderwerk.allocations.channels import Channels, read_channels
from orderwerk.allocations.commands.claim import NewAllocation, claim_stock
from orderwerk.allocations.distance import Destination, Point, read_points
from orderwerk.allocations.routing import Available, Demand
from orderwerk.allocations.rule_filters import OrderFacts
from orderwerk.core import ids, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import BadInput, Conflict, NotFound, Refusal
from orderwerk.core.money import parse_amount
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import Move, Subject, UnitOfWork, retrying, unit_of_work
from orderwerk.flows.hold_new import hold_by_rules, record_hold
from orderwerk.flows.intake_reads import (
    Intake,
    Known,
    ShopPolicy,
    read_intake,
    read_room,
    read_stock,
)
from orderwerk.flows.route_order import (
    NOTHING_KNOWN,
    Decision,
    ToRoute,
    allocations_of,
    decide,
    record_to_gather,
    record_unanswered,
)
from orderwerk.orders.commands.place import NewOrder, fingerprint, guard_numbers, insert_orders
from orderwerk.orders.document import DocumentLine, OrderDocument
from orderwerk.orders.events import ORDER_PLACED
from orderwerk.orders.normalise import normal_postal_code
from orderwerk.orders.plausible import check_document
from orderwerk.orders.pricing import price_order
from orderwerk.payments.commands.insert import NewPayment, insert_payments
from orderwerk.refunds.spending import Spending
from orderwerk.refunds.store_credits import PROVIDER
from orderwerk.shipments.commands.fill import fill_shipments


def place_orders(documents: Sequence[OrderDocument], *, actor: Actor) -> list[Outcome]:
    """Take in orders; the same document again answers with the first order (`created` is false).

    A payment of the provider `store_credit` names a code, and spends of it, at most what the order costs (spending.py).
    Refuses with Conflict another document under a known external id, a number or payment reference in use; with
    BadInput wrong amounts, what cannot be (`plausible`) and a place to collect at that the shop does not draw from; with NotFound a shop that is not there for this actor. An order that may be shipped is
    allocated in the same transaction; what is not in stock waits as backorder. One that a hold rule of the shop fits comes in
    on hold, and claims nothing before it is released. A refused one leaves the others alone.
    """
    return retrying(lambda: _place(documents, actor), also=(IntegrityError,))


@dataclass(slots=True)
class _Accepted:
    """An order on its way in: what will be written for it."""

    order: NewOrder
    policy: ShopPolicy
    payments: list[NewPayment]
    allocations: list[NewAllocation]
    decision: Decision | None = None


def _place(documents: Sequence[OrderDocument], actor: Actor) -> list[Outcome]:
    with unit_of_work(actor) as unit:
        guard_numbers([document.number for document in documents])
        # Before anything is read: who waits here for the same order's other telling finds that order afterwards.
        named = [p.reference for d in documents for p in d.payments if p.provider == PROVIDER]
        spending = Spending(unit, named)
        intake = read_intake(documents)
        outcomes: list[Outcome] = []
        accepted: list[_Accepted] = []
        for document in documents:
            try:
                known = _already_known(document, intake, actor)
                if known is None:
                    accepted.append(_accept(document, intake, spending))
                    known = Outcome.done(accepted[-1].order.id, created=True)
                outcomes.append(known)
            except Refusal as refusal:
                outcomes.append(Outcome.refused(refusal))
        hold_by_rules([(entry.order, entry.policy) for entry in accepted])
        _allocate(unit, accepted, intake)
        placed = _write(unit, accepted, spending)
    return [_finished(outcome, placed) for outcome in outcomes]


def _finished(outcome: Outcome, placed: dict[UUID, tuple[str, str]]) -> Outcome:
    # Orders of this batch got number and status when they were written; a repeat in the same batch shares them.
    if outcome.id is None or outcome.id not in placed:
        return outcome
    number, status = placed[outcome.id]
    return Outcome.done(outcome.id, number=number, status=status, created=outcome.data["created"])


def _already_known(document: OrderDocument, intake: Intake, actor: Actor) -> Outcome | None:
    policy = intake.shops.get(document.shop)
    if policy is None or not actor.may_see_shop(policy.id):
        raise NotFound(f"There is no shop {document.shop}.", code="unknown_shop", pointer="/shop")
    known = intake.orders.get((policy.id, document.external_id))
    if known is None:
        return None
    if known.sha256 != fingerprint(document):
        # An order of this very call has no number yet.
        taken = f"Order {known.number}" if known.number else "An order earlier in this call"
        raise Conflict(
            f"{taken} has this external id with another document; what was placed does not change.",
            code="external_id_exists",
            pointer="/external_id",
        )
    return Outcome.done(known.id, number=known.number, status=known.status, created=False)


def _accept(document: OrderDocument, intake: Intake, spending: Spending) -> _Accepted:
    policy = intake.shops[document.shop]
    _refuse_clashes(document, policy, intake)
    priced = price_order(document)
    # Searches read an index over ids newest first: also an import of old orders has to lie where it belongs.
    order_id = ids.new_id_at(document.placed_at)
    counter = _counter(document, policy, intake)
    payments = _payments(document, policy, order_id)
    # The last thing that can be refused: what is spent belongs to an order that comes in.
    others = sum(p.authorized for p in payments if p.provider != PROVIDER)
    pointers = [f"/payments/{index}" for index in range(len(payments))]
    payments = spending.take(payments, priced.grand_total - others, pointers)
    order = NewOrder(
        id=order_id,
        shop_id=policy.id,
        prefix=policy.prefix,
        locale=document.locale or policy.locale,
        document=document,
        sha256=fingerprint(document),
        priced=priced,
        line_ids=ids.new_ids(len(document.lines)),
        product_ids=[intake.products.get(line.sku) for line in document.lines],
        components=[
            intake.kits.get(intake.products[line.sku], {}) if line.sku in intake.products else {}
            for line in document.lines
        ],
        on_account=any(
            p.method in policy.on_account_methods and p.status != "failed"
            for p in document.payments
        ),
        captured=sum(p.captured for p in payments),
        authorized=sum(p.authorized - p.captured for p in payments),
        claimed={},
        exemptions=[_exemption(line, intake) for line in document.lines],
        collect_location=counter,
    )
    intake.orders[(policy.id, document.external_id)] = Known(order_id, "", "", order.sha256)
    return _Accepted(order, policy, payments, [])


def _exemption(line: DocumentLine, intake: Intake) -> tuple[str, str]:
    """Return why a line bears no VAT, words and code; what the document says comes before what the catalogue does."""
    if Decimal(line.tax_rate):
        return "", ""
    return line.exemption or intake.exemptions.get(line.sku, ("", ""))


def _counter(document: OrderDocument, policy: ShopPolicy, intake: Intake) -> UUID | None:
    code = document.shipping.collected_at
    if code is None:
        return None
    if (policy.id, code) not in intake.counters:
        raise BadInput(
            f"The shop does not draw stock from {code}: nothing can be collected there.",
            code="location_not_linked",
            pointer="/shipping/collect_at",
        )
    return intake.counters[(policy.id, code)]


def _refuse_clashes(document: OrderDocument, policy: ShopPolicy, intake: Intake) -> None:
    check_document(document)
    if document.number is not None and document.number in intake.numbers:
        raise Conflict(
            f"The order number {document.number} is in use.",
            code="number_exists",
            pointer="/number",
        )
    # A store credit may pay for many orders, each in its turn.
    sole = [(n, p) for n, p in enumerate(document.payments) if p.provider != PROVIDER]
    for index, payment in sole:
        key = (policy.id, payment.provider, payment.reference)
        if key in intake.references:
            raise Conflict(
                f"Payment {payment.reference} belongs to another order already.",
                code="payment_exists",
                pointer=f"/payments/{index}/reference",
            )
    intake.numbers.update({document.number} if document.number else ())
    intake.references.update((policy.id, p.provider, p.reference) for _, p in sole)


def _payments(document: OrderDocument, policy: ShopPolicy, order_id: UUID) -> list[NewPayment]:
    payments: list[NewPayment] = []
    for index, p in enumerate(document.payments):
        try:
            amount = parse_amount(p.amount, document.currency)
        except Refusal as refusal:
            refusal.pointer = f"/payments/{index}/amount"
            raise
        payments.append(
            NewPayment(
                ids.new_id(),
                policy.id,
                order_id,
                document.currency,
                p.provider,
                p.method,
                p.reference,
                p.status,
                amount,
            )
        )
    return payments


def _allocate(unit: UnitOfWork, accepted: Sequence[_Accepted], intake: Intake) -> None:
    ready = [entry for entry in accepted if entry.order.payable and not entry.order.hold]
    demands = {entry.order.id: _demands(entry.order) for entry in ready}
    offered = {
        (demand.product_id, place)
        for entry in ready
        for demand in demands[entry.order.id]
        for place in entry.policy.locations
    }
    available: Available = read_stock(unit, offered)
    kept = any(entry.policy.has_channels for entry in ready)
    channels = read_channels(offered) if kept else Channels()
    room = read_room(unit, [entry.policy for entry in ready])
    points = _points(ready)
    for entry in ready:
        order = entry.order
        wanted = _to_route(order, demands[order.id], intake, entry.policy, points)
        mine = channels.view(available, entry.policy.id)
        entry.decision = decide(wanted, demands[order.id], entry.policy, mine, room)
        entry.allocations = allocations_of(entry.decision, entry.policy, order.id)
        for allocation in entry.allocations:
            key = (allocation.order_line_id, allocation.product_id)
            order.claimed[key] = order.claimed.get(key, 0) + allocation.quantity


def _destination(document: OrderDocument) -> Destination:
    delivery = document.delivery_address or document.billing_address
    return delivery.country, normal_postal_code(delivery.postal_code)


def _points(entries: Sequence[_Accepted]) -> dict[Destination, Point]:
    """Read where orders go whose shop has rules that ask for it."""
    asked = [_destination(e.order.document) for e in entries if e.policy.asks_distance]
    return read_points(asked) if asked else {}


def _to_route(
    order: NewOrder,
    demands: Sequence[Demand],
    intake: Intake,
    policy: ShopPolicy,
    points: Mapping[Destination, Point],
) -> ToRoute:
    """Return what the shop's rules may ask about an order on its way in; nothing where there are none."""
    if order.collect_location is not None:
        return replace(NOTHING_KNOWN, collect_at=order.collect_location)
    if not policy.has_rules:
        return NOTHING_KNOWN
    document = order.document
    country, postal_code = _destination(document)
    pieces: dict[UUID, int] = {}
    for demand in demands:
        pieces[demand.line_id] = pieces.get(demand.line_id, 0) + demand.quantity
    weights = intake.weights
    facts = OrderFacts(
        country,
        postal_code,
        frozenset(document.tags),
        frozenset(line.sku for line in document.lines),
        frozenset(x.lower() for x in (document.customer.external_id, document.customer.email) if x),
        sum((weights[demand.product_id] or 0) * demand.quantity for demand in demands),
        order.priced.grand_total if document.currency == policy.currency else None,
        document.placed_at.astimezone(ZoneInfo(policy.timezone)).date(),
        points.get((country, postal_code)),
        is_weighed=None not in order.product_ids
        and all(weights[demand.product_id] is not None for demand in demands),
    )
    values = {
        key: priced.gross // pieces[key]
        for key, priced in zip(order.line_ids, order.priced.lines, strict=True)
        if key in pieces
    }
    return ToRoute(facts, values)


def _demands(order: NewOrder) -> list[Demand]:
    """Return what an order wants: articles, and of kits their components."""
    demands: list[Demand] = []
    for i, product in enumerate(order.product_ids):
        if product is not None:
            parts = order.components[i] or {product: 1}
            quantity = order.document.lines[i].quantity
            demands += [Demand(order.line_ids[i], key, quantity * n) for key, n in parts.items()]
    return demands


def _write(
    unit: UnitOfWork, accepted: Sequence[_Accepted], spending: Spending
) -> dict[UUID, tuple[str, str]]:
    if not accepted:
        return {}
    ordered = sorted(
        accepted, key=lambda entry: (entry.order.shop_id, entry.order.document.external_id)
    )
    allocations = [allocation for entry in ordered for allocation in entry.allocations]
    # Nothing here needs the answer of what was sent before it, so nothing waits for one.
    with sql.pipelined():
        answer = insert_orders([entry.order for entry in ordered])
        insert_payments(unit, [payment for entry in ordered for payment in entry.payments])
        claim_stock(allocations)
        fill_shipments(unit, allocations, orders_are_new=True)
        spending.write(unit)
        placed = answer()
    for entry in ordered:
        order, (number, status) = entry.order, placed[entry.order.id]
        pieces = sum(line.quantity for line in order.document.lines)
        data = {"number": number, "lines": len(order.line_ids), "units": pieces}
        subject = Subject("order", order.id, 1, order.id, order.shop_id)
        unit.record(ORDER_PLACED, subject, Move(None, status), data)
        record_hold(unit, order, status)
        if entry.decision is not None:
            record_unanswered(unit, entry.decision, order.id, order.shop_id)
            record_to_gather(unit, entry.decision, order.id, order.shop_id)
    return placed
