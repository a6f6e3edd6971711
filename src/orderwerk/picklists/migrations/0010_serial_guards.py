"""A pick line has no more serial numbers than pieces that were picked from it; what is put back has none."""

from django.db import migrations

FORWARD = r"""
create function picklists_check_serials() returns trigger language plpgsql as $$
begin
  if exists (
    select from (select distinct pick_line_id, order_id, product_id from added where pick_line_id is not null) a
    left join picklists_line l on l.id = a.pick_line_id and l.order_id = a.order_id and l.product_id = a.product_id
    where l.id is null
      or (select count(*) from shipments_serial s where s.order_id = a.order_id and s.pick_line_id = a.pick_line_id) > l.picked
  ) then
    raise exception 'a pick line has more serial numbers than picked pieces'
      using errcode = 'check_violation', constraint = 'picklists_line_serials';
  end if;
  return null;
end $$;
create trigger picklists_serial_added after insert on shipments_serial
  referencing new table as added for each statement execute function picklists_check_serials();
create trigger picklists_serial_changed after update on shipments_serial
  referencing new table as added for each statement execute function picklists_check_serials();

-- The order is locked by whoever comes here; what has left stays recorded.
create function picklists_free_serials() returns trigger language plpgsql as $$
begin
  delete from shipments_serial s using shipments_shipment h
  where s.order_id = new.order_id and s.pick_line_id = new.id and h.id = s.shipment_id and h.status in ('open', 'announced');
  return null;
end $$;
create trigger picklists_line_frees_serials after update on picklists_line
  for each row when (new.picked < old.picked) execute function picklists_free_serials();
"""


class Migration(migrations.Migration):
    dependencies = [('picklists', '0009_serial_step_checked'), ('shipments', '0016_picked_serial')]
    operations = [migrations.RunSQL(FORWARD)]
