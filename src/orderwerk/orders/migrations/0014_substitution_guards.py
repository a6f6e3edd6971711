"""A substitute is decided once and what was offered never changes; an order grows by its line and by nothing else."""

from django.db import migrations

FORWARD = r"""
create trigger orders_substitution_status_start before insert on orders_substitution
  for each row execute function guard_status('proposed', '');
create trigger orders_substitution_status_moves before update of status on orders_substitution
  for each row when (old.status is distinct from new.status)
  execute function guard_status('', 'proposed>accepted,proposed>declined,proposed>expired,proposed>withdrawn');
create constraint trigger orders_substitution_has_event after insert or update of version on orders_substitution
  deferrable initially deferred for each row execute function require_event();
create trigger orders_substitution_kept before delete or truncate on orders_substitution
  for each statement execute function refuse_change();
create trigger orders_substitution_frozen before update of shop_id, order_id, order_line_id, product_id, quantity, unit_price_minor, gross_minor, tax_rate, proposed_by, created_at, expires_at on orders_substitution
  for each row when ((old.shop_id, old.order_id, old.order_line_id, old.product_id, old.quantity, old.unit_price_minor, old.gross_minor, old.tax_rate, old.proposed_by, old.created_at, old.expires_at)
    is distinct from (new.shop_id, new.order_id, new.order_line_id, new.product_id, new.quantity, new.unit_price_minor, new.gross_minor, new.tax_rate, new.proposed_by, new.created_at, new.expires_at))
  execute function refuse_frozen();
alter table orders_substitution add constraint orders_substitution_order_fk foreign key (shop_id, order_id) references orders_order (shop_id, id);
alter table orders_substitution add constraint orders_substitution_line_fk foreign key (order_id, shop_id, order_line_id) references orders_line (order_id, shop_id, id);
alter table orders_substitution add constraint orders_substitution_new_line_fk foreign key (order_id, shop_id, new_line_id) references orders_line (order_id, shop_id, id);
alter table orders_substitution add constraint orders_substitution_clean_text check (is_clean_text(proposed_by) and is_clean_text(decided_by));

-- Totals and units may grow, together and never alone; at the end of the transaction they are the sums of the lines.
drop trigger orders_order_frozen on orders_order;
create trigger orders_order_frozen before update of shop_id, external_id, number, document_sha256, placed_at, currency, prices_include_tax, discount_minor, shipping_minor, shipping_net_minor, shipping_tax_minor, shipping_tax_rate on orders_order
  for each row when (old.shop_id is distinct from new.shop_id or old.external_id is distinct from new.external_id or old.number is distinct from new.number or old.document_sha256 is distinct from new.document_sha256 or old.placed_at is distinct from new.placed_at or old.currency is distinct from new.currency or old.prices_include_tax is distinct from new.prices_include_tax or old.discount_minor is distinct from new.discount_minor or old.shipping_minor is distinct from new.shipping_minor or old.shipping_net_minor is distinct from new.shipping_net_minor or old.shipping_tax_minor is distinct from new.shipping_tax_minor or old.shipping_tax_rate is distinct from new.shipping_tax_rate)
  execute function refuse_frozen();
create trigger orders_order_only_grows before update of items_minor, tax_minor, grand_total_minor, units_ordered on orders_order
  for each row when (new.items_minor < old.items_minor or new.tax_minor < old.tax_minor or new.grand_total_minor < old.grand_total_minor or new.units_ordered < old.units_ordered
    or (new.units_ordered = old.units_ordered and (old.items_minor, old.tax_minor, old.grand_total_minor) is distinct from (new.items_minor, new.tax_minor, new.grand_total_minor)))
  execute function refuse_frozen();
create function orders_totals_of_lines() returns trigger language plpgsql as $$
declare agrees boolean;
begin
  select o.units_ordered = l.units and o.items_minor = l.items and o.tax_minor = l.tax + o.shipping_tax_minor
      and o.grand_total_minor = l.gross + o.shipping_net_minor + o.shipping_tax_minor
    into agrees
    from orders_order o join (
      select order_id, sum(quantity) as units, sum(quantity * unit_price_minor - discount_minor) as items, sum(tax_minor) as tax,
        sum(gross_minor) as gross from orders_line where order_id = new.id group by order_id) l on l.order_id = o.id
    where o.id = new.id;
  if agrees is not true then
    raise exception 'the totals of order % are not those of its lines', new.number
      using errcode = 'check_violation', constraint = 'orders_order_totals_of_lines';
  end if;
  return null;
end $$;
create constraint trigger orders_order_totals_of_lines after update of units_ordered on orders_order
  deferrable initially deferred for each row when (old.units_ordered is distinct from new.units_ordered)
  execute function orders_totals_of_lines();
"""


class Migration(migrations.Migration):
    dependencies = [('orders', '0013_substitutions'), ('core', '0003_guards')]
    operations = [migrations.RunSQL(FORWARD)]
