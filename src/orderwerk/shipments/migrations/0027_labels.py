"""Accounts at carriers that make labels, and the labels of packages: one that is live each, under a barcode that is used once."""

import django.db.models.deletion
from django.db import migrations, models

FORWARD = r"""
create trigger shipments_carrier_account_kept before delete or truncate on shipments_carrier_account
  for each statement execute function refuse_change();
create trigger shipments_carrier_account_frozen before update of carrier on shipments_carrier_account
  for each row when (old.carrier is distinct from new.carrier) execute function refuse_frozen();
alter table shipments_carrier_account add constraint shipments_carrier_account_carrier_fk foreign key (carrier) references shipments_carrier (code);
alter table shipments_carrier_account add constraint shipments_carrier_account_text check (
  customer_code ~ '^[A-Z]{2,6}$' and customer_number ~ '^[0-9]{1,8}$' and collection_location ~ '^[0-9]{6}$'
  and is_clean_json(products) and jsonb_typeof(products) = 'array' and jsonb_array_length(products) between 1 and 100);

create trigger shipments_label_status_start before insert on shipments_label
  for each row execute function guard_status('ordered', '');
create trigger shipments_label_status_moves before update of status on shipments_label
  for each row when (old.status is distinct from new.status)
  execute function guard_status('', 'failed>ordered,failed>void,made>void,ordered>failed,ordered>made,ordered>void');
create constraint trigger shipments_label_has_event after insert or update of version on shipments_label
  deferrable initially deferred for each row execute function require_event();
create trigger shipments_label_kept before delete or truncate on shipments_label
  for each statement execute function refuse_change();
-- A label keeps its package until it is given up; a barcode that the carrier may know is given up for no other; a paper that is
-- made changes no more (but for the one byte that erasing leaves).
create trigger shipments_label_frozen before update on shipments_label
  for each row when (old.shop_id is distinct from new.shop_id or old.order_id is distinct from new.order_id
    or old.shipment_id is distinct from new.shipment_id or old.location_id is distinct from new.location_id
    or old.position is distinct from new.position or old.created_at is distinct from new.created_at
    or (old.package_id is distinct from new.package_id and new.status <> 'void')
    or (old.asked > 1 and old.barcode is distinct from new.barcode)
    or (old.barcode <> '' and new.barcode not in ('', old.barcode))
    or (old.status in ('made', 'void') and (old.barcode, old.made_at, old.carrier, old.product, old.carrier_account_id)
      is distinct from (new.barcode, new.made_at, new.carrier, new.product, new.carrier_account_id))
    or (old.content is not null and old.content is distinct from new.content and new.content is distinct from '\x00'))
  execute function refuse_frozen();
alter table shipments_label add constraint shipments_label_shipment_fk foreign key (order_id, shop_id, location_id, shipment_id)
  references shipments_shipment (order_id, shop_id, location_id, id);
alter table shipments_label add constraint shipments_label_package_fk foreign key (shipment_id, package_id) references shipments_package (shipment_id, id);
alter table shipments_label add constraint shipments_label_account_fk foreign key (carrier_account_id) references shipments_carrier_account (id);
alter table shipments_label add constraint shipments_label_effect_fk foreign key (effect_id) references core_effect (id);
alter table shipments_label add constraint shipments_label_text check (
  is_clean_text(carrier) and is_clean_text(barcode) and is_clean_text(note) and length(barcode) <= 40 and length(note) <= 500
  and product ~ '^[0-9]{4,5}$' and address ~ '^([0-9a-f]{32})?$' and octet_length(content) between 1 and 2097152);

-- A label is asked for of a parcel that there is: not of one that was cancelled, nor of what lies in another's.
create function shipments_check_label() returns trigger language plpgsql as $$
begin
  perform from shipments_shipment s where s.id = new.shipment_id for share;
  if exists (select from shipments_shipment s left join shipments_shipment b on b.id = s.combined_into_id
      where s.id = new.shipment_id and (s.status = 'cancelled' or b.status <> 'cancelled')) then
    raise exception 'there is no parcel for this label' using errcode = 'check_violation', constraint = 'shipments_label_parcel';
  end if;
  return new;
end $$;
create trigger shipments_label_asked before insert on shipments_label for each row execute function shipments_check_label();
create trigger shipments_label_asked_again before update of status on shipments_label
  for each row when (old.status <> 'void' and new.status in ('ordered', 'made') and old.status <> new.status) execute function shipments_check_label();

-- And with the parcel its labels go: whoever cancels a shipment, or lays it into another's, gives them up in the same transaction.
create function shipments_check_label_gone() returns trigger language plpgsql as $$
begin
  if exists (select from shipments_label l join shipments_shipment s on s.id = l.shipment_id
      left join shipments_shipment b on b.id = s.combined_into_id
      where l.shipment_id = new.id and l.status <> 'void' and (s.status = 'cancelled' or b.status <> 'cancelled')) then
    raise exception 'a parcel that is no more has a label' using errcode = 'check_violation', constraint = 'shipments_label_gone';
  end if;
  return null;
end $$;
create constraint trigger shipments_label_gone after update of status, combined_into_id on shipments_shipment
  deferrable initially deferred for each row when (new.status = 'cancelled' or new.combined_into_id is not null)
  execute function shipments_check_label_gone();

-- The tracking code of a package is the barcode of its label.
create function shipments_check_label_code() returns trigger language plpgsql as $$
begin
  if exists (select from shipments_label l where l.package_id = new.id and l.status = 'made' and l.barcode <> new.tracking_code) then
    raise exception 'the package has a label with another code' using errcode = 'check_violation', constraint = 'shipments_label_code';
  end if;
  return new;
end $$;
create trigger shipments_package_code before update of tracking_code on shipments_package
  for each row execute function shipments_check_label_code();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('orders', '0023_customer_index'),
        ('shipments', '0026_slips'),
    ]

    operations = [
        migrations.CreateModel(
            name='CarrierAccount',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('carrier', models.TextField(db_collation='C', unique=True)),
                ('speaks', models.TextField()),
                ('secret', models.TextField()),
                ('mode', models.TextField()),
                ('customer_code', models.TextField()),
                ('customer_number', models.TextField()),
                ('collection_location', models.TextField()),
                ('products', models.JSONField(default=list)),
                ('is_automatic', models.BooleanField(default=True)),
                ('is_active', models.BooleanField(default=True)),
                ('created_at', models.DateTimeField()),
                ('updated_at', models.DateTimeField()),
            ],
            options={
                'db_table': 'shipments_carrier_account',
                'constraints': [models.CheckConstraint(condition=models.Q(('secret__startswith', 'enc1:')), name='shipments_carrier_account_secret_encrypted'), models.CheckConstraint(condition=models.Q(('mode__in', ['live', 'test']), ('speaks__in', ['postnl'])), name='shipments_carrier_account_words')],
            },
        ),
        migrations.CreateModel(
            name='ShippingLabel',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('shop_id', models.UUIDField()),
                ('location_id', models.UUIDField()),
                ('position', models.IntegerField()),
                ('carrier', models.TextField()),
                ('product', models.TextField()),
                ('status', models.TextField(choices=[('ordered', 'Asked for at the carrier'), ('made', 'Ready'), ('failed', 'Failed'), ('void', 'Given up')])),
                ('effect_id', models.UUIDField(unique=True)),
                ('attempts', models.IntegerField(default=1)),
                ('barcode', models.TextField(db_collation='C', default='')),
                ('asked', models.IntegerField(default=0)),
                ('address', models.TextField(default='')),
                ('content', models.BinaryField(null=True)),
                ('note', models.TextField(default='')),
                ('created_at', models.DateTimeField()),
                ('made_at', models.DateTimeField(null=True)),
                ('voided_at', models.DateTimeField(null=True)),
                ('version', models.IntegerField(default=1)),
                ('carrier_account', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, to='shipments.carrieraccount')),
                ('order', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, to='orders.order')),
                ('package', models.OneToOneField(db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='label', to='shipments.package')),
                ('shipment', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='labels', to='shipments.shipment')),
            ],
            options={
                'db_table': 'shipments_label',
                'indexes': [models.Index(condition=models.Q(('status', 'ordered')), fields=['id'], name='shipments_labels_open'), models.Index(fields=['order'], name='shipments_label_of_order')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('barcode', ''), _negated=True), fields=('carrier_account', 'barcode'), name='shipments_label_barcode_once'), models.CheckConstraint(condition=models.Q(('status__in', ['ordered', 'made', 'failed', 'void'])), name='shipments_label_status'), models.CheckConstraint(condition=models.Q(('asked__gte', 0), ('attempts__gte', 1), ('position__gte', 1), ('version__gte', 1)), name='shipments_label_bounds'), models.CheckConstraint(condition=models.Q(models.Q(('package__isnull', True), ('status', 'void'), ('voided_at__isnull', False)), models.Q(models.Q(('status', 'void'), _negated=True), ('package__isnull', False), ('voided_at__isnull', True)), _connector='OR'), name='shipments_label_void'), models.CheckConstraint(condition=models.Q(models.Q(('content__isnull', False), ('made_at__isnull', False), ('status__in', ['made', 'void']), models.Q(('barcode', ''), _negated=True)), models.Q(('content__isnull', True), ('made_at__isnull', True), models.Q(('status', 'made'), _negated=True)), _connector='OR'), name='shipments_label_made')],
            },
        ),
        migrations.RunSQL(FORWARD),
    ]
