"""Old lines keep the rule of claims too; looked at while everybody goes on writing."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('orders', '0016_collect'),
    ]

    operations = [
        ValidateConstraint('orderline', 'orders_line_claimed'),
    ]
