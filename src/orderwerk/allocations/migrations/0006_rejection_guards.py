"""A rejection belongs to an order of its shop, and stays."""

from django.db import migrations

FORWARD = r"""
alter table allocations_rejection add constraint allocations_rejection_order_fk foreign key (shop_id, order_id) references orders_order (shop_id, id);
alter table allocations_rejection add constraint allocations_rejection_clean_text check (is_clean_text(reason) and is_clean_text(actor_name) and length(reason) <= 500);
create trigger allocations_rejection_kept before delete or truncate on allocations_rejection
  for each statement execute function refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [('allocations', '0005_rejection'), ('core', '0003_guards')]
    operations = [migrations.RunSQL(FORWARD)]
