"""The ledger is listed newest first without reading all of it."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('payments', '0013_at_provider'),
    ]

    operations = [
        # Nobody waits behind it while it waits for those who read already.
        migrations.RunSQL('set lock_timeout = 0', migrations.RunSQL.noop),
        # What a first try that was stopped in the middle left behind.
        migrations.RunSQL('drop index concurrently if exists payments_entry_newest', migrations.RunSQL.noop),
        AddIndexConcurrently(
            model_name='entry',
            index=models.Index(fields=['-at', '-id'], name='payments_entry_newest'),
        ),
        migrations.RunSQL('set lock_timeout = 2000', migrations.RunSQL.noop),
    ]
