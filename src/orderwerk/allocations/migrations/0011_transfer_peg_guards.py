"""Pieces that travel for an order are its own: of its own transfer, to one place, never more than it wants or is in transit."""

from django.db import migrations

FORWARD = r"""
alter table allocations_transfer_peg add constraint allocations_transfer_peg_line_fk foreign key (order_id, shop_id, order_line_id) references orders_line (order_id, shop_id, id);
alter table allocations_transfer_peg add constraint allocations_transfer_peg_inbound_line_fk foreign key (location_id, product_id, inbound_line_id) references stock_inbound_line (location_id, product_id, id);
create trigger allocations_transfer_peg_kept before delete or truncate on allocations_transfer_peg
  for each statement execute function refuse_change();
create trigger allocations_transfer_peg_frozen before update on allocations_transfer_peg
  for each row when ((old.id, old.shop_id, old.order_id, old.order_line_id, old.product_id, old.location_id, old.inbound_line_id, old.quantity, old.created_at)
    is distinct from (new.id, new.shop_id, new.order_id, new.order_line_id, new.product_id, new.location_id, new.inbound_line_id, new.quantity, new.created_at)
    or new.arrived < old.arrived or new.dropped < old.dropped)
  execute function refuse_frozen();

-- The order is locked by whoever comes here.
create function allocations_check_pegs() returns trigger language plpgsql as $$
begin
  if exists (
    select from added a join stock_inbound_line x on x.id = a.inbound_line_id join stock_inbound i on i.id = x.inbound_id
    where i.order_id is distinct from a.order_id
  ) then
    raise exception 'pieces travel for an order with a transfer that was sent for it'
      using errcode = 'check_violation', constraint = 'allocations_transfer_peg_of_order';
  end if;
  if exists (
    select from added a join allocations_transfer_peg p on p.order_id = a.order_id and p.quantity > p.arrived + p.dropped
    where p.location_id <> a.location_id
  ) then
    raise exception 'pieces of an order travel to one location at a time'
      using errcode = 'check_violation', constraint = 'allocations_transfer_peg_one_place';
  end if;
  return null;
end $$;
create trigger allocations_transfer_peg_of_order after insert on allocations_transfer_peg
  referencing new table as added for each statement execute function allocations_check_pegs();

create function allocations_check_wanted() returns trigger language plpgsql as $$
begin
  if exists (
    select from (select distinct order_line_id, product_id from added) a join orders_line l on l.id = a.order_line_id
    cross join lateral (
      select sum(x.quantity - x.arrived - x.dropped) as n from allocations_transfer_peg x
      where x.order_line_id = a.order_line_id and x.product_id = a.product_id and x.quantity > x.arrived + x.dropped) p
    where p.n > 0 and p.n + (
      select coalesce(sum(c.quantity), 0) from allocations_allocation c
      where c.order_line_id = a.order_line_id and c.product_id = a.product_id and c.status <> 'released'
    ) > coalesce((
      select k.needed from orders_component k where k.order_line_id = a.order_line_id and k.product_id = a.product_id
    ), l.quantity - l.cancelled)
  ) then
    raise exception 'a line is not promised more pieces than it wants, those that travel for it included'
      using errcode = 'check_violation', constraint = 'allocations_transfer_peg_wanted';
  end if;
  return null;
end $$;
create trigger allocations_transfer_peg_wanted after insert on allocations_transfer_peg
  referencing new table as added for each statement execute function allocations_check_wanted();
create trigger allocations_allocation_wanted after insert on allocations_allocation
  referencing new table as added for each statement execute function allocations_check_wanted();

-- At the end: what comes in is first counted at its line, then handed to the order.
create function allocations_check_transit() returns trigger language plpgsql as $$
declare line uuid;
begin
  if tg_table_name = 'stock_inbound_line' then line := new.id; else line := new.inbound_line_id; end if;
  if (
    select coalesce(sum(p.quantity - p.arrived - p.dropped), 0) from allocations_transfer_peg p where p.inbound_line_id = line
  ) > (select greatest(0, x.expected - x.received - x.closed) from stock_inbound_line x where x.id = line) then
    raise exception 'more pieces travel for orders than are in transit'
      using errcode = 'check_violation', constraint = 'allocations_transfer_peg_in_transit';
  end if;
  return null;
end $$;
create constraint trigger allocations_transfer_peg_in_transit after insert or update on allocations_transfer_peg
  deferrable initially deferred for each row execute function allocations_check_transit();
create constraint trigger stock_inbound_line_pegged after update of received, closed on stock_inbound_line
  deferrable initially deferred for each row when (old.received is distinct from new.received or old.closed is distinct from new.closed)
  execute function allocations_check_transit();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("allocations", "0010_transfer_peg"),
        ("orders", "0016_collect"),
        ("stock", "0019_for_order"),
    ]
    operations = [migrations.RunSQL(FORWARD)]
