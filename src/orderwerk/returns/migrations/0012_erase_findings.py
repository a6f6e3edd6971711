"""What was found in a box may tell of a person: its words go when the order is erased."""

from django.db import migrations

FORWARD = r"""
create or replace function is_erasing(in_table name, table_id oid) returns boolean language sql stable as $$
  select in_table in ('core_event', 'memos_memo', 'emails_email', 'emails_bounce', 'return_requests_photo', 'return_requests_withdrawal',
      'orders_cancel_request', 'shipments_tracking_event', 'core_effect', 'returns_claim_photo', 'returns_finding')
    and current_setting('orderwerk.erasing', true) = pg_current_xact_id()::text
    and exists (select 1 from pg_class c where c.oid = table_id and pg_get_userbyid(c.relowner) = current_user)
$$;

-- As erase_orders does: as the owner of the tables, and nothing but this.
create function erase_findings(ids uuid[]) returns void language plpgsql security definer set search_path from current as $$
begin
  perform set_config('orderwerk.erasing', pg_current_xact_id()::text, true);
  update returns_finding f set text = 'erased' from returns_return r
  where r.order_id = any (ids) and f.parent_id = r.id and f.text not in ('', 'erased');
  perform set_config('orderwerk.erasing', '', true);
end $$;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('returns', '0011_findings'),
    ]

    operations = [
        migrations.RunSQL(FORWARD),
    ]
