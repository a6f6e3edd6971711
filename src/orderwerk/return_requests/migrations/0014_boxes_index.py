"""What lies in a box is found without looking at every request."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('return_requests', '0013_boxes_checked'),
    ]

    operations = [
        # Nobody waits behind it while it waits for those who read already.
        migrations.RunSQL('set lock_timeout = 0', migrations.RunSQL.noop),
        # What a first try that was stopped in the middle left behind.
        migrations.RunSQL('drop index concurrently if exists return_requests_in_box', migrations.RunSQL.noop),
        AddIndexConcurrently(
            model_name='returnrequest',
            index=models.Index(condition=models.Q(('in_box_of__isnull', False)), fields=['in_box_of'], name='return_requests_in_box'),
        ),
        migrations.RunSQL('set lock_timeout = 2000', migrations.RunSQL.noop),
    ]
