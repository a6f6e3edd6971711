"""What leaves in one parcel goes to one door."""

from django.db import migrations

FORWARD = r"""
create function shipments_check_door() returns trigger language plpgsql as $$
begin
  if exists (
    select from shipments_shipment b where b.id = new.combined_into_id and b.status in ('shipped', 'delivered')
      and jsonb_strip_nulls(b.delivery_address) is distinct from jsonb_strip_nulls(new.delivery_address)
  ) then
    raise exception 'what leaves in one parcel goes to one door'
      using errcode = 'check_violation', constraint = 'shipments_shipment_one_door';
  end if;
  return null;
end $$;
-- After the statement that lets both leave: the parcel's own shipment has its address then.
create trigger shipments_shipment_one_door after update of status on shipments_shipment
  for each row when (new.status = 'shipped' and old.status <> 'shipped' and new.combined_into_id is not null)
  execute function shipments_check_door();
"""


class Migration(migrations.Migration):
    dependencies = [('shipments', '0016_picked_serial')]
    operations = [migrations.RunSQL(FORWARD)]
