"""Old refunds keep the rule of exchanges too; looked at while everybody goes on writing."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('refunds', '0011_exchanges'),
    ]

    operations = [
        ValidateConstraint('refund', 'refunds_refund_effect_exactly_via_account'),
    ]
