"""Carriers that a merchant sets up; shipments and rules name only those, or what goes by hand."""

from django.db import migrations, models

FORWARD = r"""
alter table shipments_carrier add constraint shipments_carrier_text check (
  is_clean_text(code) and is_clean_text(name) and is_clean_text(tracking_link) and is_clean_json(services)
  and length(code) <= 60 and length(name) <= 200 and length(tracking_link) <= 500
  and jsonb_typeof(services) = 'array' and jsonb_array_length(services) <= 100);
alter table shipments_carrier add constraint shipments_carrier_not_by_hand check (code <> 'manual');
alter table shipments_carrier add constraint shipments_carrier_link check (tracking_link = ''
  or tracking_link ~ '^https://[A-Za-z0-9.-]+(:[0-9]{1,5})?/[A-Za-z0-9._~:/?#@!$&*+,;=%{}-]*$' and position('{code}' in tracking_link) > 0);
create constraint trigger shipments_carrier_has_event after insert or update of version on shipments_carrier
  deferrable initially deferred for each row execute function require_event();
create trigger shipments_carrier_kept before delete or truncate on shipments_carrier
  for each statement execute function refuse_change();

create function shipments_check_carrier() returns trigger language plpgsql as $$
begin
  if not exists (select from shipments_carrier c where c.code = new.carrier) then
    raise exception 'carrier % is not set up', new.carrier
      using errcode = 'check_violation', constraint = 'shipments_carrier_set_up';
  end if;
  return new;
end $$;
create trigger shipments_shipment_carrier before insert on shipments_shipment
  for each row when (new.carrier <> 'manual') execute function shipments_check_carrier();
create trigger shipments_shipment_other_carrier before update of carrier on shipments_shipment
  for each row when (new.carrier <> 'manual' and new.carrier is distinct from old.carrier) execute function shipments_check_carrier();
create trigger shipments_rule_carrier before insert or update of carrier on shipments_rule
  for each row when (new.carrier <> 'manual') execute function shipments_check_carrier();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0003_guards'),
        ('shipments', '0024_package_box_text_checked'),
    ]

    operations = [
        migrations.CreateModel(
            name='ShippingCarrier',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('code', models.TextField(db_collation='C', unique=True)),
                ('name', models.TextField()),
                ('tracking_link', models.TextField(default='')),
                ('services', models.JSONField(default=list)),
                ('is_active', models.BooleanField(default=True)),
                ('version', models.IntegerField(default=1)),
            ],
            options={
                'db_table': 'shipments_carrier',
                'constraints': [models.CheckConstraint(condition=models.Q(('version__gte', 1)), name='shipments_carrier_version')],
            },
        ),
        migrations.RunSQL(FORWARD),
    ]
