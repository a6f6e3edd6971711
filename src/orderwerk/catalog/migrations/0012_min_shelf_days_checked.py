"""Old products keep the rule of shelf lives too; looked at while everybody goes on writing."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0011_min_shelf_days'),
    ]

    operations = [
        ValidateConstraint(model_name='product', name='catalog_product_min_shelf_days'),
    ]
