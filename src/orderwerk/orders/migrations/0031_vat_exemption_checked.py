"""Old lines name no exemption, so all of them keep the rule; looked at while everybody goes on writing."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('orders', '0030_vat_exemption'),
    ]

    operations = [
        ValidateConstraint('orderline', 'orders_line_exempt'),
    ]
