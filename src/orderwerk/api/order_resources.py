"""What the API reads around orders: holds and their rules, substitutes."""

from orderwerk.api.resource import Resource, each, one
from orderwerk.orders.hold_queries import HOLD_STATUSES, HoldFilters, hold_detail, hold_page
from orderwerk.orders.hold_rule_queries import (
    HoldRulesFilters,
    hold_rules_detail,
    hold_rules_page,
)
from orderwerk.orders.substitution_queries import (
    SubstitutionFilters,
    substitution_detail,
    substitution_page,
)
from orderwerk.orders.substitution_statuses import SubstitutionStatus
from orderwerk.schemas import holds, substitutions

ORDER_RESOURCES = (
    Resource(
        "holds",
        ("orders:read",),
        holds.Hold,
        HoldFilters,
        each(hold_page, holds.hold),
        one(hold_detail, holds.hold),
        {"status": HOLD_STATUSES},
    ),
    Resource(
        "hold-rules",
        ("settings:read",),
        holds.HoldRules,
        HoldRulesFilters,
        each(hold_rules_page, holds.hold_rules),
        one(hold_rules_detail, holds.hold_rules),
    ),
    Resource(
        "substitutions",
        ("orders:read",),
        substitutions.Substitution,
        SubstitutionFilters,
        each(substitution_page, substitutions.substitution),
        one(substitution_detail, substitutions.substitution),
        {"status": SubstitutionStatus.values},
    ),
)
