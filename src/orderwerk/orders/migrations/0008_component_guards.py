"""What a line of a kit needs belongs to that line, and never changes but in its counters."""

from django.db import migrations

FORWARD = r"""
alter table orders_component add constraint orders_component_line_fk foreign key (order_id, shop_id, order_line_id) references orders_line (order_id, shop_id, id);
create trigger orders_component_kept before delete or truncate on orders_component
  for each statement execute function refuse_change();
create trigger orders_component_frozen before update of shop_id, order_id, order_line_id, product_id, per_kit on orders_component
  for each row when (old.shop_id is distinct from new.shop_id or old.order_id is distinct from new.order_id or old.order_line_id is distinct from new.order_line_id or old.product_id is distinct from new.product_id or old.per_kit is distinct from new.per_kit)
  execute function refuse_frozen();
"""


class Migration(migrations.Migration):
    dependencies = [('orders', '0007_components'), ('core', '0003_guards')]
    operations = [migrations.RunSQL(FORWARD)]
