"""A label is found by its barcode, whatever account it is of."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('shipments', '0027_labels'),
    ]

    operations = [
        # Nobody waits behind it while it waits for those who read already.
        migrations.RunSQL('set lock_timeout = 0', migrations.RunSQL.noop),
        # What a first try that was stopped in the middle left behind.
        migrations.RunSQL('drop index concurrently if exists shipments_label_by_barcode', migrations.RunSQL.noop),
        AddIndexConcurrently(
            model_name='shippinglabel',
            index=models.Index(condition=models.Q(('barcode', ''), _negated=True), fields=['barcode'], name='shipments_label_by_barcode'),
        ),
        migrations.RunSQL('set lock_timeout = 2000', migrations.RunSQL.noop),
    ]
