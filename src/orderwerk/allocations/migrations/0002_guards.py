"""An allocation shares order and shop with its line, and stands on a stock level."""

from django.db import migrations

FORWARD = r"""
create trigger allocations_allocation_status_start before insert on allocations_allocation
  for each row execute function guard_status('allocated,picked', '');
create trigger allocations_allocation_status_moves before update of status on allocations_allocation
  for each row when (old.status is distinct from new.status)
  execute function guard_status('', 'allocated>picking,allocated>released,allocated>shipped,picked>allocated,picked>released,picked>shipped,picking>allocated,picking>picked,picking>released,shipped>allocated,shipped>picked');

create trigger allocations_allocation_kept before delete or truncate on allocations_allocation
  for each statement execute function refuse_change();
alter table allocations_allocation add constraint allocations_allocation_line_fk foreign key (order_id, shop_id, order_line_id) references orders_line (order_id, shop_id, id);
alter table allocations_allocation add constraint allocations_allocation_level_fk foreign key (product_id, location_id) references stock_level (product_id, location_id);

create trigger allocations_allocation_frozen before update of shop_id, order_id, order_line_id, product_id, location_id on allocations_allocation
  for each row when (old.shop_id is distinct from new.shop_id or old.order_id is distinct from new.order_id or old.order_line_id is distinct from new.order_line_id or old.product_id is distinct from new.product_id or old.location_id is distinct from new.location_id)
  execute function refuse_frozen();
alter table allocations_allocation add constraint allocations_allocation_clean_text check (is_clean_json(explanation));
"""

class Migration(migrations.Migration):
    dependencies = [('allocations', '0001_initial'), ('orders', '0003_guards'), ('stock', '0002_guards')]
    operations = [migrations.RunSQL(FORWARD)]
