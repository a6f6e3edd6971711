"""Events, effects, e-mails, keys, and the nets that hold everything."""

from orderwerk.checks.invariant import Invariant, Severity

_CALL = "Do not touch the rows; call support with this finding."
_LOOK = "Look at the job workers (orderwerk doctor) and start one if none runs."

_VERSIONED = """
  select 'order' as what, id, shop_id, version, status from orders_order
  union all select 'cancel request', id, shop_id, version, status from orders_cancel_request
  union all select 'substitution', id, shop_id, version, status from orders_substitution
  union all select 'delivery problem', id, shop_id, version, status from shipments_exception
  union all select 'shipment', id, shop_id, version, status from shipments_shipment
  union all select 'pick list', id, null, version, status from picklists_pick_list
  union all select 'payment', id, shop_id, version, status from payments_payment
  union all select 'invoice', id, shop_id, version, null from invoices_invoice
  union all select 'refund', id, shop_id, version, status from refunds_refund
  union all select 'return request', id, shop_id, version, status from return_requests_request
  union all select 'return label', id, shop_id, version, status from return_requests_label
  union all select 'return', id, shop_id, version, status from returns_return
  union all select 'product', id, null, version, null from catalog_product
  union all select 'location', id, null, version, null from stock_location
  union all select 'shop', id, id, version, null from shops_shop
  union all select 'e-mail text', id, shop_id, version, null from emails_template
  union all select 'e-mail switch', id, shop_id, version, null from emails_automation
"""

INVARIANTS = (
    Invariant(
        "event-per-version",
        "Every version of a thing has exactly one event: seq runs from 1 to its version.",
        f"""
        select v.shop_id, v.what, v.id, '1..' || v.version, coalesce(e.first || '..' || e.last || ' in ' || e.n, 'none')
        from ({_VERSIONED}) v left join (
          select aggregate_id, min(seq) as first, max(seq) as last, count(*) as n from core_event where seq is not null
          group by aggregate_id) e on e.aggregate_id = v.id
        where e.n is distinct from v.version or e.first is distinct from 1 or e.last is distinct from v.version
        """,
        _CALL,
    ),
    Invariant(
        "event-chain",
        "Each change of status starts where the one before ended, and the last one ends at the present status.",
        f"""
        select v.shop_id, v.what, v.id, coalesce(c.expected, v.status), coalesce(c.origin, c.last)
        from ({_VERSIONED}) v join (
          select aggregate_id, max(expected) filter (where broken) as expected, max(origin) filter (where broken) as origin,
            bool_or(broken) as broken, max(target) filter (where is_newest) as last
          from (
            select aggregate_id, to_status as target, from_status as origin,
              lag(to_status) over story as expected, lead(seq) over story is null as is_newest,
              seq > 1 and from_status is distinct from lag(to_status) over story as broken
            from core_event where seq is not null and to_status is not null
            window story as (partition by aggregate_id order by seq)
          ) steps group by aggregate_id
        ) c on c.aggregate_id = v.id
        where v.status is not null and (c.broken or c.last is distinct from v.status)
        """,
        _CALL,
    ),
    Invariant(
        "effect-email",
        "A message counts as sent exactly when its effect succeeded; every message has an effect.",
        """
        select m.shop_id, 'e-mail', m.id, m.status, coalesce(e.status, 'no effect')
        from emails_email m left join core_effect e on e.id = m.effect_id
        where e.id is null or (m.status = 'sent') <> (e.status = 'succeeded') or (m.status = 'unknown' and e.status <> 'in_doubt')
        """,
        _CALL,
    ),
    Invariant(
        "email-once",
        "At most one message per trigger, object and recipient.",
        """
        select shop_id, 'e-mail', min(id::text)::uuid, '1', count(*)::text from emails_email
        group by shop_id, trigger, object_id, recipient having count(*) > 1
        """,
        _CALL,
    ),
    Invariant(
        "email-text-versions",
        "Every text of a shop has its versions 1 to the present one, and the last is what stands.",
        """
        select t.shop_id, 'e-mail text', t.id, t.version || ' versions, the last as it stands', coalesce(v.n, 0)::text
        from emails_template t left join (
          select template_id, count(*) as n, max(version) as last from emails_template_version group by 1) v on v.template_id = t.id
        where coalesce(v.n, 0) <> t.version or v.last <> t.version or not exists (
          select 1 from emails_template_version x where x.template_id = t.id and x.version = t.version
            and x.subject = t.subject and x.body = t.body and x.is_custom = t.is_custom)
        """,
        _CALL,
    ),
    Invariant(
        "effect-key",
        "An effect has one key for ever.",
        """
        select min(shop_id::text)::uuid, 'effect', min(id::text)::uuid, '1', count(*)::text from core_effect
        group by kind, business_key having count(*) > 1
        """,
        _CALL,
    ),
    Invariant(
        "idempotency-key",
        "An idempotency key answers one request.",
        """
        select null::uuid, 'idempotency key', min(id::text)::uuid, '1', count(*)::text from core_idempotency_key
        group by credential_id, key having count(*) > 1
        """,
        _CALL,
    ),
    Invariant(
        "token-hashed",
        "API tokens are stored as hashes only.",
        """
        select null::uuid, 'token', id, '32 bytes of SHA-256', octet_length(token_sha256) || ' bytes'
        from accounts_api_token where octet_length(token_sha256) <> 32
        """,
        "Revoke the token and make a new one.",
    ),
    Invariant(
        "second-factor-encrypted",
        "Secrets of second factors are stored encrypted only.",
        """
        select null::uuid, 'second factor', null::uuid, 'encrypted', type || ' ' || id from mfa_authenticator
        where coalesce(data ->> 'secret', data ->> 'seed', 'enc1:') not like 'enc1:%'
        """,
        "Let the person set up the second factor again.",
    ),
    Invariant(
        "clean-text",
        "No name, address or comment holds control, invisible or direction-changing characters.",
        """
        select shop_id, 'order', id, 'clean text', 'forbidden characters' from orders_order
        where not (is_clean_text(customer_name) and is_clean_text(comment) and is_clean_text(external_id)
          and is_clean_json(billing_address) and is_clean_json(delivery_address))
        union all
        select shop_id, 'order line', id, 'clean text', 'forbidden characters' from orders_line
        where not (is_clean_text(sku) and is_clean_text(name))
        union all
        select shop_id, 'memo', id, 'clean text', 'forbidden characters' from memos_memo where not is_clean_text(text)
        union all
        select null, 'product', id, 'clean text', 'forbidden characters' from catalog_product
        where not (is_clean_text(sku) and is_clean_text(name))
        """,
        _CALL,
    ),
    Invariant(
        "instants",
        "All instants are kept in UTC: no column without a time zone.",
        """
        select null::uuid, 'column', null::uuid, 'timestamp with time zone', table_name || '.' || column_name
        from information_schema.columns where table_schema = current_schema() and data_type = 'timestamp without time zone'
        """,
        _CALL,
    ),
    Invariant(
        "nets-triggers",
        "Every trigger that guards a table is enabled.",
        """
        select null::uuid, 'trigger', null::uuid, 'enabled', c.relname || '.' || t.tgname
        from pg_trigger t join pg_class c on c.oid = t.tgrelid join pg_namespace n on n.oid = c.relnamespace
        where n.nspname = current_schema() and t.tgenabled in ('D', 'R')
        """,
        "Enable the trigger again (alter table … enable trigger …), then run this check once more.",
    ),
    Invariant(
        "nets-constraints",
        "Every constraint is validated.",
        """
        select null::uuid, 'constraint', null::uuid, 'validated', c.relname || '.' || k.conname
        from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace
        where n.nspname = current_schema() and not k.convalidated
        """,
        "Validate the constraint (alter table … validate constraint …).",
    ),
    Invariant(
        "nets-role",
        "The program's role, where there is one, cannot rewrite history and owns nothing.",
        """
        select null::uuid, 'table', null::uuid, 'out of reach of orderwerk_app', c.relname
        from pg_roles r, pg_class c join pg_namespace n on n.oid = c.relnamespace
        where r.rolname = 'orderwerk_app' and n.nspname = current_schema() and c.relkind = 'r' and (
          c.relowner = r.oid or has_table_privilege(r.oid, c.oid, 'truncate')
          or (c.relname = 'django_migrations' and has_table_privilege(r.oid, c.oid, 'insert, update, delete'))
          or exists (
            select 1 from pg_trigger t join pg_proc p on p.oid = t.tgfoid
            where t.tgrelid = c.oid and p.proname = 'refuse_change' and (
              (t.tgtype & 8 > 0 and has_table_privilege(r.oid, c.oid, 'delete'))
              or (t.tgtype & 16 > 0 and has_table_privilege(r.oid, c.oid, 'update')))))
        """,
        "Run orderwerk migrate as the owner of the database; it takes the privilege away.",
    ),
    Invariant(
        "nets-present",
        "The guards of the tables are all there.",
        """
        select null::uuid, 'guard', null::uuid, 'present', w.name
        from unnest(array[
          'core_event_append_only', 'stock_movement_append_only', 'memos_memo_append_only', 'emails_template_version_append_only', 'emails_email_frozen', 'emails_template_has_event',
          'orders_order_frozen', 'orders_line_frozen',
          'returns_line_frozen', 'returns_line_decided_once', 'return_requests_line_append_only', 'returns_return_has_event',
          'return_requests_request_has_event', 'orders_line_returned', 'returns_return_one_per_request',
          'orders_order_has_event', 'shipments_shipment_has_event', 'picklists_pick_list_has_event', 'payments_payment_has_event',
          'stock_movement_applies', 'stock_count_request_once', 'stock_count_request_kept', 'picklists_scan_append_only', 'stock_scan_append_only', 'stock_scan_booked', 'picklists_wave_append_only', 'stock_level_only_by_movement', 'stock_bin_stock_only_by_movement',
          'allocations_allocation_status_moves', 'shipments_shipment_status_moves', 'picklists_pick_list_status_moves',
          'payments_payment_status_moves', 'emails_email_status_moves', 'core_effect_key_for_ever',
          'orders_line_quantities', 'orders_line_picked', 'orders_line_returned', 'orders_order_units', 'orders_order_amounts',
          'orders_order_total_adds_up', 'orders_order_external_id_once', 'stock_level_never_oversold', 'stock_level_allocated',
          'stock_bin_stock_planned', 'stock_bin_stock_quantity', 'stock_movement_one_cause', 'shipments_line_one_live',
          'shipments_shipment_one_open', 'picklists_line_one_open_list', 'payments_payment_amounts', 'payments_payment_reference_once',
          'emails_email_once_per_trigger', 'core_effect_one_key', 'core_idempotency_key_once', 'core_event_once_per_version',
          'orders_line_order_fk', 'shipments_line_shipment_fk', 'shipments_line_allocation_fk', 'allocations_allocation_line_fk',
          'allocations_allocation_level_fk', 'payments_payment_currency_fk', 'orders_order_never_over_credited',
          'core_series_forward', 'core_series_once', 'invoices_invoice_frozen', 'invoices_invoice_kept', 'invoices_line_frozen',
          'invoices_tax_frozen', 'invoices_invoice_sums', 'invoices_invoice_gapless', 'invoices_invoice_once_per_trigger',
          'invoices_invoice_credit_names_debit', 'invoices_invoice_debit_fk', 'invoices_invoice_counters',
          'invoices_line_never_over_credited', 'invoices_tax_never_over_credited', 'invoices_document_append_only', 'invoices_document_kept', 'invoices_invoice_blanking', 'invoices_document_hash', 'refunds_refund_frozen',
          'refunds_refund_status_moves', 'refunds_refund_credit_fk', 'refunds_refund_payment_fk', 'refunds_refund_four_eyes', 'invoices_invoice_currency_fk',
          'refunds_batch_frozen', 'refunds_batch_kept', 'refunds_batch_blanking', 'refunds_batch_hash', 'refunds_transfer_append_only',
          'refunds_refund_in_a_batch_by_hand', 'refunds_payment_contested_only_by_payment', 'refunds_payment_contests',
          'refunds_refund_passes_contest', 'refunds_store_credit_only_by_payment', 'refunds_store_credit_starts_contested']) as w(name)
        where not exists (select 1 from pg_trigger where tgname = w.name) and not exists (select 1 from pg_constraint where conname = w.name)
          and not exists (select 1 from pg_class where relname = w.name and relkind = 'i')
        """,
        "Run orderwerk migrate; if the guard is still missing, call support.",
    ),
    Invariant(
        "durable",
        "The server writes what it has acknowledged to disk before it says so.",
        """
        select null::uuid, 'setting', null::uuid, 'on', name || ' = ' || setting from pg_settings
        where (name in ('fsync', 'full_page_writes') and setting <> 'on') or (name = 'synchronous_commit' and setting = 'off')
        """,
        "Turn the setting on; a crash may lose acknowledged orders as long as it is off.",
    ),
    Invariant(
        "stuck-outbox",
        "The events of a change become jobs within seconds.",
        """
        select null::uuid, 'outbox row', null::uuid, 'within 60 seconds', created_at::text from core_outbox
        where created_at < now() - interval '60 seconds' limit 100
        """,
        _LOOK,
        Severity.STUCK,
    ),
    Invariant(
        "stuck-jobs",
        "A job that runs has a worker with a heartbeat.",
        """
        select null::uuid, 'job', null::uuid, j.task_name || ' with a living worker', j.id::text from procrastinate_jobs j
        left join procrastinate_workers w on w.id = j.worker_id
        where j.status = 'doing' and (w.id is null or w.last_heartbeat < now() - interval '120 seconds')
        """,
        _LOOK,
        Severity.STUCK,
    ),
    Invariant(
        "failed-jobs",
        "No job has failed for good.",
        """
        select null::uuid, 'job', null::uuid, 'succeeded', j.id || ' ' || j.task_name from procrastinate_jobs j
        where j.status = 'failed' limit 100
        """,
        "Look at the worker's log, mend the cause, then retry the job.",
        Severity.STUCK,
    ),
    Invariant(
        "stuck-emails",
        "A message that waits is tried within minutes; nobody knows of none whether it was sent.",
        """
        select m.shop_id, 'e-mail', m.id, 'sent', m.status from emails_email m join core_effect e on e.id = m.effect_id
        where (m.status = 'queued' and m.created_at < now() - interval '30 minutes') or m.status = 'unknown'
          or (m.status = 'sending' and e.called_at < now() - interval '15 minutes')
        """,
        "Look at the message in the order's e-mail tab and send it again if the customer did not get it.",
        Severity.STUCK,
    ),
)
