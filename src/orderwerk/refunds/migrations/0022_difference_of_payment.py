"""Differences about a payment are found without reading all of them; most are about one."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('refunds', '0021_erase_words'),
    ]

    operations = [
        # Nobody waits behind it while it waits for those who read already.
        migrations.RunSQL('set lock_timeout = 0', migrations.RunSQL.noop),
        # What a first try that was stopped in the middle left behind.
        migrations.RunSQL('drop index concurrently if exists refunds_difference_payment', migrations.RunSQL.noop),
        AddIndexConcurrently(
            model_name='difference',
            index=models.Index(condition=models.Q(('payment__isnull', False)), fields=['payment'], name='refunds_difference_payment'),
        ),
        migrations.RunSQL('set lock_timeout = 2000', migrations.RunSQL.noop),
    ]
