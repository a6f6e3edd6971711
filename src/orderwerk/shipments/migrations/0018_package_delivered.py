"""A package arrives by its own code; its shipment with the last of them."""

from django.db import migrations, models

FORWARD = r"""
create function shipments_check_arrival() returns trigger language plpgsql as $$
begin
  if (select bool_or(g.delivered_at is null) and bool_or(g.delivered_at is not null) from shipments_package g where g.shipment_id = new.id) then
    raise exception 'a shipment is delivered with the last of its packages'
      using errcode = 'check_violation', constraint = 'shipments_shipment_arrived';
  end if;
  return null;
end $$;
create trigger shipments_shipment_arrived after update of status on shipments_shipment
  for each row when (new.status = 'delivered' and old.status <> 'delivered') execute function shipments_check_arrival();
"""


class Migration(migrations.Migration):
    dependencies = [('shipments', '0017_one_door')]
    operations = [
        migrations.AddField(
            model_name='package',
            name='delivered_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.RunSQL(FORWARD),
    ]
