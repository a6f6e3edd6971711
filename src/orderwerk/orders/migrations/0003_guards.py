"""What was agreed never changes; statuses are counted; names are searchable; nothing is deleted."""

from django.db import migrations

FORWARD = r"""create sequence orders_number start 1001;

create constraint trigger orders_order_has_event after insert or update of version on orders_order
  deferrable initially deferred for each row execute function require_event();

create trigger orders_order_kept before delete or truncate on orders_order
  for each statement execute function refuse_change();

create trigger orders_line_kept before delete or truncate on orders_line
  for each statement execute function refuse_change();

create trigger orders_hold_kept before delete or truncate on orders_hold
  for each statement execute function refuse_change();

create trigger orders_order_frozen before update of shop_id, external_id, number, document_sha256, placed_at, currency, prices_include_tax, items_minor, discount_minor, shipping_minor, shipping_net_minor, shipping_tax_minor, shipping_tax_rate, tax_minor, grand_total_minor, units_ordered on orders_order
  for each row when (old.shop_id is distinct from new.shop_id or old.external_id is distinct from new.external_id or old.number is distinct from new.number or old.document_sha256 is distinct from new.document_sha256 or old.placed_at is distinct from new.placed_at or old.currency is distinct from new.currency or old.prices_include_tax is distinct from new.prices_include_tax or old.items_minor is distinct from new.items_minor or old.discount_minor is distinct from new.discount_minor or old.shipping_minor is distinct from new.shipping_minor or old.shipping_net_minor is distinct from new.shipping_net_minor or old.shipping_tax_minor is distinct from new.shipping_tax_minor or old.shipping_tax_rate is distinct from new.shipping_tax_rate or old.tax_minor is distinct from new.tax_minor or old.grand_total_minor is distinct from new.grand_total_minor or old.units_ordered is distinct from new.units_ordered)
  execute function refuse_frozen();

create trigger orders_line_frozen before update of shop_id, order_id, position, sku, unit_price_minor, discount_minor, order_discount_minor, tax_rate, net_minor, tax_minor, gross_minor, quantity on orders_line
  for each row when (old.shop_id is distinct from new.shop_id or old.order_id is distinct from new.order_id or old.position is distinct from new.position or old.sku is distinct from new.sku or old.unit_price_minor is distinct from new.unit_price_minor or old.discount_minor is distinct from new.discount_minor or old.order_discount_minor is distinct from new.order_discount_minor or old.tax_rate is distinct from new.tax_rate or old.net_minor is distinct from new.net_minor or old.tax_minor is distinct from new.tax_minor or old.gross_minor is distinct from new.gross_minor or old.quantity is distinct from new.quantity)
  execute function refuse_frozen();

create trigger orders_line_product_frozen before update of product_id on orders_line
  for each row when (old.product_id is not null and old.product_id is distinct from new.product_id)
  execute function refuse_frozen();
alter table orders_line add constraint orders_line_order_fk foreign key (shop_id, order_id) references orders_order (shop_id, id);
alter table orders_hold add constraint orders_hold_order_fk foreign key (shop_id, order_id) references orders_order (shop_id, id);
alter table orders_search add constraint orders_search_order_fk foreign key (shop_id, order_id) references orders_order (shop_id, id);
alter table orders_order add constraint orders_order_clean_text check (is_clean_text(external_id) and is_clean_text(number) and is_clean_text(customer_external_id) and is_clean_text(customer_email) and is_clean_text(customer_name) and is_clean_text(customer_phone) and is_clean_text(customer_company) and is_clean_text(customer_vat_number) and is_clean_text(comment) and is_clean_text(shipping_method) and is_clean_text(shipping_name) and is_clean_text(discount_code) and is_clean_text(tags::text) and is_clean_json(billing_address) and is_clean_json(delivery_address) and is_clean_json(metadata) and length(external_id) <= 200 and length(number) <= 60 and length(customer_name) <= 200 and length(comment) <= 5000);
alter table orders_line add constraint orders_line_clean_text check (is_clean_text(sku) and is_clean_text(name) and is_clean_text(external_id) and length(sku) <= 100 and length(name) <= 500);
alter table orders_hold add constraint orders_hold_clean_text check (is_clean_text(reason) and is_clean_text(owner_name) and is_clean_text(released_by) and length(reason) <= 500);

create index orders_search_words on orders_search using gin (doc) with (fastupdate = on);

create function orders_count_inserted() returns trigger language plpgsql as $$
begin
  insert into orders_tab_count (shop_id, status, n)
  select shop_id, status, count(*) from added group by shop_id, status;
  return null;
end $$;
create trigger orders_order_count_inserted after insert on orders_order
  referencing new table as added for each statement execute function orders_count_inserted();

create function orders_count_updated() returns trigger language plpgsql as $$
begin
  insert into orders_tab_count (shop_id, status, n)
  select shop_id, status, sum(n) from (
    select a.shop_id, a.status, 1 as n from added a join removed r using (id) where a.status <> r.status
    union all
    select r.shop_id, r.status, -1 from added a join removed r using (id) where a.status <> r.status
  ) moved group by shop_id, status having sum(n) <> 0;
  return null;
end $$;
create trigger orders_order_count_updated after update on orders_order
  referencing old table as removed new table as added for each statement execute function orders_count_updated();
"""

class Migration(migrations.Migration):
    dependencies = [('orders', '0002_initial'), ('core', '0003_guards')]
    operations = [migrations.RunSQL(FORWARD)]
