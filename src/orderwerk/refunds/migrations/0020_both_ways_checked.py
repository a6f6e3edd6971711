"""Differences and days that were there before keep the new words too; looked at while everybody goes on writing."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ('refunds', '0019_both_ways'),
    ]

    operations = [
        ValidateConstraint(
            model_name='difference',
            name='refunds_difference_known_kind',
        ),
        ValidateConstraint(
            model_name='reconciliation',
            name='refunds_reconciliation_foreign',
        ),
    ]
