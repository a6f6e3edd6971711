"""Old lists keep the rule of setting aside too; looked at while everybody goes on picking."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('picklists', '0011_snooze'),
    ]

    operations = [
        ValidateConstraint(model_name='picklist', name='picklists_pick_list_snoozed'),
    ]
