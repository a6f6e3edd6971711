"""Old scans keep the rule of their steps too; looked at while everybody goes on scanning."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('picklists', '0008_serial_step'),
    ]

    operations = [
        ValidateConstraint(model_name='pickscan', name='picklists_scan_step'),
    ]
