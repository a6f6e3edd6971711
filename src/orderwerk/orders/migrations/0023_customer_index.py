"""The orders of a customer, by the webshop's own number, are found without looking at every order of the shop."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('orders', '0022_retained_checked'),
    ]

    operations = [
        # Nobody waits behind it while it waits for those who read already.
        migrations.RunSQL('set lock_timeout = 0', migrations.RunSQL.noop),
        # What a first try that was stopped in the middle left behind.
        migrations.RunSQL('drop index concurrently if exists orders_order_customer', migrations.RunSQL.noop),
        AddIndexConcurrently(
            model_name='order',
            index=models.Index(condition=models.Q(('customer_external_id__isnull', False)), fields=['shop', 'customer_external_id'], name='orders_order_customer'),
        ),
        migrations.RunSQL('set lock_timeout = 2000', migrations.RunSQL.noop),
    ]
