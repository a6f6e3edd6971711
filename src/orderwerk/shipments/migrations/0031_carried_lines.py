"""What lies in a package of a shipment and belongs to another one, which travels in its parcel."""

import django.db.models.deletion
from django.db import migrations, models

FORWARD = r"""
alter table shipments_carried_line add constraint shipments_carried_line_package_fk foreign key (shipment_id, package_id) references shipments_package (shipment_id, id)
  -- A process of before this table knows nothing of it when it writes the packages anew.
  on delete cascade;
create function shipments_check_carried_line() returns trigger language plpgsql as $$
begin
  -- Locked: nobody takes the shipment out of the parcel, or makes its line smaller, meanwhile.
  perform from shipments_line l join shipments_shipment s on s.id = l.shipment_id
    where l.id = new.shipment_line_id and l.is_live and s.combined_into_id = new.shipment_id
      and l.quantity >= (select sum(c.quantity) from shipments_carried_line c
        where c.shipment_id = new.shipment_id and c.shipment_line_id = new.shipment_line_id)
    for share;
  if not found then
    raise exception 'what lies in a package of a parcel belongs to a shipment in that parcel, and is no more than it has'
      using errcode = 'check_violation', constraint = 'shipments_carried_line_of_parcel';
  end if;
  return null;
end $$;
create trigger shipments_carried_line_of_parcel after insert or update on shipments_carried_line
  for each row execute function shipments_check_carried_line();
"""
BACKWARD = r"""
drop trigger shipments_carried_line_of_parcel on shipments_carried_line;
drop function shipments_check_carried_line();
"""


class Migration(migrations.Migration):
    dependencies = [('shipments', '0030_label_failed_of')]
    operations = [
        migrations.CreateModel(
            name='CarriedLine',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('quantity', models.IntegerField()),
                ('package', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, to='shipments.package')),
                ('shipment', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, to='shipments.shipment')),
                ('shipment_line', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, to='shipments.shipmentline')),
            ],
            options={
                'db_table': 'shipments_carried_line',
                'indexes': [models.Index(fields=['shipment_line'], name='shipments_carried_line_of_line'), models.Index(fields=['shipment'], name='shipments_carried_lines')],
                'constraints': [models.UniqueConstraint(fields=('package', 'shipment_line'), name='shipments_carried_line_once'), models.CheckConstraint(condition=models.Q(('quantity__gt', 0)), name='shipments_carried_line_quantity')],
            },
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
