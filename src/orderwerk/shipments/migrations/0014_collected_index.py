"""What was handed over at a counter is found without reading all shipments."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('shipments', '0013_collect'),
    ]

    operations = [
        # Nobody waits behind it while it waits for those who read already.
        migrations.RunSQL('set lock_timeout = 0', migrations.RunSQL.noop),
        # What a first try that was stopped in the middle left behind.
        migrations.RunSQL('drop index concurrently if exists shipments_collected', migrations.RunSQL.noop),
        AddIndexConcurrently(
            model_name='shipment',
            index=models.Index(condition=models.Q(('collected_by', ''), _negated=True), fields=['-id'], name='shipments_collected'),
        ),
        migrations.RunSQL('set lock_timeout = 2000', migrations.RunSQL.noop),
    ]
