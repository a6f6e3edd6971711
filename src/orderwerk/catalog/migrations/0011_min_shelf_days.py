"""Of a product that is kept by lot, how many days a lot must have left for its pieces to leave."""

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0010_substitute_guards'),
    ]

    operations = [
        migrations.AddField(
            model_name='product',
            name='min_shelf_days',
            field=models.IntegerField(db_default=0, default=0),
        ),
        AddConstraintNotValid(
            model_name='product',
            constraint=models.CheckConstraint(condition=models.Q(('min_shelf_days__gte', 0), ('min_shelf_days__lte', 3650)), name='catalog_product_min_shelf_days'),
        ),
    ]
