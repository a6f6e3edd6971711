"""Shops of before keep the rule too; looked at while everybody goes on writing."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ('shops', '0013_fiscal_years'),
    ]

    operations = [
        ValidateConstraint('shop', 'shops_shop_fiscal_years'),
    ]
