"""The addresses of what surrounds shipments; after those of many rows at once, before the general ones of stock."""

from django.urls import path

from orderwerk.console.views import (
    allocations,
    cancel_requests,
    carrier_accounts,
    carriers,
    collecting,
    count_plans,
    delivery_problems,
    hold_rules,
    scan_floor,
    self_check,
    serials,
    shipment_regroup,
    shipping,
    shipping_labels,
)

FLOOR = [
    path("shipments/labels.pdf", shipping_labels.label_bundle, name="shipment_labels_pdf"),
    path("shipments/<str:number>/label.pdf", shipping_labels.label_pdf, name="shipment_label_pdf"),
    path("shipments/<str:number>/labels/", shipping_labels.label_state, name="shipment_labels"),
    path(
        "shipments/<str:number>/labels/order/",
        shipping_labels.label_order,
        name="shipment_label_order",
    ),
    path(
        "shipments/<str:number>/labels/<uuid:key>/void/",
        shipping_labels.label_void,
        name="shipment_label_void",
    ),
    path("scan/", scan_floor.scan_home, name="scan_home"),
    path("scan/worker.js", scan_floor.scan_worker, name="scan_worker"),
    path("scan/scans/", scan_floor.floor_scans_take, name="floor_scans_take"),
    path("scan/find/<path:location>/", scan_floor.floor_find, name="floor_find"),
    path("scan/receive/<path:location>/", scan_floor.scan_receive, name="scan_receive"),
    path("scan/put-away/<path:location>/", scan_floor.scan_put_away, name="scan_put_away"),
    path("scan/move/<path:location>/", scan_floor.scan_move, name="scan_move"),
    path("scan/count/<path:location>/", scan_floor.scan_count, name="scan_count"),
    path(
        "allocations/bulk/consolidate/",
        allocations.bulk_consolidate,
        name="allocations_consolidate",
    ),
    path(
        "allocations/<uuid:allocation_id>/release/", allocations.release, name="allocation_release"
    ),
    path("cancel-requests/", cancel_requests.cancel_request_list, name="cancel_requests"),
    *[
        path(f"cancel-requests/<uuid:request_id>/{verb}/", view, name=f"cancel_request_{verb}")
        for verb, view in cancel_requests.VERBS.items()
    ],
    path("collect/", collecting.collecting, name="collecting"),
    path("shipments/<str:number>/ready/", collecting.ready, name="shipment_ready"),
    path("shipments/<str:number>/collect/", collecting.hand_over, name="shipment_collect"),
    path("delivery-problems/", delivery_problems.problem_list, name="delivery_problems"),
    path(
        "delivery-problems/<uuid:exception_id>/close/",
        delivery_problems.close,
        name="delivery_problem_close",
    ),
    *[
        path(f"shipments/<str:number>/{verb}/", view, name=f"shipment_{verb}")
        for verb, view in shipment_regroup.VERBS.items()
    ],
    path("shipments/<str:number>/serials/", serials.shipment_serials, name="shipment_serials"),
    path("stock/do/serials/", serials.serial_list, name="serials"),
    path("settings/holds/", hold_rules.hold_rules, name="hold_rules"),
    path("settings/holds/<path:code>/rules/new/", hold_rules.rule_new, name="hold_rule_new"),
    path(
        "settings/holds/<path:code>/rules/<int:index>/",
        hold_rules.rule_edit,
        name="hold_rule_edit",
    ),
    path(
        "settings/holds/<path:code>/rules/<int:index>/<slug:verb>/",
        hold_rules.rule_move,
        name="hold_rule_move",
    ),
    path("settings/shipping/", shipping.shipping, name="shipping"),
    path("settings/shipping/carriers/new/", carriers.carrier_new, name="carrier_new"),
    path(
        "settings/shipping/carriers/ready/<slug:like>/", carriers.carrier_new, name="carrier_ready"
    ),
    path("settings/shipping/carriers/by/<path:code>/", carriers.carrier_edit, name="carrier_edit"),
    path(
        "settings/shipping/accounts/test/<path:code>/",
        carrier_accounts.carrier_account_test,
        name="carrier_account_test",
    ),
    path(
        "settings/shipping/accounts/of/<path:code>/",
        carrier_accounts.carrier_account,
        name="carrier_account",
    ),
    path("settings/shipping/<path:code>/boxes/new/", shipping.box_new, name="box_size_new"),
    path(
        "settings/shipping/<path:code>/boxes/<int:index>/",
        shipping.box_edit,
        name="box_size_edit",
    ),
    path(
        "settings/shipping/<path:code>/boxes/<int:index>/<slug:verb>/",
        shipping.box_move,
        name="box_size_move",
    ),
    path("settings/shipping/<path:code>/rules/new/", shipping.rule_new, name="shipping_rule_new"),
    path(
        "settings/shipping/<path:code>/rules/<int:index>/",
        shipping.rule_edit,
        name="shipping_rule_edit",
    ),
    path(
        "settings/shipping/<path:code>/rules/<int:index>/<slug:verb>/",
        shipping.rule_move,
        name="shipping_rule_move",
    ),
    path("stock/do/count-plans/", count_plans.count_plan_list, name="count_plans"),
    path(
        "stock/do/count-plans/set/<path:location>/",
        count_plans.count_plan_set,
        name="count_plan_set",
    ),
    path(
        "stock/do/count-plans/request/<path:location>/",
        count_plans.count_plan_request,
        name="count_plan_request",
    ),
    path("stock/do/count-plans/of/<path:location>/", count_plans.count_plan, name="count_plan"),
    path("stock/do/self-check/", self_check.self_check, name="self_check"),
    path("stock/do/repair/", self_check.repair, name="stock_repair"),
]
