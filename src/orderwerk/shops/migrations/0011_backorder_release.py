"""Whether what becomes free goes to who waits by itself, as it always did, or somebody allocates it."""

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('shops', '0010_withdrawal_portal'),
    ]

    operations = [
        migrations.AddField(
            model_name='shop',
            name='backorder_release',
            field=models.TextField(db_default='automatic', default='automatic'),
        ),
        AddConstraintNotValid(
            model_name='shop',
            constraint=models.CheckConstraint(condition=models.Q(('backorder_release__in', ['automatic', 'by_hand'])), name='shops_shop_backorder_release'),
        ),
    ]
