"""A repair is kept for ever, and sets the counters of its level to what ledger, claims and pick lists say."""

from django.db import migrations

FORWARD = r"""
create function stock_apply_repairs() returns trigger language plpgsql as $$
begin
  update stock_bin_stock b
  set quantity = coalesce((select sum(m.delta) from stock_movement m where m.product_id = b.product_id
        and m.location_id = b.location_id and m.bin_id = b.bin_id and m.lot = b.lot), 0),
      planned = coalesce((select sum(l.quantity - l.picked - l.short - l.cancelled) from picklists_line l where l.is_open
        and l.product_id = b.product_id and l.location_id = b.location_id and l.bin_id = b.bin_id and l.lot = b.lot), 0)
  from added a where b.product_id = a.product_id and b.location_id = a.location_id;
  update stock_level s
  set on_hand = coalesce((select sum(m.delta) from stock_movement m where m.product_id = s.product_id
        and m.location_id = s.location_id), 0),
      allocated = coalesce((select sum(c.quantity) from allocations_allocation c where c.product_id = s.product_id
        and c.location_id = s.location_id and c.status in ('allocated', 'picking', 'picked')), 0)
  from added a where s.product_id = a.product_id and s.location_id = a.location_id;
  return null;
end $$;
create trigger stock_repair_applies after insert on stock_repair
  referencing new table as added for each statement execute function stock_apply_repairs();
create trigger stock_repair_append_only before update or delete or truncate on stock_repair
  for each statement execute function refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [('stock', '0012_repair')]
    operations = [migrations.RunSQL(FORWARD)]
