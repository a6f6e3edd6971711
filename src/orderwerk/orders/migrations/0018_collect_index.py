"""What customers come for is counted without looking at the orders of everything that waits."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('orders', '0017_claims_checked'),
    ]

    operations = [
        # Nobody waits behind it while it waits for those who read already.
        migrations.RunSQL('set lock_timeout = 0', migrations.RunSQL.noop),
        # What a first try that was stopped in the middle left behind.
        migrations.RunSQL('drop index concurrently if exists orders_to_collect', migrations.RunSQL.noop),
        AddIndexConcurrently(
            model_name='order',
            index=models.Index(condition=models.Q(('collect_location__isnull', False)), fields=['id'], name='orders_to_collect'),
        ),
        migrations.RunSQL('set lock_timeout = 2000', migrations.RunSQL.noop),
    ]
