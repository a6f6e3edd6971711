"""The newest orders that bear tags are found by it: the lists offer their tags for choosing."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('orders', '0031_vat_exemption_checked'),
    ]

    operations = [
        # Nobody waits behind it while it waits for those who read already.
        migrations.RunSQL('set lock_timeout = 0', migrations.RunSQL.noop),
        # What a first try that was stopped in the middle left behind.
        migrations.RunSQL('drop index concurrently if exists orders_order_tagged', migrations.RunSQL.noop),
        AddIndexConcurrently(
            model_name='order',
            index=models.Index(condition=models.Q(('tags', []), _negated=True), fields=['-placed_at', '-id'], name='orders_order_tagged'),
        ),
        migrations.RunSQL('set lock_timeout = 2000', migrations.RunSQL.noop),
    ]
