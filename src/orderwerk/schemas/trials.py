"""The public shape of a dry run of routing rules."""

from datetime import datetime

import msgspec

from orderwerk.core.money import format_amount
from orderwerk.flows.try_rules import Side, Trial


class RoutingSide(msgspec.Struct, frozen=True):
    """What rules make of an order: the rule that fits and its group, pieces per location, pieces that wait, and whether it is put on hold.

    `cost` is what its parcels cost together; `limited`: the rule lets it not be split as its goods lie.
    """

    rule: str
    locations: dict[str, int]
    waiting: int
    is_held: bool
    cost: str
    limited: bool
    group: str


class RoutingDifference(msgspec.Struct, frozen=True):
    """An order that would be sent otherwise."""

    order: str
    placed_at: datetime
    before: RoutingSide
    after: RoutingSide


class RoutingTrial(msgspec.Struct, frozen=True):
    """What a draft would make of the last orders: how many were looked at, parcels, their cost, waiting pieces, every difference."""

    orders: int
    parcels_before: int
    parcels_after: int
    waiting_before: int
    waiting_after: int
    currency: str
    cost_before: str
    cost_after: str
    differences: list[RoutingDifference]


def trial_shape(trial: Trial) -> RoutingTrial:
    """Return the public shape of a dry run."""
    return RoutingTrial(
        orders=trial.orders,
        parcels_before=trial.parcels_before,
        parcels_after=trial.parcels_after,
        waiting_before=trial.waiting_before,
        waiting_after=trial.waiting_after,
        currency=trial.currency,
        cost_before=format_amount(trial.cost_before, trial.currency),
        cost_after=format_amount(trial.cost_after, trial.currency),
        differences=[
            RoutingDifference(
                x.number,
                x.placed_at,
                _side(x.before, trial.currency),
                _side(x.after, trial.currency),
            )
            for x in trial.differences
        ],
    )


def _side(side: Side, currency: str) -> RoutingSide:
    cost = format_amount(side.cost, currency)
    return RoutingSide(
        side.rule, side.places, side.waiting, side.is_held, cost, side.is_limited, side.group
    )
