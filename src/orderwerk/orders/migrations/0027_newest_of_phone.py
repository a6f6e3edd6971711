"""The newest orders of a telephone number are found without reading all of them."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('orders', '0026_newest_of_email'),
    ]

    operations = [
        # Nobody waits behind it while it waits for those who read already.
        migrations.RunSQL('set lock_timeout = 0', migrations.RunSQL.noop),
        # What a first try that was stopped in the middle left behind.
        migrations.RunSQL('drop index concurrently if exists orders_order_phone_newest', migrations.RunSQL.noop),
        AddIndexConcurrently(
            model_name='order',
            index=models.Index(fields=['customer_phone', '-placed_at', '-id'], name='orders_order_phone_newest'),
        ),
        migrations.RunSQL('set lock_timeout = 2000', migrations.RunSQL.noop),
    ]
