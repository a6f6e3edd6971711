"""Pieces of a product that is kept by lot always name their lot; what a blocked lot holds is counted by the database."""

from django.db import migrations

FORWARD = r"""
create trigger stock_lot_kept before delete or truncate on stock_lot
  for each statement execute function refuse_change();
create trigger stock_lot_frozen before update of product_id, code on stock_lot
  for each row when (old.product_id is distinct from new.product_id or old.code is distinct from new.code)
  execute function refuse_frozen();
alter table stock_lot add constraint stock_lot_clean_text check (is_clean_text(code) and is_clean_text(blocked_reason) and length(code) <= 60 and length(blocked_reason) <= 500);
alter table stock_scan add constraint stock_scan_clean_lot check (is_clean_text(lot) and length(lot) <= 60);
alter table stock_receipt add constraint stock_receipt_clean_lot check (is_clean_text(lot) and length(lot) <= 60);

-- Who moves pieces holds how they are kept: neither the product's tracking nor the blocking of a lot changes under it.
create or replace function stock_apply_movements() returns trigger language plpgsql as $$
begin
  perform from catalog_product p where p.id in (select product_id from added) order by p.id for key share;
  perform from stock_lot t where (t.product_id, t.code) in (select product_id, lot from added where lot <> '')
  order by t.id for share;
  if exists (
    select from added m
    left join stock_lot t on t.product_id = m.product_id and t.code = m.lot where m.lot <> '' and t.id is null
  ) then
    raise exception 'pieces name a lot that never came in'
      using errcode = 'check_violation', constraint = 'stock_movement_lot_known';
  end if;
  -- A product whose tracking changed, or a lot that was blocked, between the reading of it and now is no bug of the one who
  -- moves pieces: the whole transaction runs again and meets what holds now, hence the sqlstate.
  if exists (
    select from added m join catalog_product p on p.id = m.product_id where (p.tracking = 'lot') <> (m.lot <> '')
  ) then
    raise exception 'pieces of a product that is kept by lot name their lot, others name none' using errcode = 'serialization_failure';
  end if;
  if exists (
    select from added m join stock_lot t on t.product_id = m.product_id and t.code = m.lot and t.is_blocked
    where m.lot <> '' and m.kind in ('picked', 'shipped')
  ) then
    raise exception 'a lot that is blocked is neither picked nor shipped' using errcode = 'serialization_failure';
  end if;

  insert into stock_level (id, product_id, location_id, on_hand, allocated, safety_stock)
  select gen_random_uuid(), m.product_id, m.location_id, 0, 0, 0
  from (select distinct product_id, location_id from added) m
  where not exists (select 1 from stock_level l where l.product_id = m.product_id and l.location_id = m.location_id)
  order by m.product_id, m.location_id
  on conflict (product_id, location_id) do nothing;

  update stock_level l set on_hand = l.on_hand + m.delta, blocked = l.blocked + m.blocked
  from (
    select a.product_id, a.location_id, sum(a.delta) as delta,
      coalesce(sum(a.delta) filter (where b.kind = 'pick'), 0) as blocked
    from added a
    left join stock_lot t on a.lot <> '' and t.product_id = a.product_id and t.code = a.lot and t.is_blocked
    left join stock_bin b on t.id is not null and b.id = a.bin_id
    group by 1, 2) m
  where l.product_id = m.product_id and l.location_id = m.location_id and (m.delta <> 0 or m.blocked <> 0);

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

create function stock_blocked(product uuid, place uuid) returns int language sql stable as $$
  select coalesce(sum(b.quantity), 0)::int from stock_bin_stock b
  join stock_lot t on t.product_id = b.product_id and t.code = b.lot and t.is_blocked
  join stock_bin k on k.id = b.bin_id and k.kind = 'pick'
  where b.product_id = product and b.location_id = place
$$;

create function stock_count_blocked() returns trigger language plpgsql as $$
begin
  update stock_level l set blocked = stock_blocked(l.product_id, l.location_id)
  where l.product_id = new.product_id and l.blocked <> stock_blocked(l.product_id, l.location_id);
  return null;
end $$;
create trigger stock_lot_blocks after update of is_blocked on stock_lot
  for each row when (old.is_blocked is distinct from new.is_blocked) execute function stock_count_blocked();

create function refuse_direct_blocked() returns trigger language plpgsql as $$
begin
  raise exception 'what is blocked changes only with its lot'
    using errcode = 'check_violation', constraint = 'stock_level_blocked_by_lot';
end $$;
create trigger stock_level_blocked_by_lot before update of blocked on stock_level
  for each row when (pg_trigger_depth() = 0 and old.blocked is distinct from new.blocked)
  execute function refuse_direct_blocked();

create or replace function stock_apply_repairs() returns trigger language plpgsql as $$
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
        and c.location_id = s.location_id and c.status in ('allocated', 'picking', 'picked')), 0),
      blocked = stock_blocked(s.product_id, s.location_id)
  from added a where s.product_id = a.product_id and s.location_id = a.location_id;
  return null;
end $$;

-- How pieces are kept changes while none are there: not on hand, and not in transit.
create function stock_check_tracking() returns trigger language plpgsql as $$
begin
  perform from catalog_product where id = new.id for update;
  if exists (select from stock_level where product_id = new.id and on_hand <> 0)
    or exists (select from stock_inbound_line x join stock_inbound i on i.id = x.inbound_id and i.kind = 'transfer'
      where x.product_id = new.id and x.expected > x.received + x.closed) then
    raise exception 'pieces of % are there; whether they are kept by lot changes only while there are none', new.sku
      using errcode = 'check_violation', constraint = 'catalog_product_tracking_empty';
  end if;
  return new;
end $$;
create trigger catalog_product_tracking_empty before update of tracking on catalog_product
  for each row when (old.tracking is distinct from new.tracking) execute function stock_check_tracking();
"""


class Migration(migrations.Migration):
    dependencies = [('stock', '0016_lot'), ('catalog', '0006_tracking')]
    operations = [migrations.RunSQL(FORWARD)]
