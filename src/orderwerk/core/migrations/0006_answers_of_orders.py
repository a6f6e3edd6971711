"""Answers that show an order know which, so that they are erased with it."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0005_series_guards'),
    ]

    operations = [
        migrations.AddField(
            model_name='idempotencykey',
            name='order_id',
            field=models.UUIDField(null=True),
        ),
    ]
