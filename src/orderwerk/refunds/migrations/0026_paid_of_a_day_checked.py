"""Days that were compared before keep the rule too; looked at while everybody goes on writing."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ('refunds', '0025_paid_of_a_day'),
    ]

    operations = [
        ValidateConstraint('reconciliation', 'refunds_reconciliation_paid'),
    ]
