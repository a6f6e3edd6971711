"""Old shops keep the rule of releasing too; looked at while everybody goes on writing."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('shops', '0011_backorder_release'),
    ]

    operations = [
        ValidateConstraint(model_name='shop', name='shops_shop_backorder_release'),
    ]
