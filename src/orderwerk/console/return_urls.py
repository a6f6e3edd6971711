"""The addresses of goods that come back: requests, returns, claims, and how each shop takes them."""

from django.urls import path

from orderwerk.console.views import (
    claims,
    documents,
    return_carriers,
    return_request,
    return_requests,
    return_settings,
    returns,
    withdrawals,
)

RETURN_SETTINGS = [
    path("settings/returns/", return_settings.return_settings, name="return_settings"),
    path("settings/returns/reasons/new/", return_settings.reason_new, name="reason_new"),
    path("settings/returns/reasons/<path:code>/", return_settings.reason_edit, name="reason_edit"),
    path("settings/returns/shops/<path:code>/", return_settings.policy, name="return_policy"),
    path(
        "settings/returns/carriers/test/<path:code>/",
        return_carriers.return_carrier_test,
        name="return_carrier_test",
    ),
    path(
        "settings/returns/carriers/shops/<path:code>/",
        return_carriers.return_carrier,
        name="return_carrier",
    ),
]

RETURNS = [
    path("return-requests/", return_requests.request_list, name="return_requests"),
    path("return-requests/withdrawals/", withdrawals.withdrawal_list, name="withdrawals"),
    path(
        "return-requests/<str:number>/photos/<int:position>/",
        withdrawals.request_photo,
        name="return_request_photo",
    ),
    path("return-requests/expected/", return_requests.expected, name="returns_expected"),
    path(
        "return-requests/bulk/<slug:verb>/",
        return_requests.request_bulk,
        name="return_request_bulk",
    ),
    path("return-requests/<str:number>/slip.pdf", documents.return_slip_pdf, name="return_slip"),
    path("return-requests/<str:number>/label.pdf", documents.return_label_pdf, name="return_label"),
    path(
        "return-requests/<str:number>/order-label/",
        return_request.order_label,
        name="return_label_order",
    ),
    path("return-requests/<str:number>/", return_request.return_request, name="return_request"),
    path(
        "return-requests/<str:number>/approve/",
        return_request.approve,
        name="return_request_approve",
    ),
    path(
        "return-requests/<str:number>/reject/", return_request.reject, name="return_request_reject"
    ),
    path("return-requests/<str:number>/box/", return_request.box, name="return_request_box"),
    path(
        "return-requests/<str:number>/repair/",
        return_request.receive_repair,
        name="return_request_repair",
    ),
    path("return-requests/<str:number>/keep/", return_request.keep, name="return_request_keep"),
    path(
        "return-requests/<str:number>/cancel/", return_request.cancel, name="return_request_cancel"
    ),
    path("returns/", returns.return_list, name="returns"),
    path("returns/new/", returns.return_scan, name="return_scan"),
    path("returns/claims/", claims.claim_list, name="claims"),
    path("returns/claims/<uuid:claim_id>/photos/<int:position>/", claims.photo, name="claim_photo"),
    path("returns/claims/<uuid:claim_id>/<slug:verb>/", claims.claim_decide, name="claim_decide"),
    path("returns/<str:number>/", returns.return_one, name="return_one"),
    path("returns/<str:number>/finding/", returns.finding, name="return_finding"),
    path(
        "returns/<str:number>/lines/<uuid:line_id>/inspect/", returns.inspect, name="return_inspect"
    ),
]
