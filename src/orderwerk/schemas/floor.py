"""The public shapes of work between the dock and the shelves."""

from datetime import datetime
from uuid import UUID

import msgspec

from orderwerk.allocations.channel_queries import ChannelStockRow
from orderwerk.stock.count_plan_queries import CountPlanRow


class CountPlan(msgspec.Struct, frozen=True):
    """How often the bins of a location are counted, by class; `open`: cycle counts that are asked for and not done."""

    id: UUID | None
    location: str
    a_days: int | None
    b_days: int | None
    c_days: int | None
    basis: str
    look_back_days: int
    most_a_day: int
    updated_at: datetime | None
    version: int
    open: int


def count_plan(row: CountPlanRow) -> CountPlan:
    """Return the public shape of a plan for cycle counts."""
    return CountPlan(
        id=row.id,
        location=row.location,
        a_days=row.a_days,
        b_days=row.b_days,
        c_days=row.c_days,
        basis=row.basis,
        look_back_days=row.look_back_days,
        most_a_day=row.most_a_day,
        updated_at=row.updated_at,
        version=row.version,
        open=row.open_count,
    )


class ChannelStock(msgspec.Struct, frozen=True):
    """What is kept for a shop at one location; `held` by its open claims, `available` to it now."""

    id: UUID
    shop: str
    sku: str
    location: str
    reserved: int
    safety_stock: int
    held: int
    available: int
    updated_at: datetime


def channel_stock(row: ChannelStockRow) -> ChannelStock:
    """Return the public shape of what is kept for a shop."""
    return ChannelStock(
        id=row.id,
        shop=row.shop,
        sku=row.sku,
        location=row.location,
        reserved=row.reserved,
        safety_stock=row.safety_stock,
        held=row.held,
        available=row.available,
        updated_at=row.updated_at,
    )
