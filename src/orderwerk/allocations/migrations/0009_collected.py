"""Pieces of an order that is collected stand where the customer comes, nowhere else."""

from django.db import migrations

FORWARD = """
create function allocations_check_collected() returns trigger language plpgsql as $$
begin
  if exists (select from added a join orders_order o on o.id = a.order_id where o.collect_location_id <> a.location_id) then
    raise exception 'an order that is collected is claimed where the customer comes'
      using errcode = 'check_violation', constraint = 'allocations_allocation_where_collected';
  end if;
  return null;
end $$;
create trigger allocations_allocation_where_collected after insert on allocations_allocation
  referencing new table as added for each statement execute function allocations_check_collected();
"""


class Migration(migrations.Migration):
    dependencies = [('allocations', '0008_channel'), ('orders', '0016_collect')]
    operations = [migrations.RunSQL(FORWARD)]
