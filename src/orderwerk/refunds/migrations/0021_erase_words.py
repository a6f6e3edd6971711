"""What people wrote about refunds, differences and parcels they cannot send goes when the order is erased, and what a provider said."""

from django.db import migrations

FORWARD = r"""
-- With a problem of a parcel an order could not be erased at all: what was told of it was frozen for everybody.
create or replace function is_erasing(in_table name, table_id oid) returns boolean language sql stable as $$
  select in_table in ('core_event', 'memos_memo', 'emails_email', 'emails_bounce', 'return_requests_photo', 'return_requests_withdrawal',
      'orders_cancel_request', 'shipments_tracking_event', 'core_effect', 'returns_claim_photo', 'returns_finding', 'refunds_reversal', 'shipments_exception')
    and current_setting('orderwerk.erasing', true) = pg_current_xact_id()::text
    and exists (select 1 from pg_class c where c.oid = table_id and pg_get_userbyid(c.relowner) = current_user)
$$;

-- As erase_orders does: as the owner of the tables, and nothing but this. What pays for an exchange notes the new order's number.
create function erase_words(ids uuid[]) returns void language plpgsql security definer set search_path from current as $$
begin
  perform set_config('orderwerk.erasing', pg_current_xact_id()::text, true);
  update refunds_refund set note = '' where order_id = any (ids) and via <> 'exchange' and note <> '';
  update refunds_reversal set note = '' where order_id = any (ids) and note <> '';
  update allocations_rejection set reason = 'erased' where order_id = any (ids) and reason <> 'erased';
  update core_effect f set note = '' from refunds_refund r where r.effect_id = f.id and r.order_id = any (ids) and f.note <> '';
  -- Events from before a difference named its order stand under the difference alone.
  update core_event v set payload = v.payload - 'note' from refunds_difference d join payments_payment p on p.id = d.payment_id
    where p.order_id = any (ids) and v.aggregate_id = d.id and v.kind = 'difference.resolved' and v.payload ? 'note';
  -- What the program matched by itself notes the number of the refund.
  update refunds_difference d set note = 'erased' from payments_payment p
    where p.id = d.payment_id and p.order_id = any (ids) and d.note not in ('', 'erased') and d.note !~ '^R[0-9]+$';
  perform set_config('orderwerk.erasing', '', true);
end $$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ('allocations', '0006_rejection_guards'),
        ('refunds', '0020_both_ways_checked'),
        ('returns', '0012_erase_findings'),
        ('shipments', '0010_shipping_rule_guards'),
    ]

    operations = [
        migrations.RunSQL(FORWARD),
    ]
