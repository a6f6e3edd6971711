"""Scans from before keep the wider rule too; looked at while everybody goes on writing."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [('stock', '0026_pack_scans')]
    operations = [
        ValidateConstraint(model_name='stockscan', name='stock_scan_flow'),
        ValidateConstraint(model_name='stockscan', name='stock_scan_step'),
    ]
