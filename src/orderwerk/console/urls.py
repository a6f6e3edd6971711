"""The addresses of the console."""

from allauth.account import views as account_views
from allauth.mfa.base import views as mfa_views
from allauth.mfa.recovery_codes import views as recovery_views
from allauth.mfa.totp import views as totp_views
from django.urls import path, re_path
from django.views.generic import RedirectView
from django.views.i18n import set_language

from orderwerk.console.floor_urls import FLOOR
from orderwerk.console.money_urls import MONEY
from orderwerk.console.return_urls import RETURN_SETTINGS, RETURNS
from orderwerk.console.views import (
    account,
    allocations,
    bins,
    claims,
    counts,
    documents,
    email_texts,
    erasing,
    inbound,
    invoice,
    invoices,
    letters,
    locations,
    lots,
    mentions,
    order,
    order_actions,
    order_address,
    order_bulk,
    order_payment,
    orders,
    payment_settings,
    people,
    pick_list,
    pick_lists,
    postal_codes,
    products,
    refunds,
    return_new,
    return_request,
    routing,
    scan_pack,
    scan_pick,
    shipment,
    shipments,
    shipments_all,
    shops,
    stock,
    substitutes,
    tokens,
    vat,
    withdrawal_new,
)

# Named as allauth names them, since it looks its own pages up by name. There is no way to sign up.
_ACCOUNT = [
    path("account/login/", account_views.login, name="account_login"),
    path("account/logout/", account_views.logout, name="account_logout"),
    path("account/inactive/", account_views.account_inactive, name="account_inactive"),
    path("account/confirm/", account_views.reauthenticate, name="account_reauthenticate"),
    path("account/password/", account_views.password_change, name="account_change_password"),
    path("account/password/set/", account_views.password_set, name="account_set_password"),
    path("account/forgotten/", account_views.password_reset, name="account_reset_password"),
    path(
        "account/forgotten/sent/",
        account_views.password_reset_done,
        name="account_reset_password_done",
    ),
    re_path(
        r"^account/forgotten/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        account_views.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "account/forgotten/done/",
        account_views.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    path("account/second-factor/", RedirectView.as_view(pattern_name="account"), name="mfa_index"),
    path("account/second-factor/enter/", mfa_views.authenticate, name="mfa_authenticate"),
    path("account/second-factor/confirm/", mfa_views.reauthenticate, name="mfa_reauthenticate"),
    path("account/second-factor/activate/", totp_views.activate_totp, name="mfa_activate_totp"),
    path(
        "account/second-factor/deactivate/", totp_views.deactivate_totp, name="mfa_deactivate_totp"
    ),
    path(
        "account/recovery-codes/",
        recovery_views.view_recovery_codes,
        name="mfa_view_recovery_codes",
    ),
    path(
        "account/recovery-codes/generate/",
        recovery_views.generate_recovery_codes,
        name="mfa_generate_recovery_codes",
    ),
    path(
        "account/recovery-codes/download/",
        recovery_views.download_recovery_codes,
        name="mfa_download_recovery_codes",
    ),
    path("account/language/", set_language, name="set_language"),
    path("account/preferences/", account.preferences, name="preferences"),
    path("account/", account.account, name="account"),
]

_SETTINGS = [
    path("settings/", RedirectView.as_view(pattern_name="shops"), name="settings"),
    path("settings/people/", people.people_list, name="people"),
    path("settings/people/new/", people.person_new, name="person_new"),
    path("settings/people/<uuid:user_id>/", people.person, name="person"),
    path("settings/people/<uuid:user_id>/active/", people.person_active, name="person_active"),
    path("settings/shops/", shops.shop_list, name="shops"),
    path("settings/shops/new/", shops.shop_new, name="shop_new"),
    path("settings/shops/logo/<path:code>/", shops.shop_logo, name="shop_logo"),
    path("settings/shops/edit/<path:code>/", shops.shop, name="shop"),
    path("settings/locations/", locations.location_list, name="locations"),
    path("settings/locations/postal-codes/", postal_codes.postal_codes, name="postal_codes"),
    path("settings/locations/new/", locations.location_new, name="location_new"),
    path("settings/locations/edit/<path:code>/", locations.location, name="location"),
    path("settings/locations/bins/<path:code>/set/", bins.bin_set, name="bin_set"),
    path("settings/locations/bins/<path:code>/", bins.bin_list, name="bins"),
    path("settings/emails/", email_texts.email_texts, name="email_texts"),
    path(
        "settings/emails/<str:code>/<str:key>/switch/",
        email_texts.email_switch,
        name="email_switch",
    ),
    path(
        "settings/emails/<str:code>/<str:key>/<str:language>/",
        email_texts.email_text,
        name="email_text",
    ),
    path(
        "settings/emails/<str:code>/<str:key>/<str:language>/preview/",
        email_texts.email_text_preview,
        name="email_text_preview",
    ),
    path(
        "settings/emails/<str:code>/<str:key>/<str:language>/test/",
        email_texts.email_text_trial,
        name="email_text_trial",
    ),
    path(
        "settings/emails/<str:code>/<str:key>/<str:language>/reset/",
        email_texts.email_text_reset,
        name="email_text_reset",
    ),
    *RETURN_SETTINGS,
    path("settings/payments/", payment_settings.payment_settings, name="payment_settings"),
    path(
        "settings/payments/<slug:provider>/test/<path:code>/",
        payment_settings.payment_test,
        name="payment_test",
    ),
    path(
        "settings/payments/<slug:provider>/shops/<path:code>/",
        payment_settings.payment_account,
        name="payment_account",
    ),
    path("settings/tokens/", tokens.token_list, name="tokens"),
    path("settings/routing/", routing.routing_list, name="routing_list"),
    path("settings/routing/<path:code>/try/", routing.routing_try, name="routing_try"),
    path("settings/routing/<path:code>/groups/new/", routing.group_new, name="group_new"),
    path("settings/routing/<path:code>/groups/<int:group>/", routing.group_edit, name="group_edit"),
    path(
        "settings/routing/<path:code>/groups/<int:group>/do/<slug:verb>/",
        routing.group_move,
        name="group_move",
    ),
    path(
        "settings/routing/<path:code>/groups/<int:group>/rules/new/",
        routing.rule_new,
        name="rule_new",
    ),
    path(
        "settings/routing/<path:code>/groups/<int:group>/rules/<int:index>/",
        routing.rule_edit,
        name="rule_edit",
    ),
    path(
        "settings/routing/<path:code>/groups/<int:group>/rules/<int:index>/<slug:verb>/",
        routing.rule_move,
        name="rule_move",
    ),
    path(
        "settings/routing/<path:code>/do/<slug:verb>/", routing.routing_apply, name="routing_apply"
    ),
    path("settings/routing/<path:code>/", routing.routing, name="routing"),
    path("settings/tokens/new/", tokens.token_new, name="token_new"),
    path("settings/tokens/<uuid:token_id>/revoke/", tokens.token_revoke, name="token_revoke"),
]

# A number may hold any sign that a webshop puts into it, a slash too; so what follows it is matched first.
_ORDERS = [
    path("orders/", orders.order_list, name="orders"),
    path("orders/bulk/<slug:verb>/", order_bulk.order_bulk, name="order_bulk"),
    path("orders/<path:number>/do/pay-back/", refunds.again, name="refunds_again"),
    path("orders/<path:number>/do/hold/", order_actions.hold, name="order_hold"),
    path("orders/<path:number>/do/hand-over/", order_actions.hand_over, name="order_hand_over"),
    path("orders/<path:number>/do/release/", order_actions.release, name="order_release"),
    path("orders/<path:number>/do/allocate/", order_actions.allocate, name="order_allocate"),
    path("orders/<path:number>/do/consolidate/", allocations.consolidate, name="order_consolidate"),
    path("orders/<path:number>/do/cancel/", order_actions.cancel, name="order_cancel"),
    path(
        "orders/<path:number>/do/cancel-lines/",
        order_actions.cancel_lines,
        name="order_cancel_lines",
    ),
    path(
        "orders/<path:number>/do/substitute/<uuid:line_id>/",
        substitutes.propose,
        name="substitute_propose",
    ),
    path(
        "orders/substitutes/<uuid:substitution_id>/do/<slug:verb>/",
        substitutes.decide,
        name="substitute_decide",
    ),
    path("orders/<path:number>/do/tags/", order_actions.tags, name="order_tags"),
    path("orders/<path:number>/do/comment/", order_actions.comment, name="order_comment"),
    path("orders/<path:number>/do/address/", order_address.address, name="order_address"),
    path("orders/<path:number>/do/payment/", order_payment.payment, name="order_payment"),
    path("orders/<path:number>/do/erase/", erasing.erase, name="order_erase"),
    path("orders/<path:number>/do/memo-pin/", order_actions.memo_pin, name="memo_pin"),
    path("orders/<path:number>/do/memo/", order_actions.memo, name="memo_add"),
    path("orders/<path:number>/do/return/", return_new.return_new, name="return_new"),
    path("orders/<path:number>/do/claim/", claims.claim_new, name="claim_new"),
    path(
        "orders/<path:number>/do/return-request/",
        return_request.request_new,
        name="return_request_new",
    ),
    path(
        "orders/<path:number>/do/withdrawal/",
        withdrawal_new.withdrawal_new,
        name="withdrawal_new",
    ),
    path("orders/<path:number>/do/pick/", order_actions.pick, name="order_pick"),
    path("orders/<path:number>/do/email/", order_actions.email_write, name="email_write"),
    path("orders/<path:number>/do/letter/<uuid:email_id>/", letters.letter, name="email_letter"),
    path(
        "orders/<path:number>/do/resend/<uuid:email_id>/",
        order_actions.email_resend,
        name="email_resend",
    ),
    *[
        path(
            f"orders/<path:number>/{tab.slug}/",
            order.order,
            {"slug": tab.slug},
            name=f"order_{tab.slug}",
        )
        for tab in order.TABS
    ],
    path("orders/<path:number>/", order.order, name="order"),
]

_FLOOR = [
    path("allocations/", allocations.allocation_list, name="allocations"),
    path("allocations/bulk/release/", allocations.bulk_release, name="allocations_release"),
    path("allocations/<uuid:allocation_id>/move/", allocations.move, name="allocation_move"),
    path("pick-lists/", pick_lists.pick_list_list, name="pick_lists"),
    path("pick-lists/new/", pick_lists.pick_list_new, name="pick_list_new"),
    path("pick-lists/new/preview/", pick_lists.pick_list_preview, name="pick_list_preview"),
    path("pick-lists/progress/", pick_lists.progress, name="pick_progress"),
    path("pick-lists/waves/", pick_lists.wave_list, name="waves"),
    path("pick-lists/print.pdf", documents.pick_lists, name="pick_lists_pdf"),
    path("pick-lists/round.pdf", documents.pick_list_round, name="pick_lists_round_pdf"),
    path("pick-lists/<str:number>.pdf", documents.pick_list, name="pick_list_pdf"),
    path("pick-lists/<str:number>/", pick_list.pick_list, name="pick_list"),
    path("pick-lists/<str:number>/complete/", pick_list.complete, name="pick_list_complete"),
    path("pick-lists/<str:number>/scan/", scan_pick.scan_pick, name="scan_pick"),
    path("pick-lists/<str:number>/scans/", scan_pick.scans_take, name="scans_take"),
    path("pick-lists/<str:number>/progress/", pick_list.progress, name="pick_list_progress"),
    path("pick-lists/<str:number>/release/", pick_list.release, name="pick_list_release"),
    path("pick-lists/<str:number>/do/<slug:verb>/", pick_list.step, name="pick_list_step"),
    path("pick-lists/<str:number>/cancel/", pick_list.cancel, name="pick_list_cancel"),
    path("pick-lists/<str:number>/snooze/", pick_list.snooze, name="pick_list_snooze"),
    path("pick-lists/<str:number>/assign/", pick_list.assign, name="pick_list_assign"),
    path(
        "pick-lists/<str:number>/lines/<uuid:line_id>/picked/",
        pick_list.picked,
        name="pick_line_picked",
    ),
    path(
        "pick-lists/<str:number>/lines/<uuid:line_id>/short/",
        pick_list.short,
        name="pick_line_short",
    ),
    path("shipments/", shipments.shipment_list, name="shipments"),
    path("shipments/all/", shipments_all.shipments_all, name="shipments_all"),
    path("shipments/bulk/<slug:verb>/", shipments.shipment_bulk, name="shipment_bulk"),
    path("shipments/packing-slips.pdf", documents.packing_slip_bundle, name="packing_slips_pdf"),
    path("shipments/round.pdf", documents.shipment_round, name="shipments_round_pdf"),
    path(
        "shipments/<str:number>/packing-slip.pdf", documents.packing_slip, name="packing_slip_pdf"
    ),
    path("shipments/pack/", scan_pack.pack_find, name="pack_find"),
    path("shipments/pack/where/", scan_pack.pack_where, name="pack_where"),
    path("shipments/pack/lists/<str:number>/", scan_pack.pack_list, name="pack_list"),
    path("shipments/<str:number>/pack/", scan_pack.pack, name="shipment_pack"),
    path("shipments/<str:number>/", shipment.shipment, name="shipment"),
    path("shipments/<str:number>/ship/", shipment.ship, name="shipment_ship"),
    path("shipments/<str:number>/announce/", shipment.announce, name="shipment_announce"),
    path("shipments/<str:number>/pick/", shipment.pick, name="shipment_pick"),
    path("shipments/<str:number>/track/", shipment.track, name="shipment_track"),
    path("shipments/<str:number>/packages/", shipment.packages, name="shipment_packages"),
    path("shipments/<str:number>/count/", shipment.package_count, name="shipment_package_count"),
    path("shipments/<str:number>/part/", shipment.part, name="shipment_part"),
    path("shipments/<str:number>/reject/", shipment.reject, name="shipment_reject"),
    path("shipments/<str:number>/cancel/", shipment.cancel, name="shipment_cancel"),
    path("shipments/<str:number>/step/", shipment.step, name="shipment_step"),
    path("invoices/", invoices.invoice_list, name="invoices"),
    path("invoices/chosen.zip", documents.invoice_zip, name="invoices_zip"),
    path("invoices/vat/", vat.vat, name="vat"),
    path("invoices/<str:number>/", invoice.invoice, name="invoice"),
    re_path(
        r"^invoices/(?P<number>[^/]+)\.(?P<ending>pdf|xml)$",
        documents.invoice,
        name="invoice_file",
    ),
    path("invoices/<str:number>/credit/", invoice.credit, name="invoice_credit"),
    path("mentions/", mentions.mention_list, name="mentions"),
    path("mentions/<uuid:memo_id>/seen/", mentions.seen, name="mention_seen"),
    *MONEY,
    *RETURNS,
]

_GOODS = [
    path("stock/", stock.stock_list, name="stock"),
    path("stock/do/lots/", lots.lot_list, name="lots"),
    path("stock/do/lots/<uuid:lot_id>/", lots.lot, name="lot"),
    path("stock/do/lots/<uuid:lot_id>/<slug:verb>/", lots.lot_change, name="lot_change"),
    path("stock/do/<slug:verb>/<path:sku>/", stock.stock_change, name="stock_change"),
    path("stock/do/counts/", counts.count_request_list, name="count_requests"),
    path("stock/<path:sku>/", stock.stock_item, name="stock_item"),
    path("inbound/", inbound.inbound_list, name="inbounds"),
    path("inbound/new/", inbound.inbound_new, name="inbound_new"),
    path("inbound/send/", inbound.inbound_send, name="inbound_send"),
    path(
        "inbound/at/<path:number>/receive/<uuid:line_id>/",
        inbound.inbound_receive,
        name="inbound_receive",
    ),
    path(
        "inbound/at/<path:number>/receive-all/",
        inbound.inbound_receive_all,
        name="inbound_receive_all",
    ),
    path("inbound/at/<path:number>/close/", inbound.inbound_close, name="inbound_close"),
    path("inbound/at/<path:number>/", inbound.inbound, name="inbound"),
    path("products/", products.product_list, name="products"),
    path("products/new/", products.product_new, name="product_new"),
    path("products/edit/<path:sku>/", products.product, name="product"),
]

urlpatterns = [
    path("", account.home, name="home"),
    *_ORDERS,
    *_FLOOR,
    *FLOOR,
    *_GOODS,
    *_ACCOUNT,
    *_SETTINGS,
]
