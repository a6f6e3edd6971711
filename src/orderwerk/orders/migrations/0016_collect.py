"""An order may be collected: where is agreed when it is placed and never changes."""

import django.db.models.deletion
from django.db import migrations, models

FORWARD = """
create trigger orders_order_collect_frozen before update of collect_location_id on orders_order
  for each row when (old.collect_location_id is distinct from new.collect_location_id)
  execute function refuse_frozen();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('orders', '0015_claims'),
        ('stock', '0018_serial_guards'),
    ]

    operations = [
        migrations.AddField(
            model_name='order',
            name='collect_location',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, to='stock.stocklocation'),
        ),
        migrations.RunSQL(FORWARD),
    ]
