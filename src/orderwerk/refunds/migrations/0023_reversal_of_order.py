"""What came back of an order's refunds is found without reading all that ever came back."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('refunds', '0022_difference_of_payment'),
    ]

    operations = [
        # Nobody waits behind it while it waits for those who read already.
        migrations.RunSQL('set lock_timeout = 0', migrations.RunSQL.noop),
        # What a first try that was stopped in the middle left behind.
        migrations.RunSQL('drop index concurrently if exists refunds_reversal_order', migrations.RunSQL.noop),
        AddIndexConcurrently(
            model_name='reversal',
            index=models.Index(fields=['order_id'], name='refunds_reversal_order'),
        ),
        migrations.RunSQL('set lock_timeout = 2000', migrations.RunSQL.noop),
    ]
