"""Sets what was counted, at the moment it was counted."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from orderwerk.core import fields
from orderwerk.core.actor import Actor
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import STILL, Subject, retrying, unit_of_work
from orderwerk.flows.correct_stock import Booked, Job, correct_stock
from orderwerk.stock.events import STOCK_COUNTED


class CountItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A counted quantity: of one bin, or (without `bin`) of the whole location, what is picked included.

    Of a product that is kept by lot: of one lot in one bin.
    """

    sku: fields.Sku
    location: fields.Code
    quantity: fields.Count
    bin: fields.Code | None = None
    lot: fields.Lot | None = None
    counted_at: datetime | None = None


def count_stock_levels(items: Sequence[CountItem], *, actor: Actor) -> list[Outcome]:
    """Book counted quantities; what moved after `counted_at` stays as it moved, open demand stays open.

    A count below what is allocated is the truth: the claims that no longer fit are given back, the latest orders
    first, never picked goods, and routed again at once. Refuses with NotFound; with BadInput a count from the future
    or of the staging bin; with Conflict one older than a count that is booked; with LimitExceeded fewer than are picked.
    """
    return retrying(lambda: _count(items, actor))


def _count(items: Sequence[CountItem], actor: Actor) -> list[Outcome]:
    with unit_of_work(actor) as unit:
        done = correct_stock(
            unit,
            [
                Job(
                    i.sku,
                    i.location,
                    i.bin,
                    "counted",
                    counted=i.quantity,
                    at=i.counted_at,
                    lot=i.lot,
                )
                for i in items
            ],
        )
        for item, booked in zip(items, done.booked, strict=True):
            if isinstance(booked, Booked):
                data = {
                    "sku": item.sku,
                    "location": item.location,
                    "bin": item.bin,
                    "lot": item.lot,
                    "before": booked.before,
                    "counted": item.quantity,
                }
                unit.record(STOCK_COUNTED, Subject("product", booked.key[0]), STILL, data)
    return [done.outcome(booked) for booked in done.booked]
