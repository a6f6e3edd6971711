"""Whether pieces leave by serial number may change while pieces are there: nothing that lies on a shelf depends on it."""

from django.db import migrations

FORWARD = r"""
create or replace function stock_check_tracking() returns trigger language plpgsql as $$
begin
  -- Who ships holds the product, so that goods leave either with their serial numbers or without.
  perform from catalog_product where id = new.id for update;
  if (old.tracking = 'lot') <> (new.tracking = 'lot') and (
    exists (select from stock_level where product_id = new.id and on_hand <> 0)
    or exists (select from stock_inbound_line x join stock_inbound i on i.id = x.inbound_id and i.kind = 'transfer'
      where x.product_id = new.id and x.expected > x.received + x.closed)) then
    raise exception 'pieces of % are there; whether they are kept by lot changes only while there are none', new.sku
      using errcode = 'check_violation', constraint = 'catalog_product_tracking_empty';
  end if;
  return new;
end $$;
"""


class Migration(migrations.Migration):
    dependencies = [('stock', '0017_lot_guards'), ('catalog', '0007_serial_tracking')]
    operations = [migrations.RunSQL(FORWARD)]
