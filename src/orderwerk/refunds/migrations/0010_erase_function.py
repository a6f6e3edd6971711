"""Erases what orders tell of people. The guards of append-only tables let nothing through but this function, and only updates.

It runs as the owner of the tables (security definer): the program's own role may call it, and still cannot rewrite history.
Invoices, their documents, payments, the ledger and files for the bank are not touched.
"""

from django.db import migrations

TABLES = (
    'core_event', 'memos_memo', 'emails_email', 'emails_bounce', 'return_requests_photo', 'return_requests_withdrawal',
    'orders_cancel_request', 'shipments_tracking_event', 'core_effect',
)
NAMES = ', '.join(f"'{t}'" for t in TABLES)
FORWARD = rf"""
create function is_erasing(in_table name, table_id oid) returns boolean language sql stable as $$
  select in_table in ({NAMES}) and current_setting('orderwerk.erasing', true) = pg_current_xact_id()::text
    and exists (select 1 from pg_class c where c.oid = table_id and pg_get_userbyid(c.relowner) = current_user)
$$;

create or replace function refuse_change() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and is_erasing(tg_table_name, tg_relid) then
    return null;
  end if;
  raise exception '% is append-only: % refused', tg_table_name, tg_op
    using errcode = 'check_violation', constraint = tg_table_name || '_append_only';
end $$;

create or replace function refuse_frozen() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and is_erasing(tg_table_name, tg_relid) then
    return new;
  end if;
  raise exception 'what was agreed in % never changes', tg_table_name
    using errcode = 'check_violation', constraint = tg_table_name || '_frozen';
end $$;

create or replace function guard_effect_key() returns trigger language plpgsql as $$
begin
  if is_erasing(tg_table_name, tg_relid) then
    return new;
  end if;
  raise exception 'the key of an effect is for ever'
    using errcode = 'check_violation', constraint = 'core_effect_key_for_ever';
end $$;

create function nobodys_address(country text) returns jsonb language sql immutable as $$
  select jsonb_build_object('name', '', 'company', null, 'street', '', 'house_number', null, 'house_number_suffix', null,
    'line2', null, 'postal_code', null, 'city', '', 'region', null, 'country', country)
$$;

create function erase_orders(ids uuid[], moment timestamptz) returns table (id uuid, version int)
language plpgsql security definer set search_path from current as $$
#variable_conflict use_column
begin
  perform set_config('orderwerk.erasing', pg_current_xact_id()::text, true);
  update memos_memo set text = 'erased' where order_id = any (ids) and text <> 'erased';
  update emails_email set recipient = 'erased-' || id, reply_to = '', subject = '', body_text = '', body_html = '', status_note = ''
    where order_id = any (ids);
  -- The key of a message's effect names its recipient.
  update core_effect f set business_key = 'erased/' || f.id, note = '' from emails_email e
    where e.effect_id = f.id and e.order_id = any (ids);
  update emails_bounce b set reason = '' from emails_email e where e.id = b.email_id and e.order_id = any (ids);
  update return_requests_photo p set content = '\x00' from return_requests_request r where r.id = p.request_id and r.order_id = any (ids);
  update return_requests_withdrawal set name = 'erased', email = 'erased@example.invalid' where order_id = any (ids);
  update return_requests_request set comment = '', decision_note = '' where order_id = any (ids);
  update returns_return set comment = '' where order_id = any (ids);
  update refunds_refund set account_holder = '', account_iban = '' where order_id = any (ids) and account_iban <> '';
  update orders_cancel_request set reason = 'erased', note = case when note = '' then '' else 'erased' end where order_id = any (ids);
  update orders_hold set reason = 'erased' where order_id = any (ids);
  update shipments_exception set text = '', place = '', note = case when note = '' then '' else 'erased' end where order_id = any (ids);
  update shipments_tracking_event t set text = '', place = '' from shipments_shipment s where s.id = t.shipment_id and s.order_id = any (ids);
  update shipments_shipment set delivery_address = nobodys_address(delivery_address ->> 'country'), tracking_url = ''
    where order_id = any (ids);
  update orders_search set doc = ''::tsvector where order_id = any (ids);
  update core_event set payload = payload - array['changes', 'subject', 'note', 'text', 'place', 'reason', 'email', 'name']
    where order_id = any (ids) and payload ?| array['changes', 'subject', 'note', 'text', 'place', 'reason', 'email', 'name'];
  perform set_config('orderwerk.erasing', '', true);
  return query update orders_order o
    set erased_at = moment, version = o.version + 1, customer_external_id = null, customer_email = null, customer_name = '',
      customer_phone = null, customer_company = null, customer_vat_number = null, comment = '', metadata = '{{}}', tags = '{{}}',
      postal_code = '', billing_address = nobodys_address(o.billing_address ->> 'country'),
      delivery_address = nobodys_address(o.delivery_address ->> 'country')
    where o.id = any (ids) returning o.id, o.version;
end $$;
"""

class Migration(migrations.Migration):
    dependencies = [
        ('core', '0005_series_guards'), ('emails', '0007_bounce_guards'), ('memos', '0005_mention_guards'), ('orders', '0012_erasure'),
        ('payments', '0012_capture_guards'), ('refunds', '0009_ledger'), ('return_requests', '0004_withdrawal_guards'),
        ('returns', '0002_guards'), ('shipments', '0010_shipping_rule_guards'), ('shops', '0005_erasure'),
    ]
    operations = [migrations.RunSQL(FORWARD)]
