"""The addresses of money that goes back: refunds, store credits, differences, files for the bank."""

from django.urls import path

from orderwerk.console.views import differences, order_payment, refunds, store_credits, transfers

MONEY = [
    path("captures/<uuid:capture_id>/retry/", order_payment.capture_again, name="capture_again"),
    path("refunds/", refunds.refund_list, name="refunds"),
    path("refunds/differences/", differences.difference_list, name="differences"),
    path("refunds/reconciliations/", differences.reconciliation_list, name="reconciliations"),
    path(
        "refunds/differences/<uuid:difference_id>/match/",
        differences.match,
        name="difference_match",
    ),
    path(
        "refunds/differences/<uuid:difference_id>/explain/",
        differences.explain,
        name="difference_explain",
    ),
    path("refunds/store-credits/", store_credits.store_credit_list, name="store_credits"),
    path(
        "refunds/store-credits/<uuid:store_credit_id>/",
        store_credits.store_credit,
        name="store_credit",
    ),
    path(
        "refunds/store-credits/<uuid:store_credit_id>/stop/",
        store_credits.stop,
        name="store_credit_stop",
    ),
    path("refunds/transfers/", transfers.batch_list, name="transfers"),
    path("refunds/transfers/<uuid:batch_id>.xml", transfers.batch_xml, name="transfer_file"),
    path("refunds/<uuid:refund_id>/account/", refunds.account, name="refund_account"),
    path("refunds/bulk/reject/", refunds.reject_many, name="refunds_reject"),
    path("refunds/bulk/<slug:verb>/", refunds.refund_bulk, name="refund_bulk"),
    path("refunds/<uuid:refund_id>/do/<slug:verb>/", refunds.decide, name="refund_decide"),
    path("refunds/<uuid:refund_id>/reject/", refunds.reject, name="refund_reject"),
    path("refunds/<uuid:refund_id>/paid/", refunds.paid, name="refund_paid"),
    path("refunds/<uuid:refund_id>/failed/", refunds.failed, name="refund_failed"),
]
