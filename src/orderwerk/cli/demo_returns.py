"""The demo's returns: what customers announced, in every status, and boxes that came back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from orderwerk.cli.demo_places import SHOP_NL, SHOP_UK, done
from orderwerk.core import clock, sql
from orderwerk.core.actor import Actor
from orderwerk.return_requests.commands.create import (
    RequestLine,
    ReturnRequestItem,
    create_return_requests,
)
from orderwerk.return_requests.commands.decide import (
    ApproveRequestItem,
    CancelRequestItem,
    RejectRequestItem,
    approve_return_requests,
    cancel_return_requests,
    reject_return_requests,
)
from orderwerk.return_requests.commands.set_policies import (
    Instructions,
    PolicyItem,
    set_return_policies,
)
from orderwerk.returns.commands.create import ReturnItem, ReturnLineItem, create_returns

_REASONS = ("damaged", "not-as-expected", "changed-mind", "wrong-article", "faulty")
_COMMENTS = ("The handle came off.", "", "Looks smaller than on the picture.", "", "")
_POLICIES = (
    PolicyItem(
        shop=SHOP_NL, outcomes=["refund", "exchange"], colour="#0a7b61",
        instructions=Instructions(nl="Stuur het pakket naar Voorbeeldkade 1, 1011 AB Amsterdam.", en="Send the parcel to Voorbeeldkade 1, 1011 AB Amsterdam."),
    ),
    PolicyItem(shop=SHOP_UK, outcomes=["refund", "store_credit"], fee="2.50", colour="#7a2e8e"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Sold:
    """A line of an order that has left."""

    order_id: UUID
    line_id: UUID
    shipped: int


def take_back(actor: Actor) -> None:
    """Announce returns and book some, a few days and a few hours ago."""
    now = clock.now()
    sold = _sold(16, now - timedelta(days=2))
    with clock.told(now - timedelta(days=2)):
        done(set_return_policies(_POLICIES, actor=actor))
        early = _announce(sold[:6], actor)
    with clock.told(now - timedelta(hours=5)):
        late = _announce(sold[6:11], actor)
        done(
            approve_return_requests(
                [ApproveRequestItem(return_request_id=key) for key in early], actor=actor
            )
        )
        done(
            cancel_return_requests(
                [CancelRequestItem(return_request_id=early[4], reason="Keeps it after all")],
                actor=actor,
            )
        )
        done(
            reject_return_requests(
                [RejectRequestItem(return_request_id=late[4], reason="The article has been used")],
                actor=actor,
            )
        )
    with clock.told(now - timedelta(hours=1)):
        _book(sold, early, actor)


def _book(sold: Sequence[_Sold], announced: Sequence[UUID], actor: Actor) -> None:
    boxes = [
        ReturnItem(
            order_id=line.order_id,
            return_request_id=announced[index] if index < 2 else None,
            credit=index != 4,
            lines=[
                ReturnLineItem(
                    order_line_id=line.line_id, quantity=1, reason=_REASONS[index % 5],
                    disposition=("restock", None, "second_grade", None, "restock")[index % 5],
                )
            ],
        )
        for index, line in enumerate([*sold[:2], *sold[11:14]])
    ]  # fmt: skip
    done(create_returns(boxes, actor=actor))


def _announce(lines: Sequence[_Sold], actor: Actor) -> list[UUID]:
    items = [
        ReturnRequestItem(
            order_id=line.order_id,
            lines=[
                RequestLine(
                    order_line_id=line.line_id,
                    quantity=min(line.shipped, 1 + index % 2),
                    reason=_REASONS[index % 5],
                )
            ],
            comment=_COMMENTS[index % 5],
        )
        for index, line in enumerate(lines)
    ]
    return [key for o in done(create_return_requests(items, actor=actor)) if (key := o.id)]


def _sold(most: int, before: datetime) -> list[_Sold]:
    rows = sql.fetch(
        "select distinct on (l.order_id) l.order_id, l.id, l.shipped from orders_line l join orders_order o on o.id = l.order_id "
        "join catalog_product p on p.id = l.product_id and p.tracking = 'none' "
        "where l.shipped > 0 and l.product_id is not null and l.net_minor > 0 and o.status = 'shipped' "
        "and not exists (select 1 from shipments_shipment s where s.order_id = o.id and s.shipped_at > %s) "
        "order by l.order_id desc, l.position limit %s",
        (before, most),
    )
    return [_Sold(*row) for row in rows]
