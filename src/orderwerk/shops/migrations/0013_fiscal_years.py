"""How many whole years the law wants a shop's documents kept: seven in most cases."""

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('shops', '0012_backorder_release_checked'),
    ]

    operations = [
        migrations.AddField(
            model_name='shop',
            name='fiscal_years',
            field=models.IntegerField(db_default=7, default=7),
        ),
        AddConstraintNotValid(
            model_name='shop',
            constraint=models.CheckConstraint(condition=models.Q(('fiscal_years__gte', 5), ('fiscal_years__lte', 30)), name='shops_shop_fiscal_years'),
        ),
    ]
