"""What the API reads around orders: substitutes."""

from orderwerk.api.resource import Resource, each, one
from orderwerk.orders.substitution_queries import (
    SubstitutionFilters,
    substitution_detail,
    substitution_page,
)
from orderwerk.orders.substitution_statuses import SubstitutionStatus
from orderwerk.schemas import substitutions

ORDER_RESOURCES = (
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
