"""What is scanned at the packing table and means no parcel is kept with the other scans of the location."""

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [('stock', '0025_coordinates_valid')]

    operations = [
        migrations.RemoveConstraint(model_name='stockscan', name='stock_scan_flow'),
        migrations.RemoveConstraint(model_name='stockscan', name='stock_scan_step'),
        AddConstraintNotValid(
            model_name='stockscan',
            constraint=models.CheckConstraint(condition=models.Q(('flow__in', ['receive', 'put_away', 'move', 'count', 'pack'])), name='stock_scan_flow'),
        ),
        AddConstraintNotValid(
            model_name='stockscan',
            constraint=models.CheckConstraint(condition=models.Q(('step__in', ['from', 'article', 'lot', 'to', 'bin', 'parcel'])), name='stock_scan_step'),
        ),
    ]
