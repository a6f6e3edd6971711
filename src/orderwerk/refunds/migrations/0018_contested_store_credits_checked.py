"""Old lines of store credits keep the rule too; looked at while everybody goes on writing."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ('refunds', '0017_contested_store_credit_guards'),
    ]

    operations = [
        ValidateConstraint('creditmovement', 'refunds_credit_movement_kinds'),
    ]
