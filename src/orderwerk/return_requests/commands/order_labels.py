"""Asks carriers for return labels, and once more for those that failed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec

from orderwerk.core import clock, effects, ids, sql
from orderwerk.core.actor import Actor
from orderwerk.core.effects import Intent
from orderwerk.core.errors import Refusal, WrongState
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import Move, Subject, UnitOfWork, retrying, unit_of_work
from orderwerk.return_requests.events import RETURN_LABEL_ORDERED
from orderwerk.return_requests.moving import RequestState, check_open, lock_requests
from orderwerk.return_requests.statuses import Way

# The kind of the effects under which labels are asked for.
LABEL_EFFECT = "return_label"


class OrderLabelItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An approved return request that is to get the carrier's label."""

    return_request_id: UUID


@dataclass(frozen=True, slots=True)
class _Facts:
    """The carrier of a request's shop, whether it comes to the customer, and the label that was asked for before."""

    request_id: UUID
    account_id: UUID | None
    carrier: str | None
    is_paperless: bool | None
    comes: bool | None
    label_id: UUID | None
    status: str | None
    attempts: int | None
    in_other_box: bool
    way: str


_FACTS = """
select r.id, a.id, a.carrier, a.is_paperless, o.country = any(a.countries), l.id, l.status, l.attempts, r.in_box_of_id is not null, r.way
from return_requests_request r join orders_order o on o.id = r.order_id
left join return_requests_carrier a on a.shop_id = r.shop_id and a.is_active
left join return_requests_label l on l.request_id = r.id
where r.id = any(%s)
"""


def order_return_labels(items: Sequence[OrderLabelItem], *, actor: Actor) -> list[Outcome]:
    """Ask the shop's carrier for the label of approved return requests; the call follows (labelling.py).

    Each attempt has its effect, with the one key under which it is ever made; a label that failed is asked for again, and
    under the same barcode where the carrier may have made it. Refuses with NotFound; with WrongState a request that is not
    approved, travels in another's box, is a gift's or comes another way than with a label, a shop without a carrier in use, a country to which it does not come, and a label that is there or on its way.
    """
    return retrying(lambda: _order(items, actor))


def _order(items: Sequence[OrderLabelItem], actor: Actor) -> list[Outcome]:
    outcomes: list[Outcome] = []
    with unit_of_work(actor) as unit:
        found = lock_requests(unit, [item.return_request_id for item in items])
        facts = {row[0]: _Facts(*row) for row in sql.fetch(_FACTS, (list(found),))}
        chosen: dict[UUID, UUID] = {}
        for item in items:
            try:
                state = _check(item, found, facts, chosen)
            except Refusal as refusal:
                outcomes.append(Outcome.refused(refusal))
                continue
            chosen[state.id] = facts[state.id].label_id or ids.new_id()
            outcomes.append(Outcome.done(chosen[state.id], number=state.number, status="ordered"))
        _write(unit, [found[key] for key in chosen], facts, chosen)
    return outcomes


def _check(
    item: OrderLabelItem,
    found: Mapping[UUID, RequestState],
    facts: Mapping[UUID, _Facts],
    chosen: Mapping[UUID, UUID],
) -> RequestState:
    state = check_open(found.get(item.return_request_id), "/return_request_id")
    if state.status != "approved":
        raise WrongState(
            f"Return request {state.number} is {state.status}: nothing is to be sent.",
            code="return_request_not_approved",
        )
    known = facts[state.id]
    if known.status in {"ordered", "made"} or state.id in chosen:
        raise WrongState(f"Return request {state.number} has its label.", code="return_label_there")
    if known.in_other_box:
        raise WrongState(
            f"Return request {state.number} travels in another one's box.", code="in_other_box"
        )
    if state.is_gift:
        raise WrongState(
            "A carrier's label shows the buyer's address; a gift is sent back with the slip.",
            code="gift_without_label",
        )
    if known.way in {Way.OWN, Way.LOCATION}:
        raise WrongState(
            f"The customer sends {state.number} with a carrier of their own, or brings it: no label is needed.",
            code="no_label_wanted",
        )
    if known.account_id is None:
        raise WrongState("The shop has no carrier for returns in use.", code="no_return_carrier")
    if not known.comes:
        raise WrongState(
            "The shop's carrier brings no returns from this country.", code="no_label_from_country"
        )
    return state


_ROWS = (
    "id uuid, shop_id uuid, order_id uuid, request_id uuid, carrier_account_id uuid, carrier text, status text, effect_id uuid, "
    "attempts int, barcode text, asked int, is_paperless boolean, note text, created_at timestamptz, version int"
)
_AGAIN = """
on conflict (request_id) do update set status = 'ordered', effect_id = excluded.effect_id, attempts = excluded.attempts,
  carrier_account_id = excluded.carrier_account_id, is_paperless = excluded.is_paperless, note = '',
  version = return_requests_label.version + 1
returning id, version
"""


def _write(
    unit: UnitOfWork,
    states: Sequence[RequestState],
    facts: Mapping[UUID, _Facts],
    labels: Mapping[UUID, UUID],
) -> None:
    attempts = {state.id: (facts[state.id].attempts or 0) + 1 for state in states}
    # An attempt that ended is over: another one is another effect, with a key of its own.
    keys = {s.id: f"{labels[s.id]}/{attempts[s.id]}" for s in states}
    made = effects.intend([Intent(LABEL_EFFECT, keys[s.id], s.shop_id) for s in states])
    rows: list[dict[str, Any]] = [
        {
            "id": labels[s.id], "shop_id": s.shop_id, "order_id": s.order_id, "request_id": s.id,
            "carrier_account_id": facts[s.id].account_id, "carrier": facts[s.id].carrier, "status": "ordered",
            "effect_id": made[keys[s.id]], "attempts": attempts[s.id], "barcode": "", "asked": 0,
            "is_paperless": facts[s.id].is_paperless, "note": "", "created_at": clock.now(), "version": 1,
        }
        for s in states
    ]  # fmt: skip
    versions: dict[UUID, int] = dict(sql.insert_rows("return_requests_label", _ROWS, rows, tail=_AGAIN))  # fmt: skip
    for s in states:
        subject = Subject("return_label", labels[s.id], versions[labels[s.id]], s.order_id, s.shop_id)  # fmt: skip
        origin = "failed" if facts[s.id].label_id else None
        data = {"number": s.number, "attempt": attempts[s.id]}
        unit.record(RETURN_LABEL_ORDERED, subject, Move(origin, "ordered"), data)


_DUE = """
select r.id from return_requests_request r join orders_order o on o.id = r.order_id
join return_requests_carrier a on a.shop_id = r.shop_id and a.is_active and a.is_automatic and o.country = any(a.countries)
where r.id = any(%s) and r.status = 'approved' and r.in_box_of_id is null and not r.is_gift and r.way in ('', 'label') and not exists (select 1 from return_requests_label l where l.request_id = r.id)
order by r.id
"""


def order_due_labels(request_ids: Sequence[UUID], *, actor: Actor) -> list[Outcome]:
    """Ask for the labels of those requests that get one by themselves and have none."""
    items = [OrderLabelItem(return_request_id=row[0]) for row in sql.fetch(_DUE, (list(request_ids),))]  # fmt: skip
    return order_return_labels(items, actor=actor)
