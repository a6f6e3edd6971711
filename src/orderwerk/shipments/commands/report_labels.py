"""Takes over what a carrier answered to the request for the label of a package."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from orderwerk.core import clock, effects, sql
from orderwerk.core.actor import Actor
from orderwerk.core.effects import End
from orderwerk.core.errors import NotFound, Refusal, WrongState, ensure
from orderwerk.core.events import EventKind
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import Move, Subject, UnitOfWork, retrying, unit_of_work
from orderwerk.orders.erasure import erased_among
from orderwerk.shipments.events import SHIPPING_LABEL_FAILED, SHIPPING_LABEL_MADE
from orderwerk.shipments.following import follow_parcels
from orderwerk.shipments.labels import set_tracking_codes, shipments_of
from orderwerk.shipments.locking import lock_parcels


@dataclass(frozen=True, slots=True)
class ShippingLabelNews:
    """What became of an attempt (`effect_id`): the label, or why there is none.

    `keeps_barcode`: the carrier may know it already, so that another attempt asks under the same one.
    """

    label_id: UUID
    effect_id: UUID
    content: bytes | None = None
    note: str = ""
    keeps_barcode: bool = False


@dataclass(frozen=True, slots=True)
class _State:
    id: UUID
    shop_id: UUID
    order_id: UUID
    shipment_id: UUID
    package_id: UUID
    position: int
    number: str
    status: str
    effect_id: UUID
    barcode: str


_READ = """
select l.id, l.shop_id, l.order_id, l.shipment_id, l.package_id, l.position, s.number, l.status, l.effect_id, l.barcode
from shipments_label l join shipments_shipment s on s.id = l.shipment_id where l.id = any(%s) and l.order_id = any(%s)
"""


def report_shipping_labels(items: Sequence[ShippingLabelNews], *, actor: Actor) -> list[Outcome]:
    """Write how attempts ended, each once, whoever hears of it first; the barcode is the package's tracking code.

    Refuses with NotFound, with WrongState an attempt that ended already, or whose label was given up.
    """
    return retrying(lambda: _report(items, actor))


def _report(items: Sequence[ShippingLabelNews], actor: Actor) -> list[Outcome]:
    outcomes: list[Outcome] = []
    news: dict[UUID, ShippingLabelNews] = {}
    with unit_of_work(actor) as unit:
        labels = [item.label_id for item in items]
        # What left in the same parcel bears the same code.
        _, orders, _ = lock_parcels(unit, shipments_of(labels))
        rows = sql.fetch(_READ, (labels, list(orders)))
        states = {row[0]: _State(*row) for row in rows}
        for item in items:
            try:
                state = _check(item, states, news)
            except Refusal as refusal:
                outcomes.append(Outcome.refused(refusal))
                continue
            news[state.id] = item
            outcomes.append(Outcome.done(state.id, status="failed" if item.content is None else "made"))  # fmt: skip
        erased = erased_among(orders)
        news = {key: _bare(n) if states[key].order_id in erased else n for key, n in news.items()}
        effects.conclude([_end(states[key], item) for key, item in news.items()])
        _write(unit, states, news)
    return outcomes


# What erasing leaves of a label: the column may not be empty where one was made.
_NO_PAPER = b"\x00"


def _bare(item: ShippingLabelNews) -> ShippingLabelNews:
    """Return news without what tells of people: its order was erased while the carrier was asked."""
    return replace(item, content=None if item.content is None else _NO_PAPER, note="")


def _check(
    item: ShippingLabelNews,
    states: Mapping[UUID, _State],
    news: Mapping[UUID, ShippingLabelNews],
) -> _State:
    state = states.get(item.label_id)
    if state is None:
        raise NotFound(f"There is no label {item.label_id}.", code="unknown_shipping_label")
    if state.status != "ordered" or state.effect_id != item.effect_id or state.id in news:
        raise WrongState(
            f"This attempt for the label of package {state.position} of {state.number} has ended.",
            code="attempt_over",
        )
    ensure(item.content is None or state.barcode, "a label has the barcode under which it was asked for")  # fmt: skip
    return state


def _end(state: _State, item: ShippingLabelNews) -> End:
    # The carrier's reference is that of a label which is there, and of no other attempt.
    is_made = item.content is not None
    return End(item.effect_id, is_made, state.barcode if is_made else None)


_MOVE = """
update shipments_label l
set status = t.status, content = t.content, note = t.note, version = l.version + 1,
  made_at = case when t.status = 'made' then %s end,
  barcode = case when t.status = 'made' or t.keeps then l.barcode else '' end,
  asked = case when t.status = 'made' or t.keeps then l.asked else 0 end
from unnest(%s::uuid[], %s::text[], %s::bytea[], %s::text[], %s::boolean[]) as t(id, status, content, note, keeps)
where l.id = t.id returning l.id, l.version
"""
_CODE = """
update shipments_package g set tracking_code = t.code from unnest(%s::uuid[], %s::text[]) as t(id, code)
where g.id = t.id and g.tracking_code <> t.code
"""


def _write(
    unit: UnitOfWork, states: Mapping[UUID, _State], news: Mapping[UUID, ShippingLabelNews]
) -> None:
    found = list(news.items())
    status = {key: "failed" if item.content is None else "made" for key, item in found}
    parameters = (
        clock.now(), list(news), list(status.values()), [n.content for _, n in found],
        [n.note[:500] for _, n in found], [n.keeps_barcode for _, n in found],
    )  # fmt: skip
    versions: dict[UUID, int] = dict(sql.fetch(_MOVE, parameters))
    made = [states[key] for key, item in found if item.content is not None]
    sql.execute(_CODE, ([each.package_id for each in made], [each.barcode for each in made]))
    for key, item in found:
        state = states[key]
        subject = Subject("shipping_label", key, versions[key], state.order_id, state.shop_id)
        kind, data = _told(state, item)
        unit.record(kind, subject, Move("ordered", status[key]), data)
    # A shipment is followed by its first package; one that has a code keeps it.
    set_tracking_codes(unit, [(x.shipment_id, "", x.barcode) for x in made if x.position == 1])
    follow_parcels(unit, [each.shipment_id for each in made])


def _told(state: _State, item: ShippingLabelNews) -> tuple[EventKind, dict[str, Any]]:
    data = {"number": state.number, "package": state.position}
    if item.content is None:
        # Of an order that is erased there are no words, and no place for any.
        reason = {"reason": item.note[:500]} if item.note else {}
        return SHIPPING_LABEL_FAILED, {**data, **reason}
    return SHIPPING_LABEL_MADE, {**data, "barcode": state.barcode}
