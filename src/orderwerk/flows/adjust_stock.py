"""Corrects stock by a difference, with a reason."""

from collections.abc import Sequence

import msgspec

from orderwerk.core import fields
from orderwerk.core.actor import Actor
from orderwerk.core.errors import BadInput
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import STILL, Subject, retrying, unit_of_work
from orderwerk.flows.correct_stock import Booked, Job, correct_stock
from orderwerk.stock.events import STOCK_ADJUSTED


class AdjustItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A difference in pieces: found (+) or gone (-); bin and lot are named where the product is kept by lot."""

    sku: fields.Sku
    location: fields.Code
    difference: fields.Difference
    reason: fields.Reason
    bin: fields.Code | None = None
    lot: fields.Lot | None = None


def adjust_stock_levels(items: Sequence[AdjustItem], *, actor: Actor) -> list[Outcome]:
    """Change on hand by a difference; claims that no longer fit are given back and routed again, as after a count.

    Refuses with NotFound, with BadInput no difference or the staging bin, with LimitExceeded more than lies there.
    """
    return retrying(lambda: _adjust(items, actor))


def _adjust(items: Sequence[AdjustItem], actor: Actor) -> list[Outcome]:
    jobs = [
        Job(
            i.sku,
            i.location,
            i.bin,
            "adjusted",
            difference=i.difference,
            reason=i.reason,
            lot=i.lot,
        )
        for i in items
        if i.difference
    ]
    with unit_of_work(actor) as unit:
        done = correct_stock(unit, jobs)
        for job, booked in zip(jobs, done.booked, strict=True):
            if isinstance(booked, Booked):
                data = {
                    "sku": job.sku,
                    "location": job.location,
                    "bin": job.bin,
                    "lot": job.lot,
                    "difference": job.difference,
                    "reason": job.reason,
                }
                unit.record(STOCK_ADJUSTED, Subject("product", booked.key[0]), STILL, data)
    outcomes = iter(done.outcome(booked) for booked in done.booked)
    return [next(outcomes) if item.difference else _no_difference() for item in items]


def _no_difference() -> Outcome:
    return Outcome.refused(
        BadInput("The difference is zero.", code="no_difference", pointer="/difference")
    )
