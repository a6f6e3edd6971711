"""For each invariant a violation, planted past every guard: the check must find and name it."""

_LINES = "alter table orders_line drop constraint orders_line_quantities; alter table orders_line drop constraint orders_line_picked;"
_CAPTURE = (
    "insert into payments_capture (id, shop_id, order_id, payment_id, currency, is_release, status, amount_minor, effect_id, attempts, "
    "provider_reference, note, created_at, version) select gen_random_uuid(), shop_id, order_id, id, currency, false, {status}, "
    "1000000, {effect}, 1, '', '', now(), 1 from payments_payment where order_id = '{{o1}}'"
)
_ASKED = (
    "insert into orders_substitution (id, shop_id, order_id, order_line_id, product_id, quantity, unit_price_minor, gross_minor, "
    "tax_rate, status, proposed_by, created_at, expires_at, via, version{more}) select gen_random_uuid(), shop_id, order_id, id, "
    "product_id, {n}, 1, 1, 21, '{status}', 'x', now() - interval '2 days', now() {end}, '{via}', 1{values} from orders_line "
    "where id = '{{l1}}'"
)
_PARCEL = (
    "insert into shipments_label (id, shop_id, order_id, shipment_id, location_id, package_id, position, carrier_account_id, carrier, "
    "product, status, effect_id, attempts, barcode, asked, address, note, created_at, version) select gen_random_uuid(), s.shop_id, "
    "s.order_id, s.id, s.location_id, {package}, {position}, gen_random_uuid(), 'postnl', '3085', 'ordered', gen_random_uuid(), 1, "
    "'3SDEVC1', 0, '', '', now(), 1 from shipments_shipment s join (select id, shipment_id from shipments_package) g on g.shipment_id = s.id "
    "where s.order_id = '{{o1}}'"
)
_CREDIT = (
    "insert into refunds_store_credit (id, number, code, shop_id, order_id, currency, refund_id, amount_minor, remaining_minor, "
    "is_expired, expires_on, issued_at, version) select '{{o1}}', 'SC1', '0123456789ABCDEF', shop_id, order_id, currency, id, "
    "amount_minor, amount_minor, false, {until}, now(), 1 from refunds_refund where order_id = '{{o2}}'"
)
_CREDIT_LINE = (
    "insert into refunds_credit_movement (id, at, shop_id, order_id, store_credit_id, currency, kind, delta_minor, payment_id, "
    "refund_id) select gen_random_uuid(), now(), shop_id, order_id, '{{o1}}', currency, {line} from {table} where order_id = '{{o2}}'"
)
_MONEY = "alter table orders_line drop constraint orders_line_net_and_tax;"

# The world of the test: order 1 is being picked (one piece of two), order 2 has shipped with an e-mail.
PLANTS: dict[str, str] = {
    "line-quantities": _LINES + "update orders_line set cancelled = quantity where id = '{l1}'",
    "line-picked": _LINES + "update orders_line set picked = allocated + 1 where id = '{l1}'",
    "line-returned": "alter table orders_line drop constraint orders_line_returned; alter table orders_line drop constraint orders_line_claimed; update orders_line set returned = 9 where id = '{l2}'",
    "line-cancel-requested": "update orders_line set cancel_requested = 1 where id = '{l1}'",
    "substitution-open": _ASKED.format(
        more="", n=3, status="proposed", end="+ interval '1 day'", via="", values=""
    ),
    "substitution-never-dearer": _ASKED.format(
        more=", new_line_id, decided_by, decided_at",
        n=1,
        status="accepted",
        end="+ interval '1 day'",
        via="link",
        values=", id, 'x', now()",
    ),
    "stuck-substitutions": _ASKED.format(
        more="", n=1, status="proposed", end="- interval '1 day'", via="", values=""
    ),
    "line-expired": "alter table orders_line drop constraint orders_line_expired; alter table orders_line drop constraint orders_line_retained; update orders_line set expired = 1 where id = '{l1}'",
    "stuck-unpaid": "update shops_shop set unpaid_hours = '{{\"other\": 1}}'; update payments_payment set created_at = now() - interval '1 day'; update orders_order set captured_minor = 0, units_picked = 0 where id = '{o1}'",
    "line-allocated-sum": "update orders_line set allocated = allocated - 1 where id = '{l1}'",
    "line-shipped-sum": "update orders_line set shipped = shipped - 1 where id = '{l2}'",
    "kit-components": "update orders_component set needed = needed + 1",
    "kit-claims": "update orders_line set product_id = null where id = '{l1}'",
    "order-units-sum": "update orders_order set units_shipped = units_shipped - 1 where id = '{o2}'",
    "order-totals": "alter table orders_order drop constraint orders_order_total_adds_up; update orders_order set items_minor = items_minor + 1 where id = '{o1}'",
    "line-amounts": _MONEY + "update orders_line set tax_minor = tax_minor + 1 where id = '{l1}'",
    "order-cancelled-value": "update orders_order set cancelled_minor = 1 where id = '{o1}'",
    "order-retained-sum": "update orders_order set retained_minor = 1 where id = '{o1}'",
    "order-holds": "update orders_order set holds_open = 1 where id = '{o1}'",
    "order-payments-sum": "update orders_order set captured_minor = captured_minor + 1 where id = '{o1}'",
    "payment-amounts": "update payments_payment set currency = 'JPY' where order_id = '{o1}'",
    "order-external-id": "alter table orders_order drop constraint orders_order_external_id_once; update orders_order set external_id = 'same' where id in ('{o1}', '{o2}')",
    "order-status": "update orders_order set on_account = false, captured_minor = 0 where id = '{o1}'",
    "tab-counts": "insert into orders_tab_count (shop_id, status, n) values ('{shop}', 'shipped', 1)",
    "allocation-in-shipment": "update shipments_line set quantity = quantity + 1 where order_id = '{o1}'",
    "package-contents": "update shipments_line set packed = 1 where order_id = '{o1}'",
    "combined-shipments": "update shipments_shipment set combined_into_id = (select id from shipments_shipment where order_id = '{o2}') where order_id = '{o1}'",
    "combined-door": "update shipments_shipment set status = 'shipped', shipped_at = now(), delivery_address = '{{}}' where order_id = '{o1}'; update shipments_shipment set combined_into_id = (select id from shipments_shipment where order_id = '{o2}') where order_id = '{o1}'",
    "packages-arrived": "update shipments_package set delivered_at = now() where shipment_id in (select id from shipments_shipment where order_id = '{o2}')",
    "exception-raised": "insert into shipments_tracking_event (id, shipment_id, status, at, text, place) select gen_random_uuid(), id, 'lost', now(), '', '' from shipments_shipment where order_id = '{o2}'",
    "allocation-shipped": "update allocations_allocation set status = 'allocated', picked = 0 where order_id = '{o2}'",
    "allocation-picking": "update allocations_allocation set status = 'allocated' where order_id = '{o1}'",
    "allocation-picked": "alter table allocations_allocation drop constraint allocations_allocation_picked_whole; update allocations_allocation set status = 'picked' where order_id = '{o1}'",
    "shipped-as-picked": "alter table allocations_allocation drop constraint allocations_allocation_shipped_as_picked; update allocations_allocation set shipped_unpicked = false where order_id = '{o2}'",
    "pick-line-quantities": "alter table picklists_line drop constraint picklists_line_closed_whole; update picklists_line set is_open = false where order_id = '{o1}'",
    "pick-list-finished": "update picklists_pick_list set status = 'picked' where id in (select pick_list_id from picklists_line where order_id = '{o1}')",
    "scans-of-line": (
        "insert into picklists_scan (id, key, pick_list_id, pick_line_id, at, received_at, picked, short, step, code, expected, refusal, "
        "message, answer, actor_name) select gen_random_uuid(), gen_random_uuid(), pick_list_id, id, now(), now(), quantity + 1, 0, "
        "'article', '', '', '', '', '{{}}', 'x' from picklists_line where order_id = '{o1}'"
    ),
    "pick-list-snoozed": "update picklists_pick_list set snoozed_until = now(), finished_at = now() where location_id = '{place}'",
    "pick-list-paused": "update picklists_pick_list set paused_at = now(), finished_at = now() where location_id = '{place}'",
    "pick-totes": "update picklists_line set tote = 1 where order_id = '{o1}'",
    "wave-place": (
        "insert into picklists_wave (id, number, name, location_id, created_at, created_by) values ('{o1}', 'W1', 'x', '{other}', now(), 'x'); "
        "update picklists_pick_list set wave_id = '{o1}' where location_id = '{place}'"
    ),
    "same-place": "update shipments_line set location_id = '{other}' where order_id = '{o2}'",
    "same-shop": "update orders_line set shop_id = '{o1}' where id = '{l1}'",
    "stock-never-oversold": "alter table stock_level drop constraint stock_level_never_oversold; update stock_level set allocated = on_hand + 1 where location_id = '{place}'",
    "stock-allocated-sum": "update stock_level set allocated = allocated + 1 where location_id = '{place}'",
    "stock-ledger": "update stock_level set on_hand = on_hand + 1 where location_id = '{place}'",
    "stock-bins": "update stock_bin_stock set quantity = quantity + 1 where location_id = '{place}'",
    "bin-ledger": "delete from stock_movement where location_id = '{place}' and kind = 'counted'",
    "bin-planned": "update stock_bin_stock set planned = 0 where location_id = '{place}'",
    "staging": "update allocations_allocation set picked = 0 where order_id = '{o1}'",
    "short-pick-counted": "update stock_movement set kind = 'short' where location_id = '{place}' and kind = 'picked'",
    "count-request-once": (
        "drop index stock_count_request_once; insert into stock_count_request (id, product_id, location_id, bin_id, reason, requested_at, "
        "requested_by, closed_by) select gen_random_uuid(), m.product_id, m.location_id, m.bin_id, 'x', now(), 'x', '' "
        "from stock_movement m, generate_series(1, 2) where m.location_id = '{place}' and m.kind = 'counted'"
    ),
    "bin-moves": "update stock_movement set kind = 'moved' where location_id = '{place}' and kind = 'received'",
    "stock-scans": (
        "insert into stock_scan (id, key, flow, location_id, sku, at, received_at, quantity, step, code, expected, source_id, refusal, "
        "message, answer, actor_name) select gen_random_uuid(), gen_random_uuid(), 'receive', location_id, 'x', now(), now(), quantity + 1, "
        "'article', '', '', id, '', '', '{{}}', 'x' from stock_receipt where location_id = '{place}'"
    ),
    "cycle-counts": (
        "insert into stock_count_request (id, product_id, location_id, bin_id, reason, cause, requested_at, requested_by, closed_by) "
        "select gen_random_uuid(), m.product_id, m.location_id, gen_random_uuid(), 'x', 'cycle', now(), 'x', '' "
        "from stock_movement m where m.location_id = '{place}' limit 1"
    ),
    "channel-stocks": (
        "alter table allocations_channel drop constraint allocations_channel_bounds; insert into allocations_channel (id, shop_id, product_id, "
        "location_id, reserved, safety_stock, updated_at) select gen_random_uuid(), '{shop}', product_id, location_id, -1, 0, now() "
        "from stock_level where location_id = '{place}'"
    ),
    "inbound-received": "update stock_inbound_line set received = received + 1 where location_id = '{place}'",
    "inbound-sent": "update stock_inbound set kind = 'transfer', origin_id = '{other}' where location_id = '{place}'",
    "inbound-finished": "update stock_inbound set status = 'received', finished_at = now() where location_id = '{place}'",
    "transfer-pegs": (
        "insert into allocations_transfer_peg (id, shop_id, order_id, order_line_id, product_id, location_id, inbound_line_id, quantity, "
        "arrived, dropped, created_at) select gen_random_uuid(), '{shop}', '{o1}', '{l1}', product_id, location_id, id, 1, 0, 0, now() "
        "from stock_inbound_line where location_id = '{place}'"
    ),
    "transfer-pegs-wanted": (
        "insert into allocations_transfer_peg (id, shop_id, order_id, order_line_id, product_id, location_id, inbound_line_id, quantity, "
        "arrived, dropped, created_at) select gen_random_uuid(), '{shop}', '{o1}', '{l1}', product_id, location_id, id, 1, 0, 0, now() "
        "from stock_inbound_line where location_id = '{place}'"
    ),
    "invoice-gapless": "update invoices_invoice set sequence = sequence + 7 where order_id = '{o1}'",
    "invoice-dates": "update invoices_invoice set issue_date = issue_date - 3 where order_id = '{o2}' and kind = 'debit'",
    "invoice-chain": "update invoices_invoice set content = replace(content, 'Test Persoon', 'Test Person') where order_id = '{o1}'",
    "invoice-content": "update invoices_invoice set number = number || 'x' where order_id = '{o1}'",
    "invoice-blanked": "update invoices_invoice set blanked_at = now() where order_id = '{o1}'",
    "invoice-sums": "update invoices_line set net_minor = net_minor + 1, tax_minor = tax_minor - 1 where order_id = '{o1}'",
    "invoice-line-credits": "update invoices_line set credited_base_minor = 0 where order_id = '{o2}' and debit_line_id is null",
    "invoice-rate-credits": "update invoices_tax set credited_tax_minor = 0 where order_id = '{o2}'",
    "invoice-credits": "update invoices_invoice set credited_minor = 1 where order_id = '{o1}'",
    "invoice-reference": "update invoices_invoice set debit_id = (select id from invoices_invoice where order_id = '{o1}') where order_id = '{o2}' and kind = 'credit'",
    "invoice-trigger": "alter table invoices_invoice drop constraint invoices_invoice_once_per_trigger; update invoices_invoice set trigger_key = 'x' where order_id = '{o2}'",
    "invoice-currency": "update invoices_invoice set currency = 'JPY' where order_id = '{o1}'",
    "order-invoiced-sum": "update orders_order set invoiced_minor = invoiced_minor + 1 where id = '{o2}'",
    "order-never-over-credited": "alter table orders_order drop constraint orders_order_never_over_credited; update orders_order set credited_minor = invoiced_minor + 1 where id = '{o2}'",
    "line-credited-sum": "update orders_line set credited = credited + 1 where id = '{l1}'",
    "invoice-documents": "alter table invoices_document drop constraint invoices_document_hash; insert into invoices_document (id, invoice_id, format, sha256, content, created_at) select gen_random_uuid(), id, 'pdf', '\\x00', '\\x01', now() from invoices_invoice where order_id = '{o1}'",
    "refund-reference": "update refunds_refund set credit_id = (select debit_id from invoices_invoice where id = credit_id)",
    "payment-refunds-sum": "update payments_payment set refunded_reserved_minor = 0, refunded_minor = 0 where order_id = '{o2}'",
    "credit-refunds-sum": "update invoices_invoice set refund_reserved_minor = 0, refunded_minor = 0 where order_id = '{o2}' and kind = 'credit'",
    "order-refunds-sum": "update orders_order set refund_reserved_minor = 0, refunded_minor = 0 where id = '{o2}'",
    "refund-four-eyes": "alter table refunds_refund drop constraint refunds_refund_four_eyes; update refunds_refund set four_eyes = true, author_id = '{o1}', approver_id = '{o1}', approver_name = 'x'",
    "refund-effect": "update refunds_refund set via = 'mollie', effect_id = gen_random_uuid(), status = 'submitted', approver_name = 'x', approved_at = now()",
    "refund-provider-reference": "drop index refunds_refund_reference_once; update refunds_refund set via = 'mollie', effect_id = gen_random_uuid(), provider_reference = 're_1'; insert into refunds_refund select (jsonb_populate_record(r, jsonb_build_object('id', gen_random_uuid(), 'number', 'R0', 'effect_id', gen_random_uuid()))).* from refunds_refund r",
    "refund-reversal": "insert into refunds_reversal (id, refund_id, shop_id, order_id, currency, amount_minor, note, at) select gen_random_uuid(), id, shop_id, order_id, currency, amount_minor, '', now() from refunds_refund",
    "credentials-encrypted": "alter table payments_account drop constraint payments_account_secret_encrypted; insert into payments_account (id, shop_id, provider, secret, signing_secret, mode, is_active, check_note, created_at, updated_at) values (gen_random_uuid(), '{shop}', 'mollie', 'live_plain', '', 'live', true, '', now(), now())",
    "ledger-balances": "delete from payments_entry where order_id = '{o1}'",
    "ledger-refund-once": "insert into payments_entry (id, at, shop_id, order_id, payment_id, currency, kind, source_id, source_version, debit, credit, amount_minor) select gen_random_uuid(), now(), shop_id, order_id, payment_id, currency, 'refund', id, 1, 'customer', 'provider', amount_minor from refunds_refund",
    "difference-matched": "insert into refunds_difference (id, shop_id, account_id, kind, status, reference, currency, ours, theirs, happened_at, found_at, note, resolved_by, resolved_at) values (gen_random_uuid(), '{shop}', '{o1}', 'unknown_refund', 'matched', 're_1', 'EUR', '', '', now(), now(), '', 'x', now())",
    "transfer-batch": "insert into refunds_batch (id, number, shop_id, created_at, created_by, transfers, total_minor, content, sha256, downloaded_by) values (gen_random_uuid(), 'SEPA1', '{shop}', now(), 'x', 1, 100, '\\x01', sha256('\\x01'), '')",
    "stuck-refund-calls": "insert into core_effect (id, kind, business_key, status, attempts, created_at, called_at, note) values ('{o1}', 'refund', 'x', 'in_doubt', 1, now() - interval '1 hour', now() - interval '1 hour', ''); update refunds_refund set status = 'submitted', via = 'mollie', effect_id = '{o1}', approver_name = 'x', approved_at = now() where order_id = '{o2}'",
    "erased-orders": "alter table orders_order drop constraint orders_order_erased; update orders_order set erased_at = now() + interval '1 hour' where id = '{o2}'",
    "captures-sum": "update payments_payment set capture_reserved_minor = 1 where order_id = '{o1}'",
    "captures-came-in": _CAPTURE.format(status="'succeeded'", effect="gen_random_uuid()"),
    "captures-within-order": _CAPTURE.format(status="'submitted'", effect="gen_random_uuid()"),
    "capture-effect": _CAPTURE.format(status="'submitted'", effect="gen_random_uuid()"),
    "stuck-captures": "insert into core_effect (id, kind, business_key, status, attempts, created_at, note) values ('{o1}', 'capture', 'x', 'intended', 0, now() - interval '1 hour', ''); "
    + _CAPTURE.format(status="'submitted'", effect="'{o1}'"),
    "authorisation-ends": "update payments_payment set status = 'authorized', captured_minor = 0, capture_before = now() + interval '1 hour' where order_id = '{o1}'",
    "stuck-looks": "insert into payments_account (id, shop_id, provider, secret, signing_secret, mode, is_active, check_note, created_at, updated_at) values ('{o1}', '{shop}', 'mollie', 'enc1:x', '', 'live', true, '', now(), now()); insert into payments_look (id, account_id, reference, asked, seen, since, due_at, note) values (gen_random_uuid(), '{o1}', 'tr_1', 1, 0, now(), now() - interval '1 hour', '')",
    "stuck-refunds": "update refunds_refund set status = 'approved', approver_name = 'x', approved_at = now() - interval '1 day', due_at = null",
    "return-credited-worth": "update invoices_line set base_minor = base_minor + 100, net_minor = net_minor + 100, gross_minor = gross_minor + 100 where order_line_id = '{l3}' and debit_line_id is not null",
    "stuck-invoices": "update orders_order set invoiced_minor = 0, received_at = now() - interval '1 day' where id = '{o1}'; update payments_payment set created_at = now() - interval '1 day'",
    "line-returned-sum": "update orders_line set returned = returned - 1 where id = '{l3}'",
    "return-restocked-once": "update returns_line set quantity = quantity + 1 where order_line_id = '{l3}' and disposition = 'restock'",
    "return-inspected": "update returns_return set status = 'to_inspect', processed_at = null where order_id = '{o3}'",
    "return-completes-request": "update return_requests_request set status = 'approved', finished_at = null where order_id = '{o3}'",
    "request-quantities": "update return_requests_line set quantity = 100 where order_id = '{o3}'",
    "return-credited-pieces": "update returns_line set order_line_id = '{l1}' where order_line_id = '{l3}' and disposition = 'dispose'",
    "collected-where-agreed": "update orders_order set collect_location_id = '{other}' where id = '{o1}'",
    "stuck-collecting": "update orders_order set collect_location_id = '{place}' where id = '{o1}'; update shipments_shipment set status = 'announced', announced_at = now() - interval '20 days' where order_id = '{o1}'",
    "event-per-version": "delete from core_event where aggregate_id = '{o1}' and seq = 1",
    "event-chain": "update core_event set to_status = 'shipped' where aggregate_id = '{o1}' and seq = 1",
    "effect-email": "update emails_email set status = 'sent', sent_at = now() where order_id = '{o2}'",
    "email-once": "alter table emails_email drop constraint emails_email_once_per_trigger; update emails_email set object_id = '{o1}'",
    "email-text-versions": "update emails_template set body = 'other'",
    "effect-key": "alter table core_effect drop constraint core_effect_one_key; update core_effect set business_key = 'same'",
    "idempotency-key": (
        "alter table core_idempotency_key drop constraint core_idempotency_key_once; insert into core_idempotency_key "
        "select gen_random_uuid(), '{o1}', 'k', '\\x00', 200, '\\x00', now() from generate_series(1, 2)"
    ),
    "token-hashed": "update accounts_api_token set token_sha256 = '\\x00'",
    "second-factor-encrypted": (
        "insert into mfa_authenticator (type, data, user_id, created_at) "
        "select 'totp', '{{\"secret\": \"PLAIN\"}}', gen_random_uuid(), now()"
    ),
    "clean-text": "alter table orders_line drop constraint orders_line_clean_text; update orders_line set name = e'a\\u202eb' where id = '{l1}'",
    "instants": "alter table memos_memo add column naive timestamp",
    "nets-triggers": "alter table orders_line disable trigger orders_line_frozen",
    "nets-constraints": "alter table memos_memo add constraint late check (text <> 'never') not valid",
    "nets-role": (
        "do $$ begin if not exists (select 1 from pg_roles where rolname = 'orderwerk_app') then create role orderwerk_app; "
        "end if; end $$; grant update on core_event to orderwerk_app"
    ),
    "nets-present": "alter table orders_line drop constraint orders_line_quantities",
    "durable": "set local synchronous_commit = off",
    "lots-named": "update catalog_product set tracking = 'lot' where id in (select product_id from stock_level where on_hand > 0)",
    "lots-blocked": "alter table stock_level drop constraint stock_level_never_oversold; update stock_level set blocked = 1",
    "exchange-netted": "insert into returns_exchange (id, shop_id, order_id, parent_id, currency, status, new_order_id, credit_minor, netted_minor, note, created_at, decided_at, version) select gen_random_uuid(), shop_id, order_id, id, 'EUR', 'placed', '{o1}', 100, 100, '', now() - interval '2 hours', now(), 1 from returns_return where order_id = '{o3}'",
    "exchange-payment": "update payments_payment set provider = 'orderwerk', method = 'exchange' where order_id = '{o1}'",
    "store-credit-balance": _CREDIT.format(until="null"),
    "store-credit-refund": _CREDIT_LINE.format(
        line="'issued', amount_minor, null, id", table="refunds_refund"
    ),
    "store-credit-payment": _CREDIT_LINE.format(
        line="'used', -amount_minor, id, null", table="payments_payment"
    ),
    # The flag is raised without the payment.
    "store-credit-contested": _CREDIT.format(until="null")
    + "; update refunds_store_credit set is_contested = true",
    "payment-contested": "update payments_payment set is_contested = true where order_id = '{o1}'",
    "payment-provider-names": "alter table payments_payment drop constraint payments_payment_provider_named_once; update payments_payment set provider = 'Store-Credit' where order_id = '{o1}'",
    "stuck-store-credits": _CREDIT.format(until="date '2020-01-01'"),
    "return-findings": "insert into returns_finding (id, shop_id, order_id, parent_id, product_id, text, quantity, receipt_id, found_at, found_by) select gen_random_uuid(), r.shop_id, r.order_id, r.id, k.product_id, '', 7, gen_random_uuid(), now(), 'x' from returns_return r join returns_line k on k.parent_id = r.id where r.order_id = '{o3}'",
    "return-label-effect": "insert into return_requests_label (id, shop_id, order_id, request_id, carrier_account_id, carrier, status, effect_id, attempts, barcode, asked, is_paperless, note, created_at, version) select gen_random_uuid(), shop_id, order_id, id, gen_random_uuid(), 'postnl', 'ordered', gen_random_uuid(), 1, '', 0, false, '', now(), 1 from return_requests_request where order_id = '{o3}'",
    # Asked for under an effect that there is not, of a package that lies in another shipment.
    "shipping-label-effect": _PARCEL.format(package="gen_random_uuid()", position=1),
    "shipping-label-parcel": _PARCEL.format(package="g.id", position=7),
    "shipping-label-barcode": "drop index shipments_label_barcode_once; "
    + _PARCEL.format(package="gen_random_uuid()", position="generate_series(1, 2)"),
    "carrier-keys-encrypted": "alter table return_requests_carrier drop constraint return_requests_carrier_secret_encrypted; insert into return_requests_carrier (id, shop_id, carrier, secret, mode, customer_code, customer_number, company, reply_number, postal_code, city, countries, is_paperless, is_automatic, is_active, created_at, updated_at) values (gen_random_uuid(), '{shop}', 'postnl', 'plain', 'test', 'DEVC', '1', 'x', '1', '1000VV', 'x', '{{NL}}', false, true, true, now(), now())",
    "request-box": "update return_requests_request set in_box_of_id = id where order_id = '{o3}'",
    "return-kept": "update return_requests_request set is_kept = true where order_id = '{o3}'",
    "return-gift": "update return_requests_request set is_gift = true, outcome = 'store_credit', receiver_name = 'x', receiver_email = 'x@example.com', receiver_language = 'nl' where order_id = '{o3}'; update invoices_invoice set return_id = (select id from returns_return where order_id = '{o3}' limit 1) where id in (select credit_id from refunds_refund)",
    "shop-logo": "alter table shops_logo drop constraint shops_logo_content; insert into shops_logo (id, shop_id, set_at, set_by, content, sha256, width, height) values (gen_random_uuid(), '{shop}', now(), 'x', '\\x01', '\\x02', 16, 16)",
    "stuck-exchanges": "insert into returns_exchange (id, shop_id, order_id, parent_id, currency, status, new_order_id, credit_minor, netted_minor, note, created_at, decided_at, version) select gen_random_uuid(), shop_id, order_id, id, 'EUR', 'open', null, 0, 0, '', now() - interval '2 hours', null, 1 from returns_return where order_id = '{o3}'",
    "line-claimed-sum": "update orders_line set claimed = 1 where id = '{l2}'",
    "claim-outcome": "insert into returns_claim (id, shop_id, order_id, number, kind, status, new_order_id, created_at, created_by, decided_at, decided_by, version) values (gen_random_uuid(), '{shop}', '{o3}', 'CL0', 'lost', 'replaced', '{o1}', now(), 'x', now(), 'x', 1)",
    "lots-returned": "update stock_movement set kind = 'returned', lot = 'A', order_id = (select id from orders_order limit 1) where delta > 0",
    "serials-out": (
        "alter table shipments_serial disable trigger all; drop index shipments_serial_out; insert into shipments_serial (id, shop_id, order_id, "
        "location_id, shipment_id, product_id, serial, recorded_at, recorded_by) select gen_random_uuid(), shop_id, order_id, location_id, "
        "shipment_id, product_id, 'SN1', now(), 'x' from shipments_line, generate_series(1, 2) where order_id = '{o1}'"
    ),
    "serials-of-pieces": "update shipments_line set serials = quantity where order_id = '{o2}'",
    "serials-picked": (
        "alter table shipments_serial disable trigger all; insert into shipments_serial (id, shop_id, order_id, location_id, shipment_id, "
        "product_id, serial, recorded_at, recorded_by, pick_line_id) select gen_random_uuid(), shop_id, order_id, location_id, "
        "shipment_id, product_id, 'SN1', now(), 'x', gen_random_uuid() from shipments_line where order_id = '{o1}'"
    ),
    "lots-staged": "update catalog_product set tracking = 'lot'",
    "stuck-outbox": "insert into core_outbox (created_at, event_ids) values (now() - interval '1 hour', '{{}}')",
    "stuck-jobs": "insert into procrastinate_jobs (queue_name, task_name, status) values ('q', 'lost', 'doing')",
    "failed-jobs": "insert into procrastinate_jobs (queue_name, task_name, status) values ('q', 'broken', 'failed')",
    "stuck-emails": "update emails_email set created_at = now() - interval '2 hours', status = 'queued' where order_id = '{o2}'",
}
