"""The labels that failed are listed without reading all of them."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('shipments', '0028_label_barcode'),
    ]

    operations = [
        # Nobody waits behind it while it waits for those who read already.
        migrations.RunSQL('set lock_timeout = 0', migrations.RunSQL.noop),
        # What a first try that was stopped in the middle left behind.
        migrations.RunSQL('drop index concurrently if exists shipments_labels_failed', migrations.RunSQL.noop),
        AddIndexConcurrently(
            model_name='shippinglabel',
            index=models.Index(condition=models.Q(('status', 'failed')), fields=['id'], name='shipments_labels_failed'),
        ),
        migrations.RunSQL('set lock_timeout = 2000', migrations.RunSQL.noop),
    ]
