"""Answers that show an order are found without reading all of a month."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('core', '0006_answers_of_orders'),
    ]

    operations = [
        # Nobody waits behind it while it waits for those who read already.
        migrations.RunSQL('set lock_timeout = 0', migrations.RunSQL.noop),
        # What a first try that was stopped in the middle left behind.
        migrations.RunSQL('drop index concurrently if exists core_idempotency_order', migrations.RunSQL.noop),
        AddIndexConcurrently(
            model_name='idempotencykey',
            index=models.Index(condition=models.Q(('order_id__isnull', False)), fields=['order_id'], name='core_idempotency_order'),
        ),
        migrations.RunSQL('set lock_timeout = 2000', migrations.RunSQL.noop),
    ]
