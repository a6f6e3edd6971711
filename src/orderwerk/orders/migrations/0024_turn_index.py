"""Who waits for stock is listed in turn: by priority, then first come; forwards and backwards by one index."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models import F


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('orders', '0023_customer_index'),
    ]

    operations = [
        # Nobody waits behind it while it waits for those who read already.
        migrations.RunSQL('set lock_timeout = 0', migrations.RunSQL.noop),
        # What a first try that was stopped in the middle left behind.
        migrations.RunSQL('drop index concurrently if exists orders_order_turn', migrations.RunSQL.noop),
        AddIndexConcurrently(
            model_name='order',
            index=models.Index(F('priority') * -1, 'placed_at', 'id', condition=models.Q(('status', 'awaiting_stock')), name='orders_order_turn'),
        ),
        migrations.RunSQL('set lock_timeout = 2000', migrations.RunSQL.noop),
    ]
