"""What has arrived, if only a package of it, is not undone."""

from django.db import migrations

FORWARD = r"""
create function shipments_check_undoing() returns trigger language plpgsql as $$
begin
  if exists (select from shipments_package g where g.shipment_id = new.id and g.delivered_at is not null) then
    raise exception 'a shipment of which a package has arrived is not undone'
      using errcode = 'check_violation', constraint = 'shipments_shipment_undone';
  end if;
  return null;
end $$;
create trigger shipments_shipment_undone after update of status on shipments_shipment
  for each row when (new.status = 'cancelled' and old.status <> 'cancelled') execute function shipments_check_undoing();
"""


class Migration(migrations.Migration):
    dependencies = [('shipments', '0020_box_sizes')]
    operations = [migrations.RunSQL(FORWARD)]
