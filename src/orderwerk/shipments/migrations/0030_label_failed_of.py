"""Shipments of which a label failed are found by it."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('shipments', '0029_labels_failed'),
    ]

    operations = [
        # Nobody waits behind it while it waits for those who read already.
        migrations.RunSQL('set lock_timeout = 0', migrations.RunSQL.noop),
        # What a first try that was stopped in the middle left behind.
        migrations.RunSQL('drop index concurrently if exists shipments_label_failed_of', migrations.RunSQL.noop),
        AddIndexConcurrently(
            model_name='shippinglabel',
            index=models.Index(condition=models.Q(('status', 'failed')), fields=['shipment'], name='shipments_label_failed_of'),
        ),
        migrations.RunSQL('set lock_timeout = 2000', migrations.RunSQL.noop),
    ]
