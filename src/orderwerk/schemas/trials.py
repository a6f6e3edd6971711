"""The public shape of a dry run of routing rules."""

from datetime import datetime

import msgspec

from orderwerk.flows.try_rules import Side, Trial


class RoutingSide(msgspec.Struct, frozen=True):
    """What rules make of an order: the rule that fits, pieces per location, pieces that wait, and whether it is put on hold."""

    rule: str
    locations: dict[str, int]
    waiting: int
    is_held: bool


class RoutingDifference(msgspec.Struct, frozen=True):
    """An order that would be sent otherwise."""

    order: str
    placed_at: datetime
    before: RoutingSide
    after: RoutingSide


class RoutingTrial(msgspec.Struct, frozen=True):
    """What a draft would make of the last orders: how many were looked at, parcels and waiting pieces, every difference."""

    orders: int
    parcels_before: int
    parcels_after: int
    waiting_before: int
    waiting_after: int
    differences: list[RoutingDifference]


def trial_shape(trial: Trial) -> RoutingTrial:
    """Return the public shape of a dry run."""
    return RoutingTrial(
        orders=trial.orders,
        parcels_before=trial.parcels_before,
        parcels_after=trial.parcels_after,
        waiting_before=trial.waiting_before,
        waiting_after=trial.waiting_after,
        differences=[
            RoutingDifference(x.number, x.placed_at, _side(x.before), _side(x.after))
            for x in trial.differences
        ],
    )


def _side(side: Side) -> RoutingSide:
    return RoutingSide(side.rule, side.places, side.waiting, side.is_held)
