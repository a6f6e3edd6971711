"""A piece that is out has its serial number once; a shipment leaves with as many of them as pieces, and frees them when it shrinks."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations

FORWARD = r"""
alter table shipments_serial add constraint shipments_serial_shipment_fk foreign key (order_id, shop_id, location_id, shipment_id)
  references shipments_shipment (order_id, shop_id, location_id, id);
alter table shipments_serial add constraint shipments_serial_clean check (serial ~ '^[!-~]([ -~]*[!-~])?$' and length(serial) <= 60);

-- Recorded while the shipment waits, and never more of an article than it holds. The order is locked by whoever comes here.
create function shipments_check_serials() returns trigger language plpgsql as $$
begin
  if exists (select from added a join shipments_shipment h on h.id = a.shipment_id and h.status not in ('open', 'announced')) then
    raise exception 'serial numbers are recorded while a shipment waits'
      using errcode = 'check_violation', constraint = 'shipments_serial_waiting';
  end if;
  if exists (
    select from (select distinct shipment_id, product_id from added) a
    where (select count(*) from shipments_serial s where s.shipment_id = a.shipment_id and s.product_id = a.product_id)
      > (select coalesce(sum(l.quantity), 0) from shipments_line l
         where l.shipment_id = a.shipment_id and l.product_id = a.product_id and l.is_live)
  ) then
    raise exception 'a shipment has more serial numbers than pieces'
      using errcode = 'check_violation', constraint = 'shipments_serial_of_pieces';
  end if;
  return null;
end $$;
create trigger shipments_serial_of_pieces after insert on shipments_serial
  referencing new table as added for each statement execute function shipments_check_serials();

-- What came back came back; what left stays recorded, unless its going is undone, which takes the lines out first.
create function shipments_keep_serial() returns trigger language plpgsql as $$
begin
  if old.returned_at is not null or exists (
    select from shipments_shipment h join shipments_line l on l.shipment_id = h.id and l.product_id = old.product_id and l.is_live
    where h.id = old.shipment_id and h.status in ('shipped', 'delivered')
  ) then
    raise exception 'a piece that left keeps its serial number' using errcode = 'check_violation', constraint = 'shipments_serial_kept';
  end if;
  return old;
end $$;
create trigger shipments_serial_kept before delete on shipments_serial for each row execute function shipments_keep_serial();
create trigger shipments_serial_whole before truncate on shipments_serial for each statement execute function refuse_change();
create trigger shipments_serial_frozen before update on shipments_serial
  for each row when (old.returned_at is not null or (old.id, old.shop_id, old.order_id, old.location_id, old.shipment_id, old.product_id,
    old.serial, old.recorded_at, old.recorded_by) is distinct from (new.id, new.shop_id, new.order_id, new.location_id, new.shipment_id,
    new.product_id, new.serial, new.recorded_at, new.recorded_by))
  execute function refuse_frozen();

-- Which pieces stay when a shipment loses some is not known: all of that article are scanned again.
create function shipments_free_serials() returns trigger language plpgsql as $$
begin
  delete from shipments_serial s where s.shipment_id = old.shipment_id and s.product_id = old.product_id and s.returned_at is null
    and (select count(*) from shipments_serial n where n.shipment_id = old.shipment_id and n.product_id = old.product_id)
      > (select coalesce(sum(l.quantity), 0) from shipments_line l
         where l.shipment_id = old.shipment_id and l.product_id = old.product_id and l.is_live);
  return null;
end $$;
create trigger shipments_line_frees_serials after update on shipments_line
  for each row when (old.is_live and (not new.is_live or new.quantity < old.quantity or new.shipment_id <> old.shipment_id))
  execute function shipments_free_serials();

create function shipments_check_left() returns trigger language plpgsql as $$
begin
  -- A product whose tracking changed between the reading of it and now is no bug of the one who ships: the transaction runs
  -- again and meets what holds now, hence the sqlstate.
  if exists (
    select from shipments_line l join catalog_product p on p.id = l.product_id and p.tracking = 'serial'
    where l.shipment_id = new.id and l.is_live and l.serials = 0
  ) then
    raise exception 'pieces of a product with serial numbers leave with them' using errcode = 'serialization_failure';
  end if;
  if exists (
    select from (select product_id, sum(serials) as n from shipments_line where shipment_id = new.id and is_live group by product_id) l
    where l.n <> (select count(*) from shipments_serial s where s.shipment_id = new.id and s.product_id = l.product_id)
  ) then
    raise exception 'a shipment leaves with as many serial numbers as pieces'
      using errcode = 'check_violation', constraint = 'shipments_serial_each';
  end if;
  return null;
end $$;
create trigger shipments_shipment_serials after update of status on shipments_shipment
  for each row when (new.status = 'shipped' and old.status <> 'shipped') execute function shipments_check_left();
"""


class Migration(migrations.Migration):
    dependencies = [('shipments', '0011_serial'), ('catalog', '0007_serial_tracking')]
    operations = [ValidateConstraint(model_name='shipmentline', name='shipments_line_serials'), migrations.RunSQL(FORWARD)]
