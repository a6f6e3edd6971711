"""How long goods lie ready to be collected until somebody is asked to look at them."""

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('shops', '0006_substitutes'),
    ]

    operations = [
        migrations.AddField(
            model_name='shop',
            name='collect_days',
            field=models.IntegerField(db_default=14, default=14),
        ),
        AddConstraintNotValid(
            model_name='shop',
            constraint=models.CheckConstraint(condition=models.Q(('collect_days__gte', 1), ('collect_days__lte', 365)), name='shops_shop_collect_days'),
        ),
    ]
