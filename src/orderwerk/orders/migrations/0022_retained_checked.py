"""Old orders and lines keep the rules of what is kept too; looked at while everybody goes on writing."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('orders', '0021_retained'),
    ]

    operations = [
        ValidateConstraint('order', 'orders_order_retained'),
        ValidateConstraint('orderline', 'orders_line_retained'),
    ]
