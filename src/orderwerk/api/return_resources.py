"""The readable things around goods that come back, or do not: reasons, rules, requests, returns, claims."""

from typing import Any
from uuid import UUID

from orderwerk.api.resource import Asked, Resource, each, one
from orderwerk.core.actor import Actor
from orderwerk.core.keyset import Page
from orderwerk.return_requests.label_queries import (
    ReturnCarrierFilters,
    ReturnLabelFilters,
    return_carrier_detail,
    return_carrier_page,
    return_label_detail,
    return_label_page,
)
from orderwerk.return_requests.label_statuses import ReturnLabelStatus
from orderwerk.return_requests.queries import (
    PolicyFilters,
    ReasonFilters,
    ReturnRequestFilters,
    policy_detail,
    policy_page,
    reason_detail,
    reason_page,
    return_request_detail,
    return_request_page,
)
from orderwerk.return_requests.statuses import ReturnRequestStatus
from orderwerk.return_requests.withdrawal_queries import (
    WithdrawalFilters,
    withdrawal_detail,
    withdrawal_page,
)
from orderwerk.returns.claim_queries import ClaimFilters, claim_detail, claim_page
from orderwerk.returns.claim_statuses import ClaimKind, ClaimStatus
from orderwerk.returns.queries import ReturnFilters, return_detail, return_page
from orderwerk.returns.statuses import ReturnStatus
from orderwerk.schemas import claims, return_labels, returns, withdrawals

_READ_RETURNS = ("returns:read",)


def _return_requests(asked: Asked) -> Page[Any]:
    page = return_request_page(asked.actor, asked.filters, **asked.place)
    return Page(returns.return_requests(page.items), page.next)


def _return_request(actor: Actor, key: UUID) -> returns.ReturnRequest:
    return returns.return_requests([return_request_detail(actor, key)])[0]


def _returns(asked: Asked) -> Page[Any]:
    page = return_page(asked.actor, asked.filters, **asked.place)
    return Page(returns.returns(page.items), page.next)


def _return(actor: Actor, key: UUID) -> returns.Return:
    return returns.returns([return_detail(actor, key)])[0]


def _claims(asked: Asked) -> Page[Any]:
    page = claim_page(asked.actor, asked.filters, **asked.place)
    return Page(claims.claims(page.items), page.next)


def _claim(actor: Actor, key: UUID) -> claims.Claim:
    return claims.claims([claim_detail(actor, key)])[0]


RETURN_RESOURCES = (
    Resource(
        "return-reasons", ("returns:read", "settings:read"), returns.ReturnReason, ReasonFilters,
        each(reason_page, returns.return_reason), one(reason_detail, returns.return_reason),
    ),
    Resource(
        "return-policies", ("returns:read", "settings:read"), returns.ReturnPolicy, PolicyFilters,
        each(policy_page, returns.return_policy), one(policy_detail, returns.return_policy),
    ),
    Resource(
        "return-requests", _READ_RETURNS, returns.ReturnRequest, ReturnRequestFilters, _return_requests, _return_request,
        {"status": ReturnRequestStatus.values, "label": ReturnLabelStatus.values},
    ),
    Resource(
        "return-carriers", ("returns:read", "settings:read"), return_labels.ReturnCarrier, ReturnCarrierFilters,
        each(return_carrier_page, return_labels.return_carrier), one(return_carrier_detail, return_labels.return_carrier),
    ),
    Resource(
        "return-labels", _READ_RETURNS, return_labels.ReturnLabel, ReturnLabelFilters,
        each(return_label_page, return_labels.return_label), one(return_label_detail, return_labels.return_label),
        {"status": ReturnLabelStatus.values},
    ),
    Resource(
        "withdrawals", _READ_RETURNS, withdrawals.Withdrawal, WithdrawalFilters,
        each(withdrawal_page, withdrawals.withdrawal), one(withdrawal_detail, withdrawals.withdrawal),
    ),
    Resource(
        "claims", _READ_RETURNS, claims.Claim, ClaimFilters, _claims, _claim,
        {"status": ClaimStatus.values, "kind": ClaimKind.values},
    ),
    Resource("returns", _READ_RETURNS, returns.Return, ReturnFilters, _returns, _return, {"status": ReturnStatus.values}),
)  # fmt: skip
