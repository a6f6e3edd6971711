"""Pictures of what a claim is about; they belong to its order, never change, and go when the order is erased."""

import django.db.models.deletion
from django.db import migrations, models

FORWARD = r"""
create trigger returns_claim_photo_append_only before update or delete or truncate on returns_claim_photo
  for each statement execute function refuse_change();
alter table returns_claim_photo add constraint returns_claim_photo_claim_fk foreign key (order_id, shop_id, claim_id) references returns_claim (order_id, shop_id, id);
alter table returns_claim_photo add constraint returns_claim_photo_size check (octet_length(content) between 1 and 5242880);

create or replace function is_erasing(in_table name, table_id oid) returns boolean language sql stable as $$
  select in_table in ('core_event', 'memos_memo', 'emails_email', 'emails_bounce', 'return_requests_photo', 'return_requests_withdrawal',
      'orders_cancel_request', 'shipments_tracking_event', 'core_effect', 'returns_claim_photo')
    and current_setting('orderwerk.erasing', true) = pg_current_xact_id()::text
    and exists (select 1 from pg_class c where c.oid = table_id and pg_get_userbyid(c.relowner) = current_user)
$$;

-- As erase_orders does: as the owner of the tables, and nothing but this.
create function erase_claim_photos(ids uuid[]) returns void language plpgsql security definer set search_path from current as $$
begin
  perform set_config('orderwerk.erasing', pg_current_xact_id()::text, true);
  update returns_claim_photo set content = '\x00' where order_id = any (ids);
  perform set_config('orderwerk.erasing', '', true);
end $$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ('orders', '0016_collect'),
        ('refunds', '0010_erase_function'),
        ('returns', '0009_keep_checked'),
    ]

    operations = [
        migrations.CreateModel(
            name='ClaimPhoto',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('shop_id', models.UUIDField()),
                ('position', models.IntegerField()),
                ('media_type', models.TextField()),
                ('content', models.BinaryField()),
                ('claim', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='photos', to='returns.claim')),
                ('order', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='orders.order')),
            ],
            options={
                'db_table': 'returns_claim_photo',
                'constraints': [models.UniqueConstraint(fields=('claim', 'position'), name='returns_claim_photo_once'), models.CheckConstraint(condition=models.Q(('position__gte', 1), ('position__lte', 5)), name='returns_claim_photo_position'), models.CheckConstraint(condition=models.Q(('media_type__in', ['image/jpeg', 'image/png', 'image/webp'])), name='returns_claim_photo_type')],
            },
        ),
        migrations.RunSQL(FORWARD),
    ]
