"""Movements are the only writer of what lies where; levels and bins follow them in the same statement."""

from django.db import migrations

FORWARD = r"""
create constraint trigger stock_location_has_event after insert or update of version on stock_location
  deferrable initially deferred for each row execute function require_event();

create trigger stock_movement_append_only before update or delete or truncate on stock_movement
  for each statement execute function refuse_change();

create trigger stock_level_kept before delete or truncate on stock_level
  for each statement execute function refuse_change();

create trigger stock_bin_stock_kept before delete or truncate on stock_bin_stock
  for each statement execute function refuse_change();
alter table stock_bin_stock add constraint stock_bin_stock_level_fk foreign key (product_id, location_id) references stock_level (product_id, location_id);
alter table stock_bin_stock add constraint stock_bin_stock_bin_fk foreign key (location_id, bin_id) references stock_bin (location_id, id);
alter table stock_movement add constraint stock_movement_bin_fk foreign key (location_id, bin_id) references stock_bin (location_id, id);
alter table stock_location add constraint stock_location_clean_text check (is_clean_text(code) and is_clean_text(name) and is_clean_text(country) and is_clean_json(address) and length(code) <= 60 and length(name) <= 200);
alter table stock_bin add constraint stock_bin_clean_text check (is_clean_text(code) and length(code) <= 60);
alter table stock_movement add constraint stock_movement_clean_text check (is_clean_text(lot) and is_clean_text(reason) and is_clean_text(actor_name) and length(reason) <= 500);

-- The ledger writes the counters: on hand and the bins' quantities cannot drift from the movements.
create function stock_apply_movements() returns trigger language plpgsql as $$
begin
  insert into stock_level (id, product_id, location_id, on_hand, allocated, safety_stock)
  select gen_random_uuid(), m.product_id, m.location_id, 0, 0, 0
  from (select distinct product_id, location_id from added) m
  where not exists (select 1 from stock_level l where l.product_id = m.product_id and l.location_id = m.location_id)
  order by m.product_id, m.location_id
  on conflict (product_id, location_id) do nothing;

  update stock_level l set on_hand = l.on_hand + m.delta
  from (select product_id, location_id, sum(delta) as delta from added group by 1, 2) m
  where l.product_id = m.product_id and l.location_id = m.location_id and m.delta <> 0;

  insert into stock_bin_stock (id, product_id, location_id, bin_id, lot, quantity, planned)
  select gen_random_uuid(), m.product_id, m.location_id, m.bin_id, m.lot, 0, 0
  from (select distinct product_id, location_id, bin_id, lot from added) m
  where not exists (select 1 from stock_bin_stock b where b.product_id = m.product_id
    and b.location_id = m.location_id and b.bin_id = m.bin_id and b.lot = m.lot)
  order by m.product_id, m.location_id, m.bin_id, m.lot
  on conflict (product_id, location_id, bin_id, lot) do nothing;

  update stock_bin_stock b set quantity = b.quantity + m.delta
  from (select product_id, location_id, bin_id, lot, sum(delta) as delta from added group by 1, 2, 3, 4) m
  where b.product_id = m.product_id and b.location_id = m.location_id and b.bin_id = m.bin_id and b.lot = m.lot
    and m.delta <> 0;
  return null;
end $$;
create trigger stock_movement_applies after insert on stock_movement
  referencing new table as added for each statement execute function stock_apply_movements();

create function refuse_direct_stock() returns trigger language plpgsql as $$
begin
  raise exception 'on hand changes only through a stock movement'
    using errcode = 'check_violation', constraint = tg_table_name || '_only_by_movement';
end $$;
create trigger stock_level_only_by_movement before update of on_hand on stock_level
  for each row when (pg_trigger_depth() = 0 and old.on_hand is distinct from new.on_hand)
  execute function refuse_direct_stock();
create trigger stock_level_starts_empty before insert on stock_level
  for each row when (new.on_hand <> 0 or new.allocated <> 0) execute function refuse_direct_stock();
create trigger stock_bin_stock_only_by_movement before update of quantity on stock_bin_stock
  for each row when (pg_trigger_depth() = 0 and old.quantity is distinct from new.quantity)
  execute function refuse_direct_stock();
create trigger stock_bin_stock_starts_empty before insert on stock_bin_stock
  for each row when (new.quantity <> 0 or new.planned <> 0) execute function refuse_direct_stock();
"""

class Migration(migrations.Migration):
    dependencies = [('stock', '0001_initial'), ('core', '0003_guards')]
    operations = [migrations.RunSQL(FORWARD)]
