"""Who erases what: every column that can hold words, and whether it may tell of a customer. See test_personal_columns."""

# What may tell of a customer, and what becomes of it: "erased" with the order, or why and how long it is kept.
PERSONAL = {
    "allocations_rejection.reason": "erased",
    "core_effect.business_key": "erased",
    "core_effect.note": "erased",
    "core_event.payload": "erased",
    "core_idempotency_key.key": "forgotten after 31 days",
    "core_idempotency_key.response_body": "forgotten after 31 days",
    "emails_bounce.reason": "erased",
    "emails_email.body_html": "erased",
    "emails_email.body_text": "erased",
    "emails_email.recipient": "erased",
    "emails_email.reply_to": "erased",
    "emails_email.status_note": "erased",
    "emails_email.subject": "erased",
    "invoices_document.content": "deleted after the fiscal years of the shop",
    "invoices_invoice.content": "blanked after the fiscal years of the shop",
    "invoices_invoice.reason": "blanked after the fiscal years of the shop",
    "memos_memo.text": "erased",
    "orders_cancel_request.note": "erased",
    "orders_cancel_request.reason": "erased",
    "orders_hold.reason": "erased",
    "orders_order.billing_address": "erased",
    "orders_order.comment": "erased",
    "orders_order.customer_company": "erased",
    "orders_order.customer_email": "erased",
    "orders_order.customer_external_id": "erased",
    "orders_order.customer_name": "erased",
    "orders_order.customer_phone": "erased",
    "orders_order.customer_vat_number": "erased",
    "orders_order.delivery_address": "erased",
    "orders_order.document_sha256": "kept: a fingerprint, to know the same document again",
    "orders_order.external_id": "kept: the webshop's own number of the order",
    "orders_order.metadata": "erased",
    "orders_order.postal_code": "erased",
    "orders_order.tags": "erased",
    "orders_search.doc": "erased",
    "procrastinate_jobs.args": "deleted when the job is done",
    "procrastinate_jobs.lock": "deleted when the job is done",
    "procrastinate_jobs.queueing_lock": "deleted when the job is done",
    "refunds_batch.content": "blanked after the fiscal years of the shop",
    "refunds_difference.note": "erased",
    "refunds_refund.account_holder": "erased",
    "refunds_refund.account_iban": "erased",
    "refunds_refund.note": "erased",
    "refunds_reversal.note": "erased",
    "return_requests_label.content": "erased",
    "return_requests_label.note": "erased",
    "return_requests_photo.content": "erased",
    "return_requests_request.comment": "erased",
    "return_requests_request.decision_note": "erased",
    "return_requests_request.receiver_email": "erased",
    "return_requests_request.receiver_name": "erased",
    "return_requests_withdrawal.email": "erased",
    "return_requests_withdrawal.name": "erased",
    "returns_claim_photo.content": "erased",
    "returns_finding.text": "erased",
    "returns_return.comment": "erased",
    "shipments_exception.note": "erased",
    "shipments_exception.place": "erased",
    "shipments_exception.text": "erased",
    "shipments_label.address": "erased",
    "shipments_label.content": "erased",
    "shipments_label.note": "erased",
    "shipments_shipment.collect_note": "erased",
    "shipments_shipment.collected_by": "erased",
    "shipments_shipment.delivery_address": "erased",
    "shipments_shipment.tracking_url": "erased",
    "shipments_tracking_event.place": "erased",
    "shipments_tracking_event.text": "erased",
}

# Words of the house, its merchant, suppliers and machines; numbers, codes and statuses.
_OTHERS = """
account_emailaddress: email
account_emailconfirmation: key
accounts_api_token: created_by name scopes shown_prefix token_sha256
accounts_user: email language name password role theme username
allocations_allocation: explanation status
allocations_rejection: actor_name
allocations_routing: draft draft_groups groups rules
auth_group: name
auth_permission: codename name
axes_accessattempt: get_data http_accept path_info post_data user_agent username
axes_accessfailurelog: http_accept path_info user_agent username
axes_accesslog: http_accept path_info session_hash user_agent username
catalog_product: gtin hs_code image_url name origin_country sku substitutes tracking vat_exemption vat_exemption_code
core_cache: cache_key value
core_effect: kind provider_reference status
core_event: actor_kind actor_name aggregate_type from_status kind to_status
core_idempotency_key: request_sha256
core_series: last_hash name prefix
django_content_type: app_label model
django_migrations: app name
django_session: session_data session_key
emails_attachment: kind name
emails_automation: trigger
emails_bounce: code kind
emails_email: message_id sender status trigger
emails_template: body language subject trigger
emails_template_version: actor_name body subject
invoices_document: format sha256
invoices_invoice: cause credit_status currency debit_kind hash issued_by_kind issued_by_name kind number prev_hash status trigger_key
invoices_line: tax_category
invoices_tax: tax_category
memos_memo: author_name
memos_pin: author_name
mfa_authenticator: data type
orders_cancel_request: decided_by requested_by status
orders_hold: owner_name released_by rule
orders_hold_rules: rules
orders_line: external_id name sku vat_exemption vat_exemption_code
orders_order: country currency discount_code locale number shipping_method shipping_name status
orders_substitution: decided_by proposed_by status via
orders_tab_count: status
payments_account: check_note mode provider secret signing_secret
payments_capture: currency note provider_reference status
payments_entry: credit currency debit kind
payments_look: note reference
payments_payment: at_provider currency method provider reference status
picklists_line: lot short_reason
picklists_pick_list: assigned_name kind method number snooze_note snoozed_by status
picklists_scan: actor_name answer code expected message refusal step
picklists_wave: created_by name number
portal_guess: key
procrastinate_jobs: queue_name task_name
procrastinate_periodic_defers: periodic_id task_name
refunds_batch: created_by downloaded_by number sha256
refunds_credit_movement: currency kind
refunds_difference: currency kind ours reference resolved_by status theirs
refunds_reconciliation: currency
refunds_refund: approver_name author_name credit_kind currency mode number provider provider_reference provider_status status via
refunds_reversal: currency
refunds_store_credit: code currency number status
return_requests_carrier: carrier city company countries customer_code customer_number mode postal_code reply_number secret
return_requests_label: barcode carrier status
return_requests_photo: media_type
return_requests_policy: checked_reasons colour countries drop_locations exchange_short excluded_skus free_reasons instructions outcomes photo_reasons ways
return_requests_reason: code names
return_requests_request: number origin outcome receiver_language status way
return_requests_withdrawal: language lines number
returns_claim: carrier created_by decided_by kind number status tracking_code
returns_claim_photo: media_type
returns_exchange: currency note status
returns_finding: found_by
returns_line: decided_by disposition
returns_return: number processed_by status
shipments_box_size: name
shipments_carrier: code name services tracking_link
shipments_carrier_account: carrier collection_location customer_code customer_number mode products secret speaks
shipments_exception: closed_by kind status
shipments_label: barcode carrier product status
shipments_package: box tracking_code
shipments_rule: carrier countries methods name service
shipments_serial: recorded_by serial
shipments_shipment: carrier number service status tracking_code
shipments_slip: lines sender_address sender_email sender_name
shipments_tracking_event: status
shops_logo: content set_by sha256
shops_shop: backorder_release cancel_while_picking code currency four_eyes_above invoice_when late_payment legal locale name number_prefix on_account_methods refund_mode refund_schedule sender_email sender_name substitute_price timezone unpaid_hours
stock_bin: code kind use zone
stock_bin_stock: lot
stock_count_plan: basis
stock_count_request: cause closed_by reason requested_by
stock_inbound: kind number reference status supplier
stock_location: address code country handling_cost_currency name special_days week
stock_lot: blocked_reason code
stock_movement: actor_name kind lot reason
stock_postal_place: country prefix
stock_receipt: actor_name lot reference
stock_repair: actor_name after before
stock_scan: actor_name answer code expected flow lot message refusal sku step
"""
NOBODY = frozenset(
    f"{table}.{column}"
    for table, columns in (line.split(": ") for line in _OTHERS.strip().splitlines())
    for column in columns.split()
)
