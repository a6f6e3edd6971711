"""What somebody has on hold is found without looking at every hold there ever was."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('orders', '0019_hold_rules'),
    ]

    operations = [
        # Nobody waits behind it while it waits for those who read already.
        migrations.RunSQL('set lock_timeout = 0', migrations.RunSQL.noop),
        # What a first try that was stopped in the middle left behind.
        migrations.RunSQL('drop index concurrently if exists orders_hold_owned', migrations.RunSQL.noop),
        AddIndexConcurrently(
            model_name='hold',
            index=models.Index(condition=models.Q(('released_at__isnull', True)), fields=['assigned_to', 'order'], name='orders_hold_owned'),
        ),
        migrations.RunSQL('set lock_timeout = 2000', migrations.RunSQL.noop),
    ]
